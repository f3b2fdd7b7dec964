"""What each format says of the same journal, and that hostile text stays text in it."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import polars as pl
import pytest

from ledger.book import Book
from ledger.errors import InputError, PlanError, SettingsError
from ledger.exports.formats import TEXT_FORMATS
from ledger.exports.store_days import Selection
from ledger.exports.write import export
from tests.builders import balances, keep_bytes, line, make_book, post, ticket
from tests.ledger.exports.shop import FIRST, FOREIGN, SECOND, TICKETS, fill, written

SAFT = {"s": "urn:OECD:StandardAuditFile-Taxation/2.00"}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    made = fill(tmp_path_factory.mktemp("formats") / "book")
    yield made
    made.close()


def rows_of(book: Book, format: str, detail: Any = "ticket", **chosen: Any) -> list[dict[str, str]]:
    content, _ = written(book, format, detail, **chosen)
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def cents(text: str) -> int:
    return int(Decimal(text or "0").scaleb(2))


def test_iif_transactions_are_in_tab_separated_rows_that_balance(book: Book) -> None:
    content, made = written(book, "iif", "ticket")
    lines = content.decode("cp1252").split("\r\n")
    assert lines.pop() == ""
    assert "ACCNT\tliabilities:tax\tOCLIAB" in lines
    assert "!TRNS\tTRNSID\tTRNSTYPE\tDATE\tACCNT\tCLASS\tAMOUNT\tDOCNUM\tMEMO" in lines
    body = lines[lines.index("!ENDTRNS") + 1 :]
    total: dict[str, int] = defaultdict(int)
    entry, entries = 0, 0
    for number, row in enumerate(body):
        if row == "ENDTRNS":
            assert entry == 0
            entries += 1
            continue
        kind, _, _, day, account, store, amount, docnum, memo = row.split("\t")
        assert kind == ("TRNS" if number == 0 or body[number - 1] == "ENDTRNS" else "SPL")
        assert (day[2], day[5], len(docnum)) == ("/", "/", 11)
        assert store[0] != "="
        assert '"' not in memo
        entry += cents(amount)
        total[account] += cents(amount)
    assert entries == made.entries
    assert {account: amount for account, amount in sorted(total.items()) if amount} == balances(book)


def test_quickbooks_rows_balance_by_journal_number(book: Book) -> None:
    for detail in ("daily", "ticket"):
        rows = rows_of(book, "quickbooks", detail)
        total: dict[str, int] = defaultdict(int)
        journals: dict[str, int] = defaultdict(int)
        for row in rows:
            assert bool(row["Debits"]) != bool(row["Credits"])
            amount = cents(row["Debits"]) - cents(row["Credits"])
            total[row["AccountName"]] += amount
            journals[row["JournalNo"]] += amount
            assert len(row["JournalNo"]) <= 21
            assert row["Currency"] == "USD"
        assert set(journals.values()) == {0}
        assert {account: amount for account, amount in sorted(total.items()) if amount} == balances(book)
    dates = {row["JournalDate"] for row in rows}
    assert dates == {"10/05/2026", "10/06/2026", "10/07/2026"}


def test_xero_rows_balance_by_narration_and_date(book: Book) -> None:
    for detail in ("daily", "ticket"):
        rows = rows_of(book, "xero", detail)
        total: dict[str, int] = defaultdict(int)
        journals: dict[tuple[str, str], int] = defaultdict(int)
        for row in rows:
            total[row["*AccountCode"]] += cents(row["*Amount"])
            journals[(row["*Narration"], row["*Date"])] += cents(row["*Amount"])
        assert set(journals.values()) == {0}
        assert len(journals) == written(book, "xero", detail)[1].entries
        assert {account: amount for account, amount in sorted(total.items()) if amount} == balances(book)
    assert {row["*Date"] for row in rows} == {"05/10/2026", "06/10/2026", "07/10/2026"}
    assert {(row["*TaxRate"], row["TrackingName1"]) for row in rows} == {("Tax Exempt", "Store")}


@pytest.mark.parametrize("format", ["quickbooks", "xero"])
def test_no_cell_of_a_csv_is_a_formula_and_numbers_stay_numbers(book: Book, format: str) -> None:
    seen_negative = False
    for row in rows_of(book, format):
        for name, cell in row.items():
            if name == "*Amount":
                seen_negative |= cell.startswith("-")
                Decimal(cell)
            else:
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")), cell
                assert not set("\t\r\n\x07\u2028") & set(cell)
    assert seen_negative == (format == "xero")


def test_saft_parses_and_its_control_totals_and_balances_agree(book: Book) -> None:
    for detail in ("daily", "ticket"):
        content, made = written(book, "saft", detail)
        root = ElementTree.fromstring(content)
        entries = root.findall(".//s:Transaction", SAFT)
        assert int(root.findtext(".//s:NumberOfEntries", None, SAFT) or "") == len(entries) == made.entries
        sums = {}
        for side in ("Debit", "Credit"):
            found = [cents(one.text or "") for one in root.findall(f".//s:{side}Amount/s:Amount", SAFT)]
            assert sum(found) == cents(root.findtext(f".//s:Total{side}", "", SAFT))
            sums[side] = sum(found)
        assert sums["Debit"] == sums["Credit"]
        assert closing(root) == balances(book)


def test_saft_of_later_days_opens_with_what_came_before(book: Book) -> None:
    earlier = ElementTree.fromstring(written(book, "saft", last=FIRST)[0])
    later = ElementTree.fromstring(written(book, "saft", first=SECOND)[0])
    assert closing(later) == balances(book)
    assert closing(later, "Opening") == closing(earlier)


def closing(root: ElementTree.Element, when: str = "Closing") -> dict[str, int]:
    found = {}
    for account in root.findall(".//s:Account", SAFT):
        debit, credit = (account.findtext(f"s:{when}{side}Balance", "0", SAFT) for side in ("Debit", "Credit"))
        found[account.findtext("s:AccountID", "", SAFT)] = cents(debit) - cents(credit)
    return {name: amount for name, amount in found.items() if amount}


def test_parquet_files_join_on_the_entry_and_hold_every_version(tmp_path: Path, book: Book) -> None:
    made = export(book, "parquet", Selection(as_of=book.head().seq, detail="ticket"), tmp_path / "out")
    frames = {Path(one).stem: pl.read_parquet(one) for one in made.files}
    assert sorted(frames) == ["entries", "events", "lines", "postings", "taxes", "tenders", "tickets"]
    entries = frames["entries"]
    assert entries["entry"].to_list() == list(range(1, made.entries + 1))
    assert sorted(entries["kind"].unique()) == ["event", "reversal", "ticket"]
    assert entries.filter("reversed").height == entries.filter(pl.col("kind") == "reversal").height == 2
    reversals = entries.filter(pl.col("reverses").is_not_null())
    assert reversals.join(entries.filter("reversed"), left_on="reverses", right_on="seal").height == 2
    assert frames["tickets"].join(entries, on="entry", how="anti").is_empty()
    assert frames["tickets"].height == len(TICKETS)
    sums = frames["postings"].group_by("account").agg(pl.col("amount_minor").sum()).filter(pl.col("amount_minor") != 0)
    assert dict(sorted(sums.iter_rows())) == balances(book)


def test_the_owners_names_of_accounts_are_used_where_they_are_given(tmp_path: Path) -> None:
    book = Book.create_from(
        tmp_path / "book",
        {
            "book": {"id": "test", "name": "Test", "currency": "USD"},
            "exports": {
                "accounts": {"income:sales": "Sales:Food", "assets:clearing:card": "Card clearing"},
                "xero": {"accounts": {"income:sales": "200"}, "tax_rate": "No VAT", "tracking": "Shop"},
                "beancount": {"accounts": {"income:sales": "Income:Shop:Sales"}},
            },
        },
    )
    keep_bytes(book, b"")
    post(book, ticket("1", lines=[line(1250)]))
    assert {row["AccountName"] for row in rows_of(book, "quickbooks")} == {"Sales:Food", "Card clearing"}
    rows = rows_of(book, "xero")
    assert {(row["*AccountCode"], row["*TaxRate"], row["TrackingName1"]) for row in rows} == {
        ("200", "No VAT", "Shop"), ("Card clearing", "No VAT", "Shop"),
    }  # fmt: skip
    (note,) = written(book, "xero")[1].notes
    assert "assets:clearing:card" in note
    assert "income:sales" not in note
    assert written(book, "iif")[0].startswith(b"!TRNS")
    beancount = written(book, "beancount")[0].decode()
    assert "Income:Shop:Sales  -12.50 USD" in beancount
    assert "Assets:Clearing:Card  12.50 USD" in beancount
    book.close()


@pytest.mark.parametrize(
    ("format", "name"), [("beancount", "income sales"), ("hledger", "a  b"), ("hledger", "x;y"), ("iif", "a\tb")]
)
def test_a_name_that_the_format_cannot_take_is_said(tmp_path: Path, format: str, name: str) -> None:
    book = Book.create_from(
        tmp_path / "book",
        {
            "book": {"id": "test", "name": "Test", "currency": "USD"},
            "exports": {format: {"accounts": {"income:sales": name}}},
        },
    )
    with pytest.raises(SettingsError, match=rf"exports\.{format}\.accounts\] income:sales"):
        written(book, format)
    book.close()


@pytest.mark.parametrize("format", ["iif", "xero", "saft"])
def test_a_format_without_currencies_takes_one_at_a_time(tmp_path: Path, format: str) -> None:
    book = fill(tmp_path / "book", (TICKETS[0], *FOREIGN), events=())
    with pytest.raises(PlanError, match=r"JPY, KWD, USD.*--currency"):
        written(book, format)
    assert b"12.345" in written(book, format, "ticket", currency="KWD")[0]
    assert b"2178" in written(book, format, "ticket", currency="JPY", first=FIRST, last=FIRST)[0]
    book.close()


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"as_of": 999}, "no commit 999; its last is"),
        ({"stores": ("Nowhere",)}, "no store 'Nowhere'; its stores are .*Downtown"),
        ({"first": SECOND, "last": FIRST}, "after the last"),
    ],
)
def test_what_cannot_be_exported_is_said(book: Book, chosen: dict[str, Any], sentence: str) -> None:
    with pytest.raises(PlanError, match=sentence):
        written(book, "hledger", **chosen)


def test_parquet_wants_a_folder_and_tickets(book: Book, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="folder"):
        written(book, "parquet", "ticket")
    with pytest.raises(PlanError, match="never daily"):
        export(book, "parquet", Selection(as_of=1), tmp_path)
    with pytest.raises(PlanError, match="no format"):
        written(book, "ofx")


def test_a_target_that_cannot_be_written_is_said_and_leaves_nothing(book: Book, tmp_path: Path) -> None:
    selection = Selection(as_of=1, detail="ticket")
    (tmp_path / "taken").mkdir()
    for target in (tmp_path / "nowhere" / "x.csv", tmp_path / "taken"):
        with pytest.raises(InputError, match="cannot be written there"):
            export(book, "quickbooks", selection, target)
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written there"):
        export(book, "parquet", selection, tmp_path / "file")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "taken"]


@pytest.mark.parametrize("format", TEXT_FORMATS)
def test_an_empty_book_gives_a_whole_file_with_no_entry(tmp_path: Path, format: str) -> None:
    book = make_book(tmp_path / "book")
    content, made = written(book, format)
    assert (made.entries, made.dates) == (0, None)
    if format == "saft":
        assert ElementTree.fromstring(content).findtext(".//s:NumberOfEntries", None, SAFT) == "0"
    assert content
    book.close()
