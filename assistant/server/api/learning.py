"""``/learning``: how often each rule was right, what that teaches the ranking, and every change of it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from assistant.flags import learn, unflagged
from assistant.flags.wilson import Rate
from assistant.flags.words import what_happened
from assistant.server.api.cases import Name, Text
from assistant.server.request import Opened
from assistant.server.who import Acting
from assistant.service import Service
from ledger.cases.events import WeightsAdopted

router = APIRouter(prefix="/learning", tags=["cases"])


class KnownRate(BaseModel):
    """A rate with Wilson's 95 % interval; ``value`` is null where there are no cases."""

    hits: int
    of: int
    value: float | None
    low: float
    high: float

    @classmethod
    def of_rate(cls, one: Rate) -> KnownRate:
        return cls(hits=one.hits, of=one.of, value=one.value, low=one.low, high=one.high)


class KnownRule(BaseModel):
    kind: str
    precision: KnownRate
    weight: float = Field(description="in force")
    learnt: float = Field(description="what verdicts give it")


class KnownChange(BaseModel):
    """A change of the ranking as it was recorded; ``weights`` and ``coefficients`` are all that it set."""

    at: datetime
    by: str
    commit: int
    said: str
    reason: str
    weights: dict[str, float]
    coefficients: dict[str, float]


class Learning(BaseModel):
    """What verdicts teach. ``changes`` says whether adopting it now would change anything."""

    confirmed: int
    dismissed: int
    rules: list[KnownRule]
    changes: bool
    reranker: bool = Field(description="whether there are enough verdicts for one")
    average_precision: dict[str, float] | None
    missed: KnownRate = Field(description="of tickets that were drawn at random: how many were confirmed")
    history: list[KnownChange]


class WantedChange(BaseModel):
    model_config = ConfigDict(extra="forbid")

    by: Name
    reason: Text = ""


class WantedSample(BaseModel):
    """Business dates of which five in a hundred of the tickets that nothing flagged are drawn for review."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    by: Name
    first: date = Field(alias="from")
    last: date = Field(alias="to")


class Drawn(BaseModel):
    cases: int


@router.get("")
def get_learning(service: Opened) -> Learning:
    """Precision and weight of each rule, the proposal, and the history of changes, the newest first."""
    return _learning(service)


@router.post("/adopt", status_code=201)
def adopt(wanted: WantedChange, service: Opened, who: Acting) -> Learning:
    """Rank by what verdicts teach now; nothing is changed where that is in force already."""
    proposal = learn.lesson(service.desk.worked(), service.book.currency).proposal
    if proposal is not None:
        learn.adopt(service.desk, proposal, by=who.acts_as(wanted.by), reason=wanted.reason, at=datetime.now(UTC))
    return _learning(service)


@router.post("/revert", status_code=201)
def revert(wanted: WantedChange, service: Opened, who: Acting) -> Learning:
    """Take the last change back."""
    learn.take_back(service.desk, by=who.acts_as(wanted.by), reason=wanted.reason, at=datetime.now(UTC))
    return _learning(service)


@router.post("/sample", status_code=201)
def draw_sample(wanted: WantedSample, service: Opened, who: Acting) -> Drawn:
    """Draw tickets that nothing flagged, a case each; which ones follows from their numbers alone."""
    made = unflagged.draw(service.book, wanted.first, wanted.last, by=who.acts_as(wanted.by), at=datetime.now(UTC))
    return Drawn(cases=sum(one.kind == "opened" for one in made))


def _learning(service: Service) -> Learning:
    worked = service.desk.worked()
    lesson = learn.lesson(worked, service.book.currency)
    return Learning(
        confirmed=lesson.confirmed,
        dismissed=lesson.dismissed,
        rules=[
            KnownRule(kind=one.kind, precision=KnownRate.of_rate(one.precision), weight=one.weight, learnt=one.learnt)
            for one in lesson.rules
        ],
        changes=lesson.proposal is not None,
        reranker=lesson.tried is not None,
        average_precision=None if lesson.tried is None else vars(lesson.tried),
        missed=KnownRate.of_rate(unflagged.missed(worked).missed),
        history=[
            KnownChange(
                at=one.at,
                by=one.by,
                commit=one.seq,
                said=what_happened(one.event)[0],
                reason=what_happened(one.event)[1],
                weights=dict(one.event.weights) if isinstance(one.event, WeightsAdopted) else {},
                coefficients=dict(one.event.coefficients) if isinstance(one.event, WeightsAdopted) else {},
            )
            for one in reversed(worked.weights.history)
        ],
    )
