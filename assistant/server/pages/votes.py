"""The form under an answer that says whether it was right."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from assistant.ask.answer import Status
from assistant.candidates import NOTE_CHARACTERS_MAX, Reason, Vote
from assistant.server import votes
from assistant.server.answering import day_of
from assistant.server.plans.asked import AskedHere
from assistant.server.request import Opened

router = APIRouter(include_in_schema=False)


@router.post("/ask/vote")
def vote(
    service: Opened,
    asked: AskedHere,
    vote: Annotated[Vote, Form()],
    status: Annotated[Status, Form()] = "answered",
    reason: Annotated[Reason | None, Form()] = None,
    note: Annotated[str, Form(max_length=NOTE_CHARACTERS_MAX)] = "",
) -> Response:
    """Keep a vote on the answer of this address, then back to it."""
    votes.keep(
        service,
        question=asked.question,
        today=day_of(service, asked.today),
        plan=asked.plan,
        status=status,
        vote=vote,
        reason=reason if vote == "down" else None,
        note=note if vote == "down" else "",
    )
    return RedirectResponse(f"{asked.url()}&noted=true", 303)
