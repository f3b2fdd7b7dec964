"""A slash command of Slack, ``/doors/slack``: a question in, an answer with its proofs as links.

Slack waits three seconds. What takes longer is acknowledged, and the answer goes to the address that Slack gave with
the question: the one thing that this service ever sends on its own, and only to Slack.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import logging
import time
import urllib.request
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from assistant.doors import mrkdwn
from assistant.doors.linked import linked, service_address
from assistant.doors.signatures import Signatures
from assistant.server.answering import checked_question
from assistant.server.errors import NotThere
from assistant.server.pages.view import ask_url
from assistant.server.refusals import SLACK, Refused
from assistant.server.request import base_url
from assistant.service import Service
from assistant.settings import InstallationSettings
from ledger.errors import TillproofError

router = APIRouter(include_in_schema=False)
log = logging.getLogger("tillproof.server")

TABLE_ROWS_MAX = 20
FIELDS_MAX = 50
SEND_SECONDS_MAX = 10.0
IN_CHANNEL = "public:"
"""What a question begins with whose answer everybody in the channel may see."""
HELP = (
    "Ask a question, such as “net sales last week by store”. The answer is shown to you alone; begin with "
    f"“{IN_CHANNEL}” to show it to the channel."
)


class SlackDoor:
    """What the door needs of the installation; ``signatures`` is None while it is closed."""

    def __init__(self, settings: InstallationSettings) -> None:
        secret = settings.slack_signing_secret
        self.signatures = Signatures(secret, time.time()) if secret else None
        self.wait_seconds = settings.slack_wait_seconds
        self._origin = settings.slack_response_origin
        self._sending: set[asyncio.Task[None]] = set()

    def may_send_to(self, url: str) -> bool:
        """Whether an address is one of Slack's for answers that come late."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        return f"{parts.scheme}://{parts.netloc}" == self._origin and url.isprintable() and " " not in url

    def send_later(self, answering: asyncio.Task[dict[str, Any]], url: str) -> None:
        """Send an answer to an address as soon as it is there."""

        async def send() -> None:
            try:
                await asyncio.to_thread(_post, url, await answering)
            except (OSError, http.client.HTTPException) as error:
                log.warning("an answer could not be sent to Slack: %s", error)

        task = asyncio.create_task(send())
        self._sending.add(task)  # the loop itself keeps no task alive
        task.add_done_callback(self._sending.discard)


@router.post(SLACK)
async def slash_command(request: Request) -> Response:
    """Answer a slash command of Slack; Refused unless Slack signed it, NotThere while no secret is set."""
    door: SlackDoor = request.app.state.slack
    if door.signatures is None:
        raise NotThere("The door for Slack is closed: TILLPROOF_SLACK_SIGNING_SECRET is not set.")
    body = await request.body()
    headers = request.headers
    door.signatures.check(
        headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", ""), body, time.time()
    )
    fields = _fields(body)
    if fields.get("ssl_check"):
        return Response(status_code=200)
    given = fields.get("text", "").strip()
    in_channel = given.lower().startswith(IN_CHANNEL)
    question = given[len(IN_CHANNEL) :].strip() if in_channel else given
    if question.lower() in ("", "help"):
        return JSONResponse(mrkdwn.sentence(HELP))
    base = base_url(request)
    answering = asyncio.create_task(asyncio.to_thread(_told, request.app.state.service, question, base, in_channel))
    await asyncio.wait({answering}, timeout=door.wait_seconds)
    if answering.done():
        return JSONResponse(answering.result())
    url = fields.get("response_url", "")
    if not door.may_send_to(url):
        return JSONResponse(
            mrkdwn.sentence("The answer takes longer than Slack waits for it; ask a narrower question.")
        )
    door.send_later(answering, url)
    return JSONResponse(mrkdwn.sentence("Working on it; the answer follows."))


def _fields(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), max_num_fields=FIELDS_MAX))
    except ValueError:
        raise Refused(400, "unreadable", "The body is not the form that Slack sends for a slash command.") from None


def _told(service: Service, question: str, base: str, in_channel: bool) -> dict[str, Any]:
    """The message that answers a question; what is wrong with it is said to its asker."""
    try:
        service.refresh()
        today = service.today()
        asked = checked_question(question)
        answer = service.asker.ask(asked, today=today)
        shown = linked(answer, service_address(base), TABLE_ROWS_MAX)
        return mrkdwn.message(shown, in_channel=in_channel, more_url=f"{base}{ask_url(asked, today.isoformat())}")
    except TillproofError as error:
        return mrkdwn.sentence(str(error))
    except Exception:
        log.exception("a question from Slack could not be answered")
        return mrkdwn.sentence("The service made a mistake and has written it to its log.")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """An answer goes where Slack said and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _post(url: str, message: dict[str, Any]) -> None:
    """Send a message; OSError or HTTPException where it does not arrive. The caller has checked the address."""
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(message).encode(), headers, method="POST")  # noqa: S310
    with urllib.request.build_opener(_NoRedirects).open(request, timeout=SEND_SECONDS_MAX) as answered:
        answered.read(1024)
