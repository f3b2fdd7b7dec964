"""The canonical text of a ticket read back into what it says: the inverse of ``ledger.encoding.contents``.

Whoever checks a proof has the text and what people read beside it, and wants to know whether, and where, the two
differ. Values come back as they stand in a proof file: texts, whole numbers, yes or no, nothing; a date as its ISO
text and an instant as ``2026-10-05T16:30:00.000000Z``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ledger.encoding import LATER, LINE_CONTENT, TAX_CONTENT, TENDER_CONTENT, TICKET_CONTENT

Value = str | int | bool | None
Row = dict[str, Value]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Content:
    """What a ticket says, without its provenance."""

    ticket: Row
    lines: list[Row]
    tenders: list[Row]
    taxes: list[Row]


def decode(text: str) -> Content:
    """Read a canonical text; ValueError where it is none."""
    rest, rows = text.encode(), dict[str, list[Row]]()
    for tag, names in (("T", TICKET_CONTENT), ("L", LINE_CONTENT), ("P", TENDER_CONTENT), ("X", TAX_CONTENT)):
        rows[tag] = []
        while rest[:1] == tag.encode() and (tag != "T" or not rows[tag]):
            rest = rest[1:]
            row: Row = {}
            for name in names:
                if name not in LATER:
                    row[name], rest = _value(rest)
            rest = _later(row, names, rest)
            rows[tag].append(row)
    if rest or not rows["T"]:
        raise ValueError("the text is not the canonical content of a ticket")
    return Content(rows["T"][0], rows["L"], rows["P"], rows["X"])


def _later(row: Row, names: tuple[str, ...], rest: bytes) -> bytes:
    """Read the columns that came with a later version, which are there only where they say something."""
    row |= {name: None for name in names if name in LATER}
    for name in LATER:
        given = f"+{name}=".encode()
        if name in names and rest.startswith(given):
            row[name], rest = _value(rest.removeprefix(given))
            if row[name] is None:
                raise ValueError("a value says nothing where only a value can stand")
    return rest


def instant_text(microseconds: int) -> str:
    """An instant in microseconds since 1970, UTC, as it stands in proofs and checkpoints."""
    at = _EPOCH + timedelta(microseconds=microseconds)
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"


def _value(rest: bytes) -> tuple[Value, bytes]:
    """The value that a text begins with, and what follows it."""
    kind, rest = rest[:1], rest[1:]
    if kind == b"s":
        length, colon, rest = rest.partition(b":")
        size = int(length)
        if not colon or size > len(rest):
            raise ValueError("a text is shorter than it says")
        return rest[:size].decode(), rest[size:]
    said, semicolon, rest = rest.partition(b";")
    if not semicolon:
        raise ValueError("a value does not end")
    if kind == b"n" and not said:
        return None, rest
    if kind == b"b" and said in (b"0", b"1"):
        return said == b"1", rest
    if kind == b"i":
        return int(said), rest
    if kind == b"d":
        return said.decode(), rest
    if kind == b"t":
        try:
            return instant_text(int(said)), rest
        except OverflowError:
            raise ValueError("an instant is out of range") from None
    raise ValueError("a value is of no kind that is known")
