"""What the rows of an answer are: dimensions that are mentioned, series in time, the first or the last, and what an
average is over."""

from __future__ import annotations

from datetime import date
from typing import cast

from assistant.ask.draft import Draft
from assistant.ask.items import Item
from assistant.ask.lexicon import lexicon
from assistant.ask.reading import Trouble
from ledger.figures import Plan
from ledger.figures.calendar import IN_TIME
from ledger.figures.metrics import metric
from ledger.figures.plan import Dimension, Each

DAYS_OF_A_MONTH, DAYS_OF_TWO_MONTHS = 31, 62
_STEP_UNITS: dict[str, Dimension] = {
    "monthly": "month", "month": "month", "weekly": "week", "week": "week", "daily": "business_date",
    "day": "business_date", "quarterly": "quarter", "quarter": "quarter", "yearly": "year", "annual": "year",
    "year": "year",
}  # fmt: skip
_FISCAL_STEP_UNITS: dict[str, Dimension] = {
    "weekly": "fiscal_week", "week": "fiscal_week", "monthly": "fiscal_month", "month": "fiscal_month",
    "period": "fiscal_month", "quarterly": "fiscal_quarter", "quarter": "fiscal_quarter", "year": "fiscal_year",
}  # fmt: skip


def split(draft: Draft) -> None:
    """Read the rows of the answer into the draft. Trouble where a word for them has no part in it."""
    _series(draft)
    for item in draft.items.free("rank"):
        implied = lexicon().orders[item.value].dimension
        if implied is not None:
            draft.chosen.split(implied)
            draft.chosen.singular = True
    _ends(draft)
    _mentions(draft)
    if not draft.chosen.splits:
        _goods_of_a_kind(draft)
    if draft.measured.fold in ("average", "median") and not draft.measured.groups:
        _average_over(draft)
    if draft.items.has("rank"):  # "the best item in each store": the stores come first
        draft.chosen.splits.sort(key=lambda name: name not in draft.chosen.each)
    if draft.series is not None and not _in_time(draft):
        draft.chosen.splits.insert(0, draft.step or _grain(draft))


def _in_time(draft: Draft) -> bool:
    return any(name in IN_TIME for name in draft.chosen.splits)


def _series(draft: Draft) -> None:
    two = len(draft.items.free("period")) > 1
    for item in draft.items.free("series"):
        item.taken = True
        if item.value == "growing" and two:
            continue  # "is knitwear growing? Q4 2025 versus Q4 2024"
        if draft.items.words(item) == "cumulatively" and not _in_time(draft):
            continue  # "brought in cumulatively up to Easter": the whole of it
        named = "trend" if item.value == "growing" else item.value
        draft.series = draft.series or named  # type: ignore[assignment]
        words = draft.items.words(item).split()
        units = _FISCAL_STEP_UNITS if "fiscal" in words else _STEP_UNITS
        draft.step = next((unit for word, unit in units.items() if word in words), draft.step)


def _grain(draft: Draft) -> Dimension:
    """Days within a month, weeks within two, else months."""
    found = [item.span for item in draft.items.free("period")]
    if len(found) != 1:
        return "month"
    start, end = found[0].start, found[0].end  # type: ignore[union-attr]
    if not isinstance(start, date) or not isinstance(end, date):
        return "month"
    days = (end - start).days + 1
    return "business_date" if days <= DAYS_OF_A_MONTH else "week" if days <= DAYS_OF_TWO_MONTHS else "month"


def _ends(draft: Draft) -> None:
    """ "when was the first ...", "the last day with ...": the first or the last day."""
    items, chosen = draft.items, draft.chosen
    ends, when = items.free("ends"), items.free("when")
    for item in when:
        item.taken = True
    if not ends:
        if when and not chosen.splits:
            if not draft.items.has("rank", "mover"):
                raise Trouble("abstained", "I can say when the first or the last was, or the best day: ask so.")
            chosen.split("business_date")
            chosen.singular = True
        return
    near = [items.after(item, "dimension", "metric", "name", near=1) for item in ends]
    if not when and not any(near) and not _in_time(draft):
        said = items.words(ends[0])
        raise Trouble("abstained", f"I did not understand what “{said}” is to do here, so I give no figure.")
    if len({item.value for item in ends}) > 1:
        raise Trouble("clarify", "The first or the last? The question says both.")
    for item in ends:
        item.taken = True
    draft.end = "first" if ends[0].value == "first" else "last"
    units = [one.value for one in near if one is not None and one.value in IN_TIME]
    if not _in_time(draft):
        chosen.split(units[0] if units else "business_date")
    chosen.singular = True


