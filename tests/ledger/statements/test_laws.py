"""Statements as properties, against folds in plain Python over the frames of what was posted."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.batch import SaleBatch
from ledger.book import Book
from ledger.figures import Figures, Period
from ledger.statements import Row, Section, Statement, StatementKind, StatementPlan, run_statement
from tests import truths
from tests.builders import AT, event, line, make_book, sale_batch, ticket

ON_BOTH_ENGINES = True

FEW = settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
EMPTY = hashlib.sha256(b"").hexdigest()
FIRST, LAST = date(2026, 9, 28), date(2026, 10, 4)
PERIODS = (Period(), Period(start=date(2026, 10, 1), end=date(2026, 10, 2)))
CENTS = Decimal("0.01")


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("blank") / "book"
    book = make_book(folder)
    figures = Figures.open(book)
    figures.close()
    book.close()
    return folder


@contextmanager
def posted(blank: Path, batch: SaleBatch) -> Iterator[Figures]:
    with tempfile.TemporaryDirectory() as folder:
        book = Book.open(truths.copied(blank, Path(folder) / "book"))
        book.post(batch, intake=book.begin_intake(EMPTY, "pos", AT), at=AT, last=True)
        figures = Figures.open(book)
        figures.catch_up()
        try:
            yield figures
        finally:
            figures.close()
            book.close()


amounts = st.integers(1, 90_000)
days = st.dates(FIRST, LAST)
stores = st.sampled_from(["Downtown", "Airport"])


@st.composite
def tickets(draw: st.DrawFn, number: int) -> dict[str, Any]:
    kind = draw(st.sampled_from(["sale", "sale", "sale", "return", "void_after_tender"]))
    sign = -1 if kind == "return" else 1
    lines = [
        line(
            sign * draw(amounts),
            kind=draw(st.sampled_from(["item", "item", "fee", "gift_card", "service_charge", "deposit"])),
            discount=0,
            cost_minor=draw(st.sampled_from([None, sign * 77])),
            voided=draw(st.sampled_from([False, False, True])),
        )
        for _ in range(draw(st.integers(1, 3)))
    ]
    for one in lines:
        if one["kind"] == "item" and sign > 0:
            one["discount_minor"] = draw(st.integers(0, one["gross_minor"]))
            one["net_minor"] = one["gross_minor"] - one["discount_minor"]
    return ticket(
        str(number),
        kind=kind,
        lines=lines,
        taxes=[
            {"jurisdiction": name, "amount_minor": sign * draw(st.integers(0, 500)), "base_minor": sign * 100}
            for name in draw(st.lists(st.sampled_from(["State", "City"]), unique=True))
        ],
        tip_minor=draw(st.sampled_from([None, 0, 250])) if kind == "sale" else None,
        tender=draw(st.sampled_from(["cash", "card", "gift_card", "online"])),
        store=draw(stores),
        business_date=draw(days),
    )


@st.composite
def batches(draw: st.DrawFn) -> SaleBatch:
    sold = [draw(tickets(number)) for number in range(draw(st.integers(0, 8)))]
    counted = [
        event(
            f"e{number}",
            draw(st.sampled_from(["close", "count", "paid_in", "paid_out", "no_sale"])),
            store=draw(stores),
            business_date=draw(days),
            expected_minor=draw(amounts),
            counted_minor=draw(amounts),
            cash_in_minor=draw(amounts),
            cash_out_minor=draw(amounts),
            deposited_minor=draw(st.none() | amounts),
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    return sale_batch(*sold, events=counted)


def made_of(figures: Figures, kind: StatementKind, period: Period) -> Statement:
    return run_statement(figures, StatementPlan(kind=kind, period=period))


def amount(row: Row, place: int) -> Decimal:
    cell = row.cells[place]
    return Decimal(0) if cell is None or cell.figure.value is None else cell.figure.value


def rows(statement: Statement, *, totals: bool = False) -> Iterator[tuple[Section, Row]]:
    return ((section, row) for section in statement.sections for row in section.rows if row.total == totals)


def within(period: Period, day: date) -> bool:
    return (period.start is None or day >= period.start) and (period.end is None or day <= period.end)


def live_tickets(batch: SaleBatch, period: Period) -> dict[int, dict[str, Any]]:
    return {
        one["ticket"]: one
        for one in batch.tickets.to_dicts()
        if not one["kind"].startswith("void") and within(period, one["business_date"])
    }


@FEW
@given(batch=batches())
def test_balances_come_to_zero_roll_forwards_add_up_and_the_journal_is_the_movement(
    blank: Path, batch: SaleBatch
) -> None:
    with posted(blank, batch) as figures:
        for period in PERIODS:
            balance = made_of(figures, "trial-balance", period)
            assert balance.agrees
            assert sum(amount(row, 3) for _, row in rows(balance)) == 0
            moved = {row.label: amount(row, 1) - amount(row, 2) for _, row in rows(balance)}
            assert all(amount(row, 0) + moved[row.label] == amount(row, 3) for _, row in rows(balance))

            journal = made_of(figures, "journal", period)
            assert journal.agrees
            summed: Counter[str] = Counter()
            for section in journal.sections:
                own = [row for row in section.rows if not row.total]
                assert sum(amount(row, 0) - amount(row, 1) for row in own) == 0
                for row in own:
                    summed[row.label] += amount(row, 0) - amount(row, 1)  # type: ignore[assignment]
            assert {name: one for name, one in summed.items() if one} == {n: one for n, one in moved.items() if one}

            for kind, signs in (
                ("tips", {"Received": 1}),
                ("gift-cards", {"Sold": 1, "Redeemed": -1, "Refunded to cards": 1, "Taken back": -1}),
                (
                    "tenders",
                    {
                        "Collected": 1,
                        "Given back": -1,
                        "Over/short": 1,
                        "Paid in": 1,
                        "Paid out": -1,
                        "To the safe": 1,
                        "Deposited": -1,
                        "On the way to the bank": 1,
                    },
                ),
                ("tax", {"Tax on sales": 1, "Tax on returns": -1}),
            ):
                statement = made_of(figures, kind, period)  # type: ignore[arg-type]
                assert [one.sentence for one in statement.controls if not one.agrees] == []
                for section, row in [*rows(statement), *rows(statement, totals=True)]:
                    if section.columns[0] != "Opening balance":
                        continue
                    causes = enumerate(section.columns[1:-1], start=1)
                    change = sum(signs[name] * amount(row, place) for place, name in causes)
                    assert amount(row, 0) + change == amount(row, -1), (kind, row.label)


@FEW
@given(batch=batches())
def test_profit_and_loss_and_tax_are_what_a_fold_over_the_frames_gives(blank: Path, batch: SaleBatch) -> None:
    with posted(blank, batch) as figures:
        for period in PERIODS:
            kept = live_tickets(batch, period)
            lines = [one for one in batch.lines.to_dicts() if one["ticket"] in kept and not one["voided"]]
            goods = [one for one in lines if one["kind"] in ("item", "fee")]
            net = sum(one["net_minor"] for one in goods)
            cost = sum(one["cost_minor"] or 0 for one in goods)
            service = sum(one["net_minor"] for one in lines if one["kind"] == "service_charge")
            short = sum(
                one["expected_minor"] - one["counted_minor"]
                for one in batch.events.to_dicts()
                if one["kind"] in ("count", "close") and within(period, one["business_date"])
            )
            statement = made_of(figures, "profit-and-loss", period)
            assert [one.sentence for one in statement.controls if not one.agrees] == []
            found = {row.label: amount(row, 0) for _, row in rows(statement, totals=True)}
            assert found.get("Net sales", 0) == net * CENTS
            assert found.get("Gross profit", found.get("Net sales", 0)) == (net - cost) * CENTS
            assert found.get("Profit", 0) == (net - cost + service - short) * CENTS

            taxes: Counter[str] = Counter()
            for one in batch.taxes.to_dicts():
                if one["ticket"] in kept:
                    taxes[one["jurisdiction"]] += one["amount_minor"]
            shown = {
                row.label: amount(row, 3)
                for section, row in rows(made_of(figures, "tax", period))
                if section.title == "By jurisdiction"
            }
            assert {name: one for name, one in shown.items() if one} == {n: t * CENTS for n, t in taxes.items() if t}
