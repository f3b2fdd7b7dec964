"""Fiscal weeks, months, quarters and years as dimensions of figures, against a fold over the tickets.

The fold lays its years out by hand, from one start to the next, so that it has nothing of ``ledger.fiscal``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import ibis
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.errors import PlanError
from ledger.figures import Citation, Figures, Filter, Period, Plan, Ranking, describe, open_citation
from ledger.figures.calendar import FISCAL, BookCalendar, shown
from ledger.figures.plan import Dimension, Each
from ledger.fiscal import FiscalCalendar
from tests.builders import post
from tests.ledger.figures.test_figures import (
    EVENTS,
    Dims,
    Row,
    column,
    folded,
    made_tickets,
    settled,
)

DAY = timedelta(days=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SPREAD = 1100
"""Days over which the tickets lie: three years, of which calendars of weeks have one of 53."""


def moved(one: Row, days: int) -> Row:
    later = {
        name: one[name] + DAY * days for name in ("closed_at", "opened_at", "version_stamp", "at") if one.get(name)
    }
    return {**one, **later, "business_date": one["business_date"] + DAY * days}


TICKETS = [moved(one, -(17 * number) % SPREAD - SPREAD) for number, one in enumerate(made_tickets(5, 130))]
TILLS = [moved(one, -(53 * number) % SPREAD - SPREAD) for number, one in enumerate(EVENTS)]


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figures]:
    book = settled(tmp_path_factory.mktemp("fiscal") / "book")
    post(book, *TICKETS, events=TILLS)
    opened = Figures.open(book)
    opened.catch_up()
    yield opened
    opened.close()
    book.close()


# --- the fold ---------------------------------------------------------------------------------------------------------


def starts_of(calendar: FiscalCalendar, year: int) -> date:
    anchor = date(year, calendar.month, calendar.day)
    if calendar.weeks is None:
        return anchor
    near = [
        anchor + DAY * days for days in ((0, -1, 1, -2, 2, -3, 3) if calendar.rule == "nearest" else range(0, -7, -1))
    ]
    return next(day for day in near if day.weekday() == WEEKDAYS.index(calendar.weekday))


def periods_of(calendar: FiscalCalendar, start: date) -> list[date]:
    if calendar.weeks is not None:
        weeks = [int(one) for one in calendar.weeks.split("-")] * 4
        return [start + DAY * 7 * sum(weeks[:number]) for number in range(12)]
    firsts = [start]
    for number in range(1, 12):
        year, month = divmod(start.year * 12 + start.month - 1 + number, 12)
        last = (date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - DAY).day
        firsts.append(date(year, month + 1, min(calendar.day, last)))
    return firsts


@cache
def laid_out(calendar: FiscalCalendar) -> tuple[list[date], list[tuple[int, int, int]]]:
    """The first days of the periods of some years, and of each its year, that year's first day and its number."""
    days: list[date] = []
    told: list[tuple[int, int, int]] = []
    for year in range(2018, 2032):
        start = starts_of(calendar, year)
        january = (calendar.month, calendar.day) == (1, 1)
        name = year if calendar.named_after == "start" or january else year + 1
        for number, first in enumerate(periods_of(calendar, start), start=1):
            days.append(first)
            told.append((name, start.toordinal(), number))
    return days, told


def fiscal_of(calendar: FiscalCalendar, day: date) -> Dims:
    days, told = laid_out(calendar)
    year, start, number = told[bisect_right(days, day) - 1]
    return {
        "fiscal_year": f"FY{year}",
        "fiscal_quarter": f"FY{year}-Q{(number + 2) // 3}",
        "fiscal_month": f"FY{year}-P{number:02}",
        "fiscal_week": f"FY{year}-W{(day.toordinal() - start) // 7 + 1:02}",
    }


starts = st.sampled_from([(1, 1), (2, 1), (4, 6), (7, 1), (10, 1), (1, 31), (8, 30), (12, 31)])
named = st.sampled_from(["start", "end"])
of_months = st.builds(lambda on, name: FiscalCalendar(month=on[0], day=on[1], named_after=name), starts, named)
of_weeks = st.builds(
    lambda on, weeks, weekday, rule, name: FiscalCalendar(
        month=on[0], day=on[1], weeks=weeks, weekday=weekday, rule=rule, named_after=name
    ),
    starts,
    st.sampled_from(["4-4-5", "4-5-4", "5-4-4"]),
    st.sampled_from(WEEKDAYS),
    st.sampled_from(["nearest", "last"]),
    named,
)
calendars = of_months | of_weeks
RETAIL = FiscalCalendar(month=2, day=1, weeks="4-5-4", named_after="start")
few = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


