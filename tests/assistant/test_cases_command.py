"""Cases from the command line: the queue, one case, a verdict, learning, a sample, the digest."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from assistant.cli import main
from assistant.flags.cases import update
from ledger.book import Book
from tests.assistant.cases.flags import flag, of_till


@dataclass(frozen=True)
class Done:
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command in this process: importing it anew for each call would take most of the time."""

    def command(*arguments: object, status: int = 0) -> Done:
        monkeypatch.setattr(sys, "argv", ["tillproof", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        found = capsys.readouterr()
        assert (ended.value.code or 0) == status, found
        return Done(found.out, found.err)

    return command


@pytest.fixture
def folder(till_book: Path, tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(till_book, tmp_path / "book"))
    book = Book.open(folder)
    now = datetime.now(UTC)
    update(book, of_till(book), at=now, today=now.date())
    book.close()
    return folder


def listed(run: Run, folder: Path, *more: str) -> Any:
    return json.loads(run("flags", "cases", folder, "--json", *more).stdout)


def test_a_queue_is_listed_a_case_shown_and_a_verdict_given(run: Run, folder: Path) -> None:
    first = listed(run, folder)["cases"][0]
    assert first["title"] == "Refunds by Ada, Downtown"
    assert f"{first['id'][:12]}  " in run("flags", "cases", folder).stdout
    shown = run("flags", "case", folder, first["id"][:8]).stdout
    assert "expected a receipt with the return" in shown
    done = run("flags", "verdict", folder, first["id"][:8], "wrong-data", "--by", "Lin", "--reason", "test till")
    assert done.stdout == "Refunds by Ada, Downtown: dismissed: wrong data\n"
    told = json.loads(run("flags", "case", folder, first["id"][:8], "--json").stdout)
    assert (told["state"], told["outcome"], told["events"][-1]["reason"]) == ("dismissed", "wrong_data", "test till")
    assert first["id"] not in [one["id"] for one in listed(run, folder)["cases"]]
    assert listed(run, folder)["closed_today"] == 1
    assert "1 commits" not in run("verify", folder).stdout


def test_files_are_attached_listed_and_saved(run: Run, folder: Path, tmp_path: Path) -> None:
    case = listed(run, folder)["cases"][0]["id"][:12]
    (tmp_path / "note.txt").write_bytes(b"see 4111111111111111")
    assert run("flags", "attach", folder, case, tmp_path / "note.txt", "--by", "Lin").stdout.startswith("note.txt is")
    [one] = json.loads(run("flags", "attachments", folder, case, "--json").stdout)["attachments"]
    assert (one["name"], one["by"], one["masked"]) == ("note.txt", "Lin", 1)
    saved = ("flags", "attachments", folder, case, "--fetch", one["document"][:12], "--out", tmp_path / "saved")
    run(*saved)
    assert (tmp_path / "saved").read_bytes() == b"see 411111******1111"
    assert "choose another name" in run(*saved, status=1).stderr
    assert "no attachment" in run(*saved[:5], "ffffffff", "--out", tmp_path / "other", status=1).stderr
    assert "say whose" in run("flags", "attach", folder, case, tmp_path / "note.txt", status=1).stderr


def test_what_cannot_be_done_is_one_line(run: Run, folder: Path) -> None:
    first = listed(run, folder)["cases"][0]["id"]
    for arguments, words in (
        ((first, "loss", "--by", "Ada"), "himself"),
        ((first, "loss"), "somebody's name"),
        (("ffff0000", "loss", "--by", "Lin"), "no case"),
    ):
        refused = run("flags", "verdict", folder, *arguments, status=1)
        assert words in refused.stderr
        assert refused.stderr.count("\n") == 1
    run("flags", "verdict", folder, first, "fine", "--by", "Lin", status=2)
    run("flags", "cases", folder, "--list", "some", status=2)


def test_nothing_that_a_till_wrote_steers_a_terminal(run: Run, folder: Path) -> None:
    book = Book.open(folder)
    now = datetime.now(UTC)
    update(book, [flag(about="\x1b[2J", reason="\x1b]0;owned\x07 Return\n2", score=1.0)], at=now, today=now.date())
    book.close()
    shown = run("flags", "cases", folder).stdout
    assert "]0;owned Return 2" in shown
    assert "\x1b" not in shown


def test_learning_and_a_sample(run: Run, folder: Path) -> None:
    first = listed(run, folder)["cases"][0]["id"]
    run("flags", "verdict", folder, first, "loss", "--by", "Lin")
    assert "1 of 1    confirmed (21-100 %)" in run("flags", "learn", folder).stdout
    run("flags", "learn", folder, "--adopt", "--by", "Lin", "--reason", "first")
    assert json.loads(run("flags", "learn", folder, "--json").stdout)["changes"] == 1
    run("flags", "learn", folder, "--revert", "--by", "Lin")
    run("flags", "learn", folder, "--revert", "--by", "Lin", status=1)
    drawn = run("flags", "sample", folder, "--from", "2026-10-01", "--to", "2026-10-21", "--by", "Lin").stdout
    assert drawn.split()[0] == str(len(listed(run, folder, "--list", "sampled")["cases"]))


def test_the_digest_is_an_e_mail_that_runs_nothing(run: Run, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "digest.eml"
    assert "digest_to" in run("flags", "digest", folder, "--out", out, status=1).stderr
    run("flags", "digest", folder, "--out", out, "--to", "ada@example.com", "--url", "https://books.example.com")
    message = message_from_bytes(out.read_bytes(), policy=default)
    assert message["To"] == "ada@example.com"
    assert message["Subject"].startswith("Maple Street Group: 9 cases to look at")
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert "1. Refunds by Ada, Downtown  $48.60" in text.get_content()
    assert "https://books.example.com/flags/cases/" in text.get_content()
    assert "<script" not in html.get_content()
    assert "&lt;script&gt;alert(1)" in html.get_content()
    told = json.loads(run("flags", "digest", folder).stdout)
    assert (told["today"], told["closed"], len(told["queue"])) == (9, 0, 9)


class _Hook(BaseHTTPRequestHandler):
    status, got = 200, [b""]

    def do_POST(self) -> None:
        self.got.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(self.status)
        self.send_header("location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def hook() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    server.server_close()


def test_a_webhook_gets_the_digest_and_one_that_does_not_take_it_is_said(
    run: Run, folder: Path, hook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("flags", "digest", folder, "--webhook", hook)
    assert json.loads(_Hook.got[-1])["today"] == 9
    for status in (500, 302):
        monkeypatch.setattr(_Hook, "status", status)
        before = len(_Hook.got)
        assert str(status) in run("flags", "digest", folder, "--webhook", hook, status=1).stderr
        assert len(_Hook.got) == before + 1, "a redirect is not followed"
    assert "no address" in run("flags", "digest", folder, "--webhook", "file:///etc/passwd", status=1).stderr
