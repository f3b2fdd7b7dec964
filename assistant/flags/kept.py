"""The flags of the last scan, kept beside the book as one file of JSON, so that looking again costs nothing."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from assistant.flags.flag import Flag, FlagCitation, Level, Moved
from ledger import durable

FILE = "scan.json"


Told = tuple[tuple[Flag, ...], tuple[str, ...], date | None]


def save(folder: Path, state: str, flags: tuple[Flag, ...], notes: tuple[str, ...], since: date | None) -> None:
    """Keep the flags of a state of a book. Where the folder cannot be written to, nothing is kept."""
    told = {"state": state, "notes": notes, "since": since, "flags": [asdict(one) for one in flags]}
    try:
        durable.make_folder(folder)
        durable.write(folder / FILE, json.dumps(told, default=str))
    except OSError:
        return


def load(folder: Path, state: str) -> Told | None:
    """The flags that were kept of that very state, with their notes and the first date looked at; else None."""
    try:
        told = json.loads((folder / FILE).read_text("utf-8"))
        if told["state"] != state:
            return None
        since = told["since"]
        flags = tuple(_flag(one) for one in told["flags"])
        return flags, tuple(told["notes"]), None if since is None else date.fromisoformat(since)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _flag(given: dict[str, Any]) -> Flag:
    day = given["business_date"]
    return Flag(
        **given
        | {
            "level": Level(given["level"]),
            "business_date": None if day is None else date.fromisoformat(day),
            "moved": tuple(Moved(**one) for one in given["moved"]),
            "cites": tuple(FlagCitation(**one) for one in given["cites"]),
        }
    )
