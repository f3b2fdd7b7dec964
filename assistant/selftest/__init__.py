"""``tillproof selftest``: whether this installation, on this machine and disk, keeps the promises of the ledger.

Each kind of run works on scratch books, counts what it did and gives an ``Outcome``. ``bench/faults.py`` runs the same
code for hours.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from assistant.selftest.duplicate import duplicate
from assistant.selftest.flips import flips
from assistant.selftest.kill import kill
from assistant.selftest.outcome import Outcome
from assistant.selftest.power import power
from assistant.selftest.reorder import reorder
from assistant.selftest.scratch import Engine, Scratch, on_sqlite

__all__ = ["Engine", "Outcome", "Scratch", "duplicate", "flips", "kill", "on_sqlite", "power", "reorder", "runs"]

THREADS = 50
ORDERED = 4
"""A history of four records has 24 orders: seconds. ``bench/faults.py`` takes six, which have 720."""


def runs(
    folder: Path,
    *,
    seed: int,
    kills: int = 0,
    cuts: int = 0,
    duplicates: bool = False,
    orders: bool = False,
    bits: int = 0,
) -> list[Callable[[], Outcome]]:
    """The runs that are asked for, in order, on scratch books in a folder. The same seed draws the same chances."""

    def on(name: str, **size: Any) -> Scratch:
        return Scratch(folder / name, seed=seed, **size)

    asked: list[tuple[bool, Callable[[], Outcome]]] = [
        (kills > 0, lambda: kill(on("kill"), kills)),
        (cuts > 0, lambda: power(on("power"), cuts)),
        (duplicates, lambda: duplicate(on("duplicate"), THREADS)),
        (orders, lambda: reorder(on("reorder"), records=ORDERED, shuffles=5, random_orders=20)),
        (bits > 0, lambda: flips(on("flips", tickets=12, files=1, cut=10), bits)),
    ]
    return [run for wanted, run in asked if wanted]
