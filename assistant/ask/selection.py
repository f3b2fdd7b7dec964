"""What a question is about: the names, hours and weekdays that it keeps or leaves out, and what it splits by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import cast

from assistant.ask.hours import HoursSpan
from assistant.ask.items import Item, Items
from assistant.ask.names import CHOICES_MAX, Name, Names, singular_of
from assistant.ask.periods import PeriodSpan
from assistant.ask.reading import Trouble
from assistant.ask.spans import NamedSpan
from assistant.ask.tokens import NUMBERS
from ledger.figures.calendar import WEEKDAYS
from ledger.figures.plan import Dimension, Filter

_SAME: dict[str, tuple[str, ...]] = {
    "store": ("store", "region", "owner"), "account": ("account", "tender"), "customer": ("customer",),
}  # fmt: skip
"""Dimensions whose names a word for another one may follow: "Rosa Marlow's stores", "the cash account"."""
_PLACES = (["in"], ["at"], ["from"], ["through"])
_EACH = frozenset({"each", "every", "per"})
_ALL_OF_THEM = ("stores", "shops", "locations", "tills", "registers", "branches")
"""Words for all stores or tills: "sales at our stores". Others, such as "restaurants", can be some of them."""
_ANY_STORE = (("store",), ("shop",), ("location",), ("site",), ("place",), ("branch",))
_PAYING = ("paid", "pay", "pays", "paying", "payment", "payments", "tender", "tenders", "settled")
_BUYERS = ("spent", "spend", "spends", "bought", "buy", "buys", "pay", "paid", "visited", "returned")


@dataclass(frozen=True)
class Kept:
    """A name, some hours or weekdays: what they can be values of, whether they are left out, and their first word."""

    names: tuple[Name, ...]
    exclude: bool
    first: int
    last: int


@dataclass
class Selection:
    """The filters and splits of a question. ``singular`` where one row is asked for ("which store")."""

    kept: list[Kept] = field(default_factory=list)
    splits: list[Dimension] = field(default_factory=list)
    each: list[Dimension] = field(default_factory=list)
    """Splits of which each value has rows of its own: "in each store"."""
    singular: bool = False
    asked: bool = False
    """Whether a question word asks for the rows: "which stores"."""
    mentions: list[Item] = field(default_factory=list)

    def split(self, dimension: str) -> None:
        if dimension not in self.splits:
            self.splits.append(cast(Dimension, dimension))

    def filters(self, kept: Sequence[Kept] | None = None) -> list[tuple[Filter, ...]]:
        """The filters, in as many versions as the names allow readings: a name can be of an item and a category."""
        wanted = self.kept if kept is None else kept
        versions = [[(name, one.exclude) for name in one.names][:CHOICES_MAX] for one in wanted]
        found: list[tuple[Filter, ...]] = []
        for chosen in product(*versions):
            found.append(_merged(chosen))
            if len(found) == CHOICES_MAX:
                break
        return found


def selection(items: Items, names: Names) -> Selection:
    """The selection of a question; what is mentioned without a role is left in ``mentions``."""
    found = Selection()
    for item in items.free("dimension"):
        before = items.before(item, "rank", near=0)
        if before is not None and items.words(item) in ("seller", "sellers"):
            item.value = "item"  # "the best sellers" are goods, "by seller" and "which seller" people
    _splits(items, found)
    _kept(items, found)
    for item in items.free("dimension"):
        _mention(items, item, found, names)
    return found


def _merged(chosen: Sequence[tuple[Name, bool]]) -> tuple[Filter, ...]:
    merged: dict[tuple[Dimension, bool], list[str]] = {}
    for name, exclude in chosen:
        into = merged.setdefault((name.dimension, exclude), [])
        into += [value for value in name.values if value not in into]
    return tuple(Filter(dimension=name, values=tuple(v), exclude=exclude) for (name, exclude), v in merged.items())


def _splits(items: Items, found: Selection) -> None:
    for item in items.free("grain"):
        item.taken = True
        found.split(item.value)
        found.singular = True
    for item in items.free("asking"):
        item.taken = True
        if item.value == "who" and not _asks(items, item):
            continue  # "customers who ..."
        if item.value == "who":
            buying = items.says(*_BUYERS)
            found.split("customer" if buying else "cashier")
            found.singular = found.asked = True
        elif item.value == "where":
            found.split("store")
            found.singular = found.asked = True
        else:
            _split_by(items, item, found, asking=True)
    for item in items.free("split"):
        before, singular = len(found.splits), found.singular
        _split_by(items, item, found, asking=False)
        if _EACH & {*items.texts[item.first : item.last]}:
            found.each += found.splits[before:]
            found.singular = singular if before else found.singular


def _asks(items: Items, item: Item) -> bool:
    """Whether "who" asks: at the beginning, or after a mere joining word."""
    return item.first == 0 or items.texts[item.first - 1] in ("and", "by", "show", "me", "tell", "see", "know")


def _split_by(items: Items, item: Item, found: Selection, *, asking: bool) -> None:
    """The dimensions after "by", "per" or "which": one, or more joined by "and"."""
    place, first = item.last, True
    for other in items.listed[item.place + 1 :]:
        joined = not first and "and" in items.texts[place : other.first]
        if other.kind in ("rank", "nth", "fold", "mover") and first:
            place = other.last
            continue
        if asking and first and other.kind == "name" and _several(other):
            found.split(cast(NamedSpan, other.span).names[0].dimension)  # "which of the stores 1, 2 and 3"
            found.singular = found.asked = True
        if first and other.kind == "metric" and not asking and other.first - place <= 1:
            item.taken = True  # "by net sales" orders, and splits nothing
        if other.taken or other.kind != "dimension" or not (first or joined or _listed(items, place, other)):
            break
        other.taken = True
        found.split(other.value)
        found.singular = not items.is_plural(other)
        found.asked = found.asked or asking
        place, first = other.last, False
    item.taken = item.taken or asking or not first


def _several(item: Item) -> bool:
    names = cast(NamedSpan, item.span).names
    return len(names) == 1 and len(names[0].values) > 1


def _listed(items: Items, place: int, other: Item) -> bool:
    return other.first == place and not items.is_plural(other)


def _kept(items: Items, found: Selection) -> None:
    excluding = False
    last_exclude: Item | None = None
    narrows = {item.place for item in items.free("period") if _narrows(items, item)}
    dated = len(narrows) < len(items.free("period")) or any(_is_weekdays(item) for item in items.free("name"))
    dated = dated or any(item.kind == "fold" and item.place + 1 in narrows for item in items)
    for item in items.listed:
        if item.kind == "exclude" and not item.taken:
            excluding, last_exclude = True, item
            item.taken = True
            continue
        if item.taken and item.kind not in ("dimension",):
            excluding = excluding and item.kind in ("metric", "exclude")
            continue
        if item.kind == "exclude_after" and not item.taken:
            item.taken = _exclude_last(items, item, found)
            continue
        names = _names_of(items, item) if item.place not in narrows or dated else None
        if names is None:
            if item.kind not in ("dimension", "metric"):
                excluding = False
            continue
        item.taken = True
        names = _no_tender(items, names)
        excluding = excluding and not _goes_elsewhere(items, found, names, item)
        _keep(items, found, Kept(names, excluding, item.first, item.last))
        last_exclude = None if excluding else last_exclude
    if last_exclude is not None:
        said = items.words(last_exclude)
        raise Trouble("abstained", f"I did not understand what “{said}” leaves out: no name follows it.")


def _no_tender(items: Items, names: tuple[Name, ...]) -> tuple[Name, ...]:
    """What is a place as well as a tender is the place, where nothing is paid: "sold online"."""
    elsewhere = tuple(one for one in names if one.dimension != "tender")
    of_place = any(one.dimension in ("store", "region", "channel") for one in elsewhere)
    return elsewhere if of_place and not items.says(*_PAYING) else names


def _keep(items: Items, found: Selection, one: Kept) -> None:
    """Keep names; hours beside other hours narrow them, unless "and" or "or" joins them: "lunchtime (12 to 2pm)"."""
    before = found.kept[-1] if found.kept else None
    below = None if before is None or before.exclude != one.exclude else _below(items, before, one)
    if below is not None:
        found.kept[-1] = below
        return
    hours = one.names[0].dimension == "hour"
    if before is None or not hours or before.names[0].dimension != "hour":
        found.kept.append(one)
        return
    both = [value for value in before.names[0].values if value in one.names[0].values]
    if both and not {"and", "or"} & set(items.texts[before.last : one.first]):
        found.kept[-1] = Kept((Name("hour", tuple(both)),), one.exclude, before.first, one.last)
    else:
        found.kept.append(one)


def _goes_elsewhere(items: Items, found: Selection, names: tuple[Name, ...], item: Item) -> bool:
    """Whether a name after one that is left out is of another dimension, and no more left out: "except food, Lune
    Bar"."""
    before = found.kept[-1] if found.kept and found.kept[-1].exclude else None
    if before is None or {"and", "or", "nor"} & {*items.texts[before.last : item.first]}:
        return False
    return not {one.dimension for one in before.names} & {one.dimension for one in names}


