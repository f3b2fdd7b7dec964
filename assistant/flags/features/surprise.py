"""How surprising a count is: minus the decimal logarithm of the chance of so many or more, were all alike.

Single tickets are often too small to tell: a cashier who takes back a little more than others, a payer who gets a
discount whenever one cashier serves. Counts over weeks, against peers, tell.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy import special

SURPRISE_MAX = 30.0
SHRUNK_BY = 5.0
"""Tickets' worth of the store's own rate that each rate starts with, so that few tickets prove little."""
LEAST_COUNT = 2
"""A single event is no pattern."""


def of_poisson(count: pl.Series, expected: pl.Series) -> pl.Series:
    """Surprise of ``count`` events where ``expected`` were to be expected."""
    k, mean = count.to_numpy().astype(float), expected.to_numpy().astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = -np.log10(special.gammainc(np.maximum(k, 1e-9), np.maximum(mean, 1e-9)))
    return _bounded(count.name, found, k)


def of_binomial(count: pl.Series, trials: pl.Series, chance: pl.Series) -> pl.Series:
    """Surprise of ``count`` events in ``trials``, each of which had ``chance``."""
    k, n = count.to_numpy().astype(float), trials.to_numpy().astype(float)
    p = np.clip(chance.to_numpy().astype(float), 1e-9, 1 - 1e-9)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = -np.log10(special.betainc(np.maximum(k, 1e-9), np.maximum(n - k + 1, 1e-9), p))
    return _bounded(count.name, found, k)


def _bounded(name: str, found: np.ndarray, count: np.ndarray) -> pl.Series:
    found = np.where(np.isfinite(found), found, SURPRISE_MAX)
    return pl.Series(name, np.where(count >= LEAST_COUNT, np.clip(found, 0.0, SURPRISE_MAX), 0.0))


def against_peers(frame: pl.DataFrame, event: str, who: Sequence[str], peers: Sequence[str]) -> pl.Series:
    """For each row, how surprising the number of events of its group ``who`` is at the rate of the others in ``peers``.

    ``event`` is a Boolean column. Without others (one cashier) there is no comparison: zero.
    """
    counted = frame.group_by(*who).agg(
        pl.len().alias("n"), pl.col(event).sum().alias("k"), *(pl.col(one).first() for one in peers if one not in who)
    )
    of_all = counted.group_by(*peers).agg(pl.col("n").sum().alias("all_n"), pl.col("k").sum().alias("all_k"))
    joined = counted.join(of_all, on=list(peers), how="left", nulls_equal=True)
    others_n, others_k = pl.col("all_n") - pl.col("n"), pl.col("all_k") - pl.col("k")
    joined = joined.with_columns(
        pl.when(others_n > 0).then(pl.col("n") * (others_k + 0.5) / (others_n + 1.0)).alias("expected")
    )
    known = pl.all_horizontal(pl.col(one).is_not_null() for one in who) & pl.col("expected").is_not_null()
    rated = joined.with_columns(
        of_poisson(joined["k"], joined["expected"].fill_null(1e9)).alias("surprise")
    ).with_columns(pl.when(known).then("surprise").otherwise(0.0).alias("surprise"))
    return frame.select(*who).join(
        rated.select(*who, "surprise"), on=list(who), how="left", nulls_equal=True, maintain_order="left"
    )["surprise"]


def of_pairs(frame: pl.DataFrame, event: str, one: str, other: str, store: str = "store") -> pl.Series:
    """For each row, how surprising the events of its pair are, at the higher of the rates that either has without the
    other: a payer who always has a discount, and a cashier who often gives one, explain it."""
    keys = [store, one, other]
    whole = frame.drop_nulls([one, other])
    pair = whole.group_by(keys).agg(pl.len().alias("n"), pl.col(event).sum().alias("k")).filter(pl.col("k") >= 2)

    def elsewhere(by: str) -> pl.DataFrame:
        return frame.group_by(store, by).agg(
            pl.len().alias(f"{by} n"), pl.col(event).sum().cast(pl.Int64).alias(f"{by} k")
        )

    of_store = frame.group_by(store).agg(pl.col(event).mean().fill_null(0.0).alias("rate"))
    joined = (
        pair.join(elsewhere(one), on=[store, one]).join(elsewhere(other), on=[store, other]).join(of_store, on=store)
    )
    rates = [
        (pl.col(f"{by} k") - pl.col("k") + SHRUNK_BY * pl.col("rate")) / (pl.col(f"{by} n") - pl.col("n") + SHRUNK_BY)
        for by in (one, other)
    ]
    joined = joined.with_columns(pl.max_horizontal(*rates, 1e-5).alias("chance"))
    rated = joined.with_columns(of_binomial(joined["k"], joined["n"], joined["chance"]).alias("surprise"))
    return (
        frame.select(keys)
        .join(rated.select(*keys, "surprise"), on=keys, how="left", maintain_order="left")["surprise"]
        .fill_null(0.0)
    )
