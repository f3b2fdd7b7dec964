"""A server that speaks the OpenAI protocol over real HTTP and does what a script tells it, streaming or not.

A script is a function of the request's messages and tools that gives the next reply, or raises what goes wrong.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Messages = list[dict[str, Any]]


@dataclass
class Reply:
    """What the model says: a text, or calls of tools (name, arguments as an object or as raw text)."""

    text: str = ""
    calls: list[tuple[str, Any]] = field(default_factory=list)
    status: int = 200
    raw: bytes | None = None
    seconds: float = 0


Script = Callable[[Messages], Reply]


class Stub:
    """The server: ``script`` may be changed between questions; ``requests`` are the bodies that came in."""

    def __init__(self) -> None:
        self.script: Script = lambda messages: Reply(text="")
        self.requests: list[dict[str, Any]] = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                stub.requests.append(body)
                reply = stub.script(body["messages"])
                time.sleep(reply.seconds)
                try:
                    self._send(reply, stream=bool(body.get("stream")))
                except (BrokenPipeError, ConnectionResetError):
                    return

            def _send(self, reply: Reply, *, stream: bool) -> None:
                if reply.raw is not None or reply.status != 200:
                    self._body(reply.status, reply.raw or b'{"error": {"message": "no", "type": "server_error"}}')
                elif stream:
                    events = b"".join(f"data: {json.dumps(one)}\n\n".encode() for one in chunks(reply))
                    self._body(200, events + b"data: [DONE]\n\n", "text/event-stream")
                else:
                    self._body(200, json.dumps(completion(reply)).encode())

            def _body(self, status: int, body: bytes, kind: str = "application/json") -> None:
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def sent(self) -> str:
        """All that was sent to the model, as one text."""
        return json.dumps([one["messages"] for one in self.requests])


@contextmanager
def stub() -> Iterator[Stub]:
    server = Stub()
    try:
        yield server
    finally:
        server.close()


def completion(reply: Reply) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text or None}
    if reply.calls:
        message["tool_calls"] = [_call(place, name, given) for place, (name, given) in enumerate(reply.calls)]
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "stub",
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if reply.calls else "stop"}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    }  # fmt: skip


def chunks(reply: Reply) -> Iterator[dict[str, Any]]:
    base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "stub"}
    for word in re.findall(r"\S+\s*", reply.text):
        yield {**base, "choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}]}
    for place, (name, given) in enumerate(reply.calls):
        call = {"index": place, **_call(place, name, given)}
        yield {**base, "choices": [{"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": None}]}
    yield {**base, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
           "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}}  # fmt: skip


def _call(place: int, name: str, given: Any) -> dict[str, Any]:
    arguments = given if isinstance(given, str) else json.dumps(given)
    return {
        "id": f"call_{place}_{time.monotonic_ns()}",
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    }


@dataclass(frozen=True)
class Transcript:
    """What a scripted model does: its calls of tools one after another, then its sentences.

    In a sentence ``<r1|Downtown|net_sales>`` stands for the place of that figure, as the model was sent it,
    ``<=r1|Downtown|net_sales>`` for its value written out, ``<=r1|Downtown|net_sales|~+1>`` for a wrong one. A row is
    named by its values or as ``#1``; ``<@r1|#1>`` is the first of its names. ``<c1>`` is the figure of the first call
    of combine_figures. ``lies`` are the sentences that are not so.
    """

    id: str
    kind: str
    question: str
    sentences: tuple[str, ...]
    calls: tuple[dict[str, Any], ...] = ()
    about: str = "r1"
    lies: tuple[int, ...] = ()

    def script(self) -> Script:
        """The model that does this."""

        def next_reply(messages: Messages) -> Reply:
            done = sum(len(one.get("tool_calls") or ()) for one in messages if one["role"] == "assistant")
            seen = Seen(messages)
            if done < len(self.calls):
                call = self.calls[done]
                return Reply(calls=[(call["tool"], seen.filled(call["args"]))])
            said = [seen.written(one) for one in self.sentences]
            return Reply(calls=[("Draft", {"about": self.about, "sentences": said})])

        return next_reply


class Seen:
    """The figures that a model has been sent, read from the messages as a model would."""

    def __init__(self, messages: Messages) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.combined: list[dict[str, Any]] = []
        for message in messages:
            if message["role"] not in ("user", "tool"):
                continue
            content = message["content"]
            text = content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
            for line in text.splitlines():
                self._line(line)

    def _line(self, line: str) -> None:
        try:
            found = json.loads(line)
        except ValueError:
            return
        if isinstance(found, dict) and "result" in found:
            self.rows[found["result"]] = found["rows"]
        elif isinstance(found, dict) and {"id", "value", "unit"} <= set(found):
            self.combined.append(found)

    def figure(self, address: str) -> dict[str, Any]:
        if address.startswith("c"):
            return self.combined[int(address[1:]) - 1]
        result, name, column = address.split("|")
        return dict(self.row(result, name)[column])

    def row(self, result: str, name: str) -> dict[str, Any]:
        if name.startswith("#"):
            return self.rows[result][int(name[1:]) - 1]
        names = [one for one in name.split("+") if one]
        return next(row for row in self.rows[result] if all(one in row.values() for one in names))

    def written(self, sentence: str) -> str:
        return re.sub(r"<([=@]?)([^<>]+)>", self._one, sentence)

    def filled(self, value: Any) -> Any:
        """Arguments of a call, in which ids of figures may stand by address."""
        if isinstance(value, dict):
            return {key: self.filled(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.filled(one) for one in value]
        found = re.fullmatch(r"<([^<>=]+)>", value) if isinstance(value, str) else None
        return self.figure(found[1])["id"] if found else value

    def _one(self, found: re.Match[str]) -> str:
        if not found[1]:
            return "{" + self.figure(found[2])["id"] + "}"
        if found[1] == "@":
            return next(one for one in self.row(*found[2].split("|")).values() if isinstance(one, str))
        address, _, change = found[2].partition("|~")
        return shown(self.figure(address), change)


def shown(figure: dict[str, Any], change: str = "") -> str:
    """A value as a person writes it: ``+1`` adds to it, ``*2`` multiplies, ``k`` gives thousands, ``r2`` hundreds."""
    value = Decimal(figure["value"])
    if change[:1] in ("+", "-"):
        value += Decimal(change)
    elif change[:1] == "*":
        value *= Decimal(change[1:])
    places = max(0, -int(value.as_tuple().exponent))
    if change[:1] == "r":
        value, places = round(value, -int(change[1:])), 0
    if change == "abs":
        value = abs(value)
    unit = figure["unit"]
    if change == "k":
        text = f"{round(value / 1000, 1)}k"
    else:
        text = f"{value:,.{2 if unit == 'USD' and not change.startswith('r') else places}f}"
    if unit == "USD":
        return f"-${text[1:]}" if text.startswith("-") else f"${text}"
    return f"{text}%" if unit == "%" else text
