"""The text of a draft: the fields that were found, written as a mapping that a person can look over."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.columns import Column
from ingest.draft_files import Join, Table
from ingest.mapping import ROLES, field_names

DISCOUNT_WORDS = frozenset({"discount", "disc", "markdown", "rebate"})

Found = dict[str, Column]
"""Fields with the column that says each; of a looked-up file its name is "lookup.column"."""


class Writer:
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
    order = list(field_names(ROLES[role]))
    return dict(sorted(fields.items(), key=lambda one: order.index(one[0])))


def _section(name: str, fields: dict[str, str]) -> str:
    if not fields:
        return ""
    return "\n".join([f"[{name}]", *(f"{field} = {_quoted(text)}" for field, text in fields.items())])


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"'
