"""The words of periods: which terminals of ``periods.lark`` a word of a question can be."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.ask.calendar import Unit
from assistant.ask.holidays import NAMES
from assistant.ask.tokens import NUMBERS

WORDS_MAX = 14

MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sep sept", "october oct", "november nov", "december dec"), start=1,
    )
    for name in names.split()
}  # fmt: skip
DAYS = {
    name: number
    for number, names in enumerate(
        ("monday mon", "tuesday tue tues", "wednesday wed weds", "thursday thu thur thurs", "friday fri",
         "saturday sat", "sunday sun")
    )
    for name in names.split()
}  # fmt: skip
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}
_PLAIN = {
    "from": "FROM", "to": "TO", "through": "TO", "thru": "TO", "till": "TO", "-": "TO", "between": "BETWEEN",
    "and": "AND", "since": "SINCE", "after": "AFTER", "before": "BEFORE", "last": "LAST", "previous": "LAST",
    "prior": "LAST", "past": "LAST", "this": "THIS", "current": "THIS", "of": "OF", "in": "IN", "ago": "AGO",
    "today": "TODAY", "yesterday": "YESTERDAY", "weekend": "WEEKEND", "ytd": "X_TO_DATE", "mtd": "X_TO_DATE",
    "qtd": "X_TO_DATE", "wtd": "X_TO_DATE", "beginning": "BEGINNING", "starting": "BEGINNING",
    "commencing": "BEGINNING", "half": "HALF", "start": "BEGINNING", "ending": "ENDING", "ended": "ENDING",
    "end": "END",
}  # fmt: skip
_UNITS = {"day": "DAY", "week": "WEEK", "month": "MONTH", "quarter": "QUARTER", "year": "YEAR_UNIT"}
_UNITS |= {f"{name}s": terminal for name, terminal in _UNITS.items()} | {"wk": "WEEK", "wks": "WEEK", "qtr": "QUARTER"}
UNIT_OF: dict[str, Unit] = {"DAY": "day", "WEEK": "week", "MONTH": "month", "QUARTER": "quarter", "YEAR_UNIT": "year"}
_PHRASES = {
    ("day", "before", "yesterday"): "DAY_BEFORE_YESTERDAY",
    ("before", "last"): "BEFORE_LAST",
    ("to", "date"): "TO_DATE",
    ("up", "to", "and", "including"): "UNTIL_TO",
    ("up", "to"): "UNTIL_TO",
    ("iso", "week"): "WEEK",
    ("calendar", "week"): "WEEK",
    ("all", "time"): "ALL",
    ("all", "dates"): "ALL",
    ("whole", "book"): "ALL",
}
X_TO_DATE: dict[str, Unit] = {"ytd": "year", "mtd": "month", "qtd": "quarter", "wtd": "week"}
_SKIPPED = frozenset({"the", "full", "whole", "entire"})
_FOLLOWS_A_VERB = frozenset({"i", "we", "you", "he", "she", "they", "it"})
"""After these "may" is no month: "may I see"."""


def typed(texts: Sequence[str], first: int) -> list[tuple[tuple[str, ...], str, int]]:
    """The words from one on, as (possible terminals, value, index after it), as far as they can be of a period."""
    made: list[tuple[tuple[str, ...], str, int]] = []
    place = first
    while place < len(texts) and len(made) < WORDS_MAX:
        if texts[place] in _SKIPPED and made:
            place += 1
            continue
        named = max(
            (phrase for phrase in NAMES if tuple(texts[place : place + len(phrase)]) == phrase), key=len, default=()
        )
        if named:
            made.append((("HOLIDAY",), NAMES[named], place + len(named)))
            place += len(named)
            continue
        for phrase, terminal in _PHRASES.items():
            if tuple(texts[place : place + len(phrase)]) == phrase:
                either = ("UNTIL", "TO") if terminal == "UNTIL_TO" else (terminal,)
                made.append((either, texts[place], place + len(phrase)))
                place += len(phrase)
                break
        else:
            types, value = _types(texts, place)
            if not types:
                break
            place += 1
            made.append((types, value, place))
    return made


def _types(texts: Sequence[str], place: int) -> tuple[tuple[str, ...], str]:
    word = texts[place]
    number = NUMBERS.get(word, word)
    types: list[str] = []
    if word == "may" and place + 1 < len(texts) and texts[place + 1] in _FOLLOWS_A_VERB:
        return (), word
    if word == "until":
        types += ["TO", "UNTIL"]
    if word in MONTHS:
        types.append("MONTH_NAME")
    if word in DAYS:
        types.append("DOW")
    if word in _ORDINALS:
        types.append("ORD")
        number = str(_ORDINALS[word])
    if word in _PLAIN:
        types.append(_PLAIN[word])
    if word in _UNITS:
        types.append(_UNITS[word])
    if word[:1] in "0123456789":
        types += _number_types(word)
    elif number != word and not types:
        types.append("INT")
    elif len(word) == 2 and word[0] in "qh" and word[1] in "1234":
        types.append("QUARTER_NAME" if word[0] == "q" else "HALF_NAME")
    return tuple(types), number if number != word else word


def _number_types(word: str) -> list[str]:
    if word.isdigit():
        return [
            *(["YEAR"] if len(word) == 4 and 1900 <= int(word) <= 2199 else []),
            *(["INT"] if len(word) < 4 else []),
        ]
    if word[:-2].isdigit() and word[-2:] in ("st", "nd", "rd", "th"):
        return ["ORD"]
    if len(word) == 10 and word[4] == "-":
        return ["ISO_DATE"]
    if len(word) == 7 and word[4] == "-":
        return ["ISO_MONTH"] if word[5].isdigit() else ["QUARTER_NAME"] if word[5] == "q" else ["ISO_WEEK"]
    if word[:4].isdigit() and word[4:5] == "-":
        return {"w": ["ISO_WEEK"], "q": ["QUARTER_NAME"]}.get(word[5], ["ISO_MONTH"])
    return ["SLASH_DATE"] if word.count("/") == 2 or word.count(".") == 2 else []
