"""The application: the API under ``/api/v1``, the pages and the doors for other programs, over one opened book.

From the outside in: the doorkeeper (host, origin, headers), the key where one is set, then the routes. The interactive
API pages of FastAPI are off, for they load scripts from elsewhere; the description itself is served.
"""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from assistant.doors import chat, hooks, slack
from assistant.doors.mcp_http import McpDoor
from assistant.server import errors
from assistant.server.api import router as api
from assistant.server.api.counts import router as counts
from assistant.server.api.health import router as health
from assistant.server.auth import KeyHolder, RequireKey
from assistant.server.pages import (
    STATIC,
    ask,
    case_forms,
    document,
    entries,
    entry,
    exports,
    feed_forms,
    feeds,
    flags,
    held,
    learning,
    overview,
    paper,
    periods,
    proof,
    session,
    statements,
    suppressions,
    votes,
)
from assistant.server.pages.view import View
from assistant.server.refusals import MCP
from assistant.server.security import Doorkeeper
from assistant.service import Service
from assistant.settings import InstallationSettings

_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
"""Newer FastAPI can be told by the environment to send traces to a collector; this service sends nothing anywhere."""


def create_app(service: Service, settings: InstallationSettings) -> FastAPI:
    """The application over an opened book.

    Raises SettingsError when the settings would open the book to other machines without a key. The caller closes the
    service.
    """
    settings.checked()
    mcp = McpDoor(service, settings.public_url)
    app = FastAPI(
        title="Tillproof",
        version="1",
        summary="Questions about a book of tills, answered with figures that open down to the source line.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        telemetry=_NO_TELEMETRY,
        lifespan=mcp.opened,
    )
    app.state.service = service
    app.state.public_url = settings.public_url
    app.state.slack = slack.SlackDoor(settings)
    app.state.hooks = hooks.HookDoor(service.book, settings)
    keys = KeyHolder(settings.api_key, settings.reviewer_keys) if settings.has_keys else None
    app.state.keys = keys
    app.state.view = View(service, locked=keys is not None, named=keys is not None and keys.of_people)
    if keys is not None:
        app.add_middleware(RequireKey, keys=keys)
    app.add_middleware(Doorkeeper, own_names_only=keys is None)
    errors.install(app)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.include_router(health)
    app.include_router(counts)
    app.include_router(api)
    for page in (
        ask,
        case_forms,
        document,
        entries,
        entry,
        exports,
        feed_forms,
        feeds,
        flags,
        held,
        learning,
        overview,
        paper,
        periods,
        proof,
        session,
        statements,
        suppressions,
        votes,
    ):
        app.include_router(page.router)
    for door in (chat, hooks, slack):
        app.include_router(door.router)
    app.router.routes.append(Route(MCP, endpoint=mcp))
    return app
