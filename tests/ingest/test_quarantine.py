"""Bad input: one clear sentence with document and row, the good tickets posted, nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest
import zstandard

from ledger.book import Book
from ledger.errors import DocumentError, InputError, MappingError
from tests import truths
from tests.ingest.shop import HEADER, MAPPING, export, intake, new_book, row

ON_BOTH_ENGINES = True

PAN = "4111111111111111"


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return new_book(tmp_path)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"Paid": "9.99"}, ("does not add up", "difference 0.27")),
        ({"Price": "five"}, ("'five'", "column Price", "not a number")),
        ({"Closed": "yesterday"}, ("'yesterday'", "not a date and time")),
        ({"Tender": "Moonpay"}, ("'Moonpay'", "[tenders]", "book.toml")),
        ({"Store": ""}, ("names no store",)),
        ({"Closed": ""}, ("neither a business date nor a time",)),
        ({"Type": "GIVEAWAY"}, ("giveaway", "[values.kind]")),
        ({"Price": "5.001", "Qty": "1", "Disc": "", "Tax": "", "Paid": "5.00"}, ("more decimals than USD has",)),
    ],
)
def test_a_wrong_ticket_is_held_with_its_reason_and_the_others_are_posted(
    book: Book, tmp_path: Path, changed: dict[str, str], words: tuple[str, ...]
) -> None:
    path = export(tmp_path / "october.csv", [row("1"), row("2", **changed), row("3")])
    report = intake(book, path)
    assert (report.records, report.posted, report.quarantined) == (3, 2, 1)
    (held,) = book.held()
    assert all(word.lower() in held.reason.lower() for word in words), held.reason
    assert "row 3" in held.reason
    assert held.locator == "row 3"
    assert (held.external_id or "2") == "2"
    assert book.verify().ok


def test_an_unknown_store_is_held_once_the_stores_are_listed(tmp_path: Path) -> None:
    book = new_book(tmp_path, stores={"Downtown": {}, "Airport": {"aliases": ["AP"]}})
    path = export(tmp_path / "a.csv", [row("1"), row("2", Store="AP"), row("3", Store="Uptown")])
    report = intake(book, path)
    assert (report.posted, report.quarantined) == (2, 1)
    (held,) = book.held()
    assert "store 'Uptown'" in held.reason
    assert "[stores]" in held.reason


def test_a_malformed_row_is_held_by_its_row_number(book: Book, tmp_path: Path) -> None:
    short, long = row("2")[:5], [*row("3"), "one more", "and one more"]
    report = intake(book, export(tmp_path / "a.csv", [row("1"), short, long, row("4")]))
    assert (report.records, report.posted, report.quarantined) == (4, 2, 2)
    reasons = {held.locator: held.reason for held in book.held()}
    assert set(reasons) == {"row 3", "row 4"}
    assert f"5 cells where the header has {len(HEADER)}" in reasons["row 3"]


def test_a_missing_column_names_itself_and_the_field_that_reads_it(book: Book, tmp_path: Path) -> None:
    at = HEADER.index("Price")
    header, cells = [*HEADER], row("1")
    del header[at], cells[at]
    with pytest.raises(MappingError, match=r"a\.csv has no column 'Price', which \[line\] .* reads; it has No, "):
        intake(book, export(tmp_path / "a.csv", [cells], header))
    assert book.head().seq == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02\x03" * 400, "not a text file"),
        (b"\n\n\n", "header"),
        (b"PK\x03\x04 is no spreadsheet", "not a readable spreadsheet"),
    ],
)
def test_an_unreadable_file_is_named(book: Book, tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "broken.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        intake(book, path)
    assert "broken.csv" in str(caught.value) or "spreadsheet" in str(caught.value)
    assert book.verify().ok


def test_a_file_that_is_not_there_is_named(book: Book, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"nowhere\.csv"):
        intake(book, tmp_path / "nowhere.csv")


def test_another_encoding_is_read_and_said(book: Book, tmp_path: Path) -> None:
    path = export(tmp_path / "a.csv", [row("1", Item="Crème brûlée"), row("2", Item="Käsekuchen")])
    path.write_bytes(path.read_text("utf-8").encode("windows-1252"))
    report = intake(book, path)
    assert report.posted == 2
    assert any("1252" in note for note in report.notes), report.notes
    entry = book.entry(1, 0)
    assert entry is not None
    assert entry.lines[0]["name"] == "Crème brûlée"


def test_an_encoding_that_the_mapping_names_and_the_file_has_not_is_said(book: Book, tmp_path: Path) -> None:
    path = export(tmp_path / "a.csv", [row("1", Item="Käse")])
    with pytest.raises(DocumentError, match=r"a\.csv is not ascii text"):
        intake(book, path, mapping=MAPPING.replace('"flat"', '"flat"\nencoding = "ascii"'))


@pytest.mark.parametrize("number", [PAN, "4111 1111 1111 1111", "4111-1111-1111-1111", "5500005555555559"])
@pytest.mark.parametrize("column", ["Note", "Item", "No", "Store"])
def test_a_card_number_is_masked_before_anything_is_stored(
    book: Book, tmp_path: Path, number: str, column: str
) -> None:
    path = export(tmp_path / "a.csv", [row("1"), row("2", **{column: f"x {number}", "Paid": "1.00"})])
    report = intake(book, path)
    assert report.records == 2
    assert any("1 card number was masked in a.csv" in note and "row 3" in note for note in report.notes)
    digits = number.replace(" ", "").replace("-", "")
    ((reason,),) = truths.rows(book, "SELECT reason FROM holds")
    book.close()
    for stored in book.path.rglob("*"):
        if stored.is_file():
            content = stored.read_bytes()
            if stored.suffix == ".zst":
                content = zstandard.ZstdDecompressor().stream_reader(content).read()
            for form in (number, digits):
                assert form.encode() not in content, stored
    assert digits not in reason.replace(" ", "").replace("-", "")


@pytest.mark.parametrize("number", ["4111111111111112", "1234567890123456", "20261005120000"])
def test_a_long_number_that_is_no_card_is_left_alone(book: Book, tmp_path: Path, number: str) -> None:
    intake(book, export(tmp_path / "a.csv", [row("1", Note=number)]))
    entry = book.entry(1, 0)
    assert entry is not None
    assert entry.ticket is not None
    assert entry.ticket["memo"] == number


def test_formulas_and_markup_are_kept_as_they_are(book: Book, tmp_path: Path) -> None:
    intake(book, export(tmp_path / "a.csv", [row("1", Item="=1+1", Note="<b>x</b>")]))
    entry = book.entry(1, 0)
    assert entry is not None
    assert entry.lines[0]["name"] == "=1+1"
