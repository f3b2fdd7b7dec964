"""Periods over HTTP: the API, the page with its form, and who may not change them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.server.app import create_app
from assistant.service import Service
from assistant.settings import InstallationSettings
from tests.assistant.test_commands import run
from tests.ingest.shop import MAPPING, export, row

LOCK = {"state": "locked", "to": "2026-09-30", "by": "Ada", "reason": "VAT return filed"}


@pytest.fixture
def service(till_book: Path, tmp_path: Path) -> Iterator[Service]:
    opened = Service.open(Path(shutil.copytree(till_book, tmp_path / "book")), InstallationSettings())
    yield opened
    opened.close()


@pytest.fixture
def client(service: Service) -> Iterator[TestClient]:
    with TestClient(create_app(service, InstallationSettings()), base_url="http://localhost") as made:
        yield made


def test_a_period_is_locked_opened_and_listed_with_its_history(client: TestClient, service: Service) -> None:
    assert client.get("/api/v1/periods").json() == {"total": 0, "next": None, "periods": [], "changes": []}
    made = client.post("/api/v1/periods", json=LOCK)
    assert made.status_code == 201
    assert made.json()["commit"] == service.book.head().seq
    close = {**LOCK, "state": "soft_closed", "from": "2026-10-01", "to": "2026-10-10", "by": " Grace "}
    client.post("/api/v1/periods", json=close)
    listed = client.get("/api/v1/periods").json()
    assert listed["periods"] == [
        {"from": None, "to": "2026-09-30", "state": "locked"},
        {"from": "2026-10-01", "to": "2026-10-10", "state": "soft_closed"},
    ]
    assert [(one["by"], one["reason"], one["state"]) for one in listed["changes"]] == [
        ("Grace", "VAT return filed", "soft_closed"),
        ("Ada", "VAT return filed", "locked"),
    ]
    first = client.get("/api/v1/periods", params={"limit": 1}).json()
    assert client.get(first["next"]).json()["changes"] == listed["changes"][1:]
    assert service.book.verify().ok


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"by": " "}, 422),
        ({"reason": ""}, 422),
        ({"reason": "x" * 1001}, 422),
        ({"to": "soon"}, 422),
        ({"state": "shut"}, 422),
        ({"froom": "2026-09-01"}, 422),
        ({"from": "2026-10-01"}, 400),
        ({"to": "9999-12-31"}, 400),
        ({"state": "open"}, 400),
    ],
)
def test_what_cannot_be_changed_is_an_error_in_one_sentence(
    client: TestClient, change: dict[str, str], status: int
) -> None:
    got = client.post("/api/v1/periods", json=LOCK | change)
    assert got.status_code == status
    assert got.json()["error"]["message"]
    assert client.get("/api/v1/periods").json()["total"] == 0


def test_another_site_cannot_change_a_period(client: TestClient) -> None:
    foreign: list[dict[str, str]] = [{"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}]
    for headers in foreign:
        assert client.post("/periods", data=LOCK, headers=headers).status_code == 403
        assert client.post("/api/v1/periods", json=LOCK, headers=headers).status_code == 403
    assert client.get("/api/v1/periods").json()["total"] == 0


def test_without_the_key_no_period_is_seen_or_changed(service: Service) -> None:
    settings = InstallationSettings(host="0.0.0.0", api_key="correct horse battery staple")  # type: ignore[arg-type]
    with TestClient(create_app(service, settings), base_url="http://books.example") as client:
        for method, path in (("GET", "/api/v1/periods"), ("POST", "/api/v1/periods"), ("POST", "/periods")):
            assert client.request(method, path, json=LOCK).status_code == 401
        assert client.get("/periods", headers={"accept": "text/html"}, follow_redirects=False).status_code == 303
        key = {"authorization": "Bearer correct horse battery staple"}
        assert client.post("/api/v1/periods", json=LOCK, headers=key).status_code == 201


def test_the_form_changes_a_period_and_shows_who_when_and_why(client: TestClient) -> None:
    empty = client.get("/periods").text
    assert "Every business date is open." in empty
    assert "No period was ever closed." in empty
    reason = "<b>filed</b> & sent"
    sent = client.post("/periods", data={**LOCK, "from": "", "reason": reason}, follow_redirects=False)
    assert sent.status_code == 303
    page = client.get(sent.headers["location"]).text
    assert 'role="status">Done: up to Sep 30, 2026' in page
    assert "<b>filed</b>" not in page
    assert "<b>Ada</b>: &lt;b&gt;filed&lt;/b&gt; &amp; sent" in page
    assert 'name="from" value="2026-10-01"' in page, "the next period begins after what is closed"
    assert 'href="/periods"' in client.get("/statements").text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"to": ""}, "To needs a date"),
        ({"reason": "  "}, "Reason needs something written in it"),
        ({"by": ""}, "Your name needs something written in it"),
        ({"from": "2026-11-01"}, "a period cannot end (2026-09-30) before it starts"),
        ({"state": "open"}, "the dates up to 2026-09-30 are open already"),
    ],
)
def test_a_form_that_cannot_be_done_comes_back_as_it_was_filled_in(
    client: TestClient, change: dict[str, str], words: str
) -> None:
    sent = client.post("/periods", data=LOCK | {"by": 'Ada "the" <i>', **change})
    assert sent.status_code == 400
    assert f"Nothing was changed: {words}" in sent.text
    assert "<i>" not in sent.text
    if "by" not in change:
        assert 'value="Ada &#34;the&#34; &lt;i&gt;"' in sent.text
    assert client.get("/api/v1/periods").json()["total"] == 0


def run_period(book: Path, *arguments: str, status: int = 0) -> Any:
    return run("period", book, *arguments, "--by", "Ada", status=status)


def test_a_locked_period_is_not_soft_closed_in_passing(tmp_path: Path) -> None:
    run("init", tmp_path / "book")
    run_period(tmp_path / "book", "lock", "--to", "2026-09-30")
    refused = run_period(tmp_path / "book", "close", "--to", "2026-10-31", status=1)
    assert "up to 2026-09-30 are locked" in refused.stderr
    run_period(tmp_path / "book", "close", "--from", "2026-10-01", "--to", "2026-10-31")
    run_period(tmp_path / "book", "close", "--to", "2026-10-31", "--reason", "auditor's order")
    assert "up to 2026-10-31  soft-closed" in run("period", tmp_path / "book").stdout


def test_there_is_always_a_date_left_to_post_on(tmp_path: Path) -> None:
    run("init", tmp_path / "book")
    refused = run_period(tmp_path / "book", "lock", "--to", "9999-12-31", status=1)
    assert "nothing could be posted after it" in refused.stderr
    run_period(tmp_path / "book", "lock", "--to", "9999-12-30")
    (tmp_path / "shop.toml").write_text(MAPPING, encoding="utf-8")
    late = export(tmp_path / "late.csv", [row("1")])
    assert "1 posted" in run("ingest", tmp_path / "book", late, "--mapping", tmp_path / "shop.toml").stdout
