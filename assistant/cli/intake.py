"""Commands that make a book and fill it: ``init``, ``ingest``, ``held``, ``release``, ``accept``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.app import AsJson, BookPath, app, complain, opened

if TYPE_CHECKING:
    from assistant.flags.cases import Updated
    from ingest.pipeline import IntakeReport
    from ledger.batch import Held
    from ledger.book import Book

HELD_SHOWN_MAX = 20
DIFFERENCES_SHOWN_MAX = 10


@app.command()
def init(
    book: BookPath,
    name: Annotated[str | None, typer.Option(help="Name of the business.")] = None,
    currency: Annotated[str, typer.Option(help="ISO 4217 code.")] = "USD",
    time_zone: Annotated[str, typer.Option(help="IANA zone of the stores.")] = "UTC",
    truth: Annotated[
        str | None, typer.Option(metavar="URL", help="A PostgreSQL database for the truth, instead of SQLite.")
    ] = None,
) -> None:
    """Make a new, empty book."""
    from ledger.book import Book
    from ledger.settings import slug

    title = name or book.resolve().name
    business = {"id": slug(title), "name": title, "currency": currency.upper(), "time_zone": time_zone}
    Book.create_from(book, {"book": business} | ({"truth": {"url": truth}} if truth else {})).close()
    print(f"Made the book {book}. Its settings are in {book / 'book.toml'}; next: tillproof ingest {book} FILE")


@app.command()
def ingest(
    book: BookPath,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="One file, or the files of one set.")],
    source: Annotated[
        str | None,
        typer.Option(help="Name of the till or system that the files come from; a vendor's own files tell it."),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(help="How to read the files; remembered for the source. 'tillproof map' drafts one."),
    ] = None,
    flags: Annotated[
        bool, typer.Option("--flags", help="Then look for what looks wrong, as 'flags scan' does.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take export files into the book; what was taken before is not posted again."""
    from ingest.pipeline import take

    with opened(book) as into:
        with _progress(as_json) as on_commit:
            report = take(into, files, source=source, mapping=mapping, at=datetime.now(UTC), on_commit=on_commit)
        looked = _look(into) if flags else None
    counts = {
        key: getattr(report, key)
        for key in ("documents", "records", "posted", "duplicates", "versions", "quarantined", "ignored", "seconds")
    }
    if as_json:
        print(json.dumps(counts | ({} if looked is None else {"flags": looked.flags, "new_flags": looked.added})))
    else:
        _print_report(report, counts)
        if looked is not None:
            cases = "1 new case" if len(looked.cases) == 1 else f"{len(looked.cases):,} new cases"
            print(f"{looked.flags:,} flags, {looked.added:,} of them new, in {cases}: 'tillproof flags cases {book}'")
    if report.conflicts:
        complain(conflicts_of(report, book))
        raise typer.Exit(1)


def conflicts_of(report: IntakeReport, book: Path) -> str:
    """What to say of tickets that were held as conflicts."""
    tickets = "1 ticket was" if report.conflicts == 1 else f"{report.conflicts:,} tickets were"
    return (
        f"{tickets} posted before with other content, and the source gives no newer time of change; nothing of that "
        f"was posted: 'tillproof held {book}' shows what differs"
    )


def _look(book: Book) -> Updated:
    from assistant.flags.look import look

    return look(book, at=datetime.now(UTC))[1]


def _print_report(report: IntakeReport, counts: dict[str, Any]) -> None:
    print(
        "{records:,} records = {posted:,} posted + {duplicates:,} already there + {versions:,} new versions "
        "+ {quarantined:,} quarantined + {ignored:,} ignored, in {seconds:.1f} s".format(**counts)
    )
    for note in report.notes:
        print(note)
    _print_held(report.held, report.quarantined + report.ignored)


