"""How rare a value is: the share of a fixed reference that is at least as high, of a store drawn towards all stores.

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


@dataclass(frozen=True)
class Tails:
    """The tail of all stores, and that of each, which counts as if ``shrunk_by`` subjects more had been as all are."""

    whole: Tail
    stores: Mapping[str, Tail]
    shrunk_by: float

    @classmethod
    def of(cls, found: Floats, store: NDArray[np.object_], sizes: Mapping[str, int], shrunk_by: float) -> Tails:
        """Of values with their stores; ``sizes`` are how many subjects there are of each store."""
        stores = {name: Tail.of(found[store == name], size) for name, size in sizes.items()}
        return cls(Tail.of(found, sum(sizes.values())), stores, shrunk_by)

    def share(self, x: Floats, store: NDArray[np.object_]) -> Floats:
        """The share of the reference that is at least as high as each value, never zero."""
        overall = (self.whole.count(x) + 1.0) / (self.whole.n + 1.0)
        found = overall.copy()
        for name, tail in self.stores.items():
            mine = store == name
            if mine.any():
                found[mine] = (tail.count(x[mine]) + self.shrunk_by * overall[mine]) / (tail.n + self.shrunk_by)
        return found
