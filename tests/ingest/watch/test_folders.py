"""Watched folders, of this machine and of a server over SFTP: what is taken when, and where it goes."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ingest.watch import SftpAccess, Told, Unreachable, Watcher, opened
from ingest.watch.settling import Settling
from ledger.book import Book
from tests.ingest.shop import MAPPING, export, new_book, row
from tests.ingest.watch.sshd import PASSWORD, Server, sftp_server

QUIET = 5.0


@dataclass
class Folder:
    """A folder as the one who drops files sees it, and a watcher of it; ``clock`` is the watcher's."""

    path: Path
    book: Book
    watcher: Watcher
    server: Server | None
    told: list[Told] = field(default_factory=list)
    clock: float = 0.0

    def drop(self, name: str, *numbers: str, **changed: str) -> Path:
        return export(self.path / name, [row(number, **changed) for number in numbers])

    def look(self, after: float = 0.0) -> list[Told]:
        """What is told when the watcher looks some seconds later."""
        self.clock += after
        before = len(self.told)
        self.watcher.look(self.clock)
        return self.told[before:]

    def settled(self) -> list[Told]:
        return self.look() + self.look(QUIET)

    def names(self) -> set[str]:
        return {str(one.relative_to(self.path)) for one in self.path.rglob("*") if one.is_file()}


Make = Callable[..., Folder]


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = new_book(tmp_path)
    (made.path / "sources" / "shop.toml").write_text(MAPPING, encoding="utf-8")
    yield made
    made.close()


@pytest.fixture
def make(tmp_path: Path, book: Book, request: pytest.FixtureRequest) -> Iterator[Make]:
    """Makes the folder and its watcher; of a server where the test asks for one."""
    server: Server | None = None
    made: list[Folder] = []
    path, access = tmp_path / "root" / "drop", SftpAccess()
    path.mkdir(parents=True)

    def folder(marker: str | None = None, **how: object) -> Folder:
        where = str(path) if server is None else server.address()
        told: list[Told] = []
        reached = opened(where, book.path, access)
        how = {"source": "shop", **how}
        made.append(
            Folder(path, book, Watcher(book, reached, Settling(QUIET, marker), told.append, **how), server, told)
        )  # type: ignore[arg-type]
        return made[-1]

    if getattr(request, "param", "local") == "local":
        yield folder
    else:
        with sftp_server(tmp_path / "root") as server:
            access = SftpAccess(PASSWORD, known_hosts=server.known_hosts(tmp_path / "known_hosts"))
            yield folder
            for one in made:
                one.watcher.folder.close()


everywhere = pytest.mark.parametrize("make", ["local", "sftp"], indirect=True)


@everywhere
def test_what_is_complete_is_taken_moved_and_told(make: Make) -> None:
    folder = make()
    folder.drop("monday.csv", "1", "2")
    folder.drop("tuesday.csv", "3", "4", Paid="1.00")
    (folder.path / "letter.json").write_text('{"dear": "bookkeeper"}', encoding="utf-8")
    passed_over = {"wednesday.csv.part", ".thursday.csv", "friday.csv.tmp"}
    for name in passed_over:
        folder.drop(name, "9")
    (folder.path / "sub").mkdir()
    (folder.path / "link.csv").symlink_to("/etc/hostname")
    told = {one.file: one for one in folder.settled()}
    assert told.keys() == {"monday.csv", "tuesday.csv", "letter.json"}
    assert folder.names() - {"link.csv"} == passed_over | {
        "done/monday.csv", "done/tuesday.csv", "held/letter.json", "held/letter.json.why.txt",
    }  # fmt: skip
    monday, tuesday, letter = told["monday.csv"], told["tuesday.csv"], told["letter.json"]
    assert (monday.posted, monday.source, monday.moved_to) == (2, "shop", "done/monday.csv")
    assert (tuesday.quarantined, tuesday.held, tuesday.outcome) == (2, {"total-does-not-add-up": 2}, "done")
    assert (letter.outcome, letter.records) == ("held", 0)
    assert "none of the vendors" in (folder.path / "held" / "letter.json.why.txt").read_text("utf-8")
    for one in (monday, tuesday, letter):
        assert one.document is not None
        assert folder.book.document(one.document) is not None
        assert json.loads(one.line())["file"] == one.file
        assert "\n" not in one.line()
    assert folder.look(QUIET) == []
    assert folder.book.verify().ok


@everywhere
def test_nothing_is_overwritten_and_the_same_again_posts_nothing(make: Make) -> None:
    folder = make()
    contents = [folder.drop("sales.csv", str(number)).read_bytes() for number in (1, 2, 2, 2)]
    told = []
    for content in contents:
        (folder.path / "sales.csv").write_bytes(content)
        told += folder.settled()
    assert [(one.posted, one.duplicates) for one in told] == [(1, 0), (1, 0), (0, 1), (0, 1)]
    by_id = f"done/sales-{(told[1].document or '')[:12]}"
    assert [one.moved_to for one in told] == ["done/sales.csv", f"{by_id}.csv", f"{by_id}-2.csv", f"{by_id}-3.csv"]
    assert [(folder.path / (one.moved_to or "")).read_bytes() for one in told] == contents
    for _ in range(2):  # a file that was moved back, and is held again: what was said of it before stays
        (folder.path / "note.json").write_text("{}", encoding="utf-8")
        folder.settled()
        (folder.path / "held" / "note.json").unlink()
    assert {name for name in folder.names() if "note" in name} == {
        "held/note.json.why.txt", "held/note.json-2.why.txt",
    }  # fmt: skip


