"""Statements: one kind over a period and some stores, as known at a commit, each figure a link to its proof."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from assistant.server.pages.formats import NOTHING, Formats
from assistant.server.pages.results import Cell, figure_text
from assistant.server.pages.view import with_query
from assistant.server.request import Opened, PageNumber, Pages, read_day
from assistant.service import Service
from assistant.statement_request import Against, statement_plan
from ledger.figures import Period
from ledger.statements import STATEMENTS, Cited, Section, StatementKind, run_statement

router = APIRouter(include_in_schema=False)

SECTIONS_SHOWN_MAX = 40
"""A page shows at most so many sections; a journal has one for each store and day."""

MONTHS_OFFERED = 4
STORES_MAX = 1000


@dataclass(frozen=True)
class ShownRow:
    label: str
    cells: tuple[Cell, ...]
    total: bool


@dataclass(frozen=True)
class ShownSection:
    title: str
    row_name: str
    columns: tuple[str, ...]
    rows: tuple[ShownRow, ...]


@dataclass(frozen=True)
class ShownControl:
    sentence: str
    agrees: bool
    difference: str
    parts: tuple[tuple[str, Cell], ...]


Day = Annotated[str, Query(max_length=10)]


@router.get("/statements")
def statements_page(
    service: Opened,
    pages: Pages,
    kind: StatementKind = "trial-balance",
    start: Annotated[str, Query(alias="from", max_length=10)] = "",
    to: Day = "",
    store: Annotated[list[str], Query(max_length=STORES_MAX)] = [],  # noqa: B006
    against: Against = "",
    as_of: Annotated[str, Query(max_length=40)] = "",
    page: PageNumber = 1,
) -> Response:
    """A statement; without dates that of the last month that the book has, whole."""
    span = service.figures.span()
    if span is None:
        return pages.page("statements.html", made=None, kinds=STATEMENTS, kind=kind)
    period = _period(span, start, to)
    stores = tuple(name for name in store if name)
    against = against if STATEMENTS[kind].compares else ""
    plan = statement_plan(
        service.book, kind, start=period.start, end=period.end, stores=stores, against=against, as_of=as_of
    )
    made = run_statement(service.figures, plan)
    given = {"from": period.start, "to": period.end, "store": stores, "against": against, "as_of": as_of}
    count = max(1, -(-len(made.sections) // SECTIONS_SHOWN_MAX))
    page = min(page, count)
    shown = made.sections[(page - 1) * SECTIONS_SHOWN_MAX : page * SECTIONS_SHOWN_MAX]
    return pages.page(
        "statements.html",
        made=made,
        kinds=STATEMENTS,
        kind=kind,
        period=period,
        chosen=stores,
        stores=service.figures.values("store"),
        against=against,
        as_of=as_of,
        head=service.figures.seq,
        shortcuts=_shortcuts(service),
        given=given,
        sections=[_section(one, pages.formats) for one in shown],
        controls=[
            ShownControl(
                one.sentence,
                one.agrees,
                pages.formats.figure(one.difference, made.currency),
                tuple((words, _cell(cell, pages.formats)) for words, cell in one.parts),
            )
            for one in made.controls
        ],
        page=page,
        pages=count,
        downloads=[
            (name, with_query(f"/api/v1/statements/{kind}.{name.lower()}", **given)) for name in ("CSV", "XLSX")
        ],
    )


def _section(section: Section, formats: Formats) -> ShownSection:
    rows = tuple(
        ShownRow(row.label, tuple(_cell(one, formats) for one in row.cells), row.total) for row in section.rows
    )
    return ShownSection(section.title, section.row_name, section.columns, rows)


def _cell(cell: Cited | None, formats: Formats) -> Cell:
    """One cell as text, linked to its proof where it has a value."""
    if cell is None:
        return Cell("")
    if cell.figure.value is None:
        return Cell(NOTHING)
    return Cell(figure_text(cell.figure, formats), f"/citations/{cell.citation.token()}")


def _period(span: Period, start: str, to: str) -> Period:
    """The period that was asked for; where nothing was, the last month of the book."""
    assert span.end is not None
    if start or to:
        first, last = read_day(start) if start else None, read_day(to) if to else None
        # What ends before it starts is said by the plan, in a sentence.
        return Period.model_construct(start=first, end=last, label="")
    return Period(start=span.end.replace(day=1), end=_month_end(span.end))


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _shortcuts(service: Service) -> list[tuple[str, date, date]]:
    """The last months of the book, the quarter and the year of its last day, and all of it."""
    span = service.figures.span()
    assert span is not None and span.start is not None and span.end is not None
    months: list[tuple[str, date, date]] = []
    first = span.end.replace(day=1)
    while len(months) < MONTHS_OFFERED and _month_end(first) >= span.start:
        months.append((f"{first:%B %Y}", first, _month_end(first)))
        if first == date.min:
            break
        first = (first - timedelta(days=1)).replace(day=1)
    quarter = span.end.replace(month=span.end.month - (span.end.month - 1) % 3, day=1)
    ends = _month_end(quarter.replace(month=quarter.month + 2))
    year = span.end.replace(month=1, day=1)
    return [
        *months,
        (f"Q{(quarter.month + 2) // 3} {quarter.year}", quarter, ends),
        (str(year.year), year, year.replace(month=12, day=31)),
        ("All", span.start, span.end),
    ]
