"""Lag against what is usual: by the source's own history, robust, and honest where there is too little of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from assistant.feeds.arrivals import lag, weekdays

ZONE = ZoneInfo("America/New_York")
MONDAY = date(2026, 11, 16)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), ZONE).astimezone(UTC)


def every_working_day(until: date, weeks: int = 9) -> list[datetime]:
    """A file at about six each morning but on Sundays, and one holiday without any."""
    days = [until - timedelta(days=n) for n in range(weeks * 7, -1, -1)]
    return [at(one, 6, one.day % 9) for one in days if one.weekday() < 6 and one != MONDAY - timedelta(days=21)]


@pytest.mark.parametrize(
    ("now", "late", "usual_hours"),
    [
        (at(MONDAY, 5), False, 47),  # it rests on Sundays
        (at(MONDAY, 7), False, 1),
        (at(MONDAY + timedelta(days=1), 6, 30), False, 0.5),  # thirty minutes beyond are nothing
        (at(MONDAY + timedelta(days=1), 8), True, 2),
        (at(MONDAY + timedelta(days=6), 12), True, 30),  # on Sunday it is as old as Saturday's; this is Monday's
    ],
)
def test_late_is_far_beyond_what_is_usual_at_that_hour_of_that_weekday(
    now: datetime, late: bool, usual_hours: float
) -> None:
    found = lag(every_working_day(MONDAY), now, ZONE)
    assert found.late is late
    assert found.usual is not None
    assert abs(found.usual - timedelta(hours=usual_hours)) < timedelta(minutes=10)
    assert found.spread is not None
    assert found.spread < timedelta(minutes=10), "one holiday does not move it"


def test_a_webhook_is_late_when_it_falls_silent_in_the_middle_of_the_day() -> None:
    noon = at(MONDAY, 12)
    every = [noon - timedelta(minutes=7 * n) for n in range(9 * 7 * 200, -1, -1)]
    assert not lag(every, noon + timedelta(minutes=40), ZONE).late
    assert lag(every, noon + timedelta(hours=3), ZONE).late


@pytest.mark.parametrize("came", [[at(MONDAY - timedelta(weeks=20), 6)], every_working_day(MONDAY, weeks=2)])
def test_without_enough_history_nothing_is_called_usual_or_late(came: list[datetime]) -> None:
    found = lag(came, at(MONDAY + timedelta(days=30), 6), ZONE)
    assert (found.usual, found.spread, found.late) == (None, None, False)
    assert found.weeks < 4


def test_the_usual_time_of_a_weekday_is_that_of_its_first_delivery() -> None:
    came = sorted([*every_working_day(MONDAY), *(at(MONDAY - timedelta(weeks=n), 15) for n in range(9))])
    by_day = weekdays(came, at(MONDAY, 20), ZONE)
    assert [one.days for one in by_day][6] == 0
    assert by_day[6].minute is None
    assert by_day[0].minute is not None
    assert 360 <= by_day[0].minute <= 368
    assert (by_day[0].spread_minutes or 0) < 10
