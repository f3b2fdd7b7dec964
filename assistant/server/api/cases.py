"""``/cases``: what people make of flags; the queue, each case with its events, and verdicts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assistant.flags import facts
from assistant.flags.desk import SHORT
from assistant.flags.flag import Flag
from assistant.flags.queue import Queue, Ranked
from assistant.flags.words import title_of, what_happened
from assistant.server.api.models import Paged
from assistant.server.paging import Limit, cut
from assistant.server.request import Opened, PageNumber
from assistant.server.review import doing
from assistant.server.who import Acting
from assistant.service import Service
from ledger.cases.case import State
from ledger.cases.events import (
    NAME_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    Commented,
    FlagAdded,
    FlagGone,
    FlagSuppressed,
    Outcome,
    Recorded,
    Step,
    Stepped,
    Verdict,
    written,
)
from ledger.money import to_major

router = APIRouter(prefix="/cases", tags=["cases"])

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_CHARACTERS_MAX)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=TEXT_CHARACTERS_MAX)]
Which = Literal["today", "waiting", "beyond", "sampled", "gone", "all"]


class FoundFlag(BaseModel):
    """A flag of a case, as it was found."""

    id: str
    level: str = Field(examples=["ticket"])
    kind: str = Field(examples=["refund_no_receipt_cash"])
    family: str = Field(examples=["refunds"])
    store: str | None
    business_date: date | None
    cashier: str | None
    register_: str | None = Field(serialization_alias="register")
    external_id: str | None
    document: str | None
    score: float = Field(ge=0, le=1)
    certain: bool
    expected: str
    observed: str
    reason: str
    money_at_risk: str | None = Field(description="in major units of ``currency``", examples=["48.60"])
    currency: str | None
    percentile: float | None
    moved: list[dict[str, Any]] = Field(description="features that moved a learned score")
    citations: list[dict[str, str]]

    @classmethod
    def of(cls, flag: Flag) -> FoundFlag:
        same = {name: getattr(flag, name) for name in cls.model_fields if hasattr(flag, name) and name != "moved"}
        money = None
        if flag.money_minor is not None and flag.currency is not None:
            money = str(to_major(flag.money_minor, flag.currency))
        return cls(
            **same,
            register_=flag.register,
            money_at_risk=money,
            moved=[vars(one) for one in flag.moved],
            citations=[{"kind": one.kind, "ref": one.ref, "url": one.url} for one in flag.cites],
        )


class CaseSummary(BaseModel):
    """A case in a list."""

    id: str = Field(description="the beginning of it is enough to name the case")
    title: str = Field(examples=["Refunds by Grace, Downtown"])
    state: State
    outcome: Outcome | None
    assignee: str
    store: str | None
    person: str | None
    family: str
    first: date | None = Field(serialization_alias="from", description="first day of its window")
    last: date | None = Field(serialization_alias="to")
    follows: str | None = Field(description="the closed case of the same cause before it")
    flags: int
    gone: bool = Field(description="the last scan found none of its flags any more")
    money_at_risk: str | None = Field(examples=["97.20"])
    currency: str
    score: float = Field(description="the highest of its flags")
    chance: float = Field(description="that it is confirmed, by what verdicts have taught")
    opened_at: datetime
    number: int = Field(description="of its last event: what a verdict sends as ``seen``")
    url: str = Field(examples=["/flags/cases/86be2b31ef57"])

    @classmethod
    def of(cls, one: Ranked, currency: str) -> CaseSummary:
        case, cause = one.case, one.case.cause
        return cls(
            id=case.id,
            title=title_of(case),
            state=case.state,
            outcome=case.outcome,
            assignee=case.assignee,
            store=cause.store,
            person=cause.person,
            family=cause.family,
            first=cause.first,
            last=cause.last,
            follows=cause.follows,
            flags=len(one.flags),
            gone=one.gone,
            money_at_risk=None if one.money_minor is None else str(to_major(one.money_minor, currency)),
            currency=currency,
            score=one.score,
            chance=round(one.chance, 4),
            opened_at=case.history[0].at,
            number=case.number,
            url=f"/flags/cases/{case.id[:SHORT]}",
        )


class CaseEvent(BaseModel):
    """Something that happened to a case: who, when, in which commit of the book, and what."""

    number: int
    kind: str = Field(examples=["verdict"])
    by: str
    at: datetime
    commit: int
    said: str = Field(description="in words", examples=["confirmed it: loss"])
    text: str
    detail: str = Field(description="the event as it is sealed; of a flag, its id")

    @classmethod
    def of(cls, one: Recorded) -> CaseEvent:
        words, text = what_happened(one.event)
        flag = one.event.flag if isinstance(one.event, FlagAdded | FlagGone | FlagSuppressed) else None
        return cls(
            number=one.number,
            kind=one.kind,
            by=one.by,
            at=one.at,
            commit=one.seq,
            said=words,
            text=text,
            detail=flag or written(one.event),
        )


class WholeCase(CaseSummary):
    found: list[FoundFlag]
    events: list[CaseEvent]


class CaseList(Paged):
    """Cases, the most urgent first. ``closed_today`` of ``a_day`` are done."""

    a_day: int
    closed_today: int
    cases: list[CaseSummary]


class WantedVerdict(BaseModel):
    """A verdict: by whom, with which outcome, why; ``seen`` is the case's ``number`` when it was looked at."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"by": "Ada", "outcome": "expected", "reason": "staff meal", "seen": 3}]},
    )

    by: Name
    outcome: Outcome
    reason: Text = ""
    seen: int | None = None


