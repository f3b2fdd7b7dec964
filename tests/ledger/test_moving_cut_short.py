"""Copies that are killed and made again, a book that goes round, and what must be on the disk before a copy is one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.book import Book
from ledger.errors import BookError, BookMoved
from ledger.moving import copy, move
from tests.builders import make_book, post, ticket
from tests.ledger.test_moving_live import KILLED, ROOT, state, tickets
from tests.ledger.test_verify import fill
from tests.postgres import Cluster, cluster


@pytest.fixture(scope="module")
def other() -> Iterator[Cluster]:
    """A second cluster, as another shard is."""
    with cluster() as running:
        yield running


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = make_book(tmp_path / "book")
    fill(made)
    yield made
    made.close()


@pytest.fixture
def url(postgresql: Cluster) -> str:
    return postgresql.url(postgresql.database())


@pytest.mark.parametrize(
    ("into", "step"),
    [
        ("postgresql", "_bring"),
        ("postgresql", "point"),
        ("postgresql", "_lift"),
        ("sqlite", "point"),
        ("sqlite", "_lift"),
    ],
)
def test_a_copy_that_is_killed_can_be_made_again(book: Book, url: str, tmp_path: Path, into: str, step: str) -> None:
    place = url if into == "postgresql" else ""
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, "copy", str(book.path), str(tmp_path / "first"), place, step],
        cwd=ROOT, check=False, timeout=60,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / "first" / "book.toml").exists() == (step == "_lift")
    if step == "_lift":  # it is all there, but was never said to be
        unfinished = Book.open(tmp_path / "first")
        with pytest.raises(BookMoved, match="is to be a copy"):
            post(unfinished, ticket("too early"))
        unfinished.close()
    assert post(book, ticket("after the kill")).posted == 1
    copy(book, tmp_path / "second", place or None)
    copied = Book.open(tmp_path / "second")
    assert state(copied) == state(book)
    assert post(copied, ticket("its own")).posted == 1
    with pytest.raises(BookError, match=r"already; nothing was copied|not an empty folder"):
        copy(book, tmp_path / ("third" if place else "second"), place or None)
    copied.close()


def test_a_book_goes_round_and_is_the_same_at_every_stop(book: Book, url: str, other: Cluster) -> None:
    """To PostgreSQL, back to SQLite, to another cluster, and to where it has been before: and posted to at each."""
    elsewhere, posted = other.url(other.database()), 0
    for stop in (url, None, elsewhere, url, elsewhere, None, url):
        before = state(book)
        move(book, stop)
        left, book = book, Book.open(book.path)
        assert book.settings.truth.url == stop
        assert state(book) == before
        posted += post(book, ticket(f"at stop {posted}")).posted
        with pytest.raises(BookMoved):
            post(left, ticket("left behind"))
        left.close()
    assert posted == 7
    assert {f"at stop {number}" for number in range(posted)} <= tickets(book)
    book.close()


def test_another_book_under_the_same_id_is_never_taken_for_what_was_left_behind(
    book: Book, url: str, tmp_path: Path
) -> None:
    """Fenced rows of another history are nobody's to write over."""
    stranger = make_book(tmp_path / "stranger")
    post(stranger, ticket("of another business"))
    copy(stranger, tmp_path / "moved", url)
    gone = Book.open(tmp_path / "moved")
    move(gone, None)  # leaves fenced rows at url
    gone.close()
    with pytest.raises(BookError, match="already; nothing was copied"):
        move(book, url)
    assert post(book, ticket("goes on")).posted == 1
    stranger.close()


def test_what_is_copied_is_synced_before_the_copy_gets_its_settings(
    book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    whole, replace = os.fsync, Path.replace

    def note(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        whole(descriptor)

    def named(self: Path, target: Path) -> Path:
        synced.append(f"named {target}")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", note)
    monkeypatch.setattr(Path, "replace", named)
    copy(book, tmp_path / "there", None)
    there = tmp_path / "there"
    at = synced.index(f"named {there / 'book.toml'}")
    files = list((there / "documents").rglob("*"))
    assert len(files) == 8  # four documents, each in a folder
    assert {*map(str, files), str(there / "documents"), str(there), str(there / "book.toml.part")} <= set(synced[:at])
    assert synced[at + 1] == str(there)
