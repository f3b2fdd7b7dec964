"""The self-test: short runs of each kind on every engine, and proof that each of them can fail."""

from __future__ import annotations

import importlib
import json
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assistant.selftest import Engine, Scratch, duplicate, flips, kill, on_sqlite, power, reorder
from assistant.selftest.flips import NOTES, UNSEALED
from assistant.selftest.kill import Tally, identities, look
from assistant.selftest.power import LOG
from assistant.selftest.scratch import AT, balances, cut
from assistant.selftest.wal import read_log
from ledger.book import Book
from tests.ledger.test_verify import NOT_SEALED
from tests.ledger.test_verify import NOTES as NOTES_OF_VERIFY
from tests.postgres import Cluster

TILLPROOF = [sys.executable, "-m", "assistant.cli"]


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "sqlite":
        return on_sqlite
    running: Cluster = request.getfixturevalue("postgresql")
    url = running.url(running.database())
    return lambda book_id: {"truth": {"url": url}}


@pytest.fixture
def seed() -> int:
    drawn = random.randrange(1_000_000)
    print(f"seed {drawn}")
    return drawn


# --- short runs -------------------------------------------------------------------------------------------------------


def test_killed_writers_lose_nothing_that_was_acknowledged(tmp_path: Path, engine: Engine, seed: int) -> None:
    outcome = kill(Scratch(tmp_path, seed=seed, engine=engine, tickets=30, files=2), 8)
    assert outcome.problems == ()
    assert outcome.counts["kills"] == 8
    assert outcome.counts["books"] >= 1
    assert outcome.counts["commits"] > 0
    assert outcome.counts["in a transaction"] + outcome.counts.get("at a commit", 0) > 0


def test_a_loss_of_power_leaves_what_was_acknowledged(tmp_path: Path, seed: int) -> None:
    outcome = power(Scratch(tmp_path, seed=seed, tickets=30, files=2), 10)
    assert outcome.problems == ()
    assert outcome.counts["cuts"] == 10


def test_many_deliveries_at_once_post_each_ticket_once(tmp_path: Path, engine: Engine, seed: int) -> None:
    outcome = duplicate(Scratch(tmp_path, seed=seed, engine=engine, tickets=20, files=2), 50)
    assert outcome.problems == ()
    assert outcome.counts["deliveries"] > outcome.counts["records"] > 0
    assert outcome.counts["conflicts"] > 0


def test_any_order_gives_the_same_book(tmp_path: Path, engine: Engine, seed: int) -> None:
    """All 720 orders of six records take minutes: ``python -m bench.faults --only reorder``."""
    records, orders, drawn = (5, 120, 40) if engine is on_sqlite else (3, 6, 10)
    outcome = reorder(
        Scratch(tmp_path, seed=seed, engine=engine, tickets=20, files=1),
        records=records,
        shuffles=1,
        random_orders=drawn,
    )
    assert outcome.problems == ()
    counts = outcome.counts
    assert (counts["orders"], counts["shuffles"], counts["random orders"]) == (orders, 2, drawn)


def test_each_flip_of_a_bit_is_found_and_named(tmp_path: Path, engine: Engine, seed: int) -> None:
    outcome = flips(Scratch(tmp_path, seed=seed, engine=engine, tickets=12, files=1, cut=10), 30)
    assert outcome.problems == ()
    assert outcome.counts["flips"] + outcome.counts.get("file flips", 0) == 30


def test_what_is_not_sealed_is_the_same_list_here_in_the_tests_of_verify_and_in_the_specification() -> None:
    assert UNSEALED == NOT_SEALED
    assert {*NOTES, "alembic_version"} == set(NOTES_OF_VERIFY)
    specified = (Path(__file__).parents[2] / "docs" / "seals.md").read_text("utf-8").partition("\n## Not sealed\n")[2]
    listed = re.findall(r"^\| `([\w.*]+)` \|", specified, re.MULTILINE)
    assert sorted(listed) == sorted([*UNSEALED, *(f"{name}.*" for name in NOTES)])


# --- each can fail ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    return Scratch(tmp_path_factory.mktemp("scratch"), seed=1, tickets=20, files=1)


def posted(scratch: Scratch) -> tuple[Tally, Book]:
    """A book with the first delivery in it, and the tally of its writer."""
    book = scratch.new()
    tally = Tally(book.path, {})
    intake = scratch.deliveries[0].begin(book, scratch.folder / "copies")
    tally.learn({"step": "delivery", "intake": intake})
    for place, part in enumerate(scratch.deliveries[0].parts):
        tally.learn({"step": "posting", "delivery": 0, "part": place})
        done = book.post(part, intake=intake, at=AT, last=False)
        tally.learn({"step": "posted", "delivery": 0, "part": place, "seq": done.seq, "hash": done.hash})
    return tally, book


