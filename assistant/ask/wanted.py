"""Which metrics a question wants, where its words name them only in part, and what is made of the groups of things."""

from __future__ import annotations

from decimal import Decimal

from assistant.ask.draft import Draft
from assistant.ask.items import Item
from assistant.ask.lexicon import lexicon
from assistant.ask.reading import Trouble
from ledger.figures import Filter, Plan
from ledger.figures.plan import Condition, Dimension, Each

DEFAULT_METRIC = "net_sales"
SELLING = ("net_sales", "units_sold")
OF_ITEMS: tuple[Dimension, ...] = ("item", "category", "subcategory")
_COUNTED_BY = {
    "item": "units_sold", "category": "units_sold", "subcategory": "units_sold", "jurisdiction": "tax_collected",
    "account": "movement",
}  # fmt: skip
"""The metric by which things are counted, where the question names none: those that have some of it."""
_MONEY = ("dollars", "euros", "pounds", "money", "$", "€", "£", "usd", "eur", "gbp")
_WENT = ("do", "doing", "done", "perform", "performed", "performing", "fare", "fared", "trade", "traded", "trading")
_SELLING_WORDS = {"selling", "sells", "sold", "sell", "bestselling", "bestseller", "bestsellers"}


def metrics(draft: Draft) -> tuple[str, ...]:
    """The metrics of a question: those that it names, or those that its other words stand for. Trouble where neither
    says which."""
    measured = draft.measured
    found = measured.metrics or measured.weak
    for item in draft.items.free("business"):
        item.taken = True
        found = found or list(lexicon().business)
    if measured.fold == "count" and not measured.metrics and measured.groups:
        found = []
    if not measured.metrics and any(_of_an_item(draft, item) for item in draft.items.free("rank")):
        found = ["units_sold"]
    if measured.fold == "average" and found == ["average_ticket"] and measured.groups:
        found = ["net_sales"]
    if found == ["total_collected"] and not measured.metrics and _of(draft, "jurisdiction"):
        found = ["tax_collected"]  # "commercial tax collected"
    found = found or _implied(draft)
    if not found:
        _ask_which(draft)
    return tuple(dict.fromkeys(found))


def _implied(draft: Draft) -> list[str]:
    measured, chosen = draft.measured, draft.chosen
    orders = draft.items.free("rank")
    if any(item.value in ("popular", "unpopular") for item in orders):
        return ["units_sold" if any(name in OF_ITEMS for name in chosen.splits) else "transactions"]
    named = [lexicon().orders[item.value].metric for item in orders]
    if any(named):
        return [name for name in named if name is not None]
    if measured.bounds:
        counted = measured.bounds_tickets and not _lists(draft)
        return ["transactions" if counted else measured.bounds[0].metric]
    if measured.fold == "count":
        return [_COUNTED_BY.get(measured.groups[0], "transactions")]
    if draft.items.has("why") and not draft.items.has("period"):
        raise Trouble("abstained", "Say which figure changed, and in which period.")
    if draft.items.has("rank", "mover", "why", "series") or (measured.share and draft.items.says("sold", "sell")):
        return [DEFAULT_METRIC]
    if draft.items.has("when", "ends"):
        return [DEFAULT_METRIC if draft.items.says("much") else "transactions"]
    if draft.items.has("names") and chosen.splits:
        return [DEFAULT_METRIC]
    if _asks_how_it_went(draft):
        return list(lexicon().business)
    sold = draft.items.says("sold", "sell", "sells", "selling")
    if sold and _of(draft, "item", "category", "subcategory") and not draft.items.says("much", *_MONEY):
        return ["units_sold"] if _of(draft, "item") else []
    in_money = draft.items.says("much", "many") and draft.items.says(*_MONEY)
    in_all = draft.items.says("much", "what", *_MONEY) or _of(draft, "cashier", "store", "channel", "region")
    if in_money or (sold and in_all):
        return [DEFAULT_METRIC]
    if _of(draft, "jurisdiction"):
        return ["tax_collected"]
    if draft.items.says("growth", "grow", "grew"):
        return [DEFAULT_METRIC]
    return ["total_collected"] if _of(draft, "tender") and draft.items.says("much") else []


def _of(draft: Draft, *dimensions: Dimension) -> bool:
    """Whether the question keeps names of one of some dimensions, or splits by one."""
    kept = {name.dimension for one in draft.chosen.kept for name in one.names}
    return bool({*dimensions} & {*kept, *draft.chosen.splits})


