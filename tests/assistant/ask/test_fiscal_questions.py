"""Questions that count by the book's fiscal calendar: how they are read, and what they give."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from assistant.ask import Asker
from assistant.server.plans.possible import splits_for
from assistant.service import Service
from assistant.settings import InstallationSettings
from ledger.book import Book
from ledger.figures import Citation, Figures, Plan, open_citation
from ledger.figures.calendar import FISCAL
from tests.builders import keep_bytes, line, post, ticket

TODAY = date(2025, 6, 18)
RETAIL = {"starts": "02-01", "weeks": "4-5-4"}
"""FY2023 has 53 weeks, from 29 January 2023; FY2024 starts on 4 February 2024, FY2025 on 2 February 2025."""
STARTS = {2023: date(2023, 1, 29), 2024: date(2024, 2, 4), 2025: date(2025, 2, 2), 2026: date(2026, 2, 1)}
PERIODS = (4, 5, 4) * 4
SOLD = [(date(2023, 2, 1) + timedelta(days=5 * n), 1000 + n, "Downtown" if n % 3 else "Airport") for n in range(174)]


@pytest.fixture(scope="module")
def retail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    yield from opened(tmp_path_factory.mktemp("retail") / "book", {"fiscal": RETAIL})


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    yield from opened(tmp_path_factory.mktemp("plain") / "book", {})


def opened(folder: Path, tables: dict[str, Any]) -> Iterator[Asker]:
    book = Book.create_from(folder, {"book": {"id": "test", "name": "Test", "currency": "USD"}, **tables})
    keep_bytes(book, b"")
    sold = enumerate(SOLD)
    post(
        book, *(ticket(f"{n}", lines=[line(cents)], store=store, business_date=day) for n, (day, cents, store) in sold)
    )
    figures = Figures.open(book)
    figures.catch_up()
    yield Asker(book, figures, no_recall)
    figures.close()
    book.close()


def no_recall() -> Any:
    raise AssertionError("no question here is for the summaries")


def names_of(day: date) -> dict[str, str]:
    year = max(name for name, start in STARTS.items() if start <= day)
    week = (day - STARTS[year]).days // 7 + 1
    period = next((n for n in range(1, 13) if week <= sum(PERIODS[:n])), 12)
    return {
        "fiscal_year": f"FY{year}",
        "fiscal_quarter": f"FY{year}-Q{(period + 2) // 3}",
        "fiscal_month": f"FY{year}-P{period:02}",
        "fiscal_week": f"FY{year}-W{week:02}",
    }


def sales(unit: str, first: date = date.min, last: date = date.max) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for day, cents, _ in SOLD:
        if first <= day <= last:
            name = names_of(day)[unit]
            found[name] = found.get(name, Decimal(0)) + Decimal(cents) / 100
    return found


READINGS = [
    ("net sales by fiscal quarter", "net sales by fiscal quarter, all dates"),
    ("sales by fiscal period this fiscal year", "net sales by fiscal month, 2025-02-02 to 2025-06-18"),
    ("sales by accounting period in FY24", "net sales by fiscal month, 2024-02-04 to 2025-02-01"),
    ("sales by financial year", "net sales by fiscal year, all dates"),
    ("fiscal quarterly sales in FY24", "net sales by fiscal quarter, 2024-02-04 to 2025-02-01"),
    ("sales each fiscal week last fiscal month", "net sales by fiscal week, 2025-05-04 to 2025-05-31"),
    ("net sales last fiscal period", "net sales, 2025-05-04 to 2025-05-31"),
    ("net sales by store this fiscal period", "net sales by store, 2025-06-01 to 2025-06-18"),
    ("net sales by fiscal week and store last fiscal quarter",
     "net sales by fiscal week and store, 2025-02-02 to 2025-05-03"),
    ("fiscal month over month net sales", "net sales by fiscal month with growth, all dates"),
    ("net sales fiscal month over month in FY25",
     "net sales by fiscal month with growth, 2025-02-02 to 2026-01-31"),
    ("net sales last fiscal month fiscal month over month",
     "net sales, 2025-05-04 to 2025-05-31, against 2025-04-06 to 2025-05-03"),
    ("growth by fiscal quarter in FY24", "net sales by fiscal quarter with growth, 2024-02-04 to 2025-02-01"),
    ("running total of sales by fiscal month this fiscal year",
     "running total of net sales by fiscal month, 2025-02-02 to 2025-06-18"),
    ("which fiscal quarter had the highest sales", "top 1 fiscal quarters by net sales, all dates"),
    ("what was the worst fiscal period in FY24", "bottom 1 fiscal months by net sales, 2024-02-04 to 2025-02-01"),
    ("average sales per fiscal week this fiscal year",
     "average net sales per fiscal week, 2025-02-02 to 2025-06-18"),
    ("how many fiscal weeks had sales over 20", "number of fiscal weeks with net sales over 20, all dates"),
    ("what share of FY24 sales came in fiscal Q4 FY24",
     "share of net sales, fiscal quarter FY2024-Q4, 2024-02-04 to 2025-02-01"),
    ("net sales P2 FY25 vs the fiscal period before",
     "net sales, 2025-03-02 to 2025-04-05, against 2025-02-02 to 2025-03-01"),
    ("net sales P2 FY25 vs previous fiscal period",
     "net sales, 2025-03-02 to 2025-04-05, against 2025-02-02 to 2025-03-01"),
    ("net sales P2 FY25 vs same fiscal period last year",
     "net sales, 2025-03-02 to 2025-04-05, against 2024-03-03 to 2024-04-06"),
    ("net sales in FY24 vs the fiscal year before",
     "net sales, 2024-02-04 to 2025-02-01, against 2023-01-29 to 2024-02-03"),
    ("net sales by quarter in 2024", "net sales by quarter, 2024-01-01 to 2024-12-31"),
]  # fmt: skip


@pytest.mark.parametrize(("question", "reading"), READINGS, ids=[one[0] for one in READINGS])
def test_how_a_fiscal_question_is_read(retail: Asker, question: str, reading: str) -> None:
    answer = retail.ask(question, today=TODAY)
    assert answer.status == "answered", answer.text
    assert answer.reading == reading


@pytest.mark.parametrize("unit", ["fiscal_week", "fiscal_month", "fiscal_quarter", "fiscal_year"])
def test_sales_by_a_fiscal_unit_are_those_of_its_weeks(retail: Asker, unit: str) -> None:
    answer = retail.ask(f"net sales by {unit.replace('_', ' ')}", today=TODAY)
    assert answer.table is not None
    assert answer.table.columns == [unit, "net_sales"]
    assert [*sales(unit).items()] == [(name, Decimal(value)) for name, value in answer.table.rows]


def test_growth_from_period_to_period_opens_to_both(retail: Asker) -> None:
    first, last = date(2025, 2, 2), date(2026, 1, 31)
    answer = retail.ask("net sales fiscal month over month in FY25", today=TODAY)
    assert answer.table is not None
    values = [*sales("fiscal_month", first, last).values()]
    place = answer.table.columns.index("net_sales_step")
    steps = [after - before for before, after in pairwise(values)]
    assert [Decimal(row[place]) for row in answer.table.rows] == steps
    cited = next(one for one in answer.figures if Decimal(one.value) == steps[-1])
    token = next(one.ref for one in answer.citations if one.id == cited.citation)
    proof = open_citation(retail._figures, Citation.from_token(token))
    assert [figure.value for _, figure, _ in proof.parts] == [values[-1], values[-2]]


def test_a_book_without_a_fiscal_calendar_counts_by_calendar_and_says_so(plain: Asker) -> None:
    answer = plain.ask("net sales by fiscal quarter in 2024", today=TODAY)
    assert "The book sets no fiscal year" in answer.text
    assert answer.table is not None
    assert [row[0] for row in answer.table.rows] == ["FY2024-Q1", "FY2024-Q2", "FY2024-Q3", "FY2024-Q4"]
    by_quarter = plain.ask("net sales by quarter in 2024", today=TODAY)
    assert by_quarter.table is not None
    assert [row[1] for row in by_quarter.table.rows] == [row[1] for row in answer.table.rows]
    assert "fiscal" not in by_quarter.text


@pytest.mark.parametrize(
    ("tables", "offered"), [({"fiscal": RETAIL}, set(FISCAL)), ({}, set())], ids=["retail", "plain"]
)
def test_the_page_offers_fiscal_splits_where_the_book_has_them(
    tmp_path: Path, tables: dict[str, Any], offered: set[str]
) -> None:
    settings = {"book": {"id": "test", "name": "Test", "currency": "USD"}, **tables}
    Book.create_from(tmp_path / "book", settings).close()
    service = Service.open(tmp_path / "book", InstallationSettings())
    assert set(splits_for(service, Plan(metrics=("net_sales",)))) & set(FISCAL) == offered
    service.close()
