"""The first page: a question, its answer with every figure linked to its proof, its reading as chips that change it,
and the same table as CSV."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from assistant.ask import Answer
from assistant.candidates import NOTE_CHARACTERS_MAX, REASONS
from assistant.known_on import known_on
from assistant.server import charts
from assistant.server.answering import QUESTION_CHARACTERS_MAX, day_of, staged
from assistant.server.errors import NotThere, Unreadable
from assistant.server.pages.answer_table import AnswerTable, answer_table
from assistant.server.pages.download import csv_response, result_rows, tab_separated
from assistant.server.pages.examples import examples
from assistant.server.pages.results import ResultTable, table
from assistant.server.pages.view import View
from assistant.server.plans.asked import Asked, AskedHere, new_conversation
from assistant.server.plans.change import Setting, changed
from assistant.server.plans.chips import Chips, chips
from assistant.server.plans.following import following
from assistant.server.plans.token import fits, token_of
from assistant.server.request import Opened, Pages
from assistant.server.streaming import stream
from assistant.service import Service
from ledger.figures import Plan, Result, describe
from ledger.figures.plan import TieOut

router = APIRouter(include_in_schema=False)

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
class Link:
    """A question to go on with."""

    label: str
    url: str


@dataclass(frozen=True)
class ShownAnswer:
    """An answer with what the page adds: its table with a link at each figure, the chart, the sources by name, the
    reading as chips, what to ask next. ``problem`` says why a change was not made."""

    asked: Asked
    answer: Answer
    title: str
    token: str
    problem: str
    noted: bool
    paragraphs: list[str]
    urls: dict[int, str]
    sources: list[Source]
    result: ResultTable | None
    table: AnswerTable | None
    chart: Markup | None
    tie_out: TieOut | None
    chips: Chips | None
    following: tuple[Link, ...]
    examples: tuple[str, ...]
    reasons: dict[str, str]
    note_max: int


@router.get("/")
def home(service: Opened, pages: Pages, asked: AskedHere) -> Response:
    return _page(service, pages, Asked(today=asked.today, conversation=asked.conversation), None)


@router.get("/ask")
def ask_page(service: Opened, pages: Pages, asked: AskedHere, noted: bool = False) -> Response:
    """A question and its answer as one page; every state of it has this address."""
    if not asked.is_anything:
        return RedirectResponse(replace(asked, show="", conversation="").url("/"), 303)
    if not asked.conversation:
        asked = replace(asked, conversation=new_conversation())
        return _page(service, pages, asked, shown(service, pages, asked, _answer(service, asked), noted=noted))
    answer = _answer(service, asked)
    plan = Plan.model_validate(answer.plan) if answer.status == "answered" and answer.plan else None
    if asked.plan is None and plan is not None and fits(plan):
        # asked again, the words of a question that went on would go on from themselves: the plan does not
        return RedirectResponse(replace(asked, plan=plan).url(), 303)
    return _page(service, pages, asked, shown(service, pages, asked, answer, noted=noted))


@router.get("/ask/change")
def change(request: Request, service: Opened, pages: Pages, asked: AskedHere) -> Response:
    """What a chip's form sends without the page's script: on to the answer to the plan that it makes."""
    made, problem = _changed(request, service, asked)
    if not problem:
        return RedirectResponse(made.url(), 303)
    answer = _answer(service, made)
    return _page(service, pages, made, shown(service, pages, made, answer, problem=problem), status=400)


@router.get("/ask/stream")
def ask_stream(request: Request, service: Opened, pages: Pages, asked: AskedHere) -> Response:
    """The same answer as events, for the page's script: stages, then the verified answer as a part of a page."""
    made, problem = _changed(request, service, asked) if "part" in request.query_params else (asked, "")
    if not made.is_anything:
        raise Unreadable("Ask a question: the text of the question is missing.")

    def finished(answer: Answer) -> dict[str, str]:
        one = shown(service, pages, made, answer, problem=problem)
        return {"html": pages.fragment("answer.html", shown=one)}

    return stream(staged(lambda: _answer(service, made), finished))


@router.get("/ask.csv")
def ask_table(service: Opened, asked: AskedHere) -> Response:
    """The table of an answer as CSV: exact values in major units."""
    return csv_response(_rows(service, asked), asked.question or _reading(asked))


@router.get("/ask.tsv")
def ask_cells(service: Opened, asked: AskedHere) -> Response:
    """The same table as cells with tabs between them, as a spreadsheet takes them from the clipboard."""
    return PlainTextResponse(tab_separated(_rows(service, asked)), media_type="text/tab-separated-values")


