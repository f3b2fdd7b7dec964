"""What can be asked next of an answer: a few plans made from its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from assistant.server.errors import Unreadable
from assistant.server.plans import periods, possible
from assistant.server.plans.change import Setting, mended
from ledger.errors import PlanError
from ledger.figures import Period, Plan, Ranking
from ledger.figures.calendar import IN_TIME
from ledger.figures.describe import dimension_name
from ledger.figures.plan import Dimension
from ledger.figures.run import check_plan

NEXT_MAX = 3
ROWS_OF_A_LIST = 10


@dataclass(frozen=True)
class Next:
    """A question that goes on: what it says, and its plan."""

    label: str
    plan: Plan


def following(plan: Plan, setting: Setting) -> tuple[Next, ...]:
    """At most three questions that go on from a plan, each of which can be run."""
    found: list[Next] = []
    for one in _candidates(plan, setting):
        if len(found) == NEXT_MAX:
            break
        if one.plan != plan and one.plan.each == plan.each and _can_run(one.plan):
            found.append(one)
    return tuple(found)


def _candidates(plan: Plan, setting: Setting) -> Iterator[Next]:
    here = {*plan.dimensions, *(one.dimension for one in plan.filters)}
    plain = plan.model_copy(update={"ranking": None, "conditions": (), "series": None, "share": ()})
    stores = setting.service.figures.values("store")
    if len(stores) > 1 and "store" not in here:
        yield Next("By store", _by(plain, "store"))
    before = _before(plan, setting) if plan.comparison is None else None
    if before is not None:
        dimensions = tuple(name for name in plan.dimensions if name not in IN_TIME)
        changes = {"comparison": before, "dimensions": dimensions, "series": None}
        yield Next("Against the period before", mended(plan.model_copy(update=changes)))
    days = plan.period.days
    if not set(plan.dimensions) & set(IN_TIME):
        if days is not None and 1 < days <= 62:
            yield Next("Day by day", _by(plain, "business_date"))
        elif days == 1 and "hour" not in here:
            yield Next("By hour", _by(plain, "hour"))
        else:
            yield Next("Month by month", _by(plain, "month"))
    top = plan.dimensions[0] if len(plan.dimensions) == 1 else None
    if top == "store" and len(stores) > 1:
        for name in ("category", "item"):
            yield Next(f"By {name}", _by(plain, name, among=name == "item"))
    if "item" not in here:
        yield Next(f"The top {ROWS_OF_A_LIST} items", _by(plain, "item", among=True))
    if "weekday" not in here and days is not None and days > 14:
        yield Next("By weekday", _by(plain, "weekday"))
    for one in plan.filters:
        rest = tuple(other for other in plan.filters if other != one)
        yield Next(f"Of all {dimension_name(one.dimension, plural=True)}", plan.model_copy(update={"filters": rest}))


def _before(plan: Plan, setting: Setting) -> Period | None:
    """The period before a plan's, where the book has it."""
    span = setting.service.figures.span(plan.as_of)
    try:
        before = periods.compared(plan.period, "previous", setting.now)
    except Unreadable:
        return None
    has_it = span is not None and span.start is not None and before.end is not None and before.end >= span.start
    return before if has_it else None


def _by(plan: Plan, dimension: Dimension, *, among: bool = False) -> Plan:
    """The plan split by a dimension alone, of long lists the first rows."""
    ranking = Ranking(by=plan.metrics[0], limit=ROWS_OF_A_LIST) if among else None
    return mended(plan.model_copy(update={"dimensions": (dimension,), "ranking": ranking}))


def _can_run(plan: Plan) -> bool:
    try:
        check_plan(plan)
    except PlanError:
        return False
    return possible.dimensions_of(plan) <= possible.together(plan.metrics)
