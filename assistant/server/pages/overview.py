"""The overview of a period: key figures against the period before, and charts with their tables beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from markupsafe import Markup
from starlette.responses import Response

from assistant.server import charts
from assistant.server.errors import NotThere, Unreadable
from assistant.server.pages.download import csv_response, result_rows
from assistant.server.pages.results import Cell, ResultTable, cell, one_figure, table
from assistant.server.pages.view import View, with_query
from assistant.server.request import Opened, Pages, read_day
from assistant.service import Service
from ledger.figures import METRICS, Filter, Period, Plan, Ranking, Result
from ledger.figures.plan import Dimension

router = APIRouter(include_in_schema=False)

KEY_FIGURES = ("net_sales", "transactions", "average_ticket", "discounts", "returns", "tax_collected")
DAYS_SHOWN = 28
TOP_ITEMS = 10

PanelName = Literal["days", "stores", "hours", "items"]
_PANELS: dict[PanelName, tuple[str, Dimension]] = {
    "days": ("Net sales by day", "business_date"),
    "stores": ("Net sales by store", "store"),
    "hours": ("Net sales by hour", "hour"),
    "items": ("Top items by net sales", "item"),
}


@dataclass(frozen=True)
class Card:
    """A key figure with its change on the period before."""

    label: str
    value: Cell
    rate: Cell | None


@dataclass(frozen=True)
class Panel:
    """A chart and its table."""

    title: str
    chart: Markup
    table: ResultTable
    csv: str


@dataclass(frozen=True)
class Scope:
    """What the page looks at: a period, the equally long one before it, and a store or all."""

    period: Period
    before: Period
    store: str

    @property
    def filters(self) -> tuple[Filter, ...]:
        return (Filter(dimension="store", values=(self.store,)),) if self.store else ()

    def plan(self, panel: PanelName) -> Plan:
        dimension = _PANELS[panel][1]
        top = Ranking(by="net_sales", limit=TOP_ITEMS) if panel == "items" else None
        ranking = Ranking(by="net_sales") if panel == "stores" else top
        return Plan(
            metrics=("net_sales",),
            dimensions=(dimension,),
            filters=self.filters,
            period=self.period,
            ranking=ranking,
        )


Day = Annotated[str, Query(max_length=10)]
StoreName = Annotated[str, Query(max_length=400)]


@router.get("/overview")
def overview_page(
    service: Opened,
    pages: Pages,
    start: Annotated[str, Query(alias="from", max_length=10)] = "",
    to: Day = "",
    store: StoreName = "",
) -> Response:
    """The overview; without dates, the last weeks that the book has."""
    scope = _scope(service, start, to, store)
    if scope is None:
        return pages.page("overview.html", period=None)
    key = service.figures.run(
        Plan(metrics=KEY_FIGURES, filters=scope.filters, period=scope.period, comparison=scope.before)
    )
    return pages.page(
        "overview.html",
        period=scope.period,
        before=scope.before,
        store=scope.store,
        stores=service.figures.values("store"),
        shortcuts=_shortcuts(_span(service)),
        cards=[_card(key, metric, pages) for metric in KEY_FIGURES],
        panels=[_panel(service, scope, name, pages) for name in _PANELS if name != "stores" or not scope.store],
        tie_out=key.tie_out,
    )


@router.get("/overview/{panel}.csv")
def overview_table(
    panel: PanelName,
    service: Opened,
    start: Annotated[str, Query(alias="from", max_length=10)] = "",
    to: Day = "",
    store: StoreName = "",
) -> Response:
    """The table beside a chart, as CSV."""
    scope = _scope(service, start, to, store)
    if scope is None:
        raise NotThere("Nothing is in this book yet.")
    return csv_response(result_rows(service.figures.run(scope.plan(panel))), f"{panel}-{scope.period.start}")


def _scope(service: Service, start: str, to: str, store: str) -> Scope | None:
    span = service.figures.span()
    if span is None:
        return None
    if store and store not in service.figures.values("store"):
        raise NotThere(f"There is no store {store[:80]!r} in this book.")
    last = read_day(to) if to else _end(span)
    first = read_day(start) if start else last - timedelta(days=DAYS_SHOWN - 1)
    if last < first:
        raise Unreadable(f"The period ends ({last}) before it starts ({first}).")
    days = (last - first).days + 1
    try:
        before = Period(start=first - timedelta(days=days), end=first - timedelta(days=1))
    except OverflowError:
        raise Unreadable(f"There is no period before {first}; choose a later day.") from None
    return Scope(Period(start=first, end=last), before, store)


def _span(service: Service) -> Period:
    span = service.figures.span()
    assert span is not None
    return span


def _end(span: Period) -> date:
    assert span.end is not None
    return span.end


def _shortcuts(span: Period) -> list[tuple[str, date, date]]:
    """Periods to choose from, all ending with what the book has."""
    assert span.start is not None
    last = _end(span)
    month = last.replace(day=1)
    month_before = (month - timedelta(days=1)).replace(day=1)
    return [
        ("Last day", last, last),
        ("7 days", last - timedelta(days=6), last),
        (f"{DAYS_SHOWN} days", last - timedelta(days=DAYS_SHOWN - 1), last),
        (f"{month:%B %Y}", month, last),
        (f"{month_before:%B %Y}", month_before, month - timedelta(days=1)),
        ("All", span.start, last),
    ]


def _card(key: Result, metric: str, pages: View) -> Card:
    value, rate = one_figure(key, metric), one_figure(key, metric, "change_rate")
    assert value is not None
    changed = cell(key, rate, pages.formats) if rate is not None and rate.value is not None else None
    return Card(METRICS[metric].label, cell(key, value, pages.formats), changed)


def _panel(service: Service, scope: Scope, name: PanelName, pages: View) -> Panel:
    result = service.figures.run(scope.plan(name))
    query = {"from": scope.period.start, "to": scope.period.end, "store": scope.store}
    return Panel(
        title=_PANELS[name][0],
        chart=Markup(charts.svg(result, locale=pages.formats.locale)),  # noqa: S704
        table=table(result, pages.formats),
        csv=with_query(f"/overview/{name}.csv", **query),
    )
