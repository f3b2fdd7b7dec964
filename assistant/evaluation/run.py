"""Asking all questions, with the time that each answer took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from assistant.ask.answer import Answer
from assistant.evaluation.mark import Mark, mark
from assistant.evaluation.questions import Question

Respond = Callable[[Question], Answer]
"""Whatever answers a question: the interpreter, or a baseline."""


@dataclass(frozen=True)
class Asked:
    """A question, its answer and how that did."""

    question: Question
    answer: Answer
    mark: Mark
    milliseconds: float


def ask_all(questions: Iterable[Question], respond: Respond) -> list[Asked]:
    """Ask in the order given, which a conversation depends on."""
    return [_ask(question, respond) for question in questions]


def _ask(question: Question, respond: Respond) -> Asked:
    begin = time.perf_counter()
    answer = respond(question)
    taken = (time.perf_counter() - begin) * 1000
    return Asked(question, answer, mark(answer, question.expect), taken)
