"""Sources that are known by the look of their files: vendors' documents, and layouts of rows by their columns.

A vendor whose documents have structure (JSON, XML, an archive) is a module here with a ``SOURCE``: how its documents
look, and a pure function from their bytes to what they say. A vendor whose exports are rows is a mapping, a TOML file
here, recognised by its columns. What neither knows needs a mapping of its own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as Headers
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from ingest.mapping import Mapping, of_tables
from ingest.sources import clover, dep7, dsfinvk, paper, poslog, shopify, square, stripe, toast, zettle
from ingest.sources.delivered import delivered
from ingest.sources.source import HEAD_BYTES, Source, is_json
from ingest.tidying import called
from ledger.errors import DocumentError

__all__ = ["HEAD_BYTES", "SOURCES", "VENDORS", "Source", "recognise", "recognise_document", "shipped"]

VENDORS: tuple[Source, ...] = (
    square.SOURCE, shopify.SOURCE, stripe.SOURCE, toast.SOURCE, clover.SOURCE, zettle.SOURCE, dep7.SOURCE,
)  # fmt: skip
SOURCES: tuple[Source, ...] = (delivered(VENDORS), paper.SOURCE, *VENDORS, poslog.SOURCE, dsfinvk.SOURCE)


@cache
def shipped() -> tuple[Mapping, ...]:
    """All shipped mappings, by name of their file."""
    folder = files("ingest.sources")
    return tuple(
        of_tables(tomllib.loads(one.read_text("utf-8")), one.name)
        for one in sorted(folder.iterdir(), key=lambda each: each.name)
        if one.name.endswith(".toml")
    )


def recognise(headers: Headers[str, Sequence[str]]) -> Mapping | None:
    """The shipped mapping whose telling columns all stand in the main file of those given (name -> columns), if any."""
    for mapping in sorted(shipped(), key=lambda one: one.mapping.first is None):
        telling = set(mapping.mapping.recognise)
        if not telling:
            continue
        for name, columns in headers.items():
            is_main = mapping.mapping.layout == "flat" or mapping.role_of(name) in ("tickets", None)
            first, known = mapping.mapping.first, called(mapping, columns)[1].of(columns)
            if is_main and telling <= set(known) and first in (None, known[0]):
                return mapping
    return None


def recognise_document(head: bytes, name: str, source: str | None) -> Source | None:
    """The source of a document by its beginning (``HEAD_BYTES``); None for what is rows, or no text at all.

    JSON that is like no vendor's is read as that of ``source`` where this names one (an empty page tells nothing), and
    is a DocumentError otherwise.
    """
    found = next((one for one in SOURCES if one.looks_like(head)), None)
    if found is not None or not is_json(head):
        return found
    named = next((one for one in VENDORS if one.name == source and one.reads_json), None)
    if named is None:
        known = ", ".join(one.name for one in VENDORS if one.reads_json)
        raise DocumentError(
            f"{name} is JSON and like none of the vendors that are known ({known}); say --source where it is one of "
            "theirs, or export it as CSV and draft a mapping with 'tillproof map'"
        )
    return named
