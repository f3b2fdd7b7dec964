"""``/periods``: which business dates are open, soft-closed and locked, how that came about, and changing it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assistant.server.api.models import Paged
from assistant.server.paging import Limit, cut
from assistant.server.request import Opened, PageNumber
from assistant.server.who import Acting
from assistant.service import Service
from ledger.periods import BEGINNING, PeriodChange, State

router = APIRouter(prefix="/periods", tags=["periods"])

NAME_CHARACTERS_MAX = 200
REASON_CHARACTERS_MAX = 1000

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_CHARACTERS_MAX)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=REASON_CHARACTERS_MAX)]


class WantedChange(BaseModel):
    """A change of state of the business dates from ``from`` (without it, from the beginning) to ``to``, both
    included; in whose name, and why."""

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
        json_schema_extra={
            "examples": [{"state": "locked", "to": "2026-09-30", "by": "Ada", "reason": "VAT return filed"}]
        },
    )

    state: State
    first: date | None = Field(default=None, alias="from")
    last: date = Field(alias="to")
    by: Name
    reason: Reason


class Stretch(BaseModel):
    """Business dates that are not open."""

    first: date | None = Field(serialization_alias="from", description="null: from the beginning")
    last: date = Field(serialization_alias="to")
    state: State


class ChangeRecord(BaseModel):
    """A change of state as it was recorded."""

    commit: int = Field(description="of the book's chain", examples=[12])
    at: datetime
    by: str = Field(examples=["Ada"])
    reason: str = Field(examples=["VAT return filed"])
    state: State
    first: date | None = Field(serialization_alias="from", description="null: from the beginning")
    last: date = Field(serialization_alias="to")

    @classmethod
    def of(cls, one: PeriodChange) -> ChangeRecord:
        same = {name: getattr(one, name) for name in ("at", "by", "reason", "state")}
        return cls(commit=one.seq, first=first_day(one.start), last=one.end, **same)


class PeriodList(Paged):
    """The state of every business date: those in no stretch are open. ``total`` counts the changes."""

    periods: list[Stretch]
    changes: list[ChangeRecord]


@router.get("")
def list_periods(service: Opened, page: PageNumber = 1, limit: Limit = 100) -> PeriodList:
    """What is soft-closed and locked, in order, and the changes that led there, the newest first."""
    periods = service.book.periods()
    rows, following = cut(periods.changes[::-1], page, limit, "/api/v1/periods")
    return PeriodList(
        total=len(periods.changes),
        next=following,
        periods=[Stretch(first=first_day(first), last=last, state=state) for first, last, state in periods.spans()],
        changes=[ChangeRecord.of(one) for one in rows],
    )


@router.post("", status_code=201)
def change_period(wanted: WantedChange, service: Opened, who: Acting) -> ChangeRecord:
    """Open, soft-close or lock business dates: a sealed commit of the book's chain, in somebody's name."""
    return ChangeRecord.of(changed(service, wanted.model_copy(update={"by": who.acts_as(wanted.by)})))


def changed(service: Service, wanted: WantedChange) -> PeriodChange:
    """Make a change of state; PeriodError says why it cannot be made."""
    return service.book.change_period(
        wanted.first or BEGINNING, wanted.last, wanted.state, by=wanted.by, reason=wanted.reason, at=datetime.now(UTC)
    )


def first_day(day: date) -> date | None:
    """The first day of a stretch; None where it has no beginning."""
    return None if day == BEGINNING else day
