"""``map``: a mapping drafted from files, the tickets that it makes of them, and the question whether to write it."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.app import app, complain
from ledger.errors import InputError

if TYPE_CHECKING:
    from ingest.preview import Preview

LINES_SHOWN_MAX = 6
NAME_CHARS_MAX, REASON_CHARS_MAX = 80, 500


@app.command("map")
def map_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="One flat file, or the files of one set.")],
    out: Annotated[Path | None, typer.Option(help="Write the draft there, once it was looked at.")] = None,
    book: Annotated[
        Path | None, typer.Option(metavar="BOOK", help="Show the tickets as this book would take them.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
) -> None:
    """Draft a mapping by looking at files, show their first tickets, and ask before it is written.

    Without --out the draft is printed, and all else goes to stderr.
    """
    from ingest.draft import draft

    text, notes = draft(files)
    if out is None:
        print(text, end="")
    for note in notes:
        print(note, file=sys.stderr)
    for line in _shown(text, files, book):
        print(line, file=sys.stderr if out is None else sys.stdout)
    if out is None:
        return
    if not yes and not sys.stdin.isatty():
        complain(f"nothing was written, as nobody can be asked here; to write {out} all the same, give --yes")
        raise typer.Exit(1)
    there = " in place of the one that is there" if out.exists() else ""
    if not yes and not typer.confirm(f"Write the mapping to {out}{there}?"):
        complain("nothing was written")
        raise typer.Exit(1)
    out.write_text(text, encoding="utf-8")
    print(f"Wrote {out}. Look it over, then: tillproof ingest BOOK {files[0]} --source till --mapping {out}")


def _shown(text: str, files: list[Path], book: Path | None) -> Iterator[str]:
    """What the draft makes of the files, line by line; or why it makes nothing of them yet."""
    from ingest.mapping import of_tables
    from ingest.preview import of_no_book, preview
    from ledger.settings import read

    settings = of_no_book() if book is None else read(book)
    try:
        made = preview(files, of_tables(tomllib.loads(text), "the draft"), settings, datetime.now(UTC))
    except InputError as error:
        yield f"No tickets can be shown yet: {error}"
        return
    posted, held = made.batch.tickets.height, len(made.held)
    yield f"The first tickets by this mapping: {posted} would be posted, {held} would not."
    yield from _tickets(made)
    for one in made.held:
        yield ""
        yield f"  {'left out' if one.disposition == 'ignored' else 'held'}: {_plain(one.reason, REASON_CHARS_MAX)}"


def _tickets(made: Preview) -> Iterator[str]:
    from ingest.preview import rows_of
    from ledger.money import to_major

    for ticket in made.batch.tickets.iter_rows(named=True):
        currency, number = ticket["currency"], ticket["ticket"]
        lines, tenders, taxes = (
            rows_of(frame, number) for frame in (made.batch.lines, made.batch.tenders, made.batch.taxes)
        )

        def amount(row: dict[str, Any], name: str, currency: str = currency) -> str:
            return "nothing" if row[name] is None else str(to_major(row[name], currency))

        total = sum(row["amount_minor"] - (row["change_minor"] or 0) for row in tenders)
        yield ""
        yield (
            f"  {_plain(ticket['external_id'])}  {ticket['kind']}  {_plain(ticket['store'])}  {_when(ticket)}  "
            f"{to_major(total, currency)} {currency}  ({_plain(ticket['locator'])})"
        )
        for row in lines[:LINES_SHOWN_MAX]:
            voided = ", voided" if row["voided"] else ""
            cut = f", {amount(row, 'discount_minor')} off" if row["discount_minor"] else ""
            name = _plain(row["name"] or row["item_id"] or row["kind"])
            yield f"      {row['quantity_micro'] / 1_000_000:g} x {name}: {amount(row, 'net_minor')}{cut}{voided}"
        if len(lines) > LINES_SHOWN_MAX:
            yield f"      ... and {len(lines) - LINES_SHOWN_MAX} more lines"
        for row in taxes:
            yield f"      tax {_plain(row['jurisdiction'] or 'of no name')}: {amount(row, 'amount_minor')}"
        if ticket["tip_minor"]:
            yield f"      tip: {amount(ticket, 'tip_minor')}"
        for row in tenders:
            change = f", {amount(row, 'change_minor')} change" if row["change_minor"] else ""
            yield f"      paid by {_plain(row['type'])}: {amount(row, 'amount_minor')}{change}"


def _when(ticket: dict[str, Any]) -> str:
    """The business date, with the store's clock where the ticket has a time."""
    if ticket["closed_at"] is None:
        return str(ticket["business_date"])
    local = ticket["closed_at"] + timedelta(minutes=ticket["utc_offset_minutes"] or 0)
    clock = f"{local:%H:%M}"
    return f"{ticket['business_date']} {clock}" if local.date() == ticket["business_date"] else (
        f"{ticket['business_date']} (at {local:%Y-%m-%d} {clock})"
    )  # fmt: skip


def _plain(text: object, chars_max: int = NAME_CHARS_MAX) -> str:
    """A text from a document as it may stand on a terminal: one line, no control characters, no card numbers."""
    from ingest.cards import mask_text

    shown = "".join(letter if letter.isprintable() else " " for letter in str(text or "")[:chars_max])
    return mask_text(" ".join(shown.split()))
