"""``/votes``: what a reader made of an answer, kept as a candidate for an evaluation."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from assistant.ask.answer import Status
from assistant.candidates import NOTE_CHARACTERS_MAX, Reason, Vote
from assistant.server import votes
from assistant.server.request import Opened
from ledger.figures import Plan

router = APIRouter(prefix="/votes", tags=["ask"])


class Voted(BaseModel):
    """A vote on an answer: its question, or its ``plan`` where no question made it, and what was wrong with it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "question": "net sales at Main St last week",
                    "today": "2026-11-01",
                    "plan": {"metrics": ["net_sales"]},
                    "status": "answered",
                    "vote": "down",
                    "reason": "wrong_name",
                    "note": "the other Main St was meant",
                }
            ]
        },
    )

    question: str = Field(default="", max_length=4000)
    today: date | None = Field(default=None, description="the day that the question counted from")
    plan: Plan | None = Field(default=None, description="the answer's plan")
    status: Status = "answered"
    vote: Vote
    reason: Reason | None = None
    note: str = Field(default="", max_length=NOTE_CHARACTERS_MAX)


class Kept(BaseModel):
    kept: bool = True


@router.post("", status_code=201)
def vote(voted: Voted, service: Opened) -> Kept:
    """Keep a vote. It is added to ``candidates.jsonl`` beside the book and goes nowhere else; who voted is not kept."""
    votes.keep(
        service,
        question=voted.question,
        today=voted.today or service.today(),
        plan=voted.plan,
        status=voted.status,
        vote=voted.vote,
        reason=voted.reason,
        note=voted.note,
    )
    return Kept()
