"""Fetching from vendors' services beside the pages, where the book has feeds; see ``ingest.pull``."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager, nullcontext

from ledger.book import Book
from ledger.errors import SettingsError

log = logging.getLogger("tillproof.pull")


def fetching(book: Book) -> AbstractContextManager[object]:
    """The rounds of a book's feeds, for as long as the context lasts; a feed that is not as it must be is said, and
    left out. Where the book has none nothing is begun, and nothing of the network is imported."""
    if not book.settings.pull:
        return nullcontext()
    from ingest.pull.feeds import feed_of
    from ingest.pull.schedule import Schedule

    wanted = []
    for name in sorted(book.settings.pull):
        try:
            wanted.append(feed_of(book.settings, name))
        except SettingsError as error:  # the pages are of use all the same
            log.warning("%s is not fetched: %s", name, error)
    return Schedule(
        book,
        wanted,
        told=lambda done: log.info("%s: %s records fetched", done.feed, done.taken.records),
        complained=lambda sentence: log.warning("%s", sentence),
    )
