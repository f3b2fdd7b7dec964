"""How good the interpreter is over the development set: a floor that it does not fall below again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assistant.evaluation import Report, ask_all, report
from assistant.evaluation.baselines import contest
from tests.assistant.evaluation.books import BOOKS, Subject
from tests.assistant.evaluation.truth import questions

RIGHT_MIN = {"supermarket": 0.97, "completejourney": 0.88, "chinook": 0.96, "sample": 0.88}
"""Of the questions that can be answered. Raised with the interpreter, never lowered."""
WRONG_MAX = {"supermarket": 0.008, "completejourney": 0.014, "chinook": 0.014, "sample": 0.007}
"""Of all questions. Lowered with the interpreter, never raised."""


def measured(book: Subject) -> Report:
    asked = ask_all(
        questions(book.name, book.raw),
        lambda one: book.asker.ask(one.question, today=one.today, conversation=one.conversation, id=one.id),
    )
    return report(asked)


@pytest.mark.parametrize("name", BOOKS)
def test_right_and_wrong_answers_keep_their_floor(name: str, subject: Callable[[str], Subject]) -> None:
    told = measured(subject(name))
    print("\n".join(told.lines()))
    assert told.right_rate >= RIGHT_MIN[name], "\n".join(told.lines())
    assert told.wrong_rate <= WRONG_MAX[name], "\n".join(told.lines())


@pytest.mark.slow
@pytest.mark.parametrize("name", BOOKS)
def test_the_interpreter_beats_every_baseline(name: str, subject: Callable[[str], Subject]) -> None:
    book = subject(name)
    first, *others = contest(measured(book).asked, book.figures).items()
    for baseline, told in others:
        print(baseline, *told.lines()[:4], sep="\n  ")
        assert told.score < first[1].score, baseline
