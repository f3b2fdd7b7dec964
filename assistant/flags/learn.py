"""What verdicts teach the ranking: how often each rule was right, the weight that follows, and a re-ranker.

Nothing changes by itself. What was learnt is a *proposal*; a person adopts it, which is an event with its date and all
its numbers, and any adoption can be taken back. A case counts once for each rule in it, for its flags have one cause; a
duplicate counts for none. The same verdicts give the same numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from assistant.flags.causes import SAMPLE
from assistant.flags.desk import Desk
from assistant.flags.queue import Ranked, read_case
from assistant.flags.rank import INTERCEPT, UNTRIED, chance, features
from assistant.flags.wilson import Rate, rate
from ledger.cases.events import CONFIRMED, WEIGHTS, Recorded, WeightsAdopted, WeightsReverted
from ledger.cases.worked import Worked

PRIOR = 10.0
"""As many verdicts as a rule is taken to have had before its first, half of them confirmed: three verdicts do not
make a rule useless or sure."""
CONFIRMED_MIN, DISMISSED_MIN = 50, 200
"""Verdicts from which on a re-ranker is learnt."""
STRENGTH = 1.0
"""Inverse of how strongly the re-ranker's coefficients are held small (``C`` of scikit-learn)."""
FOLDS = 5
DIGITS = 4


@dataclass(frozen=True)
class RuleRecord:
    """How a rule fared: of the cases that it was in, how many were confirmed; the weight in force and the one that
    verdicts give it."""

    kind: str
    precision: Rate
    weight: float
    learnt: float


@dataclass(frozen=True)
class Tried:
    """Average precision over the decided cases: as they are ranked now, and each ranked by the weights and by the
    re-ranker that the others teach. Where weights are in force, "now" has seen the verdicts that it was learnt from."""

    now: float
    weights: float
    reranker: float


@dataclass(frozen=True)
class Lesson:
    """What the verdicts up to commit ``upto`` teach. ``proposal`` is None where it changes nothing; ``tried`` is there
    where there are enough verdicts for a re-ranker."""

    upto: int
    confirmed: int
    dismissed: int
    rules: tuple[RuleRecord, ...]
    proposal: WeightsAdopted | None
    tried: Tried | None


def lesson(worked: Worked, currency: str) -> Lesson:
    """What there is to be learnt now."""
    decided = _decided(worked, currency)
    confirmed = sum(_confirmed(one) for one in decided)
    dismissed = len(decided) - confirmed
    weights = _weights(decided)
    enough = confirmed >= CONFIRMED_MIN and dismissed >= DISMISSED_MIN
    coefficients = _coefficients(decided) if enough else ()
    proposed = WeightsAdopted(worked.seq, confirmed, dismissed, weights, coefficients, "")
    present = worked.weights.in_force
    now = dict(present.weights) if present else {}
    same = present is not None and (present.weights, present.coefficients) == (weights, coefficients)
    return Lesson(
        worked.seq,
        confirmed,
        dismissed,
        tuple(
            RuleRecord(kind, rate(hits, of), now.get(kind, UNTRIED), dict(weights)[kind])
            for kind, (hits, of) in sorted(_counts(decided).items())
        ),
        None if same or not decided else proposed,
        _tried(decided, present) if enough else None,
    )


def adopt(desk: Desk, proposal: WeightsAdopted, *, by: str, reason: str, at: datetime) -> list[Recorded]:
    """Rank by what was learnt from here on."""
    return desk.record(WEIGHTS, [_with_reason(proposal, reason)], by=by, at=at)


def take_back(desk: Desk, *, by: str, reason: str, at: datetime) -> list[Recorded]:
    """Rank as before the last adoption; CaseError where there is none."""
    return desk.record(WEIGHTS, [WeightsReverted(reason)], by=by, at=at)


def _with_reason(proposal: WeightsAdopted, reason: str) -> WeightsAdopted:
    return WeightsAdopted(**{**vars(proposal), "reason": reason})


def _decided(worked: Worked, currency: str) -> list[Ranked]:
    """Cases with a verdict that says whether their rules were right, by id."""
    cases = sorted(worked.cases.values(), key=lambda one: one.id)
    return [
        read_case(one, currency, None)
        for one in cases
        if one.closed and one.outcome != "duplicate" and one.flags and one.cause.family != SAMPLE
    ]


def _confirmed(one: Ranked) -> bool:
    return one.case.outcome in CONFIRMED


def _counts(decided: Iterable[Ranked]) -> dict[str, tuple[int, int]]:
    """By rule: how many of its cases were confirmed, and how many it had."""
    counts: dict[str, tuple[int, int]] = {}
    for one in decided:
        for kind in {flag.kind for flag in one.flags}:
            hits, of = counts.get(kind, (0, 0))
            counts[kind] = (hits + _confirmed(one), of + 1)
    return counts


def _weights(decided: Iterable[Ranked]) -> tuple[tuple[str, float], ...]:
    """The smoothed rate at which each rule was confirmed."""
    return tuple(
        (kind, round((hits + PRIOR * UNTRIED) / (of + PRIOR), DIGITS))
        for kind, (hits, of) in sorted(_counts(decided).items())
    )


def _coefficients(decided: Sequence[Ranked]) -> tuple[tuple[str, float], ...]:
    """A logistic regression of the verdicts on the features of ``assistant.flags.rank``."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    given = [features(one.flags, one.money_minor) for one in decided]
    names = sorted({name for one in given for name in one})
    table = np.array([[one.get(name, 0.0) for name in names] for one in given])
    model = LogisticRegression(C=STRENGTH, max_iter=2000, tol=1e-8)
    model.fit(table, np.array([_confirmed(one) for one in decided]))
    learnt = [(name, round(float(value), DIGITS)) for name, value in zip(names, model.coef_[0], strict=True)]
    return ((INTERCEPT, round(float(model.intercept_[0]), DIGITS)), *learnt)


def _tried(decided: Sequence[Ranked], present: WeightsAdopted | None) -> Tried:
    """Each case ranked by what the other folds teach; the fold of a case is drawn from its id."""
    from sklearn.metrics import average_precision_score

    truth = [_confirmed(one) for one in decided]
    folds = [hashlib.sha256(one.case.id.encode()).digest()[0] % FOLDS for one in decided]
    by_weights, by_model = [0.0] * len(decided), [0.0] * len(decided)
    for fold in range(FOLDS):
        taught = [one for one, of in zip(decided, folds, strict=True) if of != fold]
        if len({_confirmed(one) for one in taught}) < 2:
            continue
        weights = WeightsAdopted(0, 0, 0, _weights(taught), (), "")
        model = WeightsAdopted(0, 0, 0, (), _coefficients(taught), "")
        for place, (one, of) in enumerate(zip(decided, folds, strict=True)):
            if of == fold:
                by_weights[place] = chance(one.flags, one.money_minor, weights)
                by_model[place] = chance(one.flags, one.money_minor, model)
    as_now = [chance(one.flags, one.money_minor, present) for one in decided]
    return Tried(*(round(float(average_precision_score(truth, one)), 3) for one in (as_now, by_weights, by_model)))
