"""What a statement must keep to, so that an engine that shards PostgreSQL by book sends it to one shard."""

from __future__ import annotations

import re
from collections.abc import Iterator

import sqlglot
from sqlglot import exp

from ledger.tables import metadata

TABLES = {table.name for table in metadata.sorted_tables}
BANNED = {
    "an advisory lock": r"advisory",
    "a savepoint": r"savepoint",
    "a trigger or a function": r"create\s+(or\s+replace\s+)?(trigger|function)",
    "a notification": r"\b(listen|notify)\b",
    "a serial": r"\b(small|big)?serial\b|nextval|generated\s+(always|by)|autoincrement=True",
    "an operator of JSON": r"->|\bjsonb?\b|@>",
    "an extension": r"create\s+extension",
    "a lock of a table": r"lock\s+table",
    "a partial index": r"create\s+(unique\s+)?index[^;]*\bwhere\b",
    "a floating number": r"\b(real|double precision|float)\b",
}
"""What not every such engine has."""

_COPY_IN = re.compile(r"COPY (\w+) \((\w+)[^()]*\) FROM STDIN \(FORMAT csv\)")
_COPY_OUT = re.compile(r"COPY \((.*)\) TO STDOUT \(FORMAT csv\)", re.DOTALL)
_BY_NAME = re.compile(rf"\b({'|'.join(TABLES)})\b")
_STATEMENTS = (exp.Select, exp.Update, exp.Delete)


def breaks(statement: str) -> list[str]:
    """What a statement breaks, a few words each."""
    found = [f"has {what}" for what, pattern in BANNED.items() if re.search(pattern, statement, re.IGNORECASE)]
    if not _BY_NAME.search(statement):
        return found
    if statement.lstrip().upper().startswith("COPY"):
        return found + _copy(statement.strip())
    return found + _parsed(statement)


def _copy(statement: str) -> list[str]:
    into, out = _COPY_IN.fullmatch(statement), _COPY_OUT.fullmatch(statement)
    if out:
        return _parsed(out[1])
    if not into:
        return ["is a COPY of another form"]
    return [] if into[2] == "book_id" else [f"puts rows into {into[1]} that begin with {into[2]}"]


def _parsed(statement: str) -> list[str]:
    try:
        parts = sqlglot.parse(statement, dialect="postgres")
    except sqlglot.ParseError:
        return ["cannot be read"]
    found = []
    for part in parts:
        if not isinstance(part, exp.Query | exp.Insert | exp.Update | exp.Delete | exp.Create | exp.Alter):
            return ["is a statement of another kind"]
        found += [
            f"looks for rows of {table.name} in all books"
            for table in part.find_all(exp.Table)
            if table.name in TABLES and not _of_a_book(table)
        ]
        found += [problem for insert in part.find_all(exp.Insert) for problem in _insert(insert)]
    return found


def _insert(insert: exp.Insert) -> list[str]:
    """Rows begin with their book, and so does the key by which it is said that they are there already."""
    columns = insert.this.expressions if isinstance(insert.this, exp.Schema) else []
    table = insert.this.this.name if columns else insert.this.name
    if table not in TABLES:
        return []
    found = [] if columns and columns[0].name == "book_id" else [f"puts rows into {table} that may not begin with it"]
    conflict = insert.args.get("conflict")
    if conflict is not None:
        keys = conflict.args.get("conflict_keys") or []
        if keys and keys[0].name != "book_id":  # where none is named, it is any of the keys, which all begin with it
            found.append(f"looks for a key of {table} in all books")
    return found


def _of_a_book(table: exp.Table) -> bool:
    """Whether the rows of a table that are looked for are of one book: what must hold says its ``book_id`` is a value,
    or that of another table for which it is."""
    within = table.find_ancestor(*_STATEMENTS, exp.Insert, exp.Create, exp.Alter)
    if not isinstance(within, _STATEMENTS):
        return True  # the table that rows are put into, or that is made
    return table.alias_or_name in _bound(within)


def _bound(within: exp.Expression) -> set[str]:
    """The tables of a statement, and of those around it, whose book is said."""
    own = [one.alias_or_name for one in within.find_all(exp.Table) if one.find_ancestor(*_STATEMENTS) is within]
    around = within.find_ancestor(*_STATEMENTS)
    bound = _bound(around) - set(own) if around is not None else set()
    equal = []
    for one in _conditions(within):
        if not isinstance(one, exp.EQ):
            continue
        sides = [_book(side, own) for side in (one.left, one.right)]
        if None not in sides:
            equal.append(sides)
        elif sides != [None, None] and _is_value(one.right if sides[1] is None else one.left):
            bound.add(sides[0] or sides[1] or "")
    for _ in equal:
        for left, right in equal:
            if {left, right} & bound:
                bound |= {str(left), str(right)}
    return bound


def _conditions(within: exp.Expression) -> Iterator[exp.Expression]:
    """What must hold for every row: the parts of WHERE, and of each join's ON."""
    where = within.args.get("where")
    said = [where.this] if where is not None else []
    for join in within.args.get("joins") or []:
        if join.args.get("on") is not None:
            said.append(join.args["on"])
    for one in said:
        yield from one.flatten() if isinstance(one, exp.And) else [one]


def _book(side: exp.Expression, own: list[str]) -> str | None:
    """The table whose ``book_id`` this is, or None."""
    side = side.unnest()
    if not isinstance(side, exp.Column) or side.name != "book_id":
        return None
    return side.table or (own[0] if len(own) == 1 else None)


def _is_value(side: exp.Expression) -> bool:
    side = side.unnest()
    if isinstance(side, exp.Cast):
        side = side.this
    return isinstance(side, exp.Literal | exp.Placeholder | exp.Parameter)
