"""``Field``: one thing that a paper says, where it stands there and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.paper.layout import Row
from ingest.paper.words import Box


@dataclass(frozen=True)
class Field:
    """A field by its name (``ingest.paper.content``). ``page`` and ``box`` say where it stands; ``note`` what else it
    may mean."""

    name: str
    value: str
    page: int
    box: Box
    confidence: float
    note: str = ""


def noted(name: str, value: str, row: Row, start: int, end: int, strength: float, note: str = "") -> Field:
    """A field that some characters of a row say, found with a strength from 0 to 1."""
    return Field(name, value, row.page, row.box(start, end), round(row.sure(start, end) * strength, 4), note)
