"""A Z-report against the tickets of its store and day, total by total: what the till says and what the book has.

The side of the tickets are figures of the ledger, each with its proof. What a Z-report does not say is not compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ingest.paper.content import Content, store_day
from ledger.accounts import Chart
from ledger.figures import Figure, Figures, Filter, Period, Plan, Result
from ledger.money import to_major
from ledger.settings import BookSettings

_TOTALS = (("net", "net_sales"), ("tax", "tax_collected"), ("total", "total_collected"))
_COUNT = "transactions"
_PAID = "total_collected"


@dataclass(frozen=True)
class Compared:
    """One total: as printed, as the tickets have it (``figure`` of ``result``, None where they have none of it), and
    tickets less Z-report; all in major units, counts as they are."""

    label: str
    printed: Decimal
    tickets: Decimal
    figure: Figure | None
    result: Result

    @property
    def difference(self) -> Decimal:
        return self.tickets - self.printed

    @property
    def is_count(self) -> bool:
        return self.label == _COUNT


@dataclass(frozen=True)
class Reconciliation:
    """The totals of a Z-report and of the tickets of its ``store`` and ``day``; ``tickets`` are how many there are."""

    store: str
    day: date
    tickets: int
    rows: tuple[Compared, ...]

    @property
    def sentence(self) -> str:
        """What it comes to, with the differences by name."""
        where = f"{self.store} on {self.day}"
        tickets = "1 ticket" if self.tickets == 1 else f"{self.tickets:,} tickets"
        if not self.tickets:
            return f"The book has no tickets of {where}, so that there is nothing to reconcile the Z-report with."
        wrong = [one for one in self.rows if one.difference]
        if not wrong:
            return f"The Z-report agrees with the {tickets} of {where} in all it says."
        told = "; ".join(
            f"{one.label} {one.printed:,} in the Z-report, {one.tickets:,} on tickets, difference {one.difference:,}"
            for one in wrong
        )
        return f"The Z-report does not agree with the {tickets} of {where}: {told}."


def reconcile(figures: Figures, content: Content, settings: BookSettings, chart: Chart) -> Reconciliation | None:
    """Compare a Z-report with its day; None for another paper, or one that lacks its store or date."""
    day = store_day(content, settings)
    if content.kind != "z_report" or content.store is None or day is None:
        return None
    currency = settings.book.currency
    scope = {
        "filters": (Filter(dimension="store", values=(content.store,)),),
        "period": Period(start=day, end=day),
    }
    whole = figures.run(Plan(metrics=(*(metric for _, metric in _TOTALS), _COUNT), **scope))  # type: ignore[arg-type]
    paid = figures.run(Plan(metrics=(_PAID,), dimensions=("tender",), **scope))  # type: ignore[arg-type]
    printed = {
        "net": content.net,
        "tax": content.taxed if content.taxes or content.tax else None,
        "total": content.total,
    }
    rows = []
    for name, metric in _TOTALS:
        minor = printed[name]
        if minor is not None:
            rows.append(_compared(name, to_major(minor, currency), whole, metric, ()))
    for kind, amount in _by_tender(content, chart).items():
        rows.append(_compared(f"paid by {kind}", to_major(amount, currency), paid, _PAID, (kind,)))
    named = {one.label for one in rows}
    for key in paid.keys:
        if content.tenders and f"paid by {key[0]}" not in named:
            rows.append(_compared(f"paid by {key[0]}", to_major(0, currency), paid, _PAID, key))
    if content.transactions is not None:
        rows.append(_compared(_COUNT, Decimal(content.transactions), whole, _COUNT, ()))
    return Reconciliation(content.store, day, whole.tickets, tuple(rows))


def _by_tender(content: Content, chart: Chart) -> dict[str, int]:
    """What was paid by each type of tender, change taken off where change is given."""
    paid: dict[str, int] = {}
    for one in content.tenders:
        kind = chart.tender_type(one.type) or one.type
        paid[kind] = paid.get(kind, 0) + one.amount
    giving = next((kind for kind in paid if kind in chart.change_from), None)
    if giving is not None:
        paid[giving] -= content.change
    return paid


def _compared(label: str, printed: Decimal, result: Result, metric: str, key: tuple[str, ...]) -> Compared:
    figure = next((one for one in result.figures if one.metric == metric and one.key == key), None)
    value = figure.value if figure is not None and figure.value is not None else Decimal(0)
    return Compared(label, printed, value, figure, result)
