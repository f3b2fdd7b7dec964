"""Slack's slash command: its signature, its answers, what comes late and where to, and what is refused."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from assistant.doors.signatures import Signatures
from assistant.server.refusals import Refused
from assistant.service import Service
from assistant.settings import InstallationSettings
from tests.assistant.doors.conftest import KEY
from tests.assistant.doors.served import served

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name="
    b"foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks"
    b".slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121"
    b".803a0bc887a14d10d2c447fce8b6703c"
)
SIGNATURE = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
"""Slack's own example, of its page "Verifying requests from Slack"."""
QUESTION = "net sales at Downtown on 5 October 2026"

Sent = list[tuple[str, dict[str, Any]]]


@pytest.fixture(scope="module")
def slack() -> Iterator[tuple[str, Sent]]:
    """An origin to send late answers to, and what came there; what is sent to /moved is told to go on elsewhere."""
    sent: Sent = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent.append((self.path, json.loads(self.rfile.read(int(self.headers["content-length"])))))
            self.send_response(302 if self.path == "/moved" else 200)
            self.send_header("location", "/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            sent.append((self.path, {}))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", sent
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def open_door(service: Service) -> Iterator[str]:
    """The service with the door open and a key set, which Slack does not have."""
    with served(service, InstallationSettings(slack_signing_secret=SECRET, api_key=KEY)) as at:
        yield at


@pytest.fixture(scope="module")
def late_door(service: Service, slack: tuple[str, Sent]) -> Iterator[str]:
    """The service with the door open and no patience: each answer is late."""
    settings = InstallationSettings(slack_signing_secret=SECRET, slack_wait_seconds=0, slack_response_origin=slack[0])
    with served(service, settings) as at:
        yield at


def signed(body: bytes, at: float, secret: str = SECRET) -> dict[str, str]:
    stamp = str(int(at))
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={digest}",
        "content-type": "application/x-www-form-urlencoded",
    }


def command(at: str, text: str, **fields: str) -> httpx.Response:
    body = urlencode({"command": "/tillproof", "text": text, "trigger_id": str(time.time_ns()), **fields}).encode()
    return httpx.post(f"{at}/doors/slack", content=body, headers=signed(body, time.time()))


def arrived(sent: Sent, path: str) -> None:
    """Wait until something was sent to a path."""
    deadline = time.monotonic() + 60
    while all(one != path for one, _ in sent):
        assert time.monotonic() < deadline, f"nothing came to {path}"
        time.sleep(0.05)


def told(answer: dict[str, Any]) -> str:
    return "\n".join(block["text"]["text"] for block in answer["blocks"])


def test_a_question_is_answered_to_its_asker_with_links(open_door: str) -> None:
    answer = command(open_door, QUESTION).json()
    assert answer["response_type"] == "ephemeral"
    assert not answer["unfurl_links"]
    text = told(answer)
    assert "Net sales at Downtown on Monday 5 October 2026 were $" in text
    (url,) = re.findall(r"<([^|>]+)\|1>", text)
    assert url.startswith(f"{open_door}/citations/")
    assert httpx.get(url, headers={"authorization": f"Bearer {KEY}"}).status_code == 200
    assert "Read as: net sales, store Downtown, 2026-10-05" in text


def test_an_answer_may_be_for_the_channel(open_door: str) -> None:
    answer = command(open_door, f"public: {QUESTION}").json()
    assert answer["response_type"] == "in_channel"
    assert "2026-10-05" in told(answer)


def test_names_from_documents_are_no_markup(open_door: str) -> None:
    text = told(command(open_door, "net sales by item in October 2026").json())
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert all(link.startswith(f"{open_door}/") for link in re.findall(r"<([^>]*)>", text))


@pytest.mark.parametrize(("text", "words"), [("", "Ask a question"), ("help", "channel"), ("x" * 501, "500")])
def test_what_is_no_question_is_said_to_the_asker(open_door: str, text: str, words: str) -> None:
    got = command(open_door, text)
    assert got.status_code == 200
    assert got.json()["response_type"] == "ephemeral"
    assert words in got.json()["text"]


