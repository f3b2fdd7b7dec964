"""Words of a question: normalised, each with its place in the text, so that what is not understood can be named."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-"})
_TOKEN = re.compile(
    r"""
      \d{4}-\d{2}-\d{2} | \d{4}-(?:w\d{2}|q[1-4]|\d{2})(?!\d)    # ISO dates, weeks, quarters, months
    | \d{1,4}[/.]\d{1,2}[/.]\d{1,4}                              # dates with slashes or dots
    | \d{1,2}:\d{2}                                              # times of day
    | \d+(?:,\d{3})+(?:\.\d+)? | \d+\.\d+                        # amounts
    | \d+(?:st|nd|rd|th)\b                                       # ordinals
    | [^\W_]+(?:'[^\W_]+)*                                       # words and numbers
    | [%$€£&+-]
    """,
    re.VERBOSE,
)
_POSSESSIVE = re.compile(r"(?<=.)'s?$")
_RANGE = re.compile(r"^(\d{1,4}|\d{1,2}:\d{2}|[^\W\d_]{3,9}|\d{1,2}(?:am|pm|st|nd|rd|th))$")

NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        [
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ],
        start=1,
    )
}


@dataclass(frozen=True)
class Token:
    """A word in lower case without a possessive; ``start`` and ``end`` are its place in the question's text."""

    text: str
    start: int
    end: int


def normalised(text: str) -> str:
    """A text in one form of Unicode, lower case, with plain quotes and dashes; its length may differ."""
    return unicodedata.normalize("NFKC", text).translate(_QUOTES).casefold()


def tokens(text: str) -> tuple[Token, ...]:
    """The words of a question, in order. Places are those in ``normalised(text)``.

    A dash between two words that can be the ends of a range ("jan-mar", "1-15") becomes "-"; any other is dropped.
    """
    found = list(_TOKEN.finditer(normalised(text)))
    made: list[Token] = []
    for place, match in enumerate(found):
        word = match.group()
        if word == "-":
            if not (made and place + 1 < len(found)):
                continue
            if not (_RANGE.match(made[-1].text) and _RANGE.match(found[place + 1].group())):
                continue
        elif word == "+":
            continue
        made.append(Token(_POSSESSIVE.sub("", word) or word, match.start(), match.end()))
    return tuple(made)


def words(text: str) -> tuple[str, ...]:
    """The words of a phrase or a name, as ``tokens`` would find them, without dashes."""
    return tuple(token.text for token in tokens(text) if token.text != "-")
