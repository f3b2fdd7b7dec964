"""The cursor of a feed: up to which moment all that changed is in the book. A small file beside the book, ``pull/``.

It is no truth. It is moved only after the commit of what it covers, so that whatever happens between the two has the
same asked for again; without it everything is asked for again from the feed's first day. Both post nothing twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from ingest.pull.vendor import Feed
from ledger import durable
from ledger.book import Book
from ledger.errors import PullError

FOLDER = "pull"


@dataclass(frozen=True)
class Cursor:
    """``until``: all that changed before is in the book. ``pages`` are the digests of what was read last: the same
    bytes again, as an overlap brings them, need not be taken again."""

    until: datetime
    pages: frozenset[str]


def load(book: Book, feed: Feed) -> Cursor | None:
    """The cursor of a feed. None for a new one, and where the file is of other settings, of another history of the
    book, or says nothing that can be read."""
    try:
        kept = json.loads(_path(book, feed).read_text("utf-8"))
        until = datetime.fromisoformat(kept["until"]).astimezone(UTC)
        same = kept["asked"] == _asked(feed) and book.hash_of(int(kept["seq"])) == kept["hash"]
        return Cursor(until, frozenset(map(str, kept["pages"]))) if same else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def save(book: Book, feed: Feed, cursor: Cursor) -> None:
    """Keep a cursor, durably: whole or not at all."""
    head = book.head()
    kept = {
        "asked": _asked(feed),
        "until": cursor.until.isoformat(),
        "seq": head.seq,
        "hash": book.hash_of(head.seq),
        "pages": sorted(cursor.pages),
    }
    path = _path(book, feed)
    durable.make_folder(path.parent)
    durable.write(path, json.dumps(kept, indent=1))


@contextmanager
def alone(book: Book, feed: Feed) -> Iterator[None]:
    """Hold a feed, against other threads and processes; PullError when one of them has it."""
    path = _path(book, feed).with_suffix(".lock")
    durable.make_folder(path.parent)
    try:
        with FileLock(path, timeout=0):
            yield
    except Timeout:
        raise PullError(f"{feed.name} is being fetched by another process at this moment; let it end") from None


def _path(book: Book, feed: Feed) -> Path:
    return book.path / FOLDER / f"{feed.name}.json"


def _asked(feed: Feed) -> str:
    """A digest of the settings by which it is asked for other records than before."""
    given = feed.settings
    tickets = feed.book.tickets_of(feed.name, "")
    named = [feed.vendor.name, given.url, str(given.since), sorted(given.locations), tickets]
    return hashlib.sha256(json.dumps(named).encode()).hexdigest()
