"""Words of a question: normalised, each with its place in the text, so that what is not understood can be named."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-"})
_TOKEN = re.compile(
    r"""
      \d{4}-\d{2}-\d{2} | \d{4}-(?:w\d{2}|q[1-4]|\d{2})(?!\d)    # ISO dates, weeks, quarters, months
    | \#(?:\d+(?:[-/.]\d+)+|(?:19|20)\d{2}(?!\d))               # "#2024-118": a number that is no date, in one
    | \d{1,4}[/.]\d{1,2}[/.]\d{1,4}                              # dates with slashes or dots
    | (?:\d{4}\s*/\s*\d{1,2}|\d{1,2}\s*/\s*\d{4})(?![/\d])        # months: "2015/3", "11 / 2016"
    | \d{1,4}/\d{1,4}(?![/\d])                                   # "10/15", "3/2025", "2024/25"
    | \d{1,2}:\d{2}                                              # times of day
    | (?:\d+(?:,\d{3})+(?:\.\d+)?|\d+\.\d+)(?:(?:k|m|mn|bn)(?![^\W_]))?   # amounts: "1,200.50", "1.5m"
    | \d+(?:st|nd|rd|th)\b                                       # ordinals
    | (?<![^\W_])'\d{2}(?![^\W_])                                # years in short: "'25"
    | [^\W_]+(?:'[^\W_]+)*                                       # words and numbers
    | [%$€£&+-]
    """,
    re.VERBOSE,
)
_POSSESSIVE = re.compile(r"(?<=.)'s?$")
_DECADE = re.compile(r"^\d0's$")
_RANGE = re.compile(
    r"^(\d{1,4}|\d{1,2}:\d{2}|[^\W\d_]{3,9}|\d{1,2}(?:am|pm|st|nd|rd|th)|\d{4}-\d{2}(?:-\d{2})?"
    r"|\d{1,4}[/.]\d{1,2}(?:[/.]\d{1,4})?|(?:q|h|w|wk|cw|fy|p)\d{1,4}|\d[qh])$"
)
"""What can be an end of a range that is written with a dash."""

_ONES = [
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
]
_TENS = {
    name: 10 * place
    for place, name in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_SCALES = {"hundred": 100, "thousand": 1000}

NUMBERS = {word: str(number) for number, word in enumerate(_ONES, start=1)} | {
    word: str(number) for word, number in _TENS.items()
}
"""Single words that are a number, as digits; ``number_at`` reads numbers of several words, too."""


@dataclass(frozen=True)
class Token:
    """A word in lower case without a possessive; ``start`` and ``end`` are its place in the question's text."""

    text: str
    start: int
    end: int


def normalised(text: str) -> str:
    """A text in one form of Unicode, lower case, without accents, with plain quotes and dashes; its length may
    differ."""
    letters = (one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return unicodedata.normalize("NFKC", "".join(letters)).translate(_QUOTES).casefold()


def tokens(text: str) -> tuple[Token, ...]:
    """The words of a question, in order. Places are those in ``normalised(text)``.

    A dash between two words that can be the ends of a range ("jan-mar", "1-15") becomes "-"; any other is dropped.
    An amount is a token for its currency or percent sign and one for the number with its separators and suffix: "$50k"
    is "$" and "50k", "20%" is "20" and "%". A number after "#" that looks like a date keeps the sign ("#2024-118").
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
        word = "".join(word.split())
        plain = word.replace("'", "") if _DECADE.match(word) else _POSSESSIVE.sub("", word)
        made.append(Token(plain or word, match.start(), match.end()))
    return tuple(made)


def words(text: str) -> tuple[str, ...]:
    """The words of a phrase or a name, as ``tokens`` would find them, without dashes."""
    return tuple(token.text for token in tokens(text) if token.text != "-")


def number_at(texts: Sequence[str], place: int) -> tuple[int, int] | None:
    """The whole number that begins at a word, in digits or spoken, and the index after it; None where there is none.

    "twenty-five", "a hundred and ten", "two thousand and ten"; "twenty ten" is two numbers.
    """
    if place < len(texts) and texts[place].isascii() and texts[place].isdigit():
        return int(texts[place]), place + 1
    total = part = 0
    last, taken = place, False
    if place + 1 < len(texts) and texts[place] == "a" and texts[place + 1] in _SCALES:
        part, last = 1, place + 1
    while last < len(texts):
        word = texts[last]
        joined = word == "and" and bool(total or (part >= 100)) and last > place
        if (word == "-" or joined) and taken and last + 1 < len(texts) and texts[last + 1] in NUMBERS:
            if word == "-" and not (part % 100 in _TENS.values() and int(NUMBERS[texts[last + 1]]) < 10):
                break
            last += 1
            continue
        if word in NUMBERS:
            number = int(NUMBERS[word])
            below = part % 100
            if below and not (below in _TENS.values() and number < 10):
                break
            part += number
        elif word == "hundred" and 0 < part < 100:
            part *= 100
        elif word == "thousand" and 0 < part < 1000 and not total:
            total, part = part * 1000, 0
        else:
            break
        last, taken = last + 1, True
    return (total + part, last) if taken else None
