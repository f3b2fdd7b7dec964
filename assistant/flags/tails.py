"""How rare a value is: the share of a fixed reference that is at least as high, of a store drawn towards all stores.

The most extreme value of many is rare by its rank alone, however near it is to the others. What stands apart is told
by how far it lies beyond the bulk: the tail is continued from its median excess, and rank and continuation are
averaged.

A reference is fitted once, and what it says of a value depends on that value alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

KEPT_EXACTLY = 400
"""Highest values that are kept one by one; below them some hundred steps are enough."""
STEPS = 400
FIRED_LEAST = 40
"""A tail is continued where so many of the reference have a value at all."""
TAIL_SHARE, TAIL_LEAST = 0.2, 20
"""The tail is what lies above the highest fifth of them, and at least so many."""
DIGITS_MAX = 12


@dataclass(frozen=True)
class Tail:
    """``values`` ascending, ``at_least`` how many of the ``n`` of the reference are as high as each or higher."""

    values: Floats
    at_least: Floats
    n: int

    @classmethod
    def of(cls, found: Floats, n: int | None = None) -> Tail:
        """The tail of some values among ``n`` subjects; those without a value have none as high."""
        values, counts = np.unique(found, return_counts=True)
        at_least = np.cumsum(counts[::-1])[::-1].astype(float)
        if values.size > KEPT_EXACTLY + STEPS:
            coarse = np.linspace(0, values.size - KEPT_EXACTLY - 1, STEPS).astype(int)
            keep = np.unique(np.concatenate([coarse, np.arange(values.size - KEPT_EXACTLY, values.size)]))
            values, at_least = values[keep], at_least[keep]
        return cls(values.astype(float), at_least, int(found.size if n is None else n))

    def count(self, x: Floats) -> Floats:
        """How many of the reference are at least as high as each of ``x``."""
        place = np.searchsorted(self.values, x, side="left")
        return np.append(self.at_least, 0.0)[place]

    def beyond(self, x: Floats, *, ratios: bool) -> Floats | None:
        """The share as the bulk of the tail lets one expect it: exponential in the values, or in their logarithms where
        ``ratios`` count (money). The median excess is not moved by a few that stand apart. None where too few are
        there to say."""
        fired = self.at_least[0] if self.at_least.size else 0.0
        if fired < FIRED_LEAST:
            return None
        start = int(np.searchsorted(-self.at_least, -max(TAIL_LEAST, TAIL_SHARE * fired), side="right")) - 1
        middle = int(np.searchsorted(-self.at_least, -self.at_least[max(start, 0)] / 2, side="left"))
        edge, half = self._scaled(self.values[[max(start, 0), min(middle, self.values.size - 1)]], ratios)
        if half - edge < 1e-9:
            return None
        excess = np.maximum(self._scaled(x, ratios) - edge, 0.0)
        share: Floats = self.at_least[max(start, 0)] / (self.n + 1.0) * 0.5 ** (excess / (half - edge))
        return share

    @staticmethod
    def _scaled(x: Floats, ratios: bool) -> Floats:
        return np.log(np.maximum(x, 1e-6)) if ratios else x


@dataclass(frozen=True)
class Tails:
    """The tail of all stores, and that of each, which counts as if ``shrunk_by`` subjects more had been as all are.
    ``ratios`` says that the values are money, whose ratios count. Where ``chance`` is not zero, the chance of a value
    is known beforehand: it has one decimal digit for each ``1 / chance`` of the value."""

    whole: Tail
    stores: Mapping[str, Tail]
    shrunk_by: float
    ratios: bool = False
    chance: float = 0.0

    @classmethod
    def of(
        cls,
        found: Floats,
        store: NDArray[np.object_],
        sizes: Mapping[str, int],
        shrunk_by: float,
        *,
        ratios: bool = False,
        chance: float = 0.0,
    ) -> Tails:
        """Of values with their stores; ``sizes`` are how many subjects there are of each store."""
        stores = {name: Tail.of(found[store == name], size) for name, size in sizes.items()}
        return cls(Tail.of(found, sum(sizes.values())), stores, shrunk_by, ratios, chance)

    @property
    def fires(self) -> float:
        """The share of the reference that has a value at all."""
        count = float(self.whole.at_least[0]) if self.whole.at_least.size else 0.0
        return (count + 1.0) / (self.whole.n + 1.0)

    def likely(self, x: Floats, store: NDArray[np.object_]) -> Floats:
        """The share, continued beyond what was seen: the geometric mean of rank and continuation, at most the rank."""
        rank = self.share(x, store)
        if self.chance:
            beyond: Floats | None = 10.0 ** -np.minimum(self.chance * np.maximum(x, 0.0), DIGITS_MAX)
        else:
            beyond = self.whole.beyond(x, ratios=self.ratios)
        if beyond is None:
            return rank
        floor = 10.0**-DIGITS_MAX
        return np.minimum(rank, np.sqrt(rank * np.maximum(beyond, floor)))

    def share(self, x: Floats, store: NDArray[np.object_]) -> Floats:
        """The share of the reference that is at least as high as each value, never zero."""
        overall = (self.whole.count(x) + 1.0) / (self.whole.n + 1.0)
        found = overall.copy()
        for name, tail in self.stores.items():
            mine = store == name
            if mine.any():
                found[mine] = (tail.count(x[mine]) + self.shrunk_by * overall[mine]) / (tail.n + self.shrunk_by)
        return found
