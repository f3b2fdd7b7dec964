"""Layouts that are known by the look of their files: shipped mappings, recognised by their columns."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as Headers
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from ingest.mapping import Mapping, of_tables


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
    for mapping in shipped():
        telling = set(mapping.mapping.recognise)
        if not telling:
            continue
        for name, columns in headers.items():
            is_main = mapping.mapping.layout == "flat" or mapping.role_of(name) == "tickets"
            if is_main and telling <= set(columns):
                return mapping
    return None
