"""Decisions about documents on paper: what a person confirmed or rejected, as ``ingest.paper.decide`` writes it.

A decision cites the document that it is about. A confirmed receipt is a ticket, with its places in the decision; each
of its fields has there its place on the paper. The decision itself is a record that posts nothing and ends the waiting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import BinaryIO

from ingest import json_text
from ingest.paper.checks import checks
from ingest.paper.content import Content, FieldError, content_of, written_amount
from ingest.paper.sale import ticket_of
from ingest.paper.taken import CONFIRMED, KIND_WORDS, REJECTED, handle
from ingest.paper.words import NAME
from ingest.records import Record, Unreadable, each, needed, text
from ingest.sources.source import Source
from ingest.tickets import WHOLE, Aside, Made, Reading, unreadable
from ledger.batch import DECIDED

SUMMARY = "summary"
"""What a confirmed Z-report posts where it says so under ``as``."""
_MARK = re.compile(rb'\s*\{\s*"paper"\s*:\s*"(?:' + f"{CONFIRMED}|{REJECTED}".encode() + rb')"')
_ID_CHARACTERS = 64


def _looks_like(head: bytes) -> bool:
    return _MARK.match(head) is not None


def _read(stream: BinaryIO, reading: Reading) -> Iterator[Made]:
    for place, value in json_text.values(stream, reading.name):
        where = place or WHOLE
        try:
            if not isinstance(value, dict):
                raise Unreadable("it is no object")
            yield from _decision(value, where, reading)
        except (Unreadable, FieldError) as error:
            yield unreadable("A decision about a document on paper", str(error), where)


def _decision(value: Record, place: str, reading: Reading) -> Iterator[Made]:
    verdict, document, name, by = (needed(value, one) for one in ("paper", "document", "name", "by"))
    if verdict not in (CONFIRMED, REJECTED) or len(document) != _ID_CHARACTERS:
        raise Unreadable(f"it is neither {CONFIRMED} nor {REJECTED}, or names no document")
    why = needed(value, "reason") if verdict == REJECTED else ""
    told = f"{by} {verdict} {name}{f': {why}' if why else ''}"
    content = _confirmed(value) if verdict == CONFIRMED else None
    if content is not None and _posts(content, value):
        fields = [one["name"] for one in each(value, "fields")]
        yield ticket_of(content, reading.settings, reading.chart, partial(_pointer, fields), place)
    elif content is not None:
        told += f", {KIND_WORDS[content.kind]} {content.number or ''} over {written_amount(content.total or 0)}"
        told += "; it posts nothing"
    yield Aside(
        "ignored", DECIDED, f"{told} ({place})", place, handle(document), content.store if content else None,
        content.total if content else None,
    )  # fmt: skip


def _posts(content: Content, value: Record) -> bool:
    return content.kind == "receipt" or (content.kind == "z_report" and text(value, "as") == SUMMARY)


def _confirmed(value: Record) -> Content:
    """The fields that a person confirmed; they must add up here, too, wherever the document came from."""
    content = content_of(values_of(each(value, "fields")))
    failed = next((one for one in checks(content) if not one.holds), None)
    if failed is not None:
        raise Unreadable(failed.sentence)
    return content


def values_of(fields: Sequence[Record]) -> Mapping[str, str]:
    """The values of confirmed fields by their names."""
    return {needed(one, "name"): text(one, "value") or "" for one in fields}


def _pointer(fields: list[str], name: str) -> str:
    return f"/fields/{fields.index(name)}" if name in fields else WHOLE


SOURCE = Source(NAME, _looks_like, _read)
