"""The periods that a page offers: those with a name, and the ones before and after the period that is shown."""

from __future__ import annotations

from datetime import date
from typing import Literal

from assistant.ask import calendar
from assistant.ask.calendar import DAY
from assistant.ask.periods import Calendar, find
from assistant.ask.times import relative
from assistant.ask.tokens import words
from assistant.server.errors import Unreadable
from ledger.figures import Period

ALL_DATES, EARLIER, LATER = "all dates", "earlier", "later"
OFFERED = (
    "today", "yesterday", "last 7 days", "this week", "last week", "last 30 days", "this month", "last month",
    "this quarter", "last quarter", "this year", "last year", ALL_DATES,
)  # fmt: skip

Against = Literal["previous", "year_before", "weekday_year", "week_before"]
COMPARISONS: dict[Against, str] = {
    "previous": "The period before",
    "year_before": "A year before",
    "weekday_year": "The same weekdays a year before",
    "week_before": "A week before",
}


def named(name: str, now: Calendar) -> Period:
    """A period by its name, as a question's words for it are read. Unreadable when there is none of that name."""
    if name == ALL_DATES:
        return Period()
    found = find(words(name), 0, now) if name in OFFERED else None
    if found is None:
        raise Unreadable(f"{name[:40]!r} is no period that is offered here.")
    return Period(start=found.start, end=found.end)


def moved(period: Period, way: str, now: Calendar) -> Period:
    """The period before one, or the one after it. Unreadable where it has no first or no last day."""
    start, end = _dates(period)
    try:
        if way == EARLIER:
            first, last = calendar.before(start, end, now.week_starts)
        else:
            first, last = _after(start, end, now.week_starts)
        return Period(start=first, end=last)
    except (ValueError, OverflowError):
        raise Unreadable(f"There is no period {way} than this one.") from None


def compared(period: Period, against: str, now: Calendar) -> Period:
    """What a period is compared with. Unreadable where it has no first or no last day, or none comes before it."""
    start, end = _dates(period)
    if against not in COMPARISONS:
        raise Unreadable(f"{against[:40]!r} is no comparison that is offered here.")
    try:
        return relative(start, end, None if against == "previous" else against, now)
    except (ValueError, OverflowError):
        raise Unreadable(f"There is no period before {start} to compare with.") from None


def comparison_of(period: Period, comparison: Period | None, now: Calendar) -> Against | None:
    """Which of the comparisons that are offered a period's is; None for another one."""
    if comparison is None or period.start is None or period.end is None:
        return None
    wanted = (comparison.start, comparison.end)
    for against in COMPARISONS:
        try:
            found = compared(period, against, now)
        except Unreadable:
            continue
        if (found.start, found.end) == wanted:
            return against
    return None


def _dates(period: Period) -> tuple[date, date]:
    if period.start is None or period.end is None:
        raise Unreadable("Choose a period with a first and a last day before you go on from it.")
    return period.start, period.end


def _after(start: date, end: date, week_starts: str) -> calendar.Dates:
    """The unit after a whole unit, as many months after whole months, else as many days."""
    following = end + DAY
    grain = calendar.grain_of(start, end, week_starts)
    if grain is not None:
        return calendar.containing(following, grain, week_starts)
    if start.day == 1 and following.day == 1:
        months = (following.year - start.year) * 12 + following.month - start.month
        return following, calendar.months_later(following, months) - DAY
    return following, following + (end - start)
