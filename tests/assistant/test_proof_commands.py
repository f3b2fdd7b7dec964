"""Commands of an auditor and of who keeps a book safe: output, exit status, files."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assistant.cli import main
from tests.ingest.shop import export as write
from tests.ingest.shop import intake, new_book, row


@dataclass(frozen=True)
class Done:
    stdout: str
    stderr: str


def run(*arguments: object, status: int = 0) -> Done:
    """A command as a shell runs it, but in this process: starting one takes longer than all that it does."""
    out, err, before = io.StringIO(), io.StringIO(), sys.argv
    sys.argv = ["tillproof", *map(str, arguments)]
    try:
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main()
    finally:
        sys.argv = before
    assert (ended.value.code or 0) == status, (out.getvalue(), err.getvalue())
    return Done(out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book of two deliveries with a changed ticket, a key, a checkpoint and a proof of ticket 7."""
    made = tmp_path_factory.mktemp("proofs")
    book = new_book(made)
    intake(book, write(made / "1.csv", [row(str(number)) for number in range(12)]))
    intake(book, write(made / "2.csv", [row("7", Note="late", Changed="2026-10-06 09:00:00"), row("20")]), mapping=None)
    book.close()
    run("keygen", made / "key")
    run("checkpoint", made / "book", "--key", made / "key", "--out", made / "cp.json")
    run("prove", made / "book", "7", "--out", made / "7.json", "--checkpoint", made / "cp.json")
    return made


@pytest.fixture
def cut(folder: Path, tmp_path: Path) -> Path:
    """A copy of the book whose last commit was taken away without a trace."""
    shutil.copytree(folder / "book", tmp_path / "book")
    with sqlite3.connect(tmp_path / "book" / "truth.db") as truth:
        for table in ("commits", "entries", "tickets", "lines", "tenders", "taxes", "postings", "reversals"):
            truth.execute(f"DELETE FROM {table} WHERE seq = 2")
        truth.execute("UPDATE book_head SET seq = 1, hash = (SELECT hash FROM commits WHERE seq = 1)")
        truth.execute("DELETE FROM balances")
        truth.execute(
            "INSERT INTO balances SELECT e.book_id, account, currency, store, business_date, sum(amount_minor) "
            "FROM postings p JOIN entries e ON e.seq = p.seq AND e.n = p.n GROUP BY 1, 2, 3, 4, 5"
        )
    return tmp_path / "book"


def complaint(*arguments: object) -> str:
    """The one line of a command that fails with status 1."""
    done = run(*arguments, status=1)
    assert done.stderr.startswith("tillproof: ")
    assert len(done.stderr.splitlines()) == 1
    return done.stderr


def changed(folder: Path, tmp_path: Path, name: str, old: str, new: str) -> Path:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return tmp_path / name


def test_a_key_is_for_its_owner_alone_and_openssl_reads_it(folder: Path, tmp_path: Path) -> None:
    assert stat.S_IMODE((folder / "key").stat().st_mode) == 0o600
    made = json.loads(run("keygen", tmp_path / "k", "--json").stdout)
    assert made.keys() == {"private_key", "public_key", "public_file"}
    if shutil.which("openssl"):
        given = subprocess.run(
            ["openssl", "pkey", "-pubin", "-in", made["public_file"], "-outform", "DER"],
            capture_output=True,
            check=True,
        )
        assert given.stdout[-32:].hex() == made["public_key"]


def test_a_key_is_not_overwritten_and_not_put_into_a_book(folder: Path) -> None:
    before = (folder / "key").read_bytes()
    assert "is there already; a key is never overwritten" in complaint("keygen", folder / "key")
    assert "keep the key that signs a book somewhere else" in complaint("keygen", folder / "book" / "documents" / "key")
    assert (folder / "key").read_bytes() == before
    assert not list((folder / "book").rglob("key*"))
    assert "is not a private key" in complaint("checkpoint", folder / "book", "--key", folder / "cp.json")
    assert "cannot be read" in complaint("checkpoint", folder / "book", "--key", folder / "nowhere")


def test_a_checkpoint_says_what_the_book_is(folder: Path) -> None:
    kept = json.loads((folder / "cp.json").read_text())
    assert (kept["format"], kept["book"], kept["seq"]) == ("tillproof/checkpoint/1", "shop", 2)
    assert (kept["entries"], kept["documents"], kept["store_days"]) == (15, 2, 1)
    printed = json.loads(run("checkpoint", folder / "book", "--key", folder / "key").stdout)
    assert printed == kept


def test_verify_against_a_checkpoint(folder: Path) -> None:
    against = ("verify", folder / "book", "--against", folder / "cp.json")
    assert "signed with the key that was given" in run(*against, "--key", folder / "key.pub").stdout
    assert "say whose it must be with --key" in run(*against).stdout
    said = json.loads(run(*against, "--json").stdout)
    assert (said["problems"], said["against"], said["commits"], said["since"]) == ([], 2, 2, 0)
    run("verify", folder / "book", "--key", folder / "key.pub", status=2)


def test_a_cut_book_verifies_but_not_against_its_checkpoint(folder: Path, cut: Path) -> None:
    run("verify", cut)
    assert "its last 1 commits were taken away" in complaint("verify", cut, "--against", folder / "cp.json")
    said = json.loads(run("verify", cut, "--against", folder / "cp.json", "--json", status=1).stdout)
    assert len(said["problems"]) == 1
    assert "taken away" in complaint("verify", cut, "--since", folder / "cp.json")


