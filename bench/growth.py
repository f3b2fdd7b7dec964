"""Growth: whether a ticket costs as much in a large ingest as in a small one, in time and in memory.

The small ingest is measured before and after the large one, since the speed of a machine drifts over the minutes
that the large one takes.
"""

from __future__ import annotations

import shutil

from bench.ingest import Shop
from bench.row import Row

RATE_LEAST = 0.85
MEMORY_MOST = 1.2


def rows(shop: Shop, tickets: int, grown: int) -> list[Row]:
    """Two rows: rate and peak memory of an ingest of ``grown`` tickets against one of ``tickets``."""
    before = shop.latest(tickets)
    large = shop.ingest(grown)
    shutil.rmtree(large.book)  # some 3 GB for each million tickets
    after = shop.ingest(tickets)
    rate = (before.rate + after.rate) / 2
    peak = max(before.peak_mib, after.peak_mib)
    return [
        Row.at_least(
            f"rate of an ingest of {large.tickets:,} tickets, against one of {before.tickets:,}",
            large.rate / rate,
            RATE_LEAST,
            f"{large.rate / rate:.2f} ({large.rate:,.0f}/s; {before.rate:,.0f}/s before, {after.rate:,.0f}/s after)",
        ),
        Row.at_most(
            "peak memory of the two, all processes together (PSS, read four times a second)",
            large.peak_mib / peak,
            MEMORY_MOST,
            f"{large.peak_mib / peak:.2f} ({large.peak_mib:,.0f} MiB against {peak:,.0f} MiB)",
        ),
    ]
