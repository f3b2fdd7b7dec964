"""Periods as finance people type them, what the reader is told was assumed, and numbers that are no period."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from assistant.ask.calendar import months_later
from assistant.ask.periods import Calendar, PeriodError, PeriodSpan, find
from assistant.ask.tokens import number_at, tokens
from ledger.fiscal import FiscalCalendar

TODAY = date(2026, 11, 23)  # a Monday
HERE = Path(__file__).parent
SAID = [line.split("\t") for line in (HERE / "periods_said.tsv").read_text("utf-8").splitlines() if line[0] != "#"]
TRAPS = [line for line in (HERE / "no_periods.txt").read_text("utf-8").splitlines() if not line.startswith("# ")]
JULY = Calendar(TODAY, fiscal=FiscalCalendar(month=7))
RETAIL = Calendar(
    TODAY, fiscal=FiscalCalendar(month=2, weeks="4-5-4", weekday="sunday", rule="nearest", named_after="start")
)


@pytest.mark.parametrize(("text", "start", "end"), SAID, ids=[case[0] for case in SAID])
def test_what_finance_people_type(text: str, start: str, end: str) -> None:
    found = longest(text)
    assert found is not None
    assert (str(found.start or ""), str(found.end or "")) == (start, end)
    assert found.last == len(tokens(text)), "a word at the end was left over"


@pytest.mark.parametrize("text", TRAPS)
def test_nothing_in_a_trap_is_a_period(text: str) -> None:
    words = [token.text for token in tokens(text)]
    for place in range(len(words)):
        assert find(words, place, Calendar(TODAY)) is None


@pytest.mark.parametrize(
    ("calendar", "text", "start", "end"),
    [
        (JULY, "FY25", "2024-07-01", "2025-06-30"),
        (JULY, "FY 2024/25", "2024-07-01", "2025-06-30"),
        (JULY, "fiscal Q2", "2026-10-01", "2026-12-31"),  # of fiscal 2027, which has begun
        (JULY, "FY25 Q3", "2025-01-01", "2025-03-31"),
        (JULY, "H1 FY25", "2024-07-01", "2024-12-31"),
        (JULY, "P3 FY25", "2024-09-01", "2024-09-30"),
        (JULY, "fiscal year to date", "2026-07-01", "2026-11-23"),
        (JULY, "last fiscal year", "2025-07-01", "2026-06-30"),
        (JULY, "Q2", "2026-04-01", "2026-06-30"),  # calendar where the question does not say fiscal
        (RETAIL, "fiscal 2023", "2023-01-29", "2024-02-03"),  # 53 weeks
        (RETAIL, "FY23 P12", "2023-12-31", "2024-02-03"),
        (RETAIL, "fiscal Q1 of 2026", "2026-02-01", "2026-05-02"),
        (RETAIL, "fiscal period 2 of fiscal 2026", "2026-03-01", "2026-04-04"),
        (RETAIL, "fiscal week 53 of 2023", "2024-01-28", "2024-02-03"),
        (RETAIL, "last fiscal month", "2026-10-04", "2026-10-31"),
    ],
)
def test_fiscal_periods_by_the_books_calendar(calendar: Calendar, text: str, start: str, end: str) -> None:
    found = longest(text, calendar)
    assert found is not None
    assert (str(found.start), str(found.end)) == (start, end)
    assert found.fiscal == (text != "Q2")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("March", "March is read as March 2026."),
        ("on Friday", "Friday is read as 20 November 2026."),
        ("last 7 days", "The last 7 days include today, 23 November 2026."),
        ("last few days", "“A few” is read as 3."),
        ("end of last month", "End of last month is read as 31 October 2026."),
        ("FY25", "The book sets no fiscal year, so fiscal is read as calendar: 2025."),
    ],
)
def test_what_was_assumed_is_said(text: str, sentence: str) -> None:
    found = longest(text)
    assert found is not None
    assert sentence in found.assumptions


@pytest.mark.parametrize("text", ["2026-10-05", "2026-10", "5 October 2026", "last month", "Q3 2025", "yesterday"])
def test_nothing_is_assumed_where_the_words_are_plain(text: str) -> None:
    found = longest(text)
    assert found is not None
    assert found.assumptions == ()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("31 February", "no date such as"),
        ("week 60 of 2025", "no date such as"),
        ("Q5 2025", "only 4 quarters"),
        ("fiscal period 13 of 2025", "periods 1 to 12"),
        ("holiday season", "no fixed dates"),
        ("from 5 October 2026 to 1 October 2026", "before it starts"),
    ],
)
def test_what_does_not_exist_is_said(text: str, part: str) -> None:
    words = [token.text for token in tokens(text)]
    with pytest.raises(PeriodError, match=part):
        find(words, 0, Calendar(TODAY))


@pytest.mark.parametrize(
    ("country", "text", "day"),
    [
        ("US", "mother's day 2026", "2026-05-10"),
        ("GB", "mother's day 2026", "2026-03-15"),
        ("CA", "thanksgiving 2025", "2025-10-13"),
        ("US", "thanksgiving 2025", "2025-11-27"),
        ("DE", "labour day 2026", "2026-05-01"),
    ],
)
def test_a_named_day_is_that_of_the_books_country(country: str, text: str, day: str) -> None:
    found = longest(text, Calendar(TODAY, country=country))
    assert found is not None
    assert str(found.start) == str(found.end) == day


# --- properties -----------------------------------------------------------------------------------------------------

days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
VOCABULARY = sorted({token.text for text, *_ in SAID for token in tokens(text)})


@given(days, st.integers(0, 800), st.sampled_from(["monday", "saturday", "sunday"]))
def test_a_label_is_read_back_as_the_same_period(start: date, length: int, week_starts: str) -> None:
    calendar = Calendar(TODAY, week_starts)
    end = start + timedelta(days=length)
    assume(end.year < 2100)
    said = longest(f"from {start} to {end}", calendar)
    assert said is not None
    again = longest(said.label, calendar)
    assert again is not None
    assert (again.start, again.end) == (start, end)
    assert again.last == len(tokens(said.label))


@given(st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=8), days)
@settings(max_examples=300)
def test_any_words_give_a_period_or_a_sentence(words: list[str], today: date) -> None:
    for place in range(len(words)):
        try:
            found = find(words, place, Calendar(today, fiscal=FiscalCalendar(month=7)))
        except PeriodError as error:
            assert str(error)[-1] in ".?"
            continue
        if found is not None:
            assert found.first == place < found.last <= len(words)
            assert found.start is None or found.end is None or found.start <= found.end


@given(days, st.sampled_from(["this month", "last quarter", "last year", "ytd", "last 3 months", "next month"]))
def test_a_relative_period_moves_with_today(today: date, text: str) -> None:
    later = months_later(today, 12)
    assume(later.day == today.day)
    one, other = longest(text, Calendar(today)), longest(text, Calendar(later))
    assert one is not None
    assert other is not None
    assert one.start is not None
    assert other.start == months_later(one.start, 12)


@given(days, st.sampled_from(["week", "month", "quarter", "year"]))
def test_the_next_unit_starts_where_this_one_ends(today: date, unit: str) -> None:
    rest, coming = longest(f"rest of the {unit}", Calendar(today)), longest(f"next {unit}", Calendar(today))
    assert rest is not None
    assert coming is not None
    assert rest.end is not None
    assert coming.start == rest.end + timedelta(days=1)


@given(st.sampled_from(SAID), st.sampled_from(SAID))
def test_two_periods_side_by_side_do_not_overlap(one: list[str], other: list[str]) -> None:
    first, second = ([token.text for token in tokens(case[0])] for case in (one, other))
    words = [*first, "versus", *second]
    found = find(words, len(first) + 1, Calendar(TODAY))
    assert found is None or found.first > len(first)
    for place in range(len(first)):
        try:
            span = find(words, place, Calendar(TODAY))
        except PeriodError:
            continue
        assert span is None or span.last <= len(first)


@pytest.mark.parametrize(
    ("text", "number"),
    [("twenty-five", 25), ("a hundred and ten", 110), ("two thousand and ten", 2010), ("ninety", 90), ("12", 12)],
)
def test_numbers_in_words(text: str, number: int) -> None:
    words = [token.text for token in tokens(text)]
    assert number_at(words, 0) == (number, len(words))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("$50k", ["$", "50k"]),
        ("€1.5m", ["€", "1.5m"]),
        ("1,200.50", ["1,200.50"]),
        ("20%", ["20", "%"]),
        ("Crème brûlée", ["creme", "brulee"]),
        ("#2024-118", ["#2024-118"]),
    ],
)
def test_amounts_and_names_as_tokens(text: str, parts: list[str]) -> None:
    assert [token.text for token in tokens(text)] == parts


def longest(text: str, calendar: Calendar | None = None) -> PeriodSpan | None:
    """The longest period in a text; what does not exist inside a longer one is no matter."""
    words = [token.text for token in tokens(text)]
    found = []
    for place in range(len(words)):
        with suppress(PeriodError):
            found.append(find(words, place, calendar or Calendar(TODAY)))
    return max(filter(None, found), key=lambda span: (span.last - span.first, -span.first), default=None)
