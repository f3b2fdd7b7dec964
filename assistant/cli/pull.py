"""The command ``pull``: what changed at vendors' services is fetched and posted, once or again and again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.app import AsJson, BookPath, app, complain, opened
from assistant.cli.intake import conflicts_of

if TYPE_CHECKING:
    from ingest.pull.puller import Pulled
    from ingest.pull.vendor import Feed
    from ledger.book import Book

DAYS_CHECKED = 7
COUNTS = ("documents", "records", "posted", "duplicates", "versions", "quarantined", "ignored")


@app.command()
def pull(
    book: BookPath,
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE...]", help="Tables [pull.SOURCE] of book.toml; all of them.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Ask again for what changed from that day on.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="One round, not one after the other.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Compare each day with the vendor's own count instead of fetching.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Fetch from vendors' services what changed since the last time, and post it.

    With --once or --check, exit status 1 where a feed could not be fetched, a ticket conflicts with what was posted, or
    a day does not agree.
    """
    from ingest.pull.feeds import feeds

    first = since.date() if since else None
    with opened(book) as into:
        wanted = feeds(into.settings, sources or ())
        if check:
            _each(wanted, lambda feed: _checked(into, feed, first), as_json)
        elif once:
            _each(wanted, lambda feed: _pulled(into, feed, first), as_json)
        else:
            _again_and_again(into, wanted, first, as_json)


def _each(wanted: list[Feed], one: Callable[[Feed], tuple[Any, list[str], bool]], as_json: bool) -> None:
    """Do something with each feed, whatever becomes of the others."""
    from ledger.errors import InputError

    records, failed = [], False
    for feed in wanted:
        try:
            record, lines, well = one(feed)
        except InputError as error:
            complain(f"{feed.name}: {error}")
            record, lines, well = {"feed": feed.name, "error": str(error)}, [], False
        records.append(record)
        failed = failed or not well
        if not as_json:
            print("\n".join(lines), end="\n" if lines else "")
    if as_json:
        print(json.dumps({"feeds": records}))
    if failed:
        raise typer.Exit(1)


def _pulled(book: Book, feed: Feed, since: date | None) -> tuple[Any, list[str], bool]:
    from ingest.pull.puller import pull as pull_once

    done = pull_once(book, feed, now=datetime.now(UTC), since=since)
    if done.taken.conflicts:
        complain(f"{feed.name}: {conflicts_of(done.taken, book.path)}")
    return _record(done), [_line(done)], not done.taken.conflicts


def _checked(book: Book, feed: Feed, since: date | None) -> tuple[Any, list[str], bool]:
    from ingest.pull.days import today
    from ingest.pull.gaps import check as check_day

    last = today(book.settings, datetime.now(UTC)) - timedelta(days=1)
    first = max(since or last - timedelta(days=DAYS_CHECKED - 1), feed.settings.since)
    gaps = [check_day(book, feed, first + timedelta(days=n)) for n in range((last - first).days + 1)]
    days = [{"day": str(one.day), "counted": one.counted, "posted": one.posted, "held": list(one.held),
             "ignored": list(one.ignored), "missing": list(one.missing),
             "differing": [number for number, *_ in one.differing], "agrees": one.agrees} for one in gaps]  # fmt: skip
    lines = [*(one.sentence() for one in gaps), f"({feed.vendor.not_offered}.)"]
    return {"feed": feed.name, "days": days}, lines, all(one.agrees for one in gaps)


def _again_and_again(book: Book, wanted: list[Feed], since: date | None, as_json: bool) -> None:
    from ingest.pull.puller import pull as pull_once
    from ingest.pull.schedule import Schedule

    def told(done: Pulled) -> None:
        if as_json:
            print(json.dumps(_record(done)), flush=True)
        elif done.taken.records:
            print(_line(done), flush=True)

    if since is not None:
        for feed in wanted:
            told(pull_once(book, feed, now=datetime.now(UTC), since=since))
    with Schedule(book, wanted, told=told, complained=complain) as rounds:
        rounds.wait()


def _record(done: Pulled) -> dict[str, Any]:
    counts = {name: getattr(done.taken, name) for name in COUNTS}
    until = done.until and done.until.isoformat()
    return {"feed": done.feed, "requests": done.requests, **counts, "unchanged": done.unchanged, "until": until}


def _line(done: Pulled) -> str:
    taken, pages = done.taken, "1 page" if done.pages == 1 else f"{done.pages:,} pages"
    until = "" if done.until is None else f", up to {done.until:%Y-%m-%d %H:%M} UTC"
    return (
        f"{done.feed}: {pages}, {taken.records:,} records = {taken.posted:,} posted + {taken.duplicates:,} already "
        f"there + {taken.versions:,} new versions + {taken.quarantined:,} quarantined "
        f"+ {taken.ignored:,} ignored{until}"
    )
