"""A case as its events make it, and which events may come next.

    new ──────────► in review ◄──► waiting for the store
     │                  │                  │
     └──────────────────┴────────┬─────────┘
                                 ▼
            confirmed (loss, error, policy)        ◄──┐
            dismissed (expected, wrong data, duplicate) │ in review, waiting, or at once
                                 │                      │
                                 └───► reopened ────────┘

A closed case keeps its flags and takes no others; it can be commented on, and reopened for a reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, get_args

from ledger.cases.events import (
    CONFIRMED,
    Assigned,
    Attached,
    Commented,
    Event,
    FlagAdded,
    FlagGone,
    Opened,
    Outcome,
    Recorded,
    Stepped,
    Verdict,
)
from ledger.errors import CaseError, NoCase

State = Literal["new", "in_review", "waiting", "confirmed", "dismissed", "reopened"]
STATES: tuple[State, ...] = get_args(State)
CLOSED: tuple[State, ...] = ("confirmed", "dismissed")
NEXT: dict[State, frozenset[State]] = {
    "new": frozenset(("in_review", "waiting", *CLOSED)),
    "in_review": frozenset(("waiting", *CLOSED)),
    "waiting": frozenset(("in_review", *CLOSED)),
    "reopened": frozenset(("in_review", "waiting", *CLOSED)),
    "confirmed": frozenset(("reopened",)),
    "dismissed": frozenset(("reopened",)),
}
"""Where a case may go from each state."""
WORDS: dict[str, str] = {
    "new": "new",
    "in_review": "in review",
    "waiting": "waiting for the store",
    "confirmed": "confirmed",
    "dismissed": "dismissed",
    "reopened": "reopened",
    "loss": "loss",
    "error": "error",
    "policy": "policy",
    "expected": "expected",
    "wrong_data": "wrong data",
    "duplicate": "duplicate",
}
"""What people call states and outcomes."""


@dataclass(frozen=True)
class Case:
    """A case after some events. ``outcome`` is that of the verdict in force, None where there is none; ``assignee`` is
    empty where nobody has it. ``gone`` are those of its flags that the detector does not find any more."""

    id: str
    cause: Opened
    flags: tuple[FlagAdded, ...]
    gone: frozenset[str]
    state: State
    outcome: Outcome | None
    assignee: str
    history: tuple[Recorded, ...]

    @property
    def closed(self) -> bool:
        return self.state in CLOSED

    @property
    def persons(self) -> frozenset[str]:
        """Whom the case is about: its own person, and those of its flags."""
        named = (self.cause.person, *(one.person for one in self.flags))
        return frozenset(one for one in named if one is not None)

    @property
    def number(self) -> int:
        """The number of its last event, which says what whoever decides has seen."""
        return self.history[-1].number

    @property
    def verdict(self) -> Recorded | None:
        """The verdict in force; None while the case is undecided."""
        if not self.closed:
            return None
        return next(one for one in reversed(self.history) if isinstance(one.event, Verdict))


def state_of(outcome: Outcome) -> State:
    """The state that a verdict closes a case in: ``state_of("loss") == "confirmed"``."""
    return "confirmed" if outcome in CONFIRMED else "dismissed"


def folded(events: Iterable[Recorded]) -> Case:
    """The case that some events make, from its first one on; CaseError names the first that may not come there."""
    case: Case | None = None
    for one in events:
        case = after(case, one)
    if case is None:
        raise CaseError("a case has at least the event that opened it")
    return case


def after(case: Case | None, recorded: Recorded) -> Case:
    """The case after one more event; CaseError where it may not come."""
    event = recorded.event
    refuse(case, event)
    if isinstance(event, Opened):
        return Case(recorded.subject, event, (), frozenset(), "new", None, "", (recorded,))
    assert case is not None
    history = (*case.history, recorded)
    if isinstance(event, FlagAdded):
        others = tuple(one for one in case.flags if one.flag != event.flag)
        return replace(case, flags=(*others, event), gone=case.gone - {event.flag}, history=history)
    if isinstance(event, FlagGone):
        return replace(case, gone=case.gone | {event.flag}, history=history)
    if isinstance(event, Assigned):
        return replace(case, assignee=event.to, history=history)
    if isinstance(event, Stepped):
        return replace(case, state=event.state, outcome=None, history=history)
    if isinstance(event, Verdict):
        return replace(case, state=state_of(event.outcome), outcome=event.outcome, history=history)
    return replace(case, history=history)


def refuse(case: Case | None, event: Event) -> None:
    """CaseError where an event may not come next, whoever it is by."""
    if isinstance(event, Opened):
        if case is not None:
            raise CaseError(f"the case {case.id[:12]} is there already")
        return
    if not isinstance(event, FlagAdded | FlagGone | Assigned | Commented | Attached | Stepped | Verdict):
        raise CaseError("such an event belongs to no case")
    if case is None:
        raise NoCase("there is no such case; its number is in the list of cases")
    if isinstance(event, FlagAdded | FlagGone):
        _refuse_flag(case, event)
    if isinstance(event, Assigned) and case.closed:
        raise CaseError("the case is closed; reopen it before it is given to somebody")
    if isinstance(event, Stepped | Verdict):
        _refuse_step(case, event.state if isinstance(event, Stepped) else state_of(event.outcome), event.reason)


def _refuse_flag(case: Case, event: FlagAdded | FlagGone) -> None:
    if case.closed:
        raise CaseError(f"the case {case.id[:12]} is closed; a new flag of its cause makes a new case")
    there = event.flag not in case.gone and any(one.flag == event.flag for one in case.flags)
    if isinstance(event, FlagAdded) and there:
        raise CaseError(f"the flag {event.flag[:12]} is in the case already")
    if isinstance(event, FlagGone) and not there:
        raise CaseError(f"the flag {event.flag[:12]} is not in the case, so cannot have gone")


def _refuse_step(case: Case, wanted: State, reason: str) -> None:
    if wanted not in NEXT[case.state]:
        already = "already" if wanted == case.state else f"and cannot become {WORDS[wanted]}"
        how = "; reopen it first" if case.closed else ""
        raise CaseError(f"the case is {WORDS[case.state]} {already}{how}")
    if wanted == "reopened" and not reason.strip():
        raise CaseError("a closed case is reopened for a reason only; say which")
