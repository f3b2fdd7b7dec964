"""Statements over a small book whose amounts can be checked by hand; every cell opens to what it shows."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import polars as pl
import pytest
from pydantic import ValidationError

from ledger.book import Book
from ledger.errors import PlanError
from ledger.figures import Citation, Figures, Period, open_citation
from ledger.statements import (
    STATEMENTS,
    Section,
    Statement,
    StatementKind,
    StatementPlan,
    as_csv,
    as_rows,
    as_xlsx,
    run_statement,
)
from tests import truths
from tests.builders import event, keep_bytes, line, make_book, post, ticket

ON_BOTH_ENGINES = True

FIRST = date(2026, 10, 5)
SECOND, NOVEMBER = FIRST + timedelta(days=1), date(2026, 11, 2)
OCTOBER = Period(start=date(2026, 10, 1), end=date(2026, 10, 31))
AFTER = Period(start=date(2026, 11, 1), end=date(2026, 11, 30))
EVIL = "=HYPERLINK(A1)"
KINDS = get_args(StatementKind)


def taxed(amount: int, base: int | None, jurisdiction: str = "State") -> dict[str, Any]:
    return {"jurisdiction": jurisdiction, "amount_minor": amount, "base_minor": base, "included": False}


TICKETS = [
    ticket("1", lines=[line(1000, discount=100, cost_minor=400)], taxes=[taxed(72, 900)], tip_minor=150),
    ticket(
        "2",
        lines=[line(5000, kind="gift_card", category=None)],
        tenders=[{"type": "cash", "amount_minor": 10000, "change_minor": 5000}],
    ),
    ticket("3", business_date=SECOND, lines=[line(2000, cost_minor=900)], taxes=[taxed(160, 2000)], tender="gift_card"),
    ticket("4", business_date=SECOND, kind="return", lines=[line(-1000, cost_minor=-400)], taxes=[taxed(-80, -1000)]),
    ticket("5", business_date=SECOND, store=EVIL, lines=[line(700, kind="service_charge", category=None)]),
    ticket("6", business_date=NOVEMBER, lines=[line(3000)], taxes=[taxed(240, None), taxed(30, 3000, "City")]),
    ticket("7", business_date=NOVEMBER, kind="void_after_tender", lines=[line(999)], tip_minor=77),
]
EVENTS = [
    event("e1", "close", expected_minor=5000, counted_minor=4970),
    event("e2", "paid_out", cash_out_minor=1000, business_date=SECOND),
    event("e3", "paid_in", cash_in_minor=300, business_date=SECOND),
]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    made = make_book(tmp_path_factory.mktemp("statements") / "book")
    post(made, *TICKETS[:4], events=EVENTS)
    post(made, *TICKETS[4:])
    yield made
    made.close()


@pytest.fixture(scope="module")
def figures(book: Book) -> Iterator[Figures]:
    opened = Figures.open(book)
    opened.catch_up()
    yield opened
    opened.close()


def made_of(figures: Figures, kind: StatementKind, period: Period = OCTOBER, **more: Any) -> Statement:
    return run_statement(figures, StatementPlan(kind=kind, period=period, **more))


def texts(section: Section) -> dict[str, tuple[str | None, ...]]:
    return {
        row.label: tuple(
            None if cell is None or cell.figure.value is None else str(cell.figure.value) for cell in row.cells
        )
        for row in section.rows
    }


def sections(statement: Statement) -> dict[str, dict[str, tuple[str | None, ...]]]:
    return {section.title: texts(section) for section in statement.sections}


# --- each statement, by hand ------------------------------------------------------------------------------------------


def test_the_trial_balance_goes_from_opening_to_closing_and_comes_to_zero(figures: Figures) -> None:
    found = sections(made_of(figures, "trial-balance", AFTER))
    assert found["Assets"]["assets:clearing:card"] == ("7.42", "32.70", "0.00", "40.12")
    assert found["Assets"]["assets:cash"] == ("42.70", "0.00", "0.00", "42.70")
    assert found["Liabilities"]["liabilities:gift-cards"] == ("-28.40", "0.00", "0.00", "-28.40")
    assert found["Income"]["income:sales"] == ("-30.00", "0.00", "30.00", "-60.00")
    assert found["All accounts"]["All accounts"] == ("0.00", "32.70", "32.70", "0.00")
    assert found["Expenses"]["Total expenses"] == ("9.30", "0.00", "0.00", "9.30")


def test_profit_and_loss_tells_net_sales_gross_profit_and_the_result(figures: Figures) -> None:
    found = sections(made_of(figures, "profit-and-loss"))
    assert found["Sales"] == {
        "income:sales": ("30.00",),
        "income:discounts": ("-1.00",),
        "income:returns": ("-10.00",),
        "Net sales": ("19.00",),
    }
    assert found["Cost of goods sold"] == {"expenses:cogs": ("9.00",), "Gross profit": ("10.00",)}
    assert found["Other income"]["income:service-charges"] == ("7.00",)
    assert found["Expenses"] == {"expenses:over-short": ("0.30",), "Total expenses": ("0.30",)}
    assert found["Result"] == {"Profit": ("16.70",)}


def test_profit_and_loss_is_compared_and_says_that_no_cost_is_told(figures: Figures) -> None:
    statement = made_of(figures, "profit-and-loss", AFTER, comparison=OCTOBER)
    assert sections(statement)["Sales"]["Net sales"] == ("30.00", "19.00", "11.00", "57.9")
    assert sections(statement)["Cost of goods sold"]["expenses:cogs"][:2] == ("0.00", "9.00")
    assert made_of(figures, "profit-and-loss", AFTER).notes[0].startswith("No line")


def test_tax_tells_base_and_net_tax_and_rolls_what_is_owed_forward(figures: Figures) -> None:
    found = sections(made_of(figures, "tax"))
    assert found["By jurisdiction"] == dict.fromkeys(("State", "Total"), ("19.00", "2.32", "0.80", "1.52"))
    assert found["Tax payable"]["liabilities:tax:state"] == ("0.00", "2.32", "0.80", "1.52")
    later = made_of(figures, "tax", AFTER)
    assert sections(later)["By jurisdiction"]["State"] == (None, "2.40", "0.00", "2.40")
    assert sections(later)["By jurisdiction"]["City"] == ("30.00", "0.30", "0.00", "0.30")
    assert sections(later)["By jurisdiction"]["Total"] == (None, "2.70", "0.00", "2.70")
    assert sections(later)["Tax payable"]["Total"] == ("1.52", "2.70", "0.00", "4.22")
    assert "taxable base" in later.notes[0]


def test_tenders_roll_forward_with_what_tills_counted_and_moved(figures: Figures) -> None:
    statement = made_of(figures, "tenders")
    found = sections(statement)
    assert found["Tenders"]["gift_card"] == ("21.60", "0.00", "21.60")
    assert found["Tenders"]["Total"] == ("89.82", "10.80", "79.02")
    assert statement.sections[1].columns[3:6] == ("Over/short", "Paid in", "Paid out")
    assert found["Accounts"]["assets:cash"] == ("0.00", "50.00", "0.00", "-0.30", "3.00", "10.00", None, "42.70")
    assert found["Accounts"]["assets:clearing:card"] == ("0.00", "18.22", "10.80", None, None, None, None, "7.42")
    assert statement.sections[1].columns[6] == "To the safe"
    assert found["Accounts"]["assets:safe"] == ("0.00", None, None, None, None, None, "7.00", "7.00")
    assert found["Accounts"]["Total"] == ("0.00", "68.22", "10.80", "-0.30", "3.00", "10.00", "7.00", "57.12")


def test_deposits_and_the_tax_of_marketplaces_are_rolled_forward(tmp_path: Path) -> None:
    own = make_book(tmp_path / "book")
    remitted = {"jurisdiction": "State", "amount_minor": 80, "included": False, "facilitator": True}
    post(
        own,
        ticket("1", taxes=[remitted], tender="doordash"),
        ticket("2", lines=[line(9000)], tender="cash"),
        events=[event("e", "close", counted_minor=8990, expected_minor=9000, deposited_minor=8000)],
    )
    opened = Figures.open(own)
    opened.catch_up()
    statement = made_of(opened, "tenders")
    accounts = statement.sections[1]
    assert accounts.columns == (
        "Opening balance", "Collected", "Given back", "Over/short", "Deposited", "On the way to the bank",
        "Marketplace tax", "Closing balance",
    )  # fmt: skip
    assert texts(accounts) == {
        "assets:cash": ("0.00", "90.00", "0.00", "-0.10", "80.00", None, None, "9.90"),
        "assets:clearing:delivery": ("0.00", "10.80", "0.00", None, None, None, None, "10.80"),
        "assets:clearing:marketplace-tax": ("0.00", None, None, None, None, None, "0.80", "-0.80"),
        "assets:deposits-in-transit": ("0.00", None, None, None, None, "80.00", None, "80.00"),
        "Total": ("0.00", "100.80", "0.00", "-0.10", "80.00", "80.00", "0.80", "99.90"),
    }
    assert statement.agrees
    opened.close()
    own.close()


def test_tips_and_gift_cards_are_owed_by_store(figures: Figures) -> None:
    assert sections(made_of(figures, "tips", AFTER)) == {
        "Tips payable": dict.fromkeys(("Downtown", "Total"), ("1.50", None, "1.50"))
    }
    cards = made_of(figures, "gift-cards")
    assert cards.sections[0].columns == (
        "Opening balance", "Sold", "Redeemed", "Refunded to cards", "Taken back", "Closing balance",
    )  # fmt: skip
    assert sections(cards)["Gift-card liability"]["Total"] == ("0.00", "50.00", "21.60", "0.00", "0.00", "28.40")
    assert cards.notes == ()


def test_a_gift_card_liability_that_is_a_debit_is_explained(tmp_path: Path) -> None:
    own = make_book(tmp_path / "book")
    post(own, ticket("1", tender="gift_card"))
    opened = Figures.open(own)
    opened.catch_up()
    assert made_of(opened, "gift-cards").notes[0].startswith("More was redeemed than this book saw sold")
    opened.close()
    own.close()


def test_the_journal_has_a_balanced_entry_for_each_store_and_day(figures: Figures) -> None:
    found = sections(made_of(figures, "journal", Period()))
    assert list(found) == [
        f"Downtown, {FIRST}", f"{EVIL}, {SECOND}", f"Downtown, {SECOND}", f"Downtown, {NOVEMBER}",
    ]  # fmt: skip
    assert found[f"Downtown, {NOVEMBER}"] == {
        "assets:clearing:card": ("32.70", None),
        "income:sales": (None, "30.00"),
        "liabilities:tax:city": (None, "0.30"),
        "liabilities:tax:state": (None, "2.40"),
        "Total": ("32.70", "32.70"),
    }


# --- what holds for all -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("period", [Period(), AFTER], ids=["all", "November"])
def test_every_control_agrees(figures: Figures, kind: StatementKind, period: Period) -> None:
    statement = made_of(figures, kind, period)
    assert statement.controls
    assert [one.sentence for one in statement.controls if not one.agrees] == []
    assert statement.agrees
    assert len({cell.figure.id for cell in statement.cells}) == len({id(cell.figure) for cell in statement.cells})


@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_opens_to_what_it_shows(figures: Figures, kind: StatementKind) -> None:
    comparison = OCTOBER if STATEMENTS[kind].compares else None
    statement = made_of(figures, kind, AFTER, comparison=comparison)
    cells = {cell.citation.token(): cell for cell in statement.cells}
    assert cells
    for token, cell in list(cells.items())[:: 1 + len(cells) // 20]:
        proof = open_citation(figures, Citation.from_token(token))
        assert (proof.figure.value, proof.figure.unit) == (cell.figure.value, cell.figure.unit), cell
        if cell.figure.value is not None and not proof.parts:
            assert Decimal(proof.total).scaleb(-2) == cell.figure.value


@pytest.mark.parametrize("kind", KINDS)
def test_the_stores_of_a_statement_come_to_all_of_it(figures: Figures, kind: StatementKind) -> None:
    whole = made_of(figures, kind, AFTER if kind != "journal" else Period())
    parts = [made_of(figures, kind, whole.plan.period, stores=(store,)) for store in ("Downtown", EVIL)]
    assert all(part.agrees for part in parts)

    def last(statement: Statement) -> Decimal:
        cells = [row.cells[-1] for section in statement.sections for row in section.rows if not row.total]
        return sum((cell.figure.value or Decimal(0) for cell in cells if cell), Decimal(0))

    assert sum(map(last, parts), Decimal(0)) == last(whole)


def test_an_account_that_a_book_names_otherwise_is_rolled_forward_too(tmp_path: Path) -> None:
    accounts = {"tenders": {"card": "assets:bank:terminal"}, "taxes": {"State": "liabilities:duty"}}
    accounts |= {"line_kinds": {"gift_card": "liabilities:vouchers"}, "roles": {"tips": "liabilities:staff"}}
    own = Book.create_from(
        tmp_path / "book",
        {"book": {"id": "t", "name": "T", "currency": "JPY"}, "accounts": accounts, **truths.tables()},
    )
    keep_bytes(own, b"")
    given = [one | {"currency": "JPY"} for one in TICKETS[:2]]
    post(own, *given)
    opened = Figures.open(own)
    opened.catch_up()
    for kind in KINDS:
        assert made_of(opened, kind).agrees, kind
    assert sections(made_of(opened, "tenders"))["Accounts"]["assets:bank:terminal"][-1] == "1122"
    assert sections(made_of(opened, "tax"))["Tax payable"]["liabilities:duty"][-1] == "72"
    assert sections(made_of(opened, "tips"))["Tips payable"]["Total"][-1] == "150"
    assert sections(made_of(opened, "gift-cards"))["Gift-card liability"]["Total"][-1] == "5000"
    opened.close()
    own.close()


def test_a_control_that_does_not_come_to_zero_says_so(figures: Figures) -> None:
    """The copy is bent, as by a defect: what the tickets say is then no longer what the accounts hold."""
    figures.backend.raw_sql("UPDATE tickets SET tips = tips + 5 WHERE tips = 150")
    try:
        statement = made_of(figures, "tips")
        assert not statement.agrees
        assert {one.difference for one in statement.controls} == {Decimal("0.05")}
        assert [one.sentence.partition(":")[0] for one in statement.controls][1:] == ["Downtown"]
        assert b"wrong" in as_csv(statement)
    finally:
        figures.backend.raw_sql("UPDATE tickets SET tips = 150 WHERE tips = 155")


def test_what_cannot_be_made_is_refused(figures: Figures) -> None:
    for more in ({"as_of": 3}, {"as_of": -1}, {"stores": ("Atlantis",)}):
        with pytest.raises(PlanError):
            made_of(figures, "tips", OCTOBER, **more)
    with pytest.raises(ValidationError, match="compares no periods"):
        StatementPlan(kind="tips", period=AFTER, comparison=OCTOBER)


def test_a_statement_with_more_rows_than_fit_is_refused_not_cut(figures: Figures, monkeypatch: Any) -> None:
    monkeypatch.setattr("ledger.statements.workings.ROWS_MAX", 3)
    with pytest.raises(PlanError, match="choose a shorter period"):
        made_of(figures, "journal")


def test_an_empty_book_has_empty_statements(tmp_path: Path) -> None:
    own = make_book(tmp_path / "book")
    opened = Figures.open(own)
    for kind in KINDS:
        statement = made_of(opened, kind)
        assert (statement.seq, statement.recorded_at, statement.agrees) == (0, None, True)
        assert as_csv(statement)
        assert as_xlsx(statement)
    opened.close()
    own.close()


def test_a_plan_has_an_id_by_its_content() -> None:
    plan = StatementPlan(kind="tips", period=OCTOBER)
    assert plan.id == StatementPlan(kind="tips", period=OCTOBER).id
    assert len({plan.id, StatementPlan(kind="tips").id, StatementPlan(kind="tax", period=OCTOBER).id}) == 3


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_csv_has_every_cell_exactly_and_no_formula(figures: Figures, kind: StatementKind) -> None:
    statement = made_of(figures, kind, Period())
    header, *body = csv.reader(io.StringIO(as_csv(statement).decode("utf-8-sig")))
    assert header[:3] == ["section", "row", "kind"]
    assert header[-1] == "difference"
    assert {len(row) for row in body} == {len(header)}
    shown = [cell for row in body if row[0] != "control" for cell in row[3:] if cell]
    cells = [c.figure.value for s in statement.sections for r in s.rows for c in r.cells if c]
    assert [Decimal(one) for one in shown] == [value for value in cells if value is not None]
    assert {row[2] for row in body if row[0] == "control"} == {"ok"}
    assert not any(cell.startswith(("=", "+", "@", "\t")) for row in body for cell in row[:3])
    assert as_rows(statement)[0] == header


@pytest.mark.parametrize("kind", KINDS)
def test_xlsx_has_every_cell_in_its_place(figures: Figures, kind: StatementKind) -> None:
    comparison = OCTOBER if STATEMENTS[kind].compares else None
    statement = made_of(figures, kind, Period() if comparison is None else AFTER, comparison=comparison)
    found = pl.read_excel(
        io.BytesIO(as_xlsx(statement)), has_header=False, infer_schema_length=0, drop_empty_rows=False
    )
    rows = [tuple(cell for cell in row) for row in found.iter_rows()]
    assert rows.pop(0)[0] == statement.title
    assert rows.pop(0)[0] == f"{statement.reading}; amounts in {statement.currency}"
    figures_seen = 0
    for section in statement.sections:
        assert set(rows.pop(0)) == {None}
        assert rows.pop(0)[0] == section.title
        head = rows.pop(0)
        assert head[: 1 + len(section.columns)] == (section.row_name, *section.columns)
        for row in section.rows:
            label, *cells = rows.pop(0)
            assert label == row.label
            wanted = [None if cell is None else cell.figure.value for cell in row.cells]
            shown = [None if cell is None else Decimal(cell) for cell in cells[: len(wanted)]]
            assert shown == wanted
            assert set(cells[len(wanted) :]) <= {None}
            figures_seen += sum(value is not None for value in wanted)
    assert figures_seen > 0
    assert set(rows.pop(0)) == {None}
    assert [row[0] for row in rows] == [
        *(f"{control.sentence} (agrees)" for control in statement.controls), *statement.notes
    ]  # fmt: skip


def test_xlsx_has_numbers_as_numbers_names_as_text_and_the_same_bytes_again(figures: Figures) -> None:
    statement = made_of(figures, "gift-cards", Period())
    assert as_xlsx(statement) == as_xlsx(statement)
    found = pl.read_excel(io.BytesIO(as_xlsx(statement)), has_header=False, infer_schema_length=0)
    rows = {row[0]: row[1:] for row in found.iter_rows()}
    assert [Decimal(one).quantize(Decimal("0.01")) for one in rows["Total"][1:] if one] == [
        Decimal(one) for one in ("50.00", "21.60", "0.00", "0.00", "28.40")
    ]
    journal = as_xlsx(made_of(figures, "journal", Period()))
    with zipfile.ZipFile(io.BytesIO(journal)) as opened:
        assert b"<f>" not in opened.read("xl/worksheets/sheet1.xml")
        assert EVIL in opened.read("xl/sharedStrings.xml").decode()


def test_every_kind_is_described() -> None:
    assert tuple(STATEMENTS) == KINDS
    assert {kind for kind, one in STATEMENTS.items() if one.compares} == {"profit-and-loss", "tax"}


def test_comps_fees_payments_on_account_and_tips_paid_out_have_their_places(tmp_path: Path) -> None:
    book = make_book(tmp_path / "book")
    post(
        book,
        ticket("1", lines=[line(1000, discount=1000, discount_kind="comp"), line(2000)], tip_minor=300),
        ticket("2", lines=[line(1000)], tenders=[{"type": "Visa", "amount_minor": 1000, "fee_minor": 29}]),
        ticket("3", lines=[line(4000)], tender="house account"),
        ticket("4", lines=[line(1500, kind="account_payment")], tender="cash"),
        ticket("5", taxes=[{"jurisdiction": "State", "amount_minor": 80, "facilitator": True}], tender="doordash"),
        events=[event("e", "tips_paid_out", cash_out_minor=200)],
    )
    figures = Figures.open(book)
    figures.catch_up()
    made = {kind: run_statement(figures, StatementPlan(kind=kind, period=Period())) for kind in get_args(StatementKind)}
    for statement in made.values():
        assert statement.agrees, [one for one in statement.controls if not one.agrees]
    words = {kind: str(statement) for kind, statement in made.items()}
    assert "income:comps" in words["profit-and-loss"]
    assert "Fees kept" in words["tenders"]
    assert "Paid on account" in words["tenders"]
    figures.close()
    book.close()
