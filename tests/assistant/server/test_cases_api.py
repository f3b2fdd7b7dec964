"""Cases over HTTP: the API, the forms, who may not decide, and what a hostile text or site cannot do."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.flags.cases import update
from assistant.server.app import create_app
from assistant.service import Service
from assistant.settings import InstallationSettings
from ledger.errors import SettingsError
from tests.assistant.cases.flags import flag, of_till

LOSS = {"by": "Lin", "outcome": "loss", "reason": "no receipt was found"}


@pytest.fixture
def folder(till_book: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(till_book, tmp_path / "book"))


@pytest.fixture
def service(folder: Path) -> Iterator[Service]:
    opened = Service.open(folder, InstallationSettings())
    update(opened.book, of_till(opened.book), at=datetime.now(UTC), today=opened.today())
    yield opened
    opened.close()


@pytest.fixture
def client(service: Service) -> Iterator[TestClient]:
    with TestClient(create_app(service, InstallationSettings()), base_url="http://localhost") as made:
        yield made


@pytest.fixture(scope="module")
def looked_at(till_book: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """One for the tests that change nothing."""
    opened = Service.open(
        Path(shutil.copytree(till_book, tmp_path_factory.mktemp("looked") / "book")), InstallationSettings()
    )
    update(opened.book, of_till(opened.book), at=datetime.now(UTC), today=opened.today())
    head = opened.book.head()
    with TestClient(create_app(opened, InstallationSettings()), base_url="http://localhost") as made:
        yield made
    assert opened.book.head() == head
    opened.close()


def first(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/v1/cases").json()["cases"][0]
    return found


def path(case: dict[str, Any], *more: str) -> str:
    return "/".join((f"/flags/cases/{case['id'][:12]}", *more))


# --- the API ----------------------------------------------------------------------------------------------------------


def test_the_queue_lists_cases_with_what_they_are_ranked_by(looked_at: TestClient) -> None:
    listed = looked_at.get("/api/v1/cases").json()
    assert (listed["a_day"], listed["closed_today"], listed["total"]) == (20, 0, len(listed["cases"]))
    one = listed["cases"][0]
    assert one["state"] == "new"
    assert one["money_at_risk"] == "48.60"
    assert 0 < one["chance"] < one["score"]
    page = looked_at.get("/api/v1/cases", params={"limit": 1}).json()
    following = looked_at.get(page["next"]).json()["cases"][0]
    assert following == listed["cases"][1]


def test_a_case_is_worked_to_an_end_and_keeps_every_step(client: TestClient, service: Service) -> None:
    case = first(client)
    at = f"/api/v1/cases/{case['id']}"
    assert client.post(f"{at}/assignee", json={"by": "Lin", "to": "Lin"}).json()["state"] == "in_review"
    client.post(f"{at}/comments", json={"by": "Lin", "text": "asked for the camera"})
    client.post(f"{at}/step", json={"by": "Lin", "state": "waiting", "reason": "camera"})
    closed = client.post(f"{at}/verdict", json=LOSS)
    assert closed.status_code == 201
    assert (closed.json()["state"], closed.json()["outcome"]) == ("confirmed", "loss")
    again = client.post(f"{at}/step", json={"by": "Bo", "state": "reopened", "reason": "the receipt turned up"})
    assert (again.json()["state"], again.json()["outcome"]) == ("reopened", None)
    events = client.get(f"{at}/events").json()
    assert [one["kind"] for one in events if one["kind"] != "flag_added"] == [
        "opened", "assigned", "stepped", "commented", "stepped", "verdict", "stepped",
    ]  # fmt: skip
    assert [one["number"] for one in events] == list(range(1, len(events) + 1))
    verdict = next(one for one in events if one["kind"] == "verdict")
    assert (verdict["by"], verdict["said"], verdict["text"]) == ("Lin", "confirmed it: loss", "no receipt was found")
    assert service.book.verify().ok
    assert client.get("/api/v1/cases").json()["closed_today"] == 0


def test_a_short_number_names_a_case_and_a_wrong_one_none(looked_at: TestClient) -> None:
    case = first(looked_at)
    assert looked_at.get(f"/api/v1/cases/{case['id'][:12]}").json()["id"] == case["id"]
    for wrong in ("ffffffffffff", "abc", "%00"):
        got = looked_at.get(f"/api/v1/cases/{wrong}")
        assert (got.status_code, got.json()["error"]["code"]) == (404, "not_there")
    assert looked_at.post("/api/v1/cases/ffffffffffff/verdict", json=LOSS).status_code == 404


def test_nobody_closes_a_case_about_himself(client: TestClient) -> None:
    case = first(client)
    assert case["person"] == "Ada"
    for name in ("Ada", " ada "):
        got = client.post(f"/api/v1/cases/{case['id']}/verdict", json=LOSS | {"by": name})
        assert (got.status_code, got.json()["error"]["code"]) == (400, "input")
        assert "himself" in got.json()["error"]["message"]
    assert client.post(f"/api/v1/cases/{case['id']}/comments", json={"by": "Ada", "text": "mine"}).status_code == 201
    assert client.get(f"/api/v1/cases/{case['id']}").json()["state"] == "new"


def test_a_verdict_on_what_has_changed_since_is_refused(client: TestClient) -> None:
    case = first(client)
    at = f"/api/v1/cases/{case['id']}"
    client.post(f"{at}/comments", json={"by": "Bo", "text": "wait"})
    got = client.post(f"{at}/verdict", json=LOSS | {"seen": case["number"]})
    assert (got.status_code, got.json()["error"]["code"]) == (409, "changed")
    assert client.post(f"{at}/verdict", json=LOSS | {"seen": case["number"] + 1}).status_code == 201


@pytest.mark.parametrize(
    "wrong",
    [{"by": " "}, {"by": "x" * 201}, {"outcome": "fine"}, {"reason": "x" * 4001}, {"else": 1}, {"seen": "all"}],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(looked_at: TestClient, wrong: dict[str, Any]) -> None:
    case = first(looked_at)
    got = looked_at.post(f"/api/v1/cases/{case['id']}/verdict", json=LOSS | wrong)
    assert got.status_code == 422
    assert got.json()["error"]["message"]
    assert first(looked_at)["number"] == case["number"]


def test_only_those_who_are_listed_decide_once_somebody_is(folder: Path) -> None:
    listed = '\n[cases.reviewers.Lin]\n[cases.reviewers."A. Lovelace"]\ncashiers = ["Ada"]\n'
    (folder / "book.toml").open("a", encoding="utf-8").write(listed)
    opened = Service.open(folder, InstallationSettings())
    update(opened.book, of_till(opened.book), at=datetime.now(UTC), today=opened.today())
    with TestClient(create_app(opened, InstallationSettings()), base_url="http://localhost") as client:
        at = f"/api/v1/cases/{first(client)['id']}/verdict"
        refused = [client.post(at, json=LOSS | {"by": name}) for name in ("Eve", "A. Lovelace")]
        assert [one.status_code for one in refused] == [400, 400]
        assert "not listed" in refused[0].json()["error"]["message"]
        assert "himself" in refused[1].json()["error"]["message"]
        assert client.post(at, json=LOSS).status_code == 201
        assert '<select id="confirm-by"' in client.get("/flags").text
    opened.close()


def test_a_suppression_is_made_counted_and_ended(client: TestClient, service: Service) -> None:
    today = service.today()
    wanted = {"by": "Lin", "owner": "Lin", "kind": "no_sale", "register": "1", "until": str(today), "score": 0.5}
    made = client.post("/api/v1/suppressions", json=wanted | {"reason": "a change bank"})
    assert made.status_code == 201
    flags = [flag("no_sale", n, score=0.6, register="1") for n in range(3)] + [flag("no_sale", 9, register="2")]
    update(service.book, flags, at=datetime.now(UTC), today=today)
    [known] = client.get("/api/v1/suppressions").json()["suppressions"]
    assert (known["suppressed"], known["in_force"], known["register"]) == (3, True, "1")
    assert known["scope"] == "rule no sale, register 1"
    page = client.get("/flags/suppressions").text
    assert "<b>3</b> flags" in page
    held = client.get(f"/flags/flag/{flags[0].id}", follow_redirects=False)
    assert held.headers["location"].startswith("/flags/suppressions#s")
    ended = client.post(f"/api/v1/suppressions/{known['id'][:12]}/end", json={"by": "Lin"})
    assert ended.json()["in_force"] is False
    for wrong in ({"until": str(today - timedelta(days=1))}, {"kind": None, "register": None}, {"reason": " "}):
        assert client.post("/api/v1/suppressions", json=wanted | {"reason": "so"} | wrong).status_code == 400


def test_weights_are_adopted_and_taken_back_over_the_api(client: TestClient) -> None:
    case = first(client)
    client.post(f"/api/v1/cases/{case['id']}/verdict", json=LOSS)
    learning = client.get("/api/v1/learning").json()
    assert (learning["confirmed"], learning["changes"], learning["reranker"]) == (1, True, False)
    assert learning["rules"][0]["precision"]["value"] == 1.0
    adopted = client.post("/api/v1/learning/adopt", json={"by": "Lin", "reason": "first"}).json()
    assert adopted["changes"] is False
    assert adopted["history"][0]["weights"] == {"refund_no_receipt_cash": 0.5455, "unusual": 0.5455}
    reverted = client.post("/api/v1/learning/revert", json={"by": "Lin"}).json()
    assert (reverted["changes"], len(reverted["history"])) == (True, 2)
    assert client.post("/api/v1/learning/revert", json={"by": "Lin"}).status_code == 400


def test_a_sample_is_drawn_over_the_api(client: TestClient) -> None:
    wanted = {"by": "Lin", "from": "2026-10-01", "to": "2026-10-21"}
    drawn = client.post("/api/v1/learning/sample", json=wanted).json()["cases"]
    assert 1 <= drawn <= 15, "about 5 % of 121"
    sampled = client.get("/api/v1/cases", params={"which": "sampled"}).json()
    assert sampled["total"] == drawn
    assert client.post("/api/v1/learning/sample", json=wanted).status_code == 400
    assert "Drawn at random" in client.get("/flags", params={"list": "sampled"}).text


# --- the pages --------------------------------------------------------------------------------------------------------


def test_the_page_shows_the_case_with_receipt_peers_till_and_history_and_runs_no_markup(looked_at: TestClient) -> None:
    page = looked_at.get("/flags").text
    for words in ("Refunds by Ada, Downtown", "Expected", "a receipt with the return", "The till that day",
                  "Returns by cashier, Downtown", "<svg", "History", "Other cases about Ada", 'aria-label="Receipt"',
                  "opened the case", "minutes since the shop closed"):  # fmt: skip
        assert words in page, words
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; Return" in page
    for case in looked_at.get("/api/v1/cases", params={"which": "all"}).json()["cases"]:
        shown = looked_at.get(case["url"]).text
        assert "<script>alert" not in shown
        assert "<b>Gate</b>" not in shown


def test_a_verdict_goes_on_to_the_next_case_and_says_what_was_done(client: TestClient) -> None:
    queue = client.get("/api/v1/cases").json()["cases"]
    sent = client.post(path(queue[0], "verdict"), data=LOSS, follow_redirects=False)
    assert sent.status_code == 303
    assert sent.headers["location"] == f"/flags/cases/{queue[1]['id'][:12]}?done={queue[0]['id'][:12]}"
    assert "tillproof_reviewer=Lin" in sent.headers["set-cookie"]
    page = client.get(sent.headers["location"]).text
    assert "Refunds by Ada, Downtown is confirmed: loss, in the name of Lin" in page
    assert "Reviewing as <b>Lin</b>" in page
    assert '<input type="hidden" name="by" value="Lin">' in page
    assert "1 of 20 done" in page


def test_a_form_that_cannot_be_done_says_why_on_the_case(looked_at: TestClient) -> None:
    case = first(looked_at)
    sent = looked_at.post(path(case, "verdict"), data=LOSS | {"by": "Ada"})
    assert sent.status_code == 400
    assert "Nothing was changed: The case is about Ada" in sent.text
    assert looked_at.post(path(case, "verdict"), data=LOSS | {"by": ""}).status_code == 400
    moved = looked_at.post(path(case, "verdict"), data=LOSS | {"seen": "1"})
    assert moved.status_code == 409
    assert "look at it again" in moved.text
    assert looked_at.post(path(case, "step"), data={"by": "Lin", "state": "reopened", "reason": "x"}).status_code == 400
    assert first(looked_at) == case


def test_a_file_is_attached_as_a_document_with_its_card_numbers_masked(client: TestClient, service: Service) -> None:
    case = first(client)
    content = b"paid with 4111111111111111, see the camera"
    sent = client.post(path(case, "attach"), data={"by": "Lin"}, files={"file": ("../../<i>note</i>.txt", content)})
    assert sent.status_code == 200
    assert "attached i&gt;.txt" in sent.text or "attached &lt;i&gt;note&lt;" in sent.text
    [document] = [one for one in service.book.documents() if one.media_type.endswith("attachment")]
    assert document.masked == 1
    assert "was attached to a case" in client.get(f"/documents/{document.id}").text
    saved = client.get(path(case, "attachments", document.id))
    assert saved.content == b"paid with 411111******1111, see the camera"
    assert saved.headers["content-disposition"].startswith("attachment;")
    assert saved.headers["content-type"] == "application/octet-stream"
    assert client.get(path(case, "attachments", service.book.documents()[-1].id)).status_code == 404
    assert service.book.verify().ok
    empty = client.post(path(case, "attach"), data={"by": "Lin"}, files={"file": ("a.txt", b"")})
    assert (empty.status_code, "is empty" in empty.text) == (400, True)
    big = client.post(path(case, "attach"), data={"by": "Lin"}, files={"file": ("a.bin", b"x" * (12 << 20))})
    assert big.status_code == 413


def test_files_of_a_case_by_the_api(client: TestClient, service: Service) -> None:
    case = first(client)
    at = f"/api/v1/cases/{case['id'][:12]}/attachments"
    page = b"<script>alert(1)</script> 4111111111111111"
    sent = client.post(at, data={"by": "Lin"}, files={"file": ("a\r\nb.html", page, "text/html")})
    assert sent.status_code == 201
    assert (sent.json()["by"], sent.json()["masked"], sent.json()["bytes"]) == ("Lin", 1, len(page))
    assert client.get(at).json() == [sent.json()]
    got = client.get(sent.json()["url"])
    assert got.content == b"<script>alert(1)</script> 411111******1111"
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-disposition"].startswith("attachment;")
    assert "\n" not in got.headers["content-disposition"]
    for data, content, status in (
        ({"by": ""}, b"x", 400),
        ({"by": "Tillproof"}, b"x", 400),
        ({"by": "Lin"}, b"", 400),
        ({"by": "Lin"}, b"x" * (10 * 2**20 + 1), 400),
        ({"by": "Lin"}, b"x" * (12 * 2**20), 413),
    ):
        assert client.post(at, data=data, files={"file": ("a.txt", content)}).status_code == status
    assert client.get(f"{at}/{service.book.documents()[-1].id}").status_code == 404
    assert client.post("/api/v1/cases/ffffffffffff/attachments", files={"file": ("a", b"x")}).status_code == 404
    assert len(client.get(at).json()) == 1
    assert service.book.verify().ok


def test_the_like_of_a_case_is_suppressed_from_its_page(client: TestClient, service: Service) -> None:
    case = first(client)
    until = service.today() + timedelta(days=30)
    form = {"by": "Lin", "owner": "Lin", "until": str(until), "scope": "family", "reason": "training week"}
    assert "suppressed from now on" in client.post(path(case, "suppress"), data=form).text
    [made] = client.get("/api/v1/suppressions").json()["suppressions"]
    assert (made["family"], made["person"], made["store"], made["case"]) == ("refunds", "Ada", "Downtown", case["id"])
    for wrong in ({"until": "soon"}, {"until": "2020-01-01"}, {"reason": ""}, {"by": "Ada"}):
        assert client.post(path(case, "suppress"), data=form | wrong).status_code == 400, wrong


def test_cases_as_csv_run_no_formula(client: TestClient) -> None:
    client.post(path(first(client), "verdict"), data=LOSS | {"reason": "=HYPERLINK(1)"})
    text = client.get("/flags/cases.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == client.get("/api/v1/cases", params={"which": "all"}).json()["total"]
    assert all(not cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())
    assert rows[0]["reason"].startswith("'=cmd|")
    assert {row["verdict_reason"] for row in rows} >= {"'=HYPERLINK(1)"}
    assert len(list(csv.DictReader(io.StringIO(client.get("/flags/cases.csv?state=confirmed").text)))) == 1


def test_a_flag_leads_to_its_case(looked_at: TestClient) -> None:
    case = looked_at.get(f"/api/v1/cases/{first(looked_at)['id']}").json()
    page = looked_at.get(f"/flags/flag/{case['found'][0]['id']}")
    assert "Refunds by Ada, Downtown" in page.text
    assert looked_at.get("/flags/flag/" + "f" * 64).status_code == 404


def test_the_list_of_all_cases_and_its_states(client: TestClient) -> None:
    client.post(path(first(client), "verdict"), data=LOSS)
    page = client.get("/flags/cases").text
    assert "Confirmed 1" in page
    only = client.get("/flags/cases", params={"state": "confirmed"}).text
    assert "1 case, the most urgent first" in only


def test_another_site_cannot_work_a_case(looked_at: TestClient) -> None:
    case = first(looked_at)
    foreign: list[dict[str, str]] = [{"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}]
    for headers in foreign:
        for action in ("verdict", "step", "assign", "comment", "attach", "suppress"):
            assert looked_at.post(path(case, action), data=LOSS, headers=headers).status_code == 403
        assert looked_at.post("/flags/me", data={"by": "Eve"}, headers=headers).status_code == 403
        assert looked_at.post(f"/api/v1/cases/{case['id']}/verdict", json=LOSS, headers=headers).status_code == 403
    assert first(looked_at) == case


def test_without_the_key_no_case_is_seen_or_worked(service: Service) -> None:
    settings = InstallationSettings(host="0.0.0.0", api_key="correct horse battery staple")  # type: ignore[arg-type]
    with TestClient(create_app(service, settings), base_url="http://books.example") as client:
        for method, address in (("GET", "/api/v1/cases"), ("GET", "/flags/cases.csv"), ("POST", "/flags/me")):
            assert client.request(method, address).status_code == 401
        key = {"authorization": "Bearer correct horse battery staple"}
        assert client.get("/api/v1/cases", headers=key).status_code == 200


def test_the_name_that_is_kept_leads_nowhere_else(looked_at: TestClient) -> None:
    for back in ("https://evil.example", "//evil.example", "/flags\\evil", "/login"):
        sent = looked_at.post("/flags/me", data={"by": "Lin Ünal", "back": back}, follow_redirects=False)
        assert sent.headers["location"] == "/flags"
    assert "Reviewing as <b>Lin Ünal</b>" in looked_at.get("/flags").text
    assert looked_at.post("/flags/me", data={"by": " "}).status_code == 400


ADA, LIN, MACHINE = "the key of Ada, secret", "the key of Lin, secret", "correct horse battery staple"


@pytest.fixture
def keyed(service: Service) -> Iterator[TestClient]:
    """A service whose people have keys of their own."""
    settings = InstallationSettings(host="0.0.0.0", api_key=MACHINE, reviewer_keys={"Ada": ADA, "Lin Ünal": LIN})  # type: ignore[arg-type]
    with TestClient(create_app(service, settings), base_url="https://books.example") as made:
        yield made


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def test_nobody_acts_under_the_name_of_another_s_key(keyed: TestClient, service: Service) -> None:
    case = keyed.get("/api/v1/cases", headers=bearer(MACHINE)).json()["cases"][0]
    at = f"/api/v1/cases/{case['id']}"
    before = service.book.head()
    refused = (
        (ADA, "Lin Ünal", 403, "other_name"),
        (MACHINE, "Lin Ünal", 403, "no_name"),
        (ADA, "Ada", 400, "input"),  # the case is about her
        ("no key at all", "Lin Ünal", 401, "key_needed"),
    )
    for key, name, status, code in refused:
        got = keyed.post(f"{at}/verdict", json=LOSS | {"by": name}, headers=bearer(key))
        assert (got.status_code, got.json()["error"]["code"]) == (status, code)
        for address, body in (
            ("suppressions", {"owner": name, "kind": "x", "until": "2030-01-01", "reason": "r", "score": 0.5}),
            ("learning/revert", {"reason": "r"}),
            ("periods", {"state": "locked", "to": "2020-01-31", "reason": "r"}),
        ):
            if status != 400:
                got = keyed.post(f"/api/v1/{address}", json=body | {"by": name}, headers=bearer(key))
                assert got.status_code == status, address
    assert service.book.head() == before
    done = keyed.post(f"{at}/verdict", json=LOSS | {"by": " lin ünal"}, headers=bearer(LIN))
    assert done.json()["events"][-1]["by"] == "Lin Ünal"


def test_a_session_is_of_whose_key_began_it(keyed: TestClient, service: Service) -> None:
    keyed.cookies.clear()
    assert keyed.post("/login", data={"key": "wrong key, all wrong"}).status_code == 401
    keyed.post("/login", data={"key": LIN})
    page = keyed.get("/flags").text
    assert "Reviewing as <b>Lin Ünal</b>" in page
    assert "/flags/me" not in page
    case = first(keyed)
    assert case["person"] == "Ada"
    keyed.cookies.set("tillproof_reviewer", "Ada")
    assert keyed.post(path(case, "comment"), data={"by": "Ada", "text": "mine"}).status_code == 403
    assert keyed.post(path(case, "comment"), data={"text": "seen"}).status_code == 200
    assert keyed.get(f"/api/v1/cases/{case['id']}").json()["events"][-1]["by"] == "Lin Ünal"
    session = keyed.cookies["tillproof_session"]
    forged = session.replace("Lin Ünal".encode().hex(), b"Ada".hex())
    assert forged != session
    keyed.cookies.clear()
    keyed.cookies.set("tillproof_session", forged)
    assert keyed.get("/api/v1/cases").status_code == 401
    keyed.cookies.clear()
    keyed.cookies.set("tillproof_session", session)
    assert keyed.get("/api/v1/cases").status_code == 200
    others = InstallationSettings(reviewer_keys={"Ada": ADA, "Lin Ünal": "another key of Lin"})  # type: ignore[arg-type]
    with TestClient(create_app(service, others), base_url="https://books.example") as client:
        client.cookies.set("tillproof_session", session)
        assert client.get("/api/v1/cases").status_code == 401


def test_two_people_have_not_one_key() -> None:
    with pytest.raises(SettingsError, match="two keys are the same"):
        InstallationSettings(reviewer_keys={"Ada": ADA, "Lin": ADA}).checked()  # type: ignore[arg-type]
