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
    "metric",
    "dimension",
    "split",
    "asking",
    "grain",
    "rank",
    "against",
    "both",
    "change",
    "previous",
    "year_before",
    "count",
    "exclude",
    "open",
    "business",
    "refuse",
]
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
        for text, meaning in _entries(tables):
            phrase = words(text)
            self.phrases.setdefault(phrase[0], []).append((phrase, meaning))
        self.stop = frozenset(tables["stop"]["words"].split())
        self.orders = {
            name: Order(order["descending"], order.get("metric"), order.get("dimension"))
            for name, order in tables["rank"].items()
        }
        self.counted: dict[str, str] = dict(tables["count"]["as"])
        self.business: tuple[str, ...] = tuple(tables["business"]["metrics"])
        self.refusals: dict[str, str] = {name: one["sentence"] for name, one in tables["refuse"].items()}
        self.tenders: dict[str, list[str]] = tables["tenders"]
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
    for name, listed in tables["dimensions"].items():
        for text in listed:
            yield text, Meaning("dimension", name)
    for text in tables["split"]["before"]:
        yield text, Meaning("split")
    for text in tables["split"]["asking"]:
        yield text, Meaning("asking")
    for text, name in tables["split"]["words"].items():
        yield text, Meaning("grain", name)
    for name, order in tables["rank"].items():
        for text in order["words"]:
            yield text, Meaning("rank", name)
    kinds: tuple[tuple[str, Kind], ...] = (
        ("against", "against"), ("both", "both"), ("change", "change"), ("previous", "previous"),
        ("year", "year_before"),
    )  # fmt: skip
    for table, kind in kinds:
        for text in tables["compare"][table]:
            yield text, Meaning(kind)
    for text in tables["open"]["bare"]:
        yield text, Meaning("open", "bare")
    plain: tuple[Kind, ...] = ("count", "exclude", "open", "business")
    for kind in plain:
        for text in tables[kind]["words"]:
            yield text, Meaning(kind)
    for name, refusal in tables["refuse"].items():
        for text in refusal["words"]:
            yield text, Meaning("refuse", name)
