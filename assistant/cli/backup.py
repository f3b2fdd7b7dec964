"""Commands that keep a book safe and take it elsewhere: ``backup``, ``restore``, ``copy``, ``book move``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.app import AsJson, BookPath, app, opened

if TYPE_CHECKING:
    from ledger.moving import Moved


@app.command()
def backup(
    book: BookPath,
    out: Annotated[Path, typer.Argument(metavar="OUT.tar", help="A new archive; nothing is overwritten.")],
    as_json: AsJson = False,
) -> None:
    """Write the book into one archive, also while others post to it."""
    from ledger.backup import backup as back_up

    with opened(book) as live:
        made = back_up(live, out)
    if as_json:
        print(json.dumps(asdict(made)))
        return
    print(
        f"Wrote {out}: {made.files:,} files, {made.size_bytes:,} bytes; the book {made.book} after commit "
        f"{made.seq:,}, head {made.hash[:16]}."
    )


@app.command()
def restore(
    archive: Annotated[Path, typer.Argument(metavar="OUT.tar", help="What 'tillproof backup' wrote.")],
    book: Annotated[Path, typer.Argument(metavar="BOOK", help="A new folder, or an empty one.")],
    as_json: AsJson = False,
) -> None:
    """Make a book of an archive: every checksum is checked and the whole book verified before it gets its name."""
    from ledger.backup import restore as bring_back

    made = bring_back(archive, book)
    if as_json:
        print(json.dumps(asdict(made)))
        return
    print(
        f"Restored {book}: the book {made.book} after commit {made.seq:,}, head {made.hash[:16]}; "
        f"{made.verification.entries:,} entries and {made.verification.documents:,} documents verified."
    )


books = typer.Typer(help="Take a book to another database.", no_args_is_help=True)
app.add_typer(books, name="book")


@books.command()
@app.command()
def copy(
    book: BookPath,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder, or an empty one.")],
    truth: Annotated[str | None, typer.Option(metavar="URL", help="Into PostgreSQL; without it, into SQLite.")] = None,
    as_json: AsJson = False,
) -> None:
    """Copy the book, also while others post to it; the copy is verified whole and every row of it compared."""
    from ledger.moving import copy as copy_book

    with opened(book) as original:
        _say("Copied", copy_book(original, folder, truth), as_json)


@books.command()
def move(
    book: BookPath,
    truth: Annotated[str | None, typer.Option(metavar="URL", help="To PostgreSQL; without it, back to SQLite.")] = None,
    as_json: AsJson = False,
) -> None:
    """Move the book's truth to another database. Whatever else has the book open cannot write to it any more, and must
    be started anew. A move that was cut short goes on when it is done again."""
    from ledger.moving import move as move_book

    with opened(book) as original:
        _say("Moved", move_book(original, truth), as_json)


def _say(what: str, moved: Moved, as_json: bool) -> None:
    if as_json:
        print(json.dumps(asdict(moved)))
        return
    print(
        f"{what} the book {moved.book}: {moved.rows:,} rows, compared and verified; the head is {moved.hash[:16]} "
        f"after commit {moved.seq:,}, the root over all store-days {moved.root[:16]}."
    )
