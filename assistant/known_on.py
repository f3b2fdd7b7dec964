"""A moment of the book that something is asked as known on: which commit that is, and how a reading says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from assistant.statement_request import commit_as_of
from ledger.book import Book
from ledger.errors import PlanError
from ledger.figures import Plan, describe

AsOf = int | Annotated[str, Field(max_length=40)]
"""An as-of in the body of a request: a commit's number, or what ``commit_as_of`` takes as a text."""


@dataclass(frozen=True)
class KnownOn:
    """A commit that was the book's last at some moment; ``words`` are ``"as known on 2026-10-31 (commit 12)"``."""

    seq: int
    words: str

    def of(self, plan: Plan) -> Plan:
        """The same plan as known then."""
        return plan.model_copy(update={"as_of": self.seq})

    def reading(self, plan: Plan) -> str:
        """A plan in words that end with when it is known on."""
        return f"{describe(plan.model_copy(update={'as_of': None}))}, {self.words}"


def known_on(book: Book, as_of: AsOf | None) -> KnownOn | None:
    """The moment that an as-of means; None for the present, where there is none or its text is empty.

    A commit that is named by its number is called by when it was recorded, on the business's clock. PlanError where
    it is no commit of the book, no date and no time.
    """
    given = "" if as_of is None else str(as_of).strip()
    seq = commit_as_of(book, given)
    if seq is None:
        return None
    last = book.head().seq
    if seq > last:
        raise PlanError(f"the book has no commit {seq}; its last is {last}")
    if not given.isdigit():
        return KnownOn(seq, f"as known on {given} (commit {seq})")
    recorded = book.recorded_at(seq)
    if recorded is None:
        return KnownOn(seq, f"as known at commit {seq}, before anything was")
    local = recorded.astimezone(ZoneInfo(book.settings.book.time_zone))
    return KnownOn(seq, f"as known on {local:%Y-%m-%d %H:%M} (commit {seq})")
