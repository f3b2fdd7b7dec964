"""Flags: the queue of the day with the case beside it, and the lists of cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from assistant.flags import attachments
from assistant.flags.desk import SHORT
from assistant.flags.queue import Queue, Ranked
from assistant.flags.words import said, status_of, title_of
from assistant.server.api.attachments import to_be_saved
from assistant.server.api.cases import Which, listed
from assistant.server.errors import Unreadable
from assistant.server.pages.download import csv_response
from assistant.server.pages.reviewer import By, ReviewerName, remember
from assistant.server.pages.view import View
from assistant.server.request import Opened, PageNumber, Pages
from assistant.server.review.shown import shown
from assistant.service import Service
from ledger.cases.case import Case
from ledger.cases.events import (
    CONFIRMED,
    DISMISSED,
    TEXT_CHARACTERS_MAX,
    Outcome,
)
from ledger.errors import CaseError, NoCase
from ledger.money import to_major

router = APIRouter(include_in_schema=False)

ROWS_PER_PAGE = 50
LIST_MAX = 100
"""Cases that the list beside a case shows."""
LISTS: dict[Which, str] = {
    "today": "Today",
    "waiting": "Waiting for the store",
    "beyond": "Later",
    "sampled": "Drawn at random",
    "gone": "No longer found",
    "all": "All",
}
OUTCOMES: dict[Outcome, tuple[str, str]] = {
    "loss": ("Loss", "Money or goods are gone."),
    "error": ("Error", "A mistake, without intent."),
    "policy": ("Policy", "Against the rules, without a loss."),
    "expected": ("Expected", "It is right as it is."),
    "wrong_data": ("Wrong data", "What the till sent is not what happened."),
    "duplicate": ("Duplicate", "Another case has it."),
}

InList = Annotated[Which, Query(alias="list")]
Done = Annotated[str, Query(max_length=64)]


@dataclass(frozen=True)
class Place:
    """Where a case stands in the list it is looked at in."""

    which: Which
    cases: tuple[Ranked, ...]
    before: str | None
    after: str | None


@router.get("/flags")
def queue_page(
    service: Opened, pages: Pages, reviewer: ReviewerName, which: InList = "today", done: Done = ""
) -> Response:
    """The queue, with its first case beside it."""
    queue = service.desk.queue(service.today())
    first = next(iter(listed(service, queue, which)), None)
    return page_of(service, pages, reviewer, first, which, queue=queue, done=done, chosen=False)


@router.get("/flags/cases")
def all_page(service: Opened, pages: Pages, state: str = "", page: PageNumber = 1) -> Response:
    """Every case, closed ones too, the most urgent first."""
    every = service.desk.ranked()
    found = [one for one in every if not state or one.case.state == state]
    return pages.page(
        "cases.html",
        cases=[(one, title_of(one.case), status_of(one.case)) for one in _cut(found, page)],
        total=len(found),
        states={name: sum(one.case.state == name for one in every) for name in _states(every)},
        state=state,
        page=page,
        pages=-(-len(found) // ROWS_PER_PAGE),
        said=said,
    )


@router.get("/flags/cases.csv")
def all_table(service: Opened, state: str = "") -> Response:
    """The same as CSV."""
    currency = service.book.currency
    header = ("case", "title", "state", "outcome", "assignee", "store", "person", "family", "from", "to", "flags",
              "money_at_risk", "currency", "score", "expected", "observed", "reason", "verdict_by", "verdict_at",
              "verdict_reason")  # fmt: skip
    rows: list[tuple[object, ...]] = [header]
    for one in service.desk.ranked():
        case, cause, verdict = one.case, one.case.cause, one.case.verdict
        if state and case.state != state:
            continue
        money = None if one.money_minor is None else to_major(one.money_minor, currency)
        ended = (verdict.by, verdict.at, getattr(verdict.event, "reason", "")) if verdict else (None, None, None)
        rows.append(
            (case.id, title_of(case), case.state, case.outcome, case.assignee, cause.store, cause.person, cause.family,
             cause.first, cause.last, len(one.flags), money, currency, one.score, one.head.expected,
             one.head.observed, one.head.reason, *ended)
        )  # fmt: skip
    return csv_response(rows, "cases")


@router.get("/flags/flag/{flag}")
def flag_page(flag: str, service: Opened) -> Response:
    """To the case that a flag is in, or the list of suppressions where one held it back."""
    worked = service.desk.worked()
    subject = worked.flags().get(flag)
    if subject is None:
        raise NoCase(f"the flag {flag[:64]!r} is in no case")
    if subject in worked.suppressions:
        return RedirectResponse(f"/flags/suppressions#s{subject[:SHORT]}", 303)
    return RedirectResponse(f"/flags/cases/{subject[:SHORT]}?list=all", 303)


@router.post("/flags/me")
def be_somebody(request: Request, by: By, back: Annotated[str, Form(max_length=200)] = "/flags") -> Response:
    """Keep the name that the forms are filled in with."""
    if not by.strip() or not by.isprintable():
        raise Unreadable("A name has to have letters in it.")
    target = back if back.startswith("/flags") and back.isprintable() and "\\" not in back else "/flags"
    return remember(RedirectResponse(target, 303), request, by)


@router.get("/flags/cases/{case}")
def case_page(
    case: str, service: Opened, pages: Pages, reviewer: ReviewerName, which: InList = "today", done: Done = ""
) -> Response:
    """One case, with the list that it was opened from beside it."""
    return page_of(service, pages, reviewer, service.desk.case(case), which, done=done)


@router.get("/flags/cases/{case}/attachments/{document}")
def attachment(case: str, document: str, service: Opened) -> Response:
    """An attached file, always to be saved and never shown: what is in it is anybody's."""
    return to_be_saved(*attachments.fetch(service.desk, case, document))


