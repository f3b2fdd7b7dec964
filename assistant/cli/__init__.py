"""The command ``tillproof``: thin commands over the floors below. A module a group of commands; importing them
here puts them on the app, in the order in which ``--help`` lists them."""

from assistant.cli import intake, names, paper, drafts, pull, ask, eval, statements, periods, exports, flags, cases  # isort: skip
from assistant.cli import watch, hooks, recall, serve, doors, proof, backup, selftest  # isort: skip
from assistant.cli.app import app, main

__all__ = [
    "app",
    "ask",
    "backup",
    "cases",
    "doors",
    "drafts",
    "eval",
    "exports",
    "flags",
    "hooks",
    "intake",
    "main",
    "names",
    "paper",
    "periods",
    "proof",
    "pull",
    "recall",
    "selftest",
    "serve",
    "statements",
    "watch",
]
