"""A book that fetches from a stub, as a person would have set it up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ingest.pull.feeds import feed_of
from ingest.pull.puller import Pulled, pull
from ingest.pull.vendor import Feed
from ingest.pull.wire import Patience
from ledger.book import Book
from ledger.settings import parse
from tests.ingest.pull.stub import CLIENT, TOKEN, Service

QUICK = Patience(attempts=4, first_s=0.001, most_s=0.002, longest_s=300, timeout_s=5)
SECRETS = {"TILLPROOF_STUB_TOKEN": TOKEN, "TILLPROOF_STUB_CLIENT": CLIENT}


def tables(service: Service, address: str, name: str, **changed: Any) -> dict[str, Any]:
    """The ``[pull]`` of a ``book.toml``."""
    locations = ["0a1b2c3d-0000-4000-8000-000000000001"] if service.vendor == "toast" else []
    given = {"vendor": service.vendor, "url": address, "since": "2026-10-05", "locations": locations,
             "token_from": "TILLPROOF_STUB_TOKEN", "client_from": "TILLPROOF_STUB_CLIENT"}  # fmt: skip
    return {name: {key: value for key, value in (given | changed).items() if value is not None}}


def feed(book: Book, service: Service, address: str, name: str, **changed: Any) -> Feed:
    """A feed that the book has from now on."""
    kept = book.settings.model_dump(mode="json", exclude_defaults=True, exclude={"pull", "sources"})
    sources = {name: {"tickets": service.tickets}} if service.tickets else {}
    book.settings = parse({**kept, "sources": sources, "pull": tables(service, address, name, **changed)})
    return feed_of(book.settings, name)


def round_of(book: Book, one: Feed, now: datetime) -> Pulled:
    return pull(book, one, now=now, patience=QUICK)


def posted(book: Book, name: str) -> dict[str, int]:
    """The tickets of a feed that are in force, each once, and what they come to."""
    found = [one for one in book.tickets_between(datetime.min.date(), datetime.max.date()) if one.source == name]
    made = {one.external_id: one.total_minor or 0 for one in found}
    assert len(made) == len(found), "no ticket is in force twice"
    return made


def counts(done: Pulled) -> Mapping[str, int]:
    names = ("records", "posted", "duplicates", "versions", "quarantined", "ignored")
    return {name: getattr(done.taken, name) for name in names if getattr(done.taken, name)}
