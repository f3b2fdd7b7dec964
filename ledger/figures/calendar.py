"""Days as the rows of figures: how a book counts them by week, month, quarter and year, and by their fiscal kin.

Rows are grouped by something that costs little and is the same on every engine: the first day of a week, month,
quarter or year, and of the fiscal kin a whole number (``FiscalUnit``). ``shown`` gives it the name that people see and
filter by, ``days_of`` and ``grouped`` the way back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from typing import Any, cast

from ledger.errors import PlanError
from ledger.figures.plan import Dimension
from ledger.fiscal import Dates, FiscalCalendar
from ledger.settings import BookSettings

NONE = "(none)"
"""Shown for rows that have no value of a dimension."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FISCAL: tuple[Dimension, ...] = ("fiscal_week", "fiscal_month", "fiscal_quarter", "fiscal_year")
IN_TIME: tuple[Dimension, ...] = ("business_date", "week", "month", "quarter", "year", *FISCAL)
"""Dimensions whose values are some days in a row."""
ORDERED: tuple[Dimension, ...] = (*IN_TIME, "weekday", "hour")
"""Dimensions whose values have an order of their own."""

_DAYS_ON = {"monday": 0, "sunday": 1, "saturday": 2}
"""How many days after the start of such a week its ISO week starts."""
_WEEK = 7
_DAY = timedelta(days=1)
_WEEKS_OF_A_QUARTER = 13
_SHORTEST_MONTH = 28


@dataclass(frozen=True)
class _Kin:
    """A kind of fiscal unit: how its name ends, and how many there can be in a year."""

    letter: str
    digits: int
    part: str

    @property
    def base(self) -> int:
        """A year and a number in it are grouped by as ``year * base + number``."""
        return int(10**self.digits)


_KINDS: dict[str, _Kin] = {
    "fiscal_week": _Kin("W", 2, "week"),
    "fiscal_month": _Kin("P", 2, "period"),
    "fiscal_quarter": _Kin("Q", 1, "quarter"),
    "fiscal_year": _Kin("", 0, "year"),
}


@dataclass(frozen=True)
class BookCalendar:
    """The weekday that a book's weeks start on, and its fiscal calendar; where it sets none, fiscal years are those of
    the calendar."""

    week_starts: str = "monday"
    fiscal: FiscalCalendar = field(default_factory=FiscalCalendar)

    @classmethod
    def of_book(cls, settings: BookSettings) -> BookCalendar:
        return cls(settings.book.week_starts, settings.fiscal_calendar or FiscalCalendar())

    def grouping(self, day: Any, name: str) -> Any:
        """What rows are grouped by for a dimension of time, from the column of their days."""
        offset = _DAYS_ON[self.week_starts]
        values: dict[str, Callable[[], Any]] = {
            "business_date": lambda: day,
            "week": lambda: _later(day, offset).truncate("W"),
            "month": lambda: day.truncate("M"),
            "quarter": lambda: day.truncate("Q"),
            "year": lambda: day.truncate("Y"),
            "weekday": lambda: day.day_of_week.index(),
        }
        return values[name]() if name in values else _fiscal_number(day, name, self.fiscal)

    def days_of(self, name: str, value: str) -> Dates:
        """The first and last day of a value of a dimension of days in a row. PlanError when it has no such value."""
        try:
            return self._fiscal_days(name, value) if name in FISCAL else self._days(name, value)
        except (ValueError, OverflowError):
            raise PlanError(f"{value!r} is no {name.replace('_', ' ')}") from None

    def name_of(self, start: date, end: date) -> tuple[Dimension, str] | None:
        """The fiscal unit that two dates are exactly one of, the smallest, as a dimension and its value; or None."""
        unit = self.fiscal.unit_of(start, end)
        name = next((name for name, kind in _KINDS.items() if kind.part == unit), None)
        if name is None:
            return None
        at = self.fiscal.of(start)
        return cast(Dimension, name), fiscal_name(name, at.year, getattr(at, _KINDS[name].part))

    def _days(self, name: str, value: str) -> Dates:
        first = _FIRST_DAYS[name](value)
        if name == "week":
            first -= _DAY * _DAYS_ON[self.week_starts]
        months = {"month": 1, "quarter": 3, "year": 12}.get(name)
        if months is None:
            return first, first + _DAY * (_WEEK - 1 if name == "week" else 0)
        return first, (first + _DAY * 31 * months).replace(day=1) - _DAY

    def _fiscal_days(self, name: str, value: str) -> Dates:
        kind = _KINDS[name]
        tail = f"-{kind.letter}(\\d{{{kind.digits}}})" if kind.digits else ""
        match = re.fullmatch(r"FY(\d{4})" + tail, value, re.ASCII)
        if match is None:
            raise ValueError
        days: Dates = getattr(self.fiscal, kind.part)(*map(int, match.groups()))
        return days

    def order_of(self, name: str, value: str) -> Any:
        """What the values of a dimension in the order of time or number are sorted by; None where they have no such
        order."""
        if name in IN_TIME:
            return value
        if name == "hour":
            return int(value) if value != NONE else -1
        if name == "weekday":
            first = WEEKDAYS.index(self.week_starts.capitalize())
            return (WEEKDAYS.index(value) - first) % _WEEK if value in WEEKDAYS else -1
        return None


def shown(name: str, value: Any) -> str:
    """A value that rows are grouped by as it is shown and filtered by. A week has the name that ISO 8601 gives it; one
    that starts on another day has that of the ISO week of its fourth day. A fiscal month is a period: ``FY2026-P03``.
    """
    if value is None:
        return NONE
    if name in _KINDS:
        return fiscal_name(name, *divmod(value, _KINDS[name].base))
    return _SHOWN.get(name, str)(value)


