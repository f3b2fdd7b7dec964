"""Periods: what is said, and the dates it means on a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.ask import calendar
from assistant.ask.periods import Calendar, PeriodError, PeriodSpan, find
from assistant.ask.tokens import tokens

TODAY = date(2026, 11, 23)  # a Monday
CASES = [
    ("today", "2026-11-23", "2026-11-23"),
    ("yesterday", "2026-11-22", "2026-11-22"),
    ("the day before yesterday", "2026-11-21", "2026-11-21"),
    ("last week", "2026-11-16", "2026-11-22"),
    ("this week", "2026-11-23", "2026-11-23"),
    ("the week before last", "2026-11-09", "2026-11-15"),
    ("last month", "2026-10-01", "2026-10-31"),
    ("this month", "2026-11-01", "2026-11-23"),
    ("month to date", "2026-11-01", "2026-11-23"),
    ("ytd", "2026-01-01", "2026-11-23"),
    ("last quarter", "2026-07-01", "2026-09-30"),
    ("last year", "2025-01-01", "2025-12-31"),
    ("last 7 days", "2026-11-17", "2026-11-23"),
    ("last three months", "2026-08-01", "2026-10-31"),
    ("past 2 weeks", "2026-11-09", "2026-11-22"),
    ("two weeks ago", "2026-11-09", "2026-11-15"),
    ("3 days ago", "2026-11-20", "2026-11-20"),
    ("on Saturday", "2026-11-21", "2026-11-21"),
    ("last Monday", "2026-11-16", "2026-11-16"),
    ("Saturday of last week", "2026-11-21", "2026-11-21"),
    ("last weekend", "2026-11-21", "2026-11-22"),
    ("the weekend of 7 March 2026", "2026-03-07", "2026-03-08"),
    ("October", "2026-10-01", "2026-10-31"),
    ("December", "2025-12-01", "2025-12-31"),
    ("October last year", "2025-10-01", "2025-10-31"),
    ("February 2024", "2024-02-01", "2024-02-29"),
    ("Feb 2024", "2024-02-01", "2024-02-29"),
    ("2024", "2024-01-01", "2024-12-31"),
    ("Q3", "2026-07-01", "2026-09-30"),
    ("Q4 2025", "2025-10-01", "2025-12-31"),
    ("the third quarter of 2025", "2025-07-01", "2025-09-30"),
    ("H1 2025", "2025-01-01", "2025-06-30"),
    ("second half of 2025", "2025-07-01", "2025-12-31"),
    ("5 October 2026", "2026-10-05", "2026-10-05"),
    ("October 5th, 2026", "2026-10-05", "2026-10-05"),
    ("the 3rd of October", "2026-10-03", "2026-10-03"),
    ("Monday 5 October 2026", "2026-10-05", "2026-10-05"),
    ("10/5/2026", "2026-10-05", "2026-10-05"),
    ("5.10.2026", "2026-10-05", "2026-10-05"),
    ("2026-10-05", "2026-10-05", "2026-10-05"),
    ("2026-10", "2026-10-01", "2026-10-31"),
    ("2026-W10", "2026-03-02", "2026-03-08"),
    ("week 10", "2026-03-02", "2026-03-08"),
    ("the week of 5 October 2026", "2026-10-05", "2026-10-11"),
    ("from 1 to 15 October 2026", "2026-10-01", "2026-10-15"),
    ("October 1-15", "2026-10-01", "2026-10-15"),
    ("between 5 and 12 March 2026", "2026-03-05", "2026-03-12"),
    ("from September to October", "2026-09-01", "2026-10-31"),
    ("Jan-Mar 2025", "2025-01-01", "2025-03-31"),
    ("28 November to 3 January", "2025-11-28", "2026-01-03"),
    ("since 1 October 2026", "2026-10-01", None),
    ("after October 2026", "2026-11-01", None),
    ("before October 2026", None, "2026-09-30"),
    ("until 5 October 2026", None, "2026-10-05"),
    ("the first week of October 2026", "2026-10-01", "2026-10-07"),
    ("the last 3 days of October 2026", "2026-10-29", "2026-10-31"),
    ("the last day of February 2024", "2024-02-29", "2024-02-29"),
    ("all dates", None, None),
]


@pytest.mark.parametrize(("text", "start", "end"), CASES, ids=[case[0] for case in CASES])
def test_what_is_said_and_what_it_means(text: str, start: str | None, end: str | None) -> None:
    found = read(text)
    assert found is not None
    assert (found.start, found.end) == (start and date.fromisoformat(start), end and date.fromisoformat(end))
    words = tokens(text)
    assert found.last == len(words), "a word at the end was left over"


@pytest.mark.parametrize("text", ["31 February 2026", "Sunday 5 October 2026", "Q5 2026 week 60", "week 60"])
def test_a_date_that_does_not_exist_is_said(text: str) -> None:
    with pytest.raises(PeriodError):
        for place in range(len(tokens(text))):
            find([token.text for token in tokens(text)], place, Calendar(TODAY))


@pytest.mark.parametrize(
    "text",
    ["top 5", "ticket 10045", "store 343", "may I see refunds", "sku 4006381", "over 2500", "$1,999.00", "table 12"],
)
def test_a_number_is_not_a_date(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(("month_first", "month"), [(True, 3), (False, 4)])
def test_the_order_in_a_date_with_slashes_is_that_of_the_locale(month_first: bool, month: int) -> None:
    words = [token.text for token in tokens("3/4/2026")]
    found = find(words, 0, Calendar(TODAY, month_first=month_first))
    assert found is not None
    assert found.start is not None
    assert found.start.month == month


days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
units = st.sampled_from(["week", "month", "quarter", "year"])


@given(days, units)
def test_this_and_last_unit_touch_and_do_not_overlap(today: date, unit: str) -> None:
    this, last = read(f"this {unit}", today), read(f"last {unit}", today)
    assert this is not None
    assert last is not None
    assert this.start is not None
    assert last.end is not None
    assert last.end + timedelta(days=1) == this.start <= today == this.end


@given(days)
def test_a_date_written_out_is_read_back(day: date) -> None:
    for text in (
        day.isoformat(),
        f"{day.day} {day:%B %Y}",
        f"{day:%B} {day.day}, {day.year}",
        f"{day:%A} {day.day} {day:%b %Y}",
    ):
        found = read(text)
        assert found is not None
        assert (found.start, found.end) == (day, day)


@given(days, days)
@settings(max_examples=50)
def test_a_range_written_out_is_read_back(one: date, other: date) -> None:
    first, last = min(one, other), max(one, other)
    found = read(f"from {first.day} {first:%B %Y} to {last.day} {last:%B %Y}")
    assert found is not None
    assert (found.start, found.end) == (first, last)


@given(days, st.integers(0, 400))
def test_the_period_before_ends_where_the_period_starts(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    first, last = calendar.before(start, end)
    assert last < start
    whole = calendar.grain_of(start, end) is not None
    assert whole or last - first == end - start or (start.day == 1)


@pytest.mark.parametrize("starts", ["monday", "saturday", "sunday"])
def test_a_week_starts_where_the_book_says(starts: str) -> None:
    first, last = calendar.containing(TODAY, "week", starts)
    assert f"{first:%A}".lower() == starts
    assert first <= TODAY <= last == first + timedelta(days=6)


def read(text: str, today: date = TODAY) -> PeriodSpan | None:
    """The first period in a text that reaches its end, or the first at all."""
    words = [token.text for token in tokens(text)]
    found = [span for place in range(len(words)) if (span := find(words, place, Calendar(today))) is not None]
    return max(found, key=lambda span: (span.last - span.first, -span.first), default=None)
