"""What runs beside the pages while a book is served, where its settings ask for it: watched folders are taken, and
outgoing webhooks sent. Each in a thread of its own; truth is what they share with the pages."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from assistant.outgoing import Outbox, outboxes
from assistant.settings import InstallationSettings
from ingest.watch import Told, Watcher, watch, watchers
from ledger.book import Book
from ledger.settings import WatchSettings

SEND_EVERY_SECONDS = 1.0
AFTER_FAILURE_SECONDS = 60.0
END_SECONDS_MAX = 10.0
log = logging.getLogger("tillproof")


@contextmanager
def beside(book: Book, settings: InstallationSettings) -> Iterator[None]:
    """Run it until the end. Raises InputError and SettingsError, with nothing running, where a folder is no address or
    a target has no secret.

    What is still at work some seconds after the end is left to be ended with the process, which loses nothing.
    """
    stop = threading.Event()
    works = dict(_works(book, settings, stop))
    threads = [threading.Thread(target=work, name=name, daemon=True) for name, work in works.items()]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(END_SECONDS_MAX)


def _works(
    book: Book, settings: InstallationSettings, stop: threading.Event
) -> Iterator[tuple[str, Callable[[], None]]]:
    asked = book.settings.watch
    if asked.folders:
        made = watchers(book, asked.folders, asked, settings.sftp_access, _tell)
        yield "watch", partial(_watch, made, asked, stop)
    for outbox in outboxes(book, settings):
        yield f"hooks-{outbox.name}", partial(_send, outbox, stop)


def _watch(made: Sequence[Watcher], asked: WatchSettings, stop: threading.Event) -> None:
    try:
        watch(made, asked, stop)
    finally:
        for one in made:
            one.folder.close()


def _tell(one: Told) -> None:
    log.log(logging.INFO if one.outcome == "done" else logging.WARNING, "watch: %s", one.line())


def _send(outbox: Outbox, stop: threading.Event) -> None:
    failing = ""
    while not stop.is_set():
        wait = SEND_EVERY_SECONDS
        try:
            said = outbox.send(stop).position.error
        except Exception as error:  # whatever it is: the thread goes on, and what waits is not lost
            said, wait = f"{type(error).__name__}: {error}", AFTER_FAILURE_SECONDS
        if said and said != failing:
            log.warning("hooks to %s: %s; what waits is sent later", outbox.name, said)
        failing = said
        stop.wait(wait)
