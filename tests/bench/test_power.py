"""Loss of power: nothing that was acknowledged is lost, and a sync that is missing is found, whichever it is."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from assistant.sample import write as write_sample
from assistant.selftest import Scratch
from bench.power import SCRIPT, CannotRecord, power_loss, write_log
from bench.power.disk import SECTOR, Disk, Tree, found, write
from bench.power.write_log import Record
from ingest.draft import draft
from ledger.book import Book

TILLPROOF = [sys.executable, "-m", "assistant.cli"]
ROOT = Path("/disk")
DRAWS = 500


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built write log. Skips where it cannot be built; in CI that is a failure."""
    try:
        return write_log.build(tmp_path_factory.mktemp("layer"))
    except CannotRecord as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory, layer: Path) -> Scratch:
    return Scratch(tmp_path_factory.mktemp("scratch"), seed=1, tickets=20, files=1)


def drawn_seed() -> int:
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")
    return seed


# --- the book holds ---------------------------------------------------------------------------------------------------


def test_a_loss_of_power_takes_nothing_that_was_acknowledged(tmp_path: Path, layer: Path) -> None:
    outcome = power_loss(Scratch(tmp_path, seed=drawn_seed(), tickets=30, files=2), 24)
    assert outcome.problems == ()
    assert outcome.counts["cuts"] == 24
    assert outcome.counts["lost writes"] > 0


@pytest.mark.slow
def test_two_hundred_losses_of_power(tmp_path: Path, layer: Path) -> None:
    outcome = power_loss(Scratch(tmp_path, seed=drawn_seed()), 200)
    assert outcome.problems == ()
    assert outcome.counts["cuts"] == 200
    assert outcome.counts["lost names"] > 0
    assert outcome.counts["delivered again"] > 0


def test_what_a_command_has_done_is_durable_when_it_ends(tmp_path: Path, layer: Path) -> None:
    """Of ``init``, ``ingest`` with a mapping, ``backup`` and ``restore``: with everything lost that was not synced."""
    write_sample(tmp_path / "exports", tickets=40, days=2, end=date(2026, 10, 31), layout="flat", imperfections=False)
    exports = sorted(tmp_path.glob("exports/*.csv"))
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(draft(exports)[0], encoding="utf-8")
    root, log = (tmp_path / "disk").resolve(), tmp_path / "write.log"
    root.mkdir()

    def run(*arguments: object) -> None:
        done = write_log.record(layer, root, log, [*TILLPROOF, *map(str, arguments)])
        assert done.returncode == 0, done.stderr

    run("init", root / "shops" / "book")
    run("ingest", root / "shops" / "book", exports[0], "--source", "pos", "--mapping", mapping)
    run("backup", root / "shops" / "book", root / "book.tar")
    run("restore", root / "book.tar", root / "again")
    disk = Disk(root)
    for record in write_log.read(log):
        disk.apply(record)
    left, _ = disk.left(None)
    for path, content in disk.seen().items():
        if not path.endswith((".lock", "-shm", "-wal", "truth.db")):
            assert left.get(path, "lost") == content, path
    assert "shops/book/sources/pos.toml" in left
    write(left, tmp_path / "left")
    for name in ("shops/book", "again"):
        book, before = Book.open(tmp_path / "left" / name), Book.open(root / name)
        assert book.verify().ok
        assert book.head() == before.head()
        assert book.head().seq > 0
        book.close()
        before.close()


# --- what is wrong is found -------------------------------------------------------------------------------------------

PRAGMA = """
from sqlalchemy import event
from sqlalchemy.pool import Pool
event.listen(Pool, "checkout", lambda connection, *_: connection.execute("PRAGMA synchronous={}"))
"""
DOCUMENTS = """
from types import SimpleNamespace
from ingest import documents
from ledger.durable import sync
documents.durable = SimpleNamespace(rename=lambda written, target: ({}, written.replace(target)))
"""
NAME_OF_THE_BOOK = """
from ledger import durable
durable.make_folder = lambda path: path.mkdir(parents=True, exist_ok=True)
"""


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (PRAGMA.format("OFF"), ("was acknowledged and is not there", "is damaged", "is empty")),
        (PRAGMA.format("NORMAL"), ("was acknowledged and is not there",)),
        (DOCUMENTS.format("None"), ("its bytes are not those that were kept", "zstd", "its file is missing")),
        (DOCUMENTS.format("sync(written)"), ("its file is missing",)),
        (NAME_OF_THE_BOOK, ("it has no book.toml", "no truth.db")),
    ],
    ids=["synchronous=OFF", "synchronous=NORMAL", "documents never synced", "names of documents", "name of the book"],
)
def test_a_sync_that_is_missing_is_found(scratch: Scratch, wrong: str, said: tuple[str, ...]) -> None:
    outcome = power_loss(scratch, 12, wrong + SCRIPT)
    assert any(one in problem for one in said for problem in outcome.problems), outcome.problems


