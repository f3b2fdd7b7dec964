"""A model's sentence as items: figures, names, dates, metrics, words that claim something, and plain ones.

Every character belongs to an item. Where one does not, the sentence is not understood: ``Unsaid``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from assistant.model.evidence import Evidence, Known
from assistant.model.numerals import ORDINALS, Numeral, numeral_at
from assistant.model.vocabulary import Meaning, Vocabulary

PLACEHOLDER = re.compile(r"\{(f\d{1,4})\}")
_POSSESSIVE = re.compile(r"['’]s?(?![A-Za-z])")
_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(
    r"\s+([$€£¥]?\d|((an?|one|two|three)[\s-](half|third|quarter|fifth|tenth)|half|double|twice|one|two|three|four|five|"
    r"six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)\b)",
    re.IGNORECASE,
)
_PLACE = re.compile(r"\s+(a\s+|the\s+)?\{f")
_APPROXIMATE = ("about", "nearly", "beyond")
_PAUSES = ',():–—"“”'
_STOPS = ".;!"


class Unsaid(Exception):
    """A sentence that is not let through; ``reason`` is a word for the count, the message says what was wrong."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass
class Item:
    """A piece of a sentence. ``kind`` is a meaning's, or figure, count, ordinal, pause or stop.

    ``figures`` are those that a figure may be: the one of its placeholder, or those that a written number agrees with.
    """

    kind: str
    text: str
    start: int
    end: int
    meaning: Meaning = field(default_factory=lambda: Meaning("plain"))
    figures: tuple[Known, ...] = ()
    numeral: Numeral | None = None
    number: int = 0
    approximate: str = ""


def items_of(text: str, evidence: Evidence, vocabulary: Vocabulary) -> list[Item]:
    """The items of a sentence. Unsaid where a part of it is not understood."""
    folded = text.lower()
    if len(folded) != len(text):
        raise Unsaid("unknown_word", "a letter that cannot be compared")
    found: list[Item] = []
    at = 0
    while at < len(text):
        space = _SPACE.match(text, at)
        if space:
            at = space.end()
            continue
        item = _item(text, folded, at, evidence, vocabulary, found)
        found.append(item)
        at = item.end
    return _with_approximations(_grouped(found))


def _item(text: str, folded: str, at: int, evidence: Evidence, vocabulary: Vocabulary, found: list[Item]) -> Item:
    placeholder = PLACEHOLDER.match(text, at)
    if placeholder:
        return _placeholder(text, placeholder, evidence)
    letter = text[at]
    if letter in _STOPS or letter in _PAUSES:
        return Item("stop" if letter in _STOPS else "pause", letter, at, at + 1)
    possessive = _POSSESSIVE.match(text, at)
    if possessive and found and found[-1].end == at and found[-1].kind in ("name", "plain", "when", "dimension"):
        return Item("plain", possessive.group(), at, possessive.end())
    begins = at == 0 or not (text[at - 1].isalnum() or text[at - 1] in "_.")
    loose = vocabulary.approximation_at(text, folded, at) if begins else None
    if loose is not None and _number_follows(text, loose[0], loose[1]):
        return Item(loose[1], text[at : loose[0]], at, loose[0])
    meant = vocabulary.at(text, folded, at) if begins else None
    number = numeral_at(text, at, evidence.currency, evidence.locale) if begins else None
    if meant is not None and (number is None or meant[0] >= number.end):
        end, meaning = meant
        if meaning.kind == "unclear":
            raise Unsaid("unknown_word", f"{text[at:end]!r} names several things")
        return Item(meaning.kind, text[at:end], at, end, meaning)
    ordinal = re.match(r"[A-Za-z0-9]+", text[at:])
    if begins and ordinal and ordinal.group().lower() in ORDINALS:
        word = ordinal.group()
        return Item("ordinal", word, at, at + len(word), number=ORDINALS[word.lower()])
    if number is not None:
        return Item("figure", text[at : number.end], at, number.end, numeral=number)
    if letter == "-" and found and found[-1].end == at and text[at + 1 : at + 2].isalpha():
        return Item("plain", "-", at, at + 1)
    shown = re.match(r"\S+", text[at:])
    raise Unsaid("unknown_word", f"{shown.group()[:40] if shown else letter!r} is not understood")


