"""Names that the book has: every distinct value of every dimension, found in a question, whole or in part.

A name of a store, an item, a person comes from documents: it is data. It can only ever become a filter's value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from rapidfuzz import fuzz, process

from assistant.ask.lexicon import Phrase, lexicon
from assistant.ask.period_words import DAYS, MONTHS
from assistant.ask.spelling import Speller
from assistant.ask.tokens import words
from ledger.figures import Figures
from ledger.figures.plan import Dimension

DIMENSIONS: tuple[Dimension, ...] = (
    "store", "region", "owner", "channel", "tender", "card_brand", "category", "cashier", "register", "customer",
    "item", "jurisdiction", "account",
)  # fmt: skip
"""Dimensions whose values are named in questions; where one name is of several, the earlier stands first."""

_IN_PART = tuple(one for one in DIMENSIONS if one not in ("tender", "account"))
"""Of which a part of a name is enough; "houses" are not paid by house account."""
_NUMBERED = {"household": "customer", "member": "customer", "till": "register", "terminal": "register", "shop": "store",
             "branch": "store", "clerk": "cashier", "employee": "cashier", "server": "cashier"}  # fmt: skip
"""Words before a number that make a name: "Household 429" is 429 among the customers."""
GENERIC = frozenset({"other", "none", "unknown", "misc", "miscellaneous", "no", "yes", "all", "normal", "n/a"})
PART_CHARACTERS_MIN = 3
SIMILAR, SIMILAR_MARGIN = 88, 4
"""How alike (0 to 100) words and a name of several words have to be, and how much more alike than to any other."""
CHOICES_MAX = 4


@dataclass(frozen=True)
class Name:
    """A dimension and those of its values that a phrase names; a category's name can stand at several places of the
    tree."""

    dimension: Dimension
    values: tuple[str, ...]


class Names:
    """An index over all names of a book, as its figures know them at one commit."""

    def __init__(self, figures: Figures) -> None:
        self.seq = figures.seq
        self.currency = figures.book.settings.book.currency
        self._values: dict[str, tuple[str, ...]] = {}
        self._whole: dict[Phrase, dict[Dimension, list[str]]] = {}
        self._containing: dict[str, set[tuple[Dimension, str]]] = {}
        self.longest = 1
        for dimension in DIMENSIONS:
            self._values[dimension] = tuple(figures.values(dimension))
            for value in self._values[dimension]:
                self._add(dimension, value, value.split(" / ")[-1] if dimension == "category" else value)
                if dimension == "tender":
                    for alias in (*lexicon().tenders.get(value, []), *_alone(figures.book.settings.tenders, value)):
                        self._add(dimension, value, alias)
        for store, settings in figures.book.settings.stores.items():
            for alias in settings.aliases:
                self._add("store", store, alias)
        self._add_without_sizes()
        self._add_initials()
        self._joined = [" ".join(phrase) for phrase in self._whole if len(phrase) > 1]
        self._speller = Speller({*self._containing, *lexicon().vocabulary, *MONTHS, *DAYS})

    def whole(self, phrase: Phrase, among: Iterable[Dimension] | None = None) -> list[Name]:
        """What a phrase names in full, one for each dimension; for a bare number only where ``among`` says of
        what."""
        found = self._whole.get(phrase, {})
        wanted = DIMENSIONS if among is None else tuple(among)
        if among is None and (
            all(word.isdigit() for word in phrase) or phrase[0] in GENERIC or len("".join(phrase)) < 2
        ):
            return []
        if among is None and "channel" in found:
            wanted = tuple(one for one in wanted if one not in ("region", "tender"))  # "online" is said of the channel
        return [Name(dimension, tuple(found[dimension])) for dimension in wanted if dimension in found]

    def part(self, phrase: Phrase, among: Iterable[Dimension] | None = None) -> list[Name]:
        """The names that hold all words of a phrase, one for each dimension and value."""
        if not all(word in self._containing for word in phrase) or max(map(len, phrase)) < PART_CHARACTERS_MIN:
            return []
        matching = set.intersection(*(self._containing[word] for word in phrase))
        wanted = _IN_PART if among is None else tuple(among)
        return [
            Name(dimension, (value,))
            for dimension, value in sorted(matching, key=lambda one: (DIMENSIONS.index(one[0]), one[1]))
            if dimension in wanted
        ]

    def similar(self, phrase: Phrase) -> Name | None:
        """The one name that some words are nearly, letter by letter; None where there is none or more than one."""
        said = " ".join(phrase)
        near = process.extract(said, self._joined, scorer=fuzz.ratio, score_cutoff=SIMILAR, limit=2)
        if not near or (len(near) > 1 and near[0][1] - near[1][1] < SIMILAR_MARGIN) or near[0][0][0] != said[0]:
            return None
        found = self._whole[tuple(near[0][0].split(" "))]
        first = next(dimension for dimension in DIMENSIONS if dimension in found)
        return Name(first, tuple(found[first])) if len(found) == 1 else None

    def spelled(self, word: str) -> list[str]:
        """Known words that an unknown one may be a misspelling of, or short for: "dtwn" for "downtown"."""
        return self._short(word) or self._speller.near(word)

    def _short(self, word: str) -> list[str]:
        """The words of names that a word is short for: that begin with it or, where it has no vowels, whose consonants
        it has, from the first letter to the last."""
        if len(word) < PART_CHARACTERS_MIN or not word.isalpha():
            return []
        if set(word) & set("aeiou"):  # the beginning of a name's word: "riv" for "rivoli"
            begun = [known for known in self._containing if known.startswith(word) and known.isalpha()]
            return begun if len(begun) == 1 else []
        pattern = re.compile(".*".join(word))
        return [known for known in self._containing if known[0] == word[0] and pattern.fullmatch(known)]

    def values(self, dimension: Dimension) -> tuple[str, ...]:
        """All values that the book has of a dimension."""
        return self._values.get(dimension, ())

    def knows(self, word: str) -> bool:
        return word in self._containing

    def words(self) -> Iterable[str]:
        """All words that names are made of."""
        return self._containing.keys()

    def holding(self, word: str) -> set[tuple[Dimension, str]]:
        """The names that hold a word: the dimension and the value of each."""
        return self._containing.get(word, set())

    def _add(self, dimension: Dimension, value: str, name: str) -> None:
        phrase = words(name.replace("_", " "))
        if not phrase:
            return
        self.longest = max(self.longest, len(phrase))
        rest = phrase[1:] if phrase[0] == dimension or _NUMBERED.get(phrase[0]) == dimension else ()
        for known in (phrase, rest) if rest and rest[0].isdigit() else (phrase,):
            into = self._whole.setdefault(known, {}).setdefault(dimension, [])
            if value not in into:
                into.append(value)
        for word in phrase:
            for form in {word, word.replace("'", "")}:  # "omalleys" for O'Malley's
                self._containing.setdefault(form, set()).add((dimension, value))
        plain = tuple(word.replace("'", "") for word in phrase)
        if plain != phrase:
            self._whole.setdefault(plain, {}).setdefault(dimension, []).append(value)

    def _add_initials(self) -> None:
        """Stores by the first letters of their words, where they are no word and of one store only: "LB"."""
        of: dict[str, list[str]] = {}
        for store in self._values["store"]:
            phrase = words(store)
            if len(phrase) > 1 and all(word.isalpha() for word in phrase):
                of.setdefault("".join(word[0] for word in phrase), []).append(store)
        known = {*self._containing, *lexicon().vocabulary, *lexicon().stop, *MONTHS, *DAYS}
        for letters, stores in of.items():
            if len(stores) == 1 and letters not in known:
                self._add("store", stores[0], letters)

    def _add_without_sizes(self) -> None:
        """What items of several sizes are called together: "Chelsea boots" for "Chelsea Boots, 37" and "... 38"."""
        alike: dict[str, list[str]] = {}
        for value in self._values["item"]:
            stem, comma, _ = value.rpartition(",")
            if comma and len(words(stem)) > 0:
                alike.setdefault(stem, []).append(value)
        for stem, values in alike.items():
            known = self._whole.get(words(stem), {})
            if len(values) > 1 and "item" not in known:
                for value in values:
                    self._add("item", value, stem)


def _alone(tenders: Mapping[str, str], kind: str) -> list[str]:
    """The till's own name of a kind of tender, if it is the only one that the book's settings give that kind."""
    named = [name for name, of in tenders.items() if of == kind]
    return named if len(named) == 1 else []


def dimension(name: str) -> Dimension:
    """A dimension by the name that the lexicon gives it."""
    return cast(Dimension, name)


_IN_FE = frozenset({"kni", "li", "wi"})


def singular_of(phrase: Sequence[str]) -> Phrase:
    """A phrase with its last word in the singular: ``("flat", "whites") -> ("flat", "white")``."""
    last = phrase[-1]
    if len(last) > 4 and last.endswith("ies"):
        last = last[:-3] + "y"
    elif len(last) > 4 and last.endswith("ves"):
        last = last[:-3] + ("fe" if last[:-3] in _IN_FE else "f")
    elif len(last) > 3 and last.endswith("s") and not last.endswith("ss"):
        last = last[:-1]
    return (*phrase[:-1], last)
