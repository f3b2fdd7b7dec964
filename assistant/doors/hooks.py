"""Webhooks of tills, ``/hooks/{source}``: answered with 200 once what they bring is durably in the book.

A delivery that the vendor did not sign is refused with 401, one that cannot be stored just now with 503, after which
vendors send it again. What is held for a person is in the book, too, and acknowledged.
"""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from assistant.server.errors import NotThere
from assistant.server.refusals import HOOKS, Refused
from assistant.settings import InstallationSettings
from ingest.hooks import Hooks
from ingest.signatures import SIGNED, Door, Unsigned
from ledger.book import Book

router = APIRouter(include_in_schema=False)


class HookDoor:
    """The sources whose webhooks this installation takes: those that it has a secret for."""

    def __init__(self, book: Book, settings: InstallationSettings) -> None:
        secrets = {
            "square": settings.square_webhook_key,
            "shopify": settings.shopify_webhook_secret,
            "stripe": settings.stripe_webhook_secret,
        }
        self._hooks = {
            source: Hooks(book, Door(source, secret, f"{settings.public_url or ''}{HOOKS}{source}"))
            for source, secret in secrets.items()
            if secret is not None
        }

    def of(self, source: str) -> Hooks:
        """What takes the webhooks of a source; NotThere while no secret of its is set."""
        found = self._hooks.get(source)
        if found is None:
            known = f"TILLPROOF_{source.upper()}_WEBHOOK_" if source in SIGNED else ""
            why = f"the secret that begins with {known} is not set" if known else "no webhooks of it are known"
            raise NotThere(f"The door for webhooks of this source is closed: {why}.")
        return found


@router.post(f"{HOOKS}{{source}}")
async def take_hook(source: str, request: Request) -> Response:
    """Take a delivery. The counts are those of all deliveries that were committed with it."""
    door: HookDoor = request.app.state.hooks
    hooks = door.of(source)
    body = await request.body()
    try:
        await run_in_threadpool(hooks.take, dict(request.headers), body, datetime.now(UTC))
    except Unsigned as error:
        raise Refused(401, "bad_signature", str(error)) from None
    return JSONResponse({"taken": True})
