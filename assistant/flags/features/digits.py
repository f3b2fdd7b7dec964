"""Digits of the amounts that a cashier rang: made-up amounts have others than amounts that come of prices and chance.

The first and the second digit follow Benford's law where amounts span some orders of magnitude, and the last is as
often one as another. Retail prices break both (.99), so amounts are strange only where they are neither as the law
says nor as those that the others of the store rang in the same weeks. How far away that is, is the mean absolute
deviation of the shares (Nigrini, Benford's Law, 2012, table 7.1: nonconformity from 0.015 for first digits and 0.012
for second ones). It is a hint and no more.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import stats

from assistant.flags.features.surprise import SURPRISE_MAX
from ledger.batch import VOID_KINDS

Floats = NDArray[np.float64]

BLOCK_DAYS = 84
ANCHOR = 100
"""A cashier's amounts of a block are told of on the day of so many of them: that day stays when others come."""
_FIRST = np.log10(1 + 1 / np.arange(1, 10))
LAWS: dict[str, tuple[NDArray[np.int64], Floats]] = {
    "first": (np.arange(1, 10), _FIRST),
    "second": (np.arange(10), np.array([sum(np.log10(1 + 1 / (10 * k + d)) for k in range(1, 10)) for d in range(10)])),
    "ending": (np.arange(10), np.full(10, 0.1)),
}
"""The digits there are, and the share of each by the law."""
WHO = ["store", "cashier", "digit_block"]


def of_digits(days: pl.DataFrame, tickets: pl.DataFrame) -> pl.DataFrame:
    """Cashier-days with ``digits_n``, how many amounts a cashier rang in the block, and for each of ``LAWS`` the
    surprise ``digits_X``, the deviation ``digits_X_mad``, the digit that stands out, its per cent and the usual; zero
    but on one day of a block."""
    block = ((pl.col("business_date") - pl.date(2000, 1, 3)).dt.total_days() // BLOCK_DAYS).alias("digit_block")
    text = pl.col("total_minor").abs().cast(pl.String)
    amounts = (
        tickets.filter(
            pl.col("cashier").is_not_null() & ~pl.col("kind").is_in(VOID_KINDS) & (pl.col("total_minor").abs() >= 10)
        )
        .select(
            "store",
            "cashier",
            "business_date",
            block,
            text.str.slice(0, 1).cast(pl.Int64).alias("first"),
            text.str.slice(1, 1).cast(pl.Int64).alias("second"),
            text.str.slice(-1).cast(pl.Int64).alias("ending"),
        )
        .sort(*WHO, "business_date")
    )
    place = pl.int_range(1, pl.len() + 1).over(WHO)
    found = amounts.group_by(WHO, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("digits_n"),
        pl.col("business_date").filter(place == ANCHOR).first().alias("anchor"),
    )
    found = found.filter(pl.col("anchor").is_not_null())
    for name in LAWS:
        found = found.with_columns(_judged(found, amounts, name))
    told = found.rename({"anchor": "business_date"}).drop("digit_block")
    numbers = [name for name in told.columns if name.startswith("digits_")]
    joined = days.join(told, on=["store", "business_date", "cashier"], how="left", maintain_order="left")
    return joined.with_columns(pl.col(numbers).fill_null(0))


def _judged(found: pl.DataFrame, amounts: pl.DataFrame, name: str) -> list[pl.Series]:
    digits, law = LAWS[name]
    counted = amounts.group_by(WHO).agg((pl.col(name) == int(digit)).sum().alias(str(digit)) for digit in digits)
    columns = [str(digit) for digit in digits]
    own = found.select(WHO).join(counted, on=WHO, how="left", maintain_order="left")
    store = counted.group_by("store", "digit_block").agg(pl.col(columns).sum())
    every = own.select(WHO).join(store, on=["store", "digit_block"], how="left", maintain_order="left")
    mine = own.select(columns).to_numpy().astype(float)
    others = every.select(columns).to_numpy().astype(float) - mine
    n, n_others = mine.sum(axis=1, keepdims=True), others.sum(axis=1, keepdims=True)
    shares = mine / np.maximum(n, 1)
    # As the others ring, drawn towards the law as if a hundred more had followed it.
    usual = (others + 100 * law) / (n_others + 100)
    surprise = np.minimum(_surprise(mine, np.tile(law, (len(mine), 1))), _surprise(mine, usual))
    away = np.minimum(np.abs(shares - law).mean(axis=1), np.abs(shares - usual).mean(axis=1))
    alone = n_others[:, 0] < n[:, 0] / 2  # nobody to compare with
    most = np.argmax(shares - usual, axis=1) if len(mine) else np.zeros(0, int)
    rows = np.arange(len(mine))
    return [
        pl.Series(f"digits_{name}", np.where(alone, 0.0, surprise)),
        pl.Series(f"digits_{name}_mad", np.where(alone, 0.0, away)),
        pl.Series(f"digits_{name}_most", digits[most]),
        pl.Series(f"digits_{name}_percent", 100 * shares[rows, most]),
        pl.Series(f"digits_{name}_usual", 100 * usual[rows, most]),
    ]


def _surprise(counts: Floats, shares: Floats) -> Floats:
    """Minus the decimal logarithm of the chance of counts as far from some shares (chi-squared)."""
    expected = np.maximum(counts.sum(axis=1, keepdims=True) * shares, 1e-9)
    statistic = ((counts - expected) ** 2 / expected).sum(axis=1)
    found: Floats = -stats.chi2.logsf(statistic, counts.shape[1] - 1) / np.log(10)
    bounded: Floats = np.clip(np.nan_to_num(found, posinf=SURPRISE_MAX), 0.0, SURPRISE_MAX)
    return bounded
