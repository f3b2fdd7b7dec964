"""Transcripts of scripted models, as data."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from tests.assistant.model.stub import Transcript

FOLDER = Path(__file__).parent


def read(name: str) -> list[Transcript]:
    """The transcripts of a file."""
    tables: list[dict[str, Any]] = tomllib.loads((FOLDER / name).read_text("utf-8"))["transcript"]
    return [
        Transcript(
            id=one["id"],
            kind=one.get("kind", "honest"),
            question=one["question"],
            sentences=tuple(one["sentences"]),
            calls=tuple(one.get("calls", ())),
            about=one.get("about", "r1"),
            lies=tuple(one.get("lies", range(len(one["sentences"])) if "kind" in one else ())),
        )
        for one in tables
    ]
