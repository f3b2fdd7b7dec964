"""``names``: names of tills that the book does not know, and what they mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from assistant.cli.app import AsJson, BookPath, app, opened

if TYPE_CHECKING:
    from ledger.book import Book
    from ledger.names import Kind


@app.command()
def names(
    book: BookPath,
    action: Annotated[str | None, typer.Argument(metavar="[set]", help="'set' answers one name.")] = None,
    kind: Annotated[
        Literal["store", "tender", "category", "tax"] | None, typer.Option(help="Of what kind the name is.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="The till or system that uses it.")] = None,
    name: Annotated[str | None, typer.Option(help="The name, as the till says it.")] = None,
    means: Annotated[
        str | None, typer.Option(help="What it is in the book: a store, tender type, category or tax jurisdiction.")
    ] = None,
    account: Annotated[str | None, typer.Option(help="The account of one that the book has none for.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Of a store that is new to the book.")] = None,
    cut_off: Annotated[
        str | None, typer.Option(metavar="HH:MM", help="When the business date of a new store begins.")
    ] = None,
    rate: Annotated[
        list[str] | None,
        typer.Option(metavar="PERCENT", help="A rate that the till charges the tax at; several times."),
    ] = None,
    by: Annotated[str | None, typer.Option(help="In whose name it is answered.")] = None,
    as_json: AsJson = False,
) -> None:
    """List names of tills that the book does not know, or say what one of them means.

    'tillproof names BOOK set --kind tender --source till --name CC --means card --by Ada' lets in all that is held for
    that name. The answer is kept in names.toml beside book.toml.
    """
    given = {"--kind": kind, "--source": source, "--name": name, "--means": means, "--by": by}
    if action not in (None, "set"):
        raise typer.BadParameter(f"there is nothing called {action!r}; leave it out to list, or say set")
    if action is None:
        if any(one is not None for one in (*given.values(), account, time_zone, cut_off, rate)):
            raise typer.BadParameter("to answer a name say 'set' after the book")
        _list(book, as_json)
        return
    for option, value in given.items():
        if value is None:
            raise typer.BadParameter(f"set needs {option}", param_hint=option)
    assert kind is not None
    fields: dict[str, object] = {
        "kind": kind, "source": source, "name": name, "means": means, "account": account, "time_zone": time_zone,
        "cut_off": cut_off, "rates": tuple(rate or ()), "by": by,
    }  # fmt: skip
    with opened(book) as mended:
        _set(mended, kind, fields, as_json)


def _list(path: BookPath, as_json: bool) -> None:
    from assistant.naming import record
    from ingest.answers import asked

    with opened(path) as book:
        found = [record(one, book.currency) for one in asked(book)]
    if as_json:
        print(json.dumps({"names": found}))
        return
    for one in found:
        days = one["first"] if one["first"] == one["last"] else f"{one['first']} to {one['last']}"
        rate = f" at {one['rate']} %" if one["rate"] else ""
        tickets = "1 ticket" if one["tickets"] == 1 else f"{one['tickets']:,} tickets"
        print(
            f"{one['kind']} {one['name']!r}{rate} of {one['source']}: "
            f"{tickets}, {one['amount']} {one['currency']}, {days}"
        )
    if not found:
        print("Every name is known.")


def _set(book: Book, kind: Kind, fields: Mapping[str, object], as_json: bool) -> None:
    from assistant.naming import outcome
    from ingest.answers import answer, meaning
    from ledger.names import checked

    given = checked({**fields, "at": datetime.now(UTC)})
    before = meaning(book, kind, given.source, given.name)
    report = answer(book, given)
    if as_json:
        counts = ("documents", "records", "posted", "duplicates", "versions", "quarantined", "ignored", "conflicts")
        print(json.dumps({**{one: getattr(report, one) for one in counts}, "before": before}))
    else:
        print(
            f"{given.kind} {given.name!r} of {given.source} is {given.means!r}: {outcome(report, before, given.means)}"
        )
