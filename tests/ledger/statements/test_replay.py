"""History replayed day by day, with periods that are locked on the way.

What the whole book says as known on each day is what a fresh book says that was given the history up to it and no more.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from ledger.book import Book
from ledger.errors import PlanError
from ledger.figures import METRICS, Figures, Period, Plan, Result
from ledger.figures.run import check_plan
from ledger.periods import BEGINNING
from ledger.statements import STATEMENTS, Statement, StatementKind, StatementPlan, run_statement
from tests.builders import event, line, make_book, payout, sale_batch, ticket

Row = dict[str, Any]
EMPTY = hashlib.sha256(b"").hexdigest()
FIRST_HALF = Period(start=date(2026, 10, 1), end=date(2026, 10, 15))
SECOND_HALF = Period(start=date(2026, 10, 16), end=date(2026, 10, 31))
STATEMENT_PLANS = tuple(
    StatementPlan(kind=kind, period=SECOND_HALF, comparison=FIRST_HALF if STATEMENTS[kind].compares else None)
    for kind in get_args(StatementKind)
)


@dataclass(frozen=True)
class Day:
    """What came to the book on one day: documents' tickets and events, then a lock of all dates up to one."""

    tickets: tuple[Row, ...] = ()
    events: tuple[Row, ...] = ()
    locked_to: date | None = None


def recorded(day: int) -> datetime:
    return datetime(2026, 10, 24, 18, tzinfo=UTC) + timedelta(days=day)


