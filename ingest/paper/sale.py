"""From what a paper says to a ticket: a receipt line by line, a Z-report as one summary of its day.

Where the lines include the tax, it is taken off them rate by rate, in shares that come to the printed tax exactly.
Rates are the names of taxes (``19 %``), since a receipt says nothing of whose tax it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time

from ingest.paper.content import Content, Line, Tax, store_day, written_amount, written_number
from ingest.paper.labels import label
from ingest.records import MICRO, Unreadable
from ingest.tickets import Row, Ticket
from ledger.accounts import Chart
from ledger.settings import BookSettings

Places = Callable[[str], str]
"""From the name of a field to where it stands, as a locator."""


def number_of(content: Content) -> str:
    """The number of a paper's ticket, which is the same however often it is photographed."""
    mark = "Z" if content.kind == "z_report" else ""
    return f"{content.store}/{content.day}/{mark}{content.number}"


def ticket_of(content: Content, settings: BookSettings, chart: Chart, places: Places, whole: str) -> Ticket:
    """The ticket of a receipt or of a Z-report. Unreadable says what it lacks, or which rate its lines do not tell."""
    for name, value in (("store", content.store), ("date", content.day), ("number", content.number)):
        if value is None:
            raise Unreadable(f"it has no {name}")
    if content.total is None:
        raise Unreadable("it has no total")
    taxes = _taxes(content)
    summary = content.kind == "z_report"
    lines = _summary(content, taxes, places) if summary else _lines(content, taxes, chart, places)
    net = sum(row["net_minor"] for row in lines)
    total = net + content.taxed + content.tip + content.rounding
    if total not in (content.total, content.total + content.tip):
        raise Unreadable(f"its lines come to {written_amount(total)}, its total is {written_amount(content.total)}")
    header: Row = {
        "locator": whole,
        "external_id": number_of(content),
        "store": content.store,
        "register": content.register,
        "business_date": store_day(content, settings),
        "closed_at": _closed(content),
        "kind": _kind(lines),
        "cashier": content.cashier,
        "memo": f"Z-report {content.number}: the day's sales in one" if summary else None,
        "net_minor": content.net,
        "tax_minor": content.taxed,
        "tip_minor": content.tip or None,
        "rounding_minor": content.rounding or None,
        "total_minor": total,
    }
    return Ticket(header, lines, _tenders(content, chart, places), taxes)


def _closed(content: Content) -> str | None:
    if content.time is None or content.day is None:
        return None
    return datetime.combine(content.day, time.fromisoformat(content.time)).isoformat()


def _kind(lines: Sequence[Row]) -> str:
    back = any(row["quantity_micro"] < 0 for row in lines)
    kept = any(row["quantity_micro"] > 0 and row["kind"] == "item" for row in lines)
    return "exchange" if back and kept else "return" if back else "sale"


def _taxes(content: Content) -> list[Row]:
    given = content.taxes or ((Tax(None, content.net, content.tax),) if content.tax else ())
    rows: list[Row] = []
    for one in given:
        base = one.base
        if base is None and len(given) == 1:
            base = content.net if content.net is not None else (content.total or 0) - content.rounding - one.amount
        rows.append(
            {
                "jurisdiction": None if one.rate is None else f"{written_number(one.rate * 100)} %",
                "rate_micro": one.rate,
                "base_minor": base,
                "amount_minor": one.amount,
                "included": content.included,
            }
        )
    return [row for row in rows if row["amount_minor"]]


def _lines(content: Content, taxes: Sequence[Row], chart: Chart, places: Places) -> list[Row]:
    shares = _shares(content, taxes) if content.included else [0] * len(content.lines)
    rows = []
    for number, (line, tax) in enumerate(zip(content.lines, shares, strict=True), start=1):
        named = label(line.name, ("amounts",), chart)
        adjusts = line.amount < 0 and named is not None and named.name == "discount"
        quantity = abs(line.quantity) or MICRO
        net = line.amount - tax
        rows.append(
            {
                "number": number,
                "kind": "adjustment" if adjusts else "item",
                "name": line.name or None,
                "quantity_micro": -quantity if net < 0 and not adjusts else quantity,
                "unit_price_minor": line.price,
                "gross_minor": net,
                "discount_minor": 0,
                "net_minor": net,
                "tax_minor": tax if content.included else None,
                "voided": False,
                "locator": places(f"line.{number}.amount"),
            }
        )
    return rows


def _shares(content: Content, taxes: Sequence[Row]) -> list[int]:
    """The tax in each line's amount: what its rate's tax grows by over the lines, so that they come to it exactly."""
    shares = [0] * len(content.lines)
    rates = [row["rate_micro"] for row in taxes]
    for row in taxes:
        mine = [
            place
            for place, line in enumerate(content.lines)
            if (line.rate is None and len(taxes) == 1) or _rate(line, rates, place) == row["rate_micro"]
        ]
        gross = sum(content.lines[place].amount for place in mine)
        told = f"{written_number((row['rate_micro'] or 0) * 100)} %"
        if gross == 0:
            raise Unreadable(f"no line is at {told}, of which it has a tax")
        if row["base_minor"] is not None and gross != row["base_minor"] + row["amount_minor"]:
            due = written_amount(row["base_minor"] + row["amount_minor"])
            raise Unreadable(f"its lines at {told} come to {written_amount(gross)}, its table of taxes says {due}")
        so_far, given = 0, 0
        for place in mine:
            so_far += content.lines[place].amount
            reached = (so_far * row["amount_minor"] * 2 + gross) // (2 * gross)
            shares[place], given = reached - given, reached
    return shares


def _rate(line: Line, rates: Sequence[int | None], place: int) -> int | None:
    if line.rate is None:
        raise Unreadable(f"its line {place + 1} does not say which of the rates of tax it is at")
    if line.rate not in rates and line.rate != 0:
        raise Unreadable(f"its line {place + 1} is at a rate of which it has no tax")
    return line.rate


def _summary(content: Content, taxes: Sequence[Row], places: Places) -> list[Row]:
    """A line for what was sold at each rate, and one for the rest."""
    net = content.net
    if net is None:
        net = (content.total or 0) - content.taxed - content.tip - content.rounding
    known = [row for row in taxes if row["base_minor"] is not None] if len(taxes) > 1 else []
    parts = [
        (f"Day's sales at {row['jurisdiction']}", row["base_minor"], f"tax.{number}.base")
        for number, row in enumerate(known, start=1)
    ]
    rest = net - sum(base for _, base, _ in parts)
    if rest or not parts:
        parts.append(("Day's sales", rest, "net" if content.net is not None else "total"))
    return [
        {
            "number": number,
            "kind": "item",
            "name": name,
            "quantity_micro": -MICRO if amount < 0 else MICRO,
            "gross_minor": amount,
            "discount_minor": 0,
            "net_minor": amount,
            "voided": False,
            "locator": places(field),
        }
        for number, (name, amount, field) in enumerate(parts, start=1)
    ]


def _tenders(content: Content, chart: Chart, places: Places) -> list[Row]:
    gives = next(
        (n for n, one in enumerate(content.tenders) if chart.tender_type(one.type) in chart.change_from), 0
    )  # where none does, validation holds the ticket by name
    return [
        {
            "number": number + 1,
            "type": one.type,
            "amount_minor": one.amount,
            "change_minor": content.change if content.change and number == gives else None,
            "locator": places(f"tender.{number + 1}.amount"),
        }
        for number, one in enumerate(content.tenders)
    ]
