"""Learning from verdicts: precision of each rule, weights, a re-ranker, a sample of what nothing flagged."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.flags import learn, unflagged
from assistant.flags.desk import Desk
from assistant.flags.wilson import rate
from ledger.book import Book
from ledger.cases.events import Filed, Outcome, Verdict
from ledger.errors import CaseError
from tests.assistant.cases.flags import AT, TODAY, flag, updated
from tests.builders import DAY, make_book, post, ticket


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(make_book(tmp_path / "book"))


def decide(desk: Desk, verdicts: list[tuple[str, Outcome, dict[str, object]]]) -> None:
    """A case for each verdict: of a rule, with an outcome; more is said of its flag."""
    flags = [flag(kind, number, cashier=f"C{number}", **more) for number, (kind, _, more) in enumerate(verdicts)]
    updated(desk.book, *flags)
    known = {one.cause.person: one.id for one in desk.worked().cases.values()}
    filed = [Filed(known[f"C{n}"], "Ada", Verdict(outcome, "")) for n, (_, outcome, _) in enumerate(verdicts)]
    desk.book.record_cases(filed, at=AT)


def taught(desk: Desk, number: int = 320, seed: int = 7) -> None:
    """Verdicts that the rule's name says little of, and its percentile much."""
    draws = random.Random(seed)
    verdicts: list[tuple[str, Outcome, dict[str, object]]] = []
    for _ in range(number):
        percentile = draws.uniform(0, 100)
        guilty = draws.random() < (0.75 if percentile > 70 else 0.05)
        kind = draws.choice(["a", "b", "b"])
        verdicts.append((kind, "loss" if guilty else "expected", {"percentile": percentile, "score": draws.random()}))
    decide(desk, verdicts)


@given(st.integers(0, 400), st.integers(0, 400))
def test_an_interval_holds_the_rate_and_narrows_with_more_cases(hits: int, misses: int) -> None:
    one = rate(hits, hits + misses)
    if one.value is None:
        assert (one.low, one.high) == (0, 1)
        return
    assert 0 <= one.low <= one.value + 1e-12
    assert one.value - 1e-12 <= one.high <= 1
    more = rate(hits * 4, (hits + misses) * 4)
    assert more.high - more.low < one.high - one.low


def test_the_interval_is_wilsons() -> None:
    one = rate(8, 10)
    assert (round(one.low, 4), round(one.high, 4)) == (0.4902, 0.9433)


def test_precision_and_weight_of_each_rule(desk: Desk) -> None:
    decide(
        desk,
        [("a", "loss", {}), ("a", "error", {}), ("a", "wrong_data", {}), ("b", "expected", {}), ("b", "duplicate", {})],
    )
    lesson = learn.lesson(desk.worked(), "USD")
    assert (lesson.confirmed, lesson.dismissed) == (2, 2)
    rules = {one.kind: (one.precision.hits, one.precision.of, one.weight, one.learnt) for one in lesson.rules}
    assert rules == {"a": (2, 3, 0.5, round(7 / 13, 4)), "b": (0, 1, 0.5, round(5 / 11, 4))}
    assert lesson.proposal is not None
    assert lesson.proposal.coefficients == ()
    assert lesson.tried is None


def test_nothing_changes_until_somebody_adopts_it_and_it_can_be_taken_back(desk: Desk) -> None:
    decide(desk, [("a", "loss", {}), ("b", "expected", {})])
    lesson = learn.lesson(desk.worked(), "USD")
    assert lesson.proposal is not None
    assert desk.worked().weights.in_force is None
    learn.adopt(desk, lesson.proposal, by="Ada", reason="a month of verdicts", at=AT)
    weights = desk.worked().weights
    assert weights.in_force is not None
    assert dict(weights.in_force.weights) == {"a": 0.5455, "b": 0.4545}
    assert learn.lesson(desk.worked(), "USD").proposal is None, "what is in force is no news"
    learn.take_back(desk, by="Ada", reason="too early", at=AT)
    assert desk.worked().weights.in_force is None
    assert [(one.kind, one.by) for one in desk.worked().weights.history] == [
        ("weights_adopted", "Ada"),
        ("weights_reverted", "Ada"),
    ]
    assert desk.book.verify().ok


def test_a_case_counts_once_for_a_rule_and_a_reopened_one_not_at_all(desk: Desk) -> None:
    updated(desk.book, *(flag("a", n) for n in range(5)))
    [case] = desk.worked().cases
    desk.record(case, [Verdict("loss", "")], by="Ada", at=AT)
    assert learn.lesson(desk.worked(), "USD").rules[0].precision.of == 1
    from ledger.cases.events import Stepped

    desk.record(case, [Stepped("reopened", "doubt")], by="Ada", at=AT)
    assert learn.lesson(desk.worked(), "USD").rules == ()