def sold(number: str, day: int, stamp: int, gross: int = 1000, **more: Any) -> Row:
    tax = gross * 8 // 100
    return ticket(
        number,
        lines=more.pop("lines", [line(gross, discount=gross // 10 if gross > 0 else 0, cost_minor=gross // 3)]),
        taxes=[
            {"jurisdiction": more.pop("place", "State"), "amount_minor": tax, "base_minor": gross}
            | {"facilitator": more.pop("remitted", False)}
        ],
        business_date=date(2026, 10, day),
        version_stamp=datetime(2026, 10, stamp, 9, tzinfo=UTC),
        **more,
    )


def at_till(number: str, kind: str, day: int, **more: Any) -> Row:
    stamp = datetime(2026, 10, day, 22, tzinfo=UTC)
    return event(number, kind, business_date=date(2026, 10, day), version_stamp=stamp, **more)


def of_kind(kind: str, amount: int) -> list[Row]:
    return [line(amount, kind=kind, category=None)]


HISTORY: tuple[Day, ...] = (
    Day(
        tickets=(
            sold("1", 5, 5, tip_minor=100),
            sold("2", 5, 5, 3000, tender="cash", store="Airport"),
            sold("3", 6, 6, kind="void_after_tender"),
            sold("4", 6, 6, -400, kind="return", tender="cash"),
        ),
        events=(at_till("e1", "close", 5, expected_minor=400, counted_minor=390),),
    ),
    Day(
        tickets=(
            sold("5", 17, 17, 0, lines=of_kind("gift_card", 5000)),
            sold("6", 18, 18, 2000, tender="gift_card", store="Airport", tip_minor=50),
            sold("7", 18, 18, 0, lines=of_kind("service_charge", 300)),
        ),
        events=(at_till("e2", "paid_in", 17, cash_in_minor=700), at_till("e3", "paid_out", 18, cash_out_minor=950)),
        locked_to=date(2026, 10, 15),
    ),
    Day(  # late for the locked half: new tickets and an event, and changes of what was posted before the lock
        tickets=(
            sold("8", 9, 9, 1700, tender="Visa", place="City", tip_minor=20),
            sold("9", 12, 12, -250, kind="return", store="Airport"),
            sold("15", 12, 12, 700, remitted=True),
            sold("1", 5, 20, 1500, tip_minor=300),
            sold("3", 6, 20, 800),
        ),
        events=(
            at_till("e4", "tips_paid_out", 10, cash_out_minor=60),
            at_till("e5", "count", 10, deposited_minor=2000),
        ),
    ),
    Day(  # the late ticket is changed, and one is moved out of the locked half
        tickets=(sold("8", 9, 21, 1900, place="City", store="Harbour"), sold("2", 19, 21, 3300, store="Airport")),
        events=(at_till("e1", "close", 5, expected_minor=400, counted_minor=415) | {
            "version_stamp": datetime(2026, 10, 21, tzinfo=UTC)
        },),
    ),
    Day(
        tickets=(
            sold("10", 20, 20, 0, lines=of_kind("gift_card", -1000), kind="return"),
            payout("po_1", 700, fee=20, business_date=date(2026, 10, 20), version_stamp=recorded(0)),
            sold("11", 20, 20, 900, tenders=[{"type": "Visa", "amount_minor": 882, "fee_minor": 29}]),
            sold("12", 21, 21, 0, lines=of_kind("account_payment", 1500), tender="cash"),
            sold("6", 18, 22, 1800, tender="gift_card", store="Airport", tip_minor=40),
        ),
        locked_to=date(2026, 10, 18),
    ),
    Day(  # late for what was first open and is now locked, too, and a prior-period entry that is locked itself
        tickets=(
            sold("13", 17, 23, 600),
            sold("7", 18, 23, 0, lines=of_kind("service_charge", 350)),
            sold("8", 9, 23, 1850, place="City", store="Harbour", tip_minor=10),
            sold("14", 3, 3, 500, tip_minor=5),
        ),
    ),
)  # fmt: skip


def give(book: Book, number: int, day: Day) -> None:
    """What came on a day, and the lock that followed on it; nothing of it is held."""
    at = recorded(number)
    if day.tickets or day.events:
        intake = book.begin_intake(EMPTY, "pos", at)
        commit = book.post(sale_batch(*day.tickets, events=day.events), intake=intake, at=at, last=True)
        assert commit.quarantined == 0
    if day.locked_to is not None:
        book.change_period(BEGINNING, day.locked_to, "locked", by="Ada", reason="filed", at=at)


def metric_plans() -> tuple[Plan, ...]:
    """Every metric that is defined, by what it can be split by."""
    plans = [Plan(metrics=tuple(METRICS), dimensions=("store",), period=SECOND_HALF)]
    plans.append(Plan(metrics=tuple(METRICS), dimensions=("business_date",)))
    by_account = tuple(name for name in METRICS if _goes(Plan(metrics=(name,), dimensions=("account",))))
    plans.append(Plan(metrics=by_account, dimensions=("account", "store"), period=SECOND_HALF))
    return tuple(plans)


def _goes(plan: Plan) -> bool:
    try:
        check_plan(plan)
    except PlanError:
        return False
    return True


METRIC_PLANS = metric_plans()


@dataclass(frozen=True)
class Shown:
    """What a book says at one commit."""

    statements: tuple[Statement, ...]
    results: tuple[Result, ...]

    @classmethod
    def of(cls, figures: Figures, as_of: int | None) -> Shown:
        update = {"as_of": as_of}
        return cls(
            tuple(run_statement(figures, plan.model_copy(update=update)) for plan in STATEMENT_PLANS),
            tuple(figures.run(plan.model_copy(update=update)) for plan in METRIC_PLANS),
        )

    def figures(self) -> list[tuple[Any, ...]]:
        """The results without their plans' as-of and the head's hash, which is told of the present alone."""
        return [
            (one.seq, one.columns, one.keys, one.rows, one.row_count, one.tickets, one.tie_out) for one in self.results
        ]


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty book, to be copied: copying is far faster than making one."""
    folder = tmp_path_factory.mktemp("blank") / "book"
    make_book(folder, time_zone="America/New_York").close()
    return folder


def opened(blank: Path, folder: Path, days: int) -> tuple[Book, Figures]:
    """A book that was given so many days of the history, and its figures, made out of it whole."""
    book = Book.open(Path(shutil.copytree(blank, folder)))
    for number, day in enumerate(HISTORY[:days]):
        give(book, number, day)
    figures = Figures.open(book)
    figures.catch_up()
    return book, figures


@pytest.fixture(scope="module")
def replays(blank: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[Shown, Shown]]]:
    """For each day of the history: what the whole book says as known on it, and what a fresh book of it says."""
    folder = tmp_path_factory.mktemp("replay")
    whole, figures = opened(blank, folder / "whole", len(HISTORY))
    found = []
    for number in range(len(HISTORY)):
        book, own = opened(blank, folder / str(number), number + 1)
        assert book.verify().ok
        known = whole.head_at(recorded(number))
        assert known == book.head() == whole.head_at(recorded(number + 1) - timedelta(microseconds=1))
        found.append((Shown.of(figures, known.seq), Shown.of(own, None)))
        own.close()
        book.close()
    yield found
    figures.close()
    whole.close()


def test_every_statement_as_known_on_each_day_is_that_of_a_book_that_knew_no_more(
    replays: list[tuple[Shown, Shown]],
) -> None:
    for known, fresh in replays:
        for plan, then, own in zip(STATEMENT_PLANS, known.statements, fresh.statements, strict=True):
            assert then == own, plan
            assert then.agrees, [one.sentence for one in then.controls if not one.agrees]


def test_every_metric_as_known_on_each_day_is_that_of_a_book_that_knew_no_more(
    replays: list[tuple[Shown, Shown]],
) -> None:
    for known, fresh in replays:
        for plan, then, own in zip(METRIC_PLANS, known.figures(), fresh.figures(), strict=True):
            assert then == own, plan


def test_the_history_moves_every_metric_and_every_statement(replays: list[tuple[Shown, Shown]]) -> None:
    """Else nothing would be compared: a metric or a statement that is new needs something of it in the history."""
    for name in METRICS:
        by_day = [
            {(one.key, one.value) for result in known.results for one in result.figures if one.metric == name}
            for known, _ in replays
        ]
        assert len(set(map(frozenset, by_day))) > 1, f"{name} never moves"
        assert any(value for _, value in by_day[-1]), f"{name} is never more than zero"
    for place, plan in enumerate(STATEMENT_PLANS):
        assert len({str(known.statements[place].sections) for known, _ in replays}) > 2, plan.kind


def test_the_locks_are_felt_the_locked_half_stays_as_it_was(replays: list[tuple[Shown, Shown]]) -> None:
    """After the first half was locked nothing of it moves, and what was late for it is marked where it was posted."""
    (by_date,) = [place for place, plan in enumerate(METRIC_PLANS) if plan.dimensions == ("business_date",)]
    locked = [
        [row for key, row in zip(one.keys, one.rows, strict=True) if date.fromisoformat(key[0]) <= date(2026, 10, 15)]
        for one in (known.results[by_date] for known, _ in replays[1:])
    ]
    values = [[[(figure.metric, figure.key, figure.value) for figure in row] for row in rows] for rows in locked]
    assert values[0]
    assert all(one == values[0] for one in values)
    (journal,) = [place for place, one in enumerate(STATEMENT_PLANS) if one.kind == "journal"]
    marked = [
        {section.title for section in known.statements[journal].sections if "prior-period" in section.title}
        for known, _ in replays
    ]
    assert marked[:2] == [set(), set()]
    assert "Airport, 2026-10-16 (with prior-period entries, of 2026-10-12)" in marked[2]
    assert len(marked[-1]) > len(marked[2])
