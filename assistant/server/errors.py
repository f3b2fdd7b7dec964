"""Errors as answers: one sentence, as ``{"error": {"code", "message"}}`` for a program and as a page for a person."""

from __future__ import annotations

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from assistant.candidates import CandidatesFull
from assistant.server.pages.view import view
from assistant.server.refusals import CHAT, Refused, is_door, refusal
from assistant.server.security import HEADERS
from ledger.errors import (
    BookBusy,
    BookMoved,
    BookUnwritable,
    CaseError,
    CaseMoved,
    InputError,
    NoCase,
    PeriodError,
    PlanError,
    TillproofError,
)

log = logging.getLogger("tillproof.server")

_HEADINGS = {
    400: "That cannot be read",
    404: "Not found",
    405: "Not like that",
    409: "It has changed meanwhile",
    422: "That cannot be read",
    500: "Something went wrong",
    503: "Not possible now",
}
_SENTENCES = {
    404: "There is nothing at this address; follow a link from the first page instead.",
    405: "This address does not take that kind of request.",
}


class NotThere(TillproofError):
    """What an address names is not in the book."""


class Unreadable(TillproofError):
    """An address or a form says something that cannot be read."""


class Problem(BaseModel):
    """What went wrong: a code for programs, a sentence for people."""

    code: str
    message: str


class ErrorAnswer(BaseModel):
    """The body of every error of the API."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"error": {"code": "not_there", "message": "There is no entry 9-9 in this book."}}
        }
    )

    error: Problem


API_ERRORS: dict[int | str, dict[str, object]] = {
    400: {"model": ErrorAnswer, "description": "The request says something that cannot be read or run."},
    401: {"model": ErrorAnswer, "description": "A key is set and the request does not carry it."},
    404: {"model": ErrorAnswer, "description": "What the address names is not in the book."},
    422: {"model": ErrorAnswer, "description": "A parameter is missing or not of its type."},
    503: {"model": ErrorAnswer, "description": "The book cannot be written just now: busy, moved, or its disk full."},
}


def install(app: FastAPI) -> None:
    """Make every error of the application an answer of this module."""

    async def ours(request: Request, error: Exception) -> Response:
        status, code = _status(error)
        return answer(request, status, code, str(error), error.param if isinstance(error, Refused) else None)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"][1:]) or "the body"
        status = 400 if request.url.path.startswith(CHAT) else 422
        return answer(request, status, "invalid", f"{where}: {first['msg']}.", where)

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = HTTPStatus(error.status_code).name.lower()
        response = answer(request, error.status_code, code, _SENTENCES.get(error.status_code, f"{error.detail}."))
        response.headers.update(error.headers or {})
        return response

    async def unforeseen(request: Request, error: Exception) -> Response:
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        sentence = "The service made a mistake and has written it to its log; nothing in the book was changed."
        response = answer(request, 500, "internal", sentence)
        response.headers.update(HEADERS)  # this answer is made outside the layer that adds them to all others
        return response

    app.add_exception_handler(TillproofError, ours)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, unforeseen)


def answer(request: Request, status: int, code: str, sentence: str, param: str | None = None) -> Response:
    """An error in the form that the asker reads: JSON under ``/api/`` and at the doors, a page elsewhere."""
    path = request.url.path
    if path.startswith("/api/") or path == "/healthz" or is_door(path):
        return JSONResponse(refusal(path, status, code, sentence, param), status)
    heading = _HEADINGS.get(status, HTTPStatus(status).phrase)
    return view(request).page("error.html", status=status, heading=heading, sentence=sentence)


def _status(error: Exception) -> tuple[int, str]:
    if isinstance(error, Refused):
        return error.status, error.code
    if isinstance(error, NotThere | NoCase):
        return 404, "not_there"
    if isinstance(error, CaseMoved):
        return 409, "changed"
    if isinstance(error, BookBusy):
        return 503, "busy"
    if isinstance(error, CandidatesFull):
        return 507, "full"
    if isinstance(error, BookMoved | BookUnwritable):
        return 503, "unwritable"
    if isinstance(error, PlanError):
        return 400, "plan"
    if isinstance(error, Unreadable | InputError | PeriodError | CaseError):
        return 400, "input"
    return 500, "book"
