"""What drives a change: contributions that add up, and price, volume and mix against the formula in fractions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import PlanError
from ledger.figures import Citation, Figures, Filter, Period, Plan, open_citation
from ledger.figures.drivers import price_volume_mix
from tests.builders import line, make_book, post, ticket
from tests.ledger.figures.test_figures import FIRST, LAST

PLAN = Plan(
    metrics=("net_sales",),
    period=Period(start=date(2026, 10, 16), end=LAST),
    comparison=Period(start=FIRST, end=date(2026, 10, 15)),
)


@pytest.mark.parametrize("metric", ["net_sales", "gross_sales"])
@pytest.mark.parametrize("kept", [(), (Filter(dimension="store", values=("Airport",)),)], ids=["all", "Airport"])
def test_price_volume_and_mix_add_up_and_are_computed_from_what_they_open_into(
    figures: Figures, metric: str, kept: Any
) -> None:
    result = figures.run(PLAN.model_copy(update={"metrics": (metric,), "filters": kept, "drivers": True}))
    sides = {one.side: one for one in result.figures}
    three = [sides[side] for side in ("price", "volume", "mix")]  # type: ignore[index]
    assert sum(one.value or 0 for one in three) == sides["change"].value
    amounts: dict[str, dict[tuple[str, ...], list[int]]] = {"value": {}, "before": {}}
    for figure in three:
        citation = Citation.from_token(Citation.of(result, figure).token())
        assert open_citation(figures, citation).figure == figure
    first = open_citation(figures, citation, 1, 10)
    for page in range(1, first.pages + 1):
        for _, one, part in open_citation(figures, citation, page, 10).parts:
            scale = 100 if one.metric == metric else 1_000_000
            amounts[one.side].setdefault(one.key, [0, 0])[one.metric != metric] = int((one.value or 0) * scale)
            assert page > 1 or open_citation(figures, part).figure.value == one.value
    again = price_volume_mix(
        *({key: (one[0], one[1]) for key, one in amounts[side].items()} for side in ("before", "value"))
    )
    assert again == tuple(int((one.value or 0) * 100) for one in three)


SOLD = st.dictionaries(
    st.sampled_from([("a",), ("b",), ("c",)]), st.tuples(st.integers(-5_000, 90_000), st.integers(0, 9_000_000))
)


@settings(max_examples=200, deadline=None)
@given(before=SOLD, now=SOLD)
def test_the_three_are_the_formula_to_the_minor_unit(before: Any, now: Any) -> None:
    found = price_volume_mix(before, now)
    units = sum(one for _, one in before.values())
    if not units:
        assert found is None
        return
    assert found is not None
    amount = sum(one for one, _ in before.values())
    average = Fraction(amount, units)
    both = [key for key in now if now[key][1] and before.get(key, (0, 0))[1]]
    volume = (sum(one for _, one in now.values()) - units) * average
    price = sum((now[key][0] - now[key][1] * Fraction(*before[key]) for key in both), Fraction(0))
    # Old prices against the average: of items in both by their new units, of all others by what they brought.
    mix = sum((now[key][1] * (Fraction(*before[key]) - average) for key in both), Fraction(0))
    mix += sum((now[key][0] - now[key][1] * average for key in now if key not in both), Fraction(0))
    assert sum(found) == sum(one for one, _ in now.values()) - amount
    for got, exact in zip(found, (price, volume, mix), strict=True):
        assert abs(got - exact) < 1


def test_a_price_a_volume_and_a_mix_alone(tmp_path: Any) -> None:
    def priced(apples: int, apple: int, pears: int) -> list[dict[str, Any]]:
        return [
            line(apples * apple, name="Apple", quantity_micro=apples * 1_000_000),
            line(pears * 300, name="Pear", quantity_micro=pears * 1_000_000),
        ]

    days = [date(2026, 10, number) for number in range(5, 9)]
    sold = [priced(10, 100, 10), priced(10, 120, 10), priced(20, 100, 20), priced(5, 100, 15)]
    book = make_book(tmp_path / "book")
    post(book, *(ticket(str(n), business_date=day, lines=sold[n]) for n, day in enumerate(days)))
    opened = Figures.open(book)
    opened.catch_up()
    found = []
    for day in days[1:]:
        plan = Plan(
            metrics=("net_sales",),
            period=Period(start=day, end=day),
            comparison=Period(start=days[0], end=days[0]),
            drivers=True,
        )
        found.append([one.value for one in opened.run(plan).figures if one.side in ("price", "volume", "mix")])
    zero = Decimal("0.00")
    assert found == [[Decimal("2.00"), zero, zero], [zero, Decimal("40.00"), zero], [zero, zero, Decimal("10.00")]]
    opened.close()
    book.close()


@pytest.mark.parametrize(
    "plan",
    [
        PLAN.model_copy(update={"metrics": ("tips",), "drivers": True}),
        PLAN.model_copy(update={"comparison": None, "drivers": True}),
        PLAN.model_copy(update={"dimensions": ("store",), "drivers": True}),
    ],
    ids=["tips", "no comparison", "split"],
)
def test_what_price_volume_and_mix_cannot_explain_is_refused(figures: Figures, plan: Plan) -> None:
    with pytest.raises(PlanError):
        figures.run(plan)