def _placeholder(text: str, found: re.Match[str], evidence: Evidence) -> Item:
    known = evidence.known.get(found[1])
    if known is None:
        raise Unsaid("unknown_figure", f"{found.group()} is no figure that was computed")
    before, after = text[: found.start()], text[found.end() :]
    if (before and not before[-1].isspace() and before[-1] not in '(“"') or re.match(
        r"(?![\s,.;:!)'’”\"]|$)|[,.;:!](?!\s|$|[)”\"])", after
    ):
        raise Unsaid("touched_figure", f"{found.group()} has something written against it")
    return Item("figure", found.group(), found.start(), found.end(), figures=(known,))


def _number_follows(text: str, end: int, kind: str) -> bool:
    """Whether a written number comes next; after "about" it may be a figure's place, too."""
    return _NUMBER.match(text, end) is not None or (kind == "about" and _PLACE.match(text, end) is not None)


def _grouped(items: list[Item]) -> list[Item]:
    """Names in a row become one item that names them all, where they can be of one dimension: ``A, B and C``."""
    found: list[Item] = []
    for item in items:
        if item.kind == "name" and found:
            joined = _joined(found, item)
            if joined is not None:
                found = joined
                continue
        found.append(item)
    return found


def _joined(found: list[Item], item: Item) -> list[Item] | None:
    back = len(found)
    while back and found[back - 1].text.lower() in (",", "and", "or", "the"):
        back -= 1
    if back == len(found) or not back or found[back - 1].kind != "name":
        return None
    if not any(one.text.lower() in ("and", "or", ",") for one in found[back:]):
        return None
    before = found[back - 1]
    if before.meaning.quoted or item.meaning.quoted:
        return None
    names = []
    for dimension, narrowed in before.meaning.names:
        others = [other for name, other in item.meaning.names if name == dimension]
        if others:
            values = narrowed.values.union(*(other.values for other in others[:1]))
            names.append((dimension, type(narrowed)(values)))
    if not names:
        return None
    meaning = Meaning("name", names=tuple(names))
    return [*found[: back - 1], Item("name", "", before.start, item.end, meaning)]


def _with_approximations(items: list[Item]) -> list[Item]:
    """Words such as "about" go into the number or the factor that they stand before."""
    found: list[Item] = []
    waiting = ""
    for item in items:
        if item.kind in _APPROXIMATE:
            waiting = item.kind
            continue
        if waiting:
            if item.text.lower() in ("a", "an", "the"):
                found.append(item)
                continue
            if item.kind not in ("figure", "factor"):
                raise Unsaid("unknown_word", f"{waiting!r} without a number")
            item.approximate, waiting = waiting, ""
        found.append(item)
    if waiting:
        raise Unsaid("unknown_word", f"{waiting!r} without a number")
    return found


def agreeing(item: Item, known: Iterable[Known]) -> list[Known]:
    """The figures that a written number agrees with, at the precision that it claims."""
    numeral = item.numeral
    assert numeral is not None
    return [one for one in known if _agrees(numeral, item.approximate, one)]


def _agrees(numeral: Numeral, approximate: str, one: Known) -> bool:
    if numeral.unit != _unit_of(one):
        return False
    moves = one.kind in ("change", "change_rate", "difference")
    value = one.value if numeral.signed or not moves else abs(one.value)
    written = numeral.value
    step = numeral.loose_step if approximate else numeral.step
    if approximate == "beyond":
        return written < value <= written + max(step, abs(written) / 10)
    if approximate == "nearly":
        return written - max(step, abs(written) / 10) <= value < written
    return abs(value - written) <= step / 2


def _unit_of(one: Known) -> str:
    """What has to be written beside a number of a figure: a currency, ``%``, ``points``, or nothing."""
    money = len(one.unit) == 3 and one.unit.isupper()
    return one.unit if money or one.unit in ("%", "points") else ""


def is_small_whole(numeral: Numeral) -> bool:
    """Whether a number may count rows."""
    return (
        numeral.unit == ""
        and not numeral.signed
        and numeral.value == numeral.value.to_integral_value()
        and (Decimal(0) < numeral.value < Decimal(10_000))
    )
