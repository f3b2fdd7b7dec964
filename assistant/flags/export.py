"""Flags as CSV: the columns that other systems are promised, the highest score first."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from assistant.flags.flag import Flag
from ledger.spreadsheet import harmless

COLUMNS = (
    "level",
    "store",
    "business_date",
    "cashier",
    "external_id",
    "document",
    "kind",
    "score",
    "expected",
    "observed",
    "reason",
)
SCORE_DIGITS = 6


def to_csv(flags: Iterable[Flag]) -> str:
    """A row a flag under ``COLUMNS``, in the order given; a missing value is empty, and no cell is a formula."""
    rows = [
        (
            one.level.value,
            *(
                None if value is None else harmless(str(value))
                for value in (one.store, one.business_date, one.cashier, one.external_id, one.document, one.kind)
            ),
            f"{one.score:.{SCORE_DIGITS}f}",
            harmless(one.expected),
            harmless(one.observed),
            harmless(one.reason),
        )
        for one in flags
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row").write_csv()