def test_a_way_of_writing_that_the_layer_does_not_know_is_noticed(scratch: Scratch) -> None:
    unknown = """
import json, os, sys
os.writev(os.open(json.loads(sys.argv[1])["book"] + "/unknown", os.O_CREAT | os.O_WRONLY), [b"written"])
"""
    with pytest.raises(RuntimeError, match=r"not all that the process did to book/unknown$"):
        power_loss(scratch, 1, SCRIPT + unknown)


def test_a_point_with_nothing_to_lose_is_no_cut(scratch: Scratch) -> None:
    idle = "import json, os, sys; os.close(os.open(os.path.dirname(json.loads(sys.argv[1])['book']), os.O_RDONLY))"
    outcome = power_loss(scratch, 2, idle)
    assert outcome.counts["cuts"] == 0
    assert outcome.problems == ("only 0 of 40 points had anything to lose",)


# --- the layer --------------------------------------------------------------------------------------------------------

CALLS = """
import os, shutil, sqlite3, sys
from bench.power.write_log import mark
os.chdir(sys.argv[1])
os.makedirs("a/b")
with open("a/one", "wb") as file:
    file.write(b"x" * 3000)
    file.seek(10)
    file.write(b"y" * 20)
    file.truncate(2000)
    file.flush()
    os.fsync(file.fileno())
mark(said="written")
with open("a/one", "ab") as file:
    file.write(b"appended")
os.replace("a/one", "a/b/two")
open("gone", "wb").close()
os.remove("gone")
folder = os.open("a", os.O_RDONLY)
os.close(os.open("inner", os.O_CREAT | os.O_WRONLY, dir_fd=folder))
os.rename("inner", "outer", src_dir_fd=folder, dst_dir_fd=folder)
os.makedirs("c/d/e")
shutil.rmtree("c")
base = sqlite3.connect("base.db")
base.execute("CREATE TABLE t (x)")
base.execute("INSERT INTO t VALUES (1)")
base.commit()
base.close()
"""


def test_the_log_replayed_whole_is_the_folder_and_knows_what_was_synced(tmp_path: Path, layer: Path) -> None:
    root, log = (tmp_path / "disk").resolve(), tmp_path / "write.log"
    root.mkdir()
    done = write_log.record(layer, root, log, [sys.executable, "-c", CALLS, str(root)])
    assert done.returncode == 0, done.stderr
    disk, marks = Disk(root), []
    for record in write_log.read(log):
        if record.kind == write_log.MARK:
            marks.append(record.said)
        else:
            disk.apply(record)
    assert marks == [{"said": "written"}]
    seen = disk.seen()
    assert seen == found(root)
    assert seen["a/b/two"] == b"x" * 10 + b"y" * 20 + b"x" * 1970 + b"appended"
    left, lost = disk.left(None)
    assert set(left) - {"base.db-journal"} == {"a", "base.db"}  # SQLite synced the root, and nobody the folder a
    assert lost["names"] > 0
    (tmp_path / "left").mkdir()
    for name, content in left.items():
        if content is not None:
            (tmp_path / "left" / name).write_bytes(content)
    with closing(sqlite3.connect(tmp_path / "left" / "base.db")) as base:
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)


# --- the disk ---------------------------------------------------------------------------------------------------------


def opened(descriptor: int, path: str, flags: int = os.O_CREAT) -> Record:
    return Record("o", descriptor, flags, f"{ROOT}/{path}".encode())


def disk_after(*records: Record) -> Disk:
    disk = Disk(ROOT)
    disk.apply(Record("o", 1, os.O_RDONLY, str(ROOT).encode()))
    for record in records:
        disk.apply(record)
    return disk


