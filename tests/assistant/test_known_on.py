"""Figures and exports as known on an earlier day: asked on the command line and over HTTP, said in the reading, kept in
the citations."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result

from assistant.cli import app
from assistant.server.app import create_app
from assistant.service import Service
from assistant.settings import InstallationSettings
from ledger.errors import PlanError
from ledger.figures import Citation
from tests.assistant.test_commands import run as run_process
from tests.builders import DAY, line, make_book, sale_batch, ticket

FIRST, SECOND = datetime(2026, 10, 8, 3, 30, tzinfo=UTC), datetime(2026, 10, 9, 15, 0, tzinfo=UTC)
"""When the two deliveries were recorded: 23:30 on the 7th, and 11:00 on the 9th, where the business is."""
QUESTION = "net sales in October 2026"
TODAY = "2026-11-01"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book that knew of 10.00 on 5 October first, and later that it was 12.00, and of 7.00 on the 6th."""
    path = tmp_path_factory.mktemp("known") / "book"
    book = make_book(path, time_zone="America/New_York")
    deliveries = (
        [ticket("1", version_stamp=FIRST)],
        [ticket("1", lines=[line(1200)], version_stamp=SECOND), late()],
    )
    for tickets, at in zip(deliveries, (FIRST, SECOND), strict=True):
        intake = book.begin_intake(hashlib.sha256(b"").hexdigest(), "pos", at)
        book.post(sale_batch(*tickets), intake=intake, at=at, last=True)
    book.close()
    return path


def late() -> dict[str, Any]:
    return ticket("2", lines=[line(700)], business_date=DAY + timedelta(days=1))


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    service = Service.open(folder, InstallationSettings())
    with TestClient(create_app(service, InstallationSettings()), base_url="http://localhost") as made:
        yield made
    service.close()


def run(*arguments: object, status: int = 0) -> Result:
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    assert done.exit_code == status, (done.stdout, done.stderr)
    return done


CASES: list[tuple[str, str, str]] = [
    ("1", "10.00", "as known on 2026-10-07 23:30 (commit 1)"),
    ("2", "19.00", "as known on 2026-10-09 11:00 (commit 2)"),
    ("2026-10-07", "10.00", "as known on 2026-10-07 (commit 1)"),
    ("2026-10-08", "10.00", "as known on 2026-10-08 (commit 1)"),
    ("2026-10-09T10:59", "10.00", "as known on 2026-10-09T10:59 (commit 1)"),
    ("2026-10-09T11:00", "19.00", "as known on 2026-10-09T11:00 (commit 2)"),
    ("2026-10-09T14:59:59+00:00", "10.00", "as known on 2026-10-09T14:59:59+00:00 (commit 1)"),
    ("2026-10-09", "19.00", "as known on 2026-10-09 (commit 2)"),
]
PERIOD = "net sales, 2026-10-01 to 2026-10-31"


def checked(answer: dict[str, Any], value: str, words: str) -> None:
    """An answer of one figure, said to be as known then, whose citation is of that commit."""
    assert answer["status"] == "answered", answer
    assert answer["reading"] == f"{PERIOD}, {words}"
    assert f"A{words[1:]}." in answer["text"]
    assert [one["value"] for one in answer["figures"]] == [value]
    (citation,) = answer["citations"]
    assert Citation.from_token(citation["ref"]).seq == int(words.rstrip(")").rpartition(" ")[2])


@pytest.mark.parametrize(("as_of", "value", "words"), CASES)
def test_a_question_is_answered_as_known_then(
    folder: Path, client: TestClient, as_of: str, value: str, words: str
) -> None:
    shown = run("ask", folder, QUESTION, "--today", TODAY, "--as-of", as_of, "--json").stdout
    checked(json.loads(shown), value, words)
    asked = {"question": QUESTION, "today": TODAY, "as_of": int(as_of) if as_of.isdigit() else as_of}
    answer = client.post("/api/v1/ask", json=asked).json()
    checked(answer, value, words)
    proof = client.get(f"/api/v1{answer['citations'][0]['url']}").json()
    assert (proof["figure"]["value"], proof["seq"]) == (value, Citation.from_token(answer["citations"][0]["ref"]).seq)
    streamed = client.post("/api/v1/ask/stream", json=asked).text
    assert words in streamed


