"""Prompts: the files of ``prompts/``, each with its version and purpose, filled with data that stays data."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_SLOT = re.compile(r"\{\{(\w+)\}\}")
_HEADER = re.compile(
    r"\A---\nversion: (?P<version>\d+)\npurpose: (?P<purpose>.+)\nslots:(?P<slots>[ \w]*)\n---\n(?P<text>.+)\Z",
    re.DOTALL,
)


@dataclass(frozen=True)
class Prompt:
    """One file of words for a model. ``slots`` are the names in double braces that ``filled`` has to be given."""

    name: str
    version: int
    purpose: str
    slots: tuple[str, ...]
    text: str

    def filled(self, values: Mapping[str, str]) -> str:
        """The prompt with its slots filled; KeyError where one is missing. What is put in is not read for slots."""
        return _SLOT.sub(lambda found: values[found[1]], self.text)


@cache
def prompt(name: str) -> Prompt:
    """A prompt by its file's name; ValueError when its header does not say what it must."""
    raw = files("prompts").joinpath(f"{name}.md").read_text("utf-8")
    found = _HEADER.match(raw)
    if found is None:
        raise ValueError(f"prompts/{name}.md: begin it with a header of version, purpose and slots")
    slots = tuple(found["slots"].split())
    if set(slots) != set(_SLOT.findall(found["text"])):
        raise ValueError(f"prompts/{name}.md: the header's slots are not those of the text")
    return Prompt(name, int(found["version"]), found["purpose"], slots, found["text"])


@cache
def digest() -> str:
    """What was sent, but for the data: the first 12 hex digits of the SHA-256 over both prompts."""
    joined = "\0".join(f"{one.name} {one.version}\0{one.text}" for one in (prompt("answer"), prompt("question")))
    return hashlib.sha256(joined.encode()).hexdigest()[:12]


def as_data(value: Any) -> str:
    """A value as JSON in which nothing can end the block of data that it stands in."""
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