def _below(items: Items, before: Kept, one: Kept) -> Kept | None:
    """ "Men's trousers": the category of the second name that lies below the first, where nothing joins the two."""
    if before.last != one.first or one.first - 1 in items.commas:
        return None
    above = [name for name in before.names if name.dimension == "category"]
    paths = [value for name in one.names if name.dimension == "category" for value in name.values]
    within = tuple(path for path in paths for name in above for top in name.values if path.startswith(f"{top} / "))
    if not within:
        return None
    return Kept((Name("category", within),), one.exclude, before.first, one.last)


def _exclude_last(items: Items, item: Item, found: Selection) -> bool:
    """ "Fridays and Saturdays excluded": the names just before are left out."""
    place, changed = item.first, False
    for at in range(len(found.kept) - 1, -1, -1):
        one = found.kept[at]
        between = items.texts[one.last : place]
        if any(word not in ("and", "or", "are", "is", "be", "being") for word in between):
            break
        if changed and one.names[0].dimension == "hour" and not between:
            break  # "between 10am and 1pm (13:00 excluded)"
        found.kept[at] = Kept(one.names, True, one.first, one.last)
        place, changed = one.first, True
    return changed


def _narrows(items: Items, item: Item) -> bool:
    """Whether a period is a weekday or a weekend said alone, which narrows another period, if there is one."""
    return cast(PeriodSpan, item.span).weekday is not None or items.words(item) in ("weekend", "the weekend")


