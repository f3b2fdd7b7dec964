"""Whether the amounts of a paper add up: quantity x price = line, lines = subtotal, net + tax = total, rates = tax,
tenders = total. A check that fails names the difference; which fields it is about decides how sure they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingest.paper.content import Content, written_amount

_MICRO = 1_000_000


@dataclass(frozen=True)
class Check:
    """A sum that was checked: the fields that take part, and a sentence with the difference where it fails."""

    name: str
    fields: tuple[str, ...]
    difference_minor: int
    sentence: str

    @property
    def holds(self) -> bool:
        return self.difference_minor == 0


def checks(content: Content) -> tuple[Check, ...]:
    """All sums that a content allows to be checked."""
    of = (_lines, _sum_of_lines, _rates, _sum_of_taxes, _total, _tenders)
    return tuple(check for sums in of for check in sums(content))


def before_tax(content: Content) -> int | None:
    """The net as printed, or what the bases of the rates come to; None where neither is there."""
    if content.net is not None:
        return content.net
    bases = [one.base for one in content.taxes]
    return None if not bases or None in bases else sum(one for one in bases if one is not None)


def _check(name: str, fields: list[str], found: int, stated: int, words: str) -> Check:
    difference = found - stated
    told = f"{words}: {written_amount(found)} against {written_amount(stated)}"
    return Check(
        name, tuple(fields), difference, told if not difference else f"{told}, difference {written_amount(difference)}"
    )


def _lines(content: Content) -> Iterator[Check]:
    for number, line in enumerate(content.lines, start=1):
        if line.price is None:
            continue
        product = line.quantity * line.price
        found = (abs(product) + _MICRO // 2) // _MICRO * (1 if product >= 0 else -1)
        # A weighed thing's price is cut or rounded as the till likes: a minor unit is no difference there.
        weighed = line.quantity % _MICRO != 0 and abs(found - line.amount) <= 1
        fields = [f"line.{number}.{one}" for one in ("quantity", "price", "amount")]
        yield _check(
            "line",
            fields,
            line.amount if weighed else found,
            line.amount,
            f"line {number}, quantity x price and amount",
        )


def _sum_of_lines(content: Content) -> Iterator[Check]:
    if not content.lines:
        return
    found = sum(one.amount for one in content.lines)
    fields = [f"line.{number}.amount" for number in range(1, len(content.lines) + 1)]
    net = before_tax(content)
    if content.total is not None and (content.included or net is None or not content.taxed):
        inside = content.total - content.rounding
        stated = inside - content.tip if found == inside - content.tip else inside
        stated -= 0 if content.included or net is not None else content.taxed
        yield _check("lines", [*fields, "total"], found, stated, "the lines and what they are to come to")
    elif net is not None:
        nearer_total = content.total is not None and abs(found - content.total) < abs(found - net)
        stated, name = (content.total or 0, "total") if nearer_total else (net, "net")
        yield _check("lines", [*fields, name], found, stated, f"the lines and the {name}")


def _rates(content: Content) -> Iterator[Check]:
    """Rate x base = tax, to the rounding of as many lines as there are."""
    allowed = 1 + len(content.lines) // 2
    for number, tax in enumerate(content.taxes, start=1):
        base = tax.base if tax.base is not None or len(content.taxes) > 1 else content.net
        if tax.rate is None or base is None:
            continue
        found = (abs(base) * tax.rate + _MICRO // 2) // _MICRO * (1 if base >= 0 else -1)
        near = abs(found - tax.amount) <= allowed
        fields = [f"tax.{number}.{one}" for one in ("rate", "base", "amount")]
        yield _check(
            "rate", fields, tax.amount if near else found, tax.amount, f"tax {number}, rate x base and its amount"
        )


def _sum_of_taxes(content: Content) -> Iterator[Check]:
    if not content.taxes:
        return
    numbers = range(1, len(content.taxes) + 1)
    if content.tax is not None:
        fields = [f"tax.{number}.amount" for number in numbers]
        found = sum(one.amount for one in content.taxes)
        yield _check("taxes", [*fields, "tax"], found, content.tax, "the taxes of the rates and the tax")
    if content.net is not None and all(one.base is not None for one in content.taxes):
        bases = sum(one.base or 0 for one in content.taxes)
        fields = [f"tax.{number}.base" for number in numbers]
        # What is free of tax has no row of its own on many receipts.
        if bases > content.net or content.kind == "z_report":
            yield _check("bases", [*fields, "net"], bases, content.net, "the bases of the rates and the net")


def _total(content: Content) -> Iterator[Check]:
    net = before_tax(content)
    if net is None or content.total is None:
        return
    found = net + content.taxed + content.rounding
    with_tip = found + content.tip
    fields = ["total", *(["net"] if content.net is not None else [])]
    fields += [f"tax.{number}.amount" for number in range(1, len(content.taxes) + 1)] or ["tax"]
    if content.net is None:
        fields += [f"tax.{number}.base" for number in range(1, len(content.taxes) + 1)]
    yield _check(
        "total", fields, with_tip if with_tip == content.total else found, content.total, "net + tax and the total"
    )


def _tenders(content: Content) -> Iterator[Check]:
    if not content.tenders or content.total is None:
        return
    found = sum(one.amount for one in content.tenders) - content.change
    fields = [f"tender.{number}.amount" for number in range(1, len(content.tenders) + 1)]
    fields += ["total", *(["change"] if content.change else []), *(["tip"] if content.tip else [])]
    stated = content.total + content.tip if found == content.total + content.tip else content.total
    yield _check("tenders", fields, found, stated, "the tenders and the total")
