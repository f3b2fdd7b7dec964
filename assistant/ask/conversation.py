"""Conversations: what was asked last in each, kept as our own typed plans beside the book, so that a question can go
on.

They are no truth: a deleted folder loses only what the next question would have gone on from.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from assistant.ask.follow_up import Last
from ledger.figures import Plan

FOLDER = "conversations"
log = logging.getLogger("tillproof.ask")

KEPT_MAX = 1000
"""How many conversations are kept: those that were not gone on with for the longest are forgotten first."""


class Conversations:
    """The last plan of each conversation, a file each, by the digest of the conversation's name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def beside(cls, book: Path) -> Conversations:
        """The conversations about the book in a folder."""
        return cls(book / FOLDER)

    def last(self, name: str) -> Last | None:
        """What was asked last in a conversation; None when it is new, or its file cannot be read."""
        try:
            kept: dict[str, Any] = json.loads(self._path(name).read_text("utf-8"))
            return Last(Plan.model_validate(kept["plan"]), dict(kept["focus"]), tuple(kept["choices"]))
        except (OSError, ValueError, KeyError, TypeError, ValidationError):
            return None

    def remember(self, name: str, last: Last) -> None:
        """Keep what was asked last; beside a book that cannot be written, nothing is, and the next question stands by
        itself."""
        path = self._path(name)
        kept = {
            "plan": last.plan.model_dump(mode="json", exclude_defaults=True),
            "focus": dict(last.focus),
            "choices": list(last.choices),
        }
        fresh = path.with_suffix(f".{os.getpid()}")
        try:
            is_new = not path.exists()
            self._folder.mkdir(exist_ok=True)
            fresh.write_text(json.dumps(kept), encoding="utf-8")
            fresh.replace(path)
            if is_new:
                self._forget_the_oldest()
        except OSError as error:
            log.warning("the conversation is not kept: %s", error)

    def branch(self, name: str, into: str) -> None:
        """Have another conversation stand where one stands; nothing happens where that one is not known."""
        last = self.last(name)
        if last is not None:
            self.remember(into, last)

    def forget(self, name: str) -> None:
        """Begin a conversation anew."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.json"

    def _forget_the_oldest(self) -> None:
        files = list(self._folder.glob("*.json"))
        if len(files) <= KEPT_MAX:
            return
        by_age = sorted(files, key=lambda one: (one.stat().st_mtime, one.name))
        for path in by_age[: len(files) - KEPT_MAX]:
            path.unlink(missing_ok=True)
