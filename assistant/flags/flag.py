"""``Flag``: one thing that looks wrong, with what was expected, what was observed, and where to look.

Everything in a flag that comes from a till (names, numbers, reasons) is data: it is escaped wherever it is shown.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Level(StrEnum):
    """What a flag is about."""

    TICKET = "ticket"
    CASHIER_DAY = "cashier_day"
    STORE_DAY = "store_day"
    DOCUMENT = "document"


@dataclass(frozen=True)
class Moved:
    """A feature that moved the learned score.

    ``drop`` is how much lower the score would be with the peers' median in its place, 0 to 1; ``value`` and ``peers``
    are the row's own value and that median, as text for people.
    """

    feature: str
    value: str
    peers: str
    drop: float


@dataclass(frozen=True)
class FlagCitation:
    """Where to look: a ``ticket``, an ``entry`` or a ``document``, what it is addressed by, and its page."""

    kind: str
    ref: str
    url: str


@dataclass(frozen=True)
class Flag:
    """One finding.

    ``kind`` is the id of the check or rule that found it, or ``unusual`` for the learned score alone. ``certain`` marks
    a deterministic check; any other is a matter of statistics. ``score`` is calibrated, 0 to 1. ``money_minor`` is
    the money at risk, in minor units of ``currency``, never negative. ``percentile`` is among peers, 0 to 100.
    """

    id: str
    level: Level
    kind: str
    family: str
    store: str | None
    business_date: date | None
    cashier: str | None
    register: str | None
    external_id: str | None
    source: str | None
    document: str | None
    score: float
    certain: bool
    expected: str
    observed: str
    reason: str
    money_minor: int | None
    currency: str | None
    percentile: float | None
    moved: tuple[Moved, ...]
    cites: tuple[FlagCitation, ...]


def flag_id(level: Level, kind: str, *about: object) -> str:
    """The id of a finding: SHA-256 over level, kind and what it is about, each with its length before it.

    The same finding has the same id on every scan, whatever it scores.
    """
    digest = hashlib.sha256()
    for part in (level.value, kind, *about):
        text = ("" if part is None else str(part)).encode()
        digest.update(b"%d:" % len(text) if part is not None else b"-:")
        digest.update(text)
    return digest.hexdigest()
