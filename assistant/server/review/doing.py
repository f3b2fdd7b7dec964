"""What a person does to a case, from the pages and from the API alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from assistant.flags.suppress import suppression_id
from assistant.service import Service
from ledger.cases.case import Case
from ledger.cases.events import Assigned, Event, Filed, Stepped, Suppressed, SuppressionEnded
from ledger.errors import CaseError, NoCase


def act(service: Service, case: str, events: Sequence[Event], *, by: str, seen: int | None = None) -> Case:
    """Record events of one case; the case as it is then. NoCase, CaseError and CaseMoved say why not."""
    found = service.desk.find(case)
    service.desk.record(found.id, events, by=by, at=datetime.now(UTC), seen=seen)
    return service.desk.find(found.id)


def assign(service: Service, case: str, to: str, *, by: str) -> Case:
    """Give a case to somebody; one that nobody has looked at is in review from then on."""
    found = service.desk.find(case)
    events: list[Event] = [Assigned(to.strip())]
    if to.strip() and found.state in ("new", "reopened"):
        events.append(Stepped("in_review", ""))
    return act(service, found.id, events, by=by, seen=found.number)


def suppress(service: Service, terms: Suppressed, *, by: str) -> str:
    """Make a suppression; its id. CaseError where its last day is over."""
    if terms.until < service.today():
        raise CaseError(f"a suppression ends today or later, not on {terms.until}")
    made = len(service.desk.worked().suppressions)
    subject = suppression_id(service.book.id, terms, made)
    service.book.record_cases([Filed(subject, by.strip(), terms)], at=datetime.now(UTC))
    return subject


def end_suppression(service: Service, subject: str, reason: str, *, by: str) -> str:
    """End a suppression before its time; its id, of which the beginning is enough to name it."""
    found = [one for one in service.desk.worked().suppressions if one.startswith(subject)]
    if len(subject) < 4 or len(found) != 1:
        raise NoCase(f"there is no suppression {subject[:64]!r}; its number is in the list of suppressions")
    service.desk.record(found[0], [SuppressionEnded(reason)], by=by, at=datetime.now(UTC))
    return found[0]


def from_case(service: Service, case: str, *, until: date, owner: str, reason: str, whole_family: bool) -> Suppressed:
    """The terms that suppress the like of a case: its rule (or its whole family) for its person and store."""
    one = service.desk.case(case)
    cause = one.case.cause
    return Suppressed(
        family=cause.family if whole_family else None,
        kind=None if whole_family else one.head.kind,
        store=cause.store,
        person=cause.person,
        register=None,
        until=until,
        owner=owner.strip(),
        reason=reason,
        score=max(flag.score for flag in one.flags),
        case=one.case.id,
    )
