"""``Pseudonyms``: what people are called in what is sent to a model, and who they are in what comes back.

Values of the dimensions that name people become "Cashier 1", in the order of their names; at one commit of the book a
person has one pseudonym. A person's name in the text of a question is replaced, too, whole or in part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal

from assistant.model.vocabulary import ordinary_words
from ledger.figures import Figures, Filter, Plan

PEOPLE = ("cashier", "customer", "owner")
_PLACES = ("store", "region", "category", "register", "channel")
_PART_LETTERS_MIN = 3
_WORD = re.compile(r"[^\W_]+")
_PSEUDONYM = re.compile(r"\b(cashier|customer|owner) (\d{1,7})(?!\d|[.,]\d)", re.IGNORECASE)
Words = tuple[str, ...]


class Pseudonyms:
    """People's names and their pseudonyms, as the figures know them at one commit; none with ``names="show"``."""

    def __init__(self, figures: Figures, names: Literal["hide", "show"]) -> None:
        self.seq = figures.seq
        self._values: dict[str, list[str]] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        self._whole: dict[str, list[tuple[Words, str]]] = {}
        self._parts: dict[str, set[str]] = {}
        self._others: dict[str, list[Words]] = {}
        if names == "show":
            return
        for dimension in PEOPLE:
            self._values[dimension] = list(figures.values(dimension))
            for number, value in enumerate(self._values[dimension], start=1):
                self._numbers[(dimension, value)] = number
                self._index(_words(value), f"{dimension.capitalize()} {number}")
        for dimension in _PLACES:
            for value in figures.values(dimension):
                words = _words(value)
                if len(words) > 1:
                    self._others.setdefault(words[0], []).append(words)

    def hidden_value(self, dimension: str, value: str) -> str:
        """A value as it is sent."""
        number = self._numbers.get((dimension, value))
        return value if number is None else f"{dimension.capitalize()} {number}"

    def shown_value(self, dimension: str, value: str) -> str:
        """A value as it came back: a pseudonym is who it stands for."""
        found = _PSEUDONYM.fullmatch(value.strip())
        if found is None and value.strip().isdigit() and dimension in self._values:
            found = _PSEUDONYM.fullmatch(f"{dimension} {value.strip()}")
        if found is None or found[1].lower() != dimension:
            return value
        return self._person(found) or value

    def shown_plan(self, plan: Plan) -> Plan:
        """A plan as it came back, with the people that it means."""

        def shown(filters: tuple[Filter, ...]) -> tuple[Filter, ...]:
            return tuple(
                one.model_copy(update={"values": tuple(self.shown_value(one.dimension, value) for value in one.values)})
                for one in filters
            )

        return plan.model_copy(update={"filters": shown(plan.filters), "against": shown(plan.against)})

    def hidden_plan(self, plan: Plan) -> dict[str, Any]:
        """A plan as it is sent."""
        told = plan.model_dump(mode="json", exclude_defaults=True)
        for one in (*told.get("filters", ()), *told.get("against", ())):
            one["values"] = [self.hidden_value(one["dimension"], value) for value in one["values"]]
        return told

    def shown(self, text: str) -> str:
        """A text as it came back, with people's names in the place of their pseudonyms."""
        return _PSEUDONYM.sub(lambda found: self._person(found) or found.group(), text)

    def hidden(self, text: str) -> str:
        """A text as it is sent: no name of a person, whole or in part, unless it is an ordinary word, too."""
        if not self._whole:
            return text
        found = list(_WORD.finditer(text))
        words = [one.group().lower() for one in found]
        made, at, place = [], 0, 0
        while place < len(found):
            length, instead = self._replaced(words, place)
            if instead is not None:
                made += [text[at : found[place].start()], instead]
                at = found[place + length - 1].end()
            place += length
        return "".join([*made, text[at:]])

    def _replaced(self, words: list[str], place: int) -> tuple[int, str | None]:
        """How many words from a place on are one name, and what stands for it."""
        for other in sorted(self._others.get(words[place], []), key=len, reverse=True):
            if tuple(words[place : place + len(other)]) == other:
                return len(other), None
        of_person = place > 0 and words[place - 1].removesuffix("s") in PEOPLE
        for whole, instead in sorted(self._whole.get(words[place], []), key=lambda one: -len(one[0])):
            if tuple(words[place : place + len(whole)]) == whole:
                if len(whole) == 1 and whole[0] in ordinary_words() and not of_person:
                    continue
                return len(whole), instead
        people = self._parts.get(words[place], set())
        if people and (of_person or words[place] not in ordinary_words()):
            return 1, next(iter(people)) if len(people) == 1 else "[a person]"
        return 1, None

    def _index(self, words: Words, instead: str) -> None:
        if not words:
            return
        self._whole.setdefault(words[0], []).append((words, instead))
        for word in words if len(words) > 1 else ():
            if len(word) >= _PART_LETTERS_MIN:
                self._parts.setdefault(word, set()).add(instead)

    def _person(self, found: re.Match[str]) -> str | None:
        people = self._values.get(found[1].lower(), [])
        number = int(found[2])
        return people[number - 1] if 1 <= number <= len(people) else None


def hidden_key(pseudonyms: Pseudonyms, dimensions: Iterable[str], key: Iterable[str]) -> dict[str, str]:
    """A row's names by dimension, as they are sent."""
    return {name: pseudonyms.hidden_value(name, value) for name, value in zip(dimensions, key, strict=True)}


def _words(name: str) -> Words:
    return tuple(word.lower() for word in _WORD.findall(name))