@pytest.mark.parametrize(("as_of", "value", "words"), CASES)
def test_a_plan_is_run_as_known_then(client: TestClient, as_of: str, value: str, words: str) -> None:
    plan = {"metrics": ["net_sales"], "period": {"start": "2026-10-01", "end": "2026-10-31"}}
    for given in (as_of, *([int(as_of)] if as_of.isdigit() else [])):
        made = client.post("/api/v1/results", json={**plan, "as_of": given}).json()
        assert made["reading"] == f"{PERIOD}, {words}"
        (figure,) = made["rows"][0]["figures"]
        assert figure["value"] == value
        proof = client.get(f"/api/v1{figure['url']}").json()
        assert (proof["figure"]["value"], proof["seq"]) == (value, made["seq"])
    now = client.post("/api/v1/results", json=plan).json()
    assert (now["reading"], now["seq"], now["rows"][0]["figures"][0]["value"]) == (PERIOD, 2, "19.00")


def test_an_export_is_of_what_was_known_then(folder: Path, client: TestClient, tmp_path: Path) -> None:
    files = {}
    for as_of in ("1", "2026-10-08", "2026-10-09T10:59", "2026-10-09", ""):
        out = tmp_path / f"{as_of or 'now'}.csv".replace(":", "-")
        report = json.loads(run("export", folder, "--format", "xero", "--as-of", as_of, "--out", out, "--json").stdout)
        got = client.post("/api/v1/exports", json={"format": "xero", "as_of": as_of or None})
        assert got.content == out.read_bytes()
        files[as_of] = (report["as_of"], report["entries"], out.read_bytes())
    assert {seq for seq, _, _ in files.values()} == {1, 2}
    assert files["1"] == files["2026-10-08"] == files["2026-10-09T10:59"]
    assert files["2026-10-09"] == files[""] != files["1"]


def test_a_batch_of_questions_is_answered_as_known_then(folder: Path, tmp_path: Path) -> None:
    questions, answers = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    questions.write_text(json.dumps({"id": "q1", "question": QUESTION, "today": TODAY}) + "\n", encoding="utf-8")
    run("ask", folder, "--batch", questions, "--out", answers, "--as-of", "2026-10-08")
    checked(json.loads(answers.read_text(encoding="utf-8")), "10.00", "as known on 2026-10-08 (commit 1)")


def test_without_an_as_of_nothing_is_said_of_one(client: TestClient) -> None:
    answer = client.post("/api/v1/ask", json={"question": QUESTION, "today": TODAY}).json()
    assert answer["reading"] == PERIOD
    assert "known" not in answer["text"]


def test_a_day_that_was_not_known_yet_has_no_figure(client: TestClient) -> None:
    def said(question: str, as_of: object) -> tuple[str, str]:
        answer = client.post("/api/v1/ask", json={"question": question, "today": TODAY, "as_of": as_of}).json()
        return answer["status"], answer["text"]

    assert said("net sales on 6 October 2026", 2)[0] == "answered"
    status, text = said("net sales on 6 October 2026", 1)
    assert status == "abstained"
    assert text.startswith("As known then, the book has tickets from 2026-10-05 to 2026-10-05 only")
    assert said(QUESTION, "2026-10-06") == ("abstained", "As known then, nothing had been posted.")
    assert said(QUESTION, 0) == ("abstained", "As known then, nothing had been posted.")
    status, text = said("what happened in October?", 1)
    assert (status, text.partition(";")[0]) == ("abstained", "Summaries are of the book as it is now")


@pytest.mark.parametrize("as_of", ["3", "soon", "2026-13-01", "-1", "9999-12-31"])
def test_what_is_no_commit_date_or_time_is_one_sentence(folder: Path, client: TestClient, as_of: str) -> None:
    for command in (("ask", folder, QUESTION), ("export", folder, "--format", "xero")):
        done = run(*command, f"--as-of={as_of}", status=1)
        assert (done.stdout, type(done.exception)) == ("", PlanError)  # which is printed as one line, as below
    bodies: dict[str, dict[str, object]] = {
        "ask": {"question": QUESTION}, "results": {"metrics": ["net_sales"]}, "exports": {"format": "xero"},
    }  # fmt: skip
    for path, body in bodies.items():
        got = client.post(f"/api/v1/{path}", json={**body, "as_of": as_of})
        assert got.status_code == 400, got.text
        assert got.json()["error"]["message"]
    assert client.post("/api/v1/ask", json={"question": QUESTION, "as_of": "x" * 41}).status_code == 422


def test_a_wrong_as_of_of_a_question_is_one_line_and_status_1(folder: Path) -> None:
    done = run_process("ask", folder, QUESTION, "--as-of", "soon", status=1)
    assert (done.stdout, len(done.stderr.splitlines())) == ("", 1)
    assert "'soon' is no commit and no date" in done.stderr
