"""``Vocabulary``: everything that a model's sentence about some evidence may be made of, phrase by phrase.

It has the fixed words of ``words.toml``, the words of each metric, and the names and dates of the figures that the
model was shown. What has no entry is not understood, and that is the point: nothing unchecked can be said.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from assistant.model.dates import MONTHS, WEEKDAYS, phrases
from assistant.model.evidence import Dates, Evidence, Narrowed, Topic
from ledger.figures import METRICS
from ledger.figures.calendar import NONE

_SINGLE = (
    "whole", "all", "ours", "than", "except", "up", "down", "moved", "level", "highest", "lowest", "best", "worst",
    "busiest", "quietest", "next", "together", "difference", "share", "clause",
)  # fmt: skip
_ORDER = (
    "name", "when", "definition", "metric", "dimension", "factor", "highest", "lowest", "best", "worst", "busiest",
    "quietest", "next", "than", "except", "up", "down", "moved", "level", "whole", "all", "ours", "together",
    "difference", "share", "verb", "clause", "plain",
)  # fmt: skip
"""Which meaning a phrase of several has: the first of these, for that is the one that is checked most."""

_CLAIMING = ("metric", "verb", "factor", "up", "down", "moved", "level", "highest", "lowest", "best", "worst", "next")
NAME_CHARACTERS_MAX, NAME_WORDS_MAX = 60, 8
_SENTENCE_LIKE = re.compile(r"[\[\]{}%$€£¥!?\n\r]|[.;:] ")
_SENTENCE_WORDS = frozenset(
    {
        "was", "were", "is", "are", "rose", "fell", "doubled", "halved", "tripled", "total", "totalled",
        "ignore", "instruction", "instructions", "say", "answer", "assistant", "system",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Meaning:
    """What a phrase may mean. ``names`` are (dimension, values); the other fields belong to kinds of their name."""

    kind: str
    names: tuple[tuple[str, Narrowed], ...] = ()
    when: Dates = (None, None)
    metrics: frozenset[str] = frozenset()
    dimensions: frozenset[str] = frozenset()
    factor: Decimal = Decimal(0)
    quoted: bool = False
    """Whether a name is shown in quotation marks, since it could be read as part of what is said."""


class Vocabulary:
    """Phrases and their meanings for one answer; looked up longest first."""

    def __init__(self, evidence: Evidence, topic: Topic) -> None:
        self._meant: dict[str, Meaning] = dict(_fixed())
        split_by_ticket = any("ticket" in result.plan.dimensions for result in evidence.results.values())
        if not split_by_ticket:
            self._meant.update({word: one for word, one in _metric_words().items() if word in ("ticket", "tickets")})
        periods = {topic.when, *([topic.against] if topic.against else [])}
        for one in evidence.known.values():
            periods |= {one.when, *([one.against] if one.against else [])}
        for phrase, dates in phrases(periods, topic.when, evidence.today, evidence.calendar.week_starts).items():
            self._add(phrase, Meaning("when", when=dates))
        for start, end in periods:
            unit = evidence.calendar.name_of(start, end) if start is not None and end is not None else None
            if unit is not None:
                self._add(unit[1].lower(), Meaning("when", when=(start, end)))  # "FY2025-Q1", as its row is named
        self._exact: dict[str, Meaning] = {}
        for dimension, value in _named(evidence, topic):
            for phrase in surfaces(dimension, value):
                self._add_name(phrase, dimension, value)
        lengths = {len(phrase) for phrase in (*self._meant, *self._exact)}
        self._lengths = sorted(lengths, reverse=True)

    def at(self, text: str, folded: str, start: int) -> tuple[int, Meaning] | None:
        """The longest phrase that begins at a place and ends where a word ends: its end, and what it means."""
        for length in self._lengths:
            end = start + length
            if end > len(text) or not _ends(text, end):
                continue
            found = self._exact.get(text[start:end]) or self._meant.get(folded[start:end])
            if found is not None:
                return end, found
        return None

    def approximation_at(self, text: str, folded: str, start: int) -> tuple[int, str] | None:
        """The longest words at a place that make a number less exact: their end, and about, nearly or beyond."""
        for phrase, kind in _approximations():
            end = start + len(phrase)
            if folded.startswith(phrase, start) and _ends(text, end):
                return end, kind
        return None

    def _add(self, phrase: str, meaning: Meaning) -> None:
        known = self._meant.get(phrase)
        if known is None or _ORDER.index(meaning.kind) < _ORDER.index(known.kind):
            self._meant[phrase] = meaning

    def _add_name(self, phrase: str, dimension: str, value: str) -> None:
        """A name that is also an ordinary word is known only as the book writes it."""
        folded = phrase.lower()
        into = self._meant
        if folded in self._meant and self._meant[folded].kind not in ("name", "unclear"):
            into, folded = self._exact, phrase
        meant = (dimension, Narrowed(frozenset({value})))
        known = into.get(folded)
        if known is None:
            into[folded] = Meaning("name", names=(meant,), quoted=_reads_like_a_claim(phrase))
        elif meant not in known.names:
            clash = any(name == dimension for name, _ in known.names)
            kind = "unclear" if clash or known.kind == "unclear" else "name"
            into[folded] = Meaning(kind, names=(*known.names, meant), quoted=known.quoted)


def surfaces(dimension: str, value: str) -> Iterator[str]:
    """How a value of a dimension is written in a sentence. A bare number is named with its dimension only."""
    flat = " ".join(value.split())
    if not is_plain_name(value):
        return
    if dimension == "hour" and flat.isdigit():
        hour = int(flat)
        clock = f"{(hour + 11) % 12 + 1} {'am' if hour < 12 else 'pm'}"
        later = f"{hour % 12 + 1} {'am' if (hour + 1) % 24 < 12 else 'pm'}"
        begins = f"{hour:02}:00"
        yield from (f"{begins} to {hour:02}:59", begins, f"hour {hour}", clock, clock.replace(" ", ""))
        yield from (f"the {begins} hour", f"the hour from {begins}", f"between {begins} and {hour + 1:02}:00")
        yield from (f"between {clock} and {later}", f"the hour from {clock}")
        return
    if dimension == "weekday" and flat.lower() in WEEKDAYS:
        yield from (flat, f"{flat}s")
        return
    if value == NONE:
        yield NONE
        return
    noun = dimension.replace("_", " ")
    yield f"{noun} {flat}"
    if any(letter.isalpha() for letter in flat):
        yield flat
        plain = flat.replace("_", " ")
        last = plain.split(" / ")[-1]
        yield from (plain, last)
        if dimension in ("tender", "item", "category", "card_brand", "channel") and last[-1:].isalpha():
            yield f"{last}s"


@cache
def ordinary_words() -> frozenset[str]:
    """Words that mean something in a question or an answer whoever is called so."""
    phrases = [*_fixed(), *(phrase for phrase, _ in _approximations()), *WEEKDAYS, *MONTHS]
    return frozenset(word for phrase in phrases for word in re.findall(r"[a-z]+", phrase))


def is_plain_name(value: str) -> bool:
    """Whether a name can stand in a sentence and be taken for nothing but a name. It comes from a document."""
    return (
        len(value) <= NAME_CHARACTERS_MAX
        and len(value.split()) <= NAME_WORDS_MAX
        and not _SENTENCE_LIKE.search(value)
        and not {word.lower() for word in re.findall(r"[A-Za-z]+", value)} & _SENTENCE_WORDS
    )


def _reads_like_a_claim(name: str) -> bool:
    """Whether a name has words of metrics, directions or amounts that a reader could take for the answer's own."""
    words = re.findall(r"[a-z]+", name.lower())
    kinds = [_fixed()[word].kind for word in words if word in _fixed()]
    claims = [kind for kind in kinds if kind in _CLAIMING]
    return "metric" in claims or len(claims) > 1 or (bool(claims) and any(letter.isdigit() for letter in name))


