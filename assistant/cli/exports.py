"""Commands that give the journal to other systems and remember it: ``export``, ``exports``."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.app import AsJson, BookPath, app, opened

if TYPE_CHECKING:
    from ledger.exports.log import DayChange, Exported, Made

DAYS_SHOWN_MAX = 3
ACCOUNTS_SHOWN_MAX = 3


@app.command()
def export(
    book: BookPath,
    format: Annotated[
        str, typer.Option(help="beancount, hledger, iif, quickbooks, xero, saft or parquet.", metavar="NAME")
    ],
    detail: Annotated[
        str | None, typer.Option(help="daily: an entry per store and business date; or ticket.", metavar="daily|ticket")
    ] = None,
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First business date.")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last business date.")] = None,
    store: Annotated[list[str] | None, typer.Option(help="Only this store; can be repeated.")] = None,
    currency: Annotated[str | None, typer.Option(help="Only entries in this currency.")] = None,
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="COMMIT|DATE", help="As it was known at a commit, a day or a time.")
    ] = "",
    out: Annotated[Path | None, typer.Option(help="File to write, or folder for parquet; else stdout.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write the journal as another accounting system takes it, and remember that it was."""
    from assistant.known_on import known_on
    from ledger.exports.store_days import Selection
    from ledger.exports.write import export as write

    if detail not in (None, "daily", "ticket"):
        raise typer.BadParameter("--detail is daily or ticket")
    if as_json and out is None:
        raise typer.BadParameter("--json prints the report on stdout: say with --out where the export goes")
    with opened(book) as given:
        known = known_on(given, as_of)
        selection = Selection(
            as_of=known.seq if known else given.head().seq,
            detail="ticket" if detail == "ticket" or (detail is None and format == "parquet") else "daily",
            first=first.date() if first else None,
            last=last.date() if last else None,
            stores=tuple(store or ()),
            currency=currency.upper() if currency else None,
        )
        changed = [one for one in given.exports() if one.changes and one.format == format]
        made = write(given, format, selection, sys.stdout.buffer if out is None else out)
        number = given.remember_export(made, datetime.now(UTC))
    if as_json:
        print(json.dumps(_report(number, made, changed)))
        return
    for note in made.notes:
        print(f"note: {note}", file=sys.stderr)
    for one in changed:
        print(changes_sentence(one), file=sys.stderr)
    print(
        f"Export {number}: {made.entries:,} entries, {made.lines:,} lines, as known at commit {selection.as_of}; "
        f"SHA-256 {made.sha256}",
        file=sys.stderr,
    )


@app.command()
def exports(book: BookPath, as_json: AsJson = False) -> None:
    """List what was exported, and which of the exported days have changed since."""
    with opened(book) as asked:
        found = asked.exports()
    if as_json:
        print(json.dumps({"exports": [_listed(one) for one in found]}))
        return
    for one in found:
        days = f"{one.first or 'the beginning'} to {one.last}" if one.last else "nothing"
        places = ", ".join(one.stores) or "all stores"
        print(
            f"{one.number}  {one.at:%Y-%m-%d %H:%M} UTC  {one.format}, {one.detail}: {days}, {places}, "
            f"{one.entries:,} entries, as known at commit {one.seq}"
        )
        if one.changes:
            print(f"   {changes_sentence(one)}")
    if not found:
        print("Nothing was exported yet.")


def changes_sentence(exported: Exported) -> str:
    """What changed on the days of an export: ``1 store-day exported on 2026-11-02 has changed since (...)``."""
    count = len(exported.changes)
    shown = "; ".join(map(_day, exported.changes[:DAYS_SHOWN_MAX]))
    more = f"; and {count - DAYS_SHOWN_MAX:,} more" if count > DAYS_SHOWN_MAX else ""
    return (
        f"{count:,} store-day{' ' if count == 1 else 's '}exported on {exported.at:%Y-%m-%d} "
        f"(export {exported.number}, {exported.format}) {'has' if count == 1 else 'have'} changed since ({shown}{more})"
    )


def _day(change: DayChange) -> str:
    from ledger.money import to_major

    parts = [f"{one.account} {to_major(one.amount_minor, one.currency):+} {one.currency}" for one in change.differences]
    more = f" and {len(parts) - ACCOUNTS_SHOWN_MAX} more accounts" if len(parts) > ACCOUNTS_SHOWN_MAX else ""
    amounts = ", ".join(parts[:ACCOUNTS_SHOWN_MAX]) or f"{change.entries} more entries, no account differs"
    return f"{change.store} {change.business_date}: {amounts}{more}"


def _report(number: int, made: Made, changed: Sequence[Exported]) -> dict[str, Any]:
    chosen = made.selection
    return {
        "number": number,
        "format": made.format,
        "detail": chosen.detail,
        "from": str(chosen.first) if chosen.first else None,
        "to": str(chosen.last) if chosen.last else None,
        "stores": list(chosen.stores),
        "currency": chosen.currency,
        "as_of": chosen.as_of,
        "entries": made.entries,
        "lines": made.lines,
        "sha256": made.sha256,
        "files": list(made.files),
        "notes": list(made.notes),
        "changed": [_listed(one) for one in changed],
    }


def _listed(one: Exported) -> dict[str, Any]:
    from ledger.money import to_major

    return {
        "number": one.number,
        "at": one.at.isoformat(),
        "format": one.format,
        "detail": one.detail,
        "from": str(one.first) if one.first else None,
        "to": str(one.last) if one.last else None,
        "stores": list(one.stores),
        "currency": one.currency,
        "as_of": one.seq,
        "entries": one.entries,
        "sha256": one.sha256,
        "changes": [
            {
                "store": change.store,
                "business_date": str(change.business_date),
                "entries": change.entries,
                "differences": [
                    {
                        "account": each.account,
                        "currency": each.currency,
                        "amount": str(to_major(each.amount_minor, each.currency)),
                    }
                    for each in change.differences
                ],
            }
            for change in one.changes
        ],
    }
