"""Claims of order: the highest, the second best, the top three, followed by. Each is held against the whole result."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.model.evidence import Known
from assistant.model.sentence import Item, Unsaid
from ledger.figures.calendar import NONE

WORDS = ("highest", "lowest", "best", "worst", "busiest", "quietest", "next")
_GOOD = frozenset({"net_sales", "gross_sales", "total_collected", "transactions", "units_sold", "average_ticket",
                   "gross_profit", "gross_margin", "tips", "units_per_transaction"})  # fmt: skip
"""Metrics of which more is better; of others nothing is called best."""
_IN_TIME = ("first", "last")
"""Words that are of amounts only where no noun follows: "came first with", not "the first Saturday"."""
_HIGHEST = Item("highest", "highest", 0, 0)
_NOUN_DISTANCE = 3
_CROSSING, _PAUSING = 100, 4
"""How much farther a figure is beyond the end of a clause, and beyond a comma."""


def checked(items: Sequence[Item], chosen: dict[int, Known], at: int) -> set[int]:
    """The places of a sentence that a claim of order uses, when the claim is true; Unsaid otherwise."""
    item = items[at]
    if item.kind == "next":
        return _next(items, chosen, at)
    if at + 1 < len(items) and items[at + 1].text.lower() == "of" and item.text.lower() in ("most", "least"):
        raise Unsaid("wrong_order", f"{item.text} of something is not computed")
    if not chosen:
        raise Unsaid("wrong_order", f"{item.text!r} without a figure")
    following = items[at + 1] if at + 1 < len(items) else None
    if item.text.lower() in _IN_TIME and following is not None and following.kind not in ("plain", "figure", "pause"):
        raise Unsaid("wrong_order", f"{item.text!r} may be meant in the order of time")
    used: set[int] = set()
    near = at + 1
    number = 1
    if near < len(items) and items[near].kind == "count":
        number = items[near].number
        used.add(near)
    ordinal = _ordinal(items, at)
    if ordinal is not None:
        used.add(ordinal)
    noun = next((one for one in items[at + 1 : at + 2 + _NOUN_DISTANCE] if one.kind == "dimension"), None)
    nearest = min(chosen, key=lambda place: _distance(items, at, place))
    ties = [place for place in chosen if _distance(items, at, place) == _distance(items, at, nearest)]
    dimensions = noun.meaning.dimensions if noun is not None else frozenset()
    plural = noun is not None and noun.text.lower().endswith("s") and ordinal is None
    if near in used or plural:
        ranks = sorted(_rank(one, item, dimensions) for one in chosen.values() if one.kind == "value")
        if ranks != list(range(1, len(ranks) + 1)) or (near in used and len(ranks) != number):
            raise Unsaid("wrong_order", f"those are not the {item.text} ones")
        return used
    wanted = 1 if ordinal is None else items[ordinal].number
    for place in ties:
        if _rank(chosen[place], item, dimensions) != wanted:
            raise Unsaid("wrong_order", f"{chosen[place].id} is not the {item.text}")
    return used


def check_place(items: Sequence[Item], chosen: dict[int, Known], at: int) -> set[int]:
    """ "Airport came second with x": the place of its figure from the top; Unsaid where that is not so."""
    following = items[at + 1] if at + 1 < len(items) else None
    if not chosen or (following is not None and following.kind not in ("plain", "figure", "pause", "than")):
        raise Unsaid("unknown_word", f"{items[at].text} says something that cannot be checked")
    nearest = min(_distance(items, at, place) for place in chosen)
    for place, one in chosen.items():
        if _distance(items, at, place) == nearest and _rank(one, _HIGHEST, frozenset()) != items[at].number:
            raise Unsaid("wrong_order", f"{one.id} is not the {items[at].text}")
    return {at}


def _ordinal(items: Sequence[Item], at: int) -> int | None:
    """The place of "second" in "the second highest"."""
    before = at - 1
    if before >= 0 and items[before].text == "-":
        before -= 1
    return before if before >= 0 and items[before].kind == "ordinal" else None


def _distance(items: Sequence[Item], at: int, place: int) -> int:
    low, high = min(at, place), max(at, place)
    between = items[low + 1 : high]
    crossing = sum(one.kind == "clause" or one.text == ";" for one in between)
    pauses = sum(one.kind == "pause" or one.text.lower() == "and" for one in between)
    return high - low + _CROSSING * crossing + _PAUSING * pauses


def _next(items: Sequence[Item], chosen: dict[int, Known], at: int) -> set[int]:
    """ "A with x, followed by B with y": y comes right after x, in the order that the sentence began with."""
    before = [place for place in chosen if place < at]
    after = [place for place in chosen if place > at]
    stop = next(
        (place for place in range(at, len(items)) if items[place].kind == "clause" or items[place].text == ";"),
        len(items),
    )
    first = next(
        (one for one in items[:at] if one.kind in WORDS and one.kind != "next"), Item("highest", "highest", 0, 0)
    )
    if not before or not after:
        raise Unsaid("wrong_order", f"{items[at].text!r} without an order")
    in_line = [max(before), *sorted(place for place in after if place < stop and chosen[place].kind == "value")]
    ranks = [_rank(chosen[place], first, frozenset()) for place in in_line]
    if ranks != list(range(ranks[0], ranks[0] + len(ranks))) or len(ranks) < 2:
        raise Unsaid("wrong_order", "those do not come next")
    return set()


def _rank(one: Known, word: Item, dimensions: frozenset[str]) -> int:
    """The place of a figure among its like in its result, from 1; Unsaid where that cannot be told."""
    result = one.result
    if result is None or one.kind != "value" or not result.plan.dimensions:
        raise Unsaid("wrong_order", f"{one.id} is not one of several")
    descending = _descending(one, word)
    plan = result.plan
    wanted = [place for place, name in enumerate(plan.dimensions) if not dimensions or name in dimensions]
    if len(wanted) != 1 or any(each.dimension == plan.dimensions[wanted[0]] for each in plan.filters):
        raise Unsaid("wrong_order", "it is not plain among what it is the highest or the lowest")
    (split,) = wanted
    ranking = plan.ranking
    whole = result.row_count == len(result.rows) and not result.truncated and (ranking is None or ranking.skip == 0)
    in_order = (
        ranking is not None
        and (ranking.by, ranking.side, ranking.skip, ranking.descending) == (one.metric, "value", 0, descending)
        and len(plan.dimensions) == 1
    )
    if not whole and not in_order:
        raise Unsaid("wrong_order", "not all rows are there to tell the highest or the lowest")
    mine = result.keys[one.row]
    column = result.columns.index((one.metric, "value"))
    others = [
        row[column].value
        for key, row in zip(result.keys, result.rows, strict=True)
        if key != mine
        and key[split] != NONE
        and all(a == b for at, (a, b) in enumerate(zip(key, mine, strict=True)) if at != split)
    ]
    values = [value for value in others if value is not None]
    if mine[split] == NONE or any(value == one.value for value in values):
        raise Unsaid("wrong_order", f"{one.id} has no place of its own")
    return 1 + sum(value > one.value if descending else value < one.value for value in values)


def _descending(one: Known, word: Item) -> bool:
    kind = word.kind
    if kind in ("highest", "lowest"):
        return kind == "highest"
    if kind in ("busiest", "quietest"):
        if one.metric != "transactions":
            raise Unsaid("wrong_order", f"{word.text!r} is said of transactions only")
        return kind == "busiest"
    if one.metric not in _GOOD:
        raise Unsaid("wrong_order", f"no {one.label} is called {word.text!r}")
    return kind == "best"
