"""``Source``: a vendor whose documents have structure, and how JSON documents of any vendor are walked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from ingest.json_text import values
from ingest.records import Unreadable
from ingest.settlements import Nets
from ingest.tickets import Made, Reading, unreadable

HEAD_BYTES = 1 << 16
"""How much of a document's beginning tells whose it is."""

_KEY = re.compile(rb'"([A-Za-z_]{2,40})"\s*:')
_TELLING = re.compile(rb'"(object|type)"\s*:\s*"([a-z_.]{2,60})"')

Read = Callable[[Any, str, Reading], Iterator[Made]]
"""From a value of a document, its place and what may be known to what it says."""


@dataclass(frozen=True)
class Source:
    """A vendor: the ``name`` that its tickets are posted under, whether the beginning of a document is like its own,
    and what a document says. ``read`` raises DocumentError where nothing of the document can be read."""

    name: str
    looks_like: Callable[[bytes], bool]
    read: Callable[[BinaryIO, Reading], Iterator[Made]]
    of_value: Read | None = None
    nets: Nets | None = None
    """Where its documents may hold the entries of payouts: what those of a value come to."""

    @property
    def reads_json(self) -> bool:
        return self.of_value is not None


def is_json(head: bytes) -> bool:
    """Whether a document begins like JSON."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def keys_of(head: bytes) -> frozenset[str]:
    """Names of fields in the beginning of a JSON document, at any depth; it may be cut anywhere."""
    return frozenset(key.decode() for key in _KEY.findall(head)) if is_json(head) else frozenset()


def told_of(head: bytes) -> frozenset[str]:
    """What the beginning of a JSON document says under ``object`` and ``type``."""
    return frozenset(said.decode() for _, said in _TELLING.findall(head)) if is_json(head) else frozenset()


def json_source(name: str, looks_like: Callable[[bytes], bool], of_value: Read, nets: Nets | None = None) -> Source:
    """A vendor whose documents are JSON: every value is read by itself, so that one which cannot be read holds nothing
    else. ``of_value`` raises Unreadable where a value is none of the vendor's."""

    def read(stream: BinaryIO, reading: Reading) -> Iterator[Made]:
        for place, value in values(stream, reading.name):
            try:
                yield from of_value(value, place, reading)
            except Unreadable as error:
                yield unreadable("A record", str(error), place)

    return Source(name, looks_like, read, of_value, nets)


def guarded(one: Callable[[], Made | None], what: str, place: str, external_id: str | None) -> Iterator[Made]:
    """What a record comes to, or its hold where it is unreadable; nothing where it says nothing."""
    try:
        made = one()
    except Unreadable as error:
        yield unreadable(what if external_id is None else f"{what} {external_id}", str(error), place, external_id)
    else:
        if made is not None:
            yield made
