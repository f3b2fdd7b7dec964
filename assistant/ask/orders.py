"""The order of an answer's rows, and how many: "top 5", "the second highest", "grew the most", "the first day"."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.ask.draft import Draft
from assistant.ask.items import Item
from assistant.ask.lexicon import lexicon
from assistant.ask.reading import Trouble
from assistant.ask.spans import WordSpan
from ledger.figures import Plan, Ranking
from ledger.figures.calendar import IN_TIME
from ledger.figures.metrics import metric
from ledger.figures.plan import Side

ROWS_OF_A_LIST = 10
"""How many rows "the best stores" are, where the question gives no number."""
_POPULAR = {"popular": True, "unpopular": False}
_FALLING = {"drop", "dropped", "fall", "fell", "down", "decline", "declined", "decrease", "decreased", "lower", "less",
            "worse", "below", "loss", "dip"}  # fmt: skip
_SORTING = ("first", "order", "descending", "ascending", "rank", "ranked", "ranking", "ranking of", "high to low",
            "low to high", "highest to lowest", "lowest to highest", "best to worst", "worst to best")  # fmt: skip


def ranking(draft: Draft, plan: Plan) -> Ranking | None:
    """How a plan's rows are ordered and cut. Trouble where the question does not say of what."""
    by = plan.metrics[0]
    if draft.end is not None:
        time = next(name for name in plan.dimensions if name in IN_TIME)
        return Ranking(by=time, descending=draft.end == "last", limit=1)
    movers = [item for item in draft.items if item.kind == "mover"]
    orders = [item for item in draft.items if item.kind == "rank"]
    number = draft.limit or next((one.span.number for one in (*orders, *movers) if _number(one)), None)  # type: ignore[union-attr]
    if movers:
        return _moved(draft, plan, movers, number)
    if plan.comparison is not None and plan.dimensions and draft.items.has("why"):
        falling = bool(_FALLING & set(draft.items.texts))
        limit = number or (1 if draft.chosen.singular and draft.chosen.asked else None)
        return Ranking(by=by, side="change", descending=not falling, limit=limit)
    if not orders and plan.comparison is not None and plan.dimensions and draft.chosen.asked:
        return _changed(draft, by)
    if not orders and not (plan.dimensions and draft.items.has("nth")):
        return None
    ways = {_POPULAR.get(item.value, lexicon().orders[item.value].descending) for item in orders} or {True}
    if len(ways) > 1:
        raise Trouble("clarify", "Highest or lowest first? The question says both.")
    descending = ways.pop()
    if not plan.dimensions:
        _ask_of_what(draft, plan, orders[0], descending)
    skip = _skip(draft)
    asked = number or (None if _only_sorts(draft, orders) else 1 if draft.chosen.singular else ROWS_OF_A_LIST)
    within = tuple(name for name in plan.dimensions if name in draft.chosen.each)
    within = within if asked is not None and len(within) < len(plan.dimensions) else ()
    side: Side = "share" if plan.share else "value"
    if draft.items.says("change", "growth") and (plan.comparison is not None or plan.against):
        side = "change_rate" if draft.items.says("growth", "rate") else "change"
    return Ranking(by=by, side=side, descending=descending, skip=skip, limit=1 if skip else asked, within=within)


def _changed(draft: Draft, by: str) -> Ranking:
    """ "Which site grew more from May to July?": the rows by their change, and the first where one is asked for."""
    falling = bool(_FALLING & set(draft.items.texts))
    relative = draft.items.says("percent", "percentage", "%", "relatively", "rate")
    limit = 1 if draft.chosen.singular else None
    return Ranking(by=by, side="change_rate" if relative else "change", descending=not falling, limit=limit)


def _moved(draft: Draft, plan: Plan, movers: list[Item], number: int | None) -> Ranking:
    if plan.comparison is None and plan.series != "steps":
        raise Trouble("clarify", "Changed from when to when? Name a period, and what to compare it with.")
    if not plan.dimensions:
        raise Trouble("clarify", "Which of what changed the most? Say “which store”, “which item”.")
    relative = draft.items.has("rate") or draft.items.says("fastest", "growth", "strongest")
    sides: tuple[Side, Side] = ("step", "step_rate") if plan.series == "steps" else ("change", "change_rate")
    limit = number or (1 if draft.chosen.singular else ROWS_OF_A_LIST)
    falling = movers[0].value in lexicon().falling
    return Ranking(by=plan.metrics[0], side=sides[1 if relative else 0], descending=not falling, limit=limit)


def _skip(draft: Draft) -> int:
    """ "the second highest": how many rows stand before it."""
    found = [item for item in draft.items if item.kind == "nth"]
    if len(found) > 1:
        raise Trouble("clarify", "Which place is meant? The question names more than one.")
    return lexicon().nth[draft.items.words(found[0])] - 1 if found else 0


def _ask_of_what(draft: Draft, plan: Plan, order: Item, descending: bool) -> None:
    choices: list[str | Plan] = [
        plan.model_copy(
            update={"dimensions": (name,), "ranking": Ranking(by=plan.metrics[0], descending=descending, limit=1)}
        )
        for name in ("store", "business_date", "item", "category")
        if name in metric(plan.metrics[0]).dimensions
    ]
    raise Trouble("clarify", f"“{draft.items.words(order)}” of what?", choices)


def _only_sorts(draft: Draft, orders: Sequence[Item]) -> bool:
    """ "highest first" orders rows and cuts none."""
    return all(draft.items.words(item).endswith(_SORTING) for item in orders)


def _number(item: Item) -> bool:
    return isinstance(item.span, WordSpan) and item.span.number is not None
