"""Rules for fiscal years, quarters, halves, periods and weeks, by the book's fiscal calendar."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, cast

from lark import Tree

from assistant.ask.calendar import DAY, Dates
from assistant.ask.periods.labels import label
from assistant.ask.periods.point import Point, Rules, fixed, is_a, only, unit_in
from assistant.ask.periods.span import PeriodError
from assistant.ask.periods.units import part_number
from assistant.ask.periods.words import year_of_two
from ledger.fiscal import FiscalCalendar
from ledger.fiscal import Unit as FiscalUnit

_PART = re.compile(r"fy'?(\d+)([qhp])(\d+)")
_KINDS = {"q": "quarter", "h": "half", "p": "period"}
_LETTERS = {"y": "year", "q": "quarter", "m": "period", "w": "week"}


class FiscalRules(Rules):
    """What fiscal periods mean; without a fiscal calendar they are calendar ones, and that is said."""

    def on_fiscal_whole(self, parts: list[Any]) -> Point:
        return self._fixed(self._fiscal.year(_year(parts[0])))

    def on_fiscal_quarter(self, parts: list[Any]) -> Point:
        return self._numbered("quarter", part_number(_tree(parts, "quarter_number")), parts)

    def on_fiscal_half(self, parts: list[Any]) -> Point:
        return self._numbered("half", part_number(_tree(parts, "half_number")), parts)

    def on_fiscal_period(self, parts: list[Any]) -> Point:
        named = next((one for one in parts if getattr(one, "data", None) == "period_number"), None)
        word = only(parts if named is None else named.children, "PERIOD_NAME", "INT")
        return self._numbered("period", int(str(word).lstrip("p")), parts)

    def on_fiscal_week(self, parts: list[Any]) -> Point:
        return self._numbered("week", int(only(parts, "INT")), parts)

    def on_fiscal_part(self, parts: list[Any]) -> Point:
        match = _PART.fullmatch(parts[0])
        assert match is not None  # the terminal's own pattern
        return self._fixed(self._dates(_KINDS[match[2]], year_of_two(int(match[1])), int(match[3])))

    def on_fiscal_relative(self, parts: list[Any]) -> Point:
        which = only(parts, "LAST", "THIS", "NEXT").type
        unit = unit_in(parts)[0] if only(parts, "UNIT") else "year"
        kind = {"month": "period"}.get(unit, unit)
        if kind == "day":
            raise PeriodError("There are fiscal weeks, periods, quarters and years, but no fiscal days.")
        return self._beside_now(which, kind)

    def on_fiscal_period_relative(self, parts: list[Any]) -> Point:
        return self._beside_now(only(parts, "LAST", "THIS", "NEXT").type, "period")

    def _beside_now(self, which: str, kind: str) -> Point:
        start, end = self._containing(self.now, kind)
        if which == "THIS":
            return self._fixed((start, self.now), whole=(start, end))
        return self._fixed(self._containing(start - DAY if which == "LAST" else end + DAY, kind))

    def on_fiscal_to_date(self, parts: list[Any]) -> Point:
        word = only(parts, "X_TO_DATE")
        if word is not None:
            kind = _LETTERS[word[0]]
        else:
            unit = unit_in(parts)[0] if only(parts, "UNIT") else "year"
            kind = {"month": "period"}.get(unit, unit)
        return self._fixed((self._containing(self.now, kind)[0], self.now))

    # --- the calendar -----------------------------------------------------------------------------------------------

    @property
    def _fiscal(self) -> FiscalCalendar:
        return self.calendar.fiscal or FiscalCalendar()

    def _numbered(self, kind: str, number: int, parts: list[Any]) -> Point:
        year = next((_year(one) for one in parts if getattr(one, "data", None) in ("fiscal_year", "bare_year")), None)
        if year is not None:
            return self._fixed(self._dates(kind, year, number))
        now = self._fiscal.year_of(self.now)
        dates = self._dates(kind, now, number)
        if dates[0] > self.now:
            dates = self._dates(kind, now - 1, number)
        return self._fixed(dates)

    def _dates(self, kind: str, year: int, number: int) -> Dates:
        try:
            found: Dates = getattr(self._fiscal, kind)(year, number)
        except ValueError as error:
            raise PeriodError(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None
        return found

    def _containing(self, day: date, kind: str) -> Dates:
        return self._fiscal.containing(day, cast(FiscalUnit, kind))

    def _fixed(self, dates: Dates, *, whole: Dates | None = None) -> Point:
        shown = label(*dates, self.week_starts)
        if self.calendar.fiscal is None:
            note = f"The book sets no fiscal year, so fiscal is read as calendar: {shown}."
        else:
            note = f"By the book's fiscal calendar this is {shown}."
        found = fixed(*dates, note, fiscal=True)
        return found if whole is None else Point(found.dates, whole=whole, notes=(note,), fiscal=True)


def _tree(parts: list[Any], name: str) -> Tree[Any]:
    return next(one for one in parts if getattr(one, "data", None) == name)


def _year(tree: Tree[Any]) -> int:
    word = str(tree.children[0])
    if is_a(tree.children[0], "YEAR_PAIR"):  # "2024/25" is the year that ends in 2025
        second = word.partition("/")[2]
        return year_of_two(int(second))
    return year_of_two(int(word.removeprefix("fy").lstrip("'")))