def test_a_re_ranker_is_learnt_from_enough_verdicts_and_beats_weights_where_there_is_more_to_know(desk: Desk) -> None:
    taught(desk)
    worked = desk.worked()
    lesson = learn.lesson(worked, "USD")
    assert lesson.confirmed >= 50
    assert lesson.dismissed >= 200
    assert lesson.proposal is not None
    assert lesson.tried is not None
    assert lesson.tried.reranker > lesson.tried.weights + 0.2
    coefficients = dict(lesson.proposal.coefficients)
    assert coefficients["percentile"] > 1
    assert learn.lesson(worked, "USD") == lesson
    updated(desk.book, flag("b", "x", cashier="X", percentile=99), flag("b", "y", cashier="Y", percentile=10))
    learn.adopt(desk, lesson.proposal, by="Ada", reason="enough verdicts", at=AT)
    tomorrow = TODAY + timedelta(days=1)  # the day of all those verdicts has no room left
    assert [one.case.cause.person for one in desk.queue(tomorrow).today] == ["X", "Y"]
    chances = [one.chance for one in desk.queue(tomorrow).today]
    assert chances[0] > 0.4 > 0.2 > chances[1]


def test_too_few_verdicts_teach_no_re_ranker(desk: Desk) -> None:
    taught(desk, number=120)
    lesson = learn.lesson(desk.worked(), "USD")
    assert lesson.proposal is not None
    assert (lesson.proposal.coefficients, lesson.tried) == ((), None)


def filled(folder: Path) -> Book:
    book = make_book(folder)
    days = [DAY + timedelta(days=n) for n in range(10)]
    post(book, *(ticket(f"{day}-{n}", business_date=day) for day in days for n in range(40)))
    return book


def test_a_sample_is_drawn_by_content_and_leaves_out_what_is_flagged(tmp_path: Path) -> None:
    first, last = DAY, DAY + timedelta(days=9)
    drawn = []
    for name in ("one", "two"):
        desk = Desk(filled(tmp_path / name))
        unflagged.draw(desk.book, first, last, by="Ada", at=AT)
        cases = [one for one in desk.worked().cases.values() if one.cause.family == "sample"]
        drawn.append({one.cause.about for one in cases})
    assert drawn[0] == drawn[1]
    assert 8 <= len(drawn[0]) <= 35, "about 5 % of 400"
    [sample] = desk.worked().samples.values()
    assert (sample.terms.unflagged, sample.terms.drawn) == (400, len(drawn[0]))
    assert desk.queue(TODAY).today == ()
    assert len(desk.queue(TODAY).sampled) == len(drawn[0])

    desk = Desk(filled(tmp_path / "three"))
    out = sorted(str(one) for one in drawn[0])[:3]
    updated(desk.book, *(flag(about=one, external_id=one.removeprefix("pos "), source="pos") for one in out))
    unflagged.draw(desk.book, first, last, by="Ada", at=AT)
    again = {one.cause.about for one in desk.worked().cases.values() if one.cause.family == "sample"}
    assert again == drawn[0] - set(out)
    [sample] = desk.worked().samples.values()
    assert sample.terms.unflagged == 397


def test_what_a_sample_shows_is_the_rate_of_what_was_missed_and_teaches_no_rule(tmp_path: Path) -> None:
    desk = Desk(filled(tmp_path / "book"))
    unflagged.draw(desk.book, DAY, DAY + timedelta(days=9), by="Ada", at=AT)
    cases = list(desk.worked().cases)
    assert unflagged.missed(desk.worked()).missed.value is None
    for number, case in enumerate(cases[:6]):
        desk.record(case, [Verdict("loss" if number == 0 else "expected", "")], by="Lin", at=AT)
    found = unflagged.missed(desk.worked())
    assert (found.drawn, found.missed.hits, found.missed.of) == (len(cases), 1, 6)
    assert found.missed.low < 1 / 6 < found.missed.high
    assert learn.lesson(desk.worked(), "USD").rules == ()


def test_a_sample_that_cannot_be_drawn_says_why(tmp_path: Path) -> None:
    book = filled(tmp_path / "book")
    for first, last, words in (
        (DAY, DAY - timedelta(days=1), "before it starts"),
        (date(2020, 1, 1), date(2020, 1, 2), "none was drawn"),
    ):
        with pytest.raises(CaseError, match=words):
            unflagged.draw(book, first, last, by="Ada", at=AT)
    with pytest.raises(CaseError, match="fewer days"):
        unflagged.draw(book, DAY, DAY + timedelta(days=9), by="Ada", at=AT, share=0.9)
    unflagged.draw(book, DAY, DAY + timedelta(days=9), by="Ada", at=AT)
    with pytest.raises(CaseError, match="drawn before"):
        unflagged.draw(book, DAY, DAY + timedelta(days=9), by="Ada", at=AT)
