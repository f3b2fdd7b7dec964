"""What a period is compared with: weekdays and weeks of the year before, and to-date periods."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from assistant.ask.calendar import (
    containing,
    same_weekdays_year_before,
    same_weeks_year_before,
    to_date_before,
)
from ledger.fiscal import FiscalCalendar

RETAIL = FiscalCalendar(month=2, weeks="4-5-4", weekday="sunday", rule="nearest", named_after="start")
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@given(days, st.integers(0, 400))
def test_the_same_weekdays_a_year_before(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    first, last = same_weekdays_year_before(start, end)
    assert (first.weekday(), last.weekday()) == (start.weekday(), end.weekday())
    assert start - first == end - last == timedelta(days=364)


def test_weeks_after_a_year_of_53_are_restated_or_by_number() -> None:
    first = RETAIL.week(2024, 1)
    assert same_weeks_year_before(*first, RETAIL) == RETAIL.week(2023, 2)
    assert same_weeks_year_before(*first, RETAIL, restated=False) == RETAIL.week(2023, 1)
    assert same_weeks_year_before(*first, None) == same_weekdays_year_before(*first)


@given(days, st.sampled_from(["week", "month", "quarter", "year"]))
def test_to_date_is_compared_with_as_much_of_the_unit_before(today: date, unit: str) -> None:
    start, end = to_date_before(today, unit)  # type: ignore[arg-type]
    this = containing(today, unit)  # type: ignore[arg-type]
    before = containing(this[0] - timedelta(days=1), unit)  # type: ignore[arg-type]
    assert start == before[0] <= end <= before[1]
    assert today.day == end.day or unit == "week" or end.day < today.day


def test_the_31st_is_compared_with_the_last_day_of_a_shorter_month() -> None:
    assert to_date_before(date(2026, 3, 31), "month") == (date(2026, 2, 1), date(2026, 2, 28))
    assert to_date_before(date(2026, 11, 23), "quarter") == (date(2026, 7, 1), date(2026, 8, 23))
