"""Reading a window: every page of every listing, until nothing can have been passed over.

Where pages are by position, a record that changes while they are read leaves its window, and what stands behind it
moves up, perhaps past the reader. So a window of several pages is read again until it reads the same twice: had a
record left during the first reading, it would be missing in the second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from ingest.pull.vendor import Answer, Ask, Feed, Get, Window
from ledger.errors import PullError

READINGS_MAX = 10
"""How often a window is read that does not come to rest."""
PAGES_MAX = 100_000


class _Leading(Protocol):
    @property
    def following(self) -> Ask | None: ...


One = TypeVar("One", bound=_Leading)


def walk(feed: Feed, listing: Ask, get: Get, read: Callable[[Ask, Answer], One]) -> Iterator[tuple[Ask, Answer, One]]:
    """The pages of a listing, each with its request and as it reads. PullError where they lead back to one another."""
    asked: set[Ask] = set()
    following: Ask | None = listing
    while following is not None:
        if following in asked or len(asked) == PAGES_MAX:
            raise PullError(
                f"{feed.vendor.title} leads from page to page of {following.listing} and back again; what was read "
                "before is in the book, and the next round asks again"
            )
        asked.add(following)
        answer = get(following)
        page = read(following, answer)
        yield following, answer, page
        following = page.following


def settled(feed: Feed, window: Window, get: Get, take: Callable[[Ask, Answer], None]) -> None:
    """Give all pages of a window that have records to ``take``, again and again until none can have been missed."""
    seen: set[str] | None = None
    for _ in range(READINGS_MAX):
        marks, single = _once(feed, window, get, take)
        if single or not feed.vendor.by_position or marks == seen:
            return
        seen = marks
    raise PullError(
        f"what {feed.vendor.title} lists between {window.start:%Y-%m-%d %H:%M} and {window.end:%Y-%m-%d %H:%M} UTC "
        "kept changing while it was read; what was read is in the book, and the next round asks again"
    )


def _once(feed: Feed, window: Window, get: Get, take: Callable[[Ask, Answer], None]) -> tuple[set[str], bool]:
    """The marks of all records of a window, and whether each listing was of a single page."""
    marks: set[str] = set()
    single = True
    for listing in feed.vendor.listings(feed, window, get):
        pages = 0
        for ask, answer, page in walk(feed, listing, get, feed.vendor.page):
            pages += 1
            if page.marks:
                take(ask, answer)
            marks |= {f"{ask.listing} {mark}" for mark in page.marks}
        single = single and pages == 1
    return marks, single
