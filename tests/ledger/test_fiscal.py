"""Fiscal calendars: the retail federation's published years, and laws of all calendars."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import settings
from ledger.errors import SettingsError
from ledger.fiscal import FiscalCalendar, Unit

RETAIL = FiscalCalendar(month=2, weeks="4-5-4", weekday="sunday", rule="nearest", named_after="start")
BUSINESS = {"id": "shop", "name": "Shop", "currency": "USD"}


@pytest.mark.parametrize(
    ("year", "start", "end", "weeks"),
    [
        (2017, "2017-01-29", "2018-02-03", 53),
        (2022, "2022-01-30", "2023-01-28", 52),
        (2023, "2023-01-29", "2024-02-03", 53),
        (2024, "2024-02-04", "2025-02-01", 52),
        (2025, "2025-02-02", "2026-01-31", 52),
    ],
)
def test_years_of_the_retail_calendar(year: int, start: str, end: str, weeks: int) -> None:
    assert tuple(map(str, RETAIL.year(year))) == (start, end)
    assert RETAIL.weeks_in(year) == weeks


def test_the_year_after_53_weeks_is_restated_by_one_week() -> None:
    first = RETAIL.week(2024, 1)
    assert RETAIL.is_shifted(first[0])
    assert RETAIL.restated(*first) == RETAIL.week(2023, 2)
    assert RETAIL.year_before(*first) == RETAIL.week(2023, 1)
    assert RETAIL.restated(*RETAIL.week(2025, 1)) == RETAIL.year_before(*RETAIL.week(2025, 1)) == RETAIL.week(2024, 1)
    assert RETAIL.year_before(*RETAIL.week(2023, 53)) == RETAIL.week(2022, 52)
    assert RETAIL.year_before(*RETAIL.year(2024)) == RETAIL.year(2023)


def test_a_year_that_ends_on_the_last_saturday_of_september() -> None:
    calendar = FiscalCalendar(month=10, weeks="4-4-5", weekday="sunday", rule="last")
    assert calendar.year(2023) == (date(2022, 9, 25), date(2023, 9, 30))  # 53 weeks
    assert calendar.year(2024) == (date(2023, 10, 1), date(2024, 9, 28))


calendars = st.one_of(
    st.builds(FiscalCalendar, month=st.integers(1, 12), named_after=st.sampled_from(["start", "end"])),
    st.builds(
        FiscalCalendar,
        month=st.integers(1, 12),
        day=st.integers(1, 31),
        weeks=st.sampled_from(["4-4-5", "4-5-4", "5-4-4"]),
        weekday=st.sampled_from(["monday", "saturday", "sunday"]),
        rule=st.sampled_from(["nearest", "last"]),
        named_after=st.sampled_from(["start", "end"]),
    ),
)
days = st.dates(date(2000, 1, 10), date(2098, 12, 20))


@given(calendars, days)
def test_a_day_lies_in_its_year_quarter_period_and_week(calendar: FiscalCalendar, day: date) -> None:
    at = calendar.of(day)
    for start, end in (
        calendar.year(at.year),
        calendar.quarter(at.year, at.quarter),
        calendar.period(at.year, at.period),
        calendar.week(at.year, at.week),
    ):
        assert start <= day <= end


@given(calendars, days, st.sampled_from(["week", "period", "quarter", "year"]))
def test_the_days_of_a_unit_are_told_from_other_days(calendar: FiscalCalendar, day: date, unit: Unit) -> None:
    dates = calendar.containing(day, unit)
    assert dates[0] <= day <= dates[1]
    found = calendar.unit_of(*dates)
    assert found is not None
    assert calendar.containing(day, found) == dates
    assert calendar.unit_of(dates[0], dates[1] + timedelta(days=1)) != found


def test_where_dates_end_there_is_no_unit() -> None:
    assert RETAIL.unit_of(date.min, date.min + timedelta(days=6)) is None
    assert RETAIL.unit_of(date.max - timedelta(days=6), date.max) is None


@given(calendars, st.integers(2001, 2097))
def test_parts_of_a_year_follow_each_other_without_gap(calendar: FiscalCalendar, year: int) -> None:
    start, end = calendar.year(year)
    assert calendar.year(year + 1)[0] == end + timedelta(days=1)
    for parts in (
        [calendar.period(year, number) for number in range(1, 13)],
        [calendar.quarter(year, number) for number in range(1, 5)],
        [calendar.half(year, number) for number in (1, 2)],
        [calendar.week(year, number) for number in range(1, calendar.weeks_in(year) + 1)],
    ):
        assert parts[0][0] == start
        assert parts[-1][1] == end
        assert all(one[1] + timedelta(days=1) == other[0] for one, other in pairwise(parts))


@pytest.mark.parametrize(
    ("table", "calendar"),
    [
        ({"starts": "07-01"}, FiscalCalendar(month=7)),
        (
            {"starts": "02-01", "weeks": "4-5-4", "weekday": "sunday", "rule": "nearest"},
            RETAIL,
        ),
    ],
)
def test_a_book_sets_its_fiscal_calendar(table: dict[str, str], calendar: FiscalCalendar) -> None:
    assert settings.parse({"book": BUSINESS, "fiscal": table}).fiscal_calendar == calendar


def test_a_book_without_the_table_has_the_month_that_its_fiscal_year_starts_in() -> None:
    assert settings.parse({"book": {**BUSINESS, "fiscal_year_starts": 4}}).fiscal_calendar == FiscalCalendar(month=4)
    assert settings.parse({"book": BUSINESS}).fiscal_calendar is None


@pytest.mark.parametrize("table", [{"starts": "02-30"}, {"starts": "July"}, {"starts": "07-01", "rule": "last"}])
def test_a_fiscal_table_that_makes_no_calendar_is_refused(table: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"\[fiscal"):
        settings.parse({"book": BUSINESS, "fiscal": table})
