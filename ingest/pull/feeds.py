"""The feeds that a book has, from its settings, and their secrets, from the environment: read here and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ingest.pull import shopify, square, stripe, toast
from ingest.pull.vendor import Feed, Vendor
from ledger.errors import SettingsError
from ledger.settings import FILE, BookSettings

VENDORS: dict[str, Vendor] = {one.VENDOR.name: one.VENDOR for one in (square, shopify, stripe, toast)}


def feeds(book: BookSettings, names: Sequence[str] = ()) -> list[Feed]:
    """The feeds of some names, or all that there are. SettingsError names what is missing or wrong."""
    if not book.pull:
        known = ", ".join(VENDORS)
        raise SettingsError(f"{FILE} has no [pull.NAME]: nothing is fetched from anywhere; there can be {known}")
    unknown = next((name for name in names if name not in book.pull), None)
    if unknown is not None:
        raise SettingsError(f"{FILE} has no [pull.{unknown}]; it has {', '.join(sorted(book.pull))}")
    return [feed_of(book, name) for name in (dict.fromkeys(names) or sorted(book.pull))]


def feed_of(book: BookSettings, name: str) -> Feed:
    """A feed by its name, with its secrets."""
    settings = book.pull[name]
    vendor = VENDORS.get(settings.vendor or name)
    if vendor is None:
        wrong = settings.vendor or name
        raise SettingsError(f"{FILE}: [pull.{name}] vendor: {wrong} is none of {', '.join(VENDORS)}")
    if vendor.url is None and settings.url is None:
        raise SettingsError(f"{FILE}: [pull.{name}] url: {vendor.title} has an address for each shop; say which")
    if vendor.needs_locations and not settings.locations:
        raise SettingsError(f"{FILE}: [pull.{name}] locations: say which of {vendor.title}'s restaurants, by GUID")
    feed = Feed(name, vendor, settings, book, "", "")
    *client, secret = [_secret(name, variable) for variable in variables(feed)]
    return Feed(name, vendor, settings, book, secret, *(client or ("",)))


def variables(feed: Feed) -> tuple[str, ...]:
    """The environment variables that a feed's secrets come from, the token last."""
    own = f"TILLPROOF_{feed.name.upper().replace('-', '_')}"
    client = (feed.settings.client_from or f"{own}_CLIENT",) if feed.vendor.signs_in else ()
    return (*client, feed.settings.token_from or f"{own}_TOKEN")


def _secret(name: str, variable: str) -> str:
    found = os.environ.get(variable, "").strip()
    if not found:
        raise SettingsError(f"[pull.{name}] has no secret: put it into the environment variable {variable}")
    if not (found.isascii() and found.isprintable() and " " not in found):
        raise SettingsError(f"{variable} holds what cannot be a token (a space or a character that is not ASCII)")
    return found
