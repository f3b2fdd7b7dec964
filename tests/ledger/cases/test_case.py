"""Cases by their laws: no sequence of events reaches a state that is forbidden, and any beginning of it is a case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ledger.cases.case import CLOSED, NEXT, STATES, Case, folded, state_of
from ledger.cases.events import (
    WEIGHTS,
    Assigned,
    Attached,
    Commented,
    Event,
    FlagAdded,
    FlagGone,
    Opened,
    Outcome,
    Recorded,
    Step,
    Stepped,
    Suppressed,
    SuppressionEnded,
    Verdict,
    WeightsAdopted,
    WeightsReverted,
    kind_of,
    read,
    subject_of,
    written,
)
from ledger.cases.people import People
from ledger.cases.worked import Worked
from ledger.errors import CaseError
from ledger.settings import Reviewer

AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
CAUSE = Opened("Downtown", "Grace", "refunds", None, date(2026, 10, 5), date(2026, 11, 1), None)
SUBJECT = subject_of("a case")
SCOPE = Suppressed("refunds", None, None, None, None, date(2026, 12, 31), "Ada", "known", 0.5, None)
STEPS: tuple[Step, ...] = get_args(Step)
OUTCOMES: tuple[Outcome, ...] = ("loss", "error", "policy", "expected", "wrong_data", "duplicate")
PEOPLE = People({"Ada": Reviewer(), "G. Hopper": Reviewer(cashiers=("Grace",)), "Grace": Reviewer()})

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
names = st.sampled_from(["Ada", "G. Hopper", "grace ", "ＧＲＡＣＥ", ""])
reasons = st.sampled_from(["", "  ", "because"])
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(Opened, *[st.none()] * 2, texts, *[st.none()] * 4),
    st.builds(FlagAdded, st.sampled_from(["f1", "f2", "f3"]), st.sampled_from([None, "Grace"]), texts),
    st.builds(FlagGone, st.sampled_from(["f1", "f2", "f3"])),
    st.builds(Assigned, names),
    st.builds(Commented, texts),
    st.builds(Attached, texts, texts),
    st.builds(Stepped, st.sampled_from(STEPS), reasons),
    st.builds(Verdict, st.sampled_from(OUTCOMES), reasons),
    st.builds(SuppressionEnded, reasons),
    st.just(SCOPE),
    st.builds(WeightsReverted, reasons),
)


def recorded(number: int, event: Event, by: str = "Ada", subject: str = SUBJECT) -> Recorded:
    return Recorded(number, 0, subject, number, by, AT + timedelta(minutes=number), event)


class Working(RuleBasedStateMachine):
    """Whatever is tried in whatever name, beside a model that knows the rules in its own words."""

    @initialize()
    def open(self) -> None:
        self.worked = Worked([recorded(1, CAUSE, "Tillproof")])
        self.state, self.flags, self.gone, self.visited = "new", set[str](), set[str](), ["new"]

    @property
    def case(self) -> Case:
        return self.worked.cases[SUBJECT]

    def expected(self, event: Event, by: str) -> bool:
        """Whether the rules allow it."""
        closed = self.state in ("confirmed", "dismissed")
        if isinstance(event, FlagAdded):
            return not closed and event.flag not in self.flags - self.gone
        if isinstance(event, FlagGone):
            return not closed and event.flag in self.flags - self.gone
        if isinstance(event, Commented):
            return by != "" and event.text.strip() != ""
        if isinstance(event, Attached):
            return by != ""
        if by != "Ada":
            return False  # the others are nobody, or whom the case is about
        if isinstance(event, Assigned):
            return not closed and event.to in ("", "Ada")
        if isinstance(event, Verdict):
            return not closed
        if isinstance(event, Stepped) and event.state == "reopened":
            return closed and event.reason == "because"
        if isinstance(event, Stepped):
            return not closed and self.state != event.state
        return False

    @rule(event=events, by=names)
    def try_it(self, event: Event, by: str) -> None:
        before = self.case
        expected = self.expected(event, by)
        try:
            PEOPLE.refuse(by, event, before)
            self.worked.add(recorded(before.number + 1, event, by))
        except CaseError as refusal:
            assert not expected, refusal
            assert self.case is before
            return
        assert expected
        if isinstance(event, FlagAdded):
            self.flags.add(event.flag)
            self.gone.discard(event.flag)
        if isinstance(event, FlagGone):
            self.gone.add(event.flag)
        if isinstance(event, Stepped):
            self.state = event.state
        if isinstance(event, Verdict):
            self.state = "confirmed" if event.outcome in ("loss", "error", "policy") else "dismissed"
        self.visited.append(self.state)

    @invariant()
    def is_what_the_rules_say(self) -> None:
        case = self.case
        assert case.state == self.state
        assert sorted(one.flag for one in case.flags) == sorted(self.flags)
        assert case.gone == self.gone
        assert case.closed == (case.verdict is not None) == (case.outcome is not None)
        assert not case.closed or (case.verdict is not None and case.verdict.by == "Ada")
        assert case.assignee in ("", "Ada")

    @precondition(lambda self: len(self.case.history) % 4 == 0)
    @invariant()
    def every_beginning_is_a_case(self) -> None:
        history = self.case.history
        states = [folded(history[:length]).state for length in range(1, len(history) + 1)]
        assert states == self.visited
        for one, following in pairwise(states):
            assert one == following or following in NEXT[one], (one, following)
        assert folded(history) == self.case


class TestWorking(Working.TestCase):
    settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


@given(events)
def test_an_event_is_read_as_it_was_written(event: Event) -> None:
    text = written(event)
    assert read(kind_of(event), text) == event
    assert written(read(kind_of(event), text)) == text


def test_a_text_that_is_no_event_is_refused() -> None:
    for kind, text in (("verdict", '{"outcome":"fine","reason":""}'), ("verdict", "{"), ("made_up", "{}")):
        with pytest.raises(CaseError):
            read(kind, text)


def test_every_state_can_be_left_and_a_closed_one_only_by_reopening() -> None:
    assert set(NEXT) == set(STATES)
    assert all(NEXT[state] for state in STATES)
    assert all(NEXT[state] == {"reopened"} for state in CLOSED)
    assert "new" not in set().union(*NEXT.values())
    assert {state_of(outcome) for outcome in OUTCOMES} == set(CLOSED)


def test_an_event_out_of_its_turn_is_refused() -> None:
    worked = Worked([recorded(1, CAUSE)])
    for number in (1, 3):
        with pytest.raises(CaseError, match="follow"):
            worked.add(recorded(number, Commented("so")))
    assert worked.cases[SUBJECT].number == 1


def test_a_suppression_ends_by_its_day_or_by_a_person_and_keeps_what_it_held_back() -> None:
    worked = Worked([recorded(1, SCOPE, subject="s")])
    one = worked.suppressions["s"]
    assert (one.in_force(date(2026, 12, 31)), one.in_force(date(2027, 1, 1))) == (True, False)
    worked.add(recorded(2, SuppressionEnded(""), subject="s"))
    assert not worked.suppressions["s"].in_force(date(2026, 11, 2))
    with pytest.raises(CaseError, match="ended already"):
        worked.add(recorded(3, SuppressionEnded(""), subject="s"))


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        (replace(SCOPE, family=None), "scope"),
        (replace(SCOPE, reason=" "), "reason"),
        (replace(SCOPE, owner=""), "owner"),
    ],
)
def test_a_suppression_says_what_why_and_who(terms: Suppressed, words: str) -> None:
    with pytest.raises(CaseError, match=words):
        Worked([recorded(1, terms, subject="s")])


def test_weights_are_taken_back_one_adoption_at_a_time() -> None:
    first = WeightsAdopted(5, 1, 0, (("a", 0.5),), (), "first")
    worked = Worked()
    worked.add(recorded(1, first, subject=WEIGHTS))
    worked.add(recorded(2, replace(first, weights=(("a", 0.9),)), subject=WEIGHTS))
    worked.add(recorded(3, WeightsReverted("worse"), subject=WEIGHTS))
    assert worked.weights.in_force == first
    worked.add(recorded(4, WeightsReverted("worse"), subject=WEIGHTS))
    assert worked.weights.in_force is None
    assert len(worked.weights.history) == 4
    with pytest.raises(CaseError):
        worked.add(recorded(5, WeightsReverted("worse"), subject=WEIGHTS))
    with pytest.raises(CaseError):
        worked.add(recorded(5, Commented("so"), subject=WEIGHTS))


def test_a_store_manager_does_not_close_what_is_about_his_store_as_a_whole() -> None:
    people = People({"Lin": Reviewer(stores=("Downtown",)), "Ada": Reviewer()})
    of_store = folded([recorded(1, replace(CAUSE, person=None))])
    with pytest.raises(CaseError, match="himself"):
        people.refuse("lin", Verdict("expected", ""), of_store)
    people.refuse("Lin", Commented("the drawer was moved"), of_store)
    people.refuse("Lin", Verdict("loss", ""), folded([recorded(1, CAUSE)]))
    people.refuse("Ada", Verdict("expected", ""), of_store)
    with pytest.raises(CaseError, match="listed"):
        people.refuse("Eve", Verdict("expected", ""), of_store)
    with pytest.raises(CaseError, match="no person"):
        People({}).refuse("tillproof", Verdict("expected", ""), of_store)
