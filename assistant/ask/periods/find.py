"""From a question's words to a period: the longest match of the grammar, read by the rules, with what was assumed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from functools import lru_cache
from typing import Any

from lark import Tree

from assistant.ask.calendar import DAY, Dates, grain_of, months_later
from assistant.ask.period_words import DAYS, MONTHS
from assistant.ask.periods.days import DayRules
from assistant.ask.periods.fiscal import FiscalRules
from assistant.ask.periods.guards import is_no_date
from assistant.ask.periods.labels import label
from assistant.ask.periods.matching import Match
from assistant.ask.periods.point import Point, fixed, is_a
from assistant.ask.periods.relative import RelativeRules
from assistant.ask.periods.span import Calendar, PeriodError, PeriodSpan
from assistant.ask.periods.units import UnitRules


def find(texts: Sequence[str], first: int, calendar: Calendar) -> PeriodSpan | None:
    """The longest period that begins at a word, or None. PeriodError for one that does not exist (31 February)."""
    return _found(tuple(texts), first, calendar)


@lru_cache(maxsize=1024)
def _found(texts: tuple[str, ...], first: int, calendar: Calendar) -> PeriodSpan | None:
    """What was found is kept for a while: the words of a question are looked at twice, for their spelling first."""
    found = Match(texts, first).longest()
    if found is None:
        return None
    tree, last = found
    if is_no_date(texts, first, last):
        return None
    try:
        return _Reader(calendar, texts, first, last).read(tree)
    except PeriodError:
        raise
    except (ValueError, OverflowError):
        if not _is_plainly_a_date(texts[first:last]):
            return None  # numbers that happen to stand together: "store 367 june", "13-2016", "15/20"
        raise PeriodError(f"There is no date such as {' '.join(texts[first:last])!r}.") from None


_SHORT = re.compile(r"[pl]?[ymqw]td|[lt][wmqy]|ttm|ltm|fy\S*|[qhp]\d\S*|\d[qh]\S*|cw\d+")
"""Abbreviations that are written in capital letters."""


class _Reader(DayRules, UnitRules, RelativeRules, FiscalRules):
    """A whole match: a point, a range, or what lies on one side of a point."""

    def __init__(self, calendar: Calendar, texts: Sequence[str], first: int, last: int) -> None:
        super().__init__(calendar)
        self._said = _said(texts[first:last])
        self._first, self._last = first, last

    def read(self, tree: Tree[Any]) -> PeriodSpan:
        """The period of a match."""
        name, parts = tree.data, tree.children
        if name == "all_dates":
            return self._span(None, None)
        if name == "whole":
            point = self.point(parts[0])
            start, end = self.alone(point)
            return self._span(start, end, point, weekday=point.weekday)
        if name in ("since", "after", "before", "until", "as_of"):
            return self._one_sided(name, self.point(parts[0]))
        return self._range(name, parts)

    def _one_sided(self, name: str, point: Point) -> PeriodSpan:
        start, end = self.alone(point)
        if name == "since":
            return self._span(start, None, point)
        if name == "after":
            return self._span(end + DAY, None, point)
        if name == "before":
            return self._span(None, start - DAY, point)
        return self._span(None, end, point, as_of=name == "as_of")

    # --- ranges -----------------------------------------------------------------------------------------------------

    def _range(self, name: str, parts: list[Any]) -> PeriodSpan:
        if name == "span":
            left, right = self.point(parts[0]), self.point(parts[1])
            if parts[1].data in ("nth_day", "nth_day_alone"):
                right = self._nth_after(int(parts[1].children[0]), self.alone(left)[0])
            return self._ends(*self._both(left, right), left, right)
        if name == "span_in_month":
            point = self.point(parts[1])
            end_dates = self.alone(point)
            begin = end_dates[0].replace(day=_number(parts[0]))
            return self._ends((begin, begin), end_dates, point)
        if name == "bare_span":
            point = self.point(parts[2])
            whole = point.whole or self.alone(point)
            one, other = (whole[0].replace(day=_number(part)) for part in parts[:2])
            return self._ends((one, one), (other, other), point)
        if name == "span_in_month_after":
            point = self.point(parts[0])
            left_dates = point.dates(int(parts[2])) if len(parts) > 2 and point.yearless else self.alone(point)
            finish = left_dates[0].replace(day=_number(parts[1]))
            if finish < left_dates[0] and is_a(parts[1].children[0], "ORD"):
                finish = self._nth_after(_number(parts[1]), left_dates[0]).dates(0)[0]
            return self._ends(left_dates, (finish, finish), point)
        names, week = (parts[:2], parts[2]) if name == "weekday_span" else (parts[1:], parts[0])
        point = self.point(week)
        first = point.whole[0] if point.whole else self.alone(point)[0]
        begin, finish = (first + DAY * ((DAYS[one] - first.weekday()) % 7) for one in names)
        return self._ends((begin, begin), (finish, finish), point)

    def _ends(self, left: Dates, right: Dates, *points: Point) -> PeriodSpan:
        if right[1] < left[0] and self._said.casefold().startswith("between"):
            left, right = right, left  # "the difference between Q1 2026 and Q4 2025"
        if right[1] < left[0]:
            raise PeriodError(f"The period ends ({right[1]}) before it starts ({left[0]}).")
        made = Point(
            lambda _: (left[0], right[1]),
            yearless=any(point.yearless for point in points),
            notes=tuple(note for point in points for note in point.notes),
            assumed=any(point.assumed for point in points),
            fiscal=any(point.fiscal for point in points),
        )
        return self._span(left[0], right[1], made, ends=(left, right))

    def _both(self, left: Point, right: Point) -> tuple[Dates, Dates]:
        """The two ends of a range: one without a year has the other's, or the one beside it."""
        if left.weekday is not None and right.weekday is not None:
            last = right.dates(0)
            return self._weekday_before(left.weekday, last), last
        if left.yearless and not right.yearless:
            last = right.dates(0)
            first = left.dates(last[0].year)
            return (first if first[0] <= last[0] else left.dates(last[0].year - 1)), last
        first = self.alone(left)
        if not right.yearless:
            return first, right.dates(0)
        if left.yearless:
            last = self.alone(right)
            first = left.dates(last[0].year)
            return (first if first[0] <= last[0] else left.dates(last[0].year - 1)), last
        last = right.dates(first[0].year)
        return first, last if last[1] >= first[0] else right.dates(first[0].year + 1)

    def _nth_after(self, number: int, start: date) -> Point:
        """The words "the 10th" at the end of a range is the first one from its start on."""
        for later in range(3):
            with suppress(ValueError):
                day = months_later(start.replace(day=1), later).replace(day=number)
                if day >= start:
                    return fixed(day, day, assumed=True)
        raise ValueError

    def _weekday_before(self, index: int, last: Dates) -> Dates:
        day = last[0] - DAY * ((last[0].weekday() - index) % 7)
        return day, day

    # --- the result -------------------------------------------------------------------------------------------------

    def _span(
        self,
        start: date | None,
        end: date | None,
        point: Point | None = None,
        *,
        weekday: int | None = None,
        ends: tuple[Dates, Dates] | None = None,
        as_of: bool = False,
    ) -> PeriodSpan:
        shown = label(start, end, self.week_starts)
        notes = () if point is None else point.notes
        if point is not None and (point.yearless or point.assumed):
            notes = (f"{self._said} is read as {shown}.", *notes)
        return PeriodSpan(
            self._first,
            self._last,
            start,
            end,
            weekday=weekday,
            ends=ends,
            yearless=point is not None and point.yearless,
            grain=None if start is None or end is None else grain_of(start, end, self.week_starts),
            label=shown,
            assumptions=notes,
            fiscal=point is not None and point.fiscal,
            as_of=as_of,
        )


def _is_plainly_a_date(words: Sequence[str]) -> bool:
    if words[0].isdigit() and int(words[0]) > 31:
        return False
    text = "".join(words)
    return any(letter.isalpha() for letter in text) or sum(letter in "-/." for letter in text) == 2


def _said(words: Sequence[str]) -> str:
    """The words of a period for the reader: names with a capital letter, and the first."""
    shown = [
        word.capitalize() if word in MONTHS or word in DAYS else word.upper() if _SHORT.fullmatch(word) else word
        for word in words
    ]
    text = " ".join(shown).replace(" - ", "-")
    return text[:1].upper() + text[1:]


def _number(part: Any) -> int:
    return int(str(part.children[0]))
