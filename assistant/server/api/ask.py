"""``/ask``: a question in plain language, answered whole or as a stream that tells its stages."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from assistant.ask import Answer
from assistant.known_on import AsOf, known_on
from assistant.server.answering import checked_question, staged
from assistant.server.request import Opened
from assistant.server.streaming import stream
from assistant.service import Service

router = APIRouter(prefix="/ask", tags=["ask"])

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events: `stage` (what is being done), then one `answer` (the verified answer) or one `error`.",
        "content": {
            "text/event-stream": {
                "example": 'event: stage\ndata: {"stage":"reading","sentence":"Reading the question"}\n\n'
                'event: answer\ndata: {"id":"q1","status":"answered"}\n\n'
            }
        },
    }
}


class Asked(BaseModel):
    """A question. ``today`` is the day that 'yesterday' is relative to; without it, the present day of the business.
    ``as_of`` asks for what was known then; without it, for what is known now."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"id": "q1", "question": "net sales by store in October 2026", "today": "2026-11-01"}]
        },
    )

    question: str = Field(max_length=4000)
    today: date | None = None
    as_of: AsOf | None = Field(
        default=None, description="a commit's number, a date or a time: what was known then", examples=["2026-10-31"]
    )
    conversation: str | None = Field(default=None, max_length=200)
    id: str | None = Field(default=None, max_length=200, description="comes back with the answer")


@router.post("")
def ask(asked: Asked, service: Opened) -> Answer:
    """Answer a question. Every figure has a citation that opens down to the source lines; where the question is not
    understood, the status says so and the text names the words."""
    return _answer(service, asked, checked_question(asked.question))


@router.post("/stream", responses=_STREAM, response_class=Response)
def ask_stream(asked: Asked, service: Opened) -> Response:
    """The same answer as server-sent events. No part of an answer is sent before it has been verified."""
    question = checked_question(asked.question)
    return stream(staged(lambda: _answer(service, asked, question), lambda answer: answer.model_dump(mode="json")))


def _answer(service: Service, asked: Asked, question: str) -> Answer:
    return service.asker.ask(
        question,
        today=asked.today or service.today(),
        conversation=asked.conversation,
        id=asked.id,
        as_of=known_on(service.book, asked.as_of),
    )