_SHOWN: dict[str, Callable[[Any], str]] = {
    "business_date": lambda day: day.isoformat(),
    "week": lambda day: day.strftime("%G-W%V"),
    "month": lambda day: day.strftime("%Y-%m"),
    "quarter": lambda day: f"{day.year}-Q{(day.month + 2) // 3}",
    "year": lambda day: str(day.year),
    "weekday": lambda number: WEEKDAYS[number],
}


def fiscal_name(name: str, year: int, number: int) -> str:
    """The name of a fiscal unit: ``"FY2026"``, ``"FY2026-Q1"``, ``"FY2026-P03"``, ``"FY2026-W53"``."""
    kind = _KINDS[name]
    return f"FY{year:04}-{kind.letter}{number:0{kind.digits}}" if kind.digits else f"FY{year:04}"


def grouped(name: str, value: str) -> Any:
    """A value as it is shown, as rows are grouped by it; not of days in a row, which ``days_of`` tells. PlanError when
    the dimension has no such values."""
    try:
        return int(value) if name == "hour" else WEEKDAYS.index(value) if name == "weekday" else value
    except ValueError:
        raise PlanError(f"{value!r} is no {name}") from None


_FIRST_DAYS: dict[str, Callable[[str], date]] = {
    "business_date": date.fromisoformat,
    "week": lambda value: date.fromisoformat(_like(r"\d{4}-W\d\d", value) + "-1"),
    "month": lambda value: date.fromisoformat(_like(r"\d{4}-\d\d", value) + "-01"),
    "quarter": lambda value: date(int(_like(r"\d{4}-Q[1-4]", value)[:4]), 3 * int(value[-1]) - 2, 1),
    "year": lambda value: date.fromisoformat(_like(r"\d{4}", value) + "-01-01"),
}


def _like(pattern: str, value: str) -> str:
    if re.fullmatch(pattern, value, re.ASCII) is None:
        raise ValueError
    return value


# --- fiscal units in the engine ---------------------------------------------------------------------------------------


def _fiscal_number(day: Any, name: str, fiscal: FiscalCalendar) -> Any:
    """The fiscal unit of a column of days as ``year * base + number``, in whole numbers alone.

    It says again in an engine's terms what ``FiscalCalendar.of`` says of one day; filters go by the latter.
    """
    year, start = _year_of_weeks(day, fiscal) if fiscal.weeks else _year_of_months(day, fiscal)
    named = year + fiscal.named(0)
    if name == "fiscal_year":
        return named
    kind = _KINDS[name]
    if name == "fiscal_week":
        number = day.delta(start, unit="day") // _WEEK + 1
    elif fiscal.weeks:
        weeks = range(_WEEKS_OF_A_QUARTER, 4 * _WEEKS_OF_A_QUARTER, _WEEKS_OF_A_QUARTER)
        firsts = weeks if name == "fiscal_quarter" else [*accumulate(fiscal.lengths)][:-1]
        number = 1 + _count(day >= _later(start, _WEEK * first) for first in firsts)
    else:
        months = (day.year() - year) * 12 + day.month() - fiscal.month - _one_if(_before_its_day(day, fiscal.day))
        number = months // 3 + 1 if name == "fiscal_quarter" else months + 1
    return named * kind.base + number.cast("int64")


def _year_of_weeks(day: Any, fiscal: FiscalCalendar) -> tuple[Any, Any]:
    """The calendar year that the date lies in which a year of weeks starts beside, and the day that it starts on.

    It starts in the week of that date, or of three days later where it starts nearest to it. So a day's year is that
    of the latest such date by the end of the day's own week (or three days before that).
    """
    reach = 3 if fiscal.rule == "nearest" else 0
    until = _later(_week_of(day, fiscal), _WEEK - 1 - reach)
    year = _year_of(until, fiscal)
    return year, _week_of(_later(_date(year, fiscal), reach), fiscal)


def _year_of_months(day: Any, fiscal: FiscalCalendar) -> tuple[Any, Any]:
    year = _year_of(day, fiscal)
    return year, _date(year, fiscal)


def _year_of(day: Any, fiscal: FiscalCalendar) -> Any:
    """The year of the latest start of a fiscal year by a day, whatever weekday it is."""
    return day.year() - _one_if(day.month() * 100 + day.day() < fiscal.month * 100 + fiscal.day)


def _before_its_day(day: Any, starts: int) -> Any:
    """Whether a day is before the one of its month that a period starts on, which is the last of a shorter month."""
    early = day.day() < starts
    return early if starts <= _SHORTEST_MONTH else early & (_later(day, 1).day() != 1)


def _week_of(day: Any, fiscal: FiscalCalendar) -> Any:
    """The first day of a fiscal week, in a year of weeks."""
    offset = -WEEKDAYS.index(fiscal.weekday.capitalize()) % _WEEK
    return _later(_later(day, offset).truncate("W"), -offset)


def _date(year: Any, fiscal: FiscalCalendar) -> Any:
    import ibis

    return ibis.date(year, fiscal.month, fiscal.day)


def _later(day: Any, days: int) -> Any:
    import ibis

    return day + ibis.interval(days=days) if days > 0 else day - ibis.interval(days=-days) if days else day


def _one_if(condition: Any) -> Any:
    return condition.cast("int32")


def _count(conditions: Iterable[Any]) -> Any:
    number, *others = [_one_if(one) for one in conditions]
    for one in others:
        number = number + one
    return number
