"""``/feeds/names``: names of tills that the book does not know, and the answers that let in what is held for them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assistant.naming import outcome, record
from assistant.server.request import Opened
from assistant.service import Service
from ingest.answers import answer, asked, meaning
from ledger.names import NAME_CHARACTERS_MAX, Kind, checked

router = APIRouter(prefix="/feeds/names", tags=["feeds"])

BY_CHARACTERS_MAX = 200
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_CHARACTERS_MAX)]


class UnknownName(BaseModel):
    """A name of one source that the book does not know, and what is held for it. ``rate`` is there where a known tax
    came at a rate that is not."""

    kind: Kind = Field(examples=["tender"])
    source: str = Field(examples=["till"])
    name: str = Field(examples=["CC"])
    rate: str | None = Field(description="in percent", examples=[None])
    tickets: int = Field(examples=[12])
    amount: str = Field(description="what the held tickets come to, in major units", examples=["412.50"])
    currency: str = Field(examples=["USD"])
    first: date | None = Field(description="first business date of what is held")
    last: date | None


class UnknownNames(BaseModel):
    names: list[UnknownName]


class WantedAnswer(BaseModel):
    """What a name means. ``account`` is for a tender type, category or tax that has none yet, ``time_zone`` and
    ``cut_off`` are for a store that is new, ``rates`` in percent for a tax."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"kind": "tender", "source": "till", "name": "CC", "means": "card", "by": "Ada"}]
        },
    )

    kind: Kind
    source: Text
    name: str = Field(min_length=1, max_length=NAME_CHARACTERS_MAX)
    means: Text
    account: str | None = Field(default=None, max_length=200, examples=["assets:clearing:crypto"])
    time_zone: str | None = Field(default=None, max_length=60, examples=["Europe/Berlin"])
    cut_off: str | None = Field(default=None, max_length=8, examples=["04:00"])
    rates: list[str] = Field(default_factory=list, max_length=20, examples=[["8.25"]])
    by: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=BY_CHARACTERS_MAX)]


class Answered(BaseModel):
    """What came of an answer; the counts are those of all documents that were taken again."""

    posted: int
    duplicates: int
    versions: int
    quarantined: int
    ignored: int
    conflicts: int
    before: str | None = Field(description="what the name meant until then")
    said: str = Field(examples=["12 posted."])


@router.get("")
def list_names(service: Opened) -> UnknownNames:
    """Names that the book does not know, those first that hold the most tickets."""
    currency = service.book.currency
    return UnknownNames(names=[UnknownName(**record(one, currency)) for one in asked(service.book)])


@router.post("", status_code=201)
def answer_name(wanted: WantedAnswer, service: Opened) -> Answered:
    """Say what a name means: kept in the book's settings, and all that is held for it is taken again."""
    return answered(service, wanted)


def answered(service: Service, wanted: WantedAnswer) -> Answered:
    """Keep an answer and let in what it was missing to; TillproofError says why it does not fit."""
    given = checked({**wanted.model_dump(exclude_none=True), "rates": tuple(wanted.rates), "at": datetime.now(UTC)})
    before = meaning(service.book, given.kind, given.source, given.name)
    report = answer(service.book, given)
    counts = {name: getattr(report, name) for name in Answered.model_fields if hasattr(report, name)}
    return Answered(**counts, before=before, said=outcome(report, before, given.means))
