"""The reading of an answer as chips: each part of its plan with what it can be changed to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from assistant.known_on import known_on
from assistant.server.pages.formats import Formats
from assistant.server.plans import periods, possible
from assistant.server.plans.change import Setting
from ledger.errors import PlanError
from ledger.figures import METRICS, Period, Plan
from ledger.figures.describe import dimension_name, hour_words, period_words
from ledger.figures.metrics import metric
from ledger.figures.plan import Condition, Dimension, Filter
from ledger.figures.run import NO_COMPARISON

VALUES_SHOWN = 40
"""How many values of a dimension are listed at once; the others are found by their name."""
NAMED_MAX = 2
OPS = {"over": "over", "under": "under", "at_least": "at least", "at_most": "at most", "equal": "exactly"}
FOLDS = ("count", "sum", "average", "median", "highest", "lowest")
SERIES = {"running": "Running total", "steps": "Change from row to row"}


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True)
class Chip:
    """One part of a plan. ``kind`` says what it is, ``text`` what it says; ``n`` is its place among its like.

    ``options`` are what it can be changed to; ``more`` says that the values listed are not all. ``fields`` are the
    present values of its form.
    """

    part: str
    kind: str
    text: str
    n: int = 0
    options: tuple[Option, ...] = ()
    fields: dict[str, Any] | None = None
    more: bool = False
    removable: bool = True

    @property
    def id(self) -> str:
        return f"chip-{self.part}-{self.n}"


@dataclass(frozen=True)
class Chips:
    """The chips of a plan, and what can be added to it; an empty tuple where nothing of the kind can."""

    token: str
    chips: tuple[Chip, ...]
    metrics: tuple[Option, ...]
    splits: tuple[Option, ...]
    filters: tuple[Option, ...]
    comparisons: tuple[Option, ...]
    ranks: tuple[Option, ...]
    bounds: tuple[Option, ...]
    is_known_now: bool
    ops: dict[str, str]
    presets: tuple[str, ...] = periods.OFFERED


def chips(plan: Plan, token: str, setting: Setting, formats: Formats) -> Chips:
    """The reading of a plan as chips, and what can be added."""
    return Chips(
        token=token,
        chips=tuple(_chips(plan, setting, formats)),
        metrics=tuple(_metrics(plan, ())),
        splits=tuple(_dimensions(possible.splits_for(setting.service, plan))),
        filters=tuple(_dimensions(possible.filters_for(setting.service, plan))),
        comparisons=tuple(_comparisons(plan, setting)) if plan.comparison is None else (),
        ranks=_of_plan(plan) if plan.ranking is None and plan.dimensions else (),
        bounds=_of_plan(plan) if plan.dimensions else (),
        is_known_now=plan.as_of is None,
        ops=OPS,
    )


def _chips(plan: Plan, setting: Setting, formats: Formats) -> Iterator[Chip]:
    for n, name in enumerate(plan.metrics):
        options = tuple(_metrics(plan, (name,)))
        yield Chip("metric", "Metric", label_of(name), n, options, removable=len(plan.metrics) > 1)
    if plan.each is not None:
        groups = " and ".join(dimension_name(one) for one in plan.each.dimensions)
        bounds = "".join(f", {_bound(one)}" for one in plan.each.conditions)
        folds = tuple(Option(one, one.capitalize(), one == plan.each.fold) for one in FOLDS)
        yield Chip("each", "Per group", f"{plan.each.fold} per {groups}{bounds}", 0, folds)
    for n, dimension in enumerate(plan.dimensions):
        others = possible.splits_for(setting.service, plan)
        options = tuple(_dimensions((dimension, *others), dimension))
        yield Chip("split", "Split by", f"by {dimension_name(dimension)}", n, options)
    for n, one in enumerate(plan.filters):
        yield _filter(one, n, setting)
    yield _period(plan.period, formats)
    if plan.comparison is not None:
        options = tuple(_comparisons(plan, setting))
        yield Chip("comparison", "Compared with", f"against {period_text(plan.comparison, formats)}", 0, options)
    if plan.against:
        yield Chip("against", "Compared with", f"against {' and '.join(_values(one) for one in plan.against)}")
    if plan.share:
        kinds = " and ".join(dimension_name(one, plural=True) for one in plan.share)
        yield Chip("share", "Share", f"share of all {kinds}")
    for n, bound in enumerate(plan.conditions):
        fields = {"metric": bound.metric, "op": bound.op, "bound": f"{bound.value:f}"}
        names = dict.fromkeys((*plan.metrics, bound.metric))
        options = tuple(Option(name, label_of(name), name == bound.metric) for name in names)
        yield Chip("condition", "Condition", _bound(bound), n, options, fields)
    if plan.ranking is not None:
        yield _ranking(plan)
    if plan.series is not None:
        options = tuple(Option(name, label, name == plan.series) for name, label in SERIES.items())
        yield Chip("series", "Over time", SERIES[plan.series].lower(), 0, options)
    if plan.as_of is not None:
        yield _as_of(plan.as_of, setting)


def _filter(one: Filter, n: int, setting: Setting) -> Chip:
    known = possible.named_values(setting.service, one.dimension) or one.values
    shown = listed(one.dimension, known, one.values)
    fields = {"dimension": one.dimension, "exclude": one.exclude}
    name = dimension_name(one.dimension)
    text = f"{'not ' if one.exclude else ''}{name} {_values(one)}"
    return Chip("filter", "Filter", text, n, shown, fields, more=len(known) > len(shown))


def listed(dimension: Dimension, known: Iterable[str], chosen: Iterable[str] = ()) -> tuple[Option, ...]:
    """Values of a dimension to choose from: those that are chosen first, then as many others as are shown at once."""
    first = tuple(dict.fromkeys(chosen))
    others = islice((value for value in known if value not in first), max(0, VALUES_SHOWN - len(first)))
    if dimension in ("hour", "weekday"):  # these have an order that is worth more than who is chosen
        return tuple(Option(value, value_text(dimension, value), value in first) for value in known)
    return (
        *(Option(value, value_text(dimension, value), True) for value in first),
        *(Option(value, value_text(dimension, value)) for value in others),
    )


def _period(period: Period, formats: Formats) -> Chip:
    fields = {
        "from": period.start.isoformat() if period.start else "",
        "to": period.end.isoformat() if period.end else "",
        "moves": period.start is not None and period.end is not None,
    }
    return Chip("period", "Period", period_text(period, formats), 0, (), fields, removable=False)


def _ranking(plan: Plan) -> Chip:
    ranking = plan.ranking
    assert ranking is not None
    by = label_of(ranking.by) if ranking.by in plan.metrics else ranking.by.replace("_", " ")
    side = {"value": "", "share": " share", "change": " change", "change_rate": " change in percent"}
    what = f"{by}{side.get(ranking.side, f' {ranking.side}'.replace('_', ' '))}"
    if ranking.limit is not None:
        text = f"{'top' if ranking.descending else 'bottom'} {ranking.limit} by {what}"
    else:
        text = f"{'highest' if ranking.descending else 'lowest'} {what} first"
    text += f" in each {' and '.join(dimension_name(name) for name in ranking.within)}" if ranking.within else ""
    text += f", without the first {ranking.skip}" if ranking.skip else ""
    options = tuple(Option(one.value, one.label, one.value == ranking.by) for one in _of_plan(plan))
    if ranking.by in plan.dimensions:
        options = (*options, Option(ranking.by, by, True))
    fields = {"descending": ranking.descending, "limit": ranking.limit or ""}
    return Chip("ranking", "Order", text, 0, options, fields)


def _as_of(seq: int, setting: Setting) -> Chip:
    try:
        known = known_on(setting.service.book, seq)
    except PlanError:
        known = None
    recorded = setting.service.book.recorded_at(seq) if known is not None else None
    fields = {"known": recorded.date().isoformat() if recorded is not None else ""}
    return Chip("as_of", "As known on", known.words if known is not None else f"commit {seq}", 0, (), fields)


def _metrics(plan: Plan, chosen: tuple[str, ...]) -> Iterator[Option]:
    """The metrics that go with a plan: to replace the one ``chosen``, or to add."""
    taken = set(plan.metrics) - set(chosen)
    for name in dict.fromkeys((*chosen, *possible.metrics_for(plan))):
        if name not in taken:
            yield Option(name, label_of(name), name in chosen)


def _of_plan(plan: Plan) -> tuple[Option, ...]:
    return tuple(Option(name, label_of(name)) for name in plan.metrics)


def _dimensions(names: Iterable[Dimension], chosen: str = "") -> Iterator[Option]:
    for name in names:
        yield Option(name, dimension_name(name).capitalize(), name == chosen)


def _comparisons(plan: Plan, setting: Setting) -> Iterator[Option]:
    if plan.period.start is None or plan.period.end is None:
        return
    if plan.dimensions and all(name in NO_COMPARISON for name in plan.dimensions):
        return
    is_now = periods.comparison_of(plan.period, plan.comparison, setting.now)
    for against, label in periods.COMPARISONS.items():
        yield Option(against, label, against == is_now)


def label_of(name: str) -> str:
    """A metric's name for a person; of one that there is not, the name itself."""
    if name in METRICS:
        return METRICS[name].label
    try:
        return metric(name).label
    except PlanError:
        return name


def value_text(dimension: str, value: str) -> str:
    """A dimension's value for a person, without idle space."""
    if dimension == "hour" and value.isdecimal():
        return hour_words([int(value)])
    return " ".join(value.split()) or value


def period_text(period: Period, formats: Formats) -> str:
    """A period as a person writes it, in the book's locale."""
    if period.start is None or period.end is None:
        return period_words(period)
    if period.start == period.end:
        return formats.short_day(period.start)
    return f"{formats.short_day(period.start)} – {formats.short_day(period.end)}"


def _values(one: Filter) -> str:
    if one.dimension == "hour":
        return hour_words(int(value) for value in one.values if value.isdecimal())
    shown = [value_text(one.dimension, value) for value in one.values[:NAMED_MAX]]
    more = len(one.values) - len(shown)
    return " or ".join(shown) + (f" or {more} more" if more else "")


def _bound(one: Condition) -> str:
    return f"{label_of(one.metric)} {OPS[one.op]} {one.value.normalize():f}"