def draws(disk: Disk) -> Iterator[Tree]:
    for seed in range(DRAWS):
        yield disk.left(random.Random(seed))[0]


SYNC_ROOT, SYNC_FILE = Record("s", 1, 0, b""), Record("s", 3, 0, b"")
RENAMED = Record("r", -1, 0, f"{ROOT}/a\0{ROOT}/b".encode())


def put(at: int, content: bytes) -> Record:
    return Record("w", 3, at, content)


def test_what_was_synced_is_there_whatever_is_lost() -> None:
    disk = disk_after(opened(3, "a"), put(0, b"kept"), SYNC_FILE, SYNC_ROOT, put(4, b"more"))
    assert {tree["a"] for tree in draws(disk)} >= {b"kept", b"keptmore"}
    assert all((tree["a"] or b"").startswith(b"kept") for tree in draws(disk))
    assert disk.left(None) == ({"a": b"kept"}, {"writes": 1})


def test_a_synced_file_may_lose_its_name_until_its_folder_is_synced() -> None:
    unnamed = disk_after(opened(3, "a"), put(0, b"kept"), SYNC_FILE)
    assert {"a" in tree for tree in draws(unnamed)} == {True, False}
    assert unnamed.left(None)[0] == {}
    unnamed.apply(SYNC_ROOT)
    assert list(draws(unnamed)) == [{"a": b"kept"}] * DRAWS


def test_writes_are_lost_each_for_itself_and_torn_at_sectors() -> None:
    disk = disk_after(
        opened(3, "a"), put(0, bytes(3 * SECTOR)), SYNC_FILE, SYNC_ROOT, put(100, b"1" * 2 * SECTOR), put(5, b"2")
    )
    seen = {tree["a"] for tree in draws(disk)}
    second = {(content or b"")[5:6] for content in seen}
    sectors = {tuple(b"1" in (content or b"")[at : at + SECTOR] for at in (0, 512, 1024)) for content in seen}
    assert second == {b"\0", b"2"}
    assert len(sectors) == 8  # three sectors, each there or not
    for content in seen:
        for at in (0, 512, 1024):
            assert len(set((content or b"")[max(at, 100) : min(at + SECTOR, 100 + 2 * SECTOR)])) == 1  # none in two


def test_a_write_behind_a_lost_one_leaves_zeros_before_it() -> None:
    disk = disk_after(opened(3, "a"), SYNC_FILE, SYNC_ROOT, put(0, b"one"), put(3, b"two"))
    assert {tree["a"] for tree in draws(disk)} == {b"", b"one", b"onetwo", b"\0\0\0two"}


def test_a_rename_is_whole() -> None:
    disk = disk_after(opened(3, "a"), put(0, b"new"), SYNC_FILE, SYNC_ROOT, RENAMED)
    found_trees = list(draws(disk))
    assert {"b" in tree for tree in found_trees} == {True, False}
    assert all("a" in tree or "b" in tree for tree in found_trees)
    disk.apply(SYNC_ROOT)
    assert list(draws(disk)) == [{"b": b"new"}] * DRAWS


def test_a_rename_over_a_file_leaves_the_old_or_the_new_one() -> None:
    disk = disk_after(
        opened(3, "b"), put(0, b"old"), SYNC_FILE, SYNC_ROOT, opened(3, "a"), put(0, b"new"), SYNC_FILE, RENAMED
    )
    assert {tree["b"] for tree in draws(disk)} == {b"old", b"new"}


def test_a_removed_file_may_come_back() -> None:
    removed = Record("u", -1, 0, f"{ROOT}/a".encode())
    disk = disk_after(opened(3, "a"), put(0, b"kept"), SYNC_FILE, SYNC_ROOT, removed)
    assert {tree.get("a") for tree in draws(disk)} == {b"kept", None}
    disk.apply(SYNC_ROOT)
    assert list(draws(disk)) == [{}] * DRAWS


def test_shared_memory_is_gone_and_a_mark_says_what_it_was_given() -> None:
    disk = disk_after(opened(3, "base.db-shm"), put(0, b"x"), SYNC_FILE, SYNC_ROOT)
    assert disk.left(None)[0] == {}
    assert Record("!", -1, 0, json.dumps({"step": "posted"}).encode()).said == {"step": "posted"}
