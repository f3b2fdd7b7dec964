"""Three simple ways to answer, which the interpreter has to beat on the same questions.

*Keyword templates*: the longest name of a metric in the question, ``by`` a dimension, ``top N``, a period and names.
*Nearest example*, by TF-IDF or by embedding: the plan of the most similar question of those that one may learn from,
with the period and the names of the new one put in. They make the same ``Plan``, and the same ``run`` computes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from assistant.ask.answer import Answer, CitedValue, Table
from assistant.evaluation.mark import mark
from assistant.evaluation.questions import Question
from assistant.evaluation.report import Report, report
from assistant.evaluation.run import Asked, ask_all
from assistant.evaluation.slots import before, filters_in, masked, names_of, period_in, words_of
from ledger.errors import PlanError
from ledger.figures import METRICS, Figures, Filter, Period, Plan, describe
from ledger.figures.plan import Dimension, Ranking

Vectors = Callable[[Sequence[str]], Any]
"""From texts to rows of unit length, so that a product of two is their cosine."""

_DIMENSIONS: dict[str, Dimension] = {
    "store": "store", "city": "store", "country": "store", "region": "region", "owner": "owner", "channel": "channel",
    "register": "register", "cashier": "cashier", "customer": "customer", "item": "item", "category": "category",
    "department": "category", "tender": "tender", "payment method": "tender", "jurisdiction": "jurisdiction",
    "hour": "hour", "weekday": "weekday", "day": "business_date", "week": "week", "month": "month",
    "quarter": "quarter", "year": "year",
}  # fmt: skip
_TIMES = ("business_date", "week", "month", "quarter", "year", "hour", "weekday")


def contest(asked: Sequence[Asked], figures: Figures) -> dict[str, Report]:
    """The interpreter and the baselines on the questions kept for validation.

    ``asked`` are all questions as the interpreter answered them. The baselines may learn from those of the development
    split: their examples are what the interpreter answered, or turned away, as it had to. A nearest example is taken
    however far it is, and once more only where it is near enough.
    """
    names = names_of(figures)
    learnt = [one for one in asked if one.question.split == "development"]
    kept = [one for one in asked if one.question.split == "validation"]
    questions = [one.question for one in kept]
    contestants: dict[str, Callable[[Question], Plan | None]] = {
        "keyword templates": lambda one: keyword_plan(one, names)
    }
    for name, vectors in (("TF-IDF", tfidf(learnt, names)), ("embedding", embedding())):
        nearest = Nearest(learnt, vectors, figures, names)
        contestants[f"nearest by {name}"] = nearest.any_plan
        contestants[f"nearest by {name}, if near enough"] = nearest.plan
    told = {"interpreter, validation": report(kept)}
    for name, plan_of in contestants.items():
        told[name] = report(ask_all(questions, lambda one, plan_of=plan_of: answered(plan_of(one), figures)))  # type: ignore[misc]
    return told


def answered(plan: Plan | None, figures: Figures) -> Answer:
    """The answer that a plan gives, without words of its own; abstained without a plan or with one that cannot run."""
    if plan is None:
        return Answer(status="abstained", text="No plan.")
    try:
        result = figures.run(plan)
    except PlanError as error:
        return Answer(status="abstained", text=str(error))
    values = [
        CitedValue(label=one.label, value=str(one.value), unit=one.unit, citation=1)
        for one in result.figures
        if one.value is not None
    ]
    if not values:
        return Answer(status="abstained", text="There is no figure.")
    rows = [
        [*key, *("" if one.value is None else str(one.value) for one in row)]
        for key, row in zip(result.keys, result.rows, strict=True)
    ]
    columns = [*plan.dimensions, *(f"{metric} {side}" for metric, side in result.columns)]
    return Answer(
        status="answered",
        text=" ".join(", ".join(row) for row in rows),
        reading=describe(plan),
        figures=values,
        table=Table(columns=columns, rows=rows) if len(rows) > 1 else None,
        plan=plan.model_dump(mode="json", exclude_defaults=True),
    )


def keyword_plan(question: Question, names: dict[str, Filter]) -> Plan | None:
    """A plan by templates; None where no metric is named."""
    text = f" {' '.join(words_of(question.question))} "
    said = [(len(word), name) for name, one in METRICS.items() for word in one.words if f" {word} " in text]
    if not said:
        return None
    metric = max(said)[1]
    split = re.search(rf" (by|per|each|which|top \d+|best|bottom \d+|worst) ({'|'.join(_DIMENSIONS)})s? ", text)
    dimension = _DIMENSIONS[split[2]] if split else None
    ranking = None
    if split and split[1] not in ("by", "per", "each"):
        number = re.search(r"\d+", split[1])
        lowest = re.search(r" (bottom|worst|lowest|least|fewest|weakest) ", text)
        ranking = Ranking(by=metric, descending=not lowest, limit=int(number[0]) if number else 1)
    elif dimension is not None and dimension not in _TIMES:
        ranking = Ranking(by=metric)
    return Plan(
        metrics=(metric,),
        dimensions=() if dimension is None else (dimension,),
        filters=filters_in(question.question, names),
        period=period_in(question.question, question.today) or Period(),
        ranking=ranking,
    )


@dataclass(frozen=True)
class _Example:
    question: Question
    plan: Plan | None
    """None for a question that was turned away."""


@dataclass(frozen=True)
class Found:
    """The plan made after the nearest example, and how similar that is to the question: the cosine."""

    similarity: float
    plan: Plan | None


class Nearest:
    """The plan of the nearest example, with its slots filled anew; none where that was turned away.

    Near enough is the similarity that scores best over the questions learnt from, each answered without itself.
    """

    def __init__(self, learnt: Sequence[Asked], vectors: Vectors, figures: Figures, names: dict[str, Filter]) -> None:
        self._vectors = vectors
        self._names = names
        found = [(one, _plan(one)) for one in learnt if one.mark.expected]
        self._examples = [
            _Example(one.question, plan) for one, plan in found if plan is not None or one.answer.status != "answered"
        ]
        self._matrix: NDArray[np.float32] | None = None
        if self._examples:
            self._matrix = self._rows([one.question for one in self._examples])
        self._cutoff = self._best_cutoff(learnt, figures)

    def any_plan(self, question: Question) -> Plan | None:
        """The plan after the nearest example, however far that is."""
        return self.nearest(question).plan

    def plan(self, question: Question) -> Plan | None:
        """The plan, or None where no example is near enough."""
        found = self.nearest(question)
        return found.plan if found.similarity >= self._cutoff else None

    def nearest(self, question: Question, vector: NDArray[np.float32] | None = None) -> Found:
        """The plan after the nearest example other than the question itself, however far that is."""
        if self._matrix is None:
            return Found(-1.0, None)
        if vector is None:
            vector = self._rows([question])[0]
        similar = self._matrix @ vector
        for place, one in enumerate(self._examples):
            if one.question.id == question.id:
                similar[place] = -1.0
        best = int(similar.argmax())
        plan = self._examples[best].plan
        if plan is not None:
            plan = _filled(plan, question.question, question.today, self._names)
        return Found(float(similar[best]), plan)

    def _rows(self, questions: Sequence[Question]) -> NDArray[np.float32]:
        return np.asarray(self._vectors([masked(one.question, self._names) for one in questions]), dtype=np.float32)

    def _best_cutoff(self, learnt: Sequence[Asked], figures: Figures) -> float:
        if self._matrix is None:
            return 1.0
        found = []
        vectors = self._rows([one.question for one in learnt])
        for one, vector in zip(learnt, vectors, strict=True):
            near = self.nearest(one.question, vector)
            found.append((near.similarity, mark(answered(near.plan, figures), one.question.expect).points))
        found.sort(reverse=True)
        best, score, total = 1.01, 0, 0
        for similarity, points in found:
            total += points
            if total > score:
                best, score = similarity, total
        return best


def tfidf(learnt: Sequence[Asked], names: dict[str, Filter]) -> Vectors:
    """Words and pairs of words, weighted over the questions learnt from."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [masked(one.question.question, names) for one in learnt] or ["nothing"]
    weigher = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit(texts)
    return lambda given: weigher.transform(given).toarray()


def embedding() -> Vectors:
    """The sentence embeddings of recall."""
    from assistant.recall.embed import Embedder

    return Embedder().embed


def _plan(one: Asked) -> Plan | None:
    """The plan of an answer, where it has one that ``run`` takes; some answers are no plan's."""
    try:
        return Plan.model_validate(one.answer.plan) if one.answer.plan else None
    except ValidationError:
        return None


def _filled(plan: Plan, question: str, today: date, names: dict[str, Filter]) -> Plan:
    """An example's plan with the question's period and names in place of its own."""
    given = filters_in(question, names)
    period = period_in(question, today) or plan.period
    named = {one.dimension for one in names.values()}
    kept = tuple(one for one in plan.filters if one.dimension not in named)
    excluded = {one.dimension for one in plan.filters if one.exclude}
    filters = tuple(one.model_copy(update={"exclude": one.dimension in excluded}) for one in given)
    return plan.model_copy(
        update={
            "filters": kept + filters,
            "period": period,
            "comparison": plan.comparison and (before(period) if period != plan.period else plan.comparison),
        }
    )
