"""``Content``: what a document on paper says, from its fields by name, whether a program read them or a person wrote
them.

Fields are texts: amounts in major units with a point (``12.50``), dates as ISO writes them, rates in percent. Repeated
parts are numbered from 1: ``line.1.name``, ``tender.2.amount``, ``tax.1.rate``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Literal, get_args

from ingest.records import TEXT_MAX, scaled
from ledger.errors import InputError
from ledger.settings import BookSettings

Kind = Literal["z_report", "receipt", "supplier_invoice", "customer_invoice"]
KINDS: tuple[Kind, ...] = get_args(Kind)

TEXTS = ("store", "number", "register", "cashier", "seller", "time")
AMOUNTS = ("net", "tax", "total", "tip", "rounding", "change")
PARTS: dict[str, tuple[str, ...]] = {
    "line": ("name", "quantity", "price", "amount", "rate"),
    "tax": ("rate", "base", "amount"),
    "tender": ("type", "amount"),
}
PARTS_MAX = 300
NEEDED: dict[Kind, tuple[str, ...]] = {
    "receipt": ("store", "date", "number", "total"),
    "z_report": ("store", "date", "number", "total"),
    "supplier_invoice": ("seller", "date", "number", "total"),
    "customer_invoice": ("date", "number", "total"),
}
"""What a document of a kind must say."""
FIELDS = ("kind", "date", *TEXTS, *AMOUNTS, "transactions")
DECIMALS = 2
"""Papers are read in currencies with two decimals."""

_PART = re.compile(r"^(line|tax|tender)\.([1-9]\d{0,2})\.([a-z]+)$")
_TIME = re.compile(r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$")


class FieldError(InputError):
    """A field says something that cannot be read; ``field`` is its name."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(problem)
        self.field = field


@dataclass(frozen=True)
class Line:
    """A line: ``amount`` as printed, in minor units; ``quantity`` in millionths, ``rate`` of its tax in millionths."""

    name: str
    quantity: int
    price: int | None
    amount: int
    rate: int | None


@dataclass(frozen=True)
class Tax:
    rate: int | None
    base: int | None
    amount: int


@dataclass(frozen=True)
class Tender:
    type: str
    amount: int


@dataclass(frozen=True)
class Content:
    """What a paper says; amounts in minor units, None where it does not say."""

    kind: Kind
    day: date | None
    store: str | None
    number: str | None
    register: str | None
    cashier: str | None
    seller: str | None
    time: str | None
    net: int | None
    tax: int | None
    total: int | None
    tip: int
    rounding: int
    change: int
    transactions: int | None
    lines: tuple[Line, ...]
    taxes: tuple[Tax, ...]
    tenders: tuple[Tender, ...]

    @property
    def taxed(self) -> int:
        """The tax: of its rates where they are given, else as one number."""
        return sum(one.amount for one in self.taxes) if self.taxes else self.tax or 0

    @property
    def included(self) -> bool:
        """Whether the amounts of lines include the tax."""
        if not self.lines or not self.taxed or self.total is None:
            return False
        return sum(one.amount for one in self.lines) in (
            self.total - self.rounding,
            self.total - self.rounding - self.tip,
        )


def store_day(content: Content, settings: BookSettings) -> date | None:
    """The business date of a paper: its date, or the day before where its time is before the store's cut-off."""
    if content.day is None:
        return None
    cut_off = settings.store(content.store or "").cut_off
    early = content.time is not None and cut_off is not None and time.fromisoformat(content.time) < cut_off
    return content.day - timedelta(days=1) if early else content.day


