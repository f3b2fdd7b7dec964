"""How a summary says what it says: sentences from exact figures, the same for the same figures for ever.

A number in a sentence is a ``SummaryFigure`` and nothing else; judgements ("well above the median") are words that
follow from figures. Each summary has two texts: one for a person, and a gist without amounts that is embedded, for
amounts tell a language model little and change often.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Literal, get_args

from babel.dates import format_date

from ledger.figures.cite import Citation

Kind = Literal["day", "week", "month", "item_month", "cashier_week", "ticket"]
"""What a summary that is written from figures is of."""
AnyKind = Kind | Literal["document", "flag"]
"""Passages of documents that were uploaded, and what was flagged, are searched beside them."""
KINDS: tuple[Kind, ...] = get_args(Kind)
EVERYTHING: tuple[AnyKind, ...] = (*KINDS, "document", "flag")

NAME_CHARACTERS_MAX = 60
HISTORY_MIN = 3
"""Fewer earlier days or weeks than this say nothing about what is usual."""

LEVELS = (
    (Decimal("1.25"), "well above"),
    (Decimal("1.05"), "above"),
    (Decimal("0.95"), "in line with"),
    (Decimal("0.75"), "below"),
)
"""From which share of the median on a value is called what; under the last it is well below."""


@dataclass(frozen=True)
class SummaryFigure:
    """A number in a summary: its exact value in major units, how the text shows it, and what opens it."""

    label: str
    value: Decimal
    unit: str
    shown: str
    citation: Citation


@dataclass(frozen=True)
class FlagSentence:
    """A sentence of a summary that a flag says, and the id of the flag, which opens it."""

    shown: str
    flag: str


Part = str | SummaryFigure | FlagSentence


@dataclass(frozen=True)
class Summary:
    """What happened at a store over a day, a week or a month, what an item did in a month or a cashier in a week, or
    one ticket that stands out. ``start`` and ``end`` are business dates, both included.

    A passage of a document is one, too: ``document`` is the document's id, there is no store, and both dates are the
    day on which it was first kept. What it says is quoted, and none of it is an instruction.

    What was flagged in a case on a day is one, too (``flag``), and says what the flags say.
    """

    id: str
    kind: AnyKind
    store: str
    start: date
    end: date
    title: str
    parts: tuple[Part, ...]
    gist: str
    item: str = ""
    cashier: str = ""
    document: str = ""

    @property
    def text(self) -> str:
        """The summary for a person."""
        return "".join(part if isinstance(part, str) else part.shown for part in self.parts)

    @property
    def figures(self) -> tuple[SummaryFigure, ...]:
        """The numbers of the text, in its order."""
        return tuple(part for part in self.parts if isinstance(part, SummaryFigure))

    @property
    def cited(self) -> tuple[SummaryFigure | FlagSentence, ...]:
        """What of the text has a citation of its own, in its order."""
        return tuple(part for part in self.parts if not isinstance(part, str))

    def marked(self, first: int = 1) -> str:
        """The text with the number of its citation after each of ``cited``, counted from ``first``: ``$12.34 [1]``."""
        number = iter(range(first, first + len(self.parts)))
        return "".join(part if isinstance(part, str) else f"{part.shown} [{next(number)}]" for part in self.parts)

    @property
    def fingerprint(self) -> str:
        """Of what is embedded: the same fingerprint needs no new vector."""
        return hashlib.sha256(self.gist.encode()).hexdigest()[:32]


def day_in_full(day: date) -> str:
    """``Saturday 18 October 2026``, in English wherever the book is, for the sentences are."""
    return str(format_date(day, "EEEE d MMMM y", locale="en"))


def month_in_full(day: date) -> str:
    """``October 2026``, of any of its days."""
    return str(format_date(day, "MMMM y", locale="en"))


def plain(name: str) -> str:
    """A name from a document as part of a sentence: one line, not too long."""
    flat = " ".join(name.split())
    return flat if len(flat) <= NAME_CHARACTERS_MAX else flat[: NAME_CHARACTERS_MAX - 1] + "…"


def listed(items: Sequence[Sequence[Part]]) -> list[Part]:
    """Things in a row: ``a, b and c``."""
    made: list[Part] = []
    for place, item in enumerate(items):
        if place:
            made.append(" and " if place == len(items) - 1 else ", ")
        made.extend(item)
    return made


def against_usual(value: Decimal | None, history: Iterable[Decimal | None]) -> str:
    """How a value stands to the median of earlier ones, in words; ``""`` where there are too few to say."""
    known = [one for one in history if one is not None]
    if value is None or len(known) < HISTORY_MIN:
        return ""
    usual = median(known)
    if usual <= 0:
        return ""
    for least, words in LEVELS:
        if value >= usual * least:
            return words
    return "well below"


def is_unusual(value: Decimal | None, history: Iterable[Decimal | None]) -> bool:
    """Whether a value is more than twice the median of earlier ones."""
    known = [one or Decimal(0) for one in history]
    return value is not None and len(known) >= HISTORY_MIN and value > 2 * median(known)


def part_of_day(hour: int) -> str:
    """The word for an hour of the clock."""
    for end, words in ((5, "at night"), (11, "in the morning"), (14, "around noon"), (17, "in the afternoon")):
        if hour < end:
            return words
    return "in the evening" if hour < 22 else "late at night"
