"""Watched folders: what a bot or a till drops is taken, once it is complete, and moved to ``done/`` or ``held/``.

``folder`` says what a folder can do, ``local`` and ``sftp`` do it, ``settling`` tells which files are complete,
``watcher`` takes them the one way in, and ``watch`` here goes round the folders. Folders are looked at again and again
rather than listened to: a mounted folder and an SFTP server tell nobody what changed in them, and a file has to lie
still for a while in any case.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ingest.watch.folder import Folder, Seen, Unreachable
from ingest.watch.local import LocalFolder
from ingest.watch.settling import Settling
from ingest.watch.sftp import SftpAccess, SftpFolder, is_sftp
from ingest.watch.watcher import Told, Watcher
from ledger.book import Book
from ledger.errors import BookError, InputError
from ledger.settings import WatchedFolder, WatchSettings

__all__ = ["SftpAccess", "Told", "Unreachable", "Watcher", "look_once", "opened", "watch", "watchers"]

AGAIN_SECONDS = 5.0
AGAIN_SECONDS_MAX = 300.0
"""After a failure a folder is left alone for so long at first, twice as long each time, and so long at most."""
log = logging.getLogger("tillproof.watch")


def opened(path: str, book: Path, access: SftpAccess) -> Folder:
    """The folder at a path or an ``sftp://`` address. InputError where it is none, or lies in the book's own folder."""
    if is_sftp(path):
        return SftpFolder(path, access)
    inside, own = Path(path).expanduser().resolve(), book.resolve()
    if inside == own or own in inside.parents:
        raise InputError(f"{path} is in the folder of the book itself; files are dropped somewhere else")
    return LocalFolder(inside)


def watchers(
    book: Book,
    folders: Sequence[WatchedFolder],
    settings: WatchSettings,
    access: SftpAccess,
    tell: Callable[[Told], None],
) -> list[Watcher]:
    """A watcher for each folder. Nothing is reached yet."""
    return [
        Watcher(
            book,
            opened(one.path, book.path, access),
            Settling(settings.quiet_seconds, settings.marker),
            tell,
            source=one.source,
            together=one.together,
        )
        for one in folders
    ]


def look_once(made: Sequence[Watcher], settings: WatchSettings, stop: threading.Event) -> None:
    """Take what is in the folders, and tell what is not complete yet, which stays. What fails in one folder is raised
    when the others have been looked at."""
    failed: list[Exception] = []
    waiting = [one for one in made if _looked(one, failed)]
    if waiting and not stop.wait(settings.quiet_seconds):
        for one in waiting:
            one.tell_waiting(_looked(one, failed))
    if failed:
        raise failed[0]


def _looked(one: Watcher, failed: list[Exception]) -> list[Seen]:
    try:
        return one.look(time.monotonic())
    except (Unreachable, BookError, OSError) as error:
        failed.append(error)
        return []


def watch(made: Sequence[Watcher], settings: WatchSettings, stop: threading.Event) -> None:
    """Go round the folders until ``stop`` is set. A folder that cannot be reached and a book that cannot be written are
    tried again later; nothing is lost meanwhile, since what is not taken stays where it is."""
    failures = dict.fromkeys(made, 0)
    due = dict.fromkeys(made, 0.0)
    while not stop.is_set():
        for one in made:
            if time.monotonic() < due[one]:
                continue
            try:
                one.look(time.monotonic())
            except (Unreachable, BookError, OSError) as error:
                wait = min(AGAIN_SECONDS * 2 ** failures[one], AGAIN_SECONDS_MAX)
                failures[one] = min(failures[one] + 1, 10)
                due[one] = time.monotonic() + wait
                one.folder.close()
                log.warning("%s: %s (looked at again in %.0f s)", one.folder.place, error, wait)
            else:
                failures[one] = 0
            if stop.is_set():
                return
        stop.wait(settings.every_seconds)
