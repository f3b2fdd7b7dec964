"""How readings are weighed against each other: the best ways to explain a question, and when it is asked back."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.ask.choose import choose
from assistant.ask.interpret import readings
from assistant.ask.lexicon import Meaning, lexicon
from assistant.ask.names import Name
from assistant.ask.reading import Doubts, Reading, Trouble
from assistant.ask.spans import NamedSpan, Span, WordSpan, covers, features
from assistant.ask.weights import DOUBTS, SIGNS, Weights, WeightsError, weights
from assistant.service import Service
from ledger.figures import Filter, Plan, Result, describe
from tests.assistant.ask.test_ask import TODAY
from tests.assistant.server import till

SHIPPED: dict[str, Any] = json.loads(files("assistant.ask").joinpath("weights.json").read_text("utf-8"))
SURE = replace(weights(), threshold=0.5)


def test_the_shipped_weights_have_their_signs() -> None:
    learnt = Weights.of(SHIPPED)
    assert learnt == weights()
    assert learnt.as_json() == SHIPPED
    assert all(learnt.spans[name] * sign >= 0 for name, sign in SIGNS.items())
    assert all(learnt.doubts[name] * sign >= 0 for name, sign in DOUBTS.items())
    assert learnt.spans["words"] > 0 > learnt.spans["spans"]
    assert learnt.doubts["margin"] > 0
    assert 0 < learnt.near < learnt.margin_max
    assert 0.5 <= learnt.threshold < 1


@pytest.mark.parametrize(
    ("table", "name", "value"),
    [
        ("spans", "words", -1),
        ("spans", "words", 0),
        ("spans", "spans", 1),
        ("spans", "time", 1.5),
        ("doubts", "margin", -0.1),
        ("doubts", "mended", 0.1),
        ("doubts", "mended", float("nan")),
        ("doubts", "mended", None),
    ],
)
def test_weights_of_a_wrong_sign_are_refused(table: str, name: str, value: float | None) -> None:
    changed = {**SHIPPED[table], name: value}
    if value is None:
        del changed[name]
    with pytest.raises(WeightsError, match=name):
        Weights.of(SHIPPED | {table: changed})


WORDS = ("net", "sales", "the", "downtown", "zebra", "top")
SPANS = st.tuples(st.integers(0, 5), st.integers(1, 4), st.integers(0, 3))


def _span(first: int, length: int, kind: int) -> Span:
    last = min(first + length, len(WORDS))
    if kind < 2:
        return NamedSpan(first, last, (Name("store", ("Downtown",)),), explicit=kind == 1)
    return WordSpan(first, last, Meaning("metric" if kind == 2 else "exclude"))


@given(st.lists(SPANS, max_size=9, unique=True))
def test_the_best_ways_are_those_that_trying_all_finds(given_spans: list[tuple[int, int, int]]) -> None:
    found = list(dict.fromkeys(_span(*one) for one in given_spans))
    best = covers(WORDS, found, 5, replace(weights(), margin_max=10**9))
    every = sorted((_left(way), -_score(way)) for way in _all_ways(found, 0))
    fewest = [one for one in every if one[0] == every[0][0]]
    assert [(one.left, -one.score) for one in best] == fewest[:5]
    assert [(_left(one.spans), _score(one.spans)) for one in best] == [(one.left, one.score) for one in best]
    assert len({one.spans for one in best}) == len(best)


def _all_ways(found: list[Span], place: int) -> list[tuple[Span, ...]]:
    if place >= len(WORDS):
        return [()]
    ways = _all_ways(found, place + 1)
    for span in found:
        if span.first == place:
            ways += [(span, *rest) for rest in _all_ways(found, span.last)]
    return ways


def _left(way: tuple[Span, ...]) -> int:
    covered = {place for span in way for place in range(span.first, span.last)}
    return sum(place not in covered and word not in lexicon().stop for place, word in enumerate(WORDS))


def _score(way: tuple[Span, ...]) -> int:
    return sum(weights().spans[name] * count for span in way for name, count in features(span).items())


def _reading(score: int, *stores: str, **plan: Any) -> Reading:
    kept = (Filter(dimension="store", values=stores),) if stores else ()
    return Reading(plans=(Plan(metrics=("net_sales",), filters=kept, **plan),), doubts=Doubts(score=score))


@pytest.mark.parametrize("behind", [0, weights().near - 1])
def test_readings_that_are_about_as_likely_are_asked_back_when_their_figures_differ(
    service: Service, behind: int
) -> None:
    both = [_reading(100, till.STORES[0]), _reading(100 - behind, till.STORES[1])]
    with pytest.raises(Trouble) as raised:
        choose(both, service.figures.run, SURE)
    assert raised.value.status == "clarify"
    assert raised.value.choices == tuple(one.plans[0] for one in both)


def test_the_likelier_reading_is_answered_unless_another_is_too_near(service: Service) -> None:
    first, second = _reading(400, till.STORES[0]), _reading(400 - SURE.near, till.STORES[1])
    chosen = choose([first, second], service.figures.run, SURE)
    assert chosen.reading == first
    assert chosen.result is not None
    assert chosen.result.plan.filters[0].values == (till.STORES[0],)
    strict = replace(weights(), threshold=weights().probability({"margin": 0.5}))
    with pytest.raises(Trouble) as raised:
        choose([first, second], service.figures.run, strict)
    assert raised.value.choices == (first.plans[0], second.plans[0])
    far = _reading(400 - strict.margin_max // 2, till.STORES[1])
    assert choose([first, far], service.figures.run, strict).reading == first


def test_a_reading_that_gives_the_same_figure_or_none_is_no_rival(service: Service) -> None:
    empty = _reading(100, period={"start": "2020-01-01", "end": "2020-01-31"})
    for other in (_reading(100, *till.STORES), empty):
        assert choose([_reading(100), other], service.figures.run, SURE).reading == _reading(100)


def test_what_is_not_likely_enough_is_asked_back_with_the_whole_reading(service: Service) -> None:
    strict = replace(weights(), threshold=1 - 1e-9)
    with pytest.raises(Trouble, match="not sure") as raised:
        choose([_reading(0, till.STORES[0])], service.figures.run, strict)
    (only,) = raised.value.choices
    assert isinstance(only, Plan)
    assert only.filters[0].values == (till.STORES[0],)


def test_a_doubt_never_makes_a_reading_likelier() -> None:
    plain = dict.fromkeys(DOUBTS, 0.0) | {"margin": 1.0}
    sure = weights().probability(plain)
    assert sure > weights().threshold
    for name, sign in DOUBTS.items():
        assert weights().probability(plain | {name: plain[name] - sign}) <= sure


def test_a_reading_said_again_is_answered(service: Service) -> None:
    """A choice is clicked once, and never asked back again."""

    def run(plan: Plan) -> Result:
        return service.figures.run(plan)

    context = service.asker.context(TODAY)
    for said in (
        "net sales at Downtown last week",
        "top 3 items by units sold this month",
        "gross sales by day in October",
        "share of net sales paid by cash last week",
        "average net sales per day by store in October",
        "net sales last week vs the week before by store",
        "last day with a refund",
    ):
        result = choose(readings(said, context), run, context.weights).result
        assert result is not None
        again = choose(readings(describe(result.plan), context), run, context.weights).result
        assert again is not None
        assert again.plan == result.plan, said
