"""What the words of a paper name: labels in English, German and French (``labels.toml``), found exactly or, as a
picture is read with mistakes, nearly."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from rapidfuzz import fuzz, process

from ledger.accounts import Chart

NEARLY = 85
"""How alike, of 100, a text of at least ``NEARLY_CHARACTERS`` is to a label that it is taken for."""
NEARLY_CHARACTERS = 5

_CURRENCIES = re.compile(r"\b(eur|euro|usd|gbp|chf|cad|aud|nzd)\b")


@dataclass(frozen=True)
class Label:
    """What a text names: a ``group`` (kinds, fields, amounts, counts, tenders, ignored), a ``name`` in it, how sure
    that is, and what of the text comes after it (normal)."""

    group: str
    name: str
    strength: float
    rest: str


def normal(text: str) -> str:
    """A text as labels are written: lower case, letters without accents, single spaces.

    ``normal("Reçu n° 12") == "recu n"``
    """
    plain = "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))
    return " ".join(_CURRENCIES.sub(" ", re.sub(r"[^a-z]+", " ", plain.replace("ß", "ss"))).split())


def label(text: str, groups: tuple[str, ...], chart: Chart) -> Label | None:
    """What a text (as printed, its numbers taken off) names; None where nothing that is known.

    A text that is a label names it; one that begins with one names it less surely, the more so the more follows.
    """
    said = normal(text)
    if not said:
        return None
    known = _known(groups) | (_of_chart(chart) if "tenders" in groups else {})
    words = said.split()
    for length in range(len(words), 0, -1):
        found = known.get(" ".join(words[:length]))
        if found is not None:
            rest = words[length:]
            # One letter after a label is a mark of a rate; more words make it less sure.
            sure = 1.0 if all(len(one) == 1 for one in rest) else max(0.5, 0.9 - 0.1 * (len(rest) - 1))
            return Label(*found, sure, " ".join(rest))
    if len(said) >= NEARLY_CHARACTERS:
        near = process.extractOne(said, known.keys(), scorer=fuzz.ratio, score_cutoff=NEARLY)
        if near is not None:
            return Label(*known[near[0]], round(near[1] / 100 * 0.95, 2), "")
    return None


@cache
def _tables() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files("ingest.paper").joinpath("labels.toml").read_text("utf-8"))


@cache
def _known(groups: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    """Phrase -> (group, name); of one phrase in several groups the first group counts."""
    found: dict[str, tuple[str, str]] = {}
    for group in groups:
        for name, phrases in _tables()[group].items():
            for phrase in phrases:
                found.setdefault(normal(phrase), (group, name))
    return found


def _of_chart(chart: Chart) -> dict[str, tuple[str, str]]:
    taken = _known(("ignored", "amounts", "counts", "tenders"))
    names = {normal(name): ("tenders", kind) for name, kind in chart.tender_names.items()}
    return {name: found for name, found in names.items() if name and name not in taken}
