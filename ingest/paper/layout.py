"""``Row``: a line of text of a paper, from whose characters the way leads back to the boxes of its words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from ingest.paper.words import Box, Sheet, Word, around
from ingest.paper.written import JOIN

SPACE_CHARACTERS_MAX = 2.5
"""A space between thousands is no wider than so many characters. Two numbers can be as near; sums tell them apart."""

_HEAD_OF_NUMBER = re.compile(r"^[-−(]?\d{1,3}$")
_REST_OF_NUMBER = re.compile(r"^\d{3}(?:[.,]\d{2})?[A-Z*€)-]?$")


@dataclass(frozen=True)
class Row:
    """One line of text. ``text`` has a space between words; ``joined`` has ``JOIN`` between those that may be groups
    of one number (``1 234,56``), and is as long."""

    page: int
    words: tuple[Word, ...]

    @cached_property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @cached_property
    def joined(self) -> str:
        parts = [self.words[0].text]
        for before, word in zip(self.words, self.words[1:], strict=False):
            of_number = _HEAD_OF_NUMBER.match(before.text) or (
                parts[-1].startswith(JOIN) and _REST_OF_NUMBER.match(before.text)
            )
            near = word.box[0] - before.box[2] <= SPACE_CHARACTERS_MAX * (word.box[2] - word.box[0]) / len(word.text)
            parts.append((JOIN if of_number and near and _REST_OF_NUMBER.match(word.text) else " ") + word.text)
        return "".join(parts)

    def part(self, start: int, end: int) -> tuple[Word, ...]:
        """The words that some characters of the row stand in."""
        found, at = [], 0
        for word in self.words:
            if at < end and start < at + len(word.text):
                found.append(word)
            at += len(word.text) + 1
        return tuple(found)

    def box(self, start: int, end: int) -> Box:
        words = self.part(start, end) or self.words
        return around([word.box for word in words])

    def sure(self, start: int, end: int) -> float:
        """How sure the words of some characters are: as the least sure of them."""
        return min((word.confidence for word in self.part(start, end)), default=0.0)


def rows(sheet: Sheet) -> list[Row]:
    """All rows of a paper, from its first page on."""
    return [
        Row(page, tuple(words)) for (page, _), words in groupby(sheet.words, key=lambda word: (word.page, word.row))
    ]
