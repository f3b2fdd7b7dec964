"""Candidates for an evaluation: questions with what a reader made of their answers, a line each, beside the book.

``BOOK/candidates.jsonl`` is only ever added to. Its ``question`` and ``today`` are those that ``tillproof eval`` takes;
a person who knows the truth gives a line its ``id`` and ``expect``. Nothing says who voted or from where, and what
looks like a card number is masked.
"""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

from ingest.cards import mask_text
from ledger.errors import BookError
from ledger.figures import Plan

FILE = "candidates.jsonl"
FILE_BYTES_MAX = 8 * 1024 * 1024
NOTE_CHARACTERS_MAX = 500

Vote = Literal["up", "down"]
Reason = Literal["wrong_figure", "misread", "wrong_name", "slow", "other"]
REASONS: dict[str, str] = {
    "wrong_figure": "A figure is wrong",
    "misread": "The question was read wrongly",
    "wrong_name": "Another store, item or person was meant",
    "slow": "It took too long",
    "other": "Something else",
}

_turn = threading.Lock()


class CandidatesFull(BookError):
    """The file of candidates has reached its bound."""


@dataclass(frozen=True)
class Candidate:
    """A question as it was read and answered, and the vote on it. ``at`` is an instant in UTC."""

    question: str
    today: date
    reading: str | None
    plan: Plan | None
    status: str
    vote: Vote
    reason: Reason | None
    note: str
    at: datetime


def append(book: Path, one: Candidate) -> None:
    """Add a candidate to the file beside a book. CandidatesFull when the file has no room left."""
    line = json.dumps(_record(one), separators=(",", ":")).encode() + b"\n"
    path = book / FILE
    with _turn:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            size = os.fstat(file).st_size
            if size + len(line) > FILE_BYTES_MAX:
                raise CandidatesFull(
                    f"{path} is full ({FILE_BYTES_MAX:,} bytes); take what is in it to an evaluation, then move it away"
                )
            if size and os.pread(file, 1, size - 1) != b"\n":
                line = b"\n" + line  # a line that was cut short stays apart from this one
            os.write(file, line)
        finally:
            os.close(file)


def _record(one: Candidate) -> dict[str, Any]:
    plan = None if one.plan is None else one.plan.model_dump(mode="json", exclude_defaults=True)
    return {
        "question": mask_text(one.question),
        "today": one.today.isoformat(),
        "reading": None if one.reading is None else mask_text(one.reading),
        "plan": plan,
        "status": one.status,
        "vote": one.vote,
        "reason": one.reason,
        "note": mask_text(" ".join(one.note.split())[:NOTE_CHARACTERS_MAX]),
        "at": one.at.astimezone(UTC).isoformat(timespec="seconds"),
    }
