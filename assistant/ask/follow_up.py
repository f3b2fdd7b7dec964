"""Questions that go on from the one before: "and the week before?", "by store", "only cash", "no, the other Main St".

What such a question says replaces its like in the plan before; all else of that plan stays. A question that stands by
itself, with a figure of its own and no word that points back, starts anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from assistant.ask.draft import Context
from assistant.ask.items import Item, Items
from assistant.ask.lexicon import lexicon
from assistant.ask.measures import Measures, is_sum, measures, ratio
from assistant.ask.names import Name
from assistant.ask.orders import ROWS_OF_A_LIST
from assistant.ask.periods import PeriodSpan
from assistant.ask.reading import Trouble
from assistant.ask.selection import Selection, selection
from assistant.ask.spans import Span, WordSpan
from assistant.ask.times import HALF_A_YEAR, period_of, relative
from ledger.figures import Filter, Period, Plan, Ranking
from ledger.figures.calendar import IN_TIME
from ledger.figures.plan import Dimension, Each

ALONE = frozenset({"and", "or", "no", "only", "instead", "same", "but", "also", "then", "as", "split", "just", "now"})
"""First words after which a question always goes on."""
SHOWN_AS = frozenset({"chart", "graph", "plot", "table", "diagram"})
FILLING = frozenset({"split", "same", "instead", "again", "too", "also", "then", "no", "as", "well", "thing", "do"})
"""Words that mean nothing more in a question that goes on."""
OF_IT = frozenset({"its", "it", "their", "they", "his", "her"})
BACK = frozenset({"that", "those", "these", "it", "its", "their", "they", "them", "same"})
"""Words that point back to the answer before; so does "there", but after "is" and "were"."""
AFTER_WHAT = frozenset({"about", "if"})
YEARS = ("year", "yr", "ly")


@dataclass(frozen=True)
class Last:
    """What was asked before in a conversation: its plan, and the values of the one row that its answer had."""

    plan: Plan
    focus: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[str, ...] = ()


def goes_on(texts: Sequence[str], chosen: Sequence[Span]) -> bool:
    """Whether a question with these words goes on from the one before."""
    if not texts:
        return False
    if texts[0] in ALONE or (texts[0] in ("what", "how") and texts[1:2] and texts[1] in AFTER_WHAT):
        return True
    kinds = {span.meaning.kind for span in chosen if isinstance(span, WordSpan)}
    figures = kinds & {"metric", "account", "business", "open", "state", "define"}
    if not figures:
        return not {"rank", "dimension"} <= kinds  # "top 10 items" stands by itself
    place = list(texts).index("there") if "there" in texts else 0
    where = place > 0 and texts[place - 1] not in ("is", "are", "was", "were")
    return where or bool(BACK & set(texts))


def continued(texts: Sequence[str], chosen: Sequence[Span], context: Context, last: Last) -> Plan:
    """The plan of a question that goes on from another one. Trouble where it says nothing that fits."""
    items = Items.of(texts, chosen)
    before = last.plan
    for item in items.free("exclude"):
        item.taken = item.first == 0 and texts[0] == "no"  # "no, Airport"
    asks_why = items.free("why")
    for item in items.free("names", "business", "why"):
        item.taken = True
    measured = measures(items)
    found = selection(items, context.names)
    plan = _measured(before, measured, found)
    if OF_IT & set(texts) and last.focus and plan.metrics != before.metrics and not found.splits:
        plan = _of_the_row(plan, last)
    plan = _filtered(plan, found, last, items)
    plan = _split(plan, found, items)
    plan = _timed(plan, items, context)
    plan = _ranked(plan, found, items)
    if asks_why and plan.comparison is None and plan.period.start is not None and plan.period.end is not None:
        earlier = relative(plan.period.start, plan.period.end, None, context.calendar)
        plan = plan.model_copy(update={"comparison": earlier})
    for item in items:
        if not item.taken and item.kind != "exclude":
            said = items.words(item)
            raise Trouble("abstained", f"I did not understand what “{said}” is to do here, so I give no figure.")
    changed = plan != before or bool(asks_why) or "again" in texts or bool(SHOWN_AS & set(texts))
    if not changed:
        raise Trouble("abstained", "I did not understand what this changes in the question before.")
    return plan


def _measured(before: Plan, measured: Measures, found: Selection) -> Plan:
    metrics = tuple(measured.metrics or measured.weak) or before.metrics
    if measured.counts and not measured.metrics:
        metrics = (lexicon().counted.get(before.metrics[0], "transactions"),)
    if measured.share and is_sum(before.metrics[0]) and is_sum(metrics[0]) and metrics[0] != before.metrics[0]:
        metrics, measured.share = (ratio(before.metrics[0], metrics[0]),), False
    changes: dict[str, object] = {"metrics": metrics}
    if before.ranking is not None and before.ranking.by not in (*metrics, *before.dimensions):
        changes["ranking"] = before.ranking.model_copy(update={"by": metrics[0]})
    if measured.fold is not None and measured.groups:
        changes["each"] = Each(dimensions=tuple(measured.groups), fold=measured.fold, conditions=tuple(measured.bounds))
    elif measured.bounds:
        changes["conditions"] = tuple(measured.bounds)
    elif metrics != before.metrics and before.each is not None and before.each.conditions:
        changes["each"] = None
    if measured.share:
        named = tuple(dict.fromkeys(name.dimension for one in found.kept for name in one.names))
        changes["share"] = named[:1] or before.dimensions or tuple(one.dimension for one in before.filters)[:1]
    return before.model_copy(update=changes)


def _of_the_row(plan: Plan, last: Last) -> Plan:
    """ "What was its margin?": of the row that the answer before had."""
    filters = list(plan.filters)
    for name, value in last.focus.items():
        filters = _instead(filters, Filter(dimension=cast(Dimension, name), values=(value,)))
    dimensions = tuple(name for name in plan.dimensions if name not in last.focus)
    return plan.model_copy(
        update={"filters": tuple(filters), "dimensions": dimensions, "ranking": None, "conditions": (), "share": ()}
    )


def _filtered(plan: Plan, found: Selection, last: Last, items: Items) -> Plan:
    filters = list(plan.filters)
    for one in found.kept:
        names = one.names
        same = [name for name in names if any(f.dimension == name.dimension for f in filters)]
        name = (same or list(names))[0]
        if len(same) != 1 and len(names) > 1 and len({n.values for n in names}) > 1:
            raise Trouble("clarify", "Which is meant? Say what it is a name of, such as “item” or “category”.")
        new = Filter(dimension=name.dimension, values=name.values, exclude=one.exclude)
        if one.exclude and not same:
            filters.append(new)
            continue
        old = next((f for f in filters if f.dimension == name.dimension and not f.exclude), None)
        if old is not None and _joins(items):
            new = Filter(dimension=name.dimension, values=tuple(dict.fromkeys((*old.values, *name.values))))
        filters = _instead(filters, new)
    for item in [
        one for one in found.mentions if items.texts[one.first - 1 : one.first] in (["that"], ["same"], ["this"])
    ]:
        value = last.focus.get(item.value)
        found.mentions.remove(item)
        item.taken = True
        if value is None:
            raise Trouble("clarify", f"Which {items.words(item)}? The answer before names none.")
        filters = _instead(filters, Filter(dimension=cast(Dimension, item.value), values=(value,)))
        dimensions = tuple(name for name in plan.dimensions if name != item.value)
        plan = plan.model_copy(update={"dimensions": dimensions, "ranking": None, "conditions": ()})
    if found.kept and plan.dimensions and plan.ranking is not None and plan.ranking.limit == 1:
        named = {f.dimension for f in filters} - {f.dimension for f in plan.filters}
        if named & set(plan.dimensions):
            plan = plan.model_copy(update={"dimensions": (), "ranking": None})
    return plan.model_copy(update={"filters": tuple(filters)})


def _instead(filters: Sequence[Filter], new: Filter) -> list[Filter]:
    """Filters with a new one in the place of those of its dimension."""
    return [*(one for one in filters if one.dimension != new.dimension), new]


def _joins(items: Items) -> bool:
    """Whether a name is added to the one before: "and Airport, too", "also at Airport"."""
    return bool({"too", "also", "plus"} & set(items.texts)) or (
        items.texts[0] == "add" or items.texts[:2] in (["as", "well"], ["together", "with"])
    )


def _split(plan: Plan, found: Selection, items: Items) -> Plan:
    for item in found.mentions:
        if {"in", "at", "from"} & set(items.texts[max(0, item.first - 2) : item.first]):
            continue  # "in the restaurants" is some of them, and which is not known
        item.taken = True
        found.split(item.value)
    if not found.splits:
        return plan
    dims = tuple(found.splits)
    changes: dict[str, object] = {"dimensions": dims}
    if plan.ranking is not None and plan.ranking.by in plan.dimensions:
        changes["ranking"] = None
    if plan.each is not None and set(plan.each.dimensions) & set(dims):
        changes["each"] = None
    if any(name in IN_TIME for name in dims):
        changes["comparison"] = None
    if plan.share:
        changes["share"] = dims
    return plan.model_copy(update=changes)


def _timed(plan: Plan, items: Items, context: Context) -> Plan:
    against = items.free("against", "both")
    changing = items.free("change")
    marks = items.free("weekday_year", "week_before", "year_before", "previous")
    periods = items.free("period")
    for item in (*against, *changing, *marks, *periods):
        item.taken = True
    comparing = bool(against or changing)
    was = plan.period
    if not periods and marks:
        if was.start is None or was.end is None:
            raise Trouble("clarify", "Before which period? The question before names none.")
        moved = relative(was.start, was.end, marks[0].kind, context.calendar)
        return plan.model_copy(update={"comparison": moved} if comparing else {"period": moved, "comparison": None})
    if not periods:
        if changing and was.start is not None and was.end is not None:
            return plan.model_copy(update={"comparison": relative(was.start, was.end, None, context.calendar)})
        return plan
    spans = [cast(PeriodSpan, item.span) for item in periods]
    named = [_shifted(plan, items, item, context) or period_of(span) for item, span in zip(periods, spans, strict=True)]
    if len(named) > 2:
        raise Trouble("clarify", "More than two periods are named: ask about one, or compare two.")
    if len(named) == 2:
        return plan.model_copy(update={"period": named[0], "comparison": named[1]})
    if comparing:
        return plan.model_copy(update={"comparison": named[0]})
    return plan.model_copy(update={"period": named[0], "comparison": _recompared(plan, named[0], context)})


def _shifted(plan: Plan, items: Items, item: Item, context: Context) -> Period | None:
    """ "And last year?" after a question about a month is that month a year before."""
    was = plan.period
    said = items.texts[item.first : item.last]
    if len(said) != 2 or said[1] not in YEARS or was.start is None or was.end is None:
        return None
    if said[0] not in ("last", "previous", "prior") or (was.days or 0) > HALF_A_YEAR:
        return None
    return relative(was.start, was.end, "year_before", context.calendar)


def _recompared(plan: Plan, period: Period, context: Context) -> Period | None:
    """The comparison of another period, where the one before was with the period before it, or a year before."""
    was, with_ = plan.period, plan.comparison
    if with_ is None or None in (was.start, was.end, period.start, period.end):
        return None
    for kind in (None, "year_before", "week_before", "weekday_year"):
        if relative(was.start, was.end, kind, context.calendar) == with_:  # type: ignore[arg-type]
            return relative(period.start, period.end, kind, context.calendar)  # type: ignore[arg-type]
    return None


def _ranked(plan: Plan, found: Selection, items: Items) -> Plan:
    orders = items.free("rank")
    nth = items.free("nth", "ends")
    for item in (*orders, *nth):
        item.taken = True
    numbers = [item.span.number for item in orders if isinstance(item.span, WordSpan) and item.span.number]
    skip = next((lexicon().nth.get(items.words(item), 1) - 1 for item in nth if item.kind == "nth"), None)
    if not orders and skip is None:
        return plan
    if not plan.dimensions:
        raise Trouble("clarify", "The highest or lowest of what? Say “which store”, “which item”.")
    old = plan.ranking
    descending = old.descending if old is not None else True
    if orders:
        descending = lexicon().orders[orders[0].value].descending
    limit = numbers[0] if numbers else (old.limit if old is not None and old.limit else ROWS_OF_A_LIST)
    one = bool(found.splits) and found.singular
    ranking = Ranking(
        by=plan.metrics[0],
        side=old.side if old is not None else "value",
        descending=descending,
        skip=skip or 0,
        limit=1 if skip or one else limit,
    )
    return plan.model_copy(update={"ranking": ranking})


def chosen_of(texts: Sequence[str], choices: Sequence[str]) -> str | None:
    """The choice that an answer such as "the second one" or "2" takes, or None."""
    if not choices or len(texts) > 4:
        return None
    numbers = {"first": 1, "1": 1, "1st": 1, "one": 1, "last": len(choices), **lexicon().nth, "2": 2, "3": 3, "4": 4}
    said = [numbers[word] for word in texts if word in numbers and word != "next"]
    said = said[:1] if len(said) == 2 and texts[-1] == "one" else said
    rest = [
        word for word in texts if word not in numbers and word not in ("the", "number", "option", "please", "choice")
    ]
    return choices[said[0] - 1] if len(said) == 1 and not rest and said[0] <= len(choices) else None


def with_other(texts: Sequence[str], last: Last, context: Context) -> Plan | None:
    """ "No, the other Main St": the plan before with the name that is meant; None where the words are no such."""
    if "other" not in texts or "than" in texts:
        return None
    place = list(texts).index("other")
    said = tuple(texts[place + 1 :])
    current = {value for one in last.plan.filters for value in one.values}
    for length in range(len(said), 0, -1):
        found = [
            name
            for name in context.names.part(said[:length])
            if not current & set(name.values) and any(name.dimension == one.dimension for one in last.plan.filters)
        ]
        if len(found) == 1:
            return _with_name(last.plan, found[0])
        if found:
            raise Trouble("clarify", "Which one is meant?", [_with_name(last.plan, name) for name in found[:4]])
    return None


def _with_name(plan: Plan, name: Name) -> Plan:
    filters = _instead(plan.filters, Filter(dimension=name.dimension, values=name.values))
    return plan.model_copy(update={"filters": tuple(filters)})