def content_of(values: Mapping[str, str]) -> Content:
    """The content of fields by name; empty ones say nothing. FieldError names the first that cannot be read."""
    given = {name: " ".join(value.split()) for name, value in values.items() if value and value.strip()}
    for name, value in given.items():
        if name not in FIELDS and not (_PART.match(name) and name.rpartition(".")[2] in PARTS[name.partition(".")[0]]):
            raise FieldError(name, f"there is no field {name!r}")
        if len(value) > TEXT_MAX or not value.isprintable():
            raise FieldError(name, f"{name} is longer than any text on paper, or holds a character that is no text")
    kind = next((one for one in KINDS if one == given.get("kind", "")), None)
    if kind is None:
        raise FieldError("kind", f"kind is {given.get('kind', 'not given')!r}; use one of {', '.join(KINDS)}")
    return Content(
        kind=kind,
        day=_day(given.get("date")),
        store=given.get("store"),
        number=given.get("number"),
        register=given.get("register"),
        cashier=given.get("cashier"),
        seller=given.get("seller"),
        time=_clock(given.get("time")),
        net=_money(given, "net"),
        tax=_money(given, "tax"),
        total=_money(given, "total"),
        tip=_money(given, "tip") or 0,
        rounding=_money(given, "rounding") or 0,
        change=_money(given, "change") or 0,
        transactions=_whole(given, "transactions"),
        lines=tuple(_line(given, part) for part in _numbered(given, "line")),
        taxes=tuple(_tax(given, part) for part in _numbered(given, "tax")),
        tenders=tuple(_tender(given, part) for part in _numbered(given, "tender")),
    )


def written_amount(minor: int) -> str:
    """An amount as fields write it: ``written_amount(-1250) == "-12.50"``."""
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def written_number(micro: int) -> str:
    """A number in millionths as fields write it: ``written_number(345_000) == "0.345"``."""
    sign, size = ("-", -micro) if micro < 0 else ("", micro)
    return f"{sign}{size // 1_000_000}.{size % 1_000_000:06d}".rstrip("0").rstrip(".")


def _numbered(given: Mapping[str, str], part: str) -> list[str]:
    numbers = {int(found[2]) for found in map(_PART.match, given) if found and found[1] == part}
    if len(numbers) > PARTS_MAX:
        raise FieldError(part, f"there are {len(numbers)} of {part}, more than {PARTS_MAX}")
    return [f"{part}.{number}" for number in sorted(numbers)]


def _line(given: Mapping[str, str], part: str) -> Line:
    quantity = _micro(given, f"{part}.quantity")
    return Line(
        name=given.get(f"{part}.name", ""),
        quantity=1_000_000 if quantity is None else quantity,
        price=_money(given, f"{part}.price"),
        amount=_needed_money(given, f"{part}.amount"),
        rate=_percent(given, f"{part}.rate"),
    )


def _tax(given: Mapping[str, str], part: str) -> Tax:
    return Tax(_percent(given, f"{part}.rate"), _money(given, f"{part}.base"), _needed_money(given, f"{part}.amount"))


def _tender(given: Mapping[str, str], part: str) -> Tender:
    kind = given.get(f"{part}.type")
    if kind is None:
        raise FieldError(f"{part}.type", f"{part}.amount has no type of tender beside it")
    return Tender(kind, _needed_money(given, f"{part}.amount"))


def _day(value: str | None) -> date | None:
    try:
        return None if value is None else date.fromisoformat(value)
    except ValueError:
        raise FieldError("date", f"date is {value!r}; write it as 2026-10-31") from None


def _clock(value: str | None) -> str | None:
    if value is not None and not _TIME.match(value):
        raise FieldError("time", f"time is {value!r}; write it as 14:05")
    return value


def _needed_money(given: Mapping[str, str], name: str) -> int:
    found = _money(given, name)
    if found is None:
        raise FieldError(name, f"{name} is missing, though {name.rpartition('.')[0]} has other fields")
    return found


def _money(given: Mapping[str, str], name: str) -> int | None:
    return _scaled(given, name, DECIMALS, "an amount such as 12.50")


def _micro(given: Mapping[str, str], name: str) -> int | None:
    return _scaled(given, name, 6, "a number such as 2 or 0.345")


def _percent(given: Mapping[str, str], name: str) -> int | None:
    return _scaled(given, name, 4, "a rate in percent such as 19 or 8.25")


def _whole(given: Mapping[str, str], name: str) -> int | None:
    return _scaled(given, name, 0, "a whole number")


def _scaled(given: Mapping[str, str], name: str, places: int, wanted: str) -> int | None:
    value = given.get(name)
    if value is None:
        return None
    made = scaled(value, places)
    if made is None:
        raise FieldError(name, f"{name} is {value[:40]!r}; write {wanted}")
    return made
