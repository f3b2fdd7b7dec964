"""What the words of a question mean: ``lexicon.toml`` and the metrics' own words, as phrases of tokens."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from assistant.ask.tokens import words
from ledger.figures import METRICS

Kind = Literal[
    "metric", "account", "owe", "dimension", "split", "asking", "grain", "rank", "nth", "mover", "rate", "fold",
    "distinct", "share", "ratio", "between", "series", "ends", "when", "hours", "against", "both", "change", "previous",
    "year_before", "weekday_year", "week_before", "count", "exclude", "exclude_after", "why", "state", "statement",
    "define", "names", "unknown", "open", "business", "filler", "worth", "refuse",
    "netted",
]  # fmt: skip
Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Meaning:
    """What a phrase means: ``value`` is a metric, a dimension, a ranking's name or a reason to refuse."""

    kind: Kind
    value: str = ""


@dataclass(frozen=True)
class Order:
    """A ranking word: its direction, and the metric or dimension that it implies."""

    descending: bool
    metric: str | None
    dimension: str | None


class Lexicon:
    """Phrases and their meanings. ``phrases`` maps the first word of a phrase to all phrases that begin with it."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self.phrases: dict[str, list[tuple[Phrase, Meaning]]] = {}
        known: set[tuple[Phrase, Meaning]] = set()
        for text, meaning in _entries(tables):
            phrase = words(text)
            if phrase[:1] == ("the",) and len(phrase) > 1 and meaning.kind != "filler":
                phrase = phrase[1:]  # the question may have it
            if phrase and (phrase, meaning) not in known:
                known.add((phrase, meaning))
                self.phrases.setdefault(phrase[0], []).append((phrase, meaning))
        self.stop = frozenset(tables["stop"]["words"].split())
        self.orders = {
            name: Order(order["descending"], order.get("metric"), order.get("dimension"))
            for name, order in tables["rank"].items()
        }
        self.falling = frozenset(name for name, one in tables["mover"].items() if not one.get("descending", True))
        self.counted: dict[str, str] = dict(tables["count"]["as"])
        self.business: tuple[str, ...] = tuple(tables["business"]["metrics"])
        self.refusals: dict[str, str] = {name: one["sentence"] for name, one in tables["refuse"].items()}
        self.orders_given = frozenset(tables["refuse_first"]["words"].split())
        self.no_order = frozenset(tables["refuse_first"]["but"].split())
        self.procedure_begins = tuple(tuple(one.split()) for one in tables["procedure"]["begins"])
        self.procedure_words = frozenset(tables["procedure"]["words"].split())
        self.unknown: str = tables["unknown"]["sentence"]
        self.tenders: dict[str, list[str]] = tables["tenders"]
        self.named_ratios: dict[str, str] = tables["named_ratios"]
        self.accounts: dict[str, str] = {name: one["metric"] for name, one in tables["accounts"].items()}
        self.hours: dict[str, tuple[int, int]] = {name: (a, b) for name, (a, b) in tables["hours_of"].items()}
        self.nth: dict[str, int] = tables["nth"]["words"]
        self.vocabulary = frozenset(word for listed in self.phrases.values() for phrase, _ in listed for word in phrase)

    def at(self, texts: list[str], place: int) -> Iterator[tuple[int, Meaning]]:
        """The phrases that begin at a word: the index after each, and what it means."""
        for phrase, meaning in self.phrases.get(texts[place], ()):
            if tuple(texts[place : place + len(phrase)]) == phrase:
                yield place + len(phrase), meaning


@cache
def lexicon() -> Lexicon:
    """The shipped lexicon, read once."""
    return Lexicon(tomllib.loads(files("assistant.ask").joinpath("lexicon.toml").read_text("utf-8")))


def _entries(tables: Mapping[str, Any]) -> Iterator[tuple[str, Meaning]]:
    for name, metric in METRICS.items():
        for text in {*metric.words, metric.label}:
            yield text, Meaning("metric", name)
            if text.startswith("average "):
                yield f"on {text}", Meaning("metric", name)  # "did A beat B on average basket": no average of baskets
    for table, kind in _NAMED:
        for name, listed in tables[table].items():
            for text in listed:
                yield text, Meaning(kind, name)
    for path, kind in _TABLES:
        for name, one in tables[path].items():
            for text in one["words"]:
                yield text, Meaning("rate" if (path, name) == ("mover", "rate") else kind, name)
    for path, kind, value in _PHRASES:
        table, _, key = path.partition(".")
        for text in tables[table][key or "words"]:
            yield text, Meaning(kind, value)
    for unit in tables["compare"]["same_units"]:
        for tail in tables["compare"]["same_tails"]:
            yield f"same {unit} {tail}", Meaning("year_before")
    for text, name in tables["split"]["words"].items():
        yield text, Meaning("grain", name)


_NAMED: tuple[tuple[str, Kind], ...] = (
    ("metrics", "metric"), ("ratios", "metric"), ("dimensions", "dimension"), ("fold", "fold"), ("hours", "hours"),
)  # fmt: skip
"""Tables of lists of phrases, by what they mean."""

_TABLES: tuple[tuple[str, Kind], ...] = (
    ("accounts", "account"), ("rank", "rank"), ("mover", "mover"), ("state", "state"), ("statement", "statement"),
    ("refuse", "refuse"),
)  # fmt: skip
"""Tables of tables that have "words"."""

_PHRASES: tuple[tuple[str, Kind, str], ...] = (
    ("split.before", "split", ""), ("split.asking", "asking", ""), ("split.who", "asking", "who"),
    ("split.where", "asking", "where"), ("compare.against", "against", ""), ("compare.both", "both", ""),
    ("compare.change", "change", ""), ("compare.previous", "previous", ""), ("compare.year", "year_before", ""),
    ("weekday_year", "weekday_year", ""), ("week_before", "week_before", ""), ("share", "share", ""),
    ("share.ratio", "ratio", ""), ("share.between", "between", ""), ("series.running", "series", "running"),
    ("series.trend", "series", "trend"), ("series.growing", "series", "growing"), ("series.steps", "series", "steps"),
    ("ends.first", "ends", "first"), ("ends.last", "ends", "last"), ("ends.when", "when", ""), ("count", "count", ""),
    ("owe", "owe", ""), ("distinct", "distinct", ""), ("exclude", "exclude", ""),
    ("exclude_after", "exclude_after", ""), ("why", "why", ""),
    ("define", "define", ""),
    ("names", "names", ""), ("unknown", "unknown", ""), ("open", "open", ""), ("open.bare", "open", "bare"),
    ("business", "business", ""), ("nth", "nth", ""), ("filler", "filler", ""), ("worth", "worth", ""),
    ("netted.returns", "netted", "returns"), ("netted.tax", "netted", "tax"),
)  # fmt: skip
"""Single lists of phrases, each with what all of them mean."""
