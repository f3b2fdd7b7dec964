"""What a client is told when the book cannot be written just now: 503 and the sentence, and nothing is lost."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from assistant.server.app import create_app
from assistant.service import Service
from assistant.settings import InstallationSettings
from tests.disks import fill_up, small_disk

LOCK = {"state": "locked", "to": "2026-09-30", "by": "Ada", "reason": "VAT return filed"}
DISK_MIB = 40


@contextmanager
def opened(book: Path) -> Iterator[TestClient]:
    service = Service.open(book, InstallationSettings())
    try:
        with TestClient(create_app(service, InstallationSettings()), base_url="http://localhost") as made:
            yield made
    finally:
        service.close()


@pytest.fixture
def copied(till_book: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(till_book, tmp_path / "book"))


def test_a_book_that_moved_is_not_written_and_the_client_is_told_where_it_is(copied: Path) -> None:
    with opened(copied) as client:
        with closing(sqlite3.connect(copied / "truth.db")) as truth, truth:
            truth.execute("UPDATE book_head SET moved_to = 'postgresql://elsewhere/books'")
        got = client.post("/api/v1/periods", json=LOCK)
        assert (got.status_code, got.json()["error"]["code"]) == (503, "unwritable")
        assert "postgresql://elsewhere/books" in got.json()["error"]["message"]
        page = client.post("/periods", data=LOCK)
        assert page.status_code == 503
        assert "postgresql://elsewhere/books" in page.text


def test_a_full_disk_is_said_and_when_there_is_room_the_same_request_does_it(till_book: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", DISK_MIB) as disk:
        book = Path(shutil.copytree(till_book, disk / "book"))
        with opened(book) as client:
            ballast = fill_up(disk)
            got = client.post("/api/v1/periods", json=LOCK)
            assert (got.status_code, got.json()["error"]["code"]) == (503, "unwritable")
            assert "truth.db" in got.json()["error"]["message"]
            ballast.unlink()
            assert client.post("/api/v1/periods", json=LOCK).status_code == 201
