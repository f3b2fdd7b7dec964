"""OpenAI's interface for chats, ``/v1/chat/completions``, so that existing chat programs can ask a book.

The last message of the user is the question. The messages before it say which conversation it goes on with; what a
system message or a tool's definition says is never followed. Whatever the sampling parameters ask for, the same
question gives the same answer.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, Literal
from uuid import uuid4

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import StreamingResponse

from assistant.ask.answer import Answer
from assistant.doors.chats import Chat
from assistant.doors.linked import linked, service_address
from assistant.doors.markdown import markdown
from assistant.server.answering import checked_question
from assistant.server.pages.view import ask_url
from assistant.server.refusals import CHAT, Refused, refusal
from assistant.server.request import Opened, base_url
from assistant.service import Service
from ledger.errors import TillproofError

router = APIRouter(prefix=CHAT.rstrip("/"), include_in_schema=False)
log = logging.getLogger("tillproof.server")

MODEL = "tillproof"
MESSAGES_MAX = 2000
TABLE_ROWS_MAX = 50
"""Rows of a table in a chat, which sends all of its answers again with each question."""
CHUNK_CHARACTERS = 80
KEEP_ALIVE_SECONDS = 10.0
_WORD = re.compile(r"\w+|[^\w\s]")


class Part(BaseModel):
    """A part of a message: its text, or something that is no text."""

    type: str = Field(max_length=100)
    text: str = ""


class Message(BaseModel):
    role: str = Field(max_length=100)
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""

    @property
    def is_text(self) -> bool:
        return not isinstance(self.content, list) or all(part.type == "text" for part in self.content)


class Format(BaseModel):
    type: str = Field(default="text", max_length=100)


class StreamOptions(BaseModel):
    include_usage: bool = False


class AskedChat(BaseModel):
    """The body of a request. All else that OpenAI knows is taken and has no effect."""

    model: str = Field(max_length=200)
    messages: Annotated[list[Message], Field(min_length=1, max_length=MESSAGES_MAX)]
    n: int | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    response_format: Format | None = None


class ModelCard(BaseModel):
    id: str = MODEL
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "tillproof"


class ModelCards(BaseModel):
    object: Literal["list"] = "list"
    data: list[ModelCard]


@router.get("/models")
def list_models() -> ModelCards:
    """The one model there is."""
    return ModelCards(data=[ModelCard()])


@router.get("/models/{name}")
def get_model(name: str) -> ModelCard:
    """The model by its name."""
    _check_model(name)
    return ModelCard()


@router.post("/chat/completions", response_model=None)
def complete(asked: AskedChat, request: Request, service: Opened) -> dict[str, Any] | StreamingResponse:
    """Answer the last question of a chat, whole or as a stream. The stream has nothing of an answer before the whole
    answer has been verified."""
    chat = _chat(asked)
    base = base_url(request)
    if asked.stream:
        with_usage = asked.stream_options is not None and asked.stream_options.include_usage
        chunks = _chunks(lambda: _told(service, chat, base), chat, with_usage)
        return StreamingResponse(chunks, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
    text = _told(service, chat, base)
    message = {"role": "assistant", "content": text, "refusal": None}
    return {
        **_head("chat.completion"),
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": _usage(chat, text),
    }


def _chat(asked: AskedChat) -> Chat:
    """The chat that a request holds; Refused where it asks for something that cannot be given."""
    _check_model(asked.model)
    if asked.n not in (None, 1):
        raise Refused(400, "unsupported", "There is one answer to a question: leave out 'n', or set it to 1.", "n")
    if asked.response_format is not None and asked.response_format.type != "text":
        raise Refused(400, "unsupported", "Answers are text; for JSON ask at /api/v1/ask instead.", "response_format")
    places = [place for place, message in enumerate(asked.messages) if message.role == "user"]
    if not places:
        raise Refused(400, "no_question", "There is no message with the role 'user' to answer.", "messages")
    question = asked.messages[places[-1]]
    if not question.is_text:
        raise Refused(
            400, "unsupported", "Questions are text: leave out the image, sound or file, and write it.", "messages"
        )
    try:
        text = checked_question(question.text)
    except TillproofError as error:
        raise Refused(400, "question", str(error), "messages") from None
    before = [(one.role, one.text) for one in asked.messages[: places[-1]] if one.role in ("user", "assistant")]
    return Chat(tuple(before), text)


def _check_model(name: str) -> None:
    if name != MODEL:
        raise Refused(404, "model_not_found", f"There is no model {name[:60]!r} here; ask {MODEL!r}.", "model")


def _told(service: Service, chat: Chat, base: str) -> str:
    """The answer as Markdown, with links into the service that people open at ``base``."""
    today = service.today()

    def written(answer: Answer) -> str:
        more = f"{base}{ask_url(chat.question, today.isoformat())}"
        return markdown(linked(answer, service_address(base), TABLE_ROWS_MAX), more)

    return chat.answered(service, today, written)


async def _chunks(work: Callable[[], str], chat: Chat, with_usage: bool) -> AsyncIterator[bytes]:
    """The events of a stream: comments while the answer is worked on, then the answer in pieces, or an error."""
    head = _head("chat.completion.chunk") | ({"usage": None} if with_usage else {})
    yield b": reading the question\n\n"
    answering = asyncio.ensure_future(asyncio.to_thread(work))
    while not (await asyncio.wait({answering}, timeout=KEEP_ALIVE_SECONDS))[0]:
        yield b": working\n\n"
    try:
        text = answering.result()
    except TillproofError as error:
        yield _event(refusal(CHAT, 400, "input", str(error)))
        return
    except Exception:
        log.exception("a question of a chat could not be answered")
        yield _event(refusal(CHAT, 500, "internal", "The service made a mistake; see its log."))
        return
    yield _event(head | _delta({"role": "assistant", "content": ""}))
    for start in range(0, len(text), CHUNK_CHARACTERS):
        yield _event(head | _delta({"content": text[start : start + CHUNK_CHARACTERS]}))
    yield _event(head | _delta({}, "stop"))
    if with_usage:
        yield _event(head | {"choices": [], "usage": _usage(chat, text)})
    yield b"data: [DONE]\n\n"


def _head(kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{uuid4().hex}", "object": kind, "created": int(time.time()), "model": MODEL}


def _delta(delta: dict[str, str], finish: str | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}]}


def _event(data: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


def _usage(chat: Chat, text: str) -> dict[str, int]:
    """What OpenAI calls tokens: the words and signs of the question and of the answer."""
    read, written = len(_WORD.findall(chat.question)), len(_WORD.findall(text))
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
