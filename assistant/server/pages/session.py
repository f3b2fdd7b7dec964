"""Signing in with a key, one's own or that of the installation, and out again."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from assistant.server.auth import COOKIE, SESSION_SECONDS, KeyHolder, own_path
from assistant.server.request import Pages

router = APIRouter(include_in_schema=False)


@router.get("/login")
def login_page(request: Request, pages: Pages, next: Annotated[str, Query(max_length=4000)] = "/") -> Response:
    if request.app.state.keys is None:
        return RedirectResponse("/", 303)
    return pages.page("login.html", next=own_path(next), wrong=False)


@router.post("/login")
def login(
    request: Request,
    pages: Pages,
    key: Annotated[str, Form(max_length=1000)] = "",
    next: Annotated[str, Form(max_length=4000)] = "/",
) -> Response:
    keys: KeyHolder | None = request.app.state.keys
    if keys is None:
        return RedirectResponse("/", 303)
    holder = keys.holder(key)
    if holder is None:
        return pages.page("login.html", status=401, next=own_path(next), wrong=True)
    response = RedirectResponse(own_path(next), 303)
    response.set_cookie(
        COOKIE,
        keys.session(holder, time.time()),
        max_age=SESSION_SECONDS,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


@router.post("/logout")
def logout() -> Response:
    response = RedirectResponse("/login", 303)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response
