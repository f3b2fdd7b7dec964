"""Calendar arithmetic on business dates: units, their starts and ends, and shifts by them."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Literal

from ledger.fiscal import FiscalCalendar

Unit = Literal["day", "week", "month", "quarter", "year"]
Dates = tuple[date, date]
"""First and last day, both included."""

DAY = timedelta(days=1)
_WEEK_STARTS = {"monday": 0, "saturday": 5, "sunday": 6}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def containing(day: date, unit: Unit, week_starts: str = "monday") -> Dates:
    """The whole unit that a day lies in."""
    if unit == "day":
        return day, day
    if unit == "week":
        first = day - DAY * ((day.weekday() - _WEEK_STARTS[week_starts]) % 7)
        return first, first + 6 * DAY
    length = _MONTHS[unit]
    first = date(day.year, (day.month - 1) // length * length + 1, 1)
    return first, months_later(first, length) - DAY


def earlier(day: date, unit: Unit, number: int, week_starts: str = "monday") -> Dates:
    """The whole unit that lies ``number`` units before the one that a day lies in."""
    first, _ = containing(day, unit, week_starts)
    if unit in _MONTHS:
        return containing(months_later(first, -number * _MONTHS[unit]), unit)
    return containing(first - DAY * number * (7 if unit == "week" else 1), unit, week_starts)


def months_later(day: date, number: int) -> date:
    """The same day of the month some months later (or earlier), or that month's last day where it is shorter."""
    months = day.year * 12 + day.month - 1 + number
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def iso_week(year: int, number: int) -> Dates:
    """A week by its number in ISO 8601; ValueError when the year has none."""
    first = date.fromisocalendar(year, number, 1)
    return first, first + 6 * DAY


def grain_of(start: date, end: date, week_starts: str = "monday") -> Unit | None:
    """The unit that two dates are exactly one of, or None."""
    units: tuple[Unit, ...] = ("day", "week", "month", "quarter", "year")
    return next((unit for unit in units if containing(start, unit, week_starts) == (start, end)), None)


def before(start: date, end: date, week_starts: str = "monday") -> Dates:
    """The period of the same kind just before: the unit before a whole unit, else as many days.

    Whole months in a row have as many months before them; the start of a month, quarter or year up to some day has
    the same days of the one before.
    """
    grain = grain_of(start, end, week_starts)
    if grain is not None:
        return earlier(start, grain, 1, week_starts)
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    if start.day == 1 and (end + DAY).day == 1:
        return months_later(start, -months), start - DAY
    if start.day == 1 and months == 1:
        return months_later(start, -1), months_later(end, -1)
    length = end - start + DAY
    return start - length, start - DAY


def year_before(start: date, end: date) -> Dates:
    """The same dates a year before; a period that ends with its month ends with that month then, too."""
    last = months_later(end, -12)
    if (end + DAY).day == 1:
        last = months_later((end + DAY), -12) - DAY
    return months_later(start, -12), last


def same_weekdays_year_before(start: date, end: date) -> Dates:
    """The same weekdays a year before: 364 days, so that a Friday is compared with a Friday."""
    return start - 52 * 7 * DAY, end - 52 * 7 * DAY


def same_weeks_year_before(start: date, end: date, fiscal: FiscalCalendar | None, *, restated: bool = True) -> Dates:
    """The same weeks a year before. With a fiscal calendar of weeks ``restated`` says how the year after one of 53
    weeks is compared: by the weeks of the calendar (week 1 with week 2 before), or by their numbers where it is
    false."""
    if fiscal is None or fiscal.weeks is None:
        return same_weekdays_year_before(start, end)
    return fiscal.restated(start, end) if restated else fiscal.year_before(start, end)


def is_fiscal_alone(start: date, end: date, fiscal: FiscalCalendar, week_starts: str = "monday") -> bool:
    """Whether two dates are exactly one fiscal unit, and no calendar unit and no whole months."""
    months = start.day == 1 and (end + DAY).day == 1
    return not months and grain_of(start, end, week_starts) is None and fiscal.unit_of(start, end) is not None


def fiscal_before(start: date, end: date, fiscal: FiscalCalendar) -> Dates:
    """The fiscal unit before one: the period before a period, be it of four weeks or of five."""
    unit = fiscal.unit_of(start, end)
    assert unit is not None, "the dates are no fiscal unit"
    return fiscal.containing(start - DAY, unit)


def to_date_of(day: date, unit: Unit, start: date, week_starts: str = "monday") -> Dates:
    """As far into the unit that begins on ``start`` as a day is into its own: the same day of the same month of it, or
    of its week, and never past its end."""
    whole = containing(start, unit, week_starts)
    own = containing(day, unit, week_starts)[0]
    if unit in ("day", "week"):
        return start, start + (day - own)
    months = (day.year - own.year) * 12 + day.month - own.month
    return start, min(
        months_later(start, months).replace(day=1) + DAY * (day.day - 1), _month_end(start, months), whole[1]
    )


def to_date_before(day: date, unit: Unit, week_starts: str = "monday") -> Dates:
    """The start of the unit before, as far as a day is into its own: what a to-date figure is compared with."""
    return to_date_of(day, unit, earlier(day, unit, 1, week_starts)[0], week_starts)


def _month_end(start: date, months: int) -> date:
    return containing(months_later(start, months), "month")[1]
