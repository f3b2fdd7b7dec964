"""What a page of an answer is of: a question or a plan, the day it counts from, the conversation it belongs to. Every
state of the page has an address, and this makes it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from fastapi import Depends, Query

from assistant.server.answering import checked_question
from assistant.server.pages.view import with_query
from assistant.server.plans.token import TOKEN_MAX, plan_of, token_of
from assistant.server.request import Today
from ledger.figures import Plan

Show = Literal["", "chart", "table"]


@dataclass(frozen=True)
class Asked:
    """A question, or a plan with the question that it was made from, if any."""

    question: str = ""
    today: str = ""
    show: Show = ""
    plan: Plan | None = None
    conversation: str = ""

    @property
    def is_anything(self) -> bool:
        return bool(self.question) or self.plan is not None

    def url(self, path: str = "/ask", **changes: object) -> str:
        """The address of this state of the page, or of one with some parts changed."""
        one = replace(self, **changes)  # type: ignore[arg-type]
        token = token_of(one.plan) if one.plan is not None else None
        return with_query(path, q=one.question, today=one.today, show=one.show, plan=token, c=one.conversation)

    def lasting(self, path: str = "/ask", **changes: object) -> str:
        """The address to keep and to share: without the conversation, which is the reader's own."""
        return self.url(path, conversation="", **changes)


def new_conversation() -> str:
    """The name of a conversation that nobody can guess."""
    return secrets.token_urlsafe(9)


def _asked(
    today: Today,
    q: Annotated[str, Query(max_length=4000, description="the question")] = "",
    show: Show = "",
    plan: Annotated[str, Query(max_length=TOKEN_MAX, description="a plan, as an address of a page carries it")] = "",
    c: Annotated[str, Query(pattern=r"^[A-Za-z0-9_-]{0,64}$", description="the conversation")] = "",
) -> Asked:
    question = checked_question(q) if q.strip() else ""
    return Asked(question, today, show, plan_of(plan) if plan else None, c)


AskedHere = Annotated[Asked, Depends(_asked)]
