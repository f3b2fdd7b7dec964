"""``/healthz``: whether the service answers; open without a key, and so it says nothing of the book."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

router = APIRouter(tags=["health"])


class Health(BaseModel):
    status: Literal["ok"] = "ok"


@router.get("/healthz")
def healthz(request: Request) -> Health:
    """200 when the service is up and its book can be read."""
    request.app.state.service.book.head()
    return Health()
