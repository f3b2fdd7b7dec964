"""What a question measures: metrics, ratios of two, counts of things, averages over groups, shares, bounds on figures.

Each function takes the items that it explains and adds to a ``Measures``. The order in which they run is that of
``measures``: the longer a pattern, the earlier.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import cast

from assistant.ask.amounts import BoundSpan, Op
from assistant.ask.items import Item, Items
from assistant.ask.lexicon import lexicon
from assistant.ask.reading import Trouble
from ledger.figures import METRICS
from ledger.figures.calendar import IN_TIME
from ledger.figures.plan import Condition, Dimension, Each, Fold, Plan

COUNTS = frozenset({"transactions", "return_count", "void_count", "units_sold"})
WEAK = frozenset({
    "cost", "collected", "make", "sell", "sold for", "returned", "money taken", "short", "payments", "income",
    "collect", "tipped", "discounted", "voided", "net", "sale", "take in", "took in", "coll", "turn over",
    "turned over", "ring up", "rung up", "rang up", "spend", "spent", "spends", "redeemed", "bring in",
    "brought in", "brings in", "bringing in", "pull in", "pulled in", "earn", "earned", "earns", "earning",
})  # fmt: skip
"""Words for a metric that are mere verbs or qualities beside the name of another: "tips collected"."""
_QUALITIES = {"voided": "void_count", "cancelled": "void_count", "returned": "return_count", "refunded": "return_count"}
"""Words for a kind of tickets, with the number of these: "voided checks"."""
_SPLITTING = ("by", "over", "across", "break", "breakdown", "split", "each", "per")
_BEING = frozenset({"got", "were", "was", "been", "being", "are", "have", "had", "that", "which", "did", "we", "get"})
_WEAK_ALONE = frozenset(
    {
        "ring up",
        "rung up",
        "turn over",
        "collected",
        "make",
        "sell",
        "money taken",
        "payments",
        "collect",
        "income",
        "sale",
    }
)
PER = frozenset({"per", "each", "every", "a", "an", "for"})
OF_TICKETS = frozenset({"discounts", "tips", "service_charges"})
"""Sums that a ticket has or has not: their number is that of the tickets that have some."""
WITH_TAX = frozenset(
    [
        "including vat",
        "incl vat",
        "inc vat",
        "with vat",
        "vat included",
        "vat inclusive",
        "inclusive of vat",
        "including gst",
        "incl gst",
        "including tax",
        "incl tax",
        "inc tax",
        "with tax included",
        "inclusive of tax",
        "tax inclusive",
        "after tax",
        "tax included",
        "gross of tax",
    ]
)
WITH = frozenset({"with", "had", "have", "has", "having", "containing", "included", "got", "contain", "include"})


@dataclass
class Measures:
    """What was found: ``fold`` over the groups of ``groups`` that meet ``bounds``, or the rows that do."""

    metrics: list[str] = field(default_factory=list)
    weak: list[str] = field(default_factory=list)
    fold: Fold | None = None
    groups: list[Dimension] = field(default_factory=list)
    bounds: list[Condition] = field(default_factory=list)
    bounds_tickets: bool = False
    share: bool = False
    share_at: int = 0
    """The place of the word that asks for a share: names before it are parts of a whole, or of its scope."""
    counts: bool = False
    average_at: Item | None = None
    account: str | None = None


def measures(items: Items) -> Measures:
    """The measures of a question. Trouble where they do not go together."""
    found = Measures()
    _accounts(items, found)
    _bounds(items, found)
    _tickets_with(items, found)
    _ratios(items, found)
    _counts(items, found)
    _metrics(items, found)
    _worth(items, found)
    _folds(items, found)
    return found


_VALUE_OF = {"return_count": "returns", "void_count": "void_value", "transactions": "net_sales",
             "units_sold": "net_sales"}  # fmt: skip


def _worth(items: Items, found: Measures) -> None:
    """ "How many returns, and what were they worth?": the value beside the number."""
    for item in items.free("worth"):
        item.taken = True
        found.metrics += [_VALUE_OF[one] for one in found.metrics if found.counts and one in _VALUE_OF]


def is_sum(name: str) -> bool:
    return name in METRICS and not METRICS[name].is_ratio


def ratio(top: str, bottom: str) -> str:
    """The name of one metric over another: one of its own, where there is one."""
    name = f"{top} / {bottom}"
    return lexicon().named_ratios.get(name, name)


_OWED = {"tax_collected": "tax", "tips": "tips", "gift_cards_sold": "gift_card"}
"""What is owed, by the metric that says of what."""


def _accounts(items: Items, found: Measures) -> None:
    for item in items.free("owe"):
        of = next((one for one in items.free("metric") if one.value in _OWED), None)
        places = any("jurisdiction" in {name.dimension for name in one.span.names} for one in items.free("name"))  # type: ignore[union-attr]
        cards = any("gift_card" in name.values for one in items.free("name") for name in one.span.names)  # type: ignore[union-attr]
        if of is None and not cards and not places:
            continue
        item.taken = True
        found.account = _OWED[of.value] if of is not None else "tax" if places else "gift_card"
        if of is not None:
            of.taken = True
    for item in items.free("account"):
        item.taken = True
        if found.account not in (None, item.value):
            raise Trouble("clarify", "Two balances are named: ask for one at a time.")
        found.account = item.value
    if found.account is not None:
        found.metrics.append(lexicon().accounts[found.account])
        for item in items.free("name"):
            item.taken = found.account == "gift_card" and any("gift_card" in name.values for name in item.span.names)  # type: ignore[union-attr]


# --- bounds -----------------------------------------------------------------------------------------------------------


def _bounds(items: Items, found: Measures) -> None:
    for item in items.free("bound"):
        span = item.span
        assert isinstance(span, BoundSpan)
        metric = _bounded(items, item, span, found)
        item.taken = True
        short = metric == "over_short" and items.says("short", "shortage", "missing")
        for op, value in span.bounds:
            if short:  # "short by more than $15" is under -15
                op, value = _TURNED.get(op, op), -value
            found.bounds.append(Condition(metric=metric, op=op, value=value))


_TURNED: dict[Op, Op] = {"over": "under", "under": "over", "at_least": "at_most", "at_most": "at_least"}


def _bounded(items: Items, item: Item, span: BoundSpan, found: Measures) -> str:
    """The metric that a bound is on: the one after it ("over $500 in sales"), or the one before."""
    after = items.after(item, "metric", near=3)
    if after is not None and not (span.money and after.value in COUNTS):
        after.taken = True
        tickets = items.before(item, "metric", near=3)
        if tickets is not None and tickets.value == "transactions" and after.value == "net_sales":
            tickets.taken = found.bounds_tickets = True  # "baskets above $500 net"
        return after.value
    pieces = items.after(item, "dimension", near=1)
    if pieces is not None and pieces.value == "item" and not span.money:
        pieces.taken = True
        tickets = items.before(item, "metric", near=3)
        if tickets is not None and tickets.value == "transactions":
            tickets.taken = found.bounds_tickets = True
        return "units_sold"
    grouped = any(other.kind in ("dimension", "grain") for other in items.free("dimension", "grain"))
    goods = any(other.value == "item" for other in items.free("dimension"))
    if goods and not span.money and items.texts[item.last : item.last + 1] == ["sold"]:
        return "units_sold"  # "items with fewer than 10 sold"
    before = items.before(item, "metric", near=3)
    if before is None:
        if span.percent:
            raise Trouble("clarify", f"“{items.words(item)}” of what? Name the figure, such as the return rate.")
        found.bounds_tickets = not grouped
        return "net_sales"
    if before.value in COUNTS and (span.money or (before.value == "transactions" and not grouped)):
        found.bounds_tickets = True
        before.taken = before.value == "transactions"
        return "net_sales"
    if not grouped:
        found.bounds_tickets = True
        if before.value in ("net_sales", "gross_sales") and not items.free("count", "names", "asking", "fold", "share"):
            plans = [
                Plan(metrics=(before.value,), each=Each(dimensions=("ticket",), fold=fold, conditions=conditions))
                for conditions in [tuple(Condition(metric=before.value, op=op, value=v) for op, v in span.bounds)]
                for fold in cast(tuple[Fold, ...], ("count", "sum"))
            ]
            raise Trouble("clarify", f"“{items.words(item)}”: the number of such tickets, or what they come to?", plans)
    before.taken = True
    if not grouped and before.value in _TICKETS_OF:
        found.metrics.append(_TICKETS_OF[before.value])
        return {"return_count": "returns", "void_count": "void_value"}.get(before.value, before.value)
    return before.value


_TICKETS_OF = {"returns": "return_count", "return_count": "return_count", "void_value": "void_count",
               "void_count": "void_count"}  # fmt: skip
"""Tickets of a kind of their own, by what a bound on them is on: "refunds over $40"."""


def _tickets_with(items: Items, found: Measures) -> None:
    """ "Tickets with a discount", "orders that had a tip": tickets on which there is some."""
    for item in items.free("metric"):
        before = items.before(item, "metric", near=4)
        between = set(items.texts[before.last : item.first]) if before is not None else set()
        kind = _QUALITIES.get(items.words(item))
        if before is not None and before.value == "transactions" and kind is not None and between <= _BEING:
            item.taken = before.taken = True  # "how many tickets got voided"
            found.metrics.append(kind)
            continue
        if before is None or before.value != "transactions" or item.value not in OF_TICKETS or not between & WITH:
            continue
        item.taken = before.taken = True
        found.bounds.append(Condition(metric=item.value, op="over", value=Decimal(0)))
        found.bounds_tickets = True


# --- ratios and shares ------------------------------------------------------------------------------------------------


def _ratios(items: Items, found: Measures) -> None:
    for item in items.free("between"):
        both = [one for one in items.free("metric") if one.first >= item.last][:2]
        both = both if len(both) == 2 else [one for one in items.free("metric") if one.last <= item.first][-2:]
        if len(both) < 2:
            raise Trouble("clarify", "The ratio of what to what? Name two figures.")
        _take(found, both[0], both[1])
        item.taken = True
        for other in items.free("both", "against"):
            other.taken = other.first < both[1].first
    for item in items.free("ratio"):
        before = [one for one in items.free("metric") if one.last <= item.first]
        before = [one for one in before if items.words(one) not in WEAK] or before  # "what fees cost us as % of sales"
        after = items.after(item, "metric", near=3)
        if before and after is not None and before[-1].value != after.value:
            _take(found, before[-1], after)
        else:
            for one in before[-1:]:
                one.taken = after is not None
            found.share, found.share_at = True, item.first
        item.taken = True
    for item in items.free("split"):
        after = items.after(item, "metric", near=0)
        if items.texts[item.first] not in PER or after is None:
            continue
        before = [one for one in items.free("metric") if one.last <= item.first]
        bottom = "transactions" if items.words(after) in ("sale", "sales") else after.value
        goods = next((one for one in items.free("dimension") if one.value == "item" and one.last <= item.first), None)
        if not before and goods is not None and bottom == "transactions":  # "tracks per invoice"
            _divide(found, "units_sold", bottom)
            goods.taken = after.taken = item.taken = True
            for average in items.free("fold"):
                average.taken = average.value == "average"
            continue
        if not before or before[-1].value == after.value:
            said = items.words(item) + " " + items.words(after)
            raise Trouble("abstained", f"I did not understand “{said}”: name the figure that is to be divided.")
        _divide(found, before[-1].value, bottom)
        before[-1].taken = after.taken = item.taken = True
        for average in items.free("fold"):
            average.taken = average.value == "average"
    for item in items.free("share"):
        _share(items, item, found)


def _share(items: Items, item: Item, found: Measures) -> None:
    item.taken = True
    bare = {"percentage", "what percentage", "what percent", "percent", "%", "what %", "pct", "the percentage"}
    if items.words(item) in bare and items.free("change", "mover", "against"):
        return  # "by what percentage did it change": the rate of change is told anyway
    before = items.before(item, "metric", near=1)
    after = items.after(item, "metric", near=2)
    others = [one for one in items.free("metric") if after is not None and one.first >= after.last]
    if before is not None and after is not None and before.value != after.value:
        _take(found, before, after)
    elif after is not None and others and others[0].value != after.value and not found.share:
        part = others[0]
        if after.value == "transactions" and part.value in OF_TICKETS:
            after.taken = part.taken = True
            found.metrics.append("transactions")
            found.bounds.append(Condition(metric=part.value, op="over", value=Decimal(0)))
            found.bounds_tickets = found.share = True
            return
        top = lexicon().counted.get(part.value, part.value) if after.value in COUNTS else part.value
        _divide(found, top, after.value)
        after.taken = part.taken = True
    else:
        found.share, found.share_at = True, max(found.share_at, item.first)


def _take(found: Measures, top: Item, bottom: Item) -> None:
    _divide(found, top.value, bottom.value)
    top.taken = bottom.taken = True


def _divide(found: Measures, top: str, bottom: str) -> None:
    if not (is_sum(top) and is_sum(bottom)):
        label = METRICS[top].label if not is_sum(top) and top in METRICS else bottom
        raise Trouble("abstained", f"{label.capitalize()} is a ratio already: I do not divide it again.")
    name = ratio(top, bottom)
    if name not in found.metrics:
        found.metrics.append(name)


# --- counts -----------------------------------------------------------------------------------------------------------


def _counts(items: Items, found: Measures) -> None:
    distinct = items.free("distinct")
    for item in items.free("count"):
        item.taken = found.counts = True
        _count(items, item, found)
    for item in distinct:
        if items.words(item) == "different" and not found.counts and items.says(*_SPLITTING):
            item.taken = True  # "over the different categories"
            continue
        following = items.after(item, "dimension", near=1)
        if following is not None and found.fold is None:
            _count_groups(items, following, found)
        elif found.fold is None and not found.groups:
            raise Trouble("abstained", f"I did not understand what “{items.words(item)}” is to mean here.")
        item.taken = True


def _count(items: Items, item: Item, found: Measures) -> None:
    following = [one for one in items.listed[item.place + 1 :] if not one.taken and one.kind != "nth"]
    distinct = bool(following) and following[0].kind == "distinct"
    following = following[1:] if distinct else following
    if following and following[0].kind in ("fold", "rank"):
        following = following[1:]
    if not following or following[0].first - item.last > 3:
        before = items.before(item, "metric", near=1)
        if before is not None:
            _count_metric(items, before, found)
        elif found.bounds and not found.bounds_tickets and (rows := items.free("dimension")):
            _count_groups(items, rows[0], found)  # "days with sales over 5,000: how many?"
        elif not found.metrics and found.bounds_tickets:  # "baskets above $500: how many?"
            found.metrics.append("transactions")
            found.fold = found.fold or "count"
        return
    first = following[0]
    if first.kind == "metric":
        _count_metric(items, first, found)
    elif first.kind == "dimension":
        bounded = found.bounds and not found.bounds_tickets
        if first.value == "item" and not distinct and not bounded and not items.free("mover"):
            first.taken = True
            found.metrics.append("units_sold")
        else:
            _count_groups(items, first, found)
    elif first.kind == "name":
        metric = next((one for one in following if one.kind == "metric"), None)
        if metric is not None and items.words(metric) not in _WEAK_ALONE - {"payments"}:
            _count_metric(items, metric, found)
        else:
            of_item = any(name.dimension in ("item", "category", "subcategory") for name in first.span.names)  # type: ignore[union-attr]
            found.metrics.append("units_sold" if of_item else "transactions")
            if metric is not None:
                metric.taken = True
    elif not found.metrics:
        metric = next((one for one in following if one.kind == "metric"), None)
        if metric is not None:
            _count_metric(items, metric, found)


def _count_metric(items: Items, item: Item, found: Measures) -> None:
    item.taken = True
    name = lexicon().counted.get(item.value)
    if item.value in OF_TICKETS:
        found.metrics.append("transactions")
        found.bounds.append(Condition(metric=item.value, op="over", value=Decimal(0)))
        found.bounds_tickets = True
    elif name is not None or (item.value in METRICS and METRICS[item.value].is_ratio):
        found.metrics.append(name or item.value)
    else:
        label = METRICS[item.value].label.capitalize() if item.value in METRICS else item.value
        raise Trouble("abstained", f"{label} cannot be counted, only summed: ask “how much”.")
    if found.bounds_tickets:
        found.fold = found.fold or "count"


def _count_groups(items: Items, item: Item, found: Measures) -> None:
    item.taken = True
    if found.fold is not None:
        raise Trouble("abstained", "I count one thing at a time: ask for each by itself.")
    found.fold = "count"
    found.groups.append(cast(Dimension, item.value))


# --- plain metrics ----------------------------------------------------------------------------------------------------


def _metrics(items: Items, found: Measures) -> None:
    named = items.free("metric")
    if (
        len(named) == 2
        and named[1].last == len(items.texts)
        and named[1].first - 1 in items.commas
        and not found.metrics
    ):
        named[0].taken = named[0].value == "transactions"  # "member purchases at weekends, net sales"
    with_tax = any(items.words(item) in WITH_TAX for item in items.free("metric"))
    _kinds_of_tickets(items, found)
    for item in items.free("metric"):
        item.taken = True
        words = items.words(item)
        if with_tax and item.value == "net_sales":
            continue  # "sales including tax" are what was collected
        listed = item.first > 0 and (items.texts[item.first - 1] == "and" or item.first - 1 in items.commas)
        into = found.weak if words in WEAK and not listed else found.metrics
        if item.value not in into:
            into.append(item.value)


def _kinds_of_tickets(items: Items, found: Measures) -> None:
    """ "Voided checks", "returned orders": the number of such tickets."""
    for item in items.free("metric"):
        kind = _QUALITIES.get(items.words(item))
        tickets = items.after(item, "metric", near=0)
        if kind is not None and tickets is not None and tickets.value == "transactions":
            item.taken = tickets.taken = True
            found.metrics.append(kind)


# --- averages ---------------------------------------------------------------------------------------------------------


def _folds(items: Items, found: Measures) -> None:
    """ "Average ... per day", "average daily ...": the dimensions that are averaged over, each taken from the split."""
    for item in items.free("fold"):
        item.taken = True
        of = items.after(item, "dimension", near=0)
        if of is not None and of.value in IN_TIME and item.value == "average":
            of.taken = True
            found.groups.append(of.value)
        if found.fold not in (None, item.value):
            raise Trouble("abstained", "I count things, or average them: ask for one at a time.")
        found.fold = cast(Fold, item.value)
        found.average_at = item
    if found.average_at is None:
        return
    for item in items.free("dimension"):
        if items.texts[max(0, item.first - 1)] in ("a", "an") and not items.is_plural(item):
            item.taken = True
            found.groups.append(cast(Dimension, item.value))
    for item in items.free("grain"):
        item.taken = True
        found.groups.append(cast(Dimension, item.value))
    for item in items.free("split"):
        of = items.after(item, "dimension", near=1)
        if of is not None and items.texts[item.first] in PER:
            of.taken = item.taken = True
            found.groups.append(cast(Dimension, of.value))
