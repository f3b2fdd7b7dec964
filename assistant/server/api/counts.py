"""``/metrics``: how the feeds stand, and what a language model did in this process, as Prometheus reads it."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.responses import PlainTextResponse

from assistant.feeds.exposition import exposition
from assistant.feeds.state import states
from assistant.server.request import Opened
from ingest.answers import asked

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
def counts(service: Opened) -> PlainTextResponse:
    """Records by source and what became of them, lag, what is held and missing; of a model its answers by outcome, the
    sentences that were not let through by reason, tokens and cost."""
    text = exposition(states(service, datetime.now(UTC)), asked(service.book))
    text += service.tally.exposition() if service.tally is not None else ""
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4")
