"""``Vendor``: what a vendor's service is asked, and what its answers say. Pure: nothing here sends anything.

A feed is one account at a vendor. What changed in a window of time is asked for in listings, each of pages that lead to
the next; what a day holds is asked for in the same way, to compare it with the book.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from ingest.records import Record, Unreadable, each, is_record, said
from ledger.errors import PullError
from ledger.settings import BookSettings, PullSettings


@dataclass(frozen=True)
class Window:
    """A stretch of time, from ``start`` on and before ``end``; both in UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Ask:
    """One request: a POST where it has a ``body`` (JSON), else a GET. ``listing`` is what is asked for, in a word;
    what is asked ``once`` stays the same for a round."""

    listing: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    once: bool = False


@dataclass(frozen=True)
class Answer:
    """An answer as it came, and as a value. ``following`` is the address that it names as the next page, ``at`` when
    the vendor says that it answered."""

    content: bytes
    value: Any
    following: str | None
    at: datetime | None


@dataclass(frozen=True)
class Day(Window):
    """A business date of the book, and the stretch of time that it is."""

    date: date


Get = Callable[[Ask], Answer]


@dataclass(frozen=True)
class Page:
    """The records of an answer, a mark each (its number and when it changed), and the request for the next page."""

    marks: tuple[str, ...]
    following: Ask | None


Amount = tuple[int, str]
"""Minor units and their currency."""


@dataclass(frozen=True)
class Counted:
    """What an answer says of a day: how many records, and by their numbers (where it lists them) what each amounts to
    (where it says so)."""

    number: int
    amounts: Mapping[str, Amount | None] | None
    following: Ask | None = None


@dataclass(frozen=True)
class Feed:
    """One account at a vendor, by the name of its table in ``book.toml``, under which its tickets are posted."""

    name: str
    vendor: Vendor
    settings: PullSettings
    book: BookSettings
    secret: str = field(repr=False)
    client: str = field(repr=False)

    def tickets(self, usually: str) -> str:
        """Which of the vendor's records become tickets: only those are asked for."""
        return self.book.tickets_of(self.name, usually)


@dataclass(frozen=True)
class Vendor:
    """How a vendor's service is asked.

    ``name`` is that of its source, ``title`` what people call it, ``url`` where it is asked unless ``book.toml`` says
    (None: it must). ``entered`` gives the headers that let one in, and may ask for them (``signs_in``).
    ``listings`` asks for what changed in a window, ``page`` reads an answer; ``kept`` is what is kept of one.
    ``by_position``: whether pages may shift when a record changes while they are read. ``day`` asks what a day of
    the vendor's holds and ``counted`` reads the answers; ``not_offered`` says what of that the vendor does not give.
    """

    name: str
    title: str
    url: str | None
    entered: Callable[[Feed, Get], Mapping[str, str]]
    listings: Callable[[Feed, Window, Get], Sequence[Ask]]
    page: Callable[[Ask, Answer], Page]
    day: Callable[[Feed, Day, Get], Sequence[Ask]]
    counted: Callable[[Ask, Answer], Counted]
    not_offered: str
    kept: Callable[[Ask, Answer, Get], bytes] = lambda ask, answer, get: answer.content
    by_position: bool = False
    signs_in: bool = False
    needs_locations: bool = False
    step: timedelta = timedelta(days=1)


def bearer(feed: Feed, get: Get) -> Mapping[str, str]:
    """The header of a service that is entered with a token alone."""
    return {"Authorization": f"Bearer {feed.secret}"}


def listed(ask: Ask, value: Any, name: str | None) -> Sequence[Record]:
    """The records of an answer, under a name or by themselves; PullError where there are none to be."""
    holder = {"answer": value} if name is None else value
    try:
        if not is_record(holder):
            raise Unreadable(f"it is {said(holder)} where an object is wanted")
        return each(holder, name or "answer")
    except Unreadable as error:
        raise PullError(f"the answer to {ask.path} cannot be read: {error}") from None


def marked(records: Sequence[Record], number: str, changed: str) -> tuple[str, ...]:
    """The marks of records by the names of the fields for their number and time of change."""
    return tuple(f"{one.get(number)} {one.get(changed)}" for one in records)


def posted(body: Mapping[str, Any]) -> str:
    """The body of a request, the same for the same content."""
    return json.dumps(body, sort_keys=True)
