"""The figure that sets a case beside its peers: a plan like any other, so that each bar opens to its entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from markupsafe import Markup

from assistant.flags.queue import Ranked
from assistant.server import charts
from assistant.server.pages.results import ResultTable, table
from assistant.server.pages.view import View
from ledger.errors import PlanError
from ledger.figures import METRICS, Figures, Filter, Period, Plan, Ranking
from ledger.figures.plan import Dimension

PEERS_MAX = 12
DAYS = 28
"""How far back and forth a chart reaches where a case has no window."""

_FAMILIES: dict[str, str] = {
    "refunds": "returns",
    "voids": "void_value",
    "drawer": "over_short",
    "price": "discounts",
    "gift_cards": "gift_cards_sold",
    "tips": "tips",
    "tax": "tax_collected",
    "completeness": "transactions",
    "timing": "transactions",
}
"""The metric that shows a family best; net sales where none does."""


@dataclass(frozen=True)
class Peers:
    """A chart with its table; ``title`` says of what, ``marked`` who or what stands out in it."""

    title: str
    chart: Markup
    table: ResultTable
    marked: str | None


def peers(figures: Figures, one: Ranked, pages: View) -> Peers | None:
    """What others did in the window of a case: by cashier where it is about a person, day by day where not. None where
    there is nothing to compare."""
    plan = plan_of(one)
    if plan is None:
        return None
    try:
        result = figures.run(plan)
    except PlanError:
        return None  # a name that the figures do not know, such as of a store of which nothing came
    marked = one.case.cause.person
    drawn = charts.svg(result, locale=pages.formats.locale, marked=marked)
    if not drawn:
        return None
    where = one.case.cause.store or "all stores"
    by = "cashier" if marked else "day"
    title = f"{METRICS[plan.metrics[0]].label} by {by}, {where}"
    return Peers(title[:1].upper() + title[1:], Markup(drawn), table(result, pages.formats), marked)  # noqa: S704


def plan_of(one: Ranked) -> Plan | None:
    """The plan of the chart; None where a case has no days."""
    cause = one.case.cause
    days = [flag.business_date for flag in one.flags if flag.business_date is not None]
    if not days:
        return None
    first, last = cause.first or days[0], cause.last or days[0]
    if (last - first).days < DAYS - 1:
        first, last = min(days) - timedelta(days=DAYS // 2), max(days) + timedelta(days=DAYS // 2)
    dimension: Dimension = "cashier" if cause.person else "business_date"
    metric = _FAMILIES.get(cause.family, "net_sales")
    return Plan(
        metrics=(metric,),
        dimensions=(dimension,),
        filters=(Filter(dimension="store", values=(cause.store,)),) if cause.store else (),
        period=Period(start=first, end=last),
        ranking=Ranking(by=metric, limit=PEERS_MAX) if cause.person else None,
    )
