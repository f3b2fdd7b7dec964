"""``Model``: everything that is learned, fitted on what was known up to a fixed day; it never changes afterwards.

It holds the norms (prices, hours, tips), the references that say how rare the strength of a rule or a feature is, and
the forests. It is a pure function of the reference data, the settings and ``VERSION``, and it is kept beside the book
in a file of arrays and JSON that is read without running anything (``BOOK/flags/model-....npz``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assistant.flags.features.cashier_days import cashier_day_features
from assistant.flags.features.norms import Norms, norms
from assistant.flags.features.store_days import store_day_features
from assistant.flags.features.tickets import ticket_features
from assistant.flags.flag import Level
from assistant.flags.forest import Forest
from assistant.flags.known import Known, of_tickets
from assistant.flags.learned import FEATURES, RARE_LEAST, SHRUNK_BY, code, sizes
from assistant.flags.rules import Rules, fired
from assistant.flags.tails import Tail, Tails
from ledger import durable

VERSION = "tillproof/flags/2"
LEAST_ROWS = {Level.TICKET: 1_000, Level.CASHIER_DAY: 60, Level.STORE_DAY: 40}
"""With fewer rows of a level to learn from, only checks and rules are used on it."""
LEAST_DAYS = 28


@dataclass(frozen=True)
class Model:
    """``until`` is the last day that it was fitted on. Of each level ``rules`` has the reference of each rule's
    measure; ``features``, ``forests`` and ``scores`` those of the learned score, where there was enough to learn
    from."""

    until: date
    norms: Norms
    rules: Mapping[str, Tails]
    features: Mapping[Level, list[Tails]]
    forests: Mapping[Level, Forest]
    scores: Mapping[Level, Tails]
    peers: Mapping[Level, Mapping[str, NDArray[np.float64]]]
    """The median of each feature by store, and of all stores under the empty name."""


def fit_until(known: Known) -> date | None:
    """The last day of the reference: the last whole month before the newest day, where there are four weeks by then;
    else the newest day itself. None where nothing is known."""
    span = known.span
    if span is None:
        return None
    first, last = span
    month = last.replace(day=1) - timedelta(days=1)
    if last == (last.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1):
        month = last
    return month if (month - first).days + 1 >= LEAST_DAYS else last


def until(known: Known, day: date) -> Known:
    """What was known, of the tickets and events up to a business date."""
    tickets = known.tickets.filter(pl.col("business_date") <= day)
    if tickets.height == known.tickets.height:
        return known
    return replace(of_tickets(known, tickets), events=known.events.filter(pl.col("business_date") <= day))


def frames(known: Known, usual: Norms) -> dict[Level, pl.DataFrame]:
    """The audit features of each level that has any."""
    tickets = ticket_features(known, usual)
    return {
        Level.TICKET: tickets,
        Level.CASHIER_DAY: cashier_day_features(known, tickets),
        Level.STORE_DAY: store_day_features(known, tickets),
    }


def fit(known: Known, in_force: Rules, day: date) -> Model:
    """Fit a model on what was known of the days up to ``day``."""
    reference = until(known, day)
    usual = norms(reference)
    found = frames(reference, usual)
    of_rules: dict[str, Tails] = {}
    of_features: dict[Level, list[Tails]] = {}
    forests: dict[Level, Forest] = {}
    scores: dict[Level, Tails] = {}
    peers: dict[Level, dict[str, NDArray[np.float64]]] = {}
    for level, frame in found.items():
        counted = {str(store): int(n) for store, n in frame.group_by("store").len().sort("store").rows()}
        for rule in in_force.audit(level):
            hit = fired(rule, frame, known.currency)
            of_rules[rule.id] = Tails.of(
                hit["measure"].to_numpy(),
                names(hit),
                counted,
                SHRUNK_BY[level],
                ratios=rule.ratios,
                chance=rule.chance,
            )
        if frame.height < LEAST_ROWS[level]:
            continue
        values, store = sizes(level, frame), names(frame)
        tails = [Tails.of(column[column > 0], store[column > 0], counted, SHRUNK_BY[level]) for column in values.T]
        coded = code(values, store, tails)
        forest = Forest.fit(coded)
        of_features[level], forests[level] = tails, forest
        scores[level] = Tails.of(forest.score(coded, RARE_LEAST), store, counted, SHRUNK_BY[level])
        peers[level] = {name: np.median(values[store == name], axis=0) for name in counted} | {
            "": np.median(values, axis=0)
        }
    return Model(day, usual, of_rules, of_features, forests, scores, peers)


def names(frame: pl.DataFrame) -> NDArray[np.object_]:
    """The stores of a frame's rows."""
    return frame["store"].to_numpy().astype(object)


