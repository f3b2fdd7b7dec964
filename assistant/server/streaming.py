"""Server-sent events: what is sent while a question is worked on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from starlette.responses import StreamingResponse


def event(name: str, data: dict[str, Any]) -> bytes:
    """One event; JSON holds no bare line breaks, so that one ``data`` line carries it."""
    return f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


def stream(events: Iterator[bytes]) -> StreamingResponse:
    """A response that sends each event as soon as it is there."""
    return StreamingResponse(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
