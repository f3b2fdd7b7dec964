"""When a source's deliveries usually come, by its own history, and whether it is late.

The measure is the age of its last delivery. What is usual is how old the last one was at the same hour of the same
weekday in the weeks before: one measure for a file a day and for a webhook a minute, and one that knows the weekends.
Its median and the median distance from it are not moved by a single holiday or a day that went wrong.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

WEEKS = 8
WEEKS_LEAST = 4
"""With fewer weeks of history nothing is called usual."""
SPREADS = 6
GRACE = timedelta(hours=1)
"""So much later than usual a delivery is never called late."""


@dataclass(frozen=True)
class Lag:
    """How long ago a source was last seen, and how long ago that usually is at this hour of this weekday, with the
    median distance from it. ``weeks`` are those of its history in which something new came; with fewer than
    ``WEEKS_LEAST`` of them ``usual`` and ``spread`` are None, and nothing can be said of ``late``."""

    age: timedelta
    usual: timedelta | None
    spread: timedelta | None
    weeks: int
    late: bool


@dataclass(frozen=True)
class Weekday:
    """The first delivery of a weekday (0 is Monday): on how many such days one came, the median of its minute of the
    day in the book's zone and the median distance from it; None below ``WEEKS_LEAST`` days."""

    weekday: int
    days: int
    minute: int | None
    spread_minutes: int | None


def lag(arrivals: Sequence[datetime], now: datetime, zone: ZoneInfo) -> Lag:
    """The lag of a source whose deliveries came at ``arrivals``, in order and at least one of them not after ``now``.

    It is late when it already was, ``GRACE`` ago, ``SPREADS`` spreads and more than ``GRACE`` older than usual, as it
    was in at most one of the weeks before, and nothing has come since.
    """
    age = _age(arrivals, now)
    assert age is not None, "a source has been seen"
    ages, weeks = _ages_before(arrivals, now, zone)
    if weeks < WEEKS_LEAST:
        return Lag(age, None, None, weeks, late=False)
    usual, spread = _middle(ages)
    return Lag(age, usual, spread, weeks, late=age > GRACE and _was_late(arrivals, now - GRACE, zone))


def weekdays(arrivals: Sequence[datetime], now: datetime, zone: ZoneInfo) -> list[Weekday]:
    """When the first delivery of each weekday came in the last ``WEEKS`` weeks."""
    since = (now - timedelta(weeks=WEEKS)).astimezone(zone).date()
    first: dict[int, dict[object, int]] = {day: {} for day in range(7)}
    for at in arrivals:
        local = at.astimezone(zone)
        if local.date() >= since:
            first[local.weekday()].setdefault(local.date(), local.hour * 60 + local.minute)
    made = []
    for day, minutes in first.items():
        if len(minutes) < WEEKS_LEAST:
            made.append(Weekday(day, len(minutes), None, None))
            continue
        middle = median(minutes.values())
        spread = median(abs(one - middle) for one in minutes.values())
        made.append(Weekday(day, len(minutes), round(middle), round(spread)))
    return made


def _was_late(arrivals: Sequence[datetime], moment: datetime, zone: ZoneInfo) -> bool:
    age, (ages, weeks) = _age(arrivals, moment), _ages_before(arrivals, moment, zone)
    if age is None or weeks < WEEKS_LEAST:
        return False
    usual, spread = _middle(ages)
    return age - usual > max(GRACE, SPREADS * spread) and sum(one >= age for one in ages) <= 1


def _middle(ages: Sequence[timedelta]) -> tuple[timedelta, timedelta]:
    seconds = [one.total_seconds() for one in ages]
    middle = median(seconds)
    return timedelta(seconds=middle), timedelta(seconds=median(abs(one - middle) for one in seconds))


def _ages_before(arrivals: Sequence[datetime], moment: datetime, zone: ZoneInfo) -> tuple[list[timedelta], int]:
    """The ages at the same wall clock of the same weekday, as many weeks back as there were deliveries before, and how
    many of those weeks had a delivery of their own."""
    local = moment.astimezone(zone)
    weeks = [(local - timedelta(weeks=week)).astimezone(moment.tzinfo) for week in range(1, WEEKS + 1)]
    found = [(_age(arrivals, one), bisect_right(arrivals, one)) for one in weeks]
    return [age for age, _ in found if age is not None], len({before for age, before in found if age is not None})


def _age(arrivals: Sequence[datetime], moment: datetime) -> timedelta | None:
    before = bisect_right(arrivals, moment)
    return moment - arrivals[before - 1] if before else None
