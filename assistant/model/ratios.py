"""Factors and shares: "twice", "a third of", "of the total" are held against the two figures that they compare."""

from __future__ import annotations

from decimal import Decimal

from assistant.model.motion import alike
from assistant.model.sentence import Item, Unsaid
from assistant.model.wording import Wording

FACTOR_TOLERANCE = Decimal("0.025")
LOOSE_FACTOR_TOLERANCE = Decimal("0.06")


def check_shares(words: Wording) -> None:
    """Unsaid where a share is not said to be one of the whole that the answer is about."""
    for place, one in words.chosen.items():
        if one.kind != "share":
            continue
        whole = one.parts[1]
        if dict(whole.where) != dict(words.topic.where) or whole.when != one.when:
            raise Unsaid("wrong_place", f"{one.id} is a share of something else than the whole")
        if not any(words.shared(at) for at, item in enumerate(words.items) if item.kind == "whole" and at > place):
            raise Unsaid("wrong_number", f"nothing says of what {one.id} is a share")


def check_factors(words: Wording) -> None:
    """Unsaid where a factor is not the ratio of its two figures."""
    for at, item in enumerate(words.items):
        if item.kind != "factor":
            continue
        loose = bool(item.approximate) or item.text.lower().startswith("more")
        ratio = _ratio(words, at, item)
        tolerance = LOOSE_FACTOR_TOLERANCE if loose else FACTOR_TOLERANCE
        off = ratio / item.meaning.factor - 1
        wrong_side = (off <= 0 if item.approximate == "beyond" or item.text.lower().startswith("more") else
                      off >= 0 if item.approximate == "nearly" else False)  # fmt: skip
        if abs(off) > tolerance and not (item.text.lower().startswith("more") and off > 0):
            raise Unsaid("wrong_number", f"{item.text!r} is not the ratio of the two figures")
        if wrong_side:
            raise Unsaid("wrong_number", f"{item.text!r} is not quite so")


def _ratio(words: Wording, at: int, item: Item) -> Decimal:
    verb = item.text.lower().removeprefix("more than ") in ("doubled", "tripled", "quadrupled", "halved")
    if verb:
        values = [place for place in words.beside(at) if words.chosen[place].kind == "value"]
        one = words.chosen[min(values, key=lambda place: (abs(place - at), place < at))] if values else None
        before = words.evidence.sibling(one, "before") if one is not None else None
        change = words.evidence.sibling(one, "change") if one is not None else None
        if (
            one is None
            or before is None
            or change is None
            or before.value <= 0
            or words.when_compared_otherwise(change)
        ):
            raise Unsaid("wrong_number", f"{item.text!r} without the figure of the period before")
        words.also.append(before)
        return one.value / before.value
    before_it = [place for place in words.chosen if place < at]
    after_it = [place for place in words.chosen if place > at]
    if before_it and after_it:
        one, other = words.chosen[max(before_it)], words.chosen[min(after_it)]
        if alike(one, other) and other.value > 0:
            return one.value / other.value
    if before_it and any(each.kind == "whole" for each in words.items[at:]):
        one = words.chosen[max(before_it)]
        for whole in words.evidence.known.values():
            if (whole.kind, whole.metric, dict(whole.where), whole.when) == (
                "value", one.metric, dict(words.topic.where), one.when
            ) and whole.value > 0:  # fmt: skip
                words.also.append(whole)
                return one.value / whole.value
    raise Unsaid("wrong_number", f"{item.text!r} without two figures to compare")
