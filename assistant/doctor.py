"""``tillproof doctor``: what an installation and a book rest on, and what is wrong with either."""

from __future__ import annotations

import platform
import sqlite3
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from assistant.model.usage import sums_of
from ingest.paper import ocr
from ledger.book import Book
from ledger.errors import TillproofError

PACKAGES = ("duckdb", "ibis-framework", "polars", "sqlalchemy", "chromadb", "sentence-transformers", "torch")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: its name, whether it is well, and a sentence."""

    what: str
    ok: bool
    sentence: str


def examine(path: Path) -> list[Finding]:
    """Look at the installation, then at the book at ``path``; nothing is changed."""
    findings = [
        Finding("python", True, f"{platform.python_version()} on {platform.system()} {platform.machine()}"),
        Finding("sqlite", True, sqlite3.sqlite_version),
        *(_package(name) for name in PACKAGES),
        Finding("tesseract", True, ocr.version() or "not installed: PDFs with text are read, photos are refused"),
    ]
    try:
        book = Book.open(path)
    except TillproofError as error:
        return [*findings, Finding("book", False, str(error))]
    try:
        head = book.head()
        feeds = book.feeds()
        unfinished = [feed for feed in feeds if not feed.complete]
        findings += [
            Finding("book", True, f"{book.settings.book.name}, {head.seq:,} commits"),
            Finding("durability", True, book.durability()),
            Finding(
                "feeds",
                not unfinished,
                f"{len(feeds):,} deliveries, all complete"
                if not unfinished
                else f"{len(unfinished):,} deliveries were interrupted; take their files again to complete them",
            ),
            *_model(path),
        ]
    finally:
        book.close()
    return findings


def _model(path: Path) -> list[Finding]:
    """What language models used and wrote for this book, where one was ever asked."""
    sums = sums_of(path)
    if sums is None:
        return []
    return [
        Finding(
            "model",
            True,
            f"{sums.answers:,} answers, {sums.written:,} in its words, {sums.dropped:,} sentences not let through; "
            f"{sums.tokens_in:,} tokens in, {sums.tokens_out:,} out"
            + (f", ${sums.cost:,.2f}" if sums.cost else ", no price known"),
        )
    ]


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, version(name))
    except PackageNotFoundError:
        return Finding(name, False, "not installed; run 'make demo' or 'pip install -c constraints.txt -e .'")
