"""A mapping: how the rows of one till's export become canonical tickets. Written as TOML; ``docs/mapping.md``
explains it.

Each canonical field of ``ledger.batch`` is given by an expression over the file's columns
(``ingest.expressions``). Names of fields are those of the frames without their unit: ``net`` for ``net_minor``,
``quantity`` for ``quantity_micro``.
"""

from __future__ import annotations

import fnmatch
import tomllib
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ingest.expressions import Expression, Want, parse
from ledger.batch import EVENTS, LINES, TAXES, TENDERS, TICKETS, UTC_INSTANT
from ledger.errors import MappingError
from ledger.settings import FeesFrom

GIVEN = {"ticket", "source", "document", "locator", "utc_offset_minutes"}
"""Fields that the pipeline fills itself."""

FEES = "book.fees"
"""A column that every file has: which of the source's documents fees are posted from, ``tickets`` or ``payouts``."""

ROLES = {"ticket": TICKETS, "line": LINES, "tender": TENDERS, "tax": TAXES, "event": EVENTS}


_TEXT_FIELDS = {
    name.removesuffix("_minor").removesuffix("_micro")
    for schema in ROLES.values()
    for name, dtype in schema.items()
    if dtype in (pl.String, pl.Date, UTC_INSTANT)
}
_YES_FIELDS = ("when", "receipt_present", "voided", "included", "facilitator")


def want_of(field: str) -> Want:
    """What a field of a mapping is read as."""
    if field in _YES_FIELDS:
        return "yes"
    return "text" if field in _TEXT_FIELDS else "number"


def field_names(schema: pl.Schema) -> dict[str, str]:
    """Name of a field in a mapping -> column of the frame: ``{"net": "net_minor", ...}``."""
    return {name.removesuffix("_minor").removesuffix("_micro"): name for name in schema if name not in GIVEN}


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class File(_Table):
    """A file of a set: a pattern for its name and the column that holds the ticket's number."""

    name: str
    key: str


class Lookup(_Table):
    """A file whose columns are joined to another's: ``[product.name]`` for the lookup ``product``.

    ``of`` is the role whose rows it extends, ``column`` the column there, ``key`` the column in the looked-up
    file. A lookup may extend another lookup's columns: ``column = "track.GenreId"``.
    """

    name: str
    of: Literal["tickets", "lines"] = "lines"
    column: str
    key: str


class General(_Table):
    """The ``[mapping]`` table."""

    layout: Literal["flat", "set"]
    recognise: tuple[str, ...] = ()
    """Columns that together tell that a file is of this layout."""
    first: str | None = None
    """The column that stands first, where that tells a layout from another with the same columns."""
    fees: FeesFrom = "tickets"
    """Which of the source's documents the fees on payments come from, where the book says nothing else."""
    source: str | None = None
    """The name that tickets of this layout are posted under where none is given: the vendor's."""
    key: str | None = None
    """The column that tells which rows of a flat file make a ticket, where its number is not on each of them."""
    optional: tuple[str, ...] = ()
    """Columns that some exports of this layout do not have; they are read as empty there."""
    encoding: str | None = None
    delimiter: str | None = None
    decimal: Literal[".", ",", "told"] = "."
    """The decimal sign of amounts; ``told`` is the one that the file's own amounts have."""
    slashes: Literal["told"] | None = None
    """``told``: where dates have slashes, days beyond twelve tell whether the day or the month comes first."""
    dates: tuple[str, ...] = ("%Y-%m-%d",)
    instants: tuple[str, ...] = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M")
    rounding: Literal["exact", "half-even"] = "exact"
    ticket_discount: Literal["on-lines", "spread"] = "on-lines"
    """Whether a ticket's discount is the sum of its lines' own, or comes on top of them and is to be spread over
    them."""
    returned_amounts: Literal["negative", "positive"] = "negative"
    """Whether tickets of kind return have negative amounts already, or positive ones that must be turned."""


class Language(_Table):
    """How exports in another language are written: their columns by the names of the mapping, and what differs in
    ``[mapping]``."""

    columns: dict[str, str]
    decimal: Literal[".", ",", "told"] | None = None
    dates: tuple[str, ...] | None = None
    instants: tuple[str, ...] | None = None

    def general(self, general: General) -> General:
        return general.model_copy(update=self.model_dump(exclude={"columns"}, exclude_none=True))


class LeaveOut(_Table):
    """Tickets that are not to be posted: those whose first row meets ``when``. They are ignored, or held for a person,
    for a ``reason`` that completes "Ticket 17 is left out: ..."."""

    when: str
    reason: str
    disposition: Literal["ignored", "quarantined"] = "ignored"