@app.command()
def held(book: BookPath, as_json: AsJson = False) -> None:
    """List what is quarantined: why, where in which document, and what differs from what was posted."""
    from assistant.held import record
    from ingest.answers import standing

    with opened(book) as asked:
        rows, currency = standing(asked), asked.currency
    if as_json:
        print(json.dumps({"held": [record(row, currency) for row in rows]}, default=str))
        return
    _print_held(rows, len(rows))
    if not rows:
        print("Nothing is held.")


@app.command()
def release(
    book: BookPath,
    into_soft_closed: Annotated[
        bool, typer.Option("--into-soft-closed", help="Let in what is late for a soft-closed period.")
    ] = False,
) -> None:
    """Take the documents of held tickets again, after a mapping, a rule or a setting was mended.

    Exit status 1 when something of them is held still.
    """
    from ingest.hold import release as release_held

    with opened(book) as mended:
        report = release_held(mended, at=datetime.now(UTC), into_soft_closed=into_soft_closed)
    print(f"{report.posted + report.versions:,} posted; {report.quarantined:,} still held.")
    _print_held(report.held, report.quarantined + report.ignored)
    if report.quarantined:
        complain(f"{_still_held(report)}; 'tillproof held {book}' lists what is held")
        raise typer.Exit(1)


@app.command()
def accept(
    book: BookPath,
    ticket: Annotated[str, typer.Argument(metavar="TICKET", help="Its number at the till.")],
    source: Annotated[str, typer.Option(help="Name of the till or system that it came from.")],
    by: Annotated[str, typer.Option(help="In whose name.")],
    reason: Annotated[str, typer.Option(help="Why what is held is right, and what was posted is not.")],
    document: Annotated[
        str | None, typer.Option(metavar="ID", help="Of which document, where several hold the ticket.")
    ] = None,
    into_soft_closed: Annotated[
        bool, typer.Option("--into-soft-closed", help="Let it into a soft-closed period.")
    ] = False,
) -> None:
    """Post a held conflict as the new version of its ticket; the posted one is reversed, and both stay."""
    from ingest.hold import accept as accept_held

    with opened(book) as decided:
        accept_held(
            decided,
            ticket,
            source=source,
            by=by,
            reason=reason,
            at=datetime.now(UTC),
            document=document,
            into_soft_closed=into_soft_closed,
        )
        seq = decided.head().seq
    print(f"Accepted in the name of {by}: what was held of {ticket} is its new version, posted by commit {seq}.")


def _still_held(report: IntakeReport) -> str:
    """``2 records are held still, 1 of them a conflict, which no release can settle``."""
    held = "1 record is" if report.quarantined == 1 else f"{report.quarantined:,} records are"
    settled = f", {report.conflicts:,} of them a conflict, which no release can settle" if report.conflicts else ""
    return f"{held} held still{settled}"


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[Any], None] | None]:
    """A running count on a terminal's stderr, and nothing anywhere else."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    done = 0

    def show(commit: Any) -> None:
        nonlocal done
        done += commit.records
        print(f"\r{done:,} records", end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _print_held(rows: Any, total: int) -> None:
    for row in rows[:HELD_SHOWN_MAX]:
        _print_one_held(row)
    if total > HELD_SHOWN_MAX:
        print(f"  ... and {total - HELD_SHOWN_MAX:,} more: tillproof held BOOK")


def _print_one_held(row: Held) -> None:
    from ledger import conflicts

    conflict = conflicts.read(row)
    if conflict is None:
        print(f"  {row.disposition}: {row.reason}")
        return
    print(f"  {row.disposition}: {row.external_id} was posted before with other content ({row.locator})")
    for one in conflict.differences[:DIFFERENCES_SHOWN_MAX]:
        print(f"      {one.field} was {_value(one.before)}, now {_value(one.now)}")
    more = max(len(conflict.differences) - DIFFERENCES_SHOWN_MAX, 0) + conflict.more
    if more:
        print(f"      ... and {more:,} more fields: tillproof held BOOK --json")


def _value(text: str | None) -> str:
    return "nothing" if text is None else " ".join(text.split())
