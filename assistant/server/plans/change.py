"""What a chip's form asks for, as another plan. A plan is only ever made here, typed and checked, never by a browser.

A form names the ``part`` of the plan that it changes and the place ``n`` of that part among its like; ``n`` past the
last adds one. ``remove`` takes the part away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, cast, get_args

from pydantic import ValidationError
from rapidfuzz import fuzz, process, utils
from starlette.datastructures import QueryParams

from assistant.ask.periods import Calendar
from assistant.known_on import known_on
from assistant.server.errors import Unreadable
from assistant.server.plans import periods
from assistant.server.plans.possible import named_values
from assistant.server.request import read_day
from assistant.service import Service
from ledger.errors import PlanError
from ledger.figures import Filter, Period, Plan, Ranking
from ledger.figures.calendar import ORDERED
from ledger.figures.plan import Condition, Dimension
from ledger.figures.run import NO_COMPARISON

VALUES_MAX = 200
"""A filter that is chosen by hand has no more values."""
NEAR_NAMED = 3


@dataclass(frozen=True)
class Setting:
    """What a change is made in: the book, and the day that its periods count from."""

    service: Service
    today: date

    @property
    def now(self) -> Calendar:
        """The calendar that a question of the day is read with."""
        return self.service.asker.context(self.today).calendar


def changed(plan: Plan, form: QueryParams, setting: Setting) -> Plan:
    """The plan that a chip's form makes of another one. Unreadable says what cannot be done."""
    made = _CHANGES.get(form.get("part", ""))
    if made is None:
        raise Unreadable("This is no part of a question that can be changed.")
    try:
        data = plan.model_dump()
        data.update(made(plan, form, setting))
        return mended(Plan.model_validate(data))
    except ValidationError as error:
        raise Unreadable(f"That does not go together: {error.errors()[0]['msg']}.") from None
    except PlanError as error:
        raise Unreadable(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None


def mended(plan: Plan) -> Plan:
    """A plan without what a change has left without a footing: an order by what is not there any more, and the like."""
    changes: dict[str, Any] = {}
    here = {*plan.dimensions, *(one.dimension for one in plan.filters)}
    if plan.each is not None:
        if set(plan.each.dimensions) & set(plan.dimensions):
            changes["each"] = None
        else:
            here |= set(plan.each.dimensions)
    if sum(name in ORDERED for name in plan.dimensions) != 1:
        changes["series"] = None
    if set(plan.dimensions) & set(NO_COMPARISON):
        changes["comparison"] = None
    changes["share"] = tuple(name for name in plan.share if name in here)
    filtered = here - set(plan.dimensions)
    changes["against"] = tuple(one for one in plan.against if one.dimension in filtered)
    if not plan.dimensions:
        changes["conditions"] = ()
    mended = plan.model_copy(update=changes)
    return mended.model_copy(update={"ranking": _ranked(mended)})


def _ranked(plan: Plan) -> Ranking | None:
    """The order of a plan's rows: by a metric that it has, and by a side of it that it asks for."""
    ranking = plan.ranking
    if ranking is None or not plan.dimensions:
        return None
    if ranking.by not in (*plan.metrics, *plan.dimensions):
        ranking = ranking.model_copy(update={"by": plan.metrics[0]})
    if not set(ranking.within) < {*plan.dimensions}:
        ranking = ranking.model_copy(update={"within": ()})
    sides = {"value"}
    if plan.comparison is not None or plan.against:
        sides |= {"before", "change", "change_rate"}
    if plan.share:
        sides.add("share")
    if plan.series is not None:
        sides |= {"running"} if plan.series == "running" else {"step", "step_rate"}
    return ranking if ranking.side in sides else ranking.model_copy(update={"side": "value"})


def _placed(listed: tuple[Any, ...], form: QueryParams, made: Callable[[], Any]) -> tuple[Any, ...]:
    """A list with one of its members made anew, taken away or added."""
    n = form.get("n", "")
    place = int(n) if n.isdecimal() and len(n) < 4 else len(listed)
    if "remove" in form:
        return (*listed[:place], *listed[place + 1 :])
    return tuple(dict.fromkeys((*listed[:place], made(), *listed[place + 1 :])))


def _metrics(plan: Plan, form: QueryParams, setting: Setting) -> Mapping[str, object]:
    found = _placed(plan.metrics, form, lambda: form.get("metric", ""))
    if not found:
        raise Unreadable("A question needs a metric; choose another one instead of taking the last away.")
    ranking = plan.ranking
    if ranking is not None and ranking.by in plan.metrics and ranking.by not in found:
        ranking = ranking.model_copy(update={"by": found[0]})
    return {"metrics": found, "ranking": ranking}


def _splits(plan: Plan, form: QueryParams, setting: Setting) -> Mapping[str, object]:
    return {"dimensions": _placed(plan.dimensions, form, lambda: _dimension(form))}


def _filters(plan: Plan, form: QueryParams, setting: Setting) -> Mapping[str, object]:
    def made() -> Filter:
        dimension = _dimension(form)
        typed = form.get("typed", "").strip()
        values = [*form.getlist("value"), *([_named(setting.service, dimension, typed)] if typed else [])]
        if not values:
            raise Unreadable(f"Choose at least one {dimension.replace('_', ' ')}, or remove the filter.")
        if len(values) > VALUES_MAX:
            raise Unreadable(f"A filter that is chosen here has at most {VALUES_MAX} values.")
        return Filter(dimension=dimension, values=tuple(dict.fromkeys(values)), exclude=form.get("keep") == "not")

    return {"filters": _placed(plan.filters, form, made)}


def _period(plan: Plan, form: QueryParams, setting: Setting) -> Mapping[str, object]:
    preset = form.get("preset", "")
    if preset in (periods.EARLIER, periods.LATER):
        period = periods.moved(plan.period, preset, setting.now)
    elif preset:
        period = periods.named(preset, setting.now)
    else:
        first, last = form.get("from", ""), form.get("to", "")
        if first and last and read_day(last) < read_day(first):
            raise Unreadable(f"The period ends ({last}) before it starts ({first}).")
        period = Period(start=read_day(first) if first else None, end=read_day(last) if last else None)
    against = periods.comparison_of(plan.period, plan.comparison, setting.now)
    if against is None or period.start is None or period.end is None:
        return {"period": period, "comparison": None}
    return {"period": period, "comparison": periods.compared(period, against, setting.now)}


def _comparison(plan: Plan, form: QueryParams, setting: Setting) -> Mapping[str, object]:
    if "remove" in form:
        return {"comparison": None}
    dimensions = tuple(name for name in plan.dimensions if name not in NO_COMPARISON)
    comparison = periods.compared(plan.period, form.get("against", ""), setting.now)
    return {"comparison": comparison, "dimensions": dimensions}


def _against(plan: Plan, form: QueryParams, setting: Setting) -> Mapping[str, object]:
    return {"against": ()}


def _ranking(plan: Plan, form: QueryParams, setting: Setting) -> Mapping[str, object]:
    if "remove" in form:
        return {"ranking": None}
    old = plan.ranking
    by = form.get("by", plan.metrics[0])
    return {
        "ranking": Ranking(
            by=by,
            side=old.side if old is not None and old.by == by else "value",
            descending=form.get("order") != "lowest",
            limit=int(_number(form.get("limit", ""), "number of rows")) if form.get("limit") else None,
            within=old.within if old is not None else (),
        )
    }


def _conditions(plan: Plan, form: QueryParams, setting: Setting) -> Mapping[str, object]:
    def made() -> Condition:
        op = form.get("op", "over")
        value = _number(form.get("bound", ""), "bound")
        return Condition.model_validate({"metric": form.get("metric", plan.metrics[0]), "op": op, "value": value})

    return {"conditions": _placed(plan.conditions, form, made)}


def _each(plan: Plan, form: QueryParams, setting: Setting) -> Mapping[str, object]:
    if "remove" in form or plan.each is None:
        return {"each": None}
    return {"each": {**plan.each.model_dump(), "fold": form.get("fold", plan.each.fold)}}


def _share(plan: Plan, form: QueryParams, setting: Setting) -> Mapping[str, object]:
    return {"share": ()}


def _series(plan: Plan, form: QueryParams, setting: Setting) -> Mapping[str, object]:
    return {"series": None if "remove" in form else form.get("series")}


def _as_of(plan: Plan, form: QueryParams, setting: Setting) -> Mapping[str, object]:
    known = None if "remove" in form else known_on(setting.service.book, form.get("known", ""))
    return {"as_of": known.seq if known is not None else None}


_CHANGES: dict[str, Callable[[Plan, QueryParams, Setting], Mapping[str, object]]] = {
    "metric": _metrics,
    "split": _splits,
    "filter": _filters,
    "period": _period,
    "comparison": _comparison,
    "against": _against,
    "ranking": _ranking,
    "condition": _conditions,
    "each": _each,
    "share": _share,
    "series": _series,
    "as_of": _as_of,
}


def _dimension(form: QueryParams) -> Dimension:
    name = form.get("dimension", "")
    if name not in get_args(Dimension):
        raise Unreadable(f"{name[:40]!r} is nothing that a question can be split or filtered by.")
    return cast(Dimension, name)


def _named(service: Service, dimension: Dimension, typed: str) -> str:
    """The value of a dimension that was typed, in whatever case. Unreadable names those that are near."""
    known = named_values(service, dimension)
    if known is None or typed in known:
        return typed
    same = [value for value in known if value.casefold() == typed.casefold()]
    if same:
        return same[0]
    found = process.extract(typed, known, scorer=fuzz.WRatio, processor=utils.default_process, limit=NEAR_NAMED)
    near = ", ".join(f"“{value}”" for value, _, _ in found)
    raise Unreadable(
        f"The book has no {dimension.replace('_', ' ')} “{typed[:80]}”." + (f" The nearest are {near}." if near else "")
    )


def _number(text: str, what: str) -> Decimal:
    try:
        number = Decimal(text.strip().replace(",", ""))
    except InvalidOperation:
        raise Unreadable(f"{text[:40]!r} is no {what}; write it as 50 or as 12.50.") from None
    if not number.is_finite() or abs(number) > 10**15:
        raise Unreadable(f"{text[:40]!r} is no {what}; write it as 50 or as 12.50.")
    return number