class Mapping(_Table):
    """A whole mapping. ``line``, ``tender`` and ``tax`` are lists: a flat file may name several tenders of a ticket in
    one row, and what is a line of the ticket, such as shipping, in a column of its own."""

    mapping: General
    files: dict[Literal["tickets", "lines", "tenders", "taxes", "events"], File] = Field(default_factory=dict)
    lookups: dict[str, Lookup] = Field(default_factory=dict)
    ticket: dict[str, str]
    line: tuple[dict[str, str], ...] = ()
    tender: tuple[dict[str, str], ...] = ()
    tax: tuple[dict[str, str], ...] = ()
    event: dict[str, str] = Field(default_factory=dict)
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    leave_out: tuple[LeaveOut, ...] = ()
    languages: dict[str, Language] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _one_or_many(cls, tables: Any) -> Any:
        if isinstance(tables, dict):
            for name in ("line", "tender", "tax", "leave_out"):
                if isinstance(tables.get(name), dict):
                    tables = {**tables, name: [tables[name]]}
        return tables

    @model_validator(mode="after")
    def _known_fields(self) -> Mapping:
        for role, given in self._roles():
            known = field_names(ROLES[role]) | ({"when": "", "per": ""} if role in ("line", "tender", "tax") else {})
            for name in given:
                if name not in known:
                    raise ValueError(f"[{role}] has no field {name!r}; its fields are {', '.join(sorted(known))}")
        if "external_id" not in self.ticket:
            raise ValueError("[ticket] must say which column is the ticket's number: external_id = '[...]'")
        if self.mapping.layout == "set" and "tickets" not in self.files:
            raise ValueError("[files.tickets] is missing; a set needs its file of tickets, with name and key")
        return self

    def _roles(self) -> Iterable[tuple[str, dict[str, str]]]:
        yield "ticket", self.ticket
        yield "event", self.event
        yield from (("line", one) for one in self.line)
        yield from (("tender", one) for one in self.tender)
        yield from (("tax", one) for one in self.tax)

    @cached_property
    def expressions(self) -> dict[str, Expression]:
        """Every expression of the mapping, parsed, by its text."""
        texts = {text for _, given in self._roles() for name, text in given.items() if name != "per"}
        texts |= {one.when for one in self.leave_out}
        return {text: parse(text) for text in sorted(texts)}

    @cached_property
    def reads(self) -> tuple[tuple[str, Want], ...]:
        """Every column that an expression reads, with how it reads it."""
        found: dict[tuple[str, Want], None] = {}
        for _, given in self._roles():
            for name, text in given.items():
                if name != "per":
                    found |= dict.fromkeys(self.expressions[text].reads(want_of(name)))
        for one in self.leave_out:
            found |= dict.fromkeys(self.expressions[one.when].reads("yes"))
        return tuple(found)

    @cached_property
    def columns_read(self) -> tuple[str, ...]:
        """The columns of its files, but those of looked-up ones."""
        keys = (*(file.key for file in self.files.values()), *((self.mapping.key,) if self.mapping.key else ()))
        of_lookups = tuple(f"{name}." for name in self.lookups)
        read = (name for name, _ in self.reads if not of_lookups or not name.startswith(of_lookups))
        return tuple(dict.fromkeys((*keys, *read, *self.mapping.recognise, *self.mapping.optional)))

    def role_of(self, file: str) -> str | None:
        """The role in a set of a file by its name: ``"lines"``, or the name of a lookup with ``lookup:`` before
        it."""
        for role, described in self.files.items():
            if fnmatch.fnmatch(file.lower(), described.name.lower()):
                return role
        for name, lookup in self.lookups.items():
            if fnmatch.fnmatch(file.lower(), lookup.name.lower()):
                return f"lookup:{name}"
        return None

    def role_of_columns(self, columns: Sequence[str], taken: Iterable[str]) -> str | None:
        """The role in a set, of those not ``taken``, of a file whose name tells nothing: the one that reads most of its
        columns, all of which it has."""
        best, most = None, 0
        for role, described in self.files.items():
            needed = self._needed(role) | {described.key}
            if role not in taken and needed <= set(columns) and len(needed) > most:
                best, most = role, len(needed)
        return best

    def _needed(self, role: str) -> set[str]:
        """The columns that the file of a role must have."""
        table = {"taxes": "tax"}.get(role, role.removesuffix("s"))
        return {
            column
            for of, given in self._roles()
            if of == table and not (of == "line" and given.get("per") == "ticket")
            for name, text in given.items()
            if name != "per"
            for column in self.expressions[text].columns
        } - set(self.mapping.optional)

    def check_columns(self, columns: Sequence[str], roles: Sequence[str], file: str) -> None:
        """MappingError names the first column that a role's expressions read and the file does not have."""
        for of, given in self._roles():
            # A line of the ticket's own is read from the file of tickets.
            role = "ticket" if of == "line" and given.get("per") == "ticket" else of
            if role not in roles:
                continue
            for name, text in given.items():
                for column in self.expressions[text].columns if name != "per" else ():
                    if column not in columns and column not in (*self.mapping.optional, FEES):
                        raise MappingError(
                            f"{file} has no column {column!r}, which [{of}] {name} = {text!r} reads; "
                            f"it has {', '.join(columns)}"
                        )


def load(path: Path) -> Mapping:
    """Read a mapping file. MappingError says which key does not fit."""
    try:
        return of_tables(tomllib.loads(path.read_text(encoding="utf-8")), path.name)
    except OSError as error:
        raise MappingError(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(f"{path} is not valid TOML: {error}") from None


def of_tables(tables: dict[str, Any], name: str) -> Mapping:
    """A mapping from the tables of a TOML file called ``name``."""
    try:
        made = Mapping.model_validate(tables)
        assert made.expressions is not None  # parses them all, so that a mistake is found now
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise MappingError(f"{name}: {f'[{where}] ' if where else ''}{message}") from None
    except MappingError as error:
        raise MappingError(f"{name}: {error}") from None
    return made
