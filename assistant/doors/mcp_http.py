"""The Model Context Protocol over HTTP, at ``/mcp``: where the package ``mcp`` is installed, else a sentence.

The layers around the application let in only who has the key and no page of another site, so that nothing of that is
checked here again.
"""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from assistant.server.refusals import MCP, refusal
from assistant.server.security import BODY_BYTES_MAX
from assistant.service import Service
from ledger.errors import SettingsError

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

MISSING = "The Model Context Protocol is not installed: pip install 'tillproof[mcp]', and start again."


class McpDoor:
    """The ASGI application at ``/mcp``. Each request is answered by itself; no session is kept."""

    def __init__(self, service: Service, public_url: str | None) -> None:
        self._service = service
        self._public_url = public_url
        self._manager: StreamableHTTPSessionManager | None = None

    @asynccontextmanager
    async def opened(self, _: FastAPI) -> AsyncIterator[None]:
        """The lifespan of the application that the door is in."""
        if not is_installed():
            yield
            return
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        from assistant.doors.mcp_server import mcp_server

        self._manager = StreamableHTTPSessionManager(
            mcp_server(self._service, self._public_url),
            json_response=True,
            stateless=True,
            max_request_body_size=BODY_BYTES_MAX,
        )
        async with self._manager.run():
            yield
        self._manager = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._manager is None:
            await JSONResponse(refusal(MCP, 404, "not_installed", MISSING), 404)(scope, receive, send)
            return
        if scope["method"] != "POST":  # a stream that nothing is ever sent on would only keep the service from ending
            body = refusal(
                MCP, 405, "method_not_allowed", "Messages are sent by POST; there is no stream to listen to."
            )
            await JSONResponse(body, 405, headers={"Allow": "POST"})(scope, receive, send)
            return
        await self._manager.handle_request(scope, receive, send)


def is_installed() -> bool:
    """Whether the package of the protocol is there."""
    return importlib.util.find_spec("mcp") is not None


def checked_installed() -> None:
    """SettingsError where the package of the protocol is not there."""
    if not is_installed():
        raise SettingsError(MISSING)
