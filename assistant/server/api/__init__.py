"""The API, version 1."""

from __future__ import annotations

from fastapi import APIRouter

from assistant.server.api import (
    ask,
    attachments,
    cases,
    citations,
    documents,
    entries,
    exports,
    feeds,
    learning,
    metrics,
    names,
    naming,
    paper,
    periods,
    results,
    statements,
    summaries,
    suppressions,
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
    naming,
    votes,
    cases,
    attachments,
    suppressions,
    learning,
    paper,
):
    router.include_router(part.router)
