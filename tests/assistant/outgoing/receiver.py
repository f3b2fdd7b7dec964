"""A receiver of webhooks on a socket of this machine, that may fail in all the ways in which receivers do."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """What was delivered (headers and body, in order), and how the next deliveries are answered: with a status, or by
    ``hang``, ``close`` (after it was taken), ``garbage`` or ``redirect`` (to a path of its own)."""

    port: int = 0
    taken: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    answers: deque[int | str] = field(default_factory=deque)
    otherwise: int | str = 204
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.taken]

    @property
    def types(self) -> list[str]:
        return [one["type"] for one in self.events]


@contextmanager
def receiving(receiver: Receiver) -> Iterator[Receiver]:
    """The receiver while it runs; run again, it has the port that it had."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.paths.append(self.path)
            answer = receiver.answers.popleft() if receiver.answers else receiver.otherwise
            if answer == "hang":
                receiver.released.wait(20)
                return
            if answer == "close" or (isinstance(answer, int) and answer < 300):
                receiver.taken.append(({name.lower(): value for name, value in self.headers.items()}, body))
            if answer == "close":
                return
            if answer == "garbage":
                self.wfile.write(b"\0\1\2 no HTTP\r\n\r\n")
                return
            self.send_response(302 if answer == "redirect" else int(answer))
            if answer == "redirect":
                self.send_header("Location", f"http://127.0.0.1:{receiver.port}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", receiver.port), Handler)
    receiver.port = server.server_address[1]
    receiver.released.clear()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.released.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