def test_names_that_are_no_text_or_too_long_are_no_trouble(make: Make) -> None:
    folder = make()
    csv = folder.drop("x.csv", "1").read_bytes()
    (folder.path / "x.csv").unlink()
    names = [os.fsdecode(b"caf\xe9.csv"), "n" * 251 + ".csv", "a\nb.csv", "noending", "x.csv.why.txt"]
    for name in names:
        (folder.path / name).write_bytes(csv)
    told = {one.file: one for one in folder.settled()}
    assert told.keys() == set(names)
    assert told[names[0]].outcome == "held"
    assert "not UTF-8" in (told[names[0]].why or "")
    assert {told[name].outcome for name in names[1:]} == {"done"}
    assert all(one.line().isascii() and "\n" not in one.line() for one in told.values())
    assert len(folder.names()) == len(names) + 1  # and one reason


def test_a_file_that_grows_is_waited_for(make: Make) -> None:
    folder = make()
    file = folder.drop("slow.csv", "1")
    for number in ("2", "3"):
        assert folder.look(QUIET - 1) == []
        with file.open("a", encoding="utf-8") as more:
            more.write(",".join(row(number)) + "\n")
        assert folder.look(QUIET - 1) == []
    (one,) = folder.look(QUIET)
    assert one.posted == 3


def test_a_marker_says_that_a_file_is_complete(make: Make) -> None:
    folder = make(marker=".done")
    file = folder.drop("sales.csv", "1")
    stale = folder.path / "sales.csv.done"
    stale.touch()
    os.utime(stale, (0, 0))  # of an earlier file of that name
    assert folder.settled() == []
    stale.touch()
    os.utime(file, (time.time() - 100,) * 2)
    (one,) = folder.look()
    assert (one.posted, folder.names()) == (1, {"done/sales.csv"})


def test_what_changes_while_it_is_taken_stays_and_is_taken_again(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make()
    file = folder.drop("sales.csv", "1")
    post = Book.post

    def slow(book: Book, *given: object, **more: object) -> object:
        with file.open("a", encoding="utf-8") as late:
            late.write(",".join(row("2")) + "\n")
        return post(book, *given, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(Book, "post", slow)
        assert [(one.outcome, one.posted) for one in folder.settled()] == [("changed", 1)]
    assert [(one.outcome, one.posted, one.duplicates) for one in folder.settled()] == [("done", 1, 1)]


def test_the_files_of_a_set_are_taken_together(make: Make, book: Book) -> None:
    folder = make(source=None, together=True)
    golden = Path(__file__).parents[2] / "golden" / "loyverse"
    names = ["receipts-2026-07-01-2026-07-28.csv", "receipts-by-item-2026-07-01-2026-07-28.csv"]
    (folder.path / names[0]).write_bytes((golden / names[0]).read_bytes())
    assert folder.look() == []
    (folder.path / names[1]).write_bytes((golden / names[1]).read_bytes())
    assert folder.look(QUIET - 1) == []
    first, second = folder.look(QUIET)
    assert (first.outcome, second.outcome, first.source) == ("done", "done", "loyverse")
    assert first.records > 0
    assert (second.records, second.set_of) == (0, first.file)
    assert {first.moved_to, second.moved_to} == {f"done/{name}" for name in names}


@pytest.mark.parametrize("make", ["sftp"], indirect=True)
def test_a_connection_that_breaks_loses_nothing(make: Make) -> None:
    folder = make()
    folder.drop("sales.csv", "1")
    assert folder.look() == []
    assert folder.server is not None
    folder.server.cut = True
    with pytest.raises(Unreachable, match="cannot be reached"):
        folder.look(QUIET)
    folder.watcher.folder.close()
    assert [one.posted for one in folder.look()] == [1]
    assert (folder.server.connections, folder.names()) == (2, {"done/sales.csv"})


def test_a_server_has_to_be_known_and_to_let_one_in(tmp_path: Path, book: Book) -> None:
    with sftp_server(tmp_path) as server:
        known, other = server.known_hosts(tmp_path / "known"), server.known_hosts(tmp_path / "other", server.user_key)
        (tmp_path / "none").touch()
        server.user_key.write_private_key_file(str(tmp_path / "key"), password=PASSWORD)

        def reached(access: SftpAccess, address: str = server.address()) -> None:
            folder = opened(address, book.path, access)
            assert folder.files() == []
            folder.close()

        reached(SftpAccess(PASSWORD, known_hosts=known))
        reached(SftpAccess(PASSWORD, key_file=tmp_path / "key", known_hosts=known))
        for access, said in (
            (SftpAccess(PASSWORD, known_hosts=tmp_path / "none"), "is not known"),
            (SftpAccess(PASSWORD, known_hosts=other), "not the one that is known"),
            (SftpAccess("wrong", known_hosts=known), "does not let till in"),
            (SftpAccess(key_file=tmp_path / "key", known_hosts=known), "SFTP_PASSWORD"),
        ):
            with pytest.raises(Unreachable, match=said) as error:
                reached(access)
            assert PASSWORD not in str(error.value)
        with pytest.raises(Unreachable, match="no folder"):
            reached(SftpAccess(PASSWORD, known_hosts=known), server.address("nowhere/drop"))
