"""Deliveries of webhooks as they are kept: one a line, each in an envelope that says whose it is, when it came and
with which headers, and holds the body as it was sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO

from ingest import json_text
from ingest.records import Unreadable, is_record, said
from ingest.sources.source import Source
from ingest.tickets import Made, Reading, unreadable

NAME = "hooks"
_MARK = b'{"hook": "'


def sealed(source: str, body: str, headers: Mapping[str, str], at: datetime) -> bytes:
    """A delivery as one line of a document."""
    envelope = {"hook": source, "received_at": at.isoformat(), "headers": dict(headers), "body": body}
    return json.dumps(envelope).encode() + b"\n"


def opened(value: Any) -> Any:
    """An envelope with its body as a value; anything else as it is."""
    if not (is_record(value) and "hook" in value and isinstance(value.get("body"), str)):
        return value
    try:
        return {**value, "body": json_text.value(value["body"])}
    except ValueError:
        return value


def delivered(vendors: Sequence[Source]) -> Source:
    """The source of documents of deliveries: each is read by its vendor, places beginning with ``/body``."""
    readers = {vendor.name: vendor.of_value for vendor in vendors if vendor.of_value is not None}

    def one(envelope: Any, place: str, reading: Reading) -> Iterator[Made]:
        inside = opened(envelope)
        if not is_record(inside) or isinstance(inside.get("body"), str):
            raise Unreadable("its body is no JSON")
        of_value = readers.get(str(inside.get("hook")))
        if of_value is None:
            raise Unreadable(f"it is of {said(inside.get('hook'))}, of which no webhooks are known")
        yield from of_value(inside.get("body"), f"{place}/body", reading)

    def read(stream: BinaryIO, reading: Reading) -> Iterator[Made]:
        for place, value in json_text.values(stream, reading.name):
            where = place or "line 1"  # a document of a single delivery
            try:
                yield from one(value, where, reading)
            except Unreadable as error:
                yield unreadable("A delivery", str(error), where)

    return Source(NAME, _looks_like, read)


def _looks_like(head: bytes) -> bool:
    return head.startswith(_MARK)