def test_a_book_as_it_was_acknowledged_has_nothing_against_it(scratch: Scratch) -> None:
    tally, book = posted(scratch)
    book.close()
    assert look(tally, scratch, tally.folder) == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM tickets WHERE seq = 1 AND n = 0", "batch 0 of delivery 0 is there in part"),
        ("UPDATE postings SET amount_minor = amount_minor + 1 WHERE seq = 1 AND number = 1", "its postings are off"),
        ("UPDATE book_head SET hash = zeroblob(32)", "its hash is not that of commit"),
        ("DELETE FROM intakes", "its delivery is missing"),
    ],
)
def test_a_look_finds_what_is_not_whole(scratch: Scratch, statement: str, said: str) -> None:
    tally, book = posted(scratch)
    with book.truth.writer.begin() as connection:
        connection.exec_driver_sql(statement)
    book.close()
    assert any(said in one for one in look(tally, scratch, tally.folder))


def test_a_look_finds_a_commit_that_was_acknowledged_and_is_gone(scratch: Scratch) -> None:
    tally, book = posted(scratch)
    tally.learn({"step": "posting", "delivery": 1, "part": 0})
    tally.learn({"step": "posted", "delivery": 1, "part": 0, "seq": book.head().seq + 1, "hash": "00"})
    book.close()
    found = look(tally, scratch, tally.folder)
    assert f"commit {max(tally.acknowledged)} was acknowledged and is not there" in found
    assert "batch 0 of delivery 1 was acknowledged and is not there" in found


def test_a_look_finds_a_batch_that_was_never_sent(scratch: Scratch) -> None:
    tally, book = posted(scratch)
    del tally.parts[(0, 0)]
    book.close()
    assert "batch 0 of delivery 0 is there before it was sent" in look(tally, scratch, tally.folder)


def test_a_log_cut_before_the_last_synced_commit_is_noticed(scratch: Scratch, tmp_path: Path) -> None:
    """What ``power`` never does to a good book, so that its cuts are known to bite."""
    tally, book = posted(scratch)
    with book.truth.reader.connect():  # so that the log is not folded into the database at the end
        shutil.copytree(book.path, tmp_path / "cut", ignore=shutil.ignore_patterns("*-shm"))
    book.close()
    log = read_log(tmp_path / "cut" / LOG)
    assert log is not None
    ends = sorted({end for _, end in log.pages})
    assert len(ends) > 2
    assert log.end == ends[-1]
    with (tmp_path / "cut" / LOG).open("r+b") as file:
        file.truncate(ends[-2])
    assert f"commit {max(tally.acknowledged)} was acknowledged and is not there" in look(
        tally, scratch, tmp_path / "cut"
    )


def test_a_column_that_no_seal_covers_is_noticed(scratch: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(UNSEALED, "documents.name")
    module = importlib.import_module("assistant.selftest.flips")  # the package has the function by that name
    monkeypatch.setattr(module, "DOCUMENTS", 0)
    monkeypatch.setattr(
        random.Random, "choice", lambda self, of, pick=random.Random.choice: "documents.name"
        if "documents.name" in of else pick(self, of)
    )  # fmt: skip
    assert "a flip was not found: documents.name" in flips(scratch, 1).problems[0]


def test_the_deliveries_are_cut_without_losing_a_record(scratch: Scratch) -> None:
    for delivery in scratch.deliveries:
        singles = [one for part in delivery.parts for one in cut(part, 1)]
        assert sum(part.records for part in delivery.parts) == len(singles) == sum(one.records for one in singles)
        named = [name for part in delivery.parts for name in identities(part)]
        assert sorted(map(str, named)) == sorted(str(name) for one in singles for name in identities(one))
    book = scratch.straight()
    assert balances(book)
    assert {feed.versions > 0 for feed in book.feeds()} == {True, False}
    book.close()


# --- the command ------------------------------------------------------------------------------------------------------


def command(*arguments: object, status: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*TILLPROOF, "selftest", *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == status, (done.stdout, done.stderr)
    return done


def test_the_command_prints_its_seed_and_counts_and_leaves_nothing_behind(tmp_path: Path) -> None:
    done = command("--kill", 1, "--flips", 3, "--seed", 5, "--folder", tmp_path)
    lines = done.stdout.splitlines()
    assert lines[0] == "seed 5"
    assert lines[1].startswith("ok     1 kills of a process that posts")
    assert lines[2].startswith("ok     ")
    assert list(tmp_path.iterdir()) == []
    assert done.stderr == ""


def test_the_command_as_json_is_one_object() -> None:
    found: dict[str, Any] = json.loads(command("--flips", 2, "--seed", 5, "--json").stdout)
    assert (found["seed"], found["ok"], [one["kind"] for one in found["runs"]]) == (5, True, ["flips"])
    assert found["runs"][0]["counts"]["flips"] + found["runs"][0]["counts"].get("file flips", 0) == 2
