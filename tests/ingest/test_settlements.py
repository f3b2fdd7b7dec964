"""Payouts: what was collected goes to the bank less fees, each fee once; one that does not add up is held."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from ingest.hold import release
from ingest.settlements import DIFFER
from ledger.book import Book
from ledger.figures.copy import Figures
from ledger.statements import StatementPlan, run_statement
from tests.ingest.sources.vendor import AT as NOW
from tests.ingest.sources.vendor import Case, taken
from tests.truths import rows

AT = "2026-10-05T16:00:00Z"


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


PAYMENT = {
    "id": "pay_1", "created_at": AT, "updated_at": AT, "status": "COMPLETED", "source_type": "CARD",
    "location_id": "L1", "amount_money": usd(10_000), "total_money": usd(10_000),
    "processing_fee": [{"amount_money": usd(300)}],
}  # fmt: skip
PAYOUT = {
    "id": "po_1", "status": "PAID", "location_id": "L1", "created_at": AT, "updated_at": AT,
    "amount_money": usd(9_500), "arrival_date": "2026-10-07", "end_to_end_id": "E1",
}  # fmt: skip
CHARGE = {
    "id": "poe_1", "payout_id": "po_1", "effective_at": AT, "type": "CHARGE", "gross_amount_money": usd(10_000),
    "fee_amount_money": usd(300), "net_amount_money": usd(9_700),
}  # fmt: skip
DISPUTE = {
    "id": "poe_2", "payout_id": "po_1", "effective_at": AT, "type": "DISPUTE", "gross_amount_money": usd(-200),
    "fee_amount_money": usd(0), "net_amount_money": usd(-200),
}  # fmt: skip
PAGES = {
    "payments.json": {"payments": [PAYMENT]},
    "payouts.json": {"payouts": [PAYOUT]},
    "entries.json": {"payout_entries": [CHARGE, DISPUTE]},
}


def book_of(folder: Path, fees: str = "tickets") -> Book:
    return Case((), tables={"sources": {"square": {"tickets": "payments", "fees": fees}}}).book(folder)


def written(folder: Path, pages: dict[str, Any]) -> list[Path]:
    folder.mkdir(exist_ok=True)
    for name, page in pages.items():
        (folder / name).write_text(json.dumps(page), encoding="utf-8")
    return [folder / name for name in pages]


def balances(book: Book) -> dict[str, int]:
    found = rows(book, "SELECT account, SUM(amount_minor) FROM balances GROUP BY account")
    return {account: int(amount) for account, amount in found if amount}


@pytest.mark.parametrize("fees", ["tickets", "payouts"])
def test_a_fee_is_posted_once_and_clearing_is_settled(fees: str, tmp_path: Path) -> None:
    """Whichever document the fees are posted from, and however often and in which order the documents come."""
    files = written(tmp_path / "files", PAGES)
    for number, order in enumerate(permutations(files)):
        book = book_of(tmp_path / str(number), fees)
        for file in order:
            taken(book, [file])
        assert taken(book, [files[1]]).duplicates == 1
        assert balances(book) == {
            "assets:bank": 9_500,
            "assets:receivable:chargebacks": 200,
            "expenses:payment-fees": 300,
            "income:sales": -10_000,
        }
        book.close()


def test_a_payout_that_its_entries_do_not_come_to_is_held_with_the_difference(tmp_path: Path) -> None:
    book = book_of(tmp_path)
    files = written(tmp_path / "files", PAGES | {"entries.json": {"payout_entries": [CHARGE]}})
    report = taken(book, files)
    (held,) = [one for one in report.held if one.disposition == "quarantined"]
    assert (held.rule, held.external_id, held.locator) == (DIFFER, "po_1", "/payouts/0")
    assert "of 95.00 USD is held: its entries come to 97.00, difference -2.00" in held.reason
    assert release(book, at=NOW).quarantined == 1, "its document alone does not say otherwise"
    assert "assets:bank" not in balances(book)
    again = PAGES | {"page_2.json": {"payout_entries": [DISPUTE, CHARGE]}}  # pages overlap
    assert taken(book, written(tmp_path / "files", again)).posted == 2, "all of the entries, and with them the payout"
    book.close()


def test_a_payout_that_the_bank_sends_back_is_taken_back(tmp_path: Path) -> None:
    book = book_of(tmp_path)
    failed = PAYOUT | {"status": "FAILED", "updated_at": "2026-10-08T09:00:00Z"}
    assert taken(book, written(tmp_path / "files", PAGES)).posted == 3
    assert taken(book, written(tmp_path / "files", {"payouts.json": {"payouts": [failed]}})).versions == 1
    assert "assets:bank" not in balances(book)
    book.close()


def test_the_statement_says_what_is_still_to_be_paid_out(tmp_path: Path) -> None:
    """What a processor took for a loan leaves the accounts of the statement, as a fee does."""
    loan = DISPUTE | {"id": "poe_3", "type": "SQUARE_CAPITAL_PAYMENT", "gross_amount_money": usd(-100)}
    loan["net_amount_money"] = usd(-100)
    pages = PAGES | {
        "payouts.json": {"payouts": [PAYOUT | {"amount_money": usd(9_400)}]},
        "entries.json": {"payout_entries": [CHARGE, DISPUTE, loan]},
    }
    other = PAYMENT | {"id": "pay_2", "amount_money": usd(4_000), "total_money": usd(4_000), "processing_fee": []}
    tables = {"tenders": {"square_capital_payment": "loan"}, "accounts": {"tenders": {"loan": "liabilities:loans"}}}
    book = Case((), tables=tables | {"sources": {"square": {"tickets": "payments"}}}).book(tmp_path)
    taken(book, written(tmp_path / "files", pages | {"payments.json": {"payments": [PAYMENT, other]}}))
    assert balances(book)["liabilities:loans"] == 100
    figures = Figures.open(book)
    figures.catch_up()
    statement = run_statement(figures, StatementPlan(kind="tenders"))
    assert statement.agrees
    (accounts,) = [one for one in statement.sections if one.title == "Accounts"]
    shown = {
        row.label: dict(zip(accounts.columns, (cell and str(cell.figure.value) for cell in row.cells), strict=True))
        for row in accounts.rows
    }
    clearing = shown["assets:clearing:card"]
    assert (clearing["Collected"], clearing["Fees kept"], clearing["Settled from"]) == ("140.00", "3.00", "97.00")
    assert clearing["Closing balance"] == "40.00"
    assert shown["assets:bank"]["Closing balance"] == "94.00"
    assert shown["assets:receivable:chargebacks"]["Closing balance"] == "2.00"
    figures.close()
    book.close()
