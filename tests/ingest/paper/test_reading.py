"""What is read of papers: golden fields from PDFs and photos, and the law that nothing but what is printed posts."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ingest.paper import pages
from ingest.paper.content import content_of
from ingest.paper.fields import paper
from ingest.paper.sale import ticket_of
from ingest.records import Unreadable
from ledger.accounts import Chart
from tests.ingest.paper.papers import EU, GOLDEN, RECEIPT_DE, RECEIPT_US, RECEIPT_US_SAYS, US, Z_DE
from tests.ingest.paper.printer import pdf, picture, sheet

TESSERACT = pytest.mark.skipif(shutil.which("tesseract") is None, reason="Tesseract is not installed (tesseract-ocr)")


@pytest.mark.parametrize("name", GOLDEN)
def test_a_pdf_is_read_field_by_field(name: str, tmp_path: Path) -> None:
    lines, book, says = GOLDEN[name]
    found = paper(pages.read(pdf(tmp_path / "paper.pdf", lines), tmp_path), book, Chart.of(book))
    assert found.values == says
    assert found.problems == ()
    assert all(check.holds for check in found.checks)
    assert found.confidence == (0.99 if name != "invoice" else pytest.approx(0.594))


@TESSERACT
@pytest.mark.parametrize(
    ("name", "how"),
    [("us", {"turned": 1.5, "noise": 8}), ("z", {"size": 15, "grey": 215})],
    ids=["turned and specked", "small and grey"],
)
def test_a_photo_is_read_or_its_sums_fail(name: str, how: dict[str, float], tmp_path: Path) -> None:
    lines, book, says = GOLDEN[name]
    picture(lines, **how).save(tmp_path / "photo.png")  # type: ignore[arg-type]
    found = paper(pages.read(tmp_path / "photo.png", tmp_path), book, Chart.of(book))
    amounts = {field: value for field, value in found.values.items() if field.endswith(("amount", "total", "net"))}
    right = amounts.items() <= says.items()
    assert right or found.problems
    assert found.confidence < book.paper.confidence, "what was read from a picture waits for a person"
    if name == "us":
        assert found.values == RECEIPT_US_SAYS


@TESSERACT
def test_a_scan_that_lies_on_its_side_in_a_pdf_is_read_from_its_picture(tmp_path: Path) -> None:
    on_its_side = picture(RECEIPT_US, size=36).transpose(Image.Transpose.ROTATE_270)
    on_its_side.save(tmp_path / "scan.pdf", resolution=200, quality=95)
    found = pages.read(tmp_path / "scan.pdf", tmp_path)
    assert found.pages[0].scanned
    values = paper(found, US, Chart.of(US)).values
    assert (values["store"], values["number"], values["line.2.amount"]) == ("Harbour", "0042", "4.25")


def test_words_that_cannot_be_seen_are_not_there(tmp_path: Path) -> None:
    hidden = pdf(tmp_path / "hidden.pdf", RECEIPT_US[:11], invisible=("TOTAL 99.15", "Cash 99.15"))
    words = pages.read(hidden, tmp_path).words
    assert "99.15" not in [word.text for word in words]
    assert "11.25" in [word.text for word in words]


@TESSERACT
def test_a_page_with_words_over_words_is_read_as_it_looks(tmp_path: Path) -> None:
    page = pdf(tmp_path / "over.pdf", ["Harbour", "TOTAL 99.15"], over=(1, "TOTAL 12.15"))
    assert pages.read(page, tmp_path).pages[0].scanned


@pytest.mark.parametrize(
    ("row", "new", "told"),
    [
        (11, "TOTAL                $12.51", "the tenders and the total: 12.15 against 12.51, difference -0.36"),
        (7, "2 x Flat white  3.60   7.00", "line 1, quantity x price and amount"),
        (4, "10/05/2026 14:05", "the date 10/05/2026 may be 2026-10-05 or 2026-05-10"),
        (0, "Somewhere", "no store was found"),
        (11, "TOTAL                €12.15", "it names EUR, but the book is in USD"),
        (10, "Sales tax 8.00%       0,9", "the row 'Sales tax 8.00% 0,9' could not be made out"),
        (13, "", "the tenders and the total: 20.00 against 12.15, difference 7.85"),
    ],
)
def test_what_is_in_doubt_is_named(row: int, new: str, told: str) -> None:
    found = paper(sheet([*RECEIPT_US[:row], new, *RECEIPT_US[row + 1 :]]), US, Chart.of(US))
    assert any(told in problem for problem in found.problems), found.problems
    assert found.confidence < US.paper.confidence


def test_the_tax_is_taken_off_lines_that_include_it_to_the_cent() -> None:
    found = paper(sheet(RECEIPT_DE), EU, Chart.of(EU))
    made = ticket_of(content_of(found.values), EU, Chart.of(EU), lambda name: name, "page 1")
    assert [(row["net_minor"], row["tax_minor"], row["quantity_micro"]) for row in made.lines] == [
        (420, 80, 2_000_000),
        (100, 7, 1_000_000),
    ]
    assert [(row["rate_micro"], row["amount_minor"], row["included"]) for row in made.taxes] == [
        (190_000, 80, True),
        (70_000, 7, True),
    ]


def test_a_z_report_makes_one_line_of_its_day() -> None:
    found = paper(sheet(Z_DE), EU, Chart.of(EU))
    made = ticket_of(content_of(found.values), EU, Chart.of(EU), lambda name: name, "page 1")
    assert made.header["external_id"] == "Hafen/2026-10-05/Z117"
    assert [row["net_minor"] for row in made.lines] == [103_745]
    assert [(row["type"], row["amount_minor"]) for row in made.tenders] == [("cash", 50_000), ("card", 73_456)]


# --- nothing but what is printed posts --------------------------------------------------------------------------


@dataclass(frozen=True)
class Printed:
    lines: list[str]
    total: int
    tax: int
    paid: int


def _money(minor: int, style: str) -> str:
    whole, cents = f"{abs(minor) // 100:,}", f"{abs(minor) % 100:02d}"
    group, point = {"us": (",", "."), "de": (".", ","), "fr": (" ", ","), "plain": ("", ".")}[style]
    return f"{'-' if minor < 0 else ''}{whole.replace(',', group)}{point}{cents}"


@st.composite
def receipts(draw: st.DrawFn) -> Printed:
    """A receipt that adds up, in one of the styles of tills; some with a slip of the reader in one character."""
    style = draw(st.sampled_from(("us", "de", "fr", "plain")))
    sold = draw(st.lists(st.tuples(st.integers(1, 12), st.integers(1, 200_000)), min_size=1, max_size=4))
    rate = draw(st.sampled_from((0, 700, 1900, 825)))
    gross = sum(quantity * price for quantity, price in sold)
    included = draw(st.booleans())
    tax = (gross * rate + 5_000 + rate // 2) // (10_000 + rate) if included else (gross * rate + 5_000) // 10_000
    total = gross if included else gross + tax
    change = draw(st.sampled_from((0, 1, 5_000)))
    rows = ["Harbour", "Receipt no 0042", "Date 2026-10-25 14:05"]
    for number, (quantity, price) in enumerate(sold):
        amount, one = _money(quantity * price, style), _money(price, style)
        name = ("Flat white", "Pie", "Scone with jam", "Tea")[number]
        form = draw(st.sampled_from(("times", "column", "below"))) if quantity > 1 else "single"
        if form == "times":
            rows.append(f"{quantity} x {name:<18}{one:>14}   {amount:>14}")
        elif form == "column":
            rows.append(f"{name:<18}   {quantity}   {one:>14}   {amount:>14}")
        else:
            rows.append(f"{name:<24}{amount:>20}")
            rows += [f"  {quantity} x {one}"] if form == "below" else []
    if rate:
        if draw(st.booleans()):
            rows.append(f"{'Net' if included else 'Subtotal':<24}{_money(total - tax, style):>20}")
        rows.append(f"VAT {rate / 100:.2f}%{_money(tax, style):>20}")
    rows.append(f"TOTAL{_money(total, style):>30}")
    rows.append(f"Cash{_money(total + change, style):>30}")
    rows += [f"Change{_money(change, style):>30}"] if change else []
    if draw(st.booleans()):
        place = draw(st.integers(3, len(rows) - 1))
        digits = [at for at, one in enumerate(rows[place]) if one.isdigit() or one in ".,"]
        at = draw(st.sampled_from(digits)) if digits else 0
        slip = draw(st.sampled_from("0123456789 .,"))
        rows[place] = rows[place][:at] + slip + rows[place][at + 1 :]
    return Printed(rows, total, tax, total)


@settings(max_examples=150, deadline=None)
@given(receipts())
def test_what_a_receipt_prints_is_what_posts_or_it_is_held(printed: Printed) -> None:
    found = paper(sheet(printed.lines), US, Chart.of(US))
    if found.problems or found.confidence < US.paper.confidence:
        return
    try:
        made = ticket_of(content_of(found.values), US, Chart.of(US), lambda name: name, "page 1")
    except Unreadable:
        return
    assert made.header["total_minor"] == printed.total, printed.lines
    assert sum(row["amount_minor"] for row in made.taxes) == printed.tax, printed.lines
    assert sum(row["net_minor"] for row in made.lines) == printed.total - printed.tax
    assert sum(row["amount_minor"] - (row["change_minor"] or 0) for row in made.tenders) == printed.paid


def test_a_plain_receipt_is_sure() -> None:
    chance = random.Random(7)
    for _ in range(20):
        quantity, price = chance.randint(2, 9), chance.randint(100, 900)
        one, all_ = _money(price, "us"), _money(quantity * price, "us")
        sold = [f"{quantity} x Tea {one}  {all_}", f"TOTAL {all_}", f"Cash {all_}"]
        found = paper(sheet(["Harbour", "Receipt no 0042", "Date 2026-10-25", *sold]), US, Chart.of(US))
        assert found.confidence >= US.paper.confidence, found.problems
