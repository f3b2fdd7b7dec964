"""The API, version 1."""

from __future__ import annotations

from fastapi import APIRouter

from assistant.server.api import (
    ask,
    citations,
    documents,
    entries,
    exports,
    feeds,
    metrics,
    names,
    periods,
    results,
    statements,
    summaries,
    votes,
)
from assistant.server.errors import API_ERRORS

router = APIRouter(prefix="/api/v1", responses=API_ERRORS)
for part in (
    ask,
    entries,
    documents,
    citations,
    feeds,
    summaries,
    results,
    statements,
    metrics,
    exports,
    periods,
    names,
    votes,
):
    router.include_router(part.router)
