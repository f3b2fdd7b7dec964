"""As known on an earlier day: history is replayed, and each statement and metric is what was shown then."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from ledger.book import Book
from ledger.figures import METRICS, Figures, Period, Plan, Result
from ledger.statements import STATEMENTS, Statement, StatementKind, StatementPlan, run_statement
from tests.builders import event, line, make_book, sale_batch, ticket

ON_BOTH_ENGINES = True

KINDS = get_args(StatementKind)
EMPTY = hashlib.sha256(b"").hexdigest()
SECOND_HALF, FIRST_HALF = (
    Period(start=date(2026, 10, 16), end=date(2026, 10, 31)),
    Period(start=date(2026, 10, 1), end=date(2026, 10, 15)),
)
PLANS = tuple(
    StatementPlan(kind=kind, period=SECOND_HALF, comparison=FIRST_HALF if STATEMENTS[kind].compares else None)
    for kind in KINDS
)
METRIC_PLANS = (Plan(metrics=tuple(METRICS), dimensions=("store",), period=SECOND_HALF),)

Row = dict[str, Any]


def stamped(day: int) -> datetime:
    return datetime(2026, 10, day, 9, tzinfo=UTC)


def sold(number: str, day: int, stamp: int, gross: int, **more: Any) -> Row:
    tax = gross * 8 // 100
    return ticket(
        number,
        lines=more.pop("lines", [line(gross, cost_minor=gross // 3)]),
        taxes=[{"jurisdiction": more.pop("place", "State"), "amount_minor": tax, "base_minor": gross}],
        business_date=date(2026, 10, day),
        version_stamp=stamped(stamp),
        **more,
    )


FIRST = [sold("1", 5, 5, 1000, tip_minor=100), sold("2", 5, 5, 3000, tender="cash", store="Airport")]
CARDS = [
    sold("3", 17, 17, 0, lines=[line(5000, kind="gift_card", category=None)]),
    sold("4", 18, 18, 2000, tender="gift_card", store="Airport", tip_minor=50),
]
CORRECTED = [sold("1", 6, 20, 1500, tip_minor=300), sold("4", 18, 21, 1800, tender="gift_card", store="Harbour")]
LATE = [sold("5", 2, 2, 700, tender="Visa", place="City"), sold("2", 5, 4, 2500, tender="cash", store="Airport")]
RETURNED = [sold("6", 19, 22, -500, kind="return", place="City")]
COUNTED = [event("e1", "close", business_date=date(2026, 10, 18), expected_minor=400, counted_minor=390)]
RECOUNTED = [
    event("e1", "close", business_date=date(2026, 10, 18), expected_minor=400, counted_minor=405),
    event("e2", "paid_out", business_date=date(2026, 10, 20), cash_out_minor=100),
]

Delivery = tuple[Sequence[Row], Sequence[Row]]
HISTORY: list[Delivery] = [
    (FIRST, []),
    (CARDS, [one | {"version_stamp": stamped(18)} for one in COUNTED]),
    (CORRECTED, []),
    ([], [one | {"version_stamp": stamped(23)} for one in RECOUNTED]),
    ([*LATE, *FIRST], []),  # and again what they have sent before
    (RETURNED, []),
]
"""Corrections that move a ticket to another day and store, a late ticket, an older version that comes after a newer."""


@dataclass(frozen=True)
class Moment:
    """What was shown after a delivery."""

    at: datetime
    seq: int
    statements: tuple[Statement, ...]
    results: tuple[Result, ...]


def lived(folder: Path, history: Sequence[Delivery]) -> tuple[Book, Figures, list[Moment]]:
    """A book that takes a delivery a day (two on the third), and what was shown after each."""
    book = make_book(folder, time_zone="America/New_York")
    figures = Figures.open(book)
    moments = []
    for number, (tickets, events) in enumerate(history):
        at = datetime(2026, 10, 24, 18, tzinfo=UTC) + timedelta(days=number - (number > 2), hours=number)
        intake = book.begin_intake(EMPTY, "pos", at)
        commit = book.post(sale_batch(*tickets, events=events), intake=intake, at=at, last=True)
        assert commit.quarantined == 0
        figures.catch_up()
        statements = tuple(run_statement(figures, plan) for plan in PLANS)
        results = tuple(figures.run(plan) for plan in METRIC_PLANS)
        moments.append(Moment(at, commit.seq, statements, results))
    return book, figures, moments


def shown(result: Result) -> tuple[Any, ...]:
    """A result without its plan's as-of and the head's hash, which is told of the present alone."""
    return result.seq, result.columns, result.keys, result.rows, result.row_count, result.tickets, result.tie_out


def values(statement: Statement) -> list[Any]:
    return [
        (section.title, row.label, [None if cell is None else cell.figure.value for cell in row.cells])
        for section in statement.sections
        for row in section.rows
    ]


Life = tuple[Book, Figures, list[Moment]]


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Life]]:
    """The same deliveries as they came, and the other way round."""
    orders = {"as they came": HISTORY, "backwards": HISTORY[::-1]}
    made = {name: lived(tmp_path_factory.mktemp("life") / "book", history) for name, history in orders.items()}
    yield made
    for book, figures, _ in made.values():
        figures.close()
        book.close()


@pytest.fixture(params=["as they came", "backwards"])
def life(request: pytest.FixtureRequest, lives: dict[str, Life]) -> Life:
    return lives[request.param]


def test_as_of_each_commit_is_what_was_shown_then(life: Life) -> None:
    _, figures, moments = life
    for then in moments:
        for plan, statement in zip(PLANS, then.statements, strict=True):
            assert run_statement(figures, plan.model_copy(update={"as_of": then.seq})) == statement
        for asked, result in zip(METRIC_PLANS, then.results, strict=True):
            assert shown(figures.run(asked.model_copy(update={"as_of": then.seq}))) == shown(result)
    assert len({str(values(then.statements[0])) for then in moments}) > len(moments) // 2


def test_known_on_each_day_is_what_was_shown_last_on_it(life: Life) -> None:
    book, figures, moments = life
    assert book.head_at(moments[0].at - timedelta(microseconds=1)).seq == 0
    for then, following in zip(moments, [*moments[1:], None], strict=True):
        until = following.at - timedelta(microseconds=1) if following else then.at + timedelta(days=400)
        for instant in (then.at, until):
            head = book.head_at(instant)
            assert head.seq == then.seq
        for plan, statement in zip(PLANS[:1], then.statements[:1], strict=True):
            assert run_statement(figures, plan.model_copy(update={"as_of": head.seq})) == statement
        assert then.statements[0].recorded_at == then.at == book.recorded_at(then.seq)
    assert book.head_at(moments[-1].at) == book.head()


def test_before_the_first_commit_nothing_was_known(life: Life) -> None:
    _, figures, _ = life
    for plan in PLANS:
        statement = run_statement(figures, plan.model_copy(update={"as_of": 0}))
        assert statement.agrees
        assert not any(cell.figure.value for cell in statement.cells)


def test_either_order_of_arrival_ends_in_the_same_statements(lives: dict[str, Life]) -> None:
    first, second = ([values(one) for one in moments[-1].statements] for _, _, moments in lives.values())
    assert first == second
    assert all(one.agrees for _, _, moments in lives.values() for then in moments for one in then.statements)


def test_a_clock_that_jumped_back_hides_no_commit_that_was_recorded_by_then(tmp_path: Path) -> None:
    book = make_book(tmp_path / "book")
    noon = datetime(2026, 10, 24, 12, tzinfo=UTC)
    for number, at in enumerate((noon, noon + timedelta(hours=2), noon + timedelta(hours=1)), start=1):
        book.post(sale_batch(ticket(str(number))), intake=book.begin_intake(EMPTY, "pos", at), at=at, last=True)
    assert [book.head_at(noon + timedelta(hours=hours)).seq for hours in (-1, 0, 1, 2)] == [0, 1, 3, 3]
    assert book.recorded_at(4) is None
    book.close()


def test_the_label_of_a_period_changes_no_figure(life: Life) -> None:
    _, figures, _ = life
    plain = run_statement(figures, StatementPlan(kind="tax", period=SECOND_HALF))
    named = run_statement(
        figures, StatementPlan(kind="tax", period=SECOND_HALF.model_copy(update={"label": "October"}))
    )
    assert replace(named, plan=plain.plan) == plain
