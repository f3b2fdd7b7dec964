"""What people said that the names of tills mean: ``names.toml`` beside ``book.toml``, read with it.

    [[answers]]
    kind = "tender"            # store, tender, category or tax
    source = "till"            # the till that uses the name; another may mean something else by it
    name = "CC"                # as the till says it
    means = "card"             # as the book says it
    by = "Ada"
    at = 2026-11-29T23:10:00Z

The file is a log: an answer is added, never changed, and the last one of a name is in force. ``book.toml`` is left to
those who write it by hand, and wins where it says something else. What is posted stays as it was posted, whatever is
answered later.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from ledger import durable
from ledger.errors import InputError, SettingsError

FILE = "names.toml"
NAME_CHARACTERS_MAX = 400

Kind = Literal["store", "tender", "category", "tax"]
KINDS: tuple[Kind, ...] = ("store", "tender", "category", "tax")
TABLE_OF: dict[Kind, str] = {"store": "stores", "tender": "tenders", "category": "categories", "tax": "taxes"}
"""The table of ``[sources.NAME]``, and of ``[accounts]``, that has the names of a kind."""

_HEAD = "# What the names of tills mean, as it was answered. Tillproof adds to this file; what book.toml says wins.\n\n"

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_CHARACTERS_MAX)]
Rate = Annotated[str, Field(pattern=r"^\d{1,3}(\.\d{1,4})?$")]


class Answer(BaseModel):
    """What one name of one till means, who said so and when.

    ``means`` is the book's store, tender type, category or tax jurisdiction. ``account`` is given for one that has none
    yet. A store that is new has its ``time_zone`` and ``cut_off``. ``rates`` are the rates in percent that the till
    charges a tax at: at another one its ticket is held; without any, every rate is taken.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    source: Name
    name: str = Field(min_length=1, max_length=NAME_CHARACTERS_MAX)
    means: Name
    account: str | None = None
    time_zone: str | None = None
    cut_off: time | None = None
    rates: tuple[Rate, ...] = ()
    by: Name
    at: datetime

    @property
    def key(self) -> tuple[Kind, str, str]:
        """What is answered: the kind, the source and its name."""
        return self.kind, self.source, self.name


def checked(fields: Mapping[str, Any]) -> Answer:
    """An answer of its fields as they were given; InputError says which one cannot be read."""
    try:
        return Answer.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = str(first["loc"][0]).replace("_", " ")
        raise InputError(f"the {where} of an answer cannot be {first['input']!r}: {first['msg'].lower()}") from None


def read(folder: Path) -> tuple[Answer, ...]:
    """All answers that were given for a book, the oldest first. SettingsError says what of the file cannot be read."""
    path = folder / FILE
    try:
        tables = tomllib.loads(path.read_bytes().decode("utf-8"))
        return tuple(Answer.model_validate(one) for one in tables.get("answers", ()))
    except FileNotFoundError:
        return ()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not valid TOML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise SettingsError(f"{path}: an answer is wrong at {where}: {first['msg']}") from None


def write(folder: Path, answers: Iterable[Answer]) -> None:
    """Write the log anew, whole or not at all."""
    told = [one.model_dump(exclude_none=True, exclude_defaults=True) for one in answers]
    durable.write(folder / FILE, _HEAD + tomli_w.dumps({"answers": told}))


def stamp(folder: Path) -> tuple[int, int] | None:
    """What changes whenever the log does: cheap to look at; None while there is none."""
    try:
        found = (folder / FILE).stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size


def added(tables: Mapping[str, Any], answers: Iterable[Answer]) -> dict[str, Any]:
    """The tables of ``book.toml`` with what the answers say; what stands in both is as ``book.toml`` has it."""
    said: dict[str, Any] = {}
    for one in answers:
        table = TABLE_OF[one.kind]
        source = said.setdefault("sources", {}).setdefault(one.source, {})
        source.setdefault(table, {})[one.name] = one.means
        if one.rates:
            source.setdefault("rates", {})[one.means] = list(one.rates)
        if one.account is not None:
            said.setdefault("accounts", {}).setdefault(table, {})[one.means] = one.account
        if one.kind == "store" and one.time_zone is not None:
            given = {"time_zone": one.time_zone, "cut_off": one.cut_off}
            said.setdefault("stores", {})[one.means] = {name: value for name, value in given.items() if value}
    return _over(said, tables)


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two trees of tables as one; where both have a value, that of ``above``."""
    both = {**below, **above}
    for name in below.keys() & above.keys():
        if isinstance(below[name], Mapping) and isinstance(above[name], Mapping):
            both[name] = _over(below[name], above[name])
    return both