# --- days -------------------------------------------------------------------------------------------------------------


@given(calendars, st.dates(date(2019, 2, 1), date(2030, 12, 1)))
def test_a_day_is_in_the_unit_whose_days_have_it(calendar: FiscalCalendar, day: date) -> None:
    of_book = BookCalendar("monday", calendar)
    for name, value in fiscal_of(calendar, day).items():
        first, last = of_book.days_of(name, value)
        assert first <= day <= last
        assert {fiscal_of(calendar, one)[name] for one in (first, last)} == {value}
        assert value not in {fiscal_of(calendar, one)[name] for one in (first - DAY, last + DAY)}


@given(calendars)
@settings(max_examples=8, deadline=None)
def test_an_engine_groups_each_day_as_the_fold_does(calendar: FiscalCalendar) -> None:
    days = [date(2019, 3, 1) + DAY * number for number in range(4100)]
    table = ibis.memtable({"day": days})
    of_book = BookCalendar("monday", calendar)
    grouped = table.select("day", **{name: of_book.grouping(table.day, name) for name in FISCAL})
    for row in ibis.duckdb.connect().to_pyarrow(grouped).to_pylist():
        assert {name: shown(name, row[name]) for name in FISCAL} == fiscal_of(calendar, row["day"])


@given(st.sampled_from(["monday", "sunday", "saturday"]), st.dates(date(2001, 1, 1), date(2090, 1, 1)))
def test_the_days_of_calendar_units_have_their_own_name(starts: str, day: date) -> None:
    calendar = BookCalendar(starts)
    later = day + DAY * {"monday": 0, "sunday": 1, "saturday": 2}[starts]
    firsts = {
        "business_date": day,
        "week": later - DAY * later.weekday(),
        "month": day.replace(day=1),
        "quarter": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "year": day.replace(month=1, day=1),
    }
    for name, first in firsts.items():
        begins, ends = calendar.days_of(name, shown(name, first))
        assert begins <= day <= ends
        following = ends + DAY
        assert calendar.days_of(name, shown(name, first))[0] == begins
        assert (following - begins).days in {"business_date": {1}, "week": {7}, "month": {28, 29, 30, 31}}.get(
            name, {90, 91, 92, 365, 366}
        )


# --- figures ----------------------------------------------------------------------------------------------------------


@few
@given(calendars, st.sampled_from(FISCAL), st.sampled_from([(), ("store",), ("hour",), ("category",)]))
def test_figures_by_a_fiscal_unit_are_what_the_fold_gives(
    figures: Figures, calendar: FiscalCalendar, name: Dimension, others: tuple[Dimension, ...]
) -> None:
    figures.calendar = BookCalendar("monday", calendar)
    of_lines = ("net_sales", "transactions", "units_sold", "return_rate")
    metrics = of_lines if others == ("category",) else (*of_lines[:2], "total_collected", "tips", "over_short")
    result = figures.run(Plan(metrics=metrics, dimensions=(name, *others)))
    for each in metrics:
        expected = folded(
            each, (name, *others), tickets=TICKETS, events=TILLS, more=lambda day: fiscal_of(calendar, day)
        )
        assert column(result, each) == expected, each
    units = [key[0] for key in result.keys]
    assert units == sorted(units)


