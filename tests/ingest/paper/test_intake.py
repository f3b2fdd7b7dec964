"""Papers on the one way in: what posts by itself, what waits, what a person's word does, and what is refused."""

from __future__ import annotations

import shutil
import struct
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ingest import places
from ingest.paper import decide, pages
from ingest.paper.kept import FOLDER
from ingest.pipeline import IntakeReport, take
from ledger.book import Book
from ledger.document import DocumentRecord
from ledger.errors import DocumentError, InputError
from tests import truths
from tests.ingest.paper.papers import EU_BOOK, INVOICE_US, RECEIPT_DE, RECEIPT_US, US_BOOK, Z_DE
from tests.ingest.paper.printer import pdf, picture

AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
TESSERACT = pytest.mark.skipif(shutil.which("tesseract") is None, reason="Tesseract is not installed (tesseract-ocr)")
OTHERS = "number,closed,store,item,gross,tender\nT-1,2026-10-05 10:00,Hafen,Tea,1234.56,cash\n"
OTHERS_MAPPING = """
[mapping]
layout = "flat"
[ticket]
external_id = "[number]"
store = "[store]"
closed_at = "[closed]"
total = "[gross]"
[line]
name = "[item]"
gross = "[gross]"
quantity = "1"
[[tender]]
type = "[tender]"
amount = "[gross]"
"""


def intake(book: Book, *files: Path) -> IntakeReport:
    report = take(book, list(files), source=None, mapping=None, at=AT)
    assert report.records == report.posted + report.duplicates + report.versions + report.quarantined + report.ignored
    return report


def document(book: Book, name: str) -> DocumentRecord:
    return next(one for one in book.documents() if one.name == name)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Book]]:
    made: list[Book] = []

    def new(tables: dict[str, object], **more: object) -> Book:
        made.append(Book.create_from(tmp_path / "book", {**tables, **more, **truths.tables()}))
        return made[-1]

    yield new
    for one in made:
        one.close()


def test_a_sure_receipt_posts_by_itself_and_opens_to_its_place(make: Callable[..., Book], tmp_path: Path) -> None:
    book = make(EU_BOOK)
    receipt = pdf(tmp_path / "receipt.pdf", RECEIPT_DE)
    assert intake(book, receipt).posted == 1
    assert intake(book, receipt).duplicates == 1
    entry = book.entry(*book.find_ticket("Hafen/2026-10-05/4711")[0])
    assert entry is not None
    assert {row["account"]: row["amount_minor"] for row in entry.postings} == {
        "assets:cash": 607,
        "income:sales": -520,
        "liabilities:tax:19": -80,
        "liabilities:tax:7": -7,
    }
    shutil.rmtree(book.path / FOLDER)  # what was read may be lost
    line = places.line(book, entry.document, entry.lines[0]["locator"])
    assert line.cells == ("1", "Espresso 5,00 A")
    assert book.verify().problems == ()


@TESSERACT
def test_a_photo_waits_for_a_person_whose_word_is_kept(make: Callable[..., Book], tmp_path: Path) -> None:
    book = make(US_BOOK)
    picture(RECEIPT_US).save(tmp_path / "photo.jpg", quality=90)
    assert intake(book, tmp_path / "photo.jpg").quarantined == 1
    (held,) = book.held()
    assert held.rule == "paper-to-confirm"
    record = document(book, "photo.jpg")
    read = decide.read_paper(book, record)
    with pytest.raises(decide.NotAsPrinted, match=r"the tenders and the total: 12.15 against 12.16, difference -0.01"):
        decide.confirm(book, record, read.values | {"total": "12.16"}, by="Ada", at=AT)
    with pytest.raises(InputError, match="somebody's name"):
        decide.confirm(book, record, read.values, by=" ", at=AT)
    right = read.values | {"line.1.name": "Cappuccino"}
    report = decide.confirm(book, record, right, by="Ada", at=AT)
    assert (report.posted, report.ignored) == (1, 1)
    assert book.held() == []
    (said,) = book.decisions("paper")
    assert (said.reason, said.at) == ("Ada confirmed photo.jpg (/)", AT)
    entry = book.entry(*book.find_ticket("Harbour/2026-10-25/0042")[0])
    assert entry is not None
    assert entry.lines[0]["name"] == "Cappuccino"
    field = places.line(book, said.document, entry.lines[0]["locator"])
    assert (*field.header[:3], *field.cells[:3]) == ("name", "value", "page", "line.1.amount", "7.00", "1")
    with pytest.raises(InputError, match="decided about already: Ada confirmed"):
        decide.reject(book, record, "twice", by="Grace", at=AT)
    assert intake(book, tmp_path / "photo.jpg").ignored == 1, "what is decided about waits no more"
    again = intake(book, pdf(tmp_path / "printed.pdf", RECEIPT_US))
    assert again.conflicts == 1, "the same receipt by another way is the same ticket, here with another name of a line"
    assert book.verify().problems == ()


