"""``/metrics``: what a language model did in this process, as Prometheus reads it."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import PlainTextResponse

from assistant.server.request import Opened

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
def counts(service: Opened) -> PlainTextResponse:
    """Counters of answers by outcome, of sentences that were not let through by reason, of tokens and of cost."""
    text = service.tally.exposition() if service.tally is not None else ""
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4")
