"""What rows of the facts a figure is made of: a ``Scope`` as a plan says it, a ``Slice`` as an engine takes it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol, TypeVar

from ledger.figures.calendar import IN_TIME, NONE, BookCalendar, grouped
from ledger.figures.plan import Filter, Period

Value = int | str | date
V = TypeVar("V", bound=int | str | date)


class Change(Protocol):
    """Makes another value of the same type of each."""

    def __call__(self, value: V, /) -> V: ...


@dataclass(frozen=True)
class Scope:
    """The filters, the period, the commit as of which rows are known."""

    filters: tuple[Filter, ...]
    period: Period
    seq: int


@dataclass(frozen=True)
class Kept:
    """A filter with its values as rows are grouped by them.

    Of weeks, months and the like ``values`` are the first and last days, in turn. ``below`` are beginnings of what lies
    below a category; ``nameless`` keeps rows without a value, too.
    """

    dimension: str
    values: tuple[Value, ...]
    below: tuple[str, ...] = ()
    nameless: bool = False
    exclude: bool = False


@dataclass(frozen=True)
class Slice:
    """A scope in the terms of an engine. Two of one shape differ in values alone."""

    kept: tuple[Kept, ...]
    start: date | None
    end: date | None
    seq: int

    @classmethod
    def of(cls, scope: Scope, calendar: BookCalendar) -> Slice:
        """PlanError where a filter has a value that its dimension cannot have."""
        kept = tuple(_kept(one, calendar) for one in scope.filters)
        return cls(kept, scope.period.start, scope.period.end, scope.seq)

    @property
    def up_to_end(self) -> Slice:
        """The slice with everything before it, too, as a balance needs."""
        return replace(self, start=None)

    @property
    def dimensions(self) -> tuple[str, ...]:
        return tuple(one.dimension for one in self.kept)

    def mapped(self, change: Change) -> Slice:
        """The slice with each of its values changed, in an order that its shape alone determines."""
        return Slice(
            kept=tuple(
                replace(
                    one,
                    values=tuple(change(value) for value in one.values),
                    below=tuple(change(value) for value in one.below),
                )
                for one in self.kept
            ),
            start=None if self.start is None else change(self.start),
            end=None if self.end is None else change(self.end),
            seq=change(self.seq),
        )


def _kept(one: Filter, calendar: BookCalendar) -> Kept:
    named = [value for value in one.values if value != NONE]
    if one.dimension in IN_TIME:
        values: tuple[Value, ...] = tuple(day for value in named for day in calendar.days_of(one.dimension, value))
    else:
        values = tuple(grouped(one.dimension, value) for value in named)
    below = tuple(f"{value} / " for value in named) if one.dimension == "category" else ()
    return Kept(one.dimension, values, below, NONE in one.values, one.exclude)
