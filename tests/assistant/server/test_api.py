"""The API as a client sees it: shapes, pages of lists, errors, keys, and headers."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.server.app import create_app
from assistant.service import Service
from assistant.settings import InstallationSettings
from ledger.proofs import receipt
from ledger.proofs.check import check

TODAY = "2026-10-22"


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[TestClient]:
    with TestClient(create_app(service, InstallationSettings()), base_url="http://localhost") as made:
        yield made


def ask(client: TestClient, question: str) -> dict[str, Any]:
    given = client.post("/api/v1/ask", json={"id": "q1", "question": question, "today": TODAY})
    assert given.status_code == 200
    found: dict[str, Any] = given.json()
    return found


def test_a_question_is_answered_and_its_figure_opens_down_to_the_source_line(client: TestClient) -> None:
    answer = ask(client, "net sales at Downtown on 5 October 2026")
    assert (answer["id"], answer["status"]) == ("q1", "answered")
    (figure,), (cited,) = answer["figures"], answer["citations"]
    proof = client.get(f"/api/v1/citations/{cited['ref']}").json()
    assert proof["figure"]["value"] == figure["value"] == proof["contributions_total"]
    assert sum(Decimal(one["amount"]) for one in proof["contributions"]) == Decimal(figure["value"])
    entry = client.get(f"/api/v1/entries/{proof['contributions'][0]['entry']}").json()
    assert sum(Decimal(one["amount"]) for one in entry["postings"]) == 0
    document = client.get(f"/api/v1/documents/{entry['document']}")
    assert document.status_code == 200
    line = client.get(proof["contributions"][0]["line_url"])
    assert line.status_code == 200
    assert entry["ticket"]["external_id"] in line.text


def test_feeds_add_up(client: TestClient) -> None:
    feeds = client.get("/api/v1/feeds").json()["feeds"]
    assert len(feeds) == 2
    for one in feeds:
        parts = ("posted", "duplicates", "versions", "quarantined", "ignored")
        assert one["received"] == sum(one[part] for part in parts)
    (held,) = client.get("/api/v1/feeds/held").json()["held"]
    assert held["external_id"] == "T-9001"
    assert "4111" not in str(held)


def test_entries_come_in_pages_that_join_up(client: TestClient) -> None:
    first = client.get("/api/v1/entries", params={"store": "Downtown", "limit": 10}).json()
    seen = [one["id"] for one in first["entries"]]
    following = first["next"]
    while following:
        page = client.get(following).json()
        seen += [one["id"] for one in page["entries"]]
        following = page["next"]
    assert len(seen) == len(set(seen)) == first["total"]


def test_the_proof_of_a_ticket_holds_without_the_book(client: TestClient) -> None:
    listed = client.get("/api/v1/entries", params={"external_id": "T-1005"}).json()["entries"]
    page = client.get(listed[0]["url"]).text
    assert f'href="/api/v1/entries/{listed[0]["id"]}/proof"' in page
    given = client.get(f"/api/v1/entries/{listed[0]['id']}/proof")
    proof = receipt.read(given.text, "proof.json")
    assert check(proof) == []
    assert proof.external_id == "T-1005"
    assert client.get("/api/v1/entries/99-99/proof").status_code == 404


def test_summaries_are_told_with_their_figures(client: TestClient) -> None:
    found = client.get(
        "/api/v1/summaries", params={"from": "2026-10-17", "to": "2026-10-17", "store": "Downtown", "kind": "day"}
    ).json()
    (summary,) = found["summaries"]
    assert summary["title"] == "Downtown, Saturday 17 October 2026"
    assert summary["figures"][0]["label"] == "net sales"
    assert client.get(f"/api/v1{summary['figures'][0]['url']}").status_code == 200


def test_a_plan_is_run_as_it_is(client: TestClient) -> None:
    plan = {"metrics": ["net_sales"], "dimensions": ["store"]}
    result = client.post("/api/v1/results", json=plan).json()
    assert result["reading"] == "net sales by store, all dates"
    assert result["row_count"] == len(result["rows"]) == 2
    wrong = client.post("/api/v1/results", json={"metrics": ["net_salez"]})
    assert wrong.status_code == 400
    assert "net_salez" in wrong.json()["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("post", "/api/v1/ask", {"question": ""}, 400),
        ("post", "/api/v1/ask", {"question": "x" * 2000}, 400),
        ("post", "/api/v1/ask", {"wrong": 1}, 422),
        ("post", "/api/v1/ask", {"question": "net sales", "today": "never"}, 422),
        ("get", "/api/v1/citations/nonsense", None, 400),
        ("get", "/api/v1/entries/999-1", None, 404),
        ("get", "/api/v1/documents/abc", None, 404),
        ("get", "/api/v1/summaries?from=2026-10-05&to=2026-10-01", None, 400),
        ("get", "/nowhere", None, 404),
    ],
)
def test_an_error_is_a_status_and_one_sentence(
    client: TestClient, method: str, path: str, body: dict[str, Any] | None, status: int
) -> None:
    got = client.request(method, path, json=body, headers={"accept": "application/json"})
    assert got.status_code == status
    if path.startswith("/api"):
        assert got.json()["error"]["message"]


def test_the_stream_tells_its_stages_and_then_the_whole_answer(client: TestClient) -> None:
    with client.stream("POST", "/api/v1/ask/stream", json={"question": "net sales", "today": TODAY}) as response:
        text = "".join(response.iter_text())
    names = [line.removeprefix("event: ") for line in text.splitlines() if line.startswith("event: ")]
    assert names == ["stage", "stage", "answer"]


def test_openapi_has_an_example_for_every_body(client: TestClient) -> None:
    api = client.get("/api/v1/openapi.json").json()
    wanted = {"/ask", "/summaries", "/entries", "/documents", "/citations/{token}", "/feeds"}
    assert {f"/api/v1{path}" for path in wanted} <= set(api["paths"])
    assert api["components"]["schemas"]["Asked"]["examples"]
    assert client.get("/healthz").json()["status"] == "ok"


def test_pages_carry_a_strict_policy_and_nothing_inline(client: TestClient) -> None:
    for path in ("/", "/ask?q=net%20sales%20by%20store", "/overview", "/feeds", "/feeds/held", "/entries"):
        page = client.get(path)
        assert page.status_code == 200, path
        policy = page.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "<script>" not in page.text.replace("<script>alert(1)</script>", "ESCAPED?") or "ESCAPED?" in page.text
        assert " style=" not in page.text
        assert " onclick=" not in page.text


def test_a_name_with_markup_is_shown_as_text(client: TestClient) -> None:
    page = client.get("/ask", params={"q": "top 10 items by net sales", "today": TODAY}).text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_name_with_a_formula_is_harmless_in_csv(client: TestClient) -> None:
    table = client.get("/ask.csv", params={"q": "top 10 items by net sales", "today": TODAY}).text
    assert "\n=SUM" not in table
    assert "=SUM(A1:A9) cake" in table


def test_other_origins_and_other_names_are_refused(client: TestClient) -> None:
    body = {"question": "net sales"}
    assert client.post("/api/v1/ask", json=body, headers={"origin": "http://evil.example"}).status_code == 403
    assert client.post("/api/v1/ask", json=body, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.get("/", headers={"host": "evil.example"}).status_code in (400, 403, 421)


def test_with_a_key_nothing_is_open_without_it(service: Service) -> None:
    settings = InstallationSettings(host="0.0.0.0", api_key="correct horse battery staple")  # type: ignore[arg-type]
    with TestClient(create_app(service, settings), base_url="http://books.example") as client:
        assert client.get("/api/v1/feeds").status_code == 401
        assert client.get("/", follow_redirects=False).status_code in (302, 303, 401)
        assert client.get("/api/v1/feeds", headers={"authorization": "Bearer wrong"}).status_code == 401
        right = {"authorization": "Bearer correct horse battery staple"}
        assert client.get("/api/v1/feeds", headers=right).status_code == 200
