"""A kill in the middle of ``tillproof pull`` loses nothing and posts nothing twice (laws 4 and 6)."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.book import Book
from tests.ingest.pull.account import SECRETS, posted, tables
from tests.ingest.pull.stub import Service, serving
from tests.ingest.shop import new_book

TILLPROOF = [sys.executable, "-m", "assistant.cli"]
KILLS = 2


@pytest.fixture
def account(tmp_path: Path) -> Iterator[tuple[Path, Service]]:
    """A book that fetches from a service of Square, which has something to give."""
    service = Service("square", page=2)
    for _ in range(24):
        service.add()
    with serving(service) as url:
        new_book(tmp_path, pull=tables(service, url, "east")).close()
        yield tmp_path / "book", service


def begun(*arguments: object, **environment: str) -> subprocess.Popen[str]:
    given = [*TILLPROOF, *map(str, arguments)]
    return subprocess.Popen(
        given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **SECRETS, **environment}
    )


def held_by(book: Path, name: str) -> dict[str, int]:
    opened = Book.open(book)
    try:
        assert opened.verify().ok
        return posted(opened, name)
    finally:
        opened.close()


def test_a_killed_pull_is_completed_by_the_same_command(account: tuple[Path, Service]) -> None:
    book, service = account
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")
    moments = random.Random(seed)
    for _ in range(KILLS):
        upto = len(service.requests) + moments.randint(2, 12)
        process = begun("pull", book, "--once")
        while len(service.requests) < upto:
            assert process.poll() is None, process.communicate()
            time.sleep(0.001)
        time.sleep(moments.uniform(0, 0.03))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert held_by(book, "east").keys() <= service.truth().keys()
        service.edit()
    process = begun("pull", book, "east", "--json")
    assert process.stdout is not None
    record = json.loads(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    assert (process.communicate(timeout=20), process.returncode) == (("", ""), 130)
    parts = ("posted", "duplicates", "versions", "quarantined", "ignored")
    assert record["records"] == sum(record[part] for part in parts) > 0
    assert held_by(book, "east") == service.truth()

    late = service.add()
    out, _ = (process := begun("pull", book, "east", "--check", "--since", "2026-10-05")).communicate(timeout=60)
    assert process.returncode == 1
    assert f"; 24 posted, 1 missing ({late}); 'tillproof pull BOOK east --since 2026-10-05'" in out
    assert "Square counts nothing itself" in out
