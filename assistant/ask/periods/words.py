"""Terminals of ``grammar.lark`` that take more than a pattern: numbers, ordinals, years in words and named days."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.ask.period_words import MONTHS
from assistant.ask.periods.holidays import named_at
from assistant.ask.tokens import NUMBERS, number_at

_ORDINALS = {
    name: number
    for number, name in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
            "thirteenth",
            "fourteenth",
            "fifteenth",
            "sixteenth",
            "seventeenth",
            "eighteenth",
            "nineteenth",
            "twentieth",
        ],
        start=1,
    )
} | {"thirtieth": 30}
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_CENTURY = 70
"""Two digits from here on are a year of the last century."""
_YEARS_IN_SHORT = range(15, 40)
"""Two digits that are a year after a month and a dash ("Jan-25"); smaller ones are days of the month."""
_MONTH_YY = re.compile(r"([a-z]{3,9})'?(\d{2}(?:\d{2})?)")

Typed = tuple[str, str, int]
"""A terminal, its value, and the index after it."""


def several(texts: Sequence[str], place: int) -> Iterator[Typed]:
    """The numbers, ordinals, years and named days that begin at a word."""
    word = texts[place]
    if word in _ORDINALS:
        yield "ORD", str(_ORDINALS[word]), place + 1
    elif word in ("twenty", "thirty") and 1 <= _ORDINALS.get("".join(texts[place + 1 : place + 2]), 0) <= 9:
        yield "ORD", str(int(NUMBERS[word]) + _ORDINALS[texts[place + 1]]), place + 2
    elif word[:-2].isdigit() and word[-2:] in ("st", "nd", "rd", "th"):
        yield "ORD", word[:-2], place + 1
        yield "DAY_ORD", word[:-2], place + 1
    yield from _numbers(texts, place)
    if word[0] == "'" and word[1:].isdigit():
        yield "YEAR_NUMBER", str(year_of_two(int(word[1:]))), place + 1
    if word[0].isdigit() and (word.count("/") == 2 or word.count(".") == 2 or re.fullmatch(r"\d{1,2}/\d{1,2}", word)):
        yield "SLASHED", word, place + 1
    fused = _MONTH_YY.fullmatch(word)
    if fused is not None and fused[1] in MONTHS:
        yield "MONTH_YY", word, place + 1
    named = named_at(texts, place)
    if named is not None:
        yield "HOLIDAY", named[0], named[1]


def year_of_two(number: int) -> int:
    """The year that two digits stand for; four digits stand for themselves."""
    return number if number > 99 else number + (1900 if number >= _CENTURY else 2000)


def _numbers(texts: Sequence[str], place: int) -> Iterator[Typed]:
    found = number_at(texts, place)
    if found is None:
        return
    number, last = found
    digits = texts[place].isdigit()
    if digits and len(texts[place]) > 4:
        return
    if _FIRST_YEAR <= number <= _LAST_YEAR:
        yield "YEAR_NUMBER", str(number), last
    elif number < 1000 and not (digits and len(texts[place]) > 3):
        yield "INT", str(number), last
    if digits and len(texts[place]) == 2 and number in _YEARS_IN_SHORT:
        yield "YY", str(year_of_two(number)), last
    if not digits and number in (19, 20):
        rest = number_at(texts, last)
        if rest is not None and not texts[last].isdigit() and 10 <= rest[0] <= 99:
            yield "YEAR_NUMBER", str(number * 100 + rest[0]), rest[1]