def page_of(
    service: Service,
    pages: View,
    reviewer: str,
    one: Ranked | None,
    which: Which,
    *,
    queue: Queue | None = None,
    status: int = 200,
    done: str = "",
    problem: str = "",
    chosen: bool = True,
) -> Response:
    """A list with one of its cases, or none; ``problem`` is why something was not done, ``done`` what was."""
    queue = queue or service.desk.queue(service.today())
    place = place_of(service, one.case.id, which, queue) if one is not None else Place(which, (), None, None)
    people = service.book.settings.cases.reviewers
    return pages.page(
        "flags.html",
        status=status,
        queue=queue,
        lists=[(name, label, len(getattr(queue, name))) for name, label in LISTS.items() if name != "all"],
        which=which,
        place=place,
        titles={ranked.case.id: title_of(ranked.case) for ranked in place.cases},
        shown=shown(service, one, pages) if one is not None else None,
        chosen=chosen,
        reviewer=reviewer,
        people=list(people),
        outcomes=OUTCOMES,
        confirmed=CONFIRMED,
        dismissed=DISMISSED,
        status_of=status_of,
        said=said,
        short=SHORT,
        done=_done_words(service, done),
        problem=problem,
        today=service.today(),
        until=_next_month(service.today()),
        empty=not service.desk.worked().cases,
        text_max=TEXT_CHARACTERS_MAX,
    )


def place_of(service: Service, case: str, which: Which, queue: Queue | None = None) -> Place:
    """The list around a case; the case is put first into one that it is not in (any more)."""
    found = listed(service, queue or service.desk.queue(service.today()), which)
    number = next((at for at, one in enumerate(found) if one.case.id.startswith(case)), None)
    if number is None:
        after = found[0].case.id[:SHORT] if found else None
        return Place(which, tuple(found[:LIST_MAX]), None, after)
    first = max(0, min(number - LIST_MAX // 2, len(found) - LIST_MAX))
    return Place(
        which,
        tuple(found[first : first + LIST_MAX]),
        found[number - 1].case.id[:SHORT] if number else None,
        found[number + 1].case.id[:SHORT] if number + 1 < len(found) else None,
    )


def _done_words(service: Service, done: str) -> tuple[str, Case | None] | None:
    """What was just done, for the note above the case."""
    if done == "suppressed":
        return "The like of this case is suppressed from now on; this case is still open.", None
    try:
        case = service.desk.find(done) if done else None
    except CaseError:
        return None
    if case is None:
        return None
    return f"{title_of(case)} is {status_of(case)}", case


def _states(every: list[Ranked]) -> list[str]:
    order = ("new", "in_review", "waiting", "reopened", "confirmed", "dismissed")
    there = {one.case.state for one in every}
    return [name for name in order if name in there]


def _cut(found: list[Ranked], page: int) -> list[Ranked]:
    return found[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE]


def _next_month(today: date) -> date:
    """A suppression's day to begin with: the last day of the next month."""
    months = today.year * 12 + today.month + 1
    return date.fromordinal(date(months // 12, months % 12 + 1, 1).toordinal() - 1)
