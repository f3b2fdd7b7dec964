"""Periods: open, soft-closed, locked; late tickets; what a lock can never let happen."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.book import Book
from ledger.errors import BookError
from ledger.figures import Figures, Plan
from ledger.periods import BEGINNING, PeriodChange, Periods, State
from tests.builders import AT, DAY, balances, event, line, make_book, post, sale_batch, ticket

ON_EVERY_ENGINE = True

NEXT = DAY + timedelta(days=1)
STAMP = datetime(2026, 10, 6, 8, 0, tzinfo=UTC)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return make_book(tmp_path / "book")


def change(book: Book, state: State, start: date = BEGINNING, end: date = DAY, reason: str = "filed") -> PeriodChange:
    return book.change_period(start, end, state, by="Ada", reason=reason, at=AT)


def dated(book: Book) -> list[tuple[str, str, str | None, int]]:
    """Each entry: kind, the date it is posted on, the date it belongs to if another, and its debits."""
    return [
        (
            row["kind"],
            str(row["business_date"]),
            str(row["original_business_date"]) if row["original_business_date"] else None,
            chunk.postings.filter(
                (chunk.postings["seq"] == row["seq"]) & (chunk.postings["n"] == row["n"])
            )["amount_minor"].clip(0).sum(),
        )
        for chunk in book.committed()
        for row in chunk.entries.iter_rows(named=True)
    ]  # fmt: skip


def test_a_late_ticket_of_a_locked_period_is_posted_on_the_first_open_date_and_says_where_it_belongs(
    book: Book,
) -> None:
    post(book, ticket("1"))
    change(book, "locked")
    commit = post(book, ticket("2"), ticket("3", business_date=NEXT))
    assert commit.posted == 2
    assert dated(book) == [
        ("ticket", str(DAY), None, 1000),
        ("ticket", str(NEXT), str(DAY), 1000),
        ("ticket", str(NEXT), None, 1000),
    ]
    entry = book.entry(commit.seq, 0)
    assert entry is not None
    assert (entry.business_date, entry.original_business_date) == (NEXT, DAY)
    assert entry.ticket is not None
    assert entry.ticket["business_date"] == DAY
    assert book.verify().ok


def test_a_changed_ticket_of_a_locked_period_is_reversed_and_posted_on_the_first_open_date(book: Book) -> None:
    post(book, ticket("1", version_stamp=STAMP))
    change(book, "locked")
    commit = post(book, ticket("1", tip_minor=200, version_stamp=STAMP + timedelta(hours=1)))
    assert commit.versions == 1
    assert dated(book) == [
        ("ticket", str(DAY), None, 1000),
        ("ticket", str(NEXT), str(DAY), 1200),
        ("reversal", str(NEXT), str(DAY), 1000),
    ]
    assert balances(book) == {"assets:clearing:card": 1200, "income:sales": -1000, "liabilities:tips": -200}
    assert book.verify().ok


def test_till_events_are_moved_likewise(book: Book) -> None:
    change(book, "locked")
    post(book, events=[event("c", counted_minor=990, expected_minor=1000)])
    assert dated(book) == [("event", str(NEXT), str(DAY), 10)]


def test_a_duplicate_of_a_closed_period_is_a_duplicate(book: Book) -> None:
    post(book, ticket("1"))
    for state in ("soft_closed", "locked"):
        change(book, state)  # type: ignore[arg-type]
        assert post(book, ticket("1")).duplicates == 1


def test_a_late_ticket_of_a_soft_closed_period_is_held_until_a_person_lets_it_in(book: Book) -> None:
    change(book, "soft_closed")
    commit = post(book, ticket("1"), ticket("2", business_date=NEXT))
    assert (commit.posted, commit.quarantined) == (1, 1)
    [held] = book.held()
    assert held.rule == "period-soft-closed"
    assert str(DAY) in held.reason

    batch = sale_batch(ticket("1"))
    intake = book.begin_intake(book.documents()[0].id, "pos", AT)
    assert book.post(batch, intake=intake, at=AT, last=True, into_soft_closed=True).posted == 1
    assert dated(book)[-1] == ("ticket", str(DAY), None, 1000)
    assert book.held() == []
    assert book.verify().ok


def test_a_reversal_does_not_reach_into_a_soft_closed_period_either(book: Book) -> None:
    post(book, ticket("1", version_stamp=STAMP))
    change(book, "soft_closed")
    post(book, ticket("1", business_date=NEXT, version_stamp=STAMP + timedelta(hours=1)))
    assert dated(book)[1:] == [("ticket", str(NEXT), None, 1000), ("reversal", str(NEXT), str(DAY), 1000)]


def test_what_was_moved_is_reversed_where_it_stands(book: Book) -> None:
    change(book, "locked")
    post(book, ticket("1", version_stamp=STAMP))
    post(book, ticket("1", tip_minor=100, version_stamp=STAMP + timedelta(hours=1)))
    assert dated(book)[1:] == [("ticket", str(NEXT), str(DAY), 1100), ("reversal", str(NEXT), str(DAY), 1000)]
    assert book.verify().ok


def net_by_month(book: Book, as_of: int | None = None) -> dict[str, tuple[str, ...]]:
    """By month: net sales, transactions, tax and what was collected; and that the accounts hold the same."""
    figures = Figures.open(book)
    figures.catch_up()
    metrics = ("net_sales", "transactions", "tax_collected", "total_collected", "tips")
    result = figures.run(Plan(metrics=metrics, dimensions=("month",), as_of=as_of))
    assert result.tie_out is not None
    assert result.tie_out.agrees, result.tie_out.sentence
    found = {key[0]: tuple(str(one.value) for one in row) for key, row in zip(result.keys, result.rows, strict=True)}
    figures.close()
    return found


def test_figures_of_a_locked_period_never_change_and_what_is_late_counts_where_it_is_posted(book: Book) -> None:
    september = date(2026, 9, 30)
    post(book, ticket("1", business_date=september, tax=80, tip_minor=50, version_stamp=STAMP), ticket("2"))
    before = net_by_month(book)
    head = book.head().seq
    book.change_period(BEGINNING, september, "locked", by="Ada", reason="filed", at=AT)
    newer = ticket("1", business_date=september, lines=[line(900)], tax=72, version_stamp=STAMP + timedelta(hours=1))
    post(book, newer, ticket("3", business_date=september))
    after = net_by_month(book)
    assert before == {
        "2026-09": ("10.00", "1", "0.80", "11.30", "0.50"),
        "2026-10": ("10.00", "1", "0.00", "10.00", "None"),
    }
    assert after["2026-09"] == before["2026-09"]
    assert after["2026-10"] == ("19.00", "2", "-0.08", "18.42", "-0.50")  # 10 + 10 + (9 - 10), and one ticket more
    assert net_by_month(book, as_of=head) == before

    post(book, ticket("3", business_date=september, tip_minor=100, version_stamp=None))
    newest = ticket("1", business_date=september, version_stamp=STAMP + timedelta(hours=2))
    post(book, newest)  # reverses what stands in October already
    assert net_by_month(book)["2026-09"] == before["2026-09"]
    assert net_by_month(book)["2026-10"] == ("20.00", "2", "-0.80", "18.70", "-0.50")
    assert book.verify().ok


def test_a_period_is_opened_again_only_for_a_reason_and_by_name(book: Book) -> None:
    change(book, "locked")
    with pytest.raises(BookError, match="reason"):
        change(book, "open", reason=" ")
    with pytest.raises(BookError, match="name"):
        book.change_period(DAY, DAY, "open", by="", reason="a slip", at=AT)
    change(book, "open", reason="the tax office asked")
    post(book, ticket("1"))
    assert dated(book) == [("ticket", str(DAY), None, 1000)]
    assert [(one.state, one.reason) for one in book.periods().changes] == [
        ("locked", "filed"),
        ("open", "the tax office asked"),
    ]
    assert book.verify().ok


def test_a_change_that_changes_nothing_is_refused(book: Book) -> None:
    with pytest.raises(BookError, match="open already"):
        change(book, "open")
    change(book, "locked")
    before = book.head()
    with pytest.raises(BookError, match="locked already"):
        change(book, "locked", start=DAY - timedelta(days=3))
    with pytest.raises(BookError, match="cannot end"):
        change(book, "locked", start=NEXT, end=DAY)
    assert book.head() == before


changes = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 20), st.sampled_from(["open", "soft_closed", "locked"])), max_size=6
)


@given(changes, st.integers(-2, 24))
def test_the_state_of_a_date_is_that_of_the_last_change_that_covers_it(
    drawn: list[tuple[int, int, State]], at: int
) -> None:
    periods = Periods(
        PeriodChange(seq, DAY + timedelta(days=min(a, b)), DAY + timedelta(days=max(a, b)), state, "Ada", "", AT)
        for seq, (a, b, state) in enumerate(drawn)
    )
    states: dict[int, State] = {}
    for a, b, state in drawn:
        states |= dict.fromkeys(range(min(a, b), max(a, b) + 1), state)
    assert periods.state(DAY + timedelta(days=at)) == states.get(at, "open")

    first_open = next(day for day in range(at, 100) if states.get(day, "open") == "open")
    assert periods.next_open(DAY + timedelta(days=at)) == DAY + timedelta(days=first_open)

    spanned: dict[int, State] = {}
    for start, end, state in periods.spans():
        for day in range((start - DAY).days, (end - DAY).days + 1):
            assert day not in spanned
            spanned[day] = state
    assert spanned == {day: state for day, state in states.items() if state != "open"}


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["post", "lock", "open"])), max_size=12))
def test_nothing_is_ever_posted_into_what_is_locked(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, str]]
) -> None:
    book = make_book(tmp_path_factory.mktemp("locked") / "book")
    locked: set[int] = set()
    sums: dict[str, dict[str, int]] = {}
    for number, (offset, step) in enumerate(steps):
        day = DAY + timedelta(days=offset)
        if step == "post":
            frozen = {str(DAY + timedelta(days=one)) for one in locked}
            before = {one: of_day for one, of_day in sums.items() if one in frozen}
            post(book, ticket(str(number), business_date=day))
            sums = {}
            for _, on, _, amount in dated(book):
                sums.setdefault(on, {"debits": 0})["debits"] += amount
            assert {one: of_day for one, of_day in sums.items() if one in frozen} == before
        elif (step == "lock") != (offset in locked):
            book.change_period(day, day, "locked" if step == "lock" else "open", by="Ada", reason="why", at=AT)
            locked ^= {offset}
    assert book.verify().ok
    book.close()
