"""Bounds in a question: "over $50", "at least 20", "between 10 and 20 dollars", "$50 or more". Words are strict where
they say so: "over 50" does not hold 50."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from assistant.ask.tokens import NUMBERS, number_at

Op = Literal["over", "under", "at_least", "at_most", "equal"]

_SAID: Mapping[Op, str] = {
    "over": "over, above, more than, greater than, bigger than, larger than, higher than, better than, exceeding, "
    "exceeds, exceed, exceeded, topped, topping, tops, in excess of, of more than, worth more than",
    "under": "under, below, less than, fewer than, lower than, smaller than, worse than, of less than, worth less than",
    "at_least": "at least, no less than, not less than, no fewer than, minimum of, a minimum of, reached, reaching",
    "at_most": "at most, no more than, not more than, not over, maximum of, a maximum of, not exceeding",
    "equal": "exactly, equal to, equals, of exactly",
}
_BEFORE: Mapping[tuple[str, ...], Op] = {
    tuple(phrase.split()): op for op, phrases in _SAID.items() for phrase in phrases.split(", ")
}
_AFTER: Mapping[tuple[str, ...], Op] = {
    ("or", "more"): "at_least", ("and", "more"): "at_least", ("or", "over"): "at_least", ("and", "over"): "at_least",
    ("or", "above"): "at_least", ("and", "above"): "at_least", ("or", "higher"): "at_least", ("plus",): "at_least",
    ("and", "up"): "at_least", ("or", "less"): "at_most", ("or", "fewer"): "at_most", ("or", "under"): "at_most",
    ("and", "below"): "at_most", ("or", "below"): "at_most", ("and", "under"): "at_most", ("or", "lower"): "at_most",
}  # fmt: skip
_CURRENCIES = frozenset({"$", "€", "£"})
_MONEY = frozenset({"dollar", "dollars", "usd", "euro", "euros", "eur", "pound", "pounds", "gbp", "bucks", "quid"})
_PERCENT = frozenset({"%", "percent", "pct"})
_SCALES = {"k": 1_000, "thousand": 1_000, "grand": 1_000, "m": 1_000_000, "mn": 1_000_000, "million": 1_000_000}
_TIMES = frozenset(
    f"{unit}{s}" for unit in ("day", "week", "month", "quarter", "year", "hour", "minute") for s in ("", "s")
)
PHRASE_WORDS_MAX = 3


@dataclass(frozen=True)
class Amount:
    """A number that was said, in major units, up to the word ``last`` (excluded)."""

    value: Decimal
    last: int
    money: bool
    percent: bool
    scaled: bool


@dataclass(frozen=True)
class BoundSpan:
    """Bounds on a figure: words ``first`` to ``last`` (excluded). ``certain`` where they can be nothing else: of
    "over 2019" the number can be a year, too."""

    first: int
    last: int
    bounds: tuple[tuple[Op, Decimal], ...]
    money: bool
    percent: bool
    certain: bool


def find(texts: Sequence[str], first: int) -> BoundSpan | None:
    """The bound that begins at a word, or None."""
    if texts[first] == "between":
        return _between(texts, first)
    for length in range(PHRASE_WORDS_MAX, 0, -1):
        op = _BEFORE.get(tuple(texts[first : first + length]))
        amount = amount_at(texts, first + length) if op is not None else None
        if op is not None and amount is not None and not _is_a_time(texts, amount):
            certain = length > 1 or not _is_a_year(amount)
            return BoundSpan(first, amount.last, ((op, amount.value),), amount.money, amount.percent, certain)
    amount = amount_at(texts, first)
    if amount is None:
        return None
    for length in (2, 1):
        op = _AFTER.get(tuple(texts[amount.last : amount.last + length]))
        if op is not None:
            return BoundSpan(
                first, amount.last + length, ((op, amount.value),), amount.money, amount.percent, certain=True
            )
    return None


def amount_at(texts: Sequence[str], first: int) -> Amount | None:
    """The number that begins at a word: "$ 50", "50 dollars", "50k", "1,200.50", "20 %", "fifty", "a hundred"."""
    place = first
    money = place < len(texts) and texts[place] in _CURRENCIES
    place += 1 if money else 0
    if place >= len(texts):
        return None
    word, scale = texts[place], 1
    if word == "a" and place + 1 < len(texts) and texts[place + 1] in ("hundred", "thousand", "million"):
        word, place = "1", place
    elif word[-1:] in ("k", "m") and word[:-1].replace(",", "").replace(".", "", 1).isdigit():
        word, scale = word[:-1], _SCALES[word[-1]]
    spoken = None if word[:1].isdigit() else number_at(texts, place)
    value = _number(word) if spoken is None else Decimal(spoken[0])
    if value is None:
        return None
    place = place + 1 if spoken is None else spoken[1]
    while place < len(texts) and (texts[place] in _SCALES or texts[place] == "hundred"):
        scale *= _SCALES.get(texts[place], 100)
        place += 1
    percent = place < len(texts) and texts[place] in _PERCENT
    if percent:
        place += 1
    elif place < len(texts) and (texts[place] in _MONEY or texts[place] in _CURRENCIES):
        money = True
        place += 1
    return Amount(value * scale, place, money, percent, scaled=scale > 1)


def _between(texts: Sequence[str], first: int) -> BoundSpan | None:
    low = amount_at(texts, first + 1)
    if low is None or low.last >= len(texts) or texts[low.last] not in ("and", "to", "-"):
        return None
    high = amount_at(texts, low.last + 1)
    if high is None or high.value < low.value or _is_a_time(texts, high):
        return None
    money, percent = low.money or high.money, low.percent or high.percent
    if not (money or percent or low.scaled or high.scaled or (high.value > 31 and not _is_a_year(high))):
        return None  # "between 3 and 9 April", "between 5 and 7": days or hours
    bounds: tuple[tuple[Op, Decimal], ...] = (("at_least", low.value), ("at_most", high.value))
    return BoundSpan(first, high.last, bounds, money, percent, certain=True)


def _number(word: str) -> Decimal | None:
    plain = NUMBERS.get(word, word).replace(",", "")
    if not plain[:1].isdigit():
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def _is_a_year(amount: Amount) -> bool:
    plain = not (amount.money or amount.percent or amount.scaled)
    return plain and amount.value == int(amount.value) and 1990 <= amount.value <= 2100


def _is_a_time(texts: Sequence[str], amount: Amount) -> bool:
    return not amount.money and amount.last < len(texts) and texts[amount.last] in _TIMES
