"""The weights of ``assistant/ask/weights.json``, learnt from candidates. Run time needs none of this.

*Spans.* For each question that has ways which give the truth and others, every one of the first should score above
every one of the others: a logistic regression (scikit-learn, L2) on the differences of their features, without an
intercept; each question weighs the same. A weight that comes out with the wrong sign is left at nought.

*Doubts.* How likely the best reading is right: a logistic regression on what it rests on, again with fixed signs. The
threshold is the lowest, of at least ``LIKELY_MIN``, at which no more than ``WRONG_MAX`` of all questions, and of all
misspelt ones, are answered wrongly. Readings that are nearer to each other than any that was seen to be right are asked
back: how likely they are cannot be learnt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.ask.weights import DOUBTS, SIGNS, Weights
from assistant.evaluation.candidates import Candidate, Explained

SPANS_C = 10.0
"""Inverse strength of the L2 penalty; over a wide range of it books left out are read about as well."""
DOUBTS_C = 1.0
SCALE = 100
"""A weight of a span is its coefficient times this, as a whole number."""
MARGIN_MAX = 8
"""In units of the coefficients: a way whose odds are e^8 worse changes nothing."""
WRONG_MAX = 0.01
LIKELY_MIN = 0.5
"""What is likelier wrong than right is never answered."""
TOLERANCE = 1e-9

_Rows = NDArray[np.float64]


def span_weights(learnt: Sequence[Explained]) -> dict[str, int]:
    """The weights of spans, as whole numbers."""
    differences: list[_Rows] = []
    for one in learnt:
        right, wrong = _split(one)
        pairs = (right[:, None, :] - wrong[None, :, :]).reshape(-1, len(SIGNS))
        if len(pairs):
            differences.append(pairs)
    rows = np.vstack(differences)
    weighed = np.concatenate([np.full(len(pairs), 1 / len(pairs)) for pairs in differences])
    both, labels = np.vstack([rows, -rows]), np.repeat([1, 0], len(rows))
    found, _ = _fitted(both, labels, np.tile(weighed, 2), SIGNS, SPANS_C, intercept=False)
    return {name: round(weight * SCALE) for name, weight in found.items()}


def best_is_right(weights: Mapping[str, int], tried: Sequence[Explained]) -> tuple[int, int]:
    """Of the questions that have right ways and others, how many have a right one alone at the top; and of how many."""
    best = count = 0
    order = np.array([weights[name] for name in SIGNS])
    for one in tried:
        right, wrong = _split(one)
        if len(right) and len(wrong):
            count += 1
            best += bool((right @ order).max() > (wrong @ order).max())
    return best, count


@dataclass(frozen=True)
class Likeliest:
    """The reading of a question that is likeliest by its spans, what it rests on by ``weights.DOUBTS``, and whether its
    answer, which states figures, is right. ``margin`` is that of ``doubts`` as the scores have it."""

    doubts: Mapping[str, float]
    margin: int
    right: bool


def likeliest(of: Explained, spans: Mapping[str, int]) -> Likeliest | None:
    """The likeliest reading; None where the question would not be answered with figures of a plan."""
    scored = sorted(((_score(way, spans), way) for way in of.candidates), key=lambda one: -one[0])
    best: Candidate | None = None
    margin = width = MARGIN_MAX * SCALE
    for score, way in scored:
        behind = scored[0][0] - score
        if behind >= width or (not way.doubts and way.status != "abstained"):
            break
        if not way.doubts:
            continue
        if best is None:
            best, top = way, score
        elif way.figures and way.figures != best.figures:
            margin = top - score
            break
    if best is None or best.status != "answered" or best.figures is None:
        return None
    return Likeliest({"margin": margin / width, **best.doubts}, margin, best.right)


def doubt_weights(learnt: Sequence[Likeliest]) -> tuple[dict[str, float], float]:
    """The weights of doubts and the intercept."""
    rows = np.array([[one.doubts[name] for name in DOUBTS] for one in learnt], float)
    labels = np.array([int(one.right) for one in learnt])
    found, intercept = _fitted(rows, labels, np.ones(len(rows)), DOUBTS, DOUBTS_C, intercept=True)
    return {name: round(weight, 4) for name, weight in found.items()}, round(intercept, 4)


@dataclass(frozen=True)
class Kept:
    """What a threshold does to some questions: how many it leaves right and wrong, of how many."""

    right: int
    wrong: int
    questions: int

    @property
    def wrong_rate(self) -> float:
        return self.wrong / self.questions if self.questions else 0.0


def kept(weights: Weights, tried: Sequence[Likeliest | None], threshold: float) -> Kept:
    """How many of some questions are answered, and rightly, at a threshold."""
    stated = [
        one
        for one in tried
        if one is not None and one.margin >= weights.near and weights.probability(one.doubts) >= threshold
    ]
    right = sum(one.right for one in stated)
    return Kept(right, len(stated) - right, len(tried))


def threshold_of(weights: Weights, *sets: Sequence[Likeliest | None]) -> float:
    """The lowest threshold at which no more than ``WRONG_MAX`` of each of some sets of questions is answered
    wrongly."""
    likely = {round(weights.probability(one.doubts), 4) for tried in sets for one in tried if one is not None}
    for value in (LIKELY_MIN, *sorted(one for one in likely if one > LIKELY_MIN)):
        if all(kept(weights, tried, value).wrong_rate <= WRONG_MAX for tried in sets):
            return value
    return 1.0


def learn(explained: Sequence[Explained]) -> Weights:
    """The weights that some questions teach, as they are written and misspelt."""
    written = [one for one in explained if not one.misspelt]
    spans = span_weights(written)
    sets = [[likeliest(one, spans) for one in explained if one.misspelt is misspelt] for misspelt in (False, True)]
    doubts, intercept = doubt_weights([one for tried in sets for one in tried if one is not None])
    near = min(one.margin for tried in sets for one in tried if one is not None and one.right)
    weights = Weights(spans, doubts, intercept, max(1, near), MARGIN_MAX * SCALE, LIKELY_MIN)
    return replace(weights, threshold=threshold_of(weights, *sets))


def _score(way: Candidate, spans: Mapping[str, int]) -> int:
    return sum(spans[name] * count for name, count in way.features.items())


def _split(one: Explained) -> tuple[_Rows, _Rows]:
    rows = [([way.features.get(name, 0) for name in SIGNS], way.right) for way in one.candidates]
    right = [row for row, is_right in rows if is_right]
    wrong = [row for row, is_right in rows if not is_right]
    return np.array(right, float).reshape(-1, len(SIGNS)), np.array(wrong, float).reshape(-1, len(SIGNS))


def _fitted(
    rows: _Rows, labels: NDArray[Any], weighed: _Rows, signs: Mapping[str, int], strength: float, *, intercept: bool
) -> tuple[dict[str, float], float]:
    """The coefficients by name, those of the wrong sign left out one by one, the worst first, and the intercept."""
    from sklearn.linear_model import LogisticRegression  # takes a second to import

    names = list(signs)
    wanted = np.array([signs[name] for name in names])
    used = np.full(len(names), True)
    while True:
        model = LogisticRegression(C=strength, fit_intercept=intercept, tol=TOLERANCE, max_iter=10_000)
        model.fit(rows[:, used], labels, sample_weight=weighed)
        found = np.zeros(len(names))
        found[used] = model.coef_[0]
        against = found * wanted
        if against.min() >= 0:
            constant = float(model.intercept_[0]) if intercept else 0.0
            return {name: float(value) for name, value in zip(names, found, strict=True)}, constant
        used[int(against.argmin())] = False
