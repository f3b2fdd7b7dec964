"""The rows of a paper that hold amounts: lines, net, tax by rate, total, tenders, counts.

A row is what its label says (``labels``). A tax table needs none: a rate with its amounts is solved by what they
come to. Rows above the first total that have no label are lines. Of an amount that could be two numbers (``2 350,00``)
a line takes the reading whose product holds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations

from ingest.paper import written
from ingest.paper.content import written_amount, written_number
from ingest.paper.labels import Label, label
from ingest.paper.layout import Row
from ingest.paper.lines import Item, item, quantity_alone
from ingest.paper.noted import Field, noted
from ingest.paper.written import Amount, Rate
from ledger.accounts import Chart

_GROUPS = ("ignored", "amounts", "counts", "tenders")
_COUNT = re.compile(r"(?<![\d.,])(\d{1,6})(?![\d.,%])")
_MARK = re.compile(r"(?<!\w)([A-Z])(?!\w)")
SINGLES = ("net", "tax", "total", "tip", "rounding", "change")


@dataclass
class _Found:
    """What was found so far; a list for each single amount, as papers print some of them twice."""

    singles: dict[str, list[Field]] = field(default_factory=dict)
    subtotals: list[Field] = field(default_factory=list)
    taxes: list[tuple[str, list[Field]]] = field(default_factory=list)
    """The mark of a rate, and the fields of its tax."""
    tenders: list[list[Field]] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    counts: list[Field] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    """Rows that speak of tax, or stand behind the total, and could not be made out: they may be of a tax that prices
    include, which no sum would miss."""
    after_total: bool = False

    def single(self, name: str, found: Field) -> None:
        self.singles.setdefault(name, []).append(found)


def money(printed: Sequence[Row], kind: str, point: str, chart: Chart) -> tuple[list[Field], list[str]]:
    """The fields of all rows with amounts, and of counts; and what is in the way, a sentence each."""
    found = _Found()
    for row in printed:
        _row(row, kind, point, chart, found)
    fields = [_one_of(name, found.singles[name]) for name in SINGLES if name in found.singles]
    fields += _net_of_subtotal(found, fields)
    taxes = _distinct(found.taxes)
    marks = {mark: rate for mark, parts in taxes for rate in [_rate_of(parts)] if mark and rate}
    only = [rate for _, parts in taxes for rate in [_rate_of(parts)] if rate]
    for number, (_, parts) in enumerate(taxes, start=1):
        fields += [_renamed(one, f"tax.{number}.{one.name}") for one in parts]
    for number, parts in enumerate(found.tenders, start=1):
        fields += [_renamed(one, f"tender.{number}.{one.name}") for one in parts]
    for number, one in enumerate(found.items, start=1):
        rate = marks.get(one.mark) or (only[0] if len(only) == 1 and not (one.mark and marks) else None)
        fields += one.fields(number, rate)
    return fields + found.counts[:1], [f"the row {row[:80]!r} could not be made out" for row in found.unread]


# --- one row ----------------------------------------------------------------------------------------------------


def _row(row: Row, kind: str, point: str, chart: Chart, found: _Found) -> None:
    text = row.joined
    amounts, rates = written.amounts(text, point), written.rates(text)
    if not amounts:
        _count(row, chart, found)
        if _speaks_of_tax(text, rates, chart):
            found.unread.append(row.text)
        return
    named = label(_before(text, amounts, rates), _GROUPS, chart)
    if named is not None and named.group == "ignored":
        found.unread += [row.text] if rates else []
        return
    if rates and len(amounts) >= 2 and _tax_row(row, amounts, rates, found):
        found.after_total = True
        return
    if named is not None and named.strength >= 0.5 and _labelled(row, named, amounts, rates, kind, chart, found):
        return
    if rates or (named is not None and named.name == "tax") or (kind == "receipt" and found.after_total):
        found.unread.append(row.text)
    elif kind != "z_report" and not found.after_total:
        _line(row, point, found)


def _speaks_of_tax(text: str, rates: list[Rate], chart: Chart) -> bool:
    """Whether a row without an amount has lost one: no sum would miss a tax that prices include."""
    named = label(re.sub(r"\d.*", "", text), _GROUPS, chart)
    of_tax = named is not None and (named.group, named.name) == ("amounts", "tax") and named.strength >= 0.9
    ignored = named is not None and named.group == "ignored"
    return not ignored and (bool(rates) or of_tax) and any(one.isdigit() for one in text)


def _labelled(
    row: Row, named: Label, amounts: list[Amount], rates: list[Rate], kind: str, chart: Chart, found: _Found
) -> bool:
    """Take a row that has a label; False where the label is rather the name of a line."""
    last = amounts[-1]
    if named.group == "counts":
        return True
    if named.group == "amounts" and named.name == "total":
        paid = label(named.rest, ("tenders",), chart)
        if paid is not None and paid.strength == 1.0 and len(amounts) == 1:
            found.tenders.append(_tender(row, paid, last))
            return True
        if len(amounts) == 3 and amounts[0].minor + amounts[1].minor == amounts[2].minor:
            for name, one in zip(("net", "tax", "total"), amounts, strict=True):
                found.single(name, _amount(name, row, one, named.strength))
            return True
    if named.group == "tenders":
        if not (found.after_total or kind == "z_report") or len(amounts) != 1:
            return False
        found.tenders.append(_tender(row, named, last))
        return True
    if len(amounts) != 1:
        return False
    if named.name == "discount":
        return kind == "z_report"  # a line of its own on a receipt
    if named.name == "subtotal":
        found.after_total = True
        found.subtotals.append(_amount("net", row, last, named.strength))
        return True
    if named.name == "tax" and rates:
        found.after_total = True
        found.taxes.append((_mark(row, rates[0]), [_rate(row, rates[0]), _amount("amount", row, last, named.strength)]))
        return True
    if named.name in ("net", "total", "tax"):
        found.after_total = True
    found.single(named.name, _amount(named.name, row, last, named.strength))
    return True


def _tax_row(row: Row, amounts: list[Amount], rates: list[Rate], found: _Found) -> bool:
    """Take a row of a tax table: of its rate, base (or gross) and tax, in whatever order; False where they are not."""
    rate = rates[0]
    for off_minor in (1, 3):  # what rounding line by line can make of it
        for first, tax in permutations(amounts, 2):
            rest = [one.minor for one in amounts if one not in (first, tax)]
            for base in (first.minor, first.minor - tax.minor):
                if abs(base * rate.micro - tax.minor * 1_000_000) > off_minor * 1_000_000:
                    continue
                if rest and rest != [base + tax.minor] and rest != [base]:
                    continue
                of_base = replace(_amount("base", row, first, 1.0), value=written_amount(base))
                parts = [_rate(row, rate), of_base, _amount("amount", row, tax, 1.0)]
                found.taxes.append((_mark(row, rate), parts))
                return True
    return False


def _line(row: Row, point: str, found: _Found) -> None:
    alone = quantity_alone(row, point)
    if alone is not None and found.items and found.items[-1].takes(alone):
        found.items[-1] = found.items[-1].with_quantity(alone)
        return
    waiting = found.items.pop() if found.items and found.items[-1].waits else None
    if alone is not None:
        found.items += [waiting] if waiting is not None else []
        found.items.append(alone)
        return
    made = item(row, point)
    if made is None:
        found.items += [waiting] if waiting is not None else []
    elif waiting is not None and made.takes(waiting):
        found.items.append(made.with_quantity(waiting))
    else:
        found.items += [waiting] if waiting is not None else []
        found.items.append(made)


def _count(row: Row, chart: Chart, found: _Found) -> None:
    numbers = list(_COUNT.finditer(row.text))
    named = label(re.sub(r"\d.*", "", row.text), ("ignored", "counts"), chart) if len(numbers) == 1 else None
    if named is not None and named.group == "counts" and named.strength >= 0.9:
        one = numbers[0]
        found.counts.append(noted(named.name, str(int(one[1])), row, one.start(), one.end(), named.strength))


# --- fields -----------------------------------------------------------------------------------------------------


def _before(text: str, amounts: list[Amount], rates: list[Rate]) -> str:
    """The words of a row before its amounts, without its rates."""
    for one in rates:
        text = text[: one.start] + " " * (one.end - one.start) + text[one.end :]
    return text[: amounts[0].start]


def _mark(row: Row, rate: Rate) -> str:
    """The letter beside a rate that lines name it by."""
    near = row.joined[: rate.start] + " " + row.joined[rate.end : rate.end + 4]
    found = _MARK.findall(near)
    return found[-1] if found else ""


def _amount(name: str, row: Row, one: Amount, strength: float) -> Field:
    return noted(name, written_amount(one.minor), row, one.start, one.end, strength)


def _rate(row: Row, rate: Rate) -> Field:
    return noted("rate", written_number(rate.micro * 100), row, rate.start, rate.end, 1.0)


def _tender(row: Row, named: Label, amount: Amount) -> list[Field]:
    sure = min(1.0, named.strength + 0.2) if named.strength >= 0.8 else named.strength
    name = noted("type", named.name, row, 0, max(amount.start - 1, 1), sure)
    return [name, _amount("amount", row, amount, 1.0)]


def _renamed(one: Field, name: str) -> Field:
    return replace(one, name=name)


def _rate_of(parts: Sequence[Field]) -> str | None:
    return next((one.value for one in parts if one.name == "rate"), None)


def _distinct(taxes: list[tuple[str, list[Field]]]) -> list[tuple[str, list[Field]]]:
    """The taxes without those that are printed twice; of one rate with and without a base, the one with it."""
    kept: list[int] = []
    said = [{(one.name, one.value) for one in parts} for _, parts in taxes]
    for place in sorted(range(len(taxes)), key=lambda one: -len(said[one])):
        if not any(said[place] <= said[other] for other in kept):
            kept.append(place)
    return [taxes[place] for place in sorted(kept)]


def _one_of(name: str, found: list[Field]) -> Field:
    """The surest of a single amount that is printed more than once; unsure where they differ."""
    best = max(found, key=lambda one: one.confidence)
    others = sorted({one.value for one in found if one.value != best.value and one.confidence >= best.confidence})
    if not others:
        return best
    note = f"the {name} may be {best.value} or {' or '.join(others)}"
    return replace(best, confidence=round(best.confidence * 0.5, 4), note=note)


def _net_of_subtotal(found: _Found, fields: Sequence[Field]) -> list[Field]:
    """A subtotal as the net where tax is added to it; elsewhere it includes the tax and says nothing more."""
    values = {one.name: _minor(one.value) for one in fields}
    if "net" in values or not found.subtotals or "total" not in values:
        return []
    taxes = [_minor(one.value) for _, parts in found.taxes for one in parts if one.name == "amount"]
    tax = sum(taxes) if taxes else values.get("tax", 0)
    added = tax + values.get("rounding", 0)
    fits = [
        one
        for one in found.subtotals
        if values["total"] in (_minor(one.value) + added, _minor(one.value) + added + values.get("tip", 0))
    ]
    return fits[:1] if tax else []


def _minor(value: str) -> int:
    return int(value.replace(".", ""))
