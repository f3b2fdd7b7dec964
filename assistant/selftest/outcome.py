"""``Outcome``: what one kind of run did, counted, and what it found wrong."""

from __future__ import annotations

from dataclasses import dataclass

PROBLEMS_MAX = 20


@dataclass(frozen=True)
class Outcome:
    """One kind of run: ``sentence`` says what was done with its counts in it; ``problems`` are sentences, the first
    ``PROBLEMS_MAX``, and none where every promise held."""

    kind: str
    seed: int
    counts: dict[str, int]
    sentence: str
    problems: tuple[str, ...]
    seconds: float

    @property
    def ok(self) -> bool:
        return not self.problems
