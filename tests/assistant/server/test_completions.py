"""What the ask page completes and what it keeps of votes, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant import candidates
from assistant.server.app import create_app
from assistant.server.plans.token import token_of
from assistant.service import Service
from assistant.settings import InstallationSettings
from ledger.figures import Plan
from tests.assistant.server.till import ENDLESS, LONG, MARKUP, STORES

TODAY = "2026-10-22"


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[TestClient]:
    with TestClient(create_app(service, InstallationSettings()), base_url="http://localhost") as made:
        yield made


@pytest.fixture
def kept(till_book: Path) -> Iterator[Path]:
    """The file of candidates, which is not there yet."""
    path = till_book / candidates.FILE
    path.unlink(missing_ok=True)
    yield path
    path.unlink(missing_ok=True)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def suggested(client: TestClient, typed: str) -> list[tuple[str, str]]:
    given = client.get("/api/v1/suggestions", params={"q": typed})
    assert given.status_code == 200
    return [(one["text"], one["of"]) for one in given.json()["suggestions"]]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("net sa", ("net sales", "metric")),
        ("net sales at dow", ("net sales at Downtown", "store")),
        ("net sales of flat wh", ("net sales of Flat white", "item")),
        ("net sales at Dwon", ("net sales at Downtown", "store")),
        ("tips by wee", ("tips by weekday", "split")),
        ("tips las", ("tips last week", "period")),
        ("sales by ad", None),
        ("net sales by ada", None),
        ("sales of gra", ("sales of Grace", "cashier")),
        ("sales of bold", (f"sales of {MARKUP}", "item")),
    ],
)
def test_the_last_words_are_completed(client: TestClient, typed: str, wanted: tuple[str, str] | None) -> None:
    found = suggested(client, typed)
    assert len(found) <= 8
    if wanted is not None:
        assert wanted in found
    assert all(text.casefold().startswith(typed[:3].casefold()) for text, _ in found)


def test_nothing_is_completed_where_nothing_is_being_typed(client: TestClient) -> None:
    for typed in ("", " ", "n", "net sales ", "net sales in", "zzzzzzzz", "4711", "(", "\x00"):
        assert suggested(client, typed) == [], typed


def test_values_of_a_dimension_are_found_by_a_part_of_them(client: TestClient) -> None:
    def found(**query: object) -> list[str]:
        given = client.get("/api/v1/names", params=query)
        assert given.status_code == 200
        return [one["value"] for one in given.json()["names"]]

    assert found(dimension="store") == [*sorted(STORES)]
    assert found(dimension="item", q="more and") == [LONG]
    assert found(dimension="item", q="xxx") == [ENDLESS]
    assert found(dimension="item", q="flat whtie") == ["Flat white"]
    assert len(found(dimension="hour")) == 24
    assert client.get("/api/v1/names", params={"dimension": "item", "limit": 2}).json()["total"] == 7
    assert client.get("/api/v1/names", params={"dimension": "month"}).status_code == 400
    assert client.get("/api/v1/names", params={"dimension": "shoe"}).status_code == 422


def test_a_vote_is_kept_as_a_candidate_beside_the_book(client: TestClient, kept: Path) -> None:
    plan = {"metrics": ["net_sales"], "filters": [{"dimension": "store", "values": ["Downtown"]}]}
    voted = {
        "question": "net sales  downtown\nplease",
        "today": TODAY,
        "plan": plan,
        "status": "answered",
        "vote": "down",
        "reason": "wrong_name",
        "note": "paid with 4111 1111 1111 1111,\nnot there",
    }
    assert client.post("/api/v1/votes", json=voted).status_code == 201
    assert client.post("/api/v1/votes", json={"plan": plan, "vote": "up", "today": TODAY}).status_code == 201
    first, second = lines(kept)
    assert set(first) == {"question", "today", "reading", "plan", "status", "vote", "reason", "note", "at"}
    assert (first["question"], first["today"]) == ("net sales downtown please", TODAY)
    assert first["reading"] == "net sales, store Downtown, all dates"
    assert Plan.model_validate(first["plan"]) == Plan.model_validate(plan)
    assert (first["vote"], first["reason"]) == ("down", "wrong_name")
    assert "4111 1111" not in kept.read_text("utf-8")
    assert second["question"] == second["reading"]
    assert kept.stat().st_mode & 0o077 == 0


def test_the_page_s_form_keeps_a_vote_without_a_script(client: TestClient, kept: Path) -> None:
    address = f"/ask/vote?q=net%20sales&today={TODAY}&plan={token_of(Plan(metrics=('net_sales',)))}"
    given = client.post(address, data={"vote": "down", "reason": "misread", "note": "gross was meant"})
    assert given.status_code == 200
    assert "kept beside the book" in given.text
    (line,) = lines(kept)
    assert (line["question"], line["reason"], line["note"]) == ("net sales", "misread", "gross was meant")


@pytest.mark.parametrize(
    "voted",
    [
        {"vote": "up"},
        {"vote": "sideways", "question": "net sales"},
        {"vote": "down", "question": "net sales", "reason": "because"},
        {"vote": "down", "question": "net sales", "note": "x" * 501},
        {"vote": "down", "question": "x" * 501},
        {"vote": "down", "question": "net sales", "reader": "Ada"},
    ],
)
def test_a_vote_that_cannot_be_read_is_refused(client: TestClient, kept: Path, voted: dict[str, str]) -> None:
    assert client.post("/api/v1/votes", json=voted).status_code in (400, 422)
    assert not kept.exists()


def test_votes_come_from_this_service_s_own_pages_and_with_its_key(client: TestClient, kept: Path) -> None:
    voted = {"question": "net sales", "vote": "up"}
    for path in ("/api/v1/votes", "/ask/vote?q=net%20sales"):
        assert client.post(path, json=voted, headers={"sec-fetch-site": "cross-site"}).status_code == 403
        assert client.post(path, json=voted, headers={"origin": "http://evil.example"}).status_code == 403
    settings = InstallationSettings(api_key="correct horse battery staple")  # type: ignore[arg-type]
    with TestClient(create_app(client.app.state.service, settings), base_url="http://localhost") as locked:  # type: ignore[attr-defined]
        assert locked.post("/api/v1/votes", json=voted).status_code == 401
        assert locked.post("/ask/vote?q=net%20sales", data={"vote": "up"}).status_code == 401
        assert locked.get("/api/v1/suggestions", params={"q": "net"}).status_code == 401
        assert locked.get("/api/v1/names", params={"dimension": "cashier"}).status_code == 401
    assert not kept.exists()


def test_the_file_of_candidates_is_bounded_and_only_added_to(
    client: TestClient, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.write_text('{"question":"cut sho')  # by a machine that stopped
    assert client.post("/api/v1/votes", json={"question": "net sales", "vote": "up"}).status_code == 201
    cut, whole = kept.read_text("utf-8").splitlines()
    assert cut == '{"question":"cut sho'
    assert json.loads(whole)["question"] == "net sales"
    monkeypatch.setattr(candidates, "FILE_BYTES_MAX", kept.stat().st_size + 10)
    before = kept.read_bytes()
    full = client.post("/api/v1/votes", json={"question": "net sales", "vote": "up"})
    assert full.status_code == 507
    assert "move it away" in full.json()["error"]["message"]
    assert kept.read_bytes() == before
