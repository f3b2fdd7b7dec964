"""Ratios, folds over groups, conditions, shares, other filters and series: random plans against a fold in plain Python
over the tickets as they were given, and every figure against the parts that its citation opens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.errors import PlanError
from ledger.figures import Citation, Figures, Filter, Period, Plan, Proof, Ranking, Result, describe, open_citation
from ledger.figures.plan import Condition, Each
from ledger.figures.sides import sides_of
from tests.ledger.figures.test_figures import FIRST, LAST, TICKETS, dims_of

Key = tuple[str, ...]
DRAWN = settings(
    max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


# --- the fold ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Given:
    """One amount of one measure, with its dimensions; a sale is counted once by its number."""

    dims: dict[str, str]
    measure: str
    amount: int
    number: str
    sale: bool


def amounts() -> Iterator[Given]:
    for one in TICKETS:
        dims = dims_of(one) | {"ticket": one["external_id"]}
        number, sale = one["external_id"], one["kind"] in ("sale", "exchange")
        if one["kind"].startswith("void"):  # nothing, but a row
            for each in one["lines"]:
                path = each["category"] or "(none)"
                yield Given(dims | {"item": each["name"], "category": path.split(" / ")[0]}, "void", 0, number, sale)
            continue
        if one.get("tip_minor") is not None:
            yield Given(dims, "tips", one["tip_minor"], number, sale)
        for each in one["lines"]:
            if each["voided"]:
                continue
            path = each["category"] or "(none)"
            own = dims | {"item": each["name"], "category": path.split(" / ")[0]}
            if sale:
                yield Given(own, "sale", 0, number, sale)
            if each["kind"] not in ("item", "fee"):
                continue
            if each["quantity_micro"] < 0:
                yield Given(own, "returns", -each["net_minor"], number, sale)
                continue
            yield Given(own, "gross", each["gross_minor"], number, sale)
            yield Given(own, "units", each["quantity_micro"], number, sale)
            if each["discount_minor"]:
                yield Given(own, "discounts", each["discount_minor"], number, sale)


AMOUNTS = list(amounts())
SUMS: dict[str, tuple[tuple[int, str], ...]] = {
    "gross_sales": ((1, "gross"),),
    "discounts": ((1, "discounts"),),
    "returns": ((1, "returns"),),
    "net_sales": ((1, "gross"), (-1, "discounts"), (-1, "returns")),
    "units_sold": ((1, "units"),),
    "transactions": ((1, "sale"),),
    "tips": ((1, "tips"),),
}
RATIOS = {
    "average_ticket": (((1, "gross"), (-1, "discounts")), SUMS["transactions"], 2),
    "discount_rate": (SUMS["discounts"], SUMS["gross_sales"], 1),
    "units_per_transaction": (SUMS["units_sold"], SUMS["transactions"], 2),
    "returns / gross_sales": (SUMS["returns"], SUMS["gross_sales"], 1),
    "discounts / transactions": (SUMS["discounts"], SUMS["transactions"], 2),
    "net_sales / units_sold": (SUMS["net_sales"], SUMS["units_sold"], 2),
    "transactions / units_sold": (SUMS["transactions"], SUMS["units_sold"], 2),
    "tips / net_sales": (SUMS["tips"], SUMS["net_sales"], 1),
}
TIMES = {"business_date", "week", "month", "quarter", "year"}
SCALES = {"units": 1_000_000, "sale": 1}
OF_LINES = [name for name in (*SUMS, *RATIOS) if "tips" not in name]


def measured(rows: list[Given], measure: str) -> Fraction:
    if measure == "sale":
        return Fraction(len({one.number for one in rows if one.measure == "sale"}))
    return Fraction(sum(one.amount for one in rows if one.measure == measure), SCALES.get(measure, 100))


def terms_of(name: str) -> set[str]:
    top, bottom = (SUMS[name], ()) if name in SUMS else RATIOS[name][:2]
    return {measure for _, measure in (*top, *bottom)}


def has_row(rows: list[Given], name: str) -> bool:
    return any(one.measure in terms_of(name) for one in rows)


def exact(rows: list[Given], name: str) -> Fraction | None:
    if "tips" in terms_of(name) and not any(one.measure == "tips" for one in rows):
        return None

    def total(terms: Any) -> Fraction:
        return sum((sign * measured(rows, measure) for sign, measure in terms), Fraction(0))

    if name in SUMS:
        return total(SUMS[name])
    top, bottom, _ = RATIOS[name]
    percent = 100 if RATIOS[name][2] == 1 else 1
    return total(top) * percent / total(bottom) if total(bottom) else None


def shown(rows: list[Given], name: str) -> Fraction | None:
    value = exact(rows, name)
    return value if value is None or name in SUMS else round(value, RATIOS[name][2])


def met(condition: Condition, value: Fraction | None) -> bool:
    bound = Fraction(condition.value)
    return value is not None and {
        "over": value > bound, "under": value < bound, "at_least": value >= bound, "at_most": value <= bound,
        "equal": value == bound,
    }[condition.op]  # fmt: skip


def split(rows: list[Given], dimensions: Any) -> dict[Key, list[Given]]:
    found: dict[Key, list[Given]] = {}
    for one in rows:
        if all(name in one.dims for name in dimensions):
            found.setdefault(tuple(one.dims[name] for name in dimensions), []).append(one)
    return found


def folded(rows: list[Given], name: str, each: Each) -> Fraction | None:
    tickets = "ticket" in each.dimensions
    if tickets and name != "returns":
        rows = [one for one in rows if one.sale]
    groups = {key: of for key, of in split(rows, each.dimensions).items() if "(none)" not in key}
    meeting = {
        key: of
        for key, of in groups.items()
        if all(met(condition, exact(of, condition.metric)) for condition in each.conditions)
    }
    kept = [of for of in meeting.values() if has_row(of, name)]
    values = [value for of in kept if (value := exact(of, name)) is not None]
    if each.fold == "count":
        return Fraction(len(kept))
    if each.fold == "sum":
        return sum(values, Fraction(0)) if values or name != "tips" else None
    if not values:
        return None
    if each.fold in ("highest", "lowest"):
        one = max(values) if each.fold == "highest" else min(values)
        return one if name in SUMS else round(one, RATIOS[name][2])
    places = 1 if name in RATIOS and RATIOS[name][2] == 1 else 2
    if each.fold == "median":
        return round(median(values), places)
    by_sales = name in SUMS and not each.conditions and set(each.dimensions) <= TIMES
    number = sum(has_row(of, "transactions") for of in meeting.values()) if by_sales else len(values)
    return round(sum(values, Fraction(0)) / number, places) if number else None


def kept_by(filters: Any, period: Period) -> list[Given]:
    """The amounts that filters and a period keep; a filter on what an amount has no dimension of keeps none of it."""
    found = []
    for one in AMOUNTS:
        day = date.fromisoformat(one.dims["business_date"])
        if (period.start and day < period.start) or (period.end and day > period.end):
            continue
        if all((one.dims.get(each.dimension) in each.values) != each.exclude for each in filters):
            found.append(one)
    return found


def valued(rows: list[Given], plan: Plan, name: str) -> Fraction | None:
    return shown(rows, name) if plan.each is None else folded(rows, name, plan.each)


def percent(part: Fraction | None, whole: Fraction | None) -> Fraction | None:
    return round(part * 100 / whole, 1) if part is not None and whole else None


def expected(plan: Plan) -> dict[tuple[str, str], dict[Key, Fraction | None]]:
    """Every column of a plan, before conditions and ranking cut rows; a row without amounts is left out."""
    rows = kept_by(plan.filters, plan.period)
    replaced = {one.dimension for one in plan.against}
    filters = (*(one for one in plan.filters if one.dimension not in replaced), *plan.against)
    earlier = split(kept_by(filters, plan.comparison or plan.period), plan.dimensions)
    now = split(rows, plan.dimensions)
    found: dict[tuple[str, str], dict[Key, Fraction | None]] = {}
    for name in plan.metrics:
        value = {
            key: valued(now.get(key, []), plan, name) for key in {*now, *earlier, *([] if plan.dimensions else [()])}
        }
        found[(name, "value")] = value
        before = {key: valued(earlier.get(key, []), plan, name) for key in value}
        found[(name, "before")] = before
        found[(name, "change")] = {
            key: None if one is None or before[key] is None else one - (before[key] or 0) for key, one in value.items()
        }
        found[(name, "change_rate")] = {
            key: percent(change, abs(before[key] or Fraction(0))) for key, change in found[(name, "change")].items()
        }
        if plan.share:
            found[(name, "share")] = shares(plan, name, value)
        if plan.series:
            found |= series(plan, name, value)
    return found


def shares(plan: Plan, name: str, value: dict[Key, Fraction | None]) -> dict[Key, Fraction | None]:
    kept = [place for place, one in enumerate(plan.dimensions) if one not in plan.share]
    whole = split(
        kept_by([one for one in plan.filters if one.dimension not in plan.share], plan.period),
        [plan.dimensions[place] for place in kept],
    )
    each = plan.each
    if each is not None and {*each.dimensions} & {*plan.share}:
        each = each.model_copy(update={"conditions": ()})
    of_whole = plan.model_copy(update={"each": each})
    return {
        key: percent(one, valued(whole.get(tuple(key[place] for place in kept), []), of_whole, name))
        for key, one in value.items()
    }


def series(plan: Plan, name: str, value: dict[Key, Fraction | None]) -> Any:
    """Over the first dimension, which is the one of time."""
    running: dict[Key, Fraction | None] = {}
    steps: dict[Key, Fraction | None] = {}
    rates: dict[Key, Fraction | None] = {}
    for rest in {key[1:] for key in value}:
        line_of = sorted(key for key in value if key[1:] == rest)
        for place, key in enumerate(line_of):
            upto = [value[one] for one in line_of[: place + 1] if value[one] is not None]
            running[key] = sum(upto, Fraction(0)) if upto else None  # type: ignore[arg-type]
            last = value[line_of[place - 1]] if place else None
            one = value[key]
            steps[key] = None if last is None or one is None else one - last
            rates[key] = percent(steps[key], abs(last or Fraction(0)))
    return {(name, "running"): running, (name, "step"): steps, (name, "step_rate"): rates}


def agrees(result: Result, plan: Plan) -> None:
    """All rows of a result are what the fold gives, and no row with a figure is missing."""
    wanted = expected(plan)
    for place, (name, side) in enumerate(result.columns):
        figures = [row[place] for row in result.rows]
        column = wanted[(name, side)]
        for key, figure in zip(result.keys, figures, strict=True):
            value = None if figure.value is None else Fraction(figure.value)
            if key in column or value:
                assert value == column[key], (name, side, key)
        if plan.ranking is None and not plan.conditions and plan.series != "steps":
            missing = [key for key, value in column.items() if value and key not in result.keys]
            assert not missing, (name, side)


# --- plans ------------------------------------------------------------------------------------------------------------

OCTOBER = Period(start=date(2026, 10, 1), end=date(2026, 10, 31))
SEPTEMBER = Period(end=date(2026, 9, 30))
DAYS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
CONDITIONS = st.builds(
    Condition,
    metric=st.sampled_from(["net_sales", "discounts", "transactions", "discount_rate", "net_sales / units_sold"]),
    op=st.sampled_from(["over", "under", "at_least", "at_most", "equal"]),
    value=st.sampled_from([Decimal(text) for text in ("0", "1", "2", "4.25", "10", "10.005", "20.0", "-3.5", "1e20")]),
).filter(lambda one: one.metric in SUMS or one.value < 100)
FILTERS = st.sampled_from(
    [
        (),
        (Filter(dimension="store", values=("Airport", "Downtown")),),
        (Filter(dimension="item", values=("Bread",), exclude=True),),
        (Filter(dimension="cashier", values=("Ada",)),),
    ]
)
PERIODS = st.one_of(
    st.just(Period()),
    st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)).map(lambda two: Period(start=min(two), end=max(two))),
)


@st.composite
def fold_plans(draw: st.DrawFn) -> Plan:
    dimensions = draw(st.sampled_from([(), ("store",), ("weekday",), ("month", "store"), ("cashier",)]))
    groups = draw(
        st.sampled_from([("ticket",), ("business_date",), ("item",), ("channel", "hour"), ("category",), ("customer",)])
    )
    fold = draw(st.sampled_from(["count", "sum", "average", "median", "highest", "lowest"]))
    names = [name for name in OF_LINES if fold != "sum" or name in SUMS]
    conditions = draw(st.lists(CONDITIONS, max_size=2))
    if fold == "count" and draw(st.booleans()):
        share: tuple[Any, ...] = draw(st.sampled_from([groups, dimensions or groups]))
    else:
        share = ()
    return Plan(
        metrics=tuple(draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))),
        dimensions=dimensions,
        filters=draw(FILTERS),
        period=draw(PERIODS),
        comparison=draw(st.sampled_from([None, SEPTEMBER])) if "month" not in dimensions else None,
        each=Each(dimensions=groups, fold=fold, conditions=tuple(conditions)),
        share=share,
    )


@st.composite
def row_plans(draw: st.DrawFn) -> Plan:
    """Shares, other filters, series, conditions and rankings over rows."""
    dimensions = draw(
        st.sampled_from([("store",), ("week", "store"), ("business_date",), ("month",), ("item", "store")])
    )
    timed = dimensions[0] in ("week", "business_date", "month")
    names = list(SUMS) if "item" not in dimensions else [name for name in SUMS if name != "tips"]
    series = draw(st.sampled_from([None, "running", "steps"])) if timed else None
    against = draw(st.sampled_from([(), (Filter(dimension="channel", values=("online",)),)]))
    plan = Plan(
        metrics=tuple(draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))),
        dimensions=dimensions,
        filters=(Filter(dimension="channel", values=("in store",)),) if against else (),
        period=draw(PERIODS),
        comparison=None if timed else draw(st.sampled_from([None, SEPTEMBER])),
        against=against,
        share=draw(st.sampled_from([(), dimensions[:1], dimensions[-1:], dimensions])),
        series=series,
    )
    if draw(st.booleans()):
        side = draw(st.sampled_from(sides_of(plan)))
        by = draw(st.sampled_from([*plan.metrics, *(dimensions[:1] if timed else ())]))
        ranking = Ranking(
            by=by,
            side="value" if by in dimensions else side,
            descending=draw(st.booleans()),
            skip=draw(st.integers(0, 2)),
            limit=draw(st.sampled_from([None, 1, 3])),
        )
        plan = plan.model_copy(update={"ranking": ranking})
    return plan


@DRAWN
@given(plan=fold_plans())
def test_groups_are_folded_as_the_fold_folds_them(figures: Figures, plan: Plan) -> None:
    agrees(figures.run(plan), plan)


@DRAWN
@given(plan=row_plans())
def test_shares_other_filters_and_series_are_what_the_fold_gives(figures: Figures, plan: Plan) -> None:
    agrees(figures.run(plan), plan)


@pytest.mark.parametrize("dimensions", [(), ("store",), ("business_date",), ("cashier", "weekday")], ids=str)
def test_ratios_of_any_two_sums_are_what_the_fold_gives(figures: Figures, dimensions: Any) -> None:
    plan = Plan(metrics=tuple(RATIOS), dimensions=dimensions, period=OCTOBER)
    agrees(figures.run(plan), plan)


@DRAWN
@given(
    condition=CONDITIONS,
    dimension=st.sampled_from(["store", "item", "business_date", "cashier"]),
    limit=st.integers(1, 3),
)
def test_conditions_keep_rows_before_a_ranking_cuts_them(
    figures: Figures, condition: Condition, dimension: Any, limit: int
) -> None:
    plan = Plan(metrics=("gross_sales",), dimensions=(dimension,), conditions=(condition,))
    everything = figures.run(plan.model_copy(update={"conditions": ()}))
    groups = split(AMOUNTS, (dimension,))
    named = [key for key in everything.keys if "(none)" not in key]
    kept = {key for key in named if met(condition, exact(groups.get(key, []), condition.metric))}
    sold = {key for key in kept if any(one.measure == "gross" for one in groups.get(key, []))}
    result = figures.run(plan)
    assert set(result.keys) == kept
    cut = figures.run(plan.model_copy(update={"ranking": Ranking(by="gross_sales", limit=limit)}))
    assert result.row_count == len(kept)
    assert cut.row_count == len(sold), "what was never sold has no place in the order of sales"
    assert len(cut.keys) == min(limit, len(sold))


@DRAWN
@given(plan=row_plans())
def test_a_ranking_is_in_the_order_that_it_names(figures: Figures, plan: Plan) -> None:
    ranking = plan.ranking
    if ranking is None:
        return
    everything = figures.run(plan.model_copy(update={"ranking": None}))
    if ranking.by in plan.dimensions:
        order = [key[0] for key in everything.keys]
        wanted: list[Any] = sorted(order, reverse=ranking.descending)
    else:
        place = everything.columns.index((ranking.by, ranking.side))
        values = [row[place].value for row in everything.rows]
        wanted = sorted((one for one in values if one is not None), reverse=ranking.descending)
        wanted += [None] * (len(values) - len(wanted))
    wanted = wanted[ranking.skip :][: ranking.limit]
    result = figures.run(plan)
    if ranking.by in plan.dimensions:
        assert [key[0] for key in result.keys] == wanted
    else:
        assert [row[place].value for row in result.rows] == wanted
    assert result.row_count == len(everything.keys)


# --- citations --------------------------------------------------------------------------------------------------------


def opened_parts(figures: Figures, citation: Citation) -> tuple[Proof, list[Any], int]:
    """A figure's proof, all its parts and what its contributions come to, over all pages."""
    citation = Citation.from_token(citation.token())
    pages = [open_citation(figures, citation, 1, 60)]
    pages += [open_citation(figures, citation, page, 60) for page in range(2, pages[0].pages + 1)]
    rows = [row for each in pages for row in each.contributions]
    assert all(row.document for row in rows)
    return pages[0], [part for each in pages for part in each.parts], sum(row.amount for row in rows)


