"""Fiscal calendars as data: years of calendar months, or of whole weeks in periods (4-4-5, 4-5-4, 5-4-4).

A year of weeks has 52 or 53 of them; the 53rd belongs to the last period. The National Retail Federation's calendar is
``FiscalCalendar(month=2, day=1, weeks="4-5-4", weekday="sunday", rule="nearest")``: its year starts on the Sunday
nearest to the 1st of February. A year that ends on the last Saturday of September is ``month=10, day=1,
weeks="4-4-5", weekday="sunday", rule="last"``. All dates are business dates; all pairs of dates include both ends.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Weeks = Literal["4-4-5", "4-5-4", "5-4-4"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Dates = tuple[date, date]
Unit = Literal["week", "period", "quarter", "year"]

PERIODS = 12
_WEEK = 7
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class FiscalDate:
    """Where a day lies: numbers from 1. ``week`` counts seven days each from the first day of the year."""

    year: int
    quarter: int
    period: int
    week: int


@dataclass(frozen=True)
class FiscalCalendar:
    """When fiscal years start and what they are divided into; numbers out of range raise ValueError.

    ``weeks`` None is years of twelve calendar months from ``month`` and ``day``. Else the year starts on the
    ``weekday`` that is nearest to that date, or the last one not after it (``rule``). ``named_after`` is the calendar
    year that a fiscal year is called by: the one that it starts or ends in.
    """

    month: int = 1
    day: int = 1
    weeks: Weeks | None = None
    weekday: Weekday = "sunday"
    rule: Literal["nearest", "last"] = "nearest"
    named_after: Literal["start", "end"] = "end"

    @property
    def lengths(self) -> tuple[int, ...]:
        """How many weeks each period has, the 53rd of a year left out; of calendar months none."""
        return () if self.weeks is None else tuple(int(one) for one in self.weeks.split("-")) * 4

    def named(self, starts: int) -> int:
        """The name of the year whose ``starts`` date lies in a calendar year."""
        if self.named_after == "start" or (self.month, self.day) == (1, 1):
            return starts
        return starts + 1

    # --- where a day lies -------------------------------------------------------------------------------------------

    def of(self, day: date) -> FiscalDate:
        """The fiscal year, quarter, period and week of a business date."""
        year = self.year_of(day)
        start = self.year(year)[0]
        period = next(number for number in range(PERIODS, 0, -1) if self.period(year, number)[0] <= day)
        return FiscalDate(year, (period - 1) // 3 + 1, period, (day - start).days // _WEEK + 1)

    def year_of(self, day: date) -> int:
        """The number of the fiscal year that a day lies in."""
        for year in (day.year + 1, day.year, day.year - 1):
            if self._start(year) <= day:
                return self.named(year)
        return self.named(day.year - 2)

    # --- dates of a part --------------------------------------------------------------------------------------------

    def year(self, year: int) -> Dates:
        """First and last day of a fiscal year."""
        starts = self._starts_in(year)
        return self._start(starts), self._start(starts + 1) - timedelta(days=1)

    def quarter(self, year: int, number: int) -> Dates:
        """First and last day of a quarter, 1 to 4."""
        _within(number, 4, "quarters")
        return self.period(year, 3 * number - 2)[0], self.period(year, 3 * number)[1]

    def half(self, year: int, number: int) -> Dates:
        """First and last day of a half, 1 or 2."""
        _within(number, 2, "halves")
        return self.quarter(year, 2 * number - 1)[0], self.quarter(year, 2 * number)[1]

    def period(self, year: int, number: int) -> Dates:
        """First and last day of a period, 1 to 12: a month, or four or five weeks."""
        _within(number, PERIODS, "periods")
        start, end = self.year(year)
        if self.weeks is None:
            first = _months_later(start, number - 1, self.day)
            return first, _months_later(start, number, self.day) - timedelta(days=1)
        first = start + timedelta(weeks=sum(self.lengths[: number - 1]))
        return first, end if number == PERIODS else first + timedelta(weeks=self.lengths[number - 1], days=-1)

    def week(self, year: int, number: int) -> Dates:
        """First and last day of a week, counted from the first day of the year; the last may be short in a year of
        months."""
        _within(number, self.weeks_in(year), "weeks")
        start, end = self.year(year)
        first = start + timedelta(weeks=number - 1)
        return first, min(first + timedelta(days=_WEEK - 1), end)

    def weeks_in(self, year: int) -> int:
        """How many weeks a year has: 52 or 53 in a calendar of weeks, 53 with the short last one otherwise."""
        start, end = self.year(year)
        return -(-((end - start).days + 1) // _WEEK)

    def containing(self, day: date, unit: Unit) -> Dates:
        """First and last day of the unit that a day lies in."""
        at = self.of(day)
        parts = {"week": self.week, "period": self.period, "quarter": self.quarter}
        return self.year(at.year) if unit == "year" else parts[unit](at.year, getattr(at, unit))

    def unit_of(self, start: date, end: date) -> Unit | None:
        """The smallest unit that two dates are exactly one of, or None; None, too, where dates end."""
        units: tuple[Unit, ...] = ("week", "period", "quarter", "year")
        try:
            return next((unit for unit in units if self.containing(start, unit) == (start, end)), None)
        except (ValueError, OverflowError):
            return None

    # --- comparison -------------------------------------------------------------------------------------------------

    def year_before(self, start: date, end: date) -> Dates:
        """The dates with the same numbers a fiscal year before: the same day of the same week, or of the same month.

        In a calendar of weeks a whole year has the whole year before it, also where one of the two has 53 weeks; the
        53rd week alone has the last week of a year of 52 before it.
        """
        year = self.year_of(start)
        if (start, end) == self.year(year):
            return self.year(year - 1)
        if self.weeks is None:
            ends_month = (end + timedelta(days=1)).day == 1
            last = _months_later(end + timedelta(days=1), -12, 1) - timedelta(days=1) if ends_month else None
            return _months_later(start, -12, start.day), last or _months_later(end, -12, end.day)
        return self._same_number(start), self._same_number(end)

    def restated(self, start: date, end: date) -> Dates:
        """The same weeks of the calendar a year before, 364 days earlier.

        After a year of 53 weeks its numbers are shifted by one: week 1 is compared with week 2 of the year before, so
        that holidays meet; in all other years this is ``year_before`` in a calendar of weeks.
        """
        return start - timedelta(weeks=52), end - timedelta(weeks=52)

    def is_shifted(self, day: date) -> bool:
        """Whether the year before a day's year has 53 weeks, so that ``restated`` and ``year_before`` differ."""
        return self.weeks is not None and self.weeks_in(self.year_of(day) - 1) > 52

    # --- starts -----------------------------------------------------------------------------------------------------

    def _same_number(self, day: date) -> date:
        year = self.year_of(day)
        days = (day - self.year(year)[0]).days
        before = self.year(year - 1)
        found = before[0] + timedelta(days=days)
        return found if found <= before[1] else found - timedelta(weeks=1)

    def _starts_in(self, named: int) -> int:
        return named - (self.named(named) - named)

    def _start(self, year: int) -> date:
        anchor = date(year, self.month, min(self.day, monthrange(year, self.month)[1]))
        if self.weeks is None:
            return anchor
        back = (anchor.weekday() - _WEEKDAYS.index(self.weekday)) % _WEEK
        if self.rule == "nearest" and back > _WEEK // 2:
            back -= _WEEK
        return anchor - timedelta(days=back)


def _months_later(day: date, number: int, wanted: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + number, 12)
    return date(year, month + 1, min(wanted, monthrange(year, month + 1)[1]))


def _within(number: int, most: int, what: str) -> None:
    if not 1 <= number <= most:
        raise ValueError(f"a fiscal year has {what} 1 to {most}, not {number}")
