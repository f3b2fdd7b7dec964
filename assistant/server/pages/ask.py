"""The first page: a question, its answer with every figure linked to its proof, and the same table as CSV."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from assistant.ask import Answer
from assistant.server import charts
from assistant.server.answering import QUESTION_CHARACTERS_MAX, checked_question, day_of, staged
from assistant.server.errors import NotThere
from assistant.server.pages.download import csv_response, result_rows
from assistant.server.pages.examples import examples
from assistant.server.pages.results import ResultTable, table
from assistant.server.pages.view import View, ask_url
from assistant.server.request import Opened, Pages, Today
from assistant.server.streaming import stream
from assistant.service import Service
from ledger.figures import Plan, Result
from ledger.figures.plan import TieOut

router = APIRouter(include_in_schema=False)

Question = Annotated[str, Query(alias="q", max_length=4000)]
Show = Literal["", "chart", "table"]

_KINDS = {
    "plan": "{label}",
    "entry": "Journal entry {ref}",
    "document": "Source document {ref}",
    "summary": "Summary: {ref}",
    "flag": "Flag {ref}",
}


@dataclass(frozen=True)
class Source:
    """A citation of an answer, named for a person."""

    id: int
    label: str
    url: str


@dataclass(frozen=True)
class ShownAnswer:
    """An answer with what the page adds: its table with a link at each figure, the chart, the sources by name."""

    question: str
    today: str
    show: Show
    answer: Answer
    paragraphs: list[str]
    urls: dict[int, str]
    sources: list[Source]
    result: ResultTable | None
    chart: Markup | None
    tie_out: TieOut | None
    reading_title: str
    examples: tuple[str, ...]


@router.get("/")
def home(service: Opened, pages: Pages, today: Today = "") -> Response:
    return _page(service, pages, "", today, None)


@router.get("/ask")
def ask_page(service: Opened, pages: Pages, q: Question = "", today: Today = "", show: Show = "") -> Response:
    """A question and its answer as one page; every state of it has this address."""
    if not q.strip():
        return RedirectResponse(ask_url("", today, path="/") if today else "/", 303)
    question = checked_question(q)
    answer = service.asker.ask(question, today=day_of(service, today))
    return _page(service, pages, question, today, shown(service, pages, question, today, show, answer))


@router.get("/ask/stream")
def ask_stream(service: Opened, pages: Pages, q: Question = "", today: Today = "", show: Show = "") -> Response:
    """The same answer as events, for the page's script: stages, then the verified answer as a part of a page."""
    question, day = checked_question(q), day_of(service, today)

    def finished(answer: Answer) -> dict[str, str]:
        return {"html": pages.fragment("answer.html", shown=shown(service, pages, question, today, show, answer))}

    return stream(staged(lambda: service.asker.ask(question, today=day), finished))


@router.get("/ask.csv")
def ask_table(service: Opened, q: Question = "", today: Today = "") -> Response:
    """The table of an answer as CSV: exact values in major units."""
    question = checked_question(q)
    answer = service.asker.ask(question, today=day_of(service, today))
    result = _result(service, answer)
    if result is not None:
        return csv_response(result_rows(result), question)
    if answer.table is None:
        raise NotThere("The answer to this question has no table.")
    return csv_response([answer.table.columns, *answer.table.rows], question)


def shown(service: Service, pages: View, question: str, today: str, show: Show, answer: Answer) -> ShownAnswer:
    """What the page shows of an answer."""
    result = _result(service, answer)
    in_rows = result is not None and bool(result.plan.dimensions) and bool(result.rows)
    labels = {
        figure.citation: f"{pages.formats.figure(figure.value, figure.unit)} {figure.label}"
        for figure in answer.figures
    }
    return ShownAnswer(
        question=question,
        today=today,
        show=show,
        answer=answer,
        paragraphs=[part for part in re.split(r"\n+", answer.text) if part.strip()],
        urls={citation.id: citation.url for citation in answer.citations},
        sources=[
            Source(one.id, _KINDS[one.kind].format(label=labels.get(one.id, "it"), ref=one.ref), one.url)
            for one in answer.citations
        ],
        result=table(result, pages.formats) if result is not None and in_rows else None,
        chart=_chart(result, pages) if result is not None and in_rows else None,
        tie_out=result.tie_out if result is not None else None,
        reading_title=answer.reading or "",
        examples=_instead(service, today, answer),
    )


def _instead(service: Service, today: str, answer: Answer) -> tuple[str, ...]:
    """What could be asked, where nothing was answered."""
    return examples(service, day_of(service, today)) if answer.status in ("abstained", "refused") else ()


def _chart(result: Result, pages: View) -> Markup | None:
    """A chart where there are at least two rows to compare."""
    drawn = charts.svg(result, locale=pages.formats.locale)
    return Markup(drawn) if drawn else None  # noqa: S704


def _result(service: Service, answer: Answer) -> Result | None:
    """The result behind an answer: its plan run again, which at the same head gives the same figures."""
    if answer.status != "answered" or not answer.plan:
        return None
    return service.figures.run(Plan.model_validate(answer.plan))


def _page(service: Service, pages: View, question: str, today: str, answer: ShownAnswer | None) -> Response:
    return pages.page(
        "ask.html",
        question=question,
        today=today,
        counted_from=day_of(service, today),
        question_max=QUESTION_CHARACTERS_MAX,
        examples=() if question else examples(service, day_of(service, today)),
        shown=answer,
    )
