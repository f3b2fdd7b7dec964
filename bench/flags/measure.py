"""How well a ranking finds what is labelled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score

from assistant.flags.features.norms import norms
from assistant.flags.flag import Flag, Level
from assistant.flags.known import Known
from assistant.flags.learned import FEATURES, sizes
from assistant.flags.model import fit_until, frames, until
from assistant.flags.scan import flags_of
from bench.flags.detectors import DETECTORS

Key = tuple[Any, ...]
QUEUE = 0.01
FLAGGED_FROM = 0.5


@dataclass
class Measured:
    """Of a level: ``average_precision``, ``precision`` among the first 100 (or as many as there are labels),
    ``recall`` in a queue of 1 % of the subjects, and false flags with a score of at least ``FLAGGED_FROM`` per 1,000
    subjects."""

    labels: int
    subjects: int
    average_precision: float
    precision: float
    recall: float
    false_flags: float = 0.0
    by_kind: dict[str, tuple[int, int]] = field(default_factory=dict)


def key_of(flag: Flag) -> Key:
    match flag.level:
        case Level.TICKET:
            return (flag.source, flag.external_id)
        case Level.CASHIER_DAY:
            return (flag.store, flag.business_date, flag.cashier)
        case Level.STORE_DAY:
            return (flag.store, flag.business_date)
        case Level.DOCUMENT:
            return (flag.document,)


def subjects(known: Known) -> dict[Level, list[Key]]:
    """Every subject of each level, missing store-days not among them."""
    tickets = known.tickets
    return {
        Level.TICKET: tickets.select("source", "external_id").rows(),
        Level.CASHIER_DAY: tickets.drop_nulls("cashier")
        .select("store", "business_date", "cashier")
        .unique(maintain_order=True)
        .rows(),
        Level.STORE_DAY: tickets.select("store", "business_date").unique(maintain_order=True).rows(),
        Level.DOCUMENT: tickets.select("document").unique(maintain_order=True).rows(),
    }


def measured(
    level: Level, keys: Sequence[Key], score: Mapping[Key, float], labels: Mapping[tuple[Level, Key], str]
) -> Measured:
    """Measure scores of subjects; those without a score come last."""
    wanted = {key: kind for (of, key), kind in labels.items() if of == level}
    every = list(dict.fromkeys([*keys, *(key for key in score), *wanted]))
    truth = np.array([key in wanted for key in every])
    given = np.array([score.get(key, 0.0) for key in every])
    order = np.argsort(-given, kind="stable")
    first = min(100, max(1, int(truth.sum())))
    queue = (
        order[: max(1, round(QUEUE * len(every)))]
        if level == Level.TICKET
        else order[: max(int(truth.sum()), round(QUEUE * len(every)))]
    )
    in_queue = {every[place] for place in queue if given[place] > 0}
    kinds: dict[str, tuple[int, int]] = {}
    for kind, count in Counter(wanted.values()).items():
        kinds[kind] = (sum(wanted[key] == kind for key in in_queue if key in wanted), count)
    return Measured(
        int(truth.sum()),
        len(every),
        float(average_precision_score(truth, given)) if truth.any() else float("nan"),
        float(truth[order[:first]].mean()),
        float(len(in_queue & set(wanted)) / max(1, len(wanted))),
        float(((given >= FLAGGED_FROM) & ~truth).sum() * 1_000 / len(every)),
        kinds,
    )


def ours(known: Known) -> dict[Level, dict[Key, float]]:
    """The highest score of each flagged subject."""
    found: dict[Level, dict[Key, float]] = {level: {} for level in Level}
    for flag in flags_of(known).flags:
        key = key_of(flag)
        found[flag.level][key] = max(found[flag.level].get(key, 0.0), flag.score)
    return found


def theirs(known: Known) -> dict[str, dict[Level, dict[Key, float]]]:
    """Scores of the detectors over the same audit features."""
    day = fit_until(known)
    assert day is not None
    found = frames(known, norms(until(known, day)))
    columns = {
        Level.TICKET: ["source", "external_id"],
        Level.CASHIER_DAY: ["store", "business_date", "cashier"],
        Level.STORE_DAY: ["store", "business_date"],
    }
    made: dict[str, dict[Level, dict[Key, float]]] = {name: {} for name in DETECTORS}
    for level in FEATURES:
        rows, keys = sizes(level, found[level]), found[level].select(columns[level]).rows()
        for name, detector in DETECTORS.items():
            score = detector(rows)
            made[name][level] = dict(zip(keys, (score - score.min() + 1e-9).tolist(), strict=True))
    return made
