"""Votes on answers, from the API and from the page: each becomes a candidate for an evaluation."""

from __future__ import annotations

from datetime import UTC, date, datetime

from assistant import candidates
from assistant.ask.answer import Status
from assistant.candidates import Candidate, Reason, Vote
from assistant.server.answering import checked_question
from assistant.server.errors import Unreadable
from assistant.service import Service
from ledger.figures import Plan, describe


def keep(
    service: Service,
    *,
    question: str,
    today: date,
    plan: Plan | None,
    status: Status,
    vote: Vote,
    reason: Reason | None,
    note: str,
) -> None:
    """Keep a vote. The reading is the plan's own; a plan that no question made is called by it.

    Unreadable when there is neither a question nor a plan.
    """
    reading = describe(plan) if plan is not None else None
    if not question.strip() and reading is None:
        raise Unreadable("A vote needs the question that was asked, or its plan.")
    asked = checked_question(question) if question.strip() else str(reading)
    made = Candidate(asked, today, reading, plan, status, vote, reason, note, datetime.now(UTC))
    candidates.append(service.book.path, made)
