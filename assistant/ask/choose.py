"""Which reading of a question is answered: the likeliest, unless it is too likely that it is not what was meant.

How likely a reading is right is computed from what it rests on (``weights.DOUBTS``) with weights learnt from questions
whose answers are known. Where that is too little, the question is asked back, each choice a whole reading.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.ask.reading import Reading, Trouble
from assistant.ask.weights import Weights
from ledger.errors import PlanError
from ledger.figures import Plan, Result
from ledger.figures.run import check_plan

Run = Callable[[Plan], Result]
SEVERAL = "This can be read in more than one way. Which is meant?"
UNSURE = "I am not sure that I read this rightly. Is this meant?"


@dataclass(frozen=True)
class Chosen:
    """A reading, and its result; None where no plan answers it."""

    reading: Reading
    result: Result | None


def choose(readings: Sequence[Reading], run: Run, learnt: Weights) -> Chosen:
    """The reading that is answered, of some with the likeliest first.

    Trouble where it is not likely enough, where another one of other figures is nearly as likely, and where its own
    words allow plans that give different figures. PlanError where its plan cannot be run.
    """
    first, *others = readings
    if not first.plans:
        return Chosen(first, None)
    results = [result_of(first, run)]
    margin = learnt.margin_max
    enough = max(learnt.near, learnt.margin_needed(first.doubts.counted) * learnt.margin_max)
    for other in others:
        behind = first.doubts.score - other.doubts.score
        if behind >= enough:
            break  # so far behind, this one and all after it change nothing, and are not run
        try:
            against = result_of(other, run) if other.plans else None
        except (Trouble, PlanError):
            continue  # what cannot be answered is no rival
        if against is not None and against.tickets and values(against) not in map(values, results):
            results.append(against)
            margin = min(margin, behind)
    likely = learnt.probability(first.doubts.counted | {"margin": margin / learnt.margin_max})
    if margin >= learnt.near and likely >= learnt.threshold:
        return Chosen(first, results[0])
    raise _asked_back(results)


def result_of(reading: Reading, run: Run) -> Result:
    """The result of a reading's plans. Trouble where they give different figures."""
    runnable = [plan for plan in reading.plans if can_run(plan)] or list(reading.plans[:1])
    results = [run(plan) for plan in runnable]
    if len({values(one) for one in results}) > 1:
        results = [one for one in results if one.tickets] or results
        if len(results) > 1:
            raise _asked_back(results)
    return results[0]


def _asked_back(results: Sequence[Result]) -> Trouble:
    """The results to choose from; a choice is asked again as a question, beside the same as-of."""
    plans = [one.plan.model_copy(update={"as_of": None}) for one in results]
    return Trouble("clarify", SEVERAL if len(plans) > 1 else UNSURE, plans)


def can_run(plan: Plan) -> bool:
    """Whether what a plan names goes together."""
    try:
        check_plan(plan)
    except PlanError:
        return False
    return True


def values(result: Result) -> frozenset[object]:
    """The figures of a result, by which two of them are told apart."""
    return frozenset((figure.key, figure.metric, figure.side, figure.value) for figure in result.figures)
