"""The chance that a case is confirmed, as its ranking has it: by rules' weights, or by the re-ranker's coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log10

from assistant.flags.flag import Flag
from ledger.cases.events import WeightsAdopted

UNTRIED = 0.5
"""The weight of a rule without verdicts, the same for all."""
INTERCEPT = "intercept"


def chance(flags: Sequence[Flag], money_minor: int | None, adopted: WeightsAdopted | None) -> float:
    """From 0 to 1. Without a re-ranker each rule of the case is right by itself with its highest score times its
    weight, and one that is right is enough."""
    if adopted is not None and adopted.coefficients:
        coefficients = dict(adopted.coefficients)
        given = features(flags, money_minor)
        given[INTERCEPT] = 1.0
        total = sum(coefficients.get(name, 0.0) * value for name, value in given.items())
        return 1 / (1 + exp(-max(-30.0, min(30.0, total))))
    weights = dict(adopted.weights) if adopted is not None else {}
    wrong = 1.0
    for kind, score in sorted(_best(flags).items()):
        wrong *= 1 - score * weights.get(kind, UNTRIED)
    return 1 - wrong


def features(flags: Sequence[Flag], money_minor: int | None) -> dict[str, float]:
    """What the re-ranker looks at, each about 0 to 1, so that a coefficient can be read: the best score and percentile,
    the money (in powers of ten of minor units), how many flags and rules, and which rules."""
    percentiles = [one.percentile for one in flags if one.percentile is not None]
    best = _best(flags)
    return {
        "score": max(one.score for one in flags),
        "percentile": max(percentiles) / 100 if percentiles else 0.5,
        "money": log10(1 + money_minor) / 6 if money_minor is not None else 0.5,
        "flags": log10(len(flags)) / 2,
        "rules": log10(len(best)),
        "certain": float(any(one.certain for one in flags)),
        **{f"rule {kind}": score for kind, score in sorted(best.items())},
    }


def _best(flags: Sequence[Flag]) -> dict[str, float]:
    best: dict[str, float] = {}
    for flag in flags:
        best[flag.kind] = max(best.get(flag.kind, 0.0), flag.score)
    return best
