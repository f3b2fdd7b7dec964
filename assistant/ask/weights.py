"""How much speaks for a way to explain a question: whole numbers, learnt from questions whose answers are known.

``weights.json`` holds them, written by ``python -m tests.assistant.evaluation.learn``. Ways that
leave more words that mean something than others are no ways; of those that leave as few, the score is a sum over their
spans, so that the best can be found without trying all of them. As sums of whole numbers, the scores of two ways are
equal exactly where nothing speaks for one of them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

SIGNS: Mapping[str, int] = {
    "words": 1, "spans": -1, "explicit": 1, "time": 1, "bound": 1, "unsure": -1, "figure": 1,
    "phrase": 1, "refuse": 1, "unheld": -1,
}  # fmt: skip
"""What a way is weighed by, and whether it speaks for it or against it. ``words`` are those that a span covers,
``spans`` their number; the others are numbers of spans of a kind, beside names, which have no weight of their own:
names whose dimension was said (``explicit``), times, bounds and bounds that may be none, words for figures, orders and
rows in time, other phrases, what is refused, and what no ledger holds."""

DOUBTS: Mapping[str, int] = {"margin": 1, "mended": -1, "parts": -1, "assumed": -1, "bare": -1, "goes_on": -1}
"""What the probability of a reading is computed from, and whether it speaks for the reading or against it. ``margin``
is by how much its score is above that of the next reading that gives another figure, as a part of ``margin_max``; then
numbers of words whose spelling was mended, of names of which a part was said, of assumptions about dates, of words
that have no meaning of their own and that no span has, and 1 where the question goes on from another one."""


class WeightsError(ValueError):
    """The file of weights is not one: a weight is missing, is no number or has the wrong sign."""


@dataclass(frozen=True)
class Weights:
    """``spans`` are the weights of ``SIGNS``, ``doubts`` those of ``DOUBTS`` with the ``intercept``. A reading that is
    right with a probability of less than ``threshold`` is not answered, nor is one whose score is less than ``near``
    above that of another one. No reading whose score is ``margin_max`` below that of another one changes anything."""

    spans: Mapping[str, int]
    doubts: Mapping[str, float]
    intercept: float
    near: int
    margin_max: int
    threshold: float

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Weights:
        """Weights as JSON has them. WeightsError where they are not what they are to be."""
        try:
            weights = cls(
                spans={name: given["spans"][name] for name in SIGNS},
                doubts={name: given["doubts"][name] for name in DOUBTS},
                intercept=given["intercept"],
                near=given["near"],
                margin_max=given["margin_max"],
                threshold=given["threshold"],
            )
        except KeyError as error:
            raise WeightsError(f"weights: {error.args[0]} is missing; learn them again") from None
        for name, value in weights.spans.items():
            if not isinstance(value, int) or value * SIGNS[name] < 0:
                raise WeightsError(f"weights: {name} is {value}; it has to be a whole number of the sign {SIGNS[name]}")
        for name, weight in weights.doubts.items():
            if not math.isfinite(weight) or weight * DOUBTS[name] < 0:
                raise WeightsError(f"weights: {name} is {weight}; it has to be a number of the sign {DOUBTS[name]}")
        if weights.spans["words"] <= 0 or weights.doubts["margin"] <= 0:
            raise WeightsError("weights: words and margin have to speak for a way to explain a question")
        if not 0 < weights.near < weights.margin_max or not 0.5 <= weights.threshold < 1:
            raise WeightsError("weights: near is over 0 and under margin_max, threshold at least 0.5 and under 1")
        return weights

    def as_json(self) -> dict[str, Any]:
        """The weights as ``of`` takes them."""
        return asdict(self)

    def probability(self, doubts: Mapping[str, float]) -> float:
        """How likely a reading is right, from its ``DOUBTS``."""
        logit = self.intercept + sum(self.doubts[name] * value for name, value in doubts.items())
        return 1 / (1 + math.exp(-logit))

    def margin_needed(self, doubts: Mapping[str, float]) -> float:
        """The margin from which on a reading is likely enough that has some other doubts; 1 where none is."""
        without = self.intercept + sum(self.doubts[name] * value for name, value in doubts.items())
        lacking = math.log(self.threshold / (1 - self.threshold)) - without
        if lacking <= 0:
            return 0.0
        return min(1.0, lacking / self.doubts["margin"])


@cache
def weights() -> Weights:
    """The shipped weights, read once."""
    return Weights.of(json.loads(files("assistant.ask").joinpath("weights.json").read_text("utf-8")))
