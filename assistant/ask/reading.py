"""What reading a question gives: plans, a question for the summaries, or what stands in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from ledger.figures import Period, Plan
from ledger.statements.plan import StatementKind


class Trouble(Exception):
    """Why a question has no plan: a sentence for the person, and what could be asked instead."""

    def __init__(self, status: str, sentence: str, choices: Sequence[str | Plan] = ()) -> None:
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
class Reading:
    """How a question was understood. Several ``plans`` are readings between which the words do not decide."""

    plans: tuple[Plan, ...] = ()
    open: OpenQuestion | None = None
    about: About | None = None
    notes: tuple[str, ...] = ()
    why: bool = False
    """Whether the question asks what a change is made of."""
