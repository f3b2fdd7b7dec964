"""``watch``: take what a bot or a till drops into folders."""

from __future__ import annotations

import logging
import sys
import threading
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.app import BookPath, app, complain, opened

if TYPE_CHECKING:
    from ingest.watch import Told


@app.command()
def watch(
    book: BookPath,
    folders: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FOLDER...]", help="Paths or sftp://user@host/path; without any those of [watch] in book.toml."
        ),
    ] = None,
    source: Annotated[str | None, typer.Option(help="Where files come from that do not tell it.")] = None,
    together: Annotated[bool, typer.Option("--together", help="All files of a folder are one set.")] = False,
    quiet: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="A file is complete that has not changed for so long.")
    ] = None,
    marker: Annotated[
        str | None, typer.Option(metavar=".done", help="A file is complete when one of this ending is beside it.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Take what is there, and end.")] = False,
) -> None:
    """Take files as they are dropped into folders, and move them to done/ or held/; one line of JSON a file.

    With --once, exit status 1 when a file could not be read and went to held/.
    """
    from pydantic import ValidationError

    from assistant.settings import InstallationSettings
    from ingest.watch import look_once, watchers
    from ingest.watch import watch as go_round
    from ledger.errors import InputError
    from ledger.settings import WatchSettings

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="tillproof: %(message)s")
    held: list[Told] = []

    def tell(one: Told) -> None:
        print(one.line(), flush=True)
        if one.outcome == "held":
            held.append(one)

    access = InstallationSettings().sftp_access
    with opened(book) as into:
        tables: dict[str, Any] = into.settings.watch.model_dump(exclude_none=True)
        tables |= {name: given for name, given in (("quiet_seconds", quiet), ("marker", marker)) if given is not None}
        if folders:
            tables["folders"] = [{"path": one, "source": source, "together": together} for one in folders]
        try:
            settings = WatchSettings.model_validate(tables)
        except ValidationError as error:
            raise typer.BadParameter(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
        if not settings.folders:
            raise InputError(f"no folder is to be watched: name one, or list it under [watch] in {book / 'book.toml'}")
        made = watchers(into, settings.folders, settings, access, tell)
        stop = threading.Event()
        try:
            if once:
                look_once(made, settings, stop)
            else:
                for one in made:
                    one.folder.files()  # one that cannot be reached is said at once
                go_round(made, settings, stop)
        finally:
            for one in made:
                one.folder.close()
    if held:
        files = "1 file" if len(held) == 1 else f"{len(held)} files"
        complain(f"{files} could not be read; why is beside each in held/")
        raise typer.Exit(1)
