"""What reading a question gives: plans, a question for the summaries, or what stands in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from assistant.ask.answer import Status
from ledger.figures import Period, Plan
from ledger.statements.plan import StatementKind


class Trouble(Exception):
    """Why a question has no plan: a sentence for the person, and what could be asked instead."""

    def __init__(self, status: Status, sentence: str, choices: Sequence[str | Plan] = ()) -> None:
        super().__init__(sentence)
        self.status = status
        self.choices = tuple(choices)


class NotUnderstood(Trouble):
    """Words that mean something are left that nothing explains, so that there is no figure; notes may still speak of
    them."""

    def __init__(self, sentence: str) -> None:
        super().__init__("abstained", sentence)


@dataclass(frozen=True)
class OpenQuestion:
    """A question for the summaries: its text, and what narrows the search."""

    text: str
    stores: tuple[str, ...]
    period: Period


@dataclass(frozen=True)
class About:
    """A question about the book itself: ``names`` are metrics to define, or stores; ``statement`` which one; ``people``
    are cashiers and ``ticket`` letters and digits of a number, of which flags are asked."""

    kind: Literal["define", "complete", "held", "feeds", "flags", "statement"]
    names: tuple[str, ...] = ()
    period: Period = field(default_factory=Period)
    statement: StatementKind | None = None
    people: tuple[str, ...] = ()
    ticket: str = ""


@dataclass(frozen=True)
class Doubts:
    """What a reading rests on: the ``score`` of the way to explain the question, and what makes it less sure, counted
    as ``weights.DOUBTS`` has it."""

    score: int = 0
    mended: int = 0
    parts: int = 0
    assumed: int = 0
    bare: int = 0
    goes_on: bool = False

    @property
    def counted(self) -> dict[str, float]:
        """What is counted, by its name in ``weights.DOUBTS``; the margin depends on the other readings."""
        return {
            "mended": self.mended,
            "parts": self.parts,
            "assumed": self.assumed,
            "bare": self.bare,
            "goes_on": int(self.goes_on),
        }


@dataclass(frozen=True)
class Reading:
    """How a question was understood. Several ``plans`` are readings between which the words do not decide."""

    plans: tuple[Plan, ...] = ()
    open: OpenQuestion | None = None
    about: About | None = None
    notes: tuple[str, ...] = ()
    why: bool = False
    """Whether the question asks what a change is made of."""
    doubts: Doubts = field(default_factory=Doubts)

    def is_as(self, other: Reading) -> bool:
        """Whether another reading comes to the same answer, as it has the same plans or asks the same."""
        return (self.plans, self.open, self.about, self.why) == (other.plans, other.open, other.about, other.why)
