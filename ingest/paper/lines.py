"""Lines of a paper: name, quantity, price and amount of what was sold, in one row or two."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ingest.paper import written
from ingest.paper.content import written_amount, written_number
from ingest.paper.layout import Row
from ingest.paper.noted import Field, noted
from ingest.paper.written import JOIN, Amount

_TIMES = re.compile(
    r"(?<![\w.,])(?P<whole>\d{1,5})(?:[.,](?P<part>\d{1,3}))?\s?(?:kg|st|stk|stck|pcs|pc|ea)?\.?\s?[xX×@*]\s?(?=[-\d$€£])"
)
_LEADING = re.compile(r"^(?P<whole>\d{1,4})(?:[xX]|\s?[x×])?\s+(?=\D)")
_COLUMN = re.compile(r"(?<![\w.,])(?P<whole>\d{1,5})(?:[.,](?P<part>\d{3}))?(?:\s?(?:x|pcs|stk|kg|h))?\s*$")
NAME_CHARACTERS_MAX = 200
_MICRO = 1_000_000


@dataclass(frozen=True)
class Item:
    """A line as it was found; ``name`` is None while only its quantity and price are known."""

    name: Field | None
    quantity: Field | None
    price: Field | None
    amount: Field | None
    mark: str

    @property
    def waits(self) -> bool:
        """Whether it is a row ``2 x 3.50`` whose line is yet to come."""
        return self.name is None

    def takes(self, other: Item) -> bool:
        """Whether a quantity and a price come to this line's amount, which has none of its own."""
        if self.name is None or self.quantity is not None or self.amount is None or not other.waits:
            return False
        return _product(other) == _minor(self.amount)

    def with_quantity(self, other: Item) -> Item:
        return replace(self, quantity=other.quantity, price=other.price)

    def fields(self, number: int, rate: str | None) -> list[Field]:
        """Its fields as line ``number``; ``rate`` is that of its tax, where it is known."""
        amount = self.amount if self.amount is not None else self.price
        assert amount is not None
        if self.amount is None:  # a quantity and a price whose line never came
            amount = replace(amount, confidence=0.0, note=f"line {number} has a price and no amount")
        parts = [("name", self.name), ("quantity", self.quantity), ("price", self.price), ("amount", amount)]
        found = [replace(one, name=f"line.{number}.{name}") for name, one in parts if one is not None]
        if rate is not None:
            found.append(replace(amount, name=f"line.{number}.rate", value=rate))
        return found


def quantity_alone(row: Row, point: str) -> Item | None:
    """A row that is nothing but a quantity and a price; ``2 x 3,50``."""
    text = row.joined
    times, amounts = _TIMES.search(text), written.amounts(text, point)
    if times is None or len(amounts) != 1 or times.end() > amounts[0].end:
        return None
    if re.search(r"[A-Za-zÀ-ÿ]{3,}", text[: times.start()] + text[amounts[0].end :]):
        return None
    return Item(None, _quantity(row, times), _price(row, amounts[0]), None, "")


def item(row: Row, point: str) -> Item | None:
    """A row with a name and an amount, and what quantity and price it names."""
    spaced = row.joined.replace(JOIN, " ")
    for text in (row.joined, spaced):
        made = _item(row, text, point)
        if made is not None and (made.quantity is None or _product(made) == _minor(made.amount)):
            # Two numbers or one with a space in it: without a product that tells, neither is sure.
            unsure = made.quantity is None and row.joined != spaced
            return _doubted(made, row) if unsure else made
    return _item(row, row.joined, point)


def _item(row: Row, text: str, point: str) -> Item | None:
    amounts = written.amounts(text, point)
    if not amounts:
        return None
    last = amounts[-1]
    times = _TIMES.search(text)
    if times is not None and len(amounts) >= 2 and times.end() <= amounts[-2].end:
        name = _name(row, text, 0, times.start()) or _name(row, text, amounts[-2].end, last.start)
        return Item(name, _quantity(row, times), _price(row, amounts[-2]), _amount(row, last), last.mark)
    if len(amounts) == 1:
        leading = _LEADING.match(text)
        if leading is not None and _name(row, text, leading.end(), last.start) is not None:
            return Item(
                _name(row, text, leading.end(), last.start),
                _quantity(row, leading),
                None,
                _amount(row, last),
                last.mark,
            )
        name = _name(row, text, 0, last.start)
        return None if name is None else Item(name, None, None, _amount(row, last), last.mark)
    before = text[: amounts[-2].start]
    column, leading = _COLUMN.search(before), _LEADING.match(text)
    found = column if column is not None and column.start() > 0 else leading
    if found is None:
        name = _name(row, text, 0, amounts[-2].start)
        same = amounts[-2].minor == last.minor
        return (
            Item(name, None, _price(row, amounts[-2]) if same else None, _amount(row, last), last.mark)
            if name
            else None
        )
    start, end = (0, found.start()) if found is column else (found.end(), amounts[-2].start)
    name = _name(row, text, start, end)
    if name is None:
        return None
    return Item(name, _quantity(row, found), _price(row, amounts[-2]), _amount(row, last), last.mark)


def _doubted(made: Item, row: Row) -> Item:
    assert made.amount is not None
    note = f"{row.text[:80]!r} can be read as one number or as two"
    return replace(made, amount=replace(made.amount, confidence=round(made.amount.confidence * 0.4, 4), note=note))


def _name(row: Row, text: str, start: int, end: int) -> Field | None:
    said = text[start:end].replace(JOIN, " ").strip(" .:-\t")
    if not re.search(r"[^\W\d_]", said):
        return None
    return noted("name", said[:NAME_CHARACTERS_MAX], row, start, end, 1.0)


def _quantity(row: Row, found: re.Match[str]) -> Field:
    part = found.groupdict().get("part") or ""
    micro = int(found["whole"]) * _MICRO + int(part.ljust(6, "0") or 0)
    return noted("quantity", written_number(micro), row, found.start(), found.end(), 1.0)


def _price(row: Row, one: Amount) -> Field:
    return noted("price", written_amount(one.minor), row, one.start, one.end, 1.0)


def _amount(row: Row, one: Amount) -> Field:
    return noted("amount", written_amount(one.minor), row, one.start, one.end, 1.0)


def _product(one: Item) -> int | None:
    if one.quantity is None or one.price is None:
        return None
    whole, _, part = one.quantity.value.partition(".")
    micro = int(whole) * _MICRO + int(part.ljust(6, "0") or 0)
    product = micro * int(one.price.value.replace(".", ""))
    size = (abs(product) + _MICRO // 2) // _MICRO
    return size if product >= 0 else -size


def _minor(field: Field | None) -> int | None:
    return None if field is None else int(field.value.replace(".", ""))
