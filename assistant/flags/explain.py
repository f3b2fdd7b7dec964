"""Why the learned score of a subject is what it is: it is scored again with each feature at the median of its peers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from assistant.flags.flag import Level, Moved
from assistant.flags.learned import FEATURES, sizes
from assistant.flags.model import Model, names
from assistant.flags.rules import MINOR, Rules
from assistant.flags.score import UNUSUAL, Scored, learned_share, probability
from ledger.money import to_major

MOVED_MAX = 4
DROP_LEAST = 0.005
DEVIATIONS = " usual deviations"


def moved(
    scored: Scored, rows: NDArray[np.int64], model: Model, in_force: Rules, currency: str
) -> list[tuple[Moved, ...]]:
    """For each of some rows the features that moved its learned score most, the first most."""
    level = scored.level
    own = in_force.get(UNUSUAL[level])
    if level not in model.forests or own is None or not rows.size:
        return [()] * rows.size
    frame = scored.frame[rows]
    values, store = sizes(level, frame), names(frame)
    peers = model.peers[level]
    medians = np.array([peers.get(name, peers[""]) for name in store])
    row, feature = np.nonzero(values != medians)
    changed = values[row].copy()
    changed[np.arange(row.size), feature] = medians[row, feature]

    words = list(FEATURES[level].items())

    def learned(given: NDArray[np.float64], of: NDArray[np.object_]) -> NDArray[np.float64]:
        share = learned_share(level, given, of, model)
        return probability(np.maximum(np.log10(in_force.weight(own) / share), 0.0), in_force.base_rates[level])

    def told(at: int, of_row: list[tuple[float, int]]) -> Iterator[Moved]:
        """The features that moved it most; one that reads as its peers' does would tell nobody anything."""
        left = MOVED_MAX
        for by, which in sorted(of_row, key=lambda pair: (-pair[0], pair[1])):
            name, label = words[which]
            value, usual = (shown(name, of[at, which], level, currency) for of in (values, medians))
            if value != usual and left:
                left -= 1
                yield Moved(label, value, usual.removesuffix(DEVIATIONS), min(1.0, by))

    drop = scored.learned[rows][row] - learned(changed, store[row])
    found: list[list[tuple[float, int]]] = [[] for _ in range(rows.size)]
    for at, which, by in zip(row.tolist(), feature.tolist(), drop.tolist(), strict=True):
        if by >= DROP_LEAST:
            found[at].append((by, which))
    return [tuple(told(at, of_row)) for at, of_row in enumerate(found)]


def shown(name: str, value: float, level: Level, currency: str) -> str:
    """The value of a feature as people read it; a surprise and a residual say how far from usual it is."""
    if name.endswith(MINOR):
        return f"{to_major(round(value), currency):,} {currency}"
    if name.endswith("_z"):
        return f"off by {value:.1f}{DEVIATIONS}"
    if name.startswith(("cashier_", "pair_", "item_", "day_", "weeks_", "shorts_")):
        return "as expected" if value < 1 else f"1 in {10 ** min(value, 9):,.0f} by chance"
    return f"{value:,.4g}"
