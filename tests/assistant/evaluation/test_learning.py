"""The learning of the interpreter's weights: the same from the same, with the signs that they have to have."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assistant.ask.weights import DOUBTS, SIGNS, Weights, weights
from assistant.evaluation import Question
from assistant.evaluation.candidates import Candidate, Explained
from assistant.evaluation.learning import (
    LIKELY_MIN,
    MARGIN_MAX,
    SCALE,
    WRONG_MAX,
    Likeliest,
    best_is_right,
    doubt_weights,
    kept,
    learn,
    likeliest,
    span_weights,
    threshold_of,
)
from assistant.evaluation.misspelt import misspelt
from tests.assistant.evaluation.books import BOOKS
from tests.assistant.evaluation.truth import asked

NO_DOUBT = {name: 0.0 for name in DOUBTS if name != "margin"}


def ways(id: str, *candidates: tuple[bool, dict[str, int]]) -> Explained:
    found = tuple(
        Candidate(features, NO_DOUBT, "answered", frozenset({(right, str(features))}), right)
        for right, features in candidates
    )
    return Explained("sample", "development", id, False, found)


SAMPLE = [
    ways("a", (True, {"words": 4, "spans": 2, "figure": 1, "time": 1}),
         (False, {"words": 3, "spans": 2, "figure": 1, "time": 1})),
    ways("b", (True, {"words": 5, "spans": 3, "figure": 1, "phrase": 1, "time": 1}),
         (False, {"words": 5, "spans": 4, "figure": 2, "phrase": 1, "time": 1}),
         (False, {"words": 4, "spans": 3, "figure": 1, "time": 1})),
    ways("c", (True, {"words": 3, "spans": 2, "figure": 1, "explicit": 1}),
         (False, {"words": 3, "spans": 2, "figure": 1})),
    ways("d", (True, {"words": 2, "spans": 1, "refuse": 1}), (False, {"words": 2, "spans": 1, "phrase": 1})),
    ways("e", (True, {"words": 2, "spans": 1, "unsure": 1}), (False, {"words": 2, "spans": 1})),
    ways("all are right", (True, {"words": 2, "spans": 1}), (True, {"words": 1, "spans": 1})),
]  # fmt: skip


EXPECTED = {
    "words": 243, "spans": -163, "explicit": 213, "time": 0, "bound": 0, "unsure": 0, "figure": 0,
    "phrase": 0, "refuse": 213, "unheld": 0,
}  # fmt: skip


def test_weights_learnt_from_a_small_sample_are_these() -> None:
    learnt = span_weights(SAMPLE)
    assert learnt == span_weights(SAMPLE[::-1]) == EXPECTED
    assert all(learnt[name] * sign >= 0 for name, sign in SIGNS.items())
    assert learnt["unsure"] == 0, "the sample would have it speak for a way"
    assert best_is_right(learnt, SAMPLE) == (4, 5)


def seen(right: bool, margin: float, mended: int = 0) -> Likeliest:
    doubts = NO_DOUBT | {"margin": margin, "mended": mended}
    return Likeliest(doubts, round(margin * MARGIN_MAX * SCALE), right)


def test_the_likeliest_reading_is_weighed_against_the_next_of_other_figures() -> None:
    spans = dict.fromkeys(SIGNS, 0) | {"words": 100}
    best = likeliest(SAMPLE[0], spans)
    assert best is not None
    assert (best.right, best.margin) == (True, 100)
    assert best.doubts["margin"] == 100 / (MARGIN_MAX * SCALE)
    (only, other) = SAMPLE[0].candidates
    same = replace(SAMPLE[0], candidates=(only, replace(other, figures=only.figures)))
    alone = likeliest(same, spans)
    assert alone is not None and alone.doubts["margin"] == 1.0
    tied = likeliest(replace(SAMPLE[0], candidates=(replace(other, features=only.features), only)), spans)
    assert tied is not None and tied.margin == 0
    no_plan = replace(only, doubts={}, status="abstained", right=False)
    after = likeliest(replace(SAMPLE[0], candidates=(no_plan, other)), spans)
    assert after is not None and not after.right, "what makes no plan stands in the way of none that does"
    refused = replace(no_plan, status="refused")
    assert likeliest(replace(SAMPLE[0], candidates=(refused, other)), spans) is None


READINGS = [
    *(seen(True, 1.0) for _ in range(40)), *(seen(True, 0.5, 1) for _ in range(10)),
    *(seen(False, 0.1, 1) for _ in range(4)), seen(True, 0.1, 1), seen(False, 0.5, 2),
]  # fmt: skip


def test_a_reading_that_rests_on_more_is_likelier() -> None:
    doubts, intercept = doubt_weights(READINGS)
    assert doubt_weights(READINGS[::-1]) == (doubts, intercept)
    assert doubts["margin"] > 0 > doubts["mended"]
    assert doubts["assumed"] == 0, "none of them assumes anything"
    learnt = replace(weights(), doubts=doubts, intercept=intercept, near=1)
    assert learnt.probability(READINGS[0].doubts) > learnt.probability(READINGS[-1].doubts)


def test_the_threshold_is_the_lowest_that_keeps_the_rate_of_wrong_answers() -> None:
    doubts, intercept = doubt_weights(READINGS)
    learnt = replace(weights(), doubts=doubts, intercept=intercept, near=1)
    limit = threshold_of(learnt, READINGS)
    at = kept(learnt, READINGS, limit)
    assert at.wrong_rate <= WRONG_MAX
    lower = {learnt.probability(one.doubts) for one in READINGS} | {LIKELY_MIN}
    assert limit > LIKELY_MIN
    assert all(kept(learnt, READINGS, value - 1e-9).wrong_rate > WRONG_MAX for value in lower if value < limit)
    assert threshold_of(learnt, READINGS[:50]) == LIKELY_MIN


def test_all_weights_are_learnt_at_once_and_can_be_written() -> None:
    wrong = ways("wrong", (False, {"words": 3, "spans": 1}), (True, {"words": 3, "spans": 2}))
    learnt = learn([*SAMPLE, *(replace(one, misspelt=True) for one in (*SAMPLE, wrong))])
    assert learnt.spans == EXPECTED, "what is misspelt teaches nothing about spans"
    assert Weights.of(learnt.as_json()) == learnt


def test_what_is_asked_back_in_any_case_is_neither_right_nor_wrong() -> None:
    told = kept(replace(weights(), near=1), [seen(False, 0.0), seen(True, 1.0), None], 0.0)
    assert (told.right, told.wrong, told.wrong_rate) == (1, 0, 0.0)


def test_a_misspelt_question_has_one_other_word_and_the_same_truth() -> None:
    lines = [one for book in BOOKS for one in asked(book)]
    changed = 0
    for line in lines:
        one = Question(
            id=line["id"],
            question=line["question"],
            today=date.fromisoformat(line["today"]),
            expect={"status": "abstained"},  # type: ignore[arg-type]
            conversation=line.get("conversation"),
        )
        other = misspelt(one)
        if other is None:
            continue
        assert misspelt(one) == other
        assert other == one.model_copy(update={"question": other.question}), "the same question, in the same split"
        before, after = one.question.split(), other.question.split()
        assert sum(a != b for a, b in zip(before, after, strict=True)) <= 1  # "ss" turned round is itself
        assert all(a[0] == b[0] for a, b in zip(before, after, strict=True))
        changed += before != after
    assert changed > 0.8 * sum("conversation" not in line for line in lines)


@pytest.mark.parametrize("given", [{}, {"spans": {}}])
def test_weights_that_lack_something_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="missing"):
        Weights.of(given)
