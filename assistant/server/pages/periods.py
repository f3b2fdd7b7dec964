"""Periods: what is open, soft-closed and locked, who changed that and why, and a form to change it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from assistant.server.api.periods import (
    NAME_CHARACTERS_MAX,
    REASON_CHARACTERS_MAX,
    WantedChange,
    changed,
    first_day,
)
from assistant.server.pages.reviewer import By
from assistant.server.pages.view import View
from assistant.server.request import Opened, PageNumber, Pages
from assistant.service import Service
from ledger.errors import PeriodError
from ledger.periods import PeriodChange, State

router = APIRouter(include_in_schema=False)

ROWS_PER_PAGE = 50
WORDS: dict[State, str] = {"open": "open", "soft_closed": "soft-closed", "locked": "locked"}
FIELDS = {"from": "From", "to": "To", "by": "Your name", "reason": "Reason", "state": "Change"}

Short = Annotated[str, Form(max_length=10)]


@router.get("/periods")
def periods_page(
    service: Opened, pages: Pages, page: PageNumber = 1, done: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0
) -> Response:
    """The states and their history; ``done`` is the commit of a change that was just made."""
    return _page(service, pages, page=page, done=done)


@router.post("/periods")
def change_period(
    service: Opened,
    pages: Pages,
    state: Annotated[Literal["open", "soft_closed", "locked"], Form()],
    by: By,
    start: Annotated[str, Form(alias="from", max_length=10)] = "",
    to: Short = "",
    reason: Annotated[str, Form(max_length=REASON_CHARACTERS_MAX)] = "",
) -> Response:
    """Make a change and show it; one that cannot be made comes back with the form as it was filled in."""
    given = {"state": state, "from": start, "to": to, "by": by, "reason": reason}
    try:
        wanted = WantedChange.model_validate({**given, "from": start or None})
        made = changed(service, wanted)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        what = "a date, as 2026-09-30" if field in ("from", "to") else "something written in it"
        problem = f"{FIELDS[field]} needs {what}."
    except PeriodError as error:
        problem = f"{error}."
    else:
        return RedirectResponse(f"/periods?done={made.seq}", 303)
    return _page(service, pages, status=400, given=given, problem=problem)


def _page(
    service: Service,
    pages: View,
    *,
    status: int = 200,
    page: int = 1,
    done: int = 0,
    given: dict[str, str] | None = None,
    problem: str = "",
) -> Response:
    periods = service.book.periods()
    spans = periods.spans()
    history = periods.changes[::-1]
    return pages.page(
        "periods.html",
        status=status,
        spans=[(first_day(first), last, state) for first, last, state in spans],
        history=history[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE],
        first_day=first_day,
        words=WORDS,
        given=given or {"state": "soft_closed", "from": str(_next_day(spans)), "to": "", "by": "", "reason": ""},
        problem=problem,
        done=_made(periods.changes, done),
        name_max=NAME_CHARACTERS_MAX,
        reason_max=REASON_CHARACTERS_MAX,
        page=page,
        pages=-(-len(history) // ROWS_PER_PAGE),
    )


def _next_day(spans: list[tuple[date, date, State]]) -> date | str:
    """The day after what is closed, where the next period to close begins; empty where nothing is."""
    return spans[-1][1] + timedelta(days=1) if spans else ""


def _made(changes: tuple[PeriodChange, ...], seq: int) -> PeriodChange | None:
    return next((one for one in changes if one.seq == seq), None)
