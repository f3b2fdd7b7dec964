"""Numbers that look like a date and are none: of tickets and items, amounts, telephones."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NUMBERED = frozenset(
    [
        "ticket",
        "order",
        "sku",
        "item",
        "invoice",
        "receipt",
        "transaction",
        "check",
        "table",
        "store",
        "shop",
        "register",
        "terminal",
        "lane",
        "phone",
        "tel",
        "fax",
        "id",
        "no",
        "nr",
        "number",
        "ref",
        "reference",
        "upc",
        "ean",
        "barcode",
        "plu",
        "code",
        "po",
        "batch",
        "document",
        "account",
        "card",
        "model",
        "version",
        "voucher",
        "coupon",
        "zip",
        "postcode",
        "route",
        "room",
        "size",
    ]
)
"""A number right after one of these is a name."""
_PLACES = frozenset(["store", "shop", "register", "terminal", "lane", "item", "account", "table", "model"])
"""A full date after one of these is a date all the same: "by store, 2026-10-01"."""
_DIMENSIONS = frozenset(
    [
        "by",
        "per",
        "each",
        "every",
        "and",
        "or",
        "which",
        "what",
        "average",
        "avg",
        "mean",
        "median",
        "largest",
        "biggest",
        "highest",
        "smallest",
        "lowest",
    ]
)
"""After these the words above are what figures are divided by, or a metric: "average ticket, 2026"."""
_YEAR = re.compile(r"(?:19|20)\d{2}")
"""Alone after "below", or after "over" where something grows, it is a year: an amount would have its currency."""
_GROWING = frozenset(
    ["growing", "grown", "grew", "growth", "rising", "falling", "trend", "developed", "change", "changed"]
)
_FULL_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_CURRENCIES = frozenset(["$", "€", "£", "usd", "eur", "gbp"])
_AMOUNTS = frozenset(
    [
        "dollars",
        "dollar",
        "usd",
        "eur",
        "euro",
        "euros",
        "gbp",
        "pounds",
        "cents",
        "bucks",
        "%",
        "percent",
        "points",
        "k",
    ]
)
_COMPARISONS = frozenset(["over", "above", "under", "below", "exceeding", "exceeds", "least", "most"])
_COMPARISONS_OF_TWO = frozenset(
    (one, other) for one in ("more", "less", "fewer", "greater", "larger", "smaller") for other in ("than",)
)
_AFTER_THE_NTH = frozenset(
    ["and", "at", "by", "compared", "for", "from", "in", "on", "only", "to", "until", "vs", "versus", "-", "?", "."]
)
_AT = frozenset(["at", "on", "over", "since", "from", "until", "to", "before", "after", "by", "around"])
_AFTER_MAY = frozenset(["i", "we", "you", "he", "she", "they", "it", "be", "have", "not"])


def _is_of_time(texts: Sequence[str], first: int) -> bool:
    before = texts[first - 1]
    return before in ("above", "below", "under") or (before == "over" and bool(_GROWING & {*texts[: first - 1]}))


def is_no_date(texts: Sequence[str], first: int, last: int) -> bool:
    """Whether the words around a match say that it is something else."""
    word = texts[first]
    before = texts[first - 1] if first else ""
    after = texts[last] if last < len(texts) else ""
    if word == "may" and last == first + 1 and after in _AFTER_MAY:
        return True
    if (word, texts[last - 1]) == ("new", "year") and last == first + 2:
        return before not in _AT  # "new year cards"
    if word == "the" and last == first + 2:  # "the 3rd" is a day, "the 3rd best" none
        return bool(after) and after not in _AFTER_THE_NTH
    if not word[:1].isdigit():
        return False
    if before in _CURRENCIES:
        return True
    if before in _NUMBERED and (first < 2 or texts[first - 2] not in _DIMENSIONS):
        return before not in _PLACES or not _FULL_DATE.fullmatch(word)
    if before == "-" and first > 1 and texts[first - 2][:1].isdigit():
        return True  # the rest of a longer number, "555-2024"
    bare = last == first + 1
    if after == "-" and bare and last + 1 < len(texts) and texts[last + 1].isdigit():
        return True
    if bare and word.replace(".", "").isdigit():
        return (
            (before in _COMPARISONS and not (_YEAR.fullmatch(word) and _is_of_time(texts, first)))
            or (texts[first - 2] if first > 1 else "", before) in _COMPARISONS_OF_TWO
            or (after in _AMOUNTS)
        )
    return bare and "/" in word and word.count("/") == 1 and len(word) <= 4 and after not in _AFTER_THE_NTH | {""}
