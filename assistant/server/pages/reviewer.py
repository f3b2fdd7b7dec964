"""Who is reviewing: the name that the forms of cases are sent in, kept in a cookie so that it is typed once.

The cookie only fills the forms in; what counts is the name that a form sends. A name is what a person says it is,
unless people have keys of their own: then it is that of the key (``who``).
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import Depends, Form, Request
from starlette.responses import Response

from assistant.server.who import Acting
from ledger.cases.events import NAME_CHARACTERS_MAX

COOKIE = "tillproof_reviewer"
YEAR_SECONDS = 365 * 24 * 3600


def _by(who: Acting, by: Annotated[str, Form(max_length=NAME_CHARACTERS_MAX)] = "") -> str:
    return who.acts_as(by)


By = Annotated[str, Depends(_by)]
"""The name that a form is sent in."""


def _known(request: Request, who: Acting) -> str:
    if who.bound:
        return who.name or ""
    name = unquote(request.cookies.get(COOKIE, ""))[:NAME_CHARACTERS_MAX].strip()
    return name if name.isprintable() else ""


ReviewerName = Annotated[str, Depends(_known)]


def remember(response: Response, request: Request, name: str) -> Response:
    """Keep a name for the next form."""
    response.set_cookie(
        COOKIE,
        quote(name.strip()),
        max_age=YEAR_SECONDS,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response
