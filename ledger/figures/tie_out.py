"""Tying out: whether what a plan's figures come to in all is what the ledger's accounts hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ledger.figures import query
from ledger.figures.exact import Measured, signed_sum
from ledger.figures.metrics import Metric
from ledger.figures.plan import TieOut
from ledger.figures.scope import Scope, Slice
from ledger.money import display

if TYPE_CHECKING:
    from ledger.figures.copy import Figures

TIED: dict[str, str] = {
    "gross_sales": "revenue",
    "discounts": "discounts",
    "returns": "returns",
    "net_sales": "net",
    "tax_collected": "tax",
    "service_charges": "service",
}
"""Metrics whose total stands in the ledger's accounts, too, and the accounts that hold it. Tips do not: their
account is lessened by what was paid out."""


def tie_out(figures: Figures, one: Metric, scope: Scope, sums: Mapping[Any, Measured]) -> TieOut | None:
    """Compare a result's total with the accounts, where its filters are such that the accounts can tell."""
    if one.name not in TIED or not {each.dimension for each in scope.filters} <= {"store", "region", "owner"}:
        return None
    total_now = sum(signed_sum(one.sum, measured) for measured in sums.values())
    chart = figures.book.chart
    accounts = {
        "revenue": sorted(chart.revenue_accounts),
        "discounts": [chart.roles["discounts"], chart.roles["comps"]],
        "returns": [chart.roles["returns"]],
        "net": sorted({*chart.revenue_accounts, *(chart.roles[name] for name in ("discounts", "comps", "returns"))}),
        "service": [chart.line_kinds["service_charge"]],
        "tax": [],
    }[TIED[one.name]]
    own = (chart.roles["tax"], *sorted(chart.taxes.values())) if TIED[one.name] == "tax" else tuple(accounts)
    (row,) = figures.prepared(
        ("posted", TIED[one.name], own),
        Slice.of(scope, figures.calendar),
        lambda part: _posted(query.scoped(figures, "movements", part), own, below=TIED[one.name] == "tax"),
    )
    posted = row["posted"] or 0
    sign = 1 if one.name in ("discounts", "returns") else -1
    difference = total_now - sign * int(posted)
    currency = figures.book.settings.book.currency
    locale = figures.book.settings.book.locale
    shown = display(total_now, currency, locale)
    if difference == 0:
        return TieOut(True, f"Ties out: {one.label} of {shown} in all is what the ledger's accounts hold.")
    return TieOut(
        False,
        f"Does not tie out: {one.label} is {shown} in all, but the ledger's accounts hold "
        f"{display(sign * int(posted), currency, locale)}; they differ by {display(difference, currency, locale)}.",
    )


def _posted(rows: Any, accounts: tuple[str, ...], *, below: bool) -> Any:
    """What is posted to some accounts; with ``below`` to all that begin like the first, too."""
    among = rows.account.isin(accounts)
    rows = rows.filter(rows.account.startswith(accounts[0]) | among if below else among)
    return rows.aggregate(posted=rows.balance.sum())