# --- kept with the book ----------------------------------------------------------------------------------------------


def save(model: Model, path: Path) -> None:
    """Keep a model in a file, whole or not at all."""
    arrays: dict[str, NDArray[Any]] = {}
    index: dict[str, Any] = {"version": VERSION, "until": model.until.isoformat()}
    values: list[NDArray[np.float64]] = []
    counts: list[NDArray[np.float64]] = []

    def of_tail(tail: Tail) -> list[int]:
        start = sum(one.size for one in values)
        values.append(tail.values)
        counts.append(tail.at_least)
        return [start, tail.values.size, tail.n]

    def of_tails(tails: Tails) -> dict[str, Any]:
        return {
            "whole": of_tail(tails.whole),
            "stores": {name: of_tail(tail) for name, tail in tails.stores.items()},
            "shrunk_by": tails.shrunk_by,
            "ratios": tails.ratios,
            "chance": tails.chance,
        }

    index["rules"] = {name: of_tails(tails) for name, tails in model.rules.items()}
    index["features"] = {level: [of_tails(one) for one in tails] for level, tails in model.features.items()}
    index["scores"] = {level: of_tails(tails) for level, tails in model.scores.items()}
    index["peers"] = {
        level: {name: medians.tolist() for name, medians in of_level.items()} for level, of_level in model.peers.items()
    }
    index["normal"] = {level: forest.normal for level, forest in model.forests.items()}
    for level, forest in model.forests.items():
        arrays |= {f"{level}.{one.name}": getattr(forest, one.name) for one in fields(Forest) if one.name != "normal"}
    for one in fields(Norms):
        arrays[f"norms.{one.name}"] = np.frombuffer(_written(getattr(model.norms, one.name)), np.uint8)
    arrays["tails.values"] = np.concatenate([*values, np.zeros(0)])
    arrays["tails.at_least"] = np.concatenate([*counts, np.zeros(0)])
    arrays["index"] = np.frombuffer(json.dumps(index).encode(), np.uint8)
    buffer = BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    durable.make_folder(path.parent)
    part = path.with_suffix(".part")
    part.write_bytes(buffer.getvalue())
    durable.rename(part, path)


def load(path: Path) -> Model | None:
    """A model that was kept; None where there is none, or one of another version or that is damaged."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
        index = json.loads(arrays["index"].tobytes())
        return _model(arrays, index) if index["version"] == VERSION else None
    except (OSError, ValueError, KeyError, EOFError):
        return None


def _model(arrays: dict[str, NDArray[Any]], index: dict[str, Any]) -> Model:
    def tail(where: list[int]) -> Tail:
        part = slice(where[0], where[0] + where[1])
        return Tail(arrays["tails.values"][part], arrays["tails.at_least"][part], where[2])

    def tails(given: dict[str, Any]) -> Tails:
        stores = {name: tail(where) for name, where in given["stores"].items()}
        return Tails(tail(given["whole"]), stores, given["shrunk_by"], given["ratios"], given["chance"])

    forests = {
        Level(level): Forest(
            **{one.name: arrays[f"{level}.{one.name}"] for one in fields(Forest) if one.name != "normal"}, normal=normal
        )
        for level, normal in index["normal"].items()
    }
    features = {Level(level): [tails(one) for one in given] for level, given in index["features"].items()}
    if any(len(given) != len(FEATURES[level]) for level, given in features.items()):
        raise ValueError("a model of other features")
    return Model(
        date.fromisoformat(index["until"]),
        Norms(**{one.name: pl.read_ipc(arrays[f"norms.{one.name}"].tobytes()) for one in fields(Norms)}),
        {name: tails(given) for name, given in index["rules"].items()},
        features,
        forests,
        {Level(level): tails(given) for level, given in index["scores"].items()},
        {
            Level(level): {name: np.array(medians) for name, medians in given.items()}
            for level, given in index["peers"].items()
        },
    )


def _written(frame: pl.DataFrame) -> bytes:
    buffer = BytesIO()
    frame.write_ipc(buffer)
    return buffer.getvalue()
