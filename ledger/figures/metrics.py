"""The metrics: their definitions, read from ``metrics.toml``, and what they can be split by."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from ledger.errors import PlanError
from ledger.figures.calendar import IN_TIME
from ledger.figures.plan import Dimension

Unit = Literal["money", "percent", "number", "tickets", "units"]

OVER = " / "
_PER_ONE = {"units_sold": "unit sold"}
COUNTED = frozenset({"transactions", "return_count", "void_count", "uncosted", "without_base"})
"""Measures that are plain numbers; ``units_sold`` is in millionths, all others are money in minor units."""

TIMES = (*IN_TIME, "weekday")
PLACES = ("store", "region", "owner", *TIMES)
OF_TICKET = (*PLACES, "channel", "register", "cashier", "customer", "ticket", "hour", "tender", "card_brand")

FACT_DIMENSIONS: dict[str, frozenset[str]] = {
    "lines": frozenset({*OF_TICKET, "item", "category", "subcategory"}),
    "tickets": frozenset(OF_TICKET),
    "tenders": frozenset(OF_TICKET),
    "taxes": frozenset({*OF_TICKET, "jurisdiction"}),
    "events": frozenset({*PLACES, "register", "cashier", "hour", "ticket"}),
    "postings": frozenset({*PLACES, "account"}),
    "movements": frozenset({*PLACES, "account"}),
}
"""What the rows of each fact can be split and filtered by. Movements are postings of a period alone; of postings
everything before it counts, too, for a balance is their sum from the first on."""

MEASURE_FACTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("gross_sales", "discounts", "returns", "units_sold", "cogs", "uncosted", "service_charges"), ("lines",)
    ),
    **dict.fromkeys(("gift_cards_sold", "gift_cards_returned", "account_payments"), ("lines",)),
    **dict.fromkeys(("transactions", "return_count"), ("tickets", "lines")),
    **dict.fromkeys(("void_count", "void_value", "tips"), ("tickets",)),
    **dict.fromkeys(("total_collected", "payment_fees", "tenders_taken", "tenders_returned"), ("tenders",)),
    **dict.fromkeys(("settled_to", "settled_from", "payouts"), ("tenders",)),
    "tax_collected": ("taxes", "lines"),
    **dict.fromkeys(("tax_charged", "tax_refunded", "taxable_base", "without_base", "marketplace_tax"), ("taxes",)),
    **dict.fromkeys(("over_short", "cash_paid_in", "cash_paid_out", "tips_paid_out", "cash_deposited"), ("events",)),
    "balance": ("postings",),
    **dict.fromkeys(("movement", "debits", "credits"), ("movements",)),
}
"""The fact tables that hold a measure, the first that has the dimensions wanted is taken. Tickets are counted over
lines, each once, where items or categories are wanted."""


@dataclass(frozen=True)
class Metric:
    """A metric. ``sum`` and ``per`` are measures with their signs; with ``per`` it is a ratio of the two sums."""

    name: str
    label: str
    definition: str
    unit: Unit
    sum: tuple[tuple[int, str], ...]
    per: tuple[tuple[int, str], ...]
    words: tuple[str, ...]
    needs: tuple[str, ...]
    """Measures without which the metric has no value: a cost that no line tells is not a cost of zero."""
    unless: tuple[str, ...]
    """Measures that leave the metric without a value: a sum of which a part is not known is not known."""

    @property
    def measures(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*(name for _, name in (*self.sum, *self.per)), *self.unless]))

    @property
    def is_ratio(self) -> bool:
        return bool(self.per)

    @property
    def dimensions(self) -> frozenset[str]:
        """What the metric can be split and filtered by: what all its measures can."""
        possible = [
            frozenset().union(*(FACT_DIMENSIONS[fact] for fact in MEASURE_FACTS[measure])) for measure in self.measures
        ]
        return frozenset.intersection(*possible)


def fact_for(measure: str, dimensions: Iterable[str]) -> str:
    """The fact table over which a measure is summed for some dimensions. PlanError when there is none."""
    wanted = set(dimensions)
    for fact in MEASURE_FACTS[measure]:
        if wanted <= FACT_DIMENSIONS[fact]:
            return fact
    raise PlanError(f"{measure} cannot be split by {', '.join(sorted(wanted))}")


def metric(name: str) -> Metric:
    """A metric by its name, or one over another by both: ``"tips / net_sales"``. PlanError when there is none."""
    found = METRICS.get(name)
    if found is None and OVER in name:
        return _ratio(name)
    if found is None:
        raise PlanError(f"there is no metric {name!r}; there are {', '.join(METRICS)}")
    return found


@cache
def _ratio(name: str) -> Metric:
    """One sum over another: a percentage where both have one unit, else so much of the one for each of the other."""
    first, _, second = name.partition(OVER)
    top, bottom = metric(first), metric(second)
    for part in (top, bottom):
        if part.is_ratio:
            raise PlanError(f"{part.label} is a ratio, and is not divided again")
    if set(top.measures) & set(bottom.unless):
        raise PlanError(f"{top.label} is not divided by {bottom.label}")
    alike = top.unit == bottom.unit
    unit: Unit = "percent" if alike else "money" if top.unit == "money" else "number"
    one = bottom.label[:-1] if bottom.label.endswith("s") else _PER_ONE.get(bottom.name, bottom.label)
    return Metric(
        name=name,
        label=f"{top.label} as a percentage of {bottom.label}" if alike else f"{top.label} per {one}",
        definition=f"{top.label} ({top.definition}) over {bottom.label} ({bottom.definition})",
        unit=unit,
        sum=top.sum,
        per=bottom.sum,
        words=(),
        needs=(*top.needs, *bottom.needs),
        unless=(*top.unless, *bottom.unless),
    )


def check(name: str, dimensions: Iterable[str]) -> None:
    """PlanError when a metric cannot be split or filtered by one of some dimensions, saying by what it can."""
    found = metric(name)
    for dimension in dimensions:
        if dimension not in found.dimensions:
            others = [one.label for one in METRICS.values() if dimension in one.dimensions][:4]
            raise PlanError(
                f"{found.label} cannot be split by {dimension.replace('_', ' ')}"
                + (f"; {', '.join(others)} can" if others else "")
            )


def _signed(terms: list[str]) -> tuple[tuple[int, str], ...]:
    return tuple((-1 if term[0] == "-" else 1, term[1:]) for term in terms)


def _read() -> dict[str, Metric]:
    tables = tomllib.loads(files("ledger.figures").joinpath("metrics.toml").read_text("utf-8"))
    return {
        name: Metric(
            name=name,
            label=table["label"],
            definition=table["definition"],
            unit=table["unit"],
            sum=_signed(table["sum"]),
            per=_signed(table.get("per", [])),
            words=tuple(table["words"]),
            needs=tuple(table.get("needs", [])),
            unless=tuple(table.get("unless", [])),
        )
        for name, table in tables.items()
    }


METRICS: dict[str, Metric] = _read()

assert all(measure in MEASURE_FACTS for one in METRICS.values() for measure in one.measures)
assert all(d in get_args(Dimension) for ds in FACT_DIMENSIONS.values() for d in ds)
