"""``Finding``: what a check or rule found, before it is said in words and ranked among the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from assistant.flags.flag import Level


@dataclass(frozen=True)
class Finding:
    """Something found by a check or rule ``kind`` about a subject of a level.

    ``likelihood`` is how many times likelier the finding is where something went wrong than where nothing did.
    ``values`` fill the rule's sentence. ``tickets`` are numbers ``t`` of tickets to look at, the subject first;
    ``events`` rows of till events; ``about`` is what its identity is made of.
    """

    level: Level
    kind: str
    about: tuple[object, ...]
    likelihood: float
    values: dict[str, Any] = field(default_factory=dict)
    store: str | None = None
    business_date: date | None = None
    cashier: str | None = None
    register: str | None = None
    document: str | None = None
    tickets: tuple[int, ...] = ()
    events: tuple[int, ...] = ()
    documents: tuple[str, ...] = ()
    money_minor: int | None = None
    percentile: float | None = None
