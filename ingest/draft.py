"""``draft``: a first mapping for files that nobody has described yet, from their headers and a sample of their
values.

Headers are matched with the names that tills use (``headers.toml``); sums decide where names do not: a column that is
quantity times price on every row is the gross, whatever it is called. A draft is a draft: a person looks it over.
"""

from __future__ import annotations

import csv
import itertools
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as resources
from pathlib import Path

from ingest.columns import Column, column
from ingest.staging import XLSX_MAGIC, xlsx_rows
from ingest.text import open_text
from ledger.errors import DocumentError

SAMPLE_ROWS = 2000
TOLERANCE = "0.006"
MONEY = ("unit_price", "net", "tax", "cost", "total", "amount", "change", "tip")
DISCOUNT_WORDS = frozenset({"discount", "disc", "markdown", "rebate"})
KEY_WORDS = frozenset({"id", "no", "nr", "number", "code", "key", "sku", "ean", "upc", "plu"})
FEW = 12
"""Kinds of tickets and channels are few: a column of more different values is neither."""
TICKET_WORDS = frozenset({"invoice", "receipt", "order", "check", "ticket", "basket", "transaction", "bill", "sale"})


@dataclass(frozen=True)
class Table:
    """A file to be drafted for: its name and its columns, sampled."""

    name: str
    columns: tuple[Column, ...]
    delimiter: str

    def named(self, name: str) -> Column | None:
        return next((one for one in self.columns if one.name == name), None)


@dataclass(frozen=True)
class Join:
    """A file whose rows are looked up by a column of another: ``of.column = table.key``."""

    name: str
    table: Table
    of: Table
    column: str
    key: str


Found = dict[str, Column]
"""Fields with the column that says each; of a looked-up file its name is "lookup.column"."""


def draft(paths: Sequence[Path]) -> tuple[str, list[str]]:
    """The text of a mapping for one flat file or the files of a set, and notes for the person who looks it over.

    DocumentError for a file that cannot be read as rows.
    """
    tables = [read_table(path) for path in paths]
    tickets, lines = _tickets_and_lines(tables)
    main = lines or tickets
    joins = _joins(tables, [one for one in (tickets, lines) if one is not None])
    notes: list[str] = []
    ticket_columns = _with_joined(tickets, joins)
    line_columns = _with_joined(main, joins)
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
    joined = {tickets.name, main.name, *(join.table.name for join in joins)}
    notes += [
        f"{table.name} shares no key with the others: leave it out, or say under [lookups] how it is joined."
        for table in tables
        if table.name not in joined
    ]
    writer = _Writer(found, tickets, lines, joins, ticket_columns, line_columns)
    return writer.text(notes), notes


def read_table(path: Path) -> Table:
    """Look at the beginning of a file. DocumentError when it cannot be read as rows with a header."""
    try:
        with path.open("rb") as file:
            if file.read(4) == XLSX_MAGIC:
                rows = list(itertools.islice(xlsx_rows(path.read_bytes()), SAMPLE_ROWS + 1))
                delimiter = ","
            else:
                file.seek(0)
                text, delimiter, _ = open_text(file)
                rows = [tuple(row) for row in itertools.islice(csv.reader(text, delimiter=delimiter), SAMPLE_ROWS + 1)]
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror}") from None
    except csv.Error as error:
        raise DocumentError(f"{path} cannot be read as rows: {error}") from None
    if not rows or not any(rows[0]):
        raise DocumentError(f"{path.name} has no header row; its first row must name the columns")
    header, body = rows[0], [row for row in rows[1:] if len(row) == len(rows[0])]
    return Table(
        path.name,
        tuple(column(name.strip(), [row[place] for row in body]) for place, name in enumerate(header)),
        delimiter,
    )


# --- which file is what -----------------------------------------------------------------------------------------------


