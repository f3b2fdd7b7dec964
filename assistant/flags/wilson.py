"""A rate out of few cases, with how sure it is: Wilson's score interval at 95 %."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z = 1.959964
"""Of the standard normal, two-sided 95 %."""


@dataclass(frozen=True)
class Rate:
    """``hits`` out of ``of``; ``low`` and ``high`` bound the rate that they come from. Without any it is unknown."""

    hits: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float | None:
        return self.hits / self.of if self.of else None


def rate(hits: int, of: int) -> Rate:
    """The rate of some hits (E. B. Wilson, 1927): ``rate(8, 10)`` is between 0.49 and 0.94."""
    assert 0 <= hits <= of, (hits, of)
    if of == 0:
        return Rate(0, 0, 0.0, 1.0)
    share, square = hits / of, Z * Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = Z * sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return Rate(hits, of, max(0.0, middle - half), min(1.0, middle + half))
