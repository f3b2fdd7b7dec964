"""Periods of the books: open, soft-closed, locked; and what becomes of what is late for them.

A change of a period's state is a commit of the book's chain like any other, so that it is sealed, dated and signed
with a name, and so that what was posted before it and after it can be told for ever. The state of a business date is
that of the last change which covers it; a date that none covers is open.

- **open**: tickets post on their own business date;
- **soft-closed**: a late ticket is held for a person, who may let it in;
- **locked**: a late ticket is posted on the first open date after it and keeps the date that it belongs to, as a
  prior-period entry. Nothing is ever posted into a locked period, and none is reopened but by name and reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Literal

State = Literal["open", "soft_closed", "locked"]
STATES: tuple[State, ...] = ("open", "soft_closed", "locked")
BEGINNING = date.min
"""The first day of a period that has no beginning."""


@dataclass(frozen=True)
class PeriodChange:
    """One change of state: the business dates from ``start`` to ``end``, both included, by whom and why.

    ``seq`` is its commit in the chain, ``at`` when that was recorded.
    """

    seq: int
    start: date
    end: date
    state: State
    by: str
    reason: str
    at: datetime


class Periods:
    """The state of every business date after some changes, which are given in order of their commits."""

    def __init__(self, changes: Iterable[PeriodChange] = ()) -> None:
        self.changes = tuple(changes)

    def __bool__(self) -> bool:
        return bool(self.changes)

    def before(self, seq: int) -> Periods:
        """The periods as they stood before a commit."""
        return Periods(one for one in self.changes if one.seq < seq)

    def state(self, day: date) -> State:
        """The state of a business date."""
        covering = [one.state for one in self.changes if one.start <= day <= one.end]
        return covering[-1] if covering else "open"

    def next_open(self, day: date) -> date:
        """The first open business date that is ``day`` or later."""
        borders = {one.end + timedelta(days=1) for one in self.changes if one.end < date.max}
        borders |= {one.start for one in self.changes}
        later = sorted(border for border in borders if border > day)
        return next(one for one in (day, *later) if self.state(one) == "open")

    def spans(self) -> list[tuple[date, date, State]]:
        """Stretches of business dates that are not open, in order: first day, last day, state."""
        borders = sorted(
            {one.start for one in self.changes}
            | {one.end + timedelta(days=1) for one in self.changes if one.end < date.max}
        )
        found: list[tuple[date, date, State]] = []
        for first, following in pairwise([*borders, date.max]):
            state, last = self.state(first), following - timedelta(days=1)
            if state == "open":
                continue
            if found and found[-1][2] == state and found[-1][1] + timedelta(days=1) == first:
                found[-1] = (found[-1][0], last, state)
            else:
                found.append((first, last, state))
        return found