@few
@given(calendars, st.sampled_from(FISCAL), st.integers(0, 10**6), st.booleans())
def test_a_filter_on_fiscal_units_keeps_what_the_fold_keeps(
    figures: Figures, calendar: FiscalCalendar, name: Dimension, draw: int, exclude: bool
) -> None:
    figures.calendar = BookCalendar("monday", calendar)
    every = sorted({fiscal_of(calendar, one["business_date"])[name] for one in TICKETS})
    values = tuple({every[draw % len(every)], every[draw // 7 % len(every)]})
    kept = Filter(dimension=name, values=values, exclude=exclude)
    result = figures.run(Plan(metrics=("net_sales", "transactions"), dimensions=("store",), filters=(kept,)))
    for each in ("net_sales", "transactions"):
        expected = folded(
            each,
            ("store",),
            lambda dims: (dims[name] in values) != exclude,
            tickets=TICKETS,
            events=TILLS,
            more=lambda day: fiscal_of(calendar, day),
        )
        assert column(result, each) == expected


@few
@given(calendars, st.sampled_from(FISCAL), st.integers(0, 10**6))
def test_a_fiscal_figure_opens_into_its_own_entries(
    figures: Figures, calendar: FiscalCalendar, name: Dimension, draw: int
) -> None:
    figures.calendar = BookCalendar("monday", calendar)
    result = figures.run(Plan(metrics=("gross_sales",), dimensions=(name,)))
    figure = result.figures[draw % len(result.figures)]
    token = Citation.of(result, figure).token()
    proof = open_citation(figures, Citation.from_token(token), page_size=1000)
    assert proof.figure.value == figure.value
    assert Decimal(proof.total).scaleb(-2) == figure.value
    days = {one.business_date for one in proof.contributions}
    assert {fiscal_of(calendar, day)[name] for day in days if day} == ({figure.key[0]} if days else set())
    assert sum(one.amount for one in proof.contributions) == proof.total


@few
@given(calendars, st.sampled_from(FISCAL))
def test_fiscal_units_are_folded_and_go_on_in_time(figures: Figures, calendar: FiscalCalendar, name: Dimension) -> None:
    figures.calendar = BookCalendar("monday", calendar)
    sales = folded("net_sales", (name,), tickets=TICKETS, events=TILLS, more=lambda day: fiscal_of(calendar, day))
    running = figures.run(Plan(metrics=("net_sales",), dimensions=(name,), series="running"))
    last = running.rows[-1][running.columns.index(("net_sales", "running"))].value
    assert last == figures.run(Plan(metrics=("net_sales",))).figures[0].value
    steps = figures.run(Plan(metrics=("net_sales",), dimensions=(name,), series="steps"))
    assert len(steps.keys) == len(running.keys) - 1
    highest = figures.run(Plan(metrics=("net_sales",), each=Each(dimensions=(name,), fold="highest")))
    assert highest.figures[0].value == max(sales.values())
    counted = figures.run(Plan(metrics=("transactions",), each=Each(dimensions=(name,), fold="count")))
    with_sales = folded(
        "transactions", (name,), tickets=TICKETS, events=TILLS, more=lambda day: fiscal_of(calendar, day)
    )
    assert counted.figures[0].value == len(with_sales)


def test_the_53rd_week_belongs_to_the_last_period(figures: Figures) -> None:
    figures.calendar = BookCalendar("monday", RETAIL)
    first, last = figures.calendar.days_of("fiscal_week", "FY2023-W53")
    assert (first, last) == (date(2024, 1, 28), date(2024, 2, 3))
    assert figures.calendar.days_of("fiscal_month", "FY2023-P12")[1] == last
    assert figures.calendar.days_of("fiscal_year", "FY2024")[0] == last + DAY
    with pytest.raises(PlanError, match="fiscal week"):
        figures.calendar.days_of("fiscal_week", "FY2024-W53")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fiscal_year", "2026"),
        ("fiscal_quarter", "FY2026-Q5"),
        ("fiscal_quarter", "2026-Q1"),
        ("fiscal_month", "FY2026-P13"),
        ("fiscal_month", "FY2026-P1"),
        ("fiscal_week", "FY2026-W00"),
        ("fiscal_year", "FY0000"),
    ],
)
def test_what_is_no_fiscal_unit_is_refused(figures: Figures, name: Dimension, value: str) -> None:
    with pytest.raises(PlanError, match="is no fiscal"):
        figures.run(Plan(metrics=("net_sales",), filters=(Filter(dimension=name, values=(value,)),)))


def test_fiscal_units_are_described_and_ranked_in_time(figures: Figures) -> None:
    figures.calendar = BookCalendar("monday", RETAIL)
    plan = Plan(metrics=("net_sales",), dimensions=("fiscal_quarter",), ranking=Ranking(by="fiscal_quarter", limit=1))
    assert describe(plan) == "last fiscal quarter, with net sales, all dates"
    (key,) = figures.run(plan).keys
    assert key == (max(fiscal_of(RETAIL, one["business_date"])["fiscal_quarter"] for one in TICKETS),)
    other = Period(start=date(2024, 1, 1), end=date(2024, 12, 31))
    with pytest.raises(PlanError, match="fiscal quarter"):
        figures.run(Plan(metrics=("net_sales",), dimensions=("fiscal_quarter",), comparison=other))
