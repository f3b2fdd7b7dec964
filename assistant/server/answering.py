"""Asking, as the server does it: limits on a question, and the stages that are told while it is worked on."""

from __future__ import annotations

import contextvars
import logging
import queue
import threading
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from assistant.ask import Answer
from assistant.ask.stages import told_to
from assistant.server.errors import Unreadable
from assistant.server.request import read_day
from assistant.server.streaming import event
from assistant.service import Service
from ledger.errors import TillproofError

QUESTION_CHARACTERS_MAX = 500

log = logging.getLogger("tillproof.server")


def checked_question(question: str) -> str:
    """A question without space around it; Unreadable when there is none or it is too long."""
    trimmed = " ".join(question.split())
    if not trimmed:
        raise Unreadable("Ask a question: the text of the question is missing.")
    if len(trimmed) > QUESTION_CHARACTERS_MAX:
        raise Unreadable(f"A question may have at most {QUESTION_CHARACTERS_MAX} characters; ask a shorter one.")
    return trimmed


def day_of(service: Service, today: str) -> date:
    """The day that a question counts from: the one given, or the present day where the business is."""
    return read_day(today) if today else service.today()


def staged(work: Callable[[], Answer], finish: Callable[[Answer], dict[str, Any]]) -> Iterator[bytes]:
    """The events of one question: what is being done, as it is done, then the verified answer whole, or the error.

    No part of an answer is sent before the answer has been verified. The sentences of a model that were let through
    come one by one before the whole.
    """
    told: queue.SimpleQueue[tuple[str, str] | None] = queue.SimpleQueue()
    found: list[Answer] = []
    failed: list[Exception] = []

    def answer() -> None:
        try:
            with told_to(lambda stage, sentence: told.put((stage, sentence))):
                found.append(work())
        except Exception as error:
            failed.append(error)
        finally:
            told.put(None)

    yield event("stage", {"stage": "reading", "sentence": "Reading the question"})
    threading.Thread(target=contextvars.copy_context().run, args=(answer,), name="question", daemon=True).start()
    while (stage := told.get()) is not None:
        yield event("stage", {"stage": stage[0], "sentence": stage[1]})
    try:
        if failed:
            raise failed[0]
        (made,) = found
        if made.reading:
            yield event("stage", {"stage": "computed", "sentence": f"Read as {made.reading}"})
        if made.model is not None and made.model.outcome == "written":
            for sentence in made.sentences:
                yield event("text", {"sentence": sentence})
        yield event("answer", finish(made))
    except TillproofError as error:
        yield event("error", {"error": {"code": "input", "message": str(error)}})
    except Exception:
        log.exception("a question could not be answered")
        yield event("error", {"error": {"code": "internal", "message": "The service made a mistake; see its log."}})
