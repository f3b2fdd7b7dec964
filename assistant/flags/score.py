"""One calibrated score a subject, out of the rules that fired and the learned score together.

A rule speaks with its likelihood ratio: the share of what goes wrong that takes its form (``weight``), by the share
of peers on which it fires as strongly. So a rule that fires on one ticket in a hundred says nearly nothing, and the
same rule at a strength that one in ten thousand reaches says much. Ratios of different families are multiplied, each
further one with half the exponent of the one before, as they are not independent; the base rate of the level makes a
probability of the product.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assistant.flags.flag import Level
from assistant.flags.learned import RARE_LEAST, code, sizes
from assistant.flags.model import Model, names
from assistant.flags.rules import Rule, Rules, fired
from assistant.flags.tails import Tails

UNUSUAL = {Level.TICKET: "unusual", Level.CASHIER_DAY: "unusual_day", Level.STORE_DAY: "unusual_store_day"}
FLOOR = {Level.TICKET: 0.02, Level.CASHIER_DAY: 0.04, Level.STORE_DAY: 0.06}
"""A lower score raises no flag."""
FURTHER = 0.5
SELDOM = 0.03
"""A sure rule is as sure as it says where it fires on at most this share of subjects."""
RULED_LEAST = 2.0
"""So many times likelier must a rule make it that something is wrong, to be what is said first."""
SCORE_MAX = 0.999


@dataclass(frozen=True)
class Scored:
    """Subjects of a level: ``frame`` their features, ``score`` of each, ``hits`` a row for each rule that fired on one:
    ``row``, ``rule``, ``family``, ``strength`` (the decimal logarithm of its likelihood ratio) and ``share`` of
    peers."""

    level: Level
    frame: pl.DataFrame
    score: NDArray[np.float64]
    learned: NDArray[np.float64]
    hits: pl.DataFrame


_HITS = {"row": pl.Int64(), "rule": pl.String(), "family": pl.String(), "strength": pl.Float64(), "share": pl.Float64()}


def scored(level: Level, frame: pl.DataFrame, model: Model, in_force: Rules, currency: str) -> Scored:
    """Score each row of a level's features. A row's score depends on the row and the model alone."""
    frame = frame.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    found = [pl.DataFrame(schema=_HITS)]
    for rule in in_force.audit(level):
        hit = fired(rule, frame, currency)
        if hit.is_empty() or rule.id not in model.rules:
            continue
        share = model.rules[rule.id].likely(hit["measure"].to_numpy(), names(hit))
        least = _sure(rule, model.rules[rule.id])
        found.append(_hits(hit["row"], rule, in_force.weight(rule), share, model.rules[rule.id].fires, least))
    learned = np.zeros(frame.height)
    own = in_force.get(UNUSUAL[level])
    if level in model.forests and own is not None and frame.height:
        share = learned_share(level, sizes(level, frame), names(frame), model)
        hit = _hits(frame["row"], own, in_force.weight(own), share, 1.0)
        learned = probability(hit["strength"].clip(0.0).to_numpy(), in_force.base_rates[level])
        found.append(hit.filter(pl.col("strength") > 0))
    hits = pl.concat(found).filter(pl.col("strength") > 0)
    best = (
        hits.group_by("row", "family")
        .agg(pl.col("strength").max())
        .sort("row", "strength", descending=[False, True])
        .with_columns((pl.int_range(pl.len()).over("row")).alias("place"))
        .group_by("row")
        .agg((pl.col("strength") * FURTHER ** pl.col("place")).sum())
    )
    strength = np.zeros(frame.height)
    strength[best["row"].to_numpy()] = best["strength"].to_numpy()
    return Scored(level, frame, probability(strength, in_force.base_rates[level]), learned, hits)


def learned_share(
    level: Level, values: NDArray[np.float64], store: NDArray[np.object_], model: Model
) -> NDArray[np.float64]:
    """The share of the peers' reference whose learned score is at least as high."""
    coded = code(values, store, model.features[level])
    return model.scores[level].likely(model.forests[level].score(coded, RARE_LEAST), store)


def probability(strength: NDArray[np.float64], base_rate: float) -> NDArray[np.float64]:
    """The probability that something is wrong, of decimal logarithms of likelihood ratios."""
    odds = base_rate / (1.0 - base_rate) * 10.0 ** np.minimum(strength, 30.0)
    return np.minimum(odds / (1.0 + odds), SCORE_MAX)


def _hits(
    row: pl.Series, rule: Rule, weight: float, share: NDArray[np.float64], fires: float, least: float = 0.0
) -> pl.DataFrame:
    """Where a rule fires often, few of those with which something is wrong are as strong as the strongest: of the share
    of peers that are as strong, the part ``blunt`` of its exponent is taken by the share on which it fires at all."""
    peers = np.log10(share) * (1 - rule.blunt) + np.log10(max(fires, 1e-12)) * rule.blunt
    strength = np.maximum(np.log10(weight) - np.maximum(peers, np.log10(share)), least)
    return pl.DataFrame(
        {"row": row, "rule": rule.id, "family": rule.family, "strength": strength, "share": share}, schema=_HITS
    )


def _sure(rule: Rule, tails: Tails) -> float:
    """The strength that a sure rule has at least: less, the more often it fires beyond what is seldom."""
    if rule.sure is None:
        return 0.0
    return float(np.log10(rule.sure) - 2 * np.log10(max(1.0, tails.fires / SELDOM)))
