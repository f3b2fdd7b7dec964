"""Refusals as programs read them: the doors that programs come in by, and the form that an error has at each."""

from __future__ import annotations

from typing import Any

from ledger.errors import TillproofError

CHAT, MCP, SLACK, HOOKS = "/v1/", "/mcp", "/doors/slack", "/hooks/"
"""The paths of the doors: OpenAI's interface for chats, the Model Context Protocol, a slash command of Slack, and
webhooks of tills."""


class Refused(TillproofError):
    """A door refuses a request; ``param`` is the part of the request that is the reason."""

    def __init__(self, status: int, code: str, sentence: str, param: str | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.param = param


def is_door(path: str) -> bool:
    """Whether only programs come to a path, so that no page may make a browser go there."""
    return path.startswith((CHAT, "/doors/", HOOKS)) or path == MCP


def refusal(path: str, status: int, code: str, sentence: str, param: str | None = None) -> dict[str, Any]:
    """The body of an error: OpenAI's form at its door, ``{"error": {"code", "message"}}`` elsewhere."""
    if not path.startswith(CHAT):
        return {"error": {"code": code, "message": sentence}}
    if status == 401:
        code = "invalid_api_key"
    kind = "invalid_request_error" if status < 500 else "server_error"
    return {"error": {"message": sentence, "type": kind, "param": param, "code": code}}