def _is_weekdays(item: Item) -> bool:
    return isinstance(item.span, NamedSpan) and item.span.names[0].dimension == "weekday"


def _names_of(items: Items, item: Item) -> tuple[Name, ...] | None:
    """The values that an item keeps, or None."""
    span = item.span
    if isinstance(span, NamedSpan):
        return span.names
    if isinstance(span, HoursSpan):
        return (Name("hour", tuple(str(hour) for hour in span.hours)),)
    if isinstance(span, PeriodSpan) and _narrows(items, item):
        days = WEEKDAYS[5:] if span.weekday is None else (WEEKDAYS[span.weekday],)
        return (Name("weekday", days),)
    return None


def _mention(items: Items, item: Item, found: Selection, names: Names) -> None:
    """A dimension that was said without "by": "all stores" keeps everything, a name of that kind is one, too."""
    phrase = tuple(items.texts[item.first : item.last])
    dimension = cast(Dimension, item.value)
    same = names.whole(phrase, (dimension,)) or names.whole(singular_of(phrase), (dimension,))
    before = [word for word in items.texts[max(0, item.first - 2) : item.first] if word not in ("the", "our")]
    ranked = items.before(item, near=1)
    if ranked is None:
        ranked = next((one for one in reversed(items.listed[: item.place]) if one.last >= item.first - 1), None)
    joined = bool(found.mentions) and items.texts[item.first - 1] == "and"
    if not same and (joined or (ranked is not None and ranked.kind in ("rank", "mover", "nth"))):
        found.mentions.append(item)
        return
    called = items.texts[item.first - 1 : item.first] == ["the"] and phrase not in _ANY_STORE
    one_of = names.part(phrase, (dimension,)) if called else []
    if not same and len(one_of) == 1 and not items.is_plural(item):
        same = one_of  # "the Outlet", of one store that is called so
    if phrase == ("day",) and items.before(item, "period", near=0) is not None:
        item.taken = True  # "Halloween day, 31 October"
        return
    if _is_all_of_them(items, item, len(names.values(dimension))):
        item.taken = True
        if items.says("split", "between"):
            found.split(dimension)  # "split between the two sites"
        return
    if phrase == ("group",) and not items.free("asking") and items.texts[item.first - 1 : item.first] != ["by"]:
        item.taken = True  # the whole business
        return
    if phrase == ("weekday",) and not items.free("rank", "asking"):
        same = [Name("weekday", WEEKDAYS[:5])]
    if dimension == "category" and items.is_plural(item) and _is_of_one(found, item):
        item.taken = True
        found.split("subcategory")
    elif same:
        item.taken = True
        found.kept.append(Kept(tuple(same), False, item.first, item.last))
    elif items.says("each", "individually", "separately") and items.is_plural(item) and _of_named(found, dimension):
        item.taken = True
        found.split(dimension)  # "Li Wei's stores, sales each"
    elif (
        (before[-1:] in _PLACES and phrase[-1] in _ALL_OF_THEM)
        or before[-1:] == ["all"]
        or _is_everybody(items, item)
        or _of_named(found, dimension)
    ):
        item.taken = True
    else:
        found.mentions.append(item)


def _is_all_of_them(items: Items, item: Item, count: int) -> bool:
    """Whether as many are said as there are: "both houses", "all three stores"."""
    said = [word for word in items.texts[max(0, item.first - 2) : item.first] if word not in ("the", "our", "of")]
    number = {"both": "2"}.get(said[-1], NUMBERS.get(said[-1], said[-1])) if said else ""
    return count > 1 and number == str(count) and items.is_plural(item) and not items.free("asking", "rank", "mover")


def _of_named(found: Selection, dimension: Dimension) -> bool:
    """Whether a name is kept that a word for a dimension may belong to."""
    return any(name.dimension in _SAME.get(dimension, (dimension,)) for one in found.kept for name in one.names)


def _is_of_one(found: Selection, item: Item) -> bool:
    """Whether the name of one category stands before a word: "the drink categories"."""
    of_goods = [one for one in found.kept if any(name.dimension == "category" for name in one.names)]
    before = [name for one in of_goods if one.last == item.first and not one.exclude for name in one.names]
    named = {value for one in of_goods for name in one.names for value in name.values}
    return len(before) == 1 and len(named) == 1


def _is_everybody(items: Items, item: Item) -> bool:
    """ "How much in tips did our servers earn?": all of them together, where they are who did it."""
    at = item.first - 1
    if at >= 0 and items.texts[at] in ("our", "the", "all"):
        at -= 1
    return at >= 0 and items.texts[at] in _DID and items.is_plural(item) and not items.free("asking", "rank", "mover")


_DID = ("did", "do", "have", "had")
