"""Taking files: the same again, overlapping, changed, released; in any order and any size of batch."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

import ingest.pipeline
from ingest import documents, places, reader
from ingest.hold import release
from ledger.book import Book
from ledger.errors import MappingError
from ledger.figures import Figures, Plan
from tests.ingest.shop import AT, HEADER, MAPPING, export, intake, new_book, row

ON_BOTH_ENGINES = True


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return new_book(tmp_path)


def test_the_same_file_again_posts_nothing_and_says_so(book: Book, tmp_path: Path) -> None:
    path = export(tmp_path / "a.csv", [row(str(n)) for n in range(20)])
    assert intake(book, path).posted == 20
    before = book.store_day_roots()
    again = intake(book, path)
    assert (again.records, again.posted, again.duplicates) == (20, 0, 20)
    assert book.store_day_roots() == before


def test_the_mapping_is_remembered_for_its_source(book: Book, tmp_path: Path) -> None:
    intake(book, export(tmp_path / "a.csv", [row("1")]))
    assert intake(book, export(tmp_path / "b.csv", [row("2")]), mapping=None).posted == 1
    with pytest.raises(MappingError, match="tillproof map"):
        intake(book, export(tmp_path / "c.csv", [row("3")]), mapping=None, source="other")


def test_an_overlapping_export_posts_only_what_is_new(book: Book, tmp_path: Path) -> None:
    intake(book, export(tmp_path / "a.csv", [row(str(n)) for n in range(10)]))
    report = intake(book, export(tmp_path / "b.csv", [row(str(n)) for n in range(5, 15)]))
    assert (report.posted, report.duplicates) == (5, 5)


def test_a_changed_ticket_is_reversed_and_posted_anew(book: Book, tmp_path: Path) -> None:
    intake(book, export(tmp_path / "a.csv", [row("1"), row("2")]))
    later = row("1", Changed="2026-10-06 09:00:00", Disc="2.00", Paid="8.72")
    report = intake(book, export(tmp_path / "b.csv", [later]))
    assert (report.posted, report.versions) == (0, 1)
    before, after = book.entry(1, 0), book.entry(2, 0)
    assert before is not None
    assert after is not None
    assert list(after.versions) == [(1, 0), (2, 0)]
    assert before.reversed_by is not None
    reversal = book.entry(*before.reversed_by)
    assert reversal is not None
    posted = {one["account"]: one["amount_minor"] for one in before.postings}
    assert {one["account"]: -one["amount_minor"] for one in reversal.postings} == posted
    assert book.verify().ok


def test_a_change_without_a_newer_stamp_is_held_with_what_differs(book: Book, tmp_path: Path) -> None:
    intake(book, export(tmp_path / "a.csv", [row("1")]))
    report = intake(book, export(tmp_path / "b.csv", [row("1", Item="Cherry pie")]))
    assert report.quarantined == 1
    (held,) = book.held()
    assert held.rule == "changed-without-newer-stamp"
    assert "Apple pie" in held.reason
    assert "Cherry pie" in held.reason


def test_what_was_held_is_released_when_the_settings_are_mended(book: Book, tmp_path: Path) -> None:
    intake(book, export(tmp_path / "a.csv", [row("1"), row("2", Tender="Moonpay")]))
    assert len(book.held()) == 1
    settings = book.path / "book.toml"
    settings.write_text(settings.read_text("utf-8") + '\n[tenders]\nMoonpay = "online"\n', encoding="utf-8")
    book.close()
    mended = Book.open(book.path)
    report = release(mended, at=AT)
    assert report.posted == 1
    assert mended.held() == []
    assert mended.verify().ok
    mended.close()


@pytest.mark.parametrize(
    ("closed", "day"),
    [
        ("2026-10-05 23:30:00", date(2026, 10, 5)),
        ("2026-10-06 02:00:00", date(2026, 10, 5)),
        ("2026-10-06 03:59:59", date(2026, 10, 5)),
        ("2026-10-06 04:00:00", date(2026, 10, 6)),
        ("2026-03-08 02:30:00", date(2026, 3, 7)),  # an hour that the clocks skip
        ("2026-11-01 01:30:00", date(2026, 10, 31)),  # an hour that there is twice
    ],
)
def test_the_business_date_begins_at_the_cut_off_of_the_store(tmp_path: Path, closed: str, day: date) -> None:
    book = new_book(tmp_path, stores={"Downtown": {"cut_off": "04:00"}})
    intake(book, export(tmp_path / "a.csv", [row("1", Closed=closed)]))
    entry = book.entry(1, 0)
    assert entry is not None
    assert entry.business_date == day
    book.close()


def lines(number: int) -> list[list[str]]:
    """A ticket of three lines."""
    pieces = [("Apple pie", "4.00"), ("Scone", "2.50"), ("Tea", "1.50")]
    return [
        row(str(number), Item=item, Price=price, Qty="1", Disc="", Tax="0.10", Paid="8.30") for item, price in pieces
    ]


def test_the_rows_of_a_ticket_need_not_stand_together(tmp_path: Path) -> None:
    rows = [one for number in range(40) for one in lines(number)]
    shuffled = rows[:]
    random.Random(7).shuffle(shuffled)
    mapping = MAPPING.replace("[line]", "[line]\nnumber = \"if([Item] = 'Apple pie', 1, if([Item] = 'Scone', 2, 3))\"")
    roots = []
    for place, order in enumerate((rows, shuffled)):
        folder = tmp_path / str(place)
        folder.mkdir()
        book = new_book(folder)
        assert intake(book, export(folder / "a.csv", order), mapping=mapping).posted == 40
        roots.append(book.store_day_roots())
        book.close()
    assert roots[0] == roots[1]


def test_the_size_of_a_batch_makes_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row(str(n), Store=f"Store {n % 3}") for n in range(200)]
    roots = []
    for size in (1000, 7):
        monkeypatch.setattr(ingest.pipeline, "TICKETS_PER_BATCH", size)
        folder = tmp_path / str(size)
        folder.mkdir()
        book = new_book(folder)
        assert intake(book, export(folder / "a.csv", rows)).posted == 200
        roots.append(book.store_day_roots())
        assert book.verify().ok
        book.close()
    assert roots[0] == roots[1]


def test_a_spreadsheet_gives_what_its_csv_gives(tmp_path: Path) -> None:
    rows = [row(str(n)) for n in range(5)]
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        for place, cells in enumerate([HEADER, *rows]):
            sheet.write_row(place, 0, cells)
    for folder in ("x", "c"):
        (tmp_path / folder).mkdir()
    from_sheet, from_csv = new_book(tmp_path / "x"), new_book(tmp_path / "c")
    intake(from_sheet, path)
    intake(from_csv, export(tmp_path / "a.csv", rows))
    assert from_sheet.store_day_roots() == from_csv.store_day_roots()
    from_sheet.close()
    from_csv.close()


def test_a_document_is_kept_and_a_locator_leads_back_to_its_line(book: Book, tmp_path: Path) -> None:
    path = export(tmp_path / "a.csv", [row("1"), row("2", Item="Scone, warm")])
    intake(book, path)
    entry = book.entry(1, 1)
    assert entry is not None
    line = places.line(book, entry.document, entry.lines[0]["locator"])
    assert line.row == 3
    assert line.header == HEADER
    assert line.cells[HEADER.index("Item")] == "Scone, warm"
    record = book.document(entry.document)
    assert record is not None
    with documents.reading(book, record) as plain:
        assert plain.read() == path.read_bytes()


def test_an_export_without_rows_leaves_its_mark(book: Book, tmp_path: Path) -> None:
    report = intake(book, export(tmp_path / "a.csv", []))
    assert report.records == 0
    assert any("no records" in note for note in report.notes)
    assert len(book.feeds()) == 1


def test_figures_follow_a_large_delivery_and_wait_to_be_asked_after_a_small_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = new_book(tmp_path)
    intake(book, export(tmp_path / "small.csv", [row("small")]))
    assert not (book.path / "facts.duckdb").exists()
    monkeypatch.setattr(reader, "LARGE_BYTES", 1)
    intake(book, export(tmp_path / "large.csv", [row(str(number)) for number in range(50)]))
    figures = Figures.open(book)
    assert figures.seq == book.head().seq
    assert figures.run(Plan(metrics=("transactions", "net_sales"))).figures[0].value == 51
    figures.close()
    book.close()
