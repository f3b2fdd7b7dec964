"""Which way it went: directions agree with figures, and a change stands only where a change is said."""

from __future__ import annotations

from decimal import Decimal

from assistant.model.evidence import Known
from assistant.model.sentence import Unsaid
from assistant.model.vocabulary import nouns_of_change
from assistant.model.wording import MOVES, Wording

CHANGING = ("up", "down", "moved", "difference")


def check_attached(words: Wording, place: int, one: Known) -> None:
    """A change stands where a change is said, "rose by", "an increase of", "more"; nothing else stands there."""
    if _says_change(words, place) != (one.kind in MOVES):
        raise Unsaid("wrong_direction", f"{one.id} is {'' if one.kind in MOVES else 'not '}a change")


def _says_change(words: Wording, place: int) -> bool:
    """Whether the words at a figure's place say that it is a change or a difference."""
    last = words.items[place - 1] if place else None
    after = place + 1
    if [one.kind if one.kind == "figure" else one.text for one in words.items[after : after + 3]] == [
        "(",
        "figure",
        ")",
    ]:
        after += 3  # "12.00 (4.2%) more"
    following = words.items[after] if after < len(words.items) else None
    if following is not None and following.kind in ("up", "down"):
        return True
    if last is None:
        return False
    word = last.text.lower()
    if last.kind in CHANGING:
        return True
    if word == "by":
        return _noun_or_verb(words, place, nouns_only=False)
    if word in ("or", "and", ",", "(", ":", ";"):
        before = max((at for at in words.chosen if at < place), default=None)
        moved = before is not None and words.chosen[before].kind in MOVES and place - before <= 3
        return moved or (word == "(" and place > 1 and words.items[place - 2].kind in CHANGING)
    return word in ("of", "was", "were", "is", "came to", "to", "came") and _noun_or_verb(words, place, nouns_only=True)


def _noun_or_verb(words: Wording, place: int, *, nouns_only: bool) -> bool:
    """Whether a word of change stands before a figure, with no other figure, clause or pause between."""
    for before in range(place - 1, -1, -1):
        item = words.items[before]
        if item.kind in ("figure", "clause", "stop", "pause"):
            return False
        if item.kind in CHANGING:
            return not nouns_only or item.text.lower() in nouns_of_change()
    return False


def check_directions(words: Wording) -> None:
    """Every direction is borne out by a figure; a change beside one is shown without its sign."""
    ways = [at for at, item in enumerate(words.items) if item.kind in ("up", "down", "level")]
    for at in ways:
        moves = [place for place in words.beside(at) if words.chosen[place].kind in MOVES]
        if moves:
            near = min(abs(place - at) for place in moves)
            for place in moves:
                if abs(place - at) == near:
                    _goes(words, at, words.chosen[place].value)
        else:
            _goes(words, at, _implied(words, at))
    for place, one in words.chosen.items():
        if one.kind not in MOVES:
            continue
        beside = [at for at in ways if place in words.beside(at)]
        if beside:
            near = min(abs(place - at) for at in beside)
            for at in beside:
                if abs(place - at) == near:
                    _goes(words, at, one.value)
            words.sizes.add(place)
        elif one.kind == "difference" and any(item.kind == "difference" for item in words.items):
            words.sizes.add(place)
        elif one.kind == "difference":
            raise Unsaid("wrong_direction", "a difference without a direction")


def _goes(words: Wording, at: int, change: Decimal) -> None:
    kind = words.items[at].kind
    if (kind == "up" and change <= 0) or (kind == "down" and change >= 0) or (kind == "level" and change != 0):
        raise Unsaid("wrong_direction", f"{words.items[at].text!r} is not the way it went")


def _implied(words: Wording, at: int) -> Decimal:
    """The change that a direction without a figure of its own speaks of."""
    than = next((place for place in range(at, min(at + 5, len(words.items))) if words.items[place].kind == "than"
                 or words.items[place].text.lower() in ("ahead of", "behind")), None)  # fmt: skip
    if than is not None and words.items[than].text.lower() not in ("from", "on", "over", "since"):
        return _apart_by(words, at, than)
    values = [place for place in words.beside(at) if words.chosen[place].kind in ("value", "before")]
    if not values:
        raise Unsaid("wrong_direction", f"{words.items[at].text!r} without a figure")
    one = words.chosen[min(values, key=lambda place: (abs(place - at), place < at))]
    change = words.evidence.sibling(one, "change")
    if change is None or words.when_compared_otherwise(change):
        raise Unsaid("wrong_direction", f"{words.items[at].text!r} without a change that was computed")
    words.also.append(change)
    return change.value


def _apart_by(words: Wording, at: int, than: int) -> Decimal:
    """By how much the figure before "than" is more than the one after it."""
    before = [place for place in words.chosen if place < than]
    after = [place for place in words.chosen if place > than]
    if before and after:
        one, other = words.chosen[max(before)], words.chosen[min(after)]
        if (one.metric, one.unit) == (other.metric, other.unit) and {one.kind, other.kind} <= {
            "value",
            "before",
            "sum",
        }:
            return one.value - other.value
    raise Unsaid("wrong_direction", f"{words.items[at].text!r} without two figures to compare")


def alike(one: Known, other: Known) -> bool:
    """Whether two figures can be held against each other."""
    amounts = {one.kind, other.kind} <= {"value", "before", "sum"}
    return amounts and (one.metric, one.unit) == (other.metric, other.unit)