def test_a_checkpoint_that_was_forged_or_is_by_another_key_is_refused(folder: Path, tmp_path: Path) -> None:
    forged = changed(folder, tmp_path, "cp.json", '"entries": 15', '"entries": 14')
    assert "its values do not give its digest" in complaint("verify", folder / "book", "--against", forged)
    run("keygen", tmp_path / "other")
    other = ("--against", folder / "cp.json", "--key", tmp_path / "other.pub")
    assert "signed with another key" in complaint("verify", folder / "book", *other)
    public = json.loads((folder / "cp.json").read_text())["public_key"]
    run("verify", folder / "book", "--against", folder / "cp.json", "--key", public)
    for key, said in ((folder / "cp.json", "is not a public key"), (folder / "nowhere", "cannot be read")):
        assert said in complaint("verify", folder / "book", "--against", folder / "cp.json", "--key", key)


@pytest.mark.parametrize(("since", "commits"), [("1", 1), ("2026-10-01", 2), ("2026-11-30", 0), ("CHECKPOINT", 0)])
def test_verify_since_says_what_was_not_checked(folder: Path, since: str, commits: int) -> None:
    given = folder / "cp.json" if since == "CHECKPOINT" else since
    assert json.loads(run("verify", folder / "book", "--since", given, "--json").stdout)["commits"] == commits
    said = run("verify", folder / "book", "--since", given).stdout
    assert ("Not checked: the commits up to" in said) == (commits < 2)


def test_verify_since_something_that_is_not_there(folder: Path) -> None:
    assert "commit 9: missing" in complaint("verify", folder / "book", "--since", "9")
    assert "last week cannot be read" in complaint("verify", folder / "book", "--since", "last week")
    assert "7.json is not a checkpoint" in complaint("verify", folder / "book", "--since", folder / "7.json")


def test_a_proof_is_checked_without_the_book(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "7.json", tmp_path / "7.json")
    done = run("verify-proof", tmp_path / "7.json", "--key", folder / "key.pub")
    assert "The proof holds: ticket 7, 2 versions, version 2 in force." in done.stdout
    assert "after commit 2, which is signed with the key that was given" in done.stdout
    run("verify-proof", tmp_path / "7.json", "--checkpoint", folder / "cp.json")
    said: dict[str, Any] = json.loads(run("verify-proof", tmp_path / "7.json", "--json").stdout)
    assert (said["ok"], said["problems"], said["ticket"], said["live"], said["seq"]) == (True, [], "7", 2, 2)


def test_a_proof_that_nobody_has_signed_says_so(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(run("prove", folder / "book", "20", "--source", "shop").stdout, encoding="utf-8")
    assert "Nobody has signed that" in run("verify-proof", tmp_path / "p.json").stdout
    run("verify-proof", tmp_path / "p.json", "--checkpoint", folder / "cp.json")
    assert "is not signed" in complaint("verify-proof", tmp_path / "p.json", "--key", folder / "key.pub")


def test_a_changed_proof_is_refused_and_the_change_named(folder: Path, tmp_path: Path) -> None:
    changed(folder, tmp_path, "7.json", '"net_minor": 900', '"net_minor": 90')
    assert "line 1: net_minor is 90, but the sealed content says 900" in complaint("verify-proof", tmp_path / "7.json")
    said = json.loads(run("verify-proof", tmp_path / "7.json", "--json", status=1).stdout)
    assert not said["ok"]
    assert len(said["problems"]) == 1
    assert "is not a proof of Tillproof" in complaint("verify-proof", folder / "cp.json")
    assert "is not a text file" in complaint("verify-proof", folder / "book" / "truth.db")


def test_a_ticket_that_is_not_there_has_no_proof(folder: Path) -> None:
    assert "the book has no ticket '404' up to commit 2" in complaint("prove", folder / "book", "404")
    assert "cannot be written" in complaint("prove", folder / "book", "7", "--out", folder / "no" / "where.json")


def test_a_book_is_backed_up_and_restored(folder: Path, tmp_path: Path) -> None:
    made = json.loads(run("backup", folder / "book", tmp_path / "book.tar", "--json").stdout)
    assert (made["book"], made["seq"]) == ("shop", 2)
    done = run("restore", tmp_path / "book.tar", tmp_path / "again")
    assert f"the book shop after commit 2, head {made['hash'][:16]}; 15 entries and 2 documents verified" in done.stdout
    run("verify", tmp_path / "again", "--against", folder / "cp.json")
    assert (
        "1 posted"
        in run("ingest", tmp_path / "again", write(tmp_path / "3.csv", [row("30")]), "--source", "shop").stdout
    )
    assert "never overwrites" in complaint("backup", folder / "book", tmp_path / "book.tar")
    assert "is not an empty folder" in complaint("restore", tmp_path / "book.tar", folder / "book")
    (tmp_path / "cut.tar").write_bytes((tmp_path / "book.tar").read_bytes()[:50_000])
    assert "cut short, damaged or no backup" in complaint("restore", tmp_path / "cut.tar", tmp_path / "third")
    assert not list(tmp_path.glob("third*"))
    said = json.loads(run("restore", tmp_path / "book.tar", tmp_path / "fourth", "--json").stdout)
    assert (said["hash"], said["verification"]["problems"]) == (made["hash"], [])


def test_a_proof_that_was_written_by_an_earlier_version_is_accepted() -> None:
    golden = Path(__file__).parents[1] / "golden" / "seals"
    given = (golden / "proof.json", "--checkpoint", golden / "checkpoint.json", "--key", golden / "key.pub")
    assert run("verify-proof", *given).stdout.startswith("The proof holds: ticket 1, 3 versions")
