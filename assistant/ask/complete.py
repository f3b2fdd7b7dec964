"""What a question that is being typed may go on with: metrics, periods, dimensions and the book's own names."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from assistant.ask.lexicon import lexicon
from assistant.ask.names import DIMENSIONS, GENERIC, Names
from assistant.ask.spelling import LETTERS_MIN, LONG
from assistant.ask.tokens import words
from ledger.figures import METRICS
from ledger.figures.calendar import IN_TIME
from ledger.figures.describe import dimension_name
from ledger.figures.plan import Dimension

COMPLETIONS_MAX = 8
CHARACTERS_MIN = 2
TAIL_WORDS_MAX = 4
"""How many of the last words typed may be the beginning of one name."""
WORDS_LOOKED_AT_MAX = 300
NAMES_LOOKED_AT_MAX = 400

PERIODS = ("today", "yesterday", "this week", "last week", "this month", "last month", "this quarter", "last quarter",
           "this year", "last year", "last 7 days", "last 30 days")  # fmt: skip
SPLITTING = frozenset({"by", "per", "each", "which"})
SPLITS: tuple[Dimension, ...] = (*DIMENSIONS, "hour", "weekday", *IN_TIME)


@dataclass(frozen=True)
class Completion:
    """A question with its last words completed: ``label`` is what was put in, ``of`` what that is, for a person."""

    text: str
    label: str
    of: str


class Completer:
    """Completes the last words of a question with what one book has."""

    def __init__(self, names: Names) -> None:
        self.seq = names.seq
        self._names = names
        self._words = sorted(names.words())
        self._metrics = [
            (phrase.casefold(), one.label, phrase) for one in METRICS.values() for phrase in (one.label, *one.words)
        ]

    def complete(self, text: str, limit: int = COMPLETIONS_MAX) -> list[Completion]:
        """What a text may go on with, the longest match of its last words first; nothing where it ends in a space or
        in a word that names nothing."""
        if not text.strip() or text != text.rstrip() or text.split()[-1].casefold() in lexicon().stop:
            return []
        starts = [found.start() for found in re.finditer(r"\S+", text)]
        found: dict[str, Completion] = {}
        for near in (False, True):
            for start in starts[-TAIL_WORDS_MAX:]:
                for label, of in self._found(text[:start], text[start:], near):
                    made = Completion(f"{text[:start]}{label}", label, of)
                    if made.text != text:
                        found.setdefault(made.text.casefold(), made)
                if len(found) >= limit:
                    return list(found.values())[:limit]
            if found:
                break
        return list(found.values())[:limit]

    def _found(self, before: str, tail: str, near: bool) -> Iterator[tuple[str, str]]:
        said = tail.casefold()
        if len(said) < CHARACTERS_MIN or said.isdigit():
            return
        if not near:
            yield from self._phrases(before, said)
        yield from self._named(tail, near)

    def _phrases(self, before: str, said: str) -> Iterator[tuple[str, str]]:
        if before.split()[-1:] and before.split()[-1].casefold() in SPLITTING:
            for name in SPLITS:
                if dimension_name(name).startswith(said):
                    yield dimension_name(name), "split"
            return
        told = set()
        for phrase, label, shown in self._metrics:
            if phrase.startswith(said) and label not in told:
                told.add(label)
                yield shown, "metric" if shown == label else f"metric: {label}"
        for phrase in PERIODS:
            if phrase.startswith(said):
                yield phrase, "period"

    def _named(self, tail: str, near: bool) -> Iterator[tuple[str, str]]:
        """Names of which the words begin like those of ``tail``; the last word need not be whole."""
        *whole, last = words(tail) or ("",)
        if not last or last in GENERIC or not all(self._names.knows(word) for word in whole):
            return
        fitting: set[tuple[Dimension, str]] = set()
        for word in self._near(last) if near else self._starting(last):
            fitting |= set.intersection(self._names.holding(word), *(self._names.holding(one) for one in whole))
            if len(fitting) > NAMES_LOOKED_AT_MAX:
                break
        said = " ".join((*whole, last))

        def order(one: tuple[Dimension, str]) -> tuple[bool, int, int, str]:
            name = " ".join(words(one[1].replace("_", " ")))
            return not name.startswith(said), DIMENSIONS.index(one[0]), len(name), name

        for dimension, value in sorted(fitting, key=order):
            shown = value.split(" / ")[-1] if dimension == "category" else value
            yield " ".join(shown.replace("_", " ").split()), dimension_name(dimension)

    def _starting(self, prefix: str) -> list[str]:
        first = bisect_left(self._words, prefix)
        upto = bisect_left(self._words, f"{prefix}\U0010ffff", lo=first)
        return self._words[first : min(upto, first + WORDS_LOOKED_AT_MAX)]

    def _near(self, last: str) -> list[str]:
        """Words that begin nearly so: one letter wrong of a few, two of many; the first letter has to be right."""
        if len(last) < LETTERS_MIN:
            return []
        allowed = 1 if len(last) < LONG else 2
        first, upto = bisect_left(self._words, last[0]), bisect_left(self._words, f"{last[0]}\U0010ffff")
        return [
            word
            for word in self._words[first:upto]
            if OSA.distance(last, word[: len(last)], score_cutoff=allowed) <= allowed
        ][:WORDS_LOOKED_AT_MAX]
