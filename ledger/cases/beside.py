"""What stands beside the cases, as its events make it: suppressions, the weights of the ranking, random samples."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from ledger.cases.events import (
    Event,
    FlagSuppressed,
    Recorded,
    SampleDrawn,
    Suppressed,
    SuppressionEnded,
    WeightsAdopted,
    WeightsReverted,
)
from ledger.errors import CaseError, NoCase

SCOPE = ("family", "kind", "store", "person", "register")


@dataclass(frozen=True)
class Suppression:
    """A scope whose flags make no cases, and the flags that it kept from making one. ``ended`` is the event that ended
    it before its time, None where none did."""

    id: str
    made: Recorded
    terms: Suppressed
    flags: frozenset[str]
    ended: Recorded | None

    def in_force(self, day: date) -> bool:
        """Whether it holds on a day; ``until`` is its last."""
        return self.ended is None and day <= self.terms.until


@dataclass(frozen=True)
class Weights:
    """Every change of the ranking, in order, and the adoptions that are in force one above the other, the last one
    counting."""

    history: tuple[Recorded, ...] = ()
    adopted: tuple[Recorded, ...] = ()

    @property
    def in_force(self) -> WeightsAdopted | None:
        if not self.adopted:
            return None
        event = self.adopted[-1].event
        assert isinstance(event, WeightsAdopted)
        return event


@dataclass(frozen=True)
class Sample:
    """Tickets that were drawn among those that nothing flagged."""

    id: str
    made: Recorded
    terms: SampleDrawn


def suppression_after(before: Suppression | None, recorded: Recorded) -> Suppression:
    """A suppression after one more event; CaseError where it may not come."""
    event = recorded.event
    if isinstance(event, Suppressed):
        _refuse_terms(before, event)
        return Suppression(recorded.subject, recorded, event, frozenset(), None)
    if before is None:
        raise NoCase("there is no such suppression; its number is in the list of suppressions")
    if before.ended is not None:
        raise CaseError(f"the suppression {before.id[:12]} has ended already")
    if isinstance(event, FlagSuppressed):
        return replace(before, flags=before.flags | {event.flag})
    return replace(before, ended=recorded)


def weights_after(before: Weights, recorded: Recorded) -> Weights:
    """The weights after one more event; CaseError where there is none to take back."""
    history = (*before.history, recorded)
    if isinstance(recorded.event, WeightsAdopted):
        return Weights(history, (*before.adopted, recorded))
    if not before.adopted:
        raise CaseError("no weights are in force that could be taken back")
    return Weights(history, before.adopted[:-1])


def sample_after(before: Sample | None, recorded: Recorded) -> Sample:
    """A sample after it was drawn; CaseError where it was before."""
    event = recorded.event
    assert isinstance(event, SampleDrawn)
    if before is not None:
        raise CaseError(f"the sample of {event.first} to {event.last} was drawn before; its cases are there")
    return Sample(recorded.subject, recorded, event)


def of_suppression(event: Event) -> bool:
    return isinstance(event, Suppressed | FlagSuppressed | SuppressionEnded)


def of_weights(event: Event) -> bool:
    return isinstance(event, WeightsAdopted | WeightsReverted)


def _refuse_terms(before: Suppression | None, terms: Suppressed) -> None:
    if before is not None:
        raise CaseError(f"the suppression {before.id[:12]} is there already")
    if all(getattr(terms, name) is None for name in SCOPE):
        raise CaseError("a suppression needs a scope: a rule, a family, a store, a person or a register")
    if not terms.reason.strip():
        raise CaseError("flags are suppressed for a reason only; say which")
    if not terms.owner.strip():
        raise CaseError("a suppression needs an owner, who answers for it; say whom")
