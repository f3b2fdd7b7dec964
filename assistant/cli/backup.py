"""Commands that keep a book safe: ``backup``, ``restore``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.app import AsJson, BookPath, app, opened


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