def _named(evidence: Evidence, topic: Topic) -> Iterator[tuple[str, str]]:
    narrowed = [topic.where, *(one.where for one in evidence.known.values())]
    seen: set[tuple[str, str]] = set()
    for where in narrowed:
        for dimension, one in where.items():
            for value in one.values:
                if (dimension, value) not in seen:
                    seen.add((dimension, value))
                    yield dimension, value


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(files("assistant.model").joinpath("words.toml").read_text("utf-8"))


@cache
def nouns_of_change() -> frozenset[str]:
    """The words for a change or a difference that are nouns: "an increase of", "the gap was"."""
    return frozenset(_tables()["nouns"]["words"])


@cache
def _approximations() -> tuple[tuple[str, str], ...]:
    kinds = {word: kind for kind in ("about", "nearly", "beyond") for word in _tables()[kind]["words"]}
    return tuple(sorted(kinds.items(), key=lambda one: -len(one[0])))


@cache
def _fixed() -> dict[str, Meaning]:
    """The phrases that do not depend on the answer."""
    tables = _tables()
    found: dict[str, Meaning] = {}

    def add(words: Iterable[str], meaning: Meaning) -> None:
        for word in words:
            known = found.get(word)
            if known is None or _ORDER.index(meaning.kind) < _ORDER.index(known.kind):
                found[word] = meaning

    add(tables["plain"]["words"].split(), Meaning("plain"))
    for kind in _SINGLE:
        add(tables[kind]["words"], Meaning(kind))
    for table in tables["verbs"].values():
        add(table["words"], Meaning("verb", metrics=frozenset(table["metrics"])))
    for phrase, factor in tables["factors"].items():
        add([phrase], Meaning("factor", factor=Decimal(factor)))
    nouns: dict[str, set[str]] = {}
    for dimension, words in tables["dimensions"].items():
        for word in words:
            nouns.setdefault(word, set()).add(dimension)
    for phrase, meaning in _metric_words().items():
        add([phrase], meaning)
    for word, dimensions in nouns.items():
        found[word] = Meaning("dimension", dimensions=frozenset(dimensions))
    for one in METRICS.values():
        found[one.definition.lower()] = Meaning("definition", metrics=frozenset({one.name}))
    return found


@cache
def _metric_words() -> dict[str, Meaning]:
    meant: dict[str, set[str]] = {}
    for one in METRICS.values():
        for word in {one.label.lower(), *(word.lower() for word in one.words)}:
            meant.setdefault(word, set()).add(one.name)
    meant.setdefault("ticket", set()).add("transactions")
    meant.setdefault("unit", set()).add("units_sold")
    meant.setdefault("order", set()).add("transactions")
    verbs = {"make", "sell", "take in", "took in", "collected", "refunded"}
    return {word: Meaning("metric", metrics=frozenset(metrics)) for word, metrics in meant.items() if word not in verbs}


def _ends(text: str, end: int) -> bool:
    if end == len(text) or not text[end - 1].isalnum():
        return True
    after = text[end]
    if after.isalnum() or after == "_":
        return False
    return not (after in ".,:" and text[end - 1].isdigit() and text[end + 1 : end + 2].isdigit())
