"""Headers as exports have them: in other languages and spellings, with the currency in their names, and below rows that
are none.

A mapping names each column once; ``[languages.*]`` of a shipped one says what exports in other languages call it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

HEADER_ROWS_MAX = 20
"""A header stands among so many first rows."""
CURRENCY = "(currency)"
"""The column that holds the currency which a header names: "EUR" of ``Final price (EUR)``."""
_ANY_CURRENCY = "(*)"
_IN_BRACKETS = re.compile(r"\(([A-Z]{3})\)$")
_SPACE = re.compile(r"[\s\u00a0\u202f\ufeff]+")
_NUMBER_OR_DATE = re.compile(r"^[\W\d_]*\d[\W\d_]*([ap]\.?\s?m\.?)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Naming:
    """What columns of files are called in a mapping: ``names`` are those that have other names there, by what they
    are called in the files. ``currency`` is the one that the headers name, if any."""

    names: Mapping[str, str]
    currency: str | None

    def of(self, columns: Iterable[str]) -> tuple[str, ...]:
        """Columns of a file by their names in the mapping."""
        return tuple(self.names.get(one, one) for one in columns)


def naming(columns: Sequence[str], wanted: Iterable[str], translations: Mapping[str, str]) -> Naming:
    """How a file's columns are called by a mapping that reads the columns ``wanted``.

    ``translations`` lead from an export's name of a column to the mapping's; a name may end in ``(*)``, which stands
    for a currency in brackets. Letter case, accents and runs of spaces do not matter. A column that has a wanted name
    already keeps it, and no two columns get the same one.
    """
    known = {_folded(theirs): ours for theirs, ours in translations.items()} | {_folded(ours): ours for ours in wanted}
    names: dict[str, str] = {}
    taken = set(columns)
    currencies: set[str] = set()
    for column in columns:
        found = _IN_BRACKETS.search(column)
        general = known.get(_folded(f"{column[: found.start()]}{_ANY_CURRENCY}")) if found else None
        if found and general is not None:
            currencies.add(found[1])
        ours = known.get(_folded(column), general)
        if ours is not None and ours not in taken:
            names[column] = ours
            taken.add(ours)
    return Naming(names, currencies.pop() if len(currencies) == 1 else None)


def header_row(rows: Sequence[Sequence[str]]) -> int:
    """Which of the first rows of a file is its header: the first one, unless rows of fewer cells stand above a fuller
    one of names alone, as reports have their title and period there."""
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows[:HEADER_ROWS_MAX]]
    if not filled or filled[0] * 2 > max(filled):
        return 0
    enough = max(filled) * 0.6
    place = next(n for n, count in enumerate(filled) if count >= enough)
    names = [cell.strip() for cell in rows[place] if cell.strip()]
    is_named = len(set(names)) == len(names) > 2 and not any(_NUMBER_OR_DATE.match(name) for name in names)
    return place if is_named else 0


def _folded(name: str) -> str:
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    return _SPACE.sub(" ", plain).strip().casefold()
