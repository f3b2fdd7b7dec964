"""Asking, as the server does it: limits on a question, and the stages that are told while it is worked on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from assistant.ask import Answer
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
    """The events of one question: what is being done, then the verified answer whole, or the error.

    No part of an answer is sent before the answer has been verified.
    """
    try:
        yield event("stage", {"stage": "reading", "sentence": "Reading the question"})
        answer = work()
        if answer.reading:
            yield event("stage", {"stage": "computed", "sentence": f"Read as {answer.reading}"})
        yield event("answer", finish(answer))
    except TillproofError as error:
        yield event("error", {"error": {"code": "input", "message": str(error)}})
    except Exception:
        log.exception("a question could not be answered")
        yield event("error", {"error": {"code": "internal", "message": "The service made a mistake; see its log."}})
