"""Numbers as a model writes them: digits with currency, scale and percent, number words, ordinals.

Reading one gives its value and the precision that it claims; whether it is true is for ``claims`` to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import get_currency_symbol, get_decimal_symbol

_SCALES = {
    "k": 3, "thousand": 3, "m": 6, "mn": 6, "million": 6, "bn": 9, "b": 9, "billion": 9,
}  # fmt: skip
_SIGNS = {"$": "$", "€": "EUR", "£": "GBP", "¥": "¥"}
_CURRENCY_WORDS = {"dollars": "$", "dollar": "$", "euros": "EUR", "euro": "EUR", "pounds": "GBP", "yen": "¥"}
_UNITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
          "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")  # fmt: skip
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
ORDINALS = {
    "second": 2, "third": 3, "fourth": 4, "fifth": 5, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5,
}  # fmt: skip
_WORDS = {**{word: number for number, word in enumerate(_UNITS)}, **{w: 10 * n for n, w in enumerate(_TENS) if w}}
_DIGITS = re.compile(
    r"(?P<minus>[-−+])?(?P<sign>(?:US)?\$|€|£|¥|[A-Z]{3}\s)?\s?"
    r"(?P<digits>\d{1,3}(?:[,.]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?)"
    r"(?:\s?(?P<scale>thousand|million|billion|mn|bn|[kKmMbB])(?![A-Za-z]))?"
    r"(?P<unit>\s?%|\s(?:percentage\spoints?|points?|percent|per\scent|dollars?|euros?|pounds|yen|[A-Z]{3})(?![A-Za-z]))?"
)
_SPELLED = re.compile(
    r"(?:{words})(?:[\s-](?:and\s)?(?:{words}|hundred|thousand|million))*".format(
        words="|".join(sorted(_WORDS, key=len, reverse=True))
    ),
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Numeral:
    """A number as written: its value, the place of its last digit that counts (``step``), and the kind of its unit.

    ``step`` of ``1.2 million`` is 100,000; ``loose_step``, with "about" before it, leaves out trailing zeros.
    ``unit`` is a currency code, ``%``, ``points`` or nothing; ``signed`` where a plus or a minus is written.
    """

    value: Decimal
    step: Decimal
    loose_step: Decimal
    unit: str
    signed: bool
    end: int
    spelled: bool = False


def numeral_at(text: str, start: int, currency: str, locale: str) -> Numeral | None:
    """The number that begins at a place of a text; None where there is none, or in another currency."""
    found = _DIGITS.match(text, start)
    if found is not None:
        return _of_digits(found, currency, locale)
    spelled = _SPELLED.match(text, start)
    if spelled is None or (spelled.end() < len(text) and (text[spelled.end()].isalnum())):
        return None
    value = _spelled(re.split(r"[\s-]+", spelled.group().lower()))
    return None if value is None else Numeral(Decimal(value), Decimal(1), Decimal(1), "", False, spelled.end(), True)


def _of_digits(found: re.Match[str], currency: str, locale: str) -> Numeral | None:
    end = found.end()
    text = found.string
    if end < len(text) and (text[end].isalnum() or (text[end] in ".," and text[end + 1 : end + 2].isdigit())):
        return None
    point = str(get_decimal_symbol(locale.replace("-", "_")))
    comma = "," if point == "." else "."
    digits = found["digits"]
    whole, _, fraction = digits.partition(point)
    if point in fraction or comma in fraction or any(len(group) != 3 for group in whole.split(comma)[1:]):
        return None
    number = Decimal(f"{whole.replace(comma, '')}{'.' + fraction if fraction else ''}")
    scale = Decimal(10) ** _SCALES.get((found["scale"] or "").lower(), 0)
    unit = _unit(found, currency)
    if unit is None:
        return None
    step = Decimal(1).scaleb(-len(fraction)) * scale
    zeros = 0 if fraction or found["scale"] else len(whole) - len(whole.rstrip("0" + comma))
    plain = whole.replace(comma, "")
    zeros = len(plain) - len(plain.rstrip("0")) if zeros else 0
    loose = Decimal(10) ** min(zeros, max(0, len(plain) - 1)) * (step if fraction or found["scale"] else 1)
    minus = found["minus"]
    value = -number * scale if minus in ("-", "−") else number * scale
    return Numeral(value, step, loose, unit, bool(minus), end)


def _unit(found: re.Match[str], currency: str) -> str | None:
    """The unit of a number, ``""`` where it has none, None where it is another currency or two units at once."""
    sign = (found["sign"] or "").strip()
    unit = (found["unit"] or "").strip()
    named: list[str] = []
    if sign:
        named.append("$" if sign == "US$" else _SIGNS.get(sign, sign))
    if unit in ("%", "percent", "per cent"):
        named.append("%")
    elif "point" in unit:
        named.append("points")
    elif unit:
        named.append(_CURRENCY_WORDS.get(unit, unit))
    if not named:
        return ""
    if len(named) > 1:
        return None
    (one,) = named
    if one in ("%", "points"):
        return one
    symbol = str(get_currency_symbol(currency, locale="en_US"))
    return currency if one == currency or (one in ("$", "¥") and one in symbol) else None


def _spelled(words: list[str]) -> int | None:
    total = current = 0
    before = ""
    for word in words:
        if word == "and":
            continue
        if word == "hundred":
            current = (current or 1) * 100
        elif word in ("thousand", "million"):
            total += (current or 1) * (1000 if word == "thousand" else 1_000_000)
            current = 0
        elif (
            before and (_WORDS[word] >= 10 or before not in _TENS) and before not in ("hundred", "thousand", "million")
        ):
            return None
        else:
            current += _WORDS[word]
        before = word
    return total + current
