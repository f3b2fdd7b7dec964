"""``Worked``: all cases of a book and what stands beside them, folded event by event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ledger.cases.beside import (
    Sample,
    Suppression,
    Weights,
    of_suppression,
    of_weights,
    sample_after,
    suppression_after,
    weights_after,
)
from ledger.cases.case import Case, after
from ledger.cases.events import WEIGHTS, Event, Recorded, SampleDrawn
from ledger.errors import CaseError


class Worked:
    """Cases, suppressions and samples by their ids, and the weights; ``seq`` is the commit of the last event in it.

    Not safe from several threads while it is added to.
    """

    def __init__(self, events: Iterable[Recorded] = ()) -> None:
        self.cases: dict[str, Case] = {}
        self.suppressions: dict[str, Suppression] = {}
        self.samples: dict[str, Sample] = {}
        self.weights = Weights()
        self.seq = 0
        self._numbers: dict[str, int] = {}
        for one in events:
            self.add(one)

    def add(self, recorded: Recorded) -> None:
        """Take in one more event; CaseError, with nothing taken in, where it may not come."""
        subject, event = recorded.subject, recorded.event
        if recorded.number != self.next_number(subject):
            raise CaseError(
                f"event {recorded.number} of {subject[:12]} does not follow on event {self._numbers.get(subject, 0)}"
            )
        if of_weights(event) != (subject == WEIGHTS):
            raise CaseError("what changes the weights, and nothing else, is filed under them")
        of = self._of(event)
        if any(subject in one for one in (self.cases, self.suppressions, self.samples) if one is not of):
            raise CaseError(f"{subject[:12]} is something else than what such an event belongs to")
        if of_weights(event):
            self.weights = weights_after(self.weights, recorded)
        elif of_suppression(event):
            self.suppressions[subject] = suppression_after(self.suppressions.get(subject), recorded)
        elif isinstance(event, SampleDrawn):
            self.samples[subject] = sample_after(self.samples.get(subject), recorded)
        else:
            self.cases[subject] = after(self.cases.get(subject), recorded)
        self._numbers[subject] = recorded.number
        self.seq = max(self.seq, recorded.seq)

    def _of(self, event: Event) -> Mapping[str, object]:
        """Where the subjects of such events are."""
        if of_suppression(event):
            return self.suppressions
        return self.samples if isinstance(event, SampleDrawn) else self.cases

    def with_more(self, events: Iterable[Recorded]) -> Worked:
        """Another one with some more events; this one stays as it is."""
        made = Worked()
        made.cases, made.suppressions, made.samples = dict(self.cases), dict(self.suppressions), dict(self.samples)
        made.weights, made.seq, made._numbers = self.weights, self.seq, dict(self._numbers)
        for one in events:
            made.add(one)
        return made

    def next_number(self, subject: str) -> int:
        """The number that the next event of a subject has."""
        return self._numbers.get(subject, 0) + 1

    def flags(self) -> dict[str, str]:
        """Every flag that is in a case or was suppressed, by its id, with the id of the case or the suppression; the
        case where it is in both."""
        found = {flag: one.id for one in self.suppressions.values() for flag in one.flags}
        return found | {flag.flag: case.id for case in self.cases.values() for flag in case.flags}
