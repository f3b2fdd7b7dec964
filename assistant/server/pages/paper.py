"""Documents on paper: the list, and one beside its picture, to be confirmed or rejected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Form as FormField
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from assistant import papers
from assistant.papers import ShownPaper
from assistant.server.pages.results import Cell, cell
from assistant.server.pages.reviewer import By, ReviewerName, remember
from assistant.server.pages.view import View, with_query
from assistant.server.request import Opened, PageNumber, Pages, document_of
from assistant.service import Service
from ingest.paper import decide, kept
from ingest.paper.content import KINDS, PARTS
from ingest.paper.decide import NotAsPrinted
from ingest.paper.noted import Field
from ingest.paper.reconcile import Reconciliation
from ingest.paper.taken import KIND_WORDS
from ingest.paper.words import SCALE
from ingest.places import of_paper
from ledger.cases.events import TEXT_CHARACTERS_MAX
from ledger.document import DocumentRecord
from ledger.errors import InputError, TillproofError

router = APIRouter(include_in_schema=False)

ROWS_PER_PAGE = 50
FIELDS_MAX = 2_000
EMPTY_PARTS = 2
"""So many empty rows are offered for more lines, taxes and payments, without a script."""
SURE, DOUBTFUL = 0.95, 0.8
_HEAD = ("date", "time", "store", "number", "register", "cashier", "seller")
_SUMS = ("net", "tax", "total", "tip", "rounding", "change", "transactions")
_TITLES = {"line": "Lines", "tax": "Taxes", "tender": "Payments"}
_HINTS = {"date": "2026-10-31", "time": "14:05", "tax": "where no rate is said"}


@dataclass(frozen=True)
class Entry:
    """A field of the form: its ``number`` is that of its box on the picture, 0 where it has none."""

    name: str
    label: str
    value: str
    number: int
    read: Field | None
    wrong: bool
    hint: str

    @property
    def sureness(self) -> str:
        """How sure it is, as a class: good, warn or bad."""
        if self.read is None:
            return ""
        sure = self.read.confidence
        return "good" if sure >= SURE else "warn" if sure >= DOUBTFUL else "bad"


@dataclass(frozen=True)
class Boxed:
    """A box on the picture of a page, in pixels of it, with the number of its field."""

    number: int
    name: str
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Form:
    """The fields of a paper in the order of the page."""

    head: tuple[Entry, ...]
    sums: tuple[Entry, ...]
    parts: tuple[tuple[str, tuple[str, ...], tuple[tuple[Entry, ...], ...]], ...]
    """Title, names of columns, and rows of entries."""


@router.get("/feeds/paper")
def papers_page(service: Opened, pages: Pages, page: PageNumber = 1) -> Response:
    found = sorted(papers.papers(service.book), key=lambda one: one.status != papers.WAITING)
    return pages.page(
        "papers.html",
        papers=found[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE],
        total=len(found),
        waiting=sum(1 for one in found if one.status == papers.WAITING),
        held_count=len(service.book.held()),
        page=page,
        pages=-(-len(found) // ROWS_PER_PAGE),
    )


@router.get("/feeds/paper/{document_id}")
def paper_page(
    document_id: str, service: Opened, pages: Pages, reviewer: ReviewerName, done: str = "", at: str = ""
) -> Response:
    """One paper beside its fields. ``at`` is a place in it that a figure leads to."""
    record = document_of(service, document_id)
    return _page(service, pages, record, reviewer, done=done, at=at[:60])


@router.get("/feeds/paper/{document_id}/pages/{number}.png")
def page_picture(document_id: str, number: int, service: Opened) -> Response:
    """The picture of a page: made anew from its pixels, with nothing else of the document."""
    return Response(kept.picture_of(service.book, document_of(service, document_id), number), media_type="image/png")


@router.post("/feeds/paper/{document_id}/confirm")
async def confirm(document_id: str, request: Request, service: Opened, pages: Pages) -> Response:
    """Confirm the fields as the form has them."""
    async with request.form(max_files=0, max_fields=FIELDS_MAX) as form:
        given = {name: value for name, value in form.items() if isinstance(value, str)}
    by = given.pop("by", "")
    return await run_in_threadpool(_confirmed, document_id, request, service, pages, given, by)


@router.post("/feeds/paper/{document_id}/reject")
def reject(
    document_id: str,
    request: Request,
    service: Opened,
    pages: Pages,
    by: By = "",
    reason: Annotated[str, FormField(max_length=TEXT_CHARACTERS_MAX)] = "",
) -> Response:
    """Reject the paper for a reason."""
    record = document_of(service, document_id)
    try:
        decide.reject(service.book, record, reason, by=by, at=datetime.now(UTC))
    except InputError as error:
        return _page(service, pages, record, by, problems=(_sentence(error),), status=400)
    return _next(service, record, request, by)


def _confirmed(
    document_id: str, request: Request, service: Service, pages: View, given: Mapping[str, str], by: str
) -> Response:
    record = document_of(service, document_id)
    try:
        report = decide.confirm(service.book, record, given, by=by, at=datetime.now(UTC))
    except NotAsPrinted as error:
        told = tuple(f"{one[:1].upper()}{one[1:]}." for one in error.problems)
        return _page(service, pages, record, by, values=given, problems=told, wrong=error.fields, status=400)
    except InputError as error:
        return _page(service, pages, record, by, values=given, problems=(_sentence(error),), status=400)
    held = next((one.reason for one in report.held if one.disposition == "quarantined"), None)
    if held is not None:
        service.refresh()
        waits = f"It is confirmed, but the book holds it: {held}. Once that is mended, 'tillproof release' posts it."
        return _page(service, pages, record, by, problems=(waits,))
    return _next(service, record, request, by)


def _next(service: Service, record: DocumentRecord, request: Request, by: str) -> Response:
    """On to the next paper that waits, or to the one that was decided about."""
    waiting = [one.record.id for one in papers.papers(service.book) if one.status == papers.WAITING]
    address = with_query(f"/feeds/paper/{waiting[0] if waiting else record.id}", done=record.id[:12])
    return remember(RedirectResponse(address, 303), request, by)


def _page(
    service: Service,
    pages: View,
    record: DocumentRecord,
    by: str,
    *,
    values: Mapping[str, str] | None = None,
    problems: tuple[str, ...] = (),
    wrong: tuple[str, ...] = (),
    status: int = 200,
    done: str = "",
    at: str = "",
) -> Response:
    shown = papers.shown(service.book, service.figures, record)
    failing = (
        {name for check in shown.paper.checks if not check.holds for name in check.fields} if shown.open else set()
    )
    given = shown.values if values is None else dict(values)
    numbers = _numbers(shown)
    before = (
        next((one for one in papers.papers(service.book) if one.record.id.startswith(done)), None) if done else None
    )
    return pages.page(
        "paper.html",
        status=status,
        shown=shown,
        form=_form(shown, given, numbers, set(wrong) or failing),
        kind=given.get("kind", ""),
        kinds=[(kind, KIND_WORDS[kind]) for kind in KINDS],
        kind_number=numbers.get("kind", 0),
        stores=sorted(service.book.settings.stores),
        tenders=sorted(service.book.chart.tenders),
        boxes={page.number: _boxes(shown, page.number, numbers) for page in shown.pages},
        at=_at(shown, at),
        problems=problems,
        reviewer=by,
        done=before,
        compared=_compared(shown.reconciled, pages),
    )


def _numbers(shown: ShownPaper) -> dict[str, int]:
    """The number of each field's box; the rate of a line has its amount's, in which it stands."""
    own = [one.name for one in shown.paper.fields if not _is_line_rate(one.name)]
    numbers = {name: number for number, name in enumerate(own, start=1)}
    rates = [one.name for one in shown.paper.fields if _is_line_rate(one.name)]
    return numbers | {name: numbers[name.replace(".rate", ".amount")] for name in rates}


def _is_line_rate(name: str) -> bool:
    return name.startswith("line.") and name.endswith(".rate")


def _form(shown: ShownPaper, given: Mapping[str, str], numbers: Mapping[str, int], wrong: set[str]) -> Form:
    read = {one.name: one for one in shown.paper.fields}

    def entry(name: str, label: str) -> Entry:
        return Entry(
            name, label, given.get(name, ""), numbers.get(name, 0), read.get(name), name in wrong, _HINTS.get(name, "")
        )

    parts = []
    for part, columns in PARTS.items():
        known = {
            int(name.split(".")[1]) for name in given if name.startswith(f"{part}.") and name.split(".")[1].isdecimal()
        }
        last = max(known, default=0)
        more = range(last + 1, last + 1 + EMPTY_PARTS) if shown.open else ()
        rows = tuple(
            tuple(entry(f"{part}.{number}.{column}", f"{part} {number} {column}") for column in columns)
            for number in (*sorted(known), *more)
        )
        parts.append((_TITLES[part], columns, rows))
    return Form(tuple(entry(name, name) for name in _HEAD), tuple(entry(name, name) for name in _SUMS), tuple(parts))


def _boxes(shown: ShownPaper, page: int, numbers: Mapping[str, int]) -> list[Boxed]:
    size = next(one for one in shown.pages if one.number == page)
    across, down = size.width / SCALE, size.height / SCALE
    return [
        Boxed(
            numbers[one.name], one.name, one.box[0] * across - 3, one.box[1] * down - 3,
            (one.box[2] - one.box[0]) * across + 6, (one.box[3] - one.box[1]) * down + 6,
        )
        for one in shown.paper.fields
        if one.page == page and not _is_line_rate(one.name)
    ]  # fmt: skip


def _at(shown: ShownPaper, place: str) -> Boxed | None:
    """The box that a figure leads to."""
    found = of_paper(place)
    size = next((one for one in shown.pages if found is not None and one.number == found[0]), None)
    if found is None or size is None or found[1] is None:
        return None
    across, down = size.width / SCALE, size.height / SCALE
    left, top, right, bottom = found[1]
    return Boxed(
        0, str(found[0]), left * across - 5, top * down - 5, (right - left) * across + 10, (bottom - top) * down + 10
    )


def _compared(one: Reconciliation | None, pages: View) -> list[tuple[str, str, Cell, str, bool]]:
    """The rows of a reconciliation: label, Z-report, tickets with their proof, difference, and whether there is one."""
    if one is None:
        return []
    formats = pages.formats
    rows = []
    for row in one.rows:
        unit = "" if row.is_count else row.result.currency
        shown = Cell(formats.figure(row.tickets, unit)) if row.figure is None else cell(row.result, row.figure, formats)
        rows.append(
            (
                row.label,
                formats.figure(row.printed, unit),
                shown,
                formats.figure(row.difference, unit),
                bool(row.difference),
            )
        )
    return rows


def _sentence(error: TillproofError) -> str:
    told = f"{error}."
    return told[:1].upper() + told[1:]
