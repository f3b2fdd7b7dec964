"""A kill in the middle of an ingest leaves a book that verifies and that the same command completes (laws 4 and 6)."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from assistant.sample import write
from ledger.book import Book

KILLS = 4
TILLPROOF = [sys.executable, "-m", "assistant.cli"]


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    write(folder, tickets=60_000, days=60, end=date(2026, 10, 31), layout="flat", imperfections=False)
    return folder


def make_book(folder: Path, exports: Path) -> Path:
    subprocess.run([*TILLPROOF, "init", str(folder)], check=True, capture_output=True)
    (folder / "book.toml").write_bytes((exports / "book.toml").read_bytes())
    return folder


def command(book: Path, exports: Path) -> list[str]:
    files = sorted(str(path) for path in exports.glob("*.csv"))
    return [*TILLPROOF, "ingest", str(book), *files, "--source", "pos", "--json"]


def state(book: Path) -> tuple[object, object]:
    """What must not depend on interruptions: the roots of the store-days; on the way, that all verifies."""
    opened = Book.open(book)
    try:
        outcome = opened.verify()
        assert outcome.ok, outcome.problems
        return opened.store_day_roots(), outcome.entries
    finally:
        opened.close()


def test_a_killed_ingest_verifies_and_is_completed_by_the_same_command(tmp_path: Path, exports: Path) -> None:
    whole = make_book(tmp_path / "whole", exports)
    begin = time.monotonic()
    counts = json.loads(subprocess.run(command(whole, exports), check=True, capture_output=True).stdout)
    seconds = time.monotonic() - begin
    assert counts["records"] == counts["posted"] > 50_000

    seed = random.randrange(1_000_000)
    print(f"seed {seed}")
    moments = random.Random(seed)
    killed = make_book(tmp_path / "killed", exports)
    interrupted = 0
    for _ in range(KILLS):
        process = subprocess.Popen(command(killed, exports), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=moments.uniform(0.2, 0.9) * seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            interrupted += 1
        state(killed)
    assert interrupted, "no kill came in time; the ingest is too short for this test"

    last = json.loads(subprocess.run(command(killed, exports), check=True, capture_output=True).stdout)
    assert last["posted"] + last["duplicates"] == last["records"] == counts["records"]
    assert state(killed) == state(whole)
