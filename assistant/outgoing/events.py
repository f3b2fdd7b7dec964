"""What is told of a commit: an event when something was posted, was held, was flagged, or a case was closed.

An event is made from what the commit left in truth, and from nothing else, so that it is the same whenever it is made;
its id is a digest of the commit's seal and the kind. Amounts are those of the ledger, as decimal texts in major units,
each beside the address of the page that proves it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, get_args

from assistant.flags import facts
from assistant.flags.causes import SAMPLE
from assistant.flags.desk import SHORT
from assistant.server.pages.view import document_url, entry_url, line_url
from ledger.cases.case import state_of
from ledger.cases.events import FlagAdded, Opened, Recorded, Verdict
from ledger.money import to_major
from ledger.outcomes import LISTED_MAX, Outcome
from ledger.seals import framed
from ledger.settings import Business, HookEvent

KINDS: tuple[HookEvent, ...] = get_args(HookEvent)
LAST = len(KINDS) - 1
REASON_CHARACTERS_MAX = 500


@dataclass(frozen=True)
class Event:
    """One thing to tell. ``seq`` and ``rank`` are its place in the order in which a book's events are told: by commit,
    then by kind. ``body`` is what is sent, a JSON text."""

    seq: int
    rank: int
    commit: str
    id: str
    kind: HookEvent
    body: bytes


def events(outcome: Outcome, business: Business, kinds: Sequence[HookEvent], base_url: str) -> Iterator[Event]:
    """The events of some kinds that a commit makes, in order. ``base_url`` begins the addresses in them."""
    for rank, kind in enumerate(KINDS):
        data = _DATA[kind](outcome, business.currency, base_url) if kind in kinds else None
        if data is None:
            continue
        identity = hashlib.sha256(b"tillproof/hook/1" + b"".join(map(framed, (business.id, outcome.hash, kind))))
        whole = {
            "id": identity.hexdigest(),
            "type": kind,
            "timestamp": outcome.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "book": {"id": business.id, "name": business.name},
            "commit": {"seq": outcome.seq, "hash": outcome.hash},
            "data": data,
        }
        body = json.dumps(whole, separators=(",", ":")).encode()
        yield Event(outcome.seq, rank, outcome.hash, identity.hexdigest(), kind, body)


def _posted(outcome: Outcome, currency: str, base: str) -> dict[str, Any] | None:
    if not outcome.posted + outcome.versions:
        return None
    tickets = [
        {
            "source": one.source,
            "external_id": one.external_id,
            "store": one.store,
            "business_date": one.business_date.isoformat(),
            "kind": one.kind,
            "total": _major(one.total_minor, one.currency),
            "currency": one.currency,
            "url": f"{base}{entry_url(one.seq, one.n)}",
        }
        for one in outcome.tickets
    ]
    names = ("records", "posted", "duplicates", "versions", "quarantined", "ignored")
    return {
        **_document(outcome, base),
        "counts": {name: getattr(outcome, name) for name in names},
        "tickets": tickets,
        "not_listed": outcome.posted + outcome.versions - len(tickets),
    }


def _held(outcome: Outcome, currency: str, base: str) -> dict[str, Any] | None:
    count = sum(outcome.held_by_rule.values())
    if not count:
        return None
    records = [
        {
            "source": one.source,
            "external_id": one.external_id,
            "rule": one.rule,
            "reason": _cut(one.reason),
            "locator": one.locator,
            "url": f"{base}{line_url(one.document, one.locator)}",
        }
        for one in outcome.held
    ]
    return {
        **_document(outcome, base),
        "counts": {"held": count, "by_rule": outcome.held_by_rule},
        "records": records,
        "not_listed": count - len(records),
    }


def _flagged(outcome: Outcome, currency: str, base: str) -> dict[str, Any] | None:
    opened = {one.subject for one in outcome.case_events if isinstance(one.event, Opened)}
    added = [(one, facts.read(one.event.facts)) for one in outcome.case_events if isinstance(one.event, FlagAdded)]
    added = [(one, flag) for one, flag in added if flag.family != SAMPLE]  # drawn at random, not flagged
    if not added:
        return None
    flags = [
        {
            "id": flag.id,
            "case": _case(one, base),
            "kind": flag.kind,
            "level": flag.level.value,
            "certain": flag.certain,
            "store": flag.store,
            "business_date": None if flag.business_date is None else flag.business_date.isoformat(),
            "external_id": flag.external_id,
            "reason": _cut(flag.reason),
            "money_at_risk": _major(flag.money_minor, flag.currency or currency),
            "currency": flag.currency or currency,
            "url": f"{base}/flags/flag/{flag.id}",
        }
        for one, flag in added[:LISTED_MAX]
    ]
    cases = {one.subject for one, _ in added}
    return {
        "counts": {"flags": len(added), "cases": len(cases), "opened": len(cases & opened)},
        "flags": flags,
        "not_listed": len(added) - len(flags),
    }


def _closed(outcome: Outcome, currency: str, base: str) -> dict[str, Any] | None:
    closed = [(one, one.event) for one in outcome.case_events if isinstance(one.event, Verdict)]
    if not closed:
        return None
    cases = [
        {
            **_case(one, base),
            "state": state_of(verdict.outcome),
            "outcome": verdict.outcome,
            "by": one.by,
            "reason": _cut(verdict.reason),
        }
        for one, verdict in closed[:LISTED_MAX]
    ]
    return {"counts": {"cases": len(closed)}, "cases": cases, "not_listed": len(closed) - len(cases)}


_DATA: Mapping[HookEvent, Callable[[Outcome, str, str], dict[str, Any] | None]] = {
    "posted": _posted,
    "held": _held,
    "flagged": _flagged,
    "closed": _closed,
}


def _document(outcome: Outcome, base: str) -> dict[str, Any]:
    assert outcome.document is not None, "what posts or holds comes from a document"
    where = f"{base}{document_url(outcome.document)}"
    return {"source": outcome.source, "document": {"id": outcome.document, "name": outcome.name, "url": where}}


def _case(recorded: Recorded, base: str) -> dict[str, Any]:
    return {"id": recorded.subject, "url": f"{base}/flags/cases/{recorded.subject[:SHORT]}"}


def _major(amount_minor: int | None, currency: str) -> str | None:
    return None if amount_minor is None else str(to_major(amount_minor, currency))


def _cut(text: str) -> str:
    return text if len(text) <= REASON_CHARACTERS_MAX else f"{text[: REASON_CHARACTERS_MAX - 1]}…"
