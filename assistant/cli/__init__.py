"""The command ``tillproof``: thin commands over the floors below. A module a group of commands; importing them
here puts them on the app, in the order in which ``--help`` lists them."""

from assistant.cli import intake, ask, eval, statements, periods, exports, flags, cases  # isort: skip
from assistant.cli import paper, recall, serve, doors, proof, backup, selftest  # isort: skip
from assistant.cli.app import app, main

__all__ = [
    "app",
    "ask",
    "backup",
    "cases",
    "doors",
    "eval",
    "exports",
    "flags",
    "intake",
    "main",
    "paper",
    "periods",
    "proof",
    "recall",
    "selftest",
    "serve",
    "statements",
]
