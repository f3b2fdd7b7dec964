"""A day or a unit as it was said, before its year is known, and the small steps that the rules share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from lark import Token as Terminal
from lark import Tree

from assistant.ask.calendar import DAY, Dates, Unit, containing
from assistant.ask.periods.span import Calendar, PeriodError

_UNIT_NAMES: tuple[tuple[str, Unit, int], ...] = (
    ("day d", "day", 1),
    ("week wk", "week", 1),
    ("fortnight", "week", 2),
    ("month mth mo", "month", 1),
    ("quarter qtr", "quarter", 1),
    ("year yr", "year", 1),
)
UNITS = {name: (unit, factor) for names, unit, factor in _UNIT_NAMES for name in names.split()}
"""Words for units, each with how many of the unit it stands for."""


@dataclass(frozen=True)
class Point:
    """``dates`` gives first and last day in a year, for one without a year of its own (``yearless``).

    ``whole`` is the whole unit where the dates stop at today ("this month"); ``notes`` are sentences about what was
    assumed; ``assumed`` where the dates are not plain from the words, so that they are said.
    """

    dates: Callable[[int], Dates]
    yearless: bool = False
    weekday: int | None = None
    whole: Dates | None = None
    notes: tuple[str, ...] = ()
    assumed: bool = False
    fiscal: bool = False


def fixed(start: date, end: date, *notes: str, assumed: bool = False, fiscal: bool = False) -> Point:
    """A point that needs no year."""
    return Point(lambda _: (start, end), notes=notes, assumed=assumed, fiscal=fiscal)


def is_a(part: Any, *types: str) -> bool:
    """Whether a part of a rule is one of these terminals."""
    return isinstance(part, Terminal) and part.type in types


def only(parts: list[Any], *types: str) -> Any:
    """The first part that is one of these terminals, or None."""
    return next((part for part in parts if is_a(part, *types)), None)


def year_in(parts: list[Any]) -> int | None:
    """The year among a rule's parts."""
    found = only(parts, "YEAR_NUMBER", "YY")
    return None if found is None else int(found)


def unit_in(parts: list[Any]) -> tuple[Unit, int]:
    """The unit among a rule's parts, and how many of it its word stands for (a fortnight is two weeks)."""
    word = str(only(parts, "UNIT", "SHORT_UNIT", "UNIT_TO_SPLIT", "WEEK_UNIT", "YEAR_UNIT"))
    return UNITS[word] if word in UNITS else UNITS[word.removesuffix("s")]


class Rules:
    """What the rules of all kinds of periods share: today, the book's conventions, and how a rule is read."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.now = calendar.today
        self.week_starts = calendar.week_starts

    def point(self, tree: Tree[Any]) -> Point:
        """What a rule's tree means."""
        found: Point = getattr(self, f"on_{tree.data}")(tree.children)
        return found

    def number(self, tree: Tree[Any]) -> tuple[int, tuple[str, ...]]:
        """How many, and what was assumed."""
        if tree.data == "few":
            return 3, ("“A few” is read as 3.",)
        return (2, ()) if tree.data == "couple" else (int(str(tree.children[0])), ())

    def containing(self, day: date, unit: Unit) -> Dates:
        """The whole unit that a day lies in."""
        return containing(day, unit, self.week_starts)

    def alone(self, point: Point) -> Dates:
        """The dates of a point; without a year, the latest that has begun by today."""
        for year in range(self.now.year, self.now.year - 9, -1):  # 29 February needs up to eight years
            try:
                found = point.dates(year)
            except PeriodError:
                raise
            except ValueError:
                if not point.yearless:
                    raise
                continue
            if not point.yearless or found[0] <= self.now:
                return found
        raise ValueError

    def whole(self, point: Point, year: int) -> Dates:
        """The whole unit of a point, also the days after today."""
        return point.whole or point.dates(year)

    def relative_year(self, tree: Tree[Any]) -> int:
        """The year that "last year" and the like mean."""
        return self.whole(self.point(tree), 0)[0].year


def inside(point: Point, dates: Callable[[Dates], Dates], rules: Rules, *notes: str, assumed: bool = False) -> Point:
    """A part of a point's whole unit."""
    return Point(
        lambda year: dates(rules.whole(point, year)),
        yearless=point.yearless,
        notes=(*point.notes, *notes),
        assumed=assumed or point.assumed,
        fiscal=point.fiscal,
    )


def days_from(start: date, number: int) -> Dates:
    """So many days from one on."""
    return start, start + DAY * (number - 1)
