"""``draft``: a first mapping for files that nobody has described yet, from their headers and a sample of their
values.

Headers are matched with the names that tills use (``headers.toml``); sums decide where names do not: a column that is
quantity times price on every row is the gross, whatever it is called. A draft is a draft: a person looks it over.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files as resources
from pathlib import Path

from ingest.columns import Column
from ingest.draft_files import TICKET_WORDS, Table, joins, read_table, repeats, tickets_and_lines, with_joined
from ingest.draft_text import Found, Writer

TOLERANCE = "0.006"
FEW = 12
"""Kinds of tickets and channels are few: a column of more different values is neither."""


def draft(paths: Sequence[Path]) -> tuple[str, list[str]]:
    """The text of a mapping for one flat file or the files of a set, and notes for the person who looks it over.

    DocumentError for a file that cannot be read as rows.
    """
    tables = [read_table(path) for path in paths]
    tickets, lines = tickets_and_lines(tables)
    main = lines or tickets
    looked_up = joins(tables, [one for one in (tickets, lines) if one is not None])
    notes: list[str] = []
    ticket_columns = with_joined(tickets, looked_up)
    line_columns = with_joined(main, looked_up)
    found = {
        "ticket": _assign("ticket", ticket_columns),
        "line": _assign("line", line_columns if lines is not None else ticket_columns),
        "tender": _assign("tender", ticket_columns),
    }
    _only_once(found, flat=lines is None)
    key = _key(tickets, lines, found["ticket"])
    if key is not None:
        found["ticket"]["external_id"] = key
    _by_sums(found, line_columns, notes)
    if "name" not in found["line"] and (stand_in := found["line"].get("category") or found["line"].get("item_id")):
        found["line"]["name"] = stand_in
    joined = {tickets.name, main.name, *(join.table.name for join in looked_up)}
    notes += [
        f"{table.name} shares no key with the others: leave it out, or say under [lookups] how it is joined."
        for table in tables
        if table.name not in joined
    ]
    writer = Writer(found, tickets, lines, looked_up, ticket_columns, line_columns)
    return writer.text(notes), notes


@cache
def _headers() -> dict[str, dict[str, tuple[list[tuple[str, ...]], list[str]]]]:
    tables = tomllib.loads(resources("ingest").joinpath("headers.toml").read_text("utf-8"))
    return {
        role: {
            field: ([tuple(name.split()) for name in given["names"]], given["kinds"]) for field, given in fields.items()
        }
        for role, fields in tables.items()
    }


def _assign(role: str, columns: Sequence[Column]) -> Found:
    """Each field of a role with the column whose header says it best; a column says one field of a role."""
    scored = [
        (score, field, one)
        for field, (names, kinds) in _headers()[role].items()
        for one in columns
        if one.kind in kinds and (field not in ("kind", "channel") or (len(one.values) > 0 and one.distinct <= FEW))
        if (score := _score(one, names)) > 0
    ]
    found: Found = {}
    taken: set[str] = set()
    for _, field, one in sorted(scored, key=lambda each: -each[0]):
        if field not in found and one.name not in taken:
            found[field] = one
            taken.add(one.name)
    return found


def _score(one: Column, names: Sequence[tuple[str, ...]]) -> float:
    """How well a header fits: whole names first, the earlier in the list the better; then names within it."""
    best = 0.0
    for place, name in enumerate(names):
        rank = 1 - place / (2 * len(names))
        if one.words == name:
            best = max(best, 10 + rank)
        elif one.words[-len(name) :] == name or one.words[: len(name)] == name:
            best = max(best, 4 * len(name) / len(one.words) + rank)
    return best - (1 if "." in one.name else 0)


def _only_once(found: dict[str, Found], *, flat: bool) -> None:
    """A column of one meaning is not given another: what says the tender or the line does not say the ticket."""
    if not flat:
        return
    for field, one in list(found["line"].items()):
        same = [name for name, other in found["ticket"].items() if other.name == one.name]
        for name in same:
            if name in ("memo", "kind", "external_id"):
                del found["line"][field]
                break
            del found["ticket"][name]


def _key(tickets: Table, lines: Table | None, found: Found) -> Column | None:
    """The number of the ticket: of a set the column by which the lines are joined."""
    if lines is None:
        return found.get("external_id") or next((one for one in tickets.columns if one.is_unique), None)
    shared = [one for one in tickets.columns if one.is_unique and repeats(lines, one)]
    return next((one for one in shared if TICKET_WORDS & set(one.words)), shared[0])


def _by_sums(found: dict[str, Found], columns: Sequence[Column], notes: list[str]) -> None:
    """Let sums correct names: a "cost" that is quantity times price is none."""
    line = found["line"]
    quantity, price = line.get("quantity"), line.get("unit_price")
    if quantity is None or price is None:
        return
    cost = line.get("cost")
    if cost is not None and _is_product(cost, quantity, price):
        notes.append(f"'{cost.name}' is quantity times price on every row, so it is not taken as the cost.")
        del line["cost"]


def _is_product(one: Column, quantity: Column, price: Column) -> bool:
    checked = [
        (total, number * each)
        for total, number, each in zip(one.numbers(), quantity.numbers(), price.numbers(), strict=False)
        if total is not None and number is not None and each is not None
    ]
    return bool(checked) and all(abs(total - product) < type(total)(TOLERANCE) for total, product in checked)
