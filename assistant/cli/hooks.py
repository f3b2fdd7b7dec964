"""Outgoing webhooks: ``hooks list``, ``hooks send``, ``hooks retry``, ``hooks secret``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.app import AsJson, BookPath, app, complain, opened

if TYPE_CHECKING:
    from assistant.outgoing.position import Position

hooks_app = typer.Typer(
    help="Who is told what is committed, and what could not be told.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(hooks_app, name="hooks")

Name = Annotated[str | None, typer.Argument(metavar="[NAME]", help="Of a target under [hooks.out]; else all.")]


@hooks_app.command("list")
def list_(book: BookPath, as_json: AsJson = False) -> None:
    """List the targets: how far each has come, what waits, and the dead letters. A new one begins here."""
    from assistant.outgoing.position import Kept

    with opened(book) as told:
        head, targets = told.head().seq, told.settings.hooks.out
        found = {name: Kept(told, name).look() for name in targets}
    if as_json:
        rows = [{"name": name, "url": targets[name].url, **_record(position)} for name, position in found.items()]
        print(json.dumps({"head": head, "targets": rows}))
        return
    for name, position in found.items():
        print(f"{name}  {', '.join(targets[name].events)}: told up to commit {position.seq} of {head}")
        if position.due is not None:
            print(f"    {position.error}; attempt {position.attempts + 1} at {position.due:%Y-%m-%d %H:%M:%S} UTC")
        for letter in position.dead:
            print(
                f"    dead letter: {letter.kind} of commit {letter.seq}, given up at {letter.at:%Y-%m-%d %H:%M} UTC "
                f"after {letter.attempts} attempts: {letter.error}"
            )
    if not found:
        print("Nobody is told: there is no target under [hooks.out].")


@hooks_app.command()
def send(book: BookPath, name: Name = None) -> None:
    """Send what waits and is due, as 'serve' does by itself. Exit status 1 when something was not taken."""
    _each(book, name, None, retry=False)


@hooks_app.command()
def retry(
    book: BookPath,
    name: Name = None,
    after: Annotated[
        int | None, typer.Option(metavar="COMMIT", min=0, help="Send all that came after this commit, once more.")
    ] = None,
) -> None:
    """Send the dead letters and what waits, now. Exit status 1 when something was not taken."""
    if after is not None and name is None:
        raise typer.BadParameter("--after is for one target: name it")
    _each(book, name, after, retry=True)


@hooks_app.command()
def secret() -> None:
    """Make a secret for TILLPROOF_HOOK_SECRETS and the receiver."""
    import base64
    import secrets

    from ingest.signatures import STANDARD

    print(f"{STANDARD}{base64.b64encode(secrets.token_bytes(32)).decode()}")


def _each(path: Any, name: str | None, after: int | None, *, retry: bool) -> None:
    from assistant.outgoing import outboxes
    from assistant.outgoing.post import NotTaken
    from assistant.settings import InstallationSettings
    from ledger.errors import BookError

    failed = False
    with opened(path) as told:
        for one in outboxes(told, InstallationSettings(), name):
            try:
                sent = one.retry(after) if retry else one.send()
            except NotTaken as error:
                failed = bool(complain(f"{one.name}: {error}; the dead letter stays"))
                continue
            except BookError as error:  # of this target's position; the others are sent to all the same
                failed = bool(complain(f"{one.name}: {error}"))
                continue
            events = "1 event was" if sent.events == 1 else f"{sent.events:,} events were"
            print(f"{one.name}: {events} taken; told up to commit {sent.position.seq}")
            if sent.position.due is not None:
                due = f"{sent.position.due:%Y-%m-%d %H:%M:%S} UTC"
                failed = bool(complain(f"{one.name}: {sent.position.error}; what waits is tried again from {due} on"))
    if failed:
        raise typer.Exit(1)


def _record(position: Position) -> dict[str, Any]:
    return {
        "seq": position.seq,
        "attempts": position.attempts,
        "due": None if position.due is None else position.due.isoformat(),
        "error": position.error or None,
        "dead": [{**vars(one), "at": one.at.isoformat()} for one in position.dead],
    }