def _tickets_and_lines(tables: Sequence[Table]) -> tuple[Table, Table | None]:
    """The file of tickets and that of their lines; one flat file of both where no two files are such a pair."""
    best: tuple[int, Table, Table] | None = None
    for tickets, lines in itertools.permutations(tables, 2):
        shared = [one for one in tickets.columns if one.is_unique and _repeats(lines, one)]
        timed = any(one.kind in ("instant", "date") for one in tickets.columns)
        counted = any({"qty", "quantity"} & set(one.words) for one in lines.columns)
        if not (shared and timed and counted):
            continue
        score = sum(bool(TICKET_WORDS & set(one.words)) for one in shared) * 10 + len(shared)
        if best is None or score > best[0]:
            best = (score, tickets, lines)
    if best is not None:
        return best[1], best[2]
    fields = {
        table.name: len(_assign("ticket", table.columns)) + len(_assign("line", table.columns)) for table in tables
    }
    timed_first = sorted(
        tables, key=lambda one: (-any(c.kind in ("instant", "date") for c in one.columns), -fields[one.name])
    )
    return timed_first[0], None


def _repeats(table: Table, key: Column) -> bool:
    other = table.named(key.name)
    return other is not None and not other.is_unique


def _joins(tables: Sequence[Table], used: Sequence[Table]) -> list[Join]:
    """Files that add columns to others: by a column of the same name, unique in the file that is looked up."""
    made: list[Join] = []
    reached = list(used)
    waiting = [table for table in tables if table not in reached]
    while waiting:
        found = next(((of, table, key) for of in reached for table in waiting for key in _shared(of, table)), None)
        if found is None:
            return made
        of, table, key = found
        name = _slug(table.name)
        through = next((join for join in made if join.table is of), None)
        made.append(Join(name, table, through.of if through else of, f"{through.name}.{key}" if through else key, key))
        waiting.remove(table)
        reached.append(table)
    return made


def _shared(of: Table, table: Table) -> list[str]:
    return [
        one.name
        for one in table.columns
        if one.is_unique and one.words[-1:] and one.words[-1] in KEY_WORDS and (other := of.named(one.name)) is not None
        if other.kind == one.kind and not other.is_unique
    ]


def _with_joined(table: Table, joins: Sequence[Join]) -> list[Column]:
    columns = list(table.columns)
    for join in joins:
        if join.of is table:
            columns += [
                Column(f"{join.name}.{one.name}", (*_words(join.name), *one.words), one.kind, (), one.distinct)
                for one in join.table.columns
                if one.name != join.key
            ]
    return columns


# --- which column is what ---------------------------------------------------------------------------------------------


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
    shared = [one for one in tickets.columns if one.is_unique and _repeats(lines, one)]
    return next((one for one in shared if TICKET_WORDS & set(one.words)), shared[0])


def _by_sums(found: dict[str, Found], columns: Sequence[Column], notes: list[str]) -> None:
    """Let sums correct names: a "cost" that is quantity times price is none."""
    line = found["line"]
    quantity, price = line.get("quantity"), line.get("unit_price")
    if quantity is None or price is None:
        return
    for field in ("cost", "net"):
        one = line.get(field)
        if one is not None and field == "cost" and _is_product(one, quantity, price):
            notes.append(f"'{one.name}' is quantity times price on every row, so it is not taken as the cost.")
            del line[field]


def _is_product(one: Column, quantity: Column, price: Column) -> bool:
    checked = [
        (total, number * each)
        for total, number, each in zip(one.numbers(), quantity.numbers(), price.numbers(), strict=False)
        if total is not None and number is not None and each is not None
    ]
    return bool(checked) and all(abs(total - product) < type(total)(TOLERANCE) for total, product in checked)


# --- the text ---------------------------------------------------------------------------------------------------------


