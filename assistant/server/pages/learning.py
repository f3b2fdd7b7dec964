"""Learning: how often each rule was right, what that teaches the ranking, every change of it, and random samples."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from assistant.flags import learn, unflagged
from assistant.flags.words import said, what_happened
from assistant.server.errors import Unreadable
from assistant.server.pages.reviewer import By, ReviewerName, remember
from assistant.server.pages.view import View
from assistant.server.request import Opened, Pages, read_day
from assistant.service import Service
from ledger.cases.events import TEXT_CHARACTERS_MAX, WeightsAdopted
from ledger.errors import CaseError

router = APIRouter(include_in_schema=False)

Reason = Annotated[str, Form(max_length=TEXT_CHARACTERS_MAX)]
Day = Annotated[str, Form(max_length=10)]


@router.get("/flags/learning")
def learning_page(service: Opened, pages: Pages, reviewer: ReviewerName) -> Response:
    """Rules with their precision, the proposal, and the history."""
    return _page(service, pages, reviewer)


@router.post("/flags/learning/adopt")
def adopt(request: Request, service: Opened, pages: Pages, by: By, reason: Reason = "") -> Response:
    """Rank by what verdicts teach now."""

    def act() -> object:
        proposal = learn.lesson(service.desk.worked(), service.book.currency).proposal
        if proposal is None:
            raise CaseError("there is nothing new to adopt")
        return learn.adopt(service.desk, proposal, by=by, reason=reason.strip(), at=datetime.now(UTC))

    return _done(request, service, pages, by, act)


@router.post("/flags/learning/revert")
def revert(request: Request, service: Opened, pages: Pages, by: By, reason: Reason = "") -> Response:
    """Take the last change back."""

    def act() -> object:
        return learn.take_back(service.desk, by=by, reason=reason.strip(), at=datetime.now(UTC))

    return _done(request, service, pages, by, act)


@router.post("/flags/learning/sample")
def draw(
    request: Request,
    service: Opened,
    pages: Pages,
    by: By,
    start: Annotated[str, Form(alias="from", max_length=10)] = "",
    to: Day = "",
) -> Response:
    """Draw tickets that nothing flagged."""

    def act() -> object:
        return unflagged.draw(service.book, read_day(start), read_day(to), by=by.strip(), at=datetime.now(UTC))

    return _done(request, service, pages, by, act, then="/flags?list=sampled")


def _done(
    request: Request,
    service: Service,
    pages: View,
    by: str,
    act: Callable[[], object],
    then: str = "/flags/learning",
) -> Response:
    try:
        act()
    except (CaseError, Unreadable) as error:
        problem = str(error).removesuffix(".")
        return _page(service, pages, by.strip(), status=400, problem=f"{problem[:1].upper()}{problem[1:]}.")
    return remember(RedirectResponse(then, 303), request, by)


def _page(service: Service, pages: View, reviewer: str, *, status: int = 200, problem: str = "") -> Response:
    worked = service.desk.worked()
    span = service.figures.span()
    last = span.end if span is not None and span.end is not None else service.today()
    return pages.page(
        "learning.html",
        status=status,
        lesson=learn.lesson(worked, service.book.currency),
        needed=(learn.CONFIRMED_MIN, learn.DISMISSED_MIN),
        missed=unflagged.missed(worked),
        share_drawn=unflagged.SHARE,
        history=[(one, *what_happened(one.event), _changes(one.event)) for one in reversed(worked.weights.history)],
        in_force=worked.weights.in_force,
        sample=(last - timedelta(days=6), last),
        reviewer=reviewer,
        people=list(service.book.settings.cases.reviewers),
        said=said,
        problem=problem,
    )


def _changes(event: object) -> list[tuple[str, float]]:
    return [*event.weights, *event.coefficients] if isinstance(event, WeightsAdopted) else []