def recomputed(figures: Figures, citation: Citation, depth: int = 0) -> Fraction | None:
    """The figure of a citation out of what it opens into, down to entries that stand in documents."""
    proof, parts, total = opened_parts(figures, citation)
    value = None if proof.figure.value is None else Fraction(proof.figure.value)
    for _, figure, part in parts[:: max(1, len(parts) // 2)] if depth < 1 else []:
        assert recomputed(figures, part, depth + 1) == (None if figure.value is None else Fraction(figure.value))
    given = [None if figure.value is None else Fraction(figure.value) for _, figure, _ in parts]
    made = _made(proof, given, total)
    assert made == value, (describe(citation.plan), citation)
    return value


def _made(proof: Proof, parts: list[Any], total: int) -> Any:
    citation, value = proof.citation, proof.figure.value
    side = citation.side
    if side in ("change", "step", "change_rate", "step_rate"):
        if None in parts:
            return None
        change = parts[0] - parts[1]
        return change if side in ("change", "step") else percent(change, abs(parts[1]))
    if side == "share":
        return percent(*parts)
    if side == "running":
        return sum((part for part in parts if part is not None), Fraction(0))
    if citation.metric in RATIOS:
        if None in parts or not parts:
            return None
        top, bottom, into_bottom = Fraction(0), Fraction(0), False
        for (words, *_), part in zip(proof.parts, parts, strict=True):
            into_bottom = into_bottom or words == "over"
            signed = -part if words == "less" else part
            top, bottom = (top, bottom + signed) if into_bottom else (top + signed, bottom)
        places = RATIOS[citation.metric][2]
        return round(top * (100 if places == 1 else 1) / bottom, places) if bottom else None
    made = Fraction(total, {"money": 100, "units": 1_000_000}.get(proof.unit, 1))
    return made if made or value is not None else None


@pytest.mark.parametrize("name", RATIOS)
def test_a_ratio_opens_into_its_sums(figures: Figures, name: str) -> None:
    result = figures.run(Plan(metrics=(name,), dimensions=("store",)))
    recomputed(figures, Citation.of(result, result.figures[0]))


# --- what does not go together ----------------------------------------------------------------------------------------

OVER = Condition(metric="net_sales", op="over", value=Decimal(5))
REFUSED = {
    "a ratio of a ratio": Plan(metrics=("tips / average_ticket",)),
    "a ratio of nothing": Plan(metrics=("tips / nonsense",)),
    "a ratio that cannot be split so": Plan(metrics=("tips / net_sales",), dimensions=("item",)),
    "conditions without rows": Plan(metrics=("net_sales",), conditions=(OVER,)),
    "a condition on nothing": Plan(
        metrics=("net_sales",), dimensions=("store",), conditions=(OVER.model_copy(update={"metric": "nonsense"}),)
    ),
    "groups that are rows": Plan(
        metrics=("net_sales",), dimensions=("store",), each=Each(dimensions=("store",), fold="count")
    ),
    "groups named twice": Plan(metrics=("net_sales",), each=Each(dimensions=("store", "store"), fold="count")),
    "groups that there are not": Plan(metrics=("tips",), each=Each(dimensions=("item",), fold="count")),
    "the sum of a ratio": Plan(metrics=("discount_rate",), each=Each(dimensions=("store",), fold="sum")),
    "a share of a ratio": Plan(metrics=("discount_rate",), dimensions=("store",), share=("store",)),
    "a share of an average": Plan(
        metrics=("net_sales",), dimensions=("store",), share=("store",), each=Each(dimensions=("hour",), fold="average")
    ),
    "a share of what is whole": Plan(metrics=("net_sales",), dimensions=("store",), share=("item",)),
    "a running ratio": Plan(metrics=("discount_rate",), dimensions=("month",), series="running"),
    "running items": Plan(
        metrics=("net_sales",), dimensions=("month",), series="running", each=Each(dimensions=("item",), fold="count")
    ),
    "a series without time": Plan(metrics=("net_sales",), dimensions=("store",), series="steps"),
    "a comparison with what rows are of": Plan(
        metrics=("net_sales",), dimensions=("store",), against=(Filter(dimension="store", values=("Airport",)),)
    ),
    "tickets against others": Plan(
        metrics=("net_sales",), dimensions=("ticket",), against=(Filter(dimension="store", values=("Airport",)),)
    ),
    "a ranking by a side that is not there": Plan(
        metrics=("net_sales",), dimensions=("store",), ranking=Ranking(by="net_sales", side="change")
    ),
    "a ranking by names": Plan(metrics=("net_sales",), dimensions=("store",), ranking=Ranking(by="store")),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_go_together_is_refused(figures: Figures, name: str) -> None:
    with pytest.raises(PlanError):
        figures.run(REFUSED[name])


@pytest.mark.parametrize("page", [0, 99])
def test_a_page_that_there_is_not_is_the_nearest_one(figures: Figures, page: int) -> None:
    plan = Plan(metrics=("net_sales",), each=Each(dimensions=("ticket",), fold="median"))
    result = figures.run(plan)
    citation = Citation.of(result, result.rows[0][0])
    first = open_citation(figures, citation, 1, 5)
    nearest = 1 if page == 0 else first.pages
    shown = open_citation(figures, citation, page, 5)
    assert shown.page == nearest
    assert shown.parts == open_citation(figures, citation, nearest, 5).parts != ()
