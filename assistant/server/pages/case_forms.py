"""The forms that work a case: assign, verdict, next step, comment, file, suppression."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from assistant.flags import attachments
from assistant.flags.desk import SHORT
from assistant.server.api.cases import Which
from assistant.server.errors import Unreadable
from assistant.server.pages.flags import InList, page_of, place_of
from assistant.server.pages.reviewer import By, remember
from assistant.server.pages.view import View, with_query
from assistant.server.request import Opened, Pages, read_day
from assistant.server.review import doing
from assistant.service import Service
from ledger.cases.case import Case
from ledger.cases.events import TEXT_CHARACTERS_MAX, Commented, Outcome, Step, Stepped, Verdict
from ledger.errors import CaseError, CaseMoved, NoCase

router = APIRouter(include_in_schema=False)

Reason = Annotated[str, Form(max_length=TEXT_CHARACTERS_MAX)]
Seen = Annotated[int | None, Form(ge=0, le=2**62)]


@router.post("/flags/cases/{case}/assign")
def assign(
    request: Request,
    case: str,
    service: Opened,
    pages: Pages,
    by: By,
    to: Annotated[str, Form(max_length=200)] = "",
    which: InList = "today",
) -> Response:
    """Give the case to somebody."""
    return _done(request, service, pages, case, which, by, lambda: doing.assign(service, case, to, by=by))


@router.post("/flags/cases/{case}/verdict")
def give_verdict(
    request: Request,
    case: str,
    service: Opened,
    pages: Pages,
    outcome: Annotated[Outcome, Form()],
    by: By,
    reason: Reason = "",
    seen: Seen = None,
    which: InList = "today",
) -> Response:
    """Close the case, and go on with the next one."""
    place = place_of(service, case, which)

    def act() -> Case:
        return doing.act(service, case, [Verdict(outcome, reason.strip())], by=by, seen=seen)

    return _done(request, service, pages, case, which, by, act, then=place.after or place.before or "")


@router.post("/flags/cases/{case}/step")
def take_step(
    request: Request,
    case: str,
    service: Opened,
    pages: Pages,
    state: Annotated[Step, Form()],
    by: By,
    reason: Reason = "",
    seen: Seen = None,
    which: InList = "today",
) -> Response:
    """Into review, waiting for the store, or reopened."""

    def act() -> Case:
        return doing.act(service, case, [Stepped(state, reason.strip())], by=by, seen=seen)

    return _done(request, service, pages, case, which, by, act)


@router.post("/flags/cases/{case}/comment")
def comment(
    request: Request,
    case: str,
    service: Opened,
    pages: Pages,
    by: By,
    text: Reason = "",
    which: InList = "today",
) -> Response:
    """Leave a comment."""

    def act() -> Case:
        return doing.act(service, case, [Commented(text.strip())], by=by)

    return _done(request, service, pages, case, which, by, act)


@router.post("/flags/cases/{case}/attach")
def attach(
    request: Request,
    case: str,
    service: Opened,
    pages: Pages,
    file: UploadFile,
    by: By,
    which: InList = "today",
) -> Response:
    """Attach a file: it is kept as a document of the book."""

    def act() -> Case:
        content = file.file.read(attachments.BYTES_MAX + 1)
        return attachments.attach(service.desk, case, file.filename or "", content, by=by, at=datetime.now(UTC))

    return _done(request, service, pages, case, which, by, act)


@router.post("/flags/cases/{case}/suppress")
def suppress(
    request: Request,
    case: str,
    service: Opened,
    pages: Pages,
    by: By,
    until: Annotated[str, Form(max_length=10)] = "",
    scope: Annotated[str, Form(max_length=10)] = "rule",
    owner: Annotated[str, Form(max_length=200)] = "",
    reason: Reason = "",
    which: InList = "today",
) -> Response:
    """Suppress the like of a case until the end of a day."""

    def act() -> Case:
        try:
            last = read_day(until)
        except Unreadable as error:
            raise CaseError(str(error).removesuffix(".")) from None
        given = {"until": last, "owner": owner or by, "reason": reason.strip(), "whole_family": scope == "family"}
        doing.suppress(service, doing.from_case(service, case, **given), by=by)  # type: ignore[arg-type]
        return service.desk.find(case)

    return _done(request, service, pages, case, which, by, act, done="suppressed")


def _done(
    request: Request,
    service: Service,
    pages: View,
    case: str,
    which: Which,
    by: str,
    act: Callable[[], Case],
    *,
    then: str | None = None,
    done: str = "",
) -> Response:
    """Do something to a case and show what comes next; what cannot be done is said on the case's page."""
    try:
        made = act()
    except NoCase:
        raise
    except CaseError as error:
        status = 409 if isinstance(error, CaseMoved) else 400
        problem = f"{error}."
        return page_of(
            service, pages, by.strip(), service.desk.case(case), which, status=status,
            problem=problem[:1].upper() + problem[1:],
        )  # fmt: skip
    target = f"/flags/cases/{made.id[:SHORT]}" if then is None else f"/flags/cases/{then}" if then else "/flags"
    address = with_query(target, list=None if which == "today" else which, done=done or made.id[:SHORT])
    return remember(RedirectResponse(address, 303), request, by)
