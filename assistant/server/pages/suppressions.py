"""Suppressions: what is known and makes no cases for a while, how much that held back, and ending one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from assistant.flags.desk import SHORT
from assistant.flags.words import scope_of
from assistant.server.pages.reviewer import By, ReviewerName, remember
from assistant.server.pages.view import View
from assistant.server.request import Opened, Pages
from assistant.server.review import doing
from assistant.service import Service
from ledger.cases.events import TEXT_CHARACTERS_MAX
from ledger.errors import CaseError, NoCase

router = APIRouter(include_in_schema=False)


@router.get("/flags/suppressions")
def suppressions_page(service: Opened, pages: Pages, reviewer: ReviewerName) -> Response:
    """All suppressions, those in force first."""
    return _page(service, pages, reviewer)


@router.post("/flags/suppressions/{suppression}/end")
def end(
    request: Request,
    suppression: str,
    service: Opened,
    pages: Pages,
    by: By,
    reason: Annotated[str, Form(max_length=TEXT_CHARACTERS_MAX)] = "",
) -> Response:
    """End one before its time."""
    try:
        doing.end_suppression(service, suppression, reason.strip(), by=by)
    except NoCase:
        raise
    except CaseError as error:
        return _page(service, pages, by.strip(), status=400, problem=f"{error}.")
    return remember(RedirectResponse("/flags/suppressions", 303), request, by)


def _page(service: Service, pages: View, reviewer: str, *, status: int = 200, problem: str = "") -> Response:
    today = service.today()
    found = list(service.desk.worked().suppressions.values())[::-1]
    found.sort(key=lambda one: not one.in_force(today))
    return pages.page(
        "suppressions.html",
        status=status,
        suppressions=[(one, scope_of(one.terms), one.in_force(today)) for one in found],
        reviewer=reviewer,
        people=list(service.book.settings.cases.reviewers),
        short=SHORT,
        problem=problem,
    )
