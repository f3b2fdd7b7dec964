"""The command line as a person and a script use it: output, exit status, and what it does not load."""

from __future__ import annotations

import json
import os
import pty
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ingest.shop import MAPPING, export, row
from tests.postgres import Cluster

TILLPROOF = [sys.executable, "-m", "assistant.cli"]


def run(*arguments: object, status: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([*TILLPROOF, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == status, (done.stdout, done.stderr)
    return done


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book made and filled by commands."""
    made = tmp_path_factory.mktemp("commands")
    run("init", made / "book", "--name", "My Shop", "--currency", "usd")
    (made / "shop.toml").write_text(MAPPING, encoding="utf-8")
    rows = [row(str(n), Closed=f"2026-10-{n + 1:02} 12:00:00") for n in range(20)]
    export(made / "october.csv", [*rows, row("99", Paid="1.00")])
    counts = json.loads(
        run(
            "ingest", made / "book", made / "october.csv", "--mapping", made / "shop.toml", "--source", "shop", "--json"
        ).stdout
    )
    assert counts.keys() == {
        "documents", "records", "posted", "duplicates", "versions", "quarantined", "ignored", "seconds",
    }  # fmt: skip
    assert (counts["documents"], counts["records"], counts["posted"], counts["quarantined"]) == (1, 21, 20, 1)
    return made


def test_taking_a_file_again_is_said_in_a_sentence(folder: Path) -> None:
    done = run("ingest", folder / "book", folder / "october.csv", "--source", "shop")
    assert "21 records = 0 posted + 20 already there" in done.stdout


def test_a_question_is_answered_in_words_and_as_json(folder: Path) -> None:
    asked = (folder / "book", "net sales on 5 October 2026", "--today", "2026-10-21")
    assert "Net sales on Monday 5 October 2026 were $9.00 [1]." in run("ask", *asked).stdout
    answer = json.loads(run("ask", *asked, "--json").stdout)
    assert answer["status"] == "answered"
    assert answer["figures"] == [{"label": "net sales", "value": "9.00", "unit": "USD", "citation": 1}]


def test_a_file_of_questions_gives_a_file_of_answers(folder: Path) -> None:
    questions, answers = folder / "in.jsonl", folder / "out.jsonl"
    asked = [("a", "net sales in October"), ("b", "what is love"), ("c", "transactions by day in October")]
    questions.write_text("".join(json.dumps({"id": i, "question": q, "today": "2026-10-21"}) + "\n" for i, q in asked))
    run("ask", folder / "book", "--batch", questions, "--out", answers)
    given = [json.loads(line) for line in answers.read_text().splitlines()]
    assert [(one["id"], one["status"]) for one in given] == [("a", "answered"), ("b", "abstained"), ("c", "answered")]
    assert given[0]["figures"][0]["value"] == "180.00"
    questions.write_text("not json\n")
    assert "line 1" in run("ask", folder / "book", "--batch", questions, "--out", answers, status=1).stderr


def test_what_is_held_is_listed_and_the_book_verifies(folder: Path) -> None:
    assert "Ticket 99 does not add up" in run("held", folder / "book").stdout
    assert "Verified: " in run("verify", folder / "book").stdout
    assert json.loads(run("verify", folder / "book", "--json").stdout)["problems"] == []
    assert "ok     book: My Shop" in run("doctor", folder / "book").stdout
    assert "0 posted; 1 still held." in run("release", folder / "book", status=1).stdout


def test_a_draft_is_printed_and_its_notes_go_beside_it(folder: Path) -> None:
    done = run("map", folder / "october.csv")
    assert done.stdout.startswith("# A draft")
    assert "The first tickets by this mapping: " in done.stderr
    asked = run("map", folder / "october.csv", "--out", folder / "draft.toml", "--book", folder / "book", status=1)
    assert "nothing was written" in asked.stderr
    assert "--yes" in asked.stderr
    assert not (folder / "draft.toml").exists()
    run("map", folder / "october.csv", "--out", folder / "draft.toml", "--yes")
    assert (folder / "draft.toml").read_text("utf-8") == done.stdout


def test_a_draft_is_written_when_a_person_says_yes(folder: Path, tmp_path: Path) -> None:
    """On a terminal: the first tickets are shown as they would post or be held, and the answer decides."""
    export(tmp_path / "may.csv", [row("7"), row("8", Paid="1.00")])
    for answer, status in (("n", 1), ("y", 0)):
        person, terminal = pty.openpty()
        os.write(person, f"{answer}\n".encode())
        command = [*TILLPROOF, "map", str(tmp_path / "may.csv"), "--out", str(tmp_path / "may.toml")]
        done = subprocess.run(command, stdin=terminal, capture_output=True, text=True, check=False, timeout=120)
        os.close(person)
        os.close(terminal)
        assert done.returncode == status, done.stderr
        assert (tmp_path / "may.toml").exists() == (answer == "y")
        assert "1 would be posted, 1 would not" in done.stdout
        assert "  7  sale  Downtown  2026-10-05 12:00  9.72 USD  (row 2)" in done.stdout
        assert "      2 x Apple pie: 9.00, 1.00 off" in done.stdout
        assert "  held: Ticket 8 does not add up: lines 9.00 + tax 0.72" in done.stdout


def test_a_problem_is_one_line_on_stderr_and_status_1(folder: Path, tmp_path: Path) -> None:
    for arguments in (
        ("ask", tmp_path, "net sales"),
        ("ingest", folder / "book", tmp_path / "nowhere.csv"),
        ("init", folder / "book"),
        ("map", tmp_path / "nowhere.csv"),
        ("serve", folder / "book", "--host", "0.0.0.0"),
    ):
        done = run(*arguments, status=1)
        assert done.stdout == ""
        assert done.stderr.startswith("tillproof: ")
        assert len(done.stderr.splitlines()) == 1, done.stderr


def test_wrong_usage_is_status_2(folder: Path) -> None:
    run("ask", folder / "book", status=2)
    run("frobnicate", status=2)
    run("ingest", folder / "book", status=2)


def test_a_changed_record_is_named_by_verify(folder: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(folder / "book", tmp_path / "book")
    with sqlite3.connect(tmp_path / "book" / "truth.db") as truth:
        truth.execute("UPDATE lines SET net_minor = net_minor + 1 WHERE n = 3")
    done = run("verify", tmp_path / "book", status=1)
    assert "1-3" in done.stderr


HEAVY = ("torch", "sentence_transformers", "chromadb", "transformers", "vl_convert")


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["ingest", "BOOK", "FILE", "--source", "shop"], ["ask", "BOOK", "net sales"], ["verify", "BOOK"]],
    ids=lambda one: one[0],
)
def test_what_takes_seconds_to_load_is_loaded_only_where_it_is_needed(folder: Path, arguments: list[str]) -> None:
    given = [{"BOOK": str(folder / "book"), "FILE": str(folder / "october.csv")}.get(one, one) for one in arguments]
    script = (
        "import sys\nfrom assistant.cli import app\n"
        "try:\n    app(sys.argv[1:], standalone_mode=False)\nexcept SystemExit:\n    pass\n"
        f"print('LOADED', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *given], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.splitlines()[-1] == "LOADED []"


def test_periods_are_closed_listed_and_opened_on_the_command_line(tmp_path: Path) -> None:
    run("init", str(tmp_path / "book"))
    assert run("period", str(tmp_path / "book")).stdout.strip() == "Every period is open."
    locked = run("period", str(tmp_path / "book"), "lock", "--to", "2026-09-30", "--by", "Ada")
    assert "up to 2026-09-30  locked" in locked.stdout
    assert json.loads(run("period", str(tmp_path / "book"), "--json").stdout)["periods"] == [
        {"from": "0001-01-01", "to": "2026-09-30", "state": "locked"}
    ]
    refused = run("period", str(tmp_path / "book"), "open", "--to", "2026-09-30", "--by", "Ada", status=1)
    assert "for a reason only" in refused.stderr
    assert run("period", str(tmp_path / "book"), "shut", status=2).returncode == 2


def test_a_changed_ticket_without_a_newer_time_is_a_conflict_for_a_person_and_exit_status_1(tmp_path: Path) -> None:
    run("init", tmp_path / "book")
    (tmp_path / "shop.toml").write_text(MAPPING, encoding="utf-8")
    given = ("--mapping", tmp_path / "shop.toml", "--source", "shop", "--json")
    run("ingest", tmp_path / "book", export(tmp_path / "one.csv", [row("1"), row("2")]), *given)
    changed = export(tmp_path / "two.csv", [row("1", Item="Cherry pie"), row("2"), row("3")])
    done = run("ingest", tmp_path / "book", changed, *given, status=1)
    counts = json.loads(done.stdout)
    assert (counts["posted"], counts["duplicates"], counts["quarantined"]) == (1, 1, 1)
    assert len(done.stderr.splitlines()) == 1
    assert "1 ticket was posted before with other content" in done.stderr
    assert "name was Apple pie, now Cherry pie" in run("held", tmp_path / "book").stdout


def test_a_book_is_moved_to_postgresql_and_backed_up_from_there(
    folder: Path, postgresql: Cluster, tmp_path: Path
) -> None:
    run("copy", folder / "book", tmp_path / "book")
    url = postgresql.url(postgresql.database())
    moved = json.loads(run("book", "move", tmp_path / "book", "--truth", url, "--json").stdout)
    assert moved["rows"] > 0
    run("verify", tmp_path / "book")
    run("backup", tmp_path / "book", tmp_path / "kept.tar")
    assert moved["hash"][:16] in run("restore", tmp_path / "kept.tar", tmp_path / "restored").stdout
    assert "is in that database already" in run("book", "move", tmp_path / "book", "--truth", url, status=1).stderr
