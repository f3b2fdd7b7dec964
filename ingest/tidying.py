"""Tidying: staged files as their mapping wants them, whichever language and country the export is of.

Columns get the names that the mapping gives them, rows of sums are set aside, and where the mapping leaves it to the
file, its cells tell how numbers and dates are written. What is told is told from the first rows of the whole file, so
that batches of any size are read alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.headers import CURRENCY, Naming, naming
from ingest.mapping import General, Mapping
from ingest.staging import ROW, Stage, Staged, literal, quoted

ROWS_LOOKED_AT = 20_000
SUM_WORDS = (
    "total", "totals", "grand total", "sum", "summary", "gesamt", "gesamtsumme", "summe", "somme", "total général",
    "total general", "suma", "totale", "totaal", "i alt", "summa", "totalt",
)  # fmt: skip
"""What a row of sums calls itself, in the languages of exports."""

_COMMA = r"\d,\d{1,2}\D*$"
_POINT = r"\d\.\d{1,2}\D*$"
_DAY_FIRST = r"^\s*(1[3-9]|2\d|3[01])/\d{1,2}/\d"
_MONTH_FIRST = r"^\s*\d{1,2}/(1[3-9]|2\d|3[01])/\d"
_CLOCKS = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p")


def called(mapping: Mapping, columns: Sequence[str]) -> tuple[Mapping, Naming]:
    """A mapping as it reads files with these columns, in the language of their headers, and how they are called."""
    wanted = mapping.columns_read
    best, named = mapping, naming(columns, wanted, {})
    for language in mapping.languages.values():
        found = naming(columns, wanted, language.columns)
        if len(found.names) > len(named.names):
            best, named = mapping.model_copy(update={"mapping": language.general(mapping.mapping)}), found
    return best, named


def renamed(stage: Stage, staged: Staged, named: Naming) -> Staged:
    """A file with its columns called as a mapping calls them, and the currency that they name as one more."""
    told = named.currency is not None and CURRENCY not in staged.columns
    ours = named.of(staged.columns)
    if ours == staged.columns and not told:
        return staged
    listed = ", ".join(f"{quoted(a)} AS {quoted(b)}" for a, b in zip(staged.columns, ours, strict=True))
    listed += f", {literal(named.currency or '')} AS {quoted(CURRENCY)}" if told else ""
    table = f"{staged.table}_named"
    stage.db.execute(f"CREATE VIEW {table} AS SELECT {ROW}, {listed} FROM {staged.table}")  # noqa: S608
    return replace(staged, table=table, columns=(*ours, CURRENCY) if told else ours)


def without_sums(stage: Stage, staged: Staged, key: Sequence[str]) -> tuple[Staged, list[int]]:
    """A file without the rows that add up the others, and which these are: they have no key, or a word for a sum in its
    place, and say that word somewhere."""
    words = ", ".join(literal(word) for word in SUM_WORDS)
    said = {one: f"rtrim(lower(trim({quoted(one)})), ' :') IN ({words})" for one in staged.columns}
    given = " AND ".join(f"({quoted(one)} IS NULL OR {said[one]})" for one in key)
    found = stage.db.execute(
        f"SELECT {ROW} FROM {staged.table} WHERE {given} AND ({' OR '.join(said.values())}) ORDER BY {ROW}"  # noqa: S608
    ).fetchall()
    rows = [int(row) for (row,) in found]
    if not rows:
        return staged, rows
    table = f"{staged.table}_less"
    listed = ", ".join(map(str, rows))
    stage.db.execute(f"CREATE VIEW {table} AS SELECT * FROM {staged.table} WHERE {ROW} NOT IN ({listed})")  # noqa: S608
    return replace(staged, table=table, rows=staged.rows - len(rows)), rows


def told(stage: Stage, files: Sequence[Staged], mapping: Mapping) -> Mapping:
    """A mapping with what it leaves to its files: the decimal sign, and whether day or month comes first."""
    general = mapping.mapping
    if general.decimal == "told":
        numbers = {one for one, how in mapping.reads if how == "number"}
        commas, points = (_written(stage, files, numbers, pattern) for pattern in (_COMMA, _POINT))
        general = general.model_copy(update={"decimal": "," if commas and not points else "."})
    if general.slashes == "told":
        texts = {one for one, how in mapping.reads if how == "text"}
        days, months = (_written(stage, files, texts, pattern) for pattern in (_DAY_FIRST, _MONTH_FIRST))
        if days and not months:
            general = _with_slashes(general, "%d/%m")
        elif months and not days:
            general = _with_slashes(general, "%m/%d")
    return mapping if general is mapping.mapping else mapping.model_copy(update={"mapping": general})


def _with_slashes(general: General, first: str) -> General:
    """The formats of dates with slashes by what comes first in them; the others stay."""
    days = [f"{first}/{year}" for year in ("%y", "%Y")]
    instants = [one for one in general.instants if "/" not in one]
    return general.model_copy(
        update={
            "instants": (
                *(f"{day}{gap}{clock}" for day in days for gap in (" ", ", ") for clock in _CLOCKS),
                *instants,
            ),
            "dates": (*days, *(one for one in general.dates if "/" not in one)),
        }
    )


def _written(stage: Stage, files: Sequence[Staged], columns: set[str], pattern: str) -> int:
    """How many cells of some columns, among the first rows of each file, match a pattern."""
    total = 0
    for staged in files:
        here = [one for one in staged.columns if one in columns]
        if here:
            counts = " + ".join(f"count(*) FILTER (regexp_matches({quoted(one)}, {literal(pattern)}))" for one in here)
            rows = f"(SELECT * FROM {staged.table} ORDER BY {ROW} LIMIT {ROWS_LOOKED_AT})"  # noqa: S608
            total += int(stage.db.execute(f"SELECT {counts} FROM {rows}").fetchall()[0][0])  # noqa: S608
    return total
