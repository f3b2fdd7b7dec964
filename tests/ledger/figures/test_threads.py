"""Figures are asked from many threads at once, as the parts of a page are; an engine answers one at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from ledger.figures import Figures
from ledger.figures.engines.duckdb import TABLES

ASKED = 12


def test_tables_are_asked_for_while_others_read(figures: Figures) -> None:
    names = [name for name in TABLES for _ in range(4)]
    for _ in range(ASKED):
        fresh = Figures(figures.book, figures.engine)
        ready = Barrier(len(names) + 1)

        def ask(name: str, fresh: Figures = fresh, ready: Barrier = ready) -> int:
            ready.wait(20)
            table = fresh.table(name)
            return len(fresh.rows(table.limit(1)))

        with ThreadPoolExecutor(len(names)) as pool:
            asked = [pool.submit(ask, name) for name in names]
            ready.wait(20)
            assert all(one.result() <= 1 for one in asked)
