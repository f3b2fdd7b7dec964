"""``/suppressions``: what is known and makes no cases for a while."""

from __future__ import annotations

from datetime import date, datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from assistant.flags.words import scope_of
from assistant.server.api.cases import Name, Text
from assistant.server.api.models import Paged
from assistant.server.paging import Limit, cut
from assistant.server.request import Opened, PageNumber
from assistant.server.review import doing
from assistant.server.who import Acting
from assistant.service import Service
from ledger.cases.beside import Suppression
from ledger.cases.events import Suppressed

router = APIRouter(prefix="/suppressions", tags=["cases"])


class WantedSuppression(BaseModel):
    """A scope (at least one of family, kind, store, person and register), its last day, who answers for it, and why.
    ``score`` is the highest that is known; a far higher one makes a case all the same."""

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
        json_schema_extra={
            "examples": [
                {
                    "by": "Ada",
                    "owner": "Ada",
                    "kind": "no_sale_burst",
                    "store": "Downtown",
                    "until": "2026-12-31",
                    "reason": "the drawer is used as a change bank",
                    "score": 0.6,
                }
            ]
        },
    )

    by: Name
    owner: Name
    family: str | None = Field(default=None, max_length=100)
    kind: str | None = Field(default=None, max_length=100)
    store: str | None = Field(default=None, max_length=400)
    person: str | None = Field(default=None, max_length=400)
    register_: str | None = Field(default=None, max_length=400, alias="register")
    until: date
    reason: Text
    score: float = Field(ge=0, le=1)


class WantedEnd(BaseModel):
    model_config = ConfigDict(extra="forbid")

    by: Name
    reason: Text = ""


class KnownSuppression(BaseModel):
    """A suppression, with how many flags it kept from making cases."""

    id: str
    scope: str = Field(description="in words", examples=["rule no sale burst, at Downtown"])
    family: str | None
    kind: str | None
    store: str | None
    person: str | None
    register_: str | None = Field(serialization_alias="register")
    until: date
    owner: str
    by: str
    at: datetime
    reason: str
    score: float
    case: str | None
    suppressed: int
    in_force: bool

    @classmethod
    def of(cls, one: Suppression, today: date) -> KnownSuppression:
        names = ("family", "kind", "store", "person", "until", "owner", "reason", "score", "case")
        same = {name: getattr(one.terms, name) for name in names}
        return cls(
            id=one.id,
            register_=one.terms.register,
            scope=scope_of(one.terms),
            by=one.made.by,
            at=one.made.at,
            suppressed=len(one.flags),
            in_force=one.in_force(today),
            **same,
        )


class SuppressionList(Paged):
    suppressions: list[KnownSuppression]


@router.get("")
def list_suppressions(service: Opened, page: PageNumber = 1, limit: Limit = 100) -> SuppressionList:
    """All suppressions, the newest first, those that are over, too."""
    found = list(service.desk.worked().suppressions.values())[::-1]
    rows, following = cut(found, page, limit, "/api/v1/suppressions")
    today = service.today()
    return SuppressionList(
        total=len(found), next=following, suppressions=[KnownSuppression.of(one, today) for one in rows]
    )


@router.post("", status_code=201)
def make_suppression(wanted: WantedSuppression, service: Opened, who: Acting) -> KnownSuppression:
    """Suppress flags of a scope until the end of a day."""
    terms = Suppressed(
        family=wanted.family,
        kind=wanted.kind,
        store=wanted.store,
        person=wanted.person,
        register=wanted.register_,
        until=wanted.until,
        owner=wanted.owner,
        reason=wanted.reason,
        score=wanted.score,
        case=None,
    )
    return _known(service, doing.suppress(service, terms, by=who.acts_as(wanted.by)))


@router.post("/{suppression}/end", status_code=201)
def end_suppression(suppression: str, wanted: WantedEnd, service: Opened, who: Acting) -> KnownSuppression:
    """End a suppression before its time."""
    return _known(service, doing.end_suppression(service, suppression, wanted.reason, by=who.acts_as(wanted.by)))


def _known(service: Service, subject: str) -> KnownSuppression:
    return KnownSuppression.of(service.desk.worked().suppressions[subject], service.today())