def _mentions(draft: Draft) -> None:
    """Dimensions that were said without "by": of a ranking they are its rows ("top 5 items")."""
    items, chosen, measured = draft.items, draft.chosen, draft.measured
    ranked = bool(items.free("rank", "mover"))
    for item in chosen.mentions:
        item.taken = True
        joined = item.first > 0 and items.texts[item.first - 1] == "and" and bool(chosen.splits)
        if item.value in (*chosen.splits, *measured.groups):
            continue
        if item.value == "item" and not measured.metrics and items.texts[item.last : item.last + 1] == ["sold"]:
            measured.metrics.append("units_sold")
        elif ranked and (joined or chosen.splits == chosen.each or _is_ranked(draft, item)):
            chosen.each = chosen.each if joined else list(chosen.splits)
            chosen.split(item.value)
            chosen.singular = not items.is_plural(item)
        elif not chosen.splits and _makes_rows(draft, item):
            chosen.split(item.value)
        else:
            said = items.words(item)
            raise Trouble(
                "abstained",
                f"I did not understand what “{said}” is to do here: to split a figure say “by {said}”, and for one of "
                "them say its name.",
            )


def _is_ranked(draft: Draft, item: Item) -> bool:
    """Whether a mention follows a word of order, "top 3 items by store": then each store has its own."""
    return draft.items.before(item, "rank", near=0) is not None


def _goods_of_a_kind(draft: Draft) -> None:
    """ "The best selling dessert": an item among the desserts, as its category is said in the singular."""
    items = draft.items
    for order in items.free("rank"):
        for one in draft.chosen.kept:
            kinds = {value.split(" / ")[-1].casefold() for name in one.names for value in name.values}
            of_goods = all(name.dimension in ("category", "subcategory") for name in one.names)
            singular = items.texts[one.last - 1]
            near = of_goods and not one.exclude and 0 <= one.first - order.last <= 1
            measured = next((each for each in items.listed if each.first == one.last and each.kind == "metric"), None)
            if near and (f"{singular}s" in kinds or measured is None):  # not "the highest food sales"
                draft.chosen.split("item")
                draft.chosen.singular = f"{singular}s" in kinds or items.words(order) in _BEST_SOLD


_BEST_SOLD = ("best selling", "top selling", "bestselling", "worst selling", "slowest selling")


def _makes_rows(draft: Draft, item: Item) -> bool:
    """Whether a mention splits: "days with sales over 1,000", "list our stores", "store sales"."""
    if (draft.measured.bounds and not draft.measured.groups) or draft.items.has("names"):
        return True
    following = next(iter(draft.items.listed[item.place + 1 :]), None)
    return following is not None and following.kind == "metric" and following.first == item.last


def _average_over(draft: Draft) -> None:
    """What an average is over, where no "per day" says it: of weekdays and hours days, of bounds tickets; else it is
    asked back."""
    measured, chosen = draft.measured, draft.chosen
    found = measured.metrics or measured.weak
    if found and all(metric(name).is_ratio for name in found):
        measured.fold = None
        return
    clock = {"weekday", "hour"}
    weekdays = any(name.dimension in clock for one in chosen.kept for name in one.names)
    longer = (set(IN_TIME) - {"business_date"}) & set(chosen.splits) and measured.fold == "average" and found
    if clock & set(chosen.splits) or weekdays or longer:
        measured.groups.append("business_date")
        return
    of_tickets = measured.fold == "median" and found in ([], ["transactions"], ["average_ticket"])
    if measured.bounds_tickets or of_tickets:
        if found in ([], ["transactions"], ["average_ticket"]):
            measured.metrics[:] = ["net_sales"]
        measured.groups.append("ticket")  # "average tip on tickets that had a tip"
        return
    choices: list[str | Plan] = []
    if found:
        base = draft.plan(found[0])
        per = "average_ticket" if found == ["net_sales"] else f"{found[0]} / transactions"
        if found[0] != "transactions":
            choices.append(base.model_copy(update={"metrics": (per,)}))
        choices.append(base.model_copy(update={"each": Each(dimensions=("business_date",), fold="average")}))
    said = "average" if measured.average_at is None else draft.items.words(measured.average_at)
    raise Trouble("clarify", f"“{said}” over what: for each ticket, or for each day?", choices)


def steps_by(draft: Draft, grain: str) -> None:
    """Rows of a dimension of time with the change from each to the next: "month over month in 2025"."""
    draft.series = "steps"
    others = [one for one in draft.chosen.splits if one not in IN_TIME]
    draft.chosen.splits[:] = [cast(Dimension, grain), *others]