def test_what_slack_did_not_sign_is_refused(open_door: str) -> None:
    body = urlencode({"text": QUESTION}).encode()
    now = time.time()
    good = signed(body, now)
    wrong: list[dict[str, str]] = [
        {},
        signed(body, now, "another secret of 16"),
        signed(b"text=other", now),
        good | {"x-slack-request-timestamp": str(int(now) - 1)},
        good | {"x-slack-signature": good["x-slack-signature"].removeprefix("v0=")},
        good | {"x-slack-signature": "v0=nonsense"},
        signed(body, now - 301),
        signed(body, now + 302),
        {"authorization": f"Bearer {KEY}"},
    ]
    for headers in wrong:
        got = httpx.post(f"{open_door}/doors/slack", content=body, headers=headers)
        assert got.status_code == 401, headers
        assert got.json()["error"]["message"]


def test_a_request_is_answered_once(open_door: str) -> None:
    body = urlencode({"text": QUESTION}).encode()
    headers = signed(body, time.time())
    assert httpx.post(f"{open_door}/doors/slack", content=body, headers=headers).status_code == 200
    again = httpx.post(f"{open_door}/doors/slack", content=body, headers=headers)
    assert (again.status_code, again.json()["error"]["code"]) == (401, "repeated")


def test_slacks_own_example_is_signed() -> None:
    at = 1531420618
    good = Signatures(SECRET, opened=at - 10)
    good.check(str(at), SIGNATURE, BODY, now=at + 300)
    for signatures, now, code in (
        (good, at + 1, "repeated"),
        (Signatures(SECRET, opened=at - 10), at + 301, "stale"),
        (Signatures(SECRET, opened=at + 1), at + 2, "stale"),
        (Signatures("x" * 32, opened=at - 10), at, "bad_signature"),
    ):
        with pytest.raises(Refused) as refused:
            signatures.check(str(at), SIGNATURE, BODY, now)
        assert (refused.value.status, refused.value.code) == (401, code)


def test_a_late_answer_goes_to_slack(late_door: str, slack: tuple[str, Sent]) -> None:
    origin, sent = slack
    sent.clear()
    got = command(late_door, QUESTION, response_url=f"{origin}/commands/1")
    assert "follows" in got.json()["text"]
    arrived(sent, "/commands/1")
    ((path, answer),) = sent
    assert path == "/commands/1"
    assert answer["response_type"] == "ephemeral"
    assert "2026-10-05" in told(answer)


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example/1",
        "{origin}.evil.example/1",
        "{origin}@evil.example/1",
        "{origin}\\@evil.example/1",
        "{origin}0/1",
        "file:///etc/passwd",
        "",
        "//evil",
        "http://[",
    ],
)
def test_a_late_answer_goes_nowhere_else(late_door: str, slack: tuple[str, Sent], url: str) -> None:
    origin, sent = slack
    sent.clear()
    got = command(late_door, QUESTION, response_url=url.format(origin=origin))
    assert "narrower" in got.json()["text"]
    assert sent == []


def test_a_late_answer_is_not_sent_on_by_a_redirect(late_door: str, slack: tuple[str, Sent]) -> None:
    origin, sent = slack
    sent.clear()
    for path in ("/moved", "/after"):
        command(late_door, QUESTION, response_url=f"{origin}{path}")
        arrived(sent, path)
    assert [path for path, _ in sent] == ["/moved", "/after"]


def test_without_the_secret_the_door_is_closed(address: str, locked: str) -> None:
    for at in (address, locked):
        got = command(at, QUESTION)
        assert got.status_code == 404
        assert "TILLPROOF_SLACK_SIGNING_SECRET" in got.json()["error"]["message"]


def test_pages_elsewhere_are_refused(open_door: str) -> None:
    body = urlencode({"text": QUESTION}).encode()
    headers = signed(body, time.time()) | {"origin": "http://evil.example"}
    assert httpx.post(f"{open_door}/doors/slack", content=body, headers=headers).status_code == 403
