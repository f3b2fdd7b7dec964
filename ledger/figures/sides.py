"""The sides of figures: what is beside a value, from the values of two periods, of a whole, or of the rows in time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from ledger.figures.calendar import IN_TIME, BookCalendar
from ledger.figures.exact import percent, rate
from ledger.figures.plan import Plan, Side

Key = tuple[str, ...]
Values = dict[Key, dict[str, Decimal | None]]
Sided = dict[tuple[str, Side], Decimal | None]


def sides_of(plan: Plan) -> tuple[Side, ...]:
    """The sides of each metric that a plan computes, in the order of its columns."""
    compared: tuple[Side, ...] = ("before", "change", "change_rate") if compares(plan) else ()
    compared += ("price", "volume", "mix") if plan.drivers else ()
    share: tuple[Side, ...] = ("share",) if plan.share else ()
    series: dict[str | None, tuple[Side, ...]] = {"running": ("running",), "steps": ("step", "step_rate"), None: ()}
    return ("value", *compared, *share, *series[plan.series])


def compares(plan: Plan) -> bool:
    """Whether a plan sets its figures against others."""
    return plan.comparison is not None or bool(plan.against)


def compared(
    metrics: Iterable[str], now: Mapping[str, Decimal | None], before: Mapping[str, Decimal | None] | None
) -> Sided:
    """The values of some metrics and, where there is a before, the change and its rate."""
    found: Sided = {}
    for name in metrics:
        value = found[(name, "value")] = now.get(name)
        if before is None:
            continue
        earlier = found[(name, "before")] = before.get(name)
        both = value is not None and earlier is not None
        change = found[(name, "change")] = value - earlier if both else None  # type: ignore[operator]
        found[(name, "change_rate")] = None if change is None or earlier is None else rate(change, earlier)
    return found


def whole_of(plan: Plan) -> Plan:
    """The plan of what the figures of a plan are shares of: without the split, the filters and the conditions that the
    share lets go of."""
    each = plan.each
    if each is not None and set(plan.share) & set(each.dimensions):
        each = each.model_copy(update={"conditions": ()})
    return plan.model_copy(
        update={
            "dimensions": tuple(name for name in plan.dimensions if name not in plan.share),
            "filters": tuple(one for one in plan.filters if one.dimension not in plan.share),
            "each": each,
            "conditions": (),
            "share": (),
            "series": None,
            "comparison": None,
            "against": (),
            "ranking": None,
            "drivers": False,
        }
    )


def add_shares(plan: Plan, values: dict[Key, Sided], wholes: Values) -> None:
    """Put beside each value what part it is of the whole of its row."""
    kept = [place for place, name in enumerate(plan.dimensions) if name not in plan.share]
    for key, sided in values.items():
        whole = wholes.get(tuple(key[place] for place in kept), {})
        for name in plan.metrics:
            part, all_ = sided[(name, "value")], whole.get(name)
            sided[(name, "share")] = None if part is None or all_ is None else percent(part, all_)


def add_series(plan: Plan, keys: Sequence[Key], values: dict[Key, Sided], calendar: BookCalendar) -> None:
    """Put beside each value the running total up to its row, or the change from the row before it in time.

    Days or months without a row are none: the row before is the one that there is, and the first has none.
    """
    (place,) = (at for at, name in enumerate(plan.dimensions) if name in IN_TIME)
    lines: dict[Key, list[Key]] = {}
    for key in sorted(keys, key=lambda one: calendar.order_of(plan.dimensions[place], one[place])):
        lines.setdefault((*key[:place], *key[place + 1 :]), []).append(key)
    for line in lines.values():
        for name in plan.metrics:
            _along(line, name, values, running=plan.series == "running")


def _along(line: Sequence[Key], name: str, values: dict[Key, Sided], *, running: bool) -> None:
    so_far: Decimal | None = None
    for key in line:
        value = values[key][(name, "value")]
        if running:
            if value is not None:
                so_far = value if so_far is None else so_far + value
            values[key][(name, "running")] = so_far
            continue
        step = None if value is None or so_far is None else value - so_far
        values[key][(name, "step")] = step
        values[key][(name, "step_rate")] = None if step is None or so_far is None else rate(step, so_far)
        so_far = value