def _asks_how_it_went(draft: Draft) -> bool:
    """ "How did the Brasserie do in April?", "how has Downtown performed this year" """
    texts = draft.items.texts
    return texts[:1] == ["how"] and texts[1:2] != ["many"] and draft.items.says(*_WENT)


def _ask_which(draft: Draft) -> None:
    """Trouble: the question names no figure. Choices where it says anything else."""
    choices: list[str | Plan] = []
    chosen = draft.chosen
    if chosen.kept or chosen.splits or draft.items.has("period"):
        base = draft.plan("net_sales")
        others = ("transactions", "average_ticket", "total_collected")
        choices = [base, *(base.model_copy(update={"metrics": (name,)}) for name in others)]
    raise Trouble("clarify" if choices else "abstained", "Which figure is meant? The question names none.", choices)


def is_about_selling(draft: Draft) -> bool:
    """ "best selling" and "sold the most" can be money or pieces, and the words do not decide."""
    orders = [item for item in draft.items if item.kind == "rank"]
    if not orders or draft.measured.metrics or not draft.items.says(*_SELLING_WORDS):
        return False
    if "item" not in draft.chosen.splits:
        return False  # what a store or a person sold the most of is money
    return not any(item.value in ("popular", "unpopular") or _of_an_item(draft, item) for item in orders)


def _of_an_item(draft: Draft, order: Item) -> bool:
    """ "the most flat whites" are pieces of an item."""
    following = next(iter(draft.items.listed[order.place + 1 :]), None)
    named = following is not None and following.kind == "name" and following.first - order.last <= 1
    return named and any(name.dimension in OF_ITEMS for name in following.span.names)  # type: ignore[union-attr]


def each(draft: Draft, wanted: tuple[str, ...]) -> Each | None:
    """What is made of groups: their number, an average over them, or the sum of tickets within bounds."""
    measured = draft.measured
    groups, fold, bounds = list(measured.groups), measured.fold, tuple(measured.bounds)
    if measured.bounds_tickets and _lists(draft):
        return None
    if measured.bounds_tickets and not groups:
        groups = ["ticket"]
        fold = fold or ("count" if wanted[0] in ("transactions", "return_count") else "sum")
    if fold is None or not groups:
        return None
    if fold == "count" and not bounds and wanted[0] not in ("transactions", "net_sales", "units_sold"):
        bounds = (Condition(metric=wanted[0], op="over", value=Decimal(0)),)
    return Each(dimensions=tuple(groups), fold=fold, conditions=bounds)


def _lists(draft: Draft) -> bool:
    listing = draft.items.says("which", "show", "list") and not draft.items.has("count")
    return draft.items.has("names") or listing


def account(draft: Draft, role: str) -> Filter:
    """The accounts of a role, as a filter."""
    chart = draft.context.chart
    if role == "tax":
        known = [one for one in draft.context.names.values("account") if one.startswith(chart.roles["tax"])]
        known += [one for one in chart.taxes.values() if one not in known]
        return Filter(dimension="account", values=tuple(known) or (chart.roles["tax"],))
    accounts = {
        "gift_card": chart.line_kinds["gift_card"],
        "deposit": chart.line_kinds["deposit"],
        "house": chart.line_kinds["account_payment"],
        "card": chart.tenders["card"],
        "transit": chart.roles["deposits_in_transit"],
    }
    return Filter(dimension="account", values=(accounts.get(role) or chart.roles[role],))


BALANCES = frozenset({"balance", "credit_balance", "movement", "credit_movement", "debits", "credits"})
"""Metrics of accounts: a tender that is named beside them is the account that it is collected in."""


def by_account(draft: Draft, filters: tuple[Filter, ...]) -> tuple[Filter, ...]:
    """Filters with the account of a tender in place of the tender."""
    tenders = draft.context.chart.tenders
    accounts = [
        tenders[value] for one in filters if one.dimension == "tender" for value in one.values if value in tenders
    ]
    named = [value for one in filters if one.dimension == "account" for value in one.values]
    others = tuple(one for one in filters if one.dimension not in ("tender", "account"))
    values = tuple(dict.fromkeys([*named, *accounts]))
    return (*others, Filter(dimension="account", values=values)) if values else others
