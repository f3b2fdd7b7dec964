"""Tax by jurisdiction, as a tax return asks for it, and the tax payable behind it."""

from __future__ import annotations

from decimal import Decimal

from ledger.figures.plan import Filter
from ledger.statements.plan import Control, Row, Section
from ledger.statements.roll_forwards import tax_payable
from ledger.statements.workings import Key, Workings

_COLUMNS = (("Taxable base", "taxable_base"), ("Tax on sales", "tax_charged"), ("Tax on returns", "tax_refunded"))


def tax(work: Workings) -> tuple[tuple[Section, ...], tuple[Control, ...], tuple[str, ...]]:
    """By jurisdiction: base, tax on sales, tax on returns, net tax (compared, where that is asked for); then the
    accounts."""
    metrics = tuple(metric for _, metric in _COLUMNS)
    values = work.values(metrics, ("jurisdiction",), work.period)
    whole = work.values(metrics, (), work.period).get((), {})
    now = work.measured(("tax_collected",), ("jurisdiction",), work.period)
    before = work.measured(("tax_collected",), ("jurisdiction",), work.before)
    keys = sorted({*now, *before})

    def row(label: str, found: dict[str, Decimal | None], summed: list[Key], *filters: Filter) -> Row:
        cells = [work.cell(name, found.get(name), work.period, *filters) for name in metrics]
        return Row(label, (*cells, *work.compared("tax_collected", summed, now, before, *filters)), not filters)

    rows = [row(key[0], values.get(key, {}), [key], Filter(dimension="jurisdiction", values=key)) for key in keys]
    payable, controls = tax_payable(work)
    if not rows:
        return ((payable,) if payable.rows else ()), controls, ()
    total = row("Total", whole, keys)
    headings = (*(heading for heading, _ in _COLUMNS), "Net tax", *work.columns[1:])
    section = Section("By jurisdiction", "Jurisdiction", headings, (*rows, total))
    _, charged, refunded, net, *_ = total.cells
    assert charged and refunded and net
    adds_up = work.control(
        "Tax on sales less tax on returns is the tax collected.",
        ("tax on sales", 1, charged),
        ("tax on returns", -1, refunded),
        ("tax collected", -1, net),
    )
    base = total.cells[0]
    assert base is not None
    notes: tuple[str, ...] = ()
    if base.figure.value is None:
        notes = ("Some tickets do not say what their tax was charged on, so their jurisdictions have no taxable base.",)
    return (section, payable) if payable.rows else (section,), (adds_up, *controls), notes
