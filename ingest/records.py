"""Records of a document of structure (JSON, XML): read field by field, each with the type that it must have.

A field that is not what it must be makes its record unreadable, with a sentence; the other records go on. Numbers with
a fraction come as ``Decimal``, never as floats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, TypeGuard

Record = Mapping[str, Any]

AMOUNT_MAX = 10**15
"""Minor units, or millionths of a quantity, that no amount of a till reaches."""
TEXT_MAX = 4_000
MICRO = 1_000_000
_DIGITS_MAX = 30


class Unreadable(Exception):
    """A record does not say what it must; the message is what is wrong, without the place."""


def text(record: Record, name: str) -> str | None:
    """A field as a text without spaces around it; nothing where it is missing, null or empty. Numbers are texts, too:
    some vendors number their orders, others name them."""
    value = record.get(name)
    if value is None:
        return None
    if isinstance(value, str):
        if len(value) <= TEXT_MAX and value.isprintable():  # nearly all are
            return value.strip() or None
        found = value.strip()
        if not found:
            return None
        if len(found) > TEXT_MAX:
            raise Unreadable(f"its {name} has {len(found):,} characters, more than {TEXT_MAX:,}")
        if "\0" in found or not (found.isascii() or _encodable(found)):
            raise Unreadable(f"its {name} holds a character that is no text")
        return found
    if isinstance(value, int) and not isinstance(value, bool):
        return _shown(value)
    raise Unreadable(f"its {name} is {said(value)} where a text is wanted")


def needed(record: Record, name: str) -> str:
    """A field that must be there, as a text."""
    found = text(record, name)
    if found is None:
        raise Unreadable(f"it has no {name}")
    return found


def inner(record: Record, name: str) -> Record:
    """A record within a record; an empty one where it is missing or null."""
    value = record.get(name)
    if value is None:
        return {}
    if isinstance(value, dict):
        return value
    raise Unreadable(f"its {name} is {said(value)} where an object is wanted")


def each(record: Record, name: str) -> Sequence[Record]:
    """A list of records within a record; an empty one where it is missing or null."""
    value = record.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise Unreadable(f"its {name} is {said(value)} where a list is wanted")
    for one in value:
        if not isinstance(one, dict):
            raise Unreadable(f"its {name} holds {said(one)} where objects are wanted")
    return value


def yes(record: Record, name: str) -> bool:
    """A field as yes or no; no where it is missing or null."""
    value = record.get(name)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise Unreadable(f"its {name} is {said(value)} where true or false is wanted")


def whole(record: Record, name: str) -> int | None:
    """A field as a whole number that is one already, such as minor units; nothing where it is missing or null."""
    value = record.get(name)
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        if abs(value) < AMOUNT_MAX:
            return value
        raise Unreadable(f"its {name} is {_shown(value)}, which no till amounts to")
    raise Unreadable(f"its {name} is {said(value)} where a whole number is wanted")


def minor(record: Record, name: str, places: int) -> int | None:
    """A decimal in major units as minor units of a currency with so many decimals; never rounded."""
    return _scaled_field(record, name, places)


def micro(record: Record, name: str) -> int | None:
    """A decimal in millionths: quantities and rates."""
    return _scaled_field(record, name, 6)


def _scaled_field(record: Record, name: str, places: int) -> int | None:
    value = record.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise Unreadable(f"its {name} is {said(value)} where a number is wanted")
    made = scaled(
        value if isinstance(value, str) else str(value) if isinstance(value, Decimal) else _shown(value), places
    )
    if made is None:
        raise Unreadable(f"its {name} is {said(value)}, which is no number with {places} decimals at most")
    return made


@lru_cache(maxsize=65_536)
def scaled(written: str, places: int) -> int | None:
    """A decimal as it is written, times ten to the ``places``; nothing where it is none, has more decimals or is
    beyond what a till amounts to. ``scaled("12.30", 2) == 1230``."""
    if len(written) > _DIGITS_MAX:
        return None
    try:
        value = Decimal(written)
    except InvalidOperation:
        return None
    if not value.is_finite() or value.adjusted() > 16 or "_" in written:
        return None
    made = value.scaleb(places)
    if made != made.to_integral_value() or abs(made) >= AMOUNT_MAX:
        return None
    return int(made)


def said(value: object) -> str:
    """A value of a field for a sentence, short."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    if isinstance(value, int) and not isinstance(value, bool):
        return _shown(value)
    shown = str(value).encode("utf-8", "replace").decode()
    return f"'{shown[:40]}{'…' if len(shown) > 40 else ''}'" if isinstance(value, str) else shown[:40].lower()


def is_record(value: object) -> TypeGuard[Record]:
    """Whether a value of a document is a record."""
    return isinstance(value, dict)


def _shown(value: int) -> str:
    return str(value) if abs(value) < 10**40 else "a number of more than 40 digits"


def _encodable(found: str) -> bool:
    try:
        found.encode()
    except UnicodeEncodeError:
        return False
    return True
