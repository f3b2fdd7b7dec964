"""Exports that say the same in another language, spelling, encoding or order of columns: what posts is the same."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ingest import places
from ingest.headers import header_row
from ingest.sources import shipped
from tests.ingest.shop import export, intake, new_book, row
from tests.ingest.sources.vendor import GOLDEN, Case, taken

ENGLISH = GOLDEN / "sumup/sales_report.csv"
LOYVERSE = sorted((GOLDEN / "loyverse").glob("receipts*.csv"))
Rows = list[list[str]]


def rows_of(path: Path) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def written(path: Path, rows: Rows, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def roots(folder: Path, *paths: Path, currency: str = "EUR") -> list[object]:
    book = Case((), currency, "Europe/Berlin").book(folder)
    taken(book, list(paths))
    found: list[object] = list(book.store_day_roots())
    book.close()
    assert found
    return found


@pytest.fixture(scope="module")
def sumup(tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    return roots(tmp_path_factory.mktemp("sumup"), ENGLISH)


@pytest.fixture(scope="module")
def loyverse(tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    return roots(tmp_path_factory.mktemp("loyverse"), *LOYVERSE, currency="USD")


def shuffled(rows: Rows) -> Rows:
    return [list(reversed(one)) for one in rows]


def spelled(rows: Rows) -> Rows:
    return [[one.upper().replace(" ", "\u00a0 ").replace("O", "O\u0301") for one in rows[0]], *rows[1:]]


def with_sums(rows: Rows) -> Rows:
    blank = [""] * len(rows[0])
    return [*rows, blank, ["Total:", *blank[1:-1], "1.00"], blank]


def titled(rows: Rows) -> Rows:
    return [["Sales report"], ["2026-03-01 to 2026-03-31"], [], *rows]


@pytest.mark.parametrize(
    ("changes", "delimiter", "encoding"),
    [
        ((shuffled, spelled), ";", "utf-16"),
        ((with_sums, titled), ",", "utf-8-sig"),
        ((with_sums, spelled), "\t", "utf-8"),
    ],
)
def test_a_report_written_otherwise_posts_the_same(
    changes: Sequence[Callable[[Rows], Rows]], delimiter: str, encoding: str, sumup: list[object], tmp_path: Path
) -> None:
    rows = rows_of(ENGLISH)
    for change in changes:
        rows = change(rows)
    other = written(tmp_path / "report.csv", rows, delimiter, encoding)
    assert roots(tmp_path / "other", other) == sumup


RECOGNISED = {
    "sumup": ("Transaction ID", "Payment Method", "Description", "Price (Gross)", "Price (Net)", "Tax rate"),
    "loyverse": (
        "Receipt number",
        "Receipt type",
        "Gross sales",
        "Net sales",
        "Total collected",
        "Payment type",
        "Status",
    ),
}


def in_language(rows: Rows, mapping: str, language: str) -> Rows:
    """Rows with the first name that a language of a shipped mapping has for each column."""
    (given,) = (one for one in shipped() if one.mapping.recognise == RECOGNISED[mapping])
    theirs: dict[str, str] = {}
    for name, ours in given.languages[language].columns.items():
        theirs.setdefault(ours, name)
    return [[theirs.get(one, one) for one in rows[0]], *rows[1:]]


def decimal_commas(rows: Rows) -> Rows:
    return [rows[0], *([re.sub(r"^(-?\d+)\.(\d\d)$", r"\1,\2", cell) for cell in one] for one in rows[1:])]


@pytest.mark.parametrize("language", ["de", "fr", "es"])
def test_a_sumup_report_in_another_language(language: str, sumup: list[object], tmp_path: Path) -> None:
    rows = decimal_commas(in_language(rows_of(ENGLISH), "sumup", language))
    other = written(tmp_path / "bericht.csv", rows, ";", "utf-8-sig")
    assert roots(tmp_path / "other", other) == sumup


@pytest.mark.parametrize("language", ["de", "fr", "es"])
def test_loyverse_exports_in_another_language(language: str, loyverse: list[object], tmp_path: Path) -> None:
    date = {"de": r"\2.\1.2026 \3", "fr": r"\2/\1/2026 \3", "es": r"\2/\1/2026 \3"}[language]
    others = []
    for path in LOYVERSE:
        rows = in_language(rows_of(path), "loyverse", language)
        rows = [[_clock(cell, date) for cell in one] for one in rows]
        others.append(written(tmp_path / path.name.replace("receipts", "recibos"), decimal_commas(rows), ";"))
    assert roots(tmp_path / "other", *others, currency="USD") == loyverse


def _clock(cell: str, date: str) -> str:
    """``7/28/26 1:33 PM`` as another country writes it."""
    found = re.fullmatch(r"(\d+)/(\d+)/26 (\d+):(\d\d) ([AP])M", cell)
    if found is None:
        return cell
    hour = int(found[3]) % 12 + (12 if found[5] == "P" else 0)
    month, day = f"{int(found[1]):02}", f"{int(found[2]):02}"
    return date.replace(r"\1", month).replace(r"\2", day).replace(r"\3", f"{hour:02}:{found[4]}")


def test_dates_of_which_none_tells_the_order_are_held(tmp_path: Path) -> None:
    receipts, items = sorted(LOYVERSE, key=lambda path: "by-item" in path.name)
    paths = [
        written(tmp_path / path.name, [[re.sub(r"^\d+/\d+/\d+ .*", "03/04/2026 14:12", cell) for cell in one]
                                       for one in rows_of(path)])
        for path in (receipts, items)
    ]  # fmt: skip
    book = Case((), "USD").book(tmp_path)
    report = taken(book, paths)
    assert report.posted == 0
    assert any("'03/04/2026 14:12' is not a date and time (closed_at)" in one.reason for one in report.held)
    book.close()


def test_a_place_below_a_title_leads_to_its_row(tmp_path: Path) -> None:
    book = Case((), "GBP", "Europe/London").book(tmp_path)
    taken(book, [GOLDEN / "zettle/raw_data.csv"])
    entry = book.entry(1, 0)
    assert entry is not None
    found = places.line(book, entry.document, entry.lines[1]["locator"])
    assert dict(zip(found.header, found.cells, strict=True))["Name"] == "Scone"
    book.close()


@pytest.mark.parametrize(
    ("rows", "header"),
    [
        ([["No", "Item", "Price"], ["1", "Tea", "2.00"]], 0),
        ([["Title"], [], ["No", "Item", "Price"], ["1", "Tea", "2.00"]], 2),
        ([["No", "Item"], ["1", "Tea", "2.00", "x", "y"]], 0),  # rows that are too long make no header
        ([["No"], ["1", "2", "3"], ["4", "5", "6"]], 0),
        ([], 0),
    ],
)
def test_which_row_is_the_header(rows: Sequence[Sequence[str]], header: int) -> None:
    assert header_row(rows) == header


def test_a_record_that_cannot_be_read_does_not_end_the_reading(tmp_path: Path) -> None:
    """What comes after a cell beyond the bound is read, and nothing goes unseen."""
    book = new_book(tmp_path)
    path = export(tmp_path / "a.csv", [row("1"), row("2", Note="x" * 3_000), row("3"), [], row("4")])
    bound = csv.field_size_limit(2_000)
    try:
        report = intake(book, path)
    finally:
        csv.field_size_limit(bound)
    assert (report.posted, report.quarantined) == (3, 1)
    assert "it cannot be read" in report.held[0].reason
    book.close()