class WantedStep(BaseModel):
    """In review, waiting for the store, or reopened (for a reason)."""

    model_config = ConfigDict(extra="forbid")

    by: Name
    state: Step
    reason: Text = ""
    seen: int | None = None


class WantedAssignee(BaseModel):
    model_config = ConfigDict(extra="forbid")

    by: Name
    to: str = Field(max_length=NAME_CHARACTERS_MAX, description="empty: nobody")


class WantedComment(BaseModel):
    model_config = ConfigDict(extra="forbid")

    by: Name
    text: Text


@router.get("")
def list_cases(
    service: Opened,
    which: Which = "today",
    state: State | None = None,
    page: PageNumber = 1,
    limit: Limit = 100,
) -> CaseList:
    """The queue of today, or what waits for a store, is left for later days, was drawn at random or is not found
    any more; or all cases, closed ones too."""
    queue = service.desk.queue(service.today())
    found = [one for one in listed(service, queue, which) if state is None or one.case.state == state]
    rows, following = cut(found, page, limit, "/api/v1/cases", which=which, state=state)
    return CaseList(
        total=len(found),
        next=following,
        a_day=queue.a_day,
        closed_today=queue.closed,
        cases=[CaseSummary.of(one, service.book.currency) for one in rows],
    )


def listed(service: Service, queue: Queue, which: Which) -> list[Ranked]:
    """The cases of a list."""
    return service.desk.ranked() if which == "all" else list(getattr(queue, which))


@router.get("/{case}")
def get_case(case: str, service: Opened) -> WholeCase:
    """One case with its flags as they were found and its events."""
    return whole(service, case)


@router.get("/{case}/events")
def list_events(case: str, service: Opened) -> list[CaseEvent]:
    """All that happened to a case, in order; nothing of it can be changed."""
    return [CaseEvent.of(one) for one in service.desk.find(case).history]


@router.post("/{case}/verdict", status_code=201)
def give_verdict(case: str, wanted: WantedVerdict, service: Opened, who: Acting) -> WholeCase:
    """Close a case: confirmed (loss, error, policy) or dismissed (expected, wrong_data, duplicate)."""
    verdict = Verdict(wanted.outcome, wanted.reason)
    return whole(service, doing.act(service, case, [verdict], by=who.acts_as(wanted.by), seen=wanted.seen).id)


@router.post("/{case}/step", status_code=201)
def take_step(case: str, wanted: WantedStep, service: Opened, who: Acting) -> WholeCase:
    """Take a case into review, say that it waits for the store, or reopen it."""
    step = Stepped(wanted.state, wanted.reason)
    return whole(service, doing.act(service, case, [step], by=who.acts_as(wanted.by), seen=wanted.seen).id)


@router.post("/{case}/assignee", status_code=201)
def give_to(case: str, wanted: WantedAssignee, service: Opened, who: Acting) -> WholeCase:
    """Say who is to look at a case."""
    return whole(service, doing.assign(service, case, wanted.to, by=who.acts_as(wanted.by)).id)


@router.post("/{case}/comments", status_code=201)
def comment(case: str, wanted: WantedComment, service: Opened, who: Acting) -> WholeCase:
    """Leave a comment; whoever a case is about can do that, too."""
    return whole(service, doing.act(service, case, [Commented(wanted.text)], by=who.acts_as(wanted.by)).id)


def whole(service: Service, case: str) -> WholeCase:
    """A case as the API shows it."""
    one = service.desk.case(case)
    summary = CaseSummary.of(one, service.book.currency)
    return WholeCase(
        **dict(summary),
        found=[FoundFlag.of(facts.read(flag.facts)) for flag in one.case.flags],
        events=[CaseEvent.of(event) for event in one.case.history],
    )