class _Writer:
    """Writes the mapping that was found."""

    def __init__(
        self,
        found: dict[str, Found],
        tickets: Table,
        lines: Table | None,
        joins: Sequence[Join],
        ticket_columns: Sequence[Column],
        line_columns: Sequence[Column],
    ) -> None:
        self._found = found
        self._tickets = tickets
        self._lines = lines
        self._joins = joins
        self._columns = {one.name: one for one in (*ticket_columns, *line_columns)}
        self._line_columns = line_columns
        used = [one for fields in found.values() for one in fields.values()]
        self._numbers = [one for one in used if one.kind == "decimal"]
        self._rounded = any(one.places > 2 for one in self._numbers)

    def text(self, notes: list[str]) -> str:
        ticket, line, tender = self._ticket(notes), self._line(), self._tender()
        parts = [
            "# A draft: look it over before you use it. docs/mapping.md explains every line.",
            self._general(),
            *self._files(),
            _section("ticket", ticket),
            _section("line", line),
            _section("tender", tender),
        ]
        tax = self._found["line"].get("tax")
        if tax is not None:
            parts.append(_section("tax", {"per": "line", "jurisdiction": "'Tax'", "amount": f"[{tax.name}]"}))
            notes.append(f"The tax of '{tax.name}' is given to a jurisdiction called 'Tax': say which it is.")
        kind = self._found["ticket"].get("kind")
        if kind is not None:
            parts.append(self._kinds(kind, notes))
        mapped = {
            name
            for fields in (ticket, line, tender)
            for text in fields.values()
            for name in self._columns
            if f"[{name}]" in text
        }
        unused = [name for name in self._columns if name not in mapped and not self._is_key(name)]
        if unused:
            notes.append(f"Not used: {', '.join(unused)}.")
        if "external_id" not in self._found["ticket"]:
            notes.append("No column looks like the ticket's number: say which it is under [ticket] external_id.")
        return "\n\n".join(part for part in parts if part) + "\n"

    def _general(self) -> str:
        rows = ["[mapping]", f'layout = "{"set" if self._lines is not None else "flat"}"']
        if self._tickets.delimiter not in (",", "\t", ";"):
            rows.append(f"delimiter = {_quoted(self._tickets.delimiter)}")
        if any(one.mark == "," for one in self._numbers):
            rows.append('decimal = ","')
        if self._rounded:
            rows.append('rounding = "half-even"  # amounts have more decimals than the currency')
        date, time = self._date_and_time()
        times = [one for one in self._found["ticket"].values() if one.kind == "instant"]
        dates = [one for one in self._found["ticket"].values() if one.kind == "date"]
        if dates:
            rows.append(f"dates = [{', '.join(sorted({_quoted(one.format) for one in dates}))}]")
        instants = {one.format for one in times} | ({f"{date.format} {time.format}"} if date and time else set())
        if instants:
            rows.append(f"instants = [{', '.join(_quoted(one) for one in sorted(instants))}]")
        return "\n".join(rows)

    def _files(self) -> list[str]:
        parts = []
        key = self._found["ticket"].get("external_id")
        if self._lines is not None and key is not None:
            for role, table in (("tickets", self._tickets), ("lines", self._lines)):
                parts.append(f"[files.{role}]\nname = {_quoted(table.name)}\nkey = {_quoted(key.name)}")
        for join in self._joins:
            of = "" if self._lines is None else f'of = "{"lines" if join.of is self._lines else "tickets"}"\n'
            parts.append(
                f"[lookups.{join.name}]\nname = {_quoted(join.table.name)}\n{of}"
                f"column = {_quoted(join.column)}\nkey = {_quoted(join.key)}"
            )
        return parts

    def _ticket(self, notes: list[str]) -> dict[str, str]:
        fields = {name: f"[{one.name}]" for name, one in self._found["ticket"].items() if name != "total"}
        date, time = self._date_and_time()
        if date is not None and time is not None:
            fields["closed_at"] = f"concat([{date.name}], ' ', [{time.name}])"
        elif (when := self._found["ticket"].get("closed_at")) is not None and when.kind == "date":
            fields["business_date"] = fields.pop("closed_at")
        customer = self._person("customer")
        cashier = self._person("employee")
        fields |= ({"customer": customer} if customer else {}) | ({"cashier": cashier} if cashier else {})
        total = self._found["ticket"].get("total")
        if total is not None and not self._rounded:
            fields["total"] = f"[{total.name}]"
        elif total is not None:
            notes.append(f"'{total.name}' has more decimals than the currency, so the total is the sum of its parts.")
        if "store" not in fields:
            fields["store"] = "'Main store'"
            notes.append("No column names the store: it is called 'Main store'; say its name under [ticket] store.")
        return _ordered("ticket", fields)

    def _line(self) -> dict[str, str]:
        found = self._found["line"]
        fields = {name: f"[{one.name}]" for name, one in found.items()}
        quantity, price = found.get("quantity"), found.get("unit_price")
        if price is not None:
            fields["list_price"] = f"[{price.name}]"
        if price is not None and quantity is not None:
            fields["gross"] = f"[{quantity.name}] * [{price.name}]"
        taken = {one.name for one in found.values()}
        reductions = [
            one
            for one in self._line_columns
            if one.kind in ("decimal", "integer") and DISCOUNT_WORDS & set(one.words) and one.name not in taken
        ]
        if reductions:
            fields["discount"] = " + ".join(f"coalesce([{one.name}], 0)" for one in reductions)
        return _ordered("line", fields)

    def _tender(self) -> dict[str, str]:
        fields = {name: f"[{one.name}]" for name, one in self._found["tender"].items()}
        if "type" not in fields:
            return {"type": "'unspecified'"}
        total = self._found["ticket"].get("total")
        if "amount" not in fields and total is not None and not self._rounded:
            fields["amount"] = f"[{total.name}]"
        return _ordered("tender", fields)

    def _date_and_time(self) -> tuple[Column | None, Column | None]:
        """A date and a time of day in two columns, where no column has both."""
        when = self._found["ticket"].get("closed_at")
        if when is None or when.kind != "date":
            return None, None
        return when, next((one for one in self._tickets.columns if one.kind == "time"), None)

    def _person(self, lookup: str) -> str:
        """First and last name of a looked-up person as one name."""
        names = {
            part: name
            for name, one in self._columns.items()
            for part in ("first", "last")
            if name.startswith(f"{lookup}.") and one.words[-2:] == (part, "name")
        }
        return f"concat([{names['first']}], ' ', [{names['last']}])" if len(names) == 2 else ""

    def _kinds(self, kind: Column, notes: list[str]) -> str:
        known = {
            "sale": "sale", "refund": "return", "return": "return", "exchange": "exchange",
            "void": "void_after_tender", "voided": "void_after_tender",
            "cancelled": "void_before_tender", "canceled": "void_before_tender",
        }  # fmt: skip
        values = sorted({value for value in kind.values if value})[:20]
        unknown = [value for value in values if value.lower() not in known]
        if unknown:
            notes.append(f"Say under [values.kind] what these values of '{kind.name}' are: {', '.join(unknown)}.")
        rows = [f"{_quoted(value)} = {_quoted(known.get(value.lower(), 'sale'))}" for value in values]
        return "\n".join(["[values.kind]", *rows])

    def _is_key(self, name: str) -> bool:
        return any(name in (join.column, join.key) for join in self._joins)


def _ordered(role: str, fields: dict[str, str]) -> dict[str, str]:
    order = [*_headers()[role], "list_price", "gross", "discount"]
    return dict(sorted(fields.items(), key=lambda one: order.index(one[0]) if one[0] in order else len(order)))


def _section(name: str, fields: dict[str, str]) -> str:
    if not fields:
        return ""
    return "\n".join([f"[{name}]", *(f"{field} = {_quoted(text)}" for field, text in fields.items())])


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"'


def _slug(name: str) -> str:
    stem = "".join(letter for letter in Path(name).stem.lower() if letter.isalnum() or letter == "_")
    return stem.removesuffix("s") if len(stem) > 3 else stem or "lookup"


def _words(name: str) -> tuple[str, ...]:
    return tuple(name.split("_"))