def _rows(service: Service, asked: Asked) -> list[list[object]]:
    answer = _answer(service, replace(asked, conversation=""))
    result = _result(service, answer)
    if result is not None:
        return result_rows(result)
    if answer.table is None:
        raise NotThere("The answer to this question has no table.")
    table_rows: list[list[object]] = [[*row] for row in (answer.table.columns, *answer.table.rows)]
    return table_rows


def _answer(service: Service, asked: Asked) -> Answer:
    """The answer to a question, or to a plan where the address has one."""
    conversation = asked.conversation or None
    if asked.plan is None:
        return service.asker.ask(asked.question, today=day_of(service, asked.today), conversation=conversation)
    known = known_on(service.book, asked.plan.as_of)
    plan = asked.plan.model_copy(update={"as_of": None})
    return service.asker.answer(plan, conversation=conversation, as_of=known)


def _changed(request: Request, service: Service, asked: Asked) -> tuple[Asked, str]:
    """What is asked after a chip's change; or what it was, and why it stays so."""
    if asked.plan is None:
        raise Unreadable("There is no plan to change in this address; ask the question again.")
    try:
        plan = changed(asked.plan, request.query_params, _setting(service, asked))
        token_of(plan)
    except Unreadable as error:
        return asked, str(error)
    return (asked if plan == asked.plan else replace(asked, question="", plan=plan)), ""


def _setting(service: Service, asked: Asked) -> Setting:
    return Setting(service, day_of(service, asked.today))


def _reading(asked: Asked) -> str:
    return describe(asked.plan) if asked.plan is not None else asked.question


def shown(
    service: Service, pages: View, asked: Asked, answer: Answer, *, problem: str = "", noted: bool = False
) -> ShownAnswer:
    """What the page shows of an answer."""
    result = _result(service, answer)
    in_rows = result is not None and bool(result.plan.dimensions) and bool(result.rows)
    labels = {
        figure.citation: f"{pages.formats.figure(figure.value, figure.unit)} {figure.label}"
        for figure in answer.figures
    }
    plan = Plan.model_validate(answer.plan) if answer.plan else asked.plan
    plan = plan if plan is not None and fits(plan) else None
    here = replace(asked, plan=plan)
    setting = _setting(service, asked)
    title = asked.question or answer.reading or _reading(asked)
    goes_on = following(plan, setting) if plan is not None and answer.status == "answered" else ()
    return ShownAnswer(
        asked=here,
        answer=answer,
        title=title,
        token=token_of(plan) if plan is not None else "",
        problem=problem,
        noted=noted,
        paragraphs=[part for part in re.split(r"\n+", answer.text) if part.strip()],
        urls={citation.id: citation.url for citation in answer.citations},
        sources=[
            Source(one.id, _KINDS[one.kind].format(label=labels.get(one.id, "it"), ref=one.ref), one.url)
            for one in answer.citations
        ],
        result=table(result, pages.formats) if result is not None and in_rows else None,
        table=answer_table(answer, pages.formats),
        chart=_chart(result, pages) if result is not None and in_rows else None,
        tie_out=result.tie_out if result is not None else None,
        chips=chips(plan, token_of(plan), setting, pages.formats) if plan is not None else None,
        following=tuple(
            Link(one.label, here.url(question="", plan=one.plan, show="")) for one in goes_on if fits(one.plan)
        ),
        examples=_instead(service, asked, answer),
        reasons=REASONS,
        note_max=NOTE_CHARACTERS_MAX,
    )


def _instead(service: Service, asked: Asked, answer: Answer) -> tuple[str, ...]:
    """What could be asked, where nothing was answered."""
    if answer.status not in ("abstained", "refused") or asked.plan is not None:
        return ()
    return examples(service, day_of(service, asked.today))


def _chart(result: Result, pages: View) -> Markup | None:
    """A chart where there are at least two rows to compare."""
    drawn = charts.svg(result, locale=pages.formats.locale)
    return Markup(drawn) if drawn else None  # noqa: S704


def _result(service: Service, answer: Answer) -> Result | None:
    """The result behind an answer: its plan run again, which at the same head gives the same figures."""
    if answer.status != "answered" or not answer.plan:
        return None
    return service.figures.run(Plan.model_validate(answer.plan))


def _page(service: Service, pages: View, asked: Asked, answer: ShownAnswer | None, *, status: int = 200) -> Response:
    return pages.page(
        "ask.html",
        status=status,
        asked=asked,
        conversation=asked.conversation or new_conversation(),
        counted_from=day_of(service, asked.today),
        question_max=QUESTION_CHARACTERS_MAX,
        examples=() if answer else examples(service, day_of(service, asked.today)),
        shown=answer,
    )