def test_a_rejected_paper_posts_nothing_and_waits_no_more(make: Callable[..., Book], tmp_path: Path) -> None:
    book = make(US_BOOK)
    wrong = [line.replace("$12.15", "$99.15") for line in RECEIPT_US]
    report = intake(book, pdf(tmp_path / "wrong.pdf", wrong))
    assert "the tenders and the total: 12.15 against 99.15, difference -87.00" in report.held[0].reason
    record = document(book, "wrong.pdf")
    with pytest.raises(InputError, match="for a reason only"):
        decide.reject(book, record, " ", by="Ada", at=AT)
    assert decide.reject(book, record, "not ours", by="Ada", at=AT).ignored == 1
    assert book.held() == []
    assert book.decisions("paper")[0].reason == "Ada rejected wrong.pdf: not ours (/)"
    assert list(book.committed(0))[-1].entries.height == 0


def test_papers_beside_tickets_from_elsewhere_post_nothing(make: Callable[..., Book], tmp_path: Path) -> None:
    book = make(EU_BOOK)
    (tmp_path / "others.csv").write_text(OTHERS)
    (tmp_path / "others.toml").write_text(OTHERS_MAPPING)
    take(book, [tmp_path / "others.csv"], source="till", mapping=tmp_path / "others.toml", at=AT)
    report = intake(book, pdf(tmp_path / "receipt.pdf", RECEIPT_DE), pdf(tmp_path / "z.pdf", Z_DE))
    assert (report.posted, report.quarantined, report.ignored) == (0, 1, 1)
    rules = {one.rule: one.reason for one in report.held}
    assert "the book already, which has 1 ticket of its store and day" in rules["paper-beside-tickets"]
    assert "reconciled with the tickets of its day" in rules["paper-z-report"]


def test_a_z_report_posts_its_day_only_where_the_book_says_so(make: Callable[..., Book], tmp_path: Path) -> None:
    book = make(EU_BOOK, paper={"z_reports": "post"})
    assert intake(book, pdf(tmp_path / "z.pdf", Z_DE)).posted == 1
    (place,) = book.tickets_between(date(2026, 10, 5), date(2026, 10, 5))
    assert (place.external_id, place.total_minor) == ("Hafen/2026-10-05/Z117", 123_456)


def test_an_invoice_is_kept_and_posts_nothing(make: Callable[..., Book], tmp_path: Path) -> None:
    book = make(US_BOOK)
    assert intake(book, pdf(tmp_path / "invoice.pdf", INVOICE_US)).quarantined == 1
    record = document(book, "invoice.pdf")
    values = decide.read_paper(book, record).values
    report = decide.confirm(book, record, values, by="Ada", at=AT)
    assert (report.posted, report.ignored) == (0, 1)
    assert "Supplier's invoice INV-2026-118 over 160.80; it posts nothing" in book.decisions("paper")[0].reason


# --- what is refused --------------------------------------------------------------------------------------------


def _png(width: int, height: int) -> bytes:
    """The beginning of a picture that says it is so large."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


def _hostile(name: str, folder: Path) -> Path:
    path = folder / ("hostile.png" if name == "a picture without end" else "hostile.pdf")
    if name == "a picture without end":
        path.write_bytes(_png(60_000, 60_000))
    elif name == "many pages":
        pdf(path, *([["page"]] * 21))
    elif name == "cut off":
        whole = pdf(path, RECEIPT_US).read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
    elif name == "noise":
        path.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 50)
    else:
        path.write_bytes(pdf(path, RECEIPT_US).read_bytes().replace(b"595 842", b"9e9 9e9"))
    return path


@pytest.mark.parametrize("name", ["a picture without end", "many pages", "cut off", "noise", "a huge page"])
def test_hostile_documents_are_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    with pytest.raises(pages.Refused) as refused:
        pages.read(_hostile(name, tmp_path), tmp_path)
    assert 10 < len(str(refused.value)) < 200


def test_a_card_number_on_paper_is_refused_before_anything_is_kept(make: Callable[..., Book], tmp_path: Path) -> None:
    book = make(US_BOOK)
    shown = pdf(tmp_path / "card.pdf", [*RECEIPT_US, "Card 4111 1111 1111 1111"])
    with pytest.raises(DocumentError, match=r"card\.pdf shows a whole card number on page 1"):
        intake(book, shown)
    assert book.documents() == []
    assert not list((book.path / "documents").rglob("*.zst"))


def test_scripts_in_a_pdf_are_not_run_and_absent_tesseract_is_said(
    make: Callable[..., Book], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = make(US_BOOK)
    script = b"/OpenAction << /S /JavaScript /JS (app.launchURL\\('http://127.0.0.1:9/'\\); while\\(true\\){}) >>"
    assert intake(book, pdf(tmp_path / "script.pdf", RECEIPT_US, extra=script)).posted == 1
    picture(RECEIPT_US[:4]).save(tmp_path / "photo.png")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DocumentError, match=r"photo.png has to be read from its picture, and Tesseract.*apt install"):
        intake(book, tmp_path / "photo.png")
