"""Counts of how the answers did, overall and by topic, with the bound that the wrong-answer rate surely keeps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from assistant.evaluation.mark import Outcome
from assistant.evaluation.run import Asked

CONFIDENCE = 0.95
_OUTCOMES: tuple[Outcome, ...] = ("right", "wrong", "clarify", "abstained", "refused")
_HEADINGS = f"{'topic':20}" + "".join(
    f"{name:>11}" for name in ("questions", "right", "wrong", "asked back", "abstained", "refused")
)


@dataclass(frozen=True)
class Tally:
    """Counts over some answers. Rates are fractions; one over nothing is 0."""

    asked: tuple[Asked, ...]

    def count(self, outcome: Outcome) -> int:
        return sum(one.mark.outcome == outcome for one in self.asked)

    @property
    def score(self) -> int:
        return sum(one.mark.points for one in self.asked)

    @property
    def answerable(self) -> int:
        return sum(one.question.expect.answerable for one in self.asked)

    @property
    def right_rate(self) -> float:
        """Right ones of the questions that can be answered."""
        return self.count("right") / self.answerable if self.answerable else 0.0

    @property
    def wrong_rate(self) -> float:
        """Wrong ones of all questions."""
        return self.count("wrong") / len(self.asked) if self.asked else 0.0

    @property
    def wrong_rate_bound(self) -> float:
        return upper_bound(self.count("wrong"), len(self.asked))

    @property
    def turned_away(self) -> tuple[int, int]:
        """Of the questions that cannot be answered, how many got none, as expected, and how many there are."""
        others = [one for one in self.asked if not one.question.expect.answerable]
        return sum(one.mark.expected for one in others), len(others)


@dataclass(frozen=True)
class Report(Tally):
    """The whole of one contestant's answers."""

    @cached_property
    def topics(self) -> dict[str, Tally]:
        names = dict.fromkeys(one.question.topic for one in self.asked)
        return {name: Tally(tuple(one for one in self.asked if one.question.topic == name)) for name in names}

    def milliseconds(self, percent: int) -> float:
        """The time within which so many percent of the answers came (nearest rank)."""
        times = sorted(one.milliseconds for one in self.asked)
        return times[max(0, math.ceil(percent / 100 * len(times)) - 1)] if times else 0.0

    def as_json(self) -> dict[str, Any]:
        away, others = self.turned_away
        return {
            **_counts(self),
            "questions": len(self.asked),
            "answerable": self.answerable,
            "right_rate": round(self.right_rate, 4),
            "wrong_rate": round(self.wrong_rate, 4),
            "wrong_rate_upper_95": round(self.wrong_rate_bound, 4),
            "unanswerable": others,
            "unanswerable_turned_away": away,
            "milliseconds_p50": round(self.milliseconds(50), 1),
            "milliseconds_p95": round(self.milliseconds(95), 1),
            "topics": {name: {"questions": len(one.asked), **_counts(one)} for name, one in self.topics.items()},
            "wrong_answers": [_listed(one) for one in self.asked if one.mark.outcome == "wrong"],
        }

    def lines(self) -> list[str]:
        """The report for a person."""
        away, others = self.turned_away
        told = [
            f"{len(self.asked)} questions: {self.count('right')} right, {self.count('wrong')} wrong, "
            f"{self.count('clarify')} asked back, {self.count('abstained')} abstained, "
            f"{self.count('refused')} refused; score {self.score}",
            f"right {self.right_rate:.1%} of the {self.answerable} that can be answered; {away} of the {others} that "
            "cannot were turned away",
            f"wrong {self.wrong_rate:.2%}, with {CONFIDENCE:.0%} confidence at most {self.wrong_rate_bound:.2%} "
            "(Clopper-Pearson)",
            f"time p50 {self.milliseconds(50):.0f} ms, p95 {self.milliseconds(95):.0f} ms",
            "",
            _HEADINGS,
        ]
        for name, one in self.topics.items():
            counts = "".join(f"{one.count(outcome):11}" for outcome in _OUTCOMES)
            told.append(f"{name:20}{len(one.asked):11}{counts}")
        wrong = [_listed(one) for one in self.asked if one.mark.outcome == "wrong"]
        if wrong:
            told += ["", "wrong:"]
        for given in wrong:
            told.append(f"  {given['id']}: {given['question']}")
            told.append(f"    expected {_short(given['expected'])}")
            told.append(f"    given    {given['status']}: {_short(given['given'])}; read as: {given['reading']}")
        return told


def report(asked: Sequence[Asked]) -> Report:
    return Report(tuple(asked))


def upper_bound(events: int, trials: int, confidence: float = CONFIDENCE) -> float:
    """The rate that is not exceeded with some confidence, one-sided, after so many events in so many trials.

    The exact bound of Clopper and Pearson (Biometrika 26, 1934): the rate at which no more events than these would be
    seen only with the probability 1 - confidence.
    """
    from scipy.stats import beta  # takes a second to import

    if not 0 <= events <= trials:
        raise ValueError(f"{events} events in {trials} trials")
    return 1.0 if events == trials else float(beta.ppf(confidence, events + 1, trials - events))


def _counts(tally: Tally) -> dict[str, int]:
    names = {"clarify": "asked_back"}
    return {names.get(name, name): tally.count(name) for name in _OUTCOMES} | {"score": tally.score}


def _listed(one: Asked) -> dict[str, Any]:
    answer = one.answer
    given: Any = [f"{figure.value} {figure.unit}".strip() for figure in answer.figures]
    return {
        "id": one.question.id,
        "question": one.question.question,
        "expected": one.question.expect.model_dump(mode="json", exclude_defaults=True),
        "status": answer.status,
        "given": answer.table.rows if answer.table is not None else given,
        "reading": answer.reading,
    }


def _short(value: object, length: int = 300) -> str:
    text = str(value)
    return text if len(text) <= length else text[:length] + " ..."
