"""``/summaries``: what happened at a store on a day, in a week or a month, in sentences whose every number is cited."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from assistant.recall.summaries import SummaryWriter
from assistant.recall.wording import KINDS, AnyKind, Kind, Summary
from assistant.server.api.models import Paged
from assistant.server.errors import Unreadable
from assistant.server.paging import Limit, cut
from assistant.server.request import Opened, PageNumber, read_day

router = APIRouter(prefix="/summaries", tags=["summaries"])

DAYS_MAX = 92


class SummaryFigure(BaseModel):
    """A number of the text, in its order."""

    label: str = Field(examples=["net sales"])
    value: str = Field(description="decimal text in major units", examples=["2840.85"])
    unit: str = Field(examples=["USD"])
    citation: str = Field(description="token of the proof")
    url: str = Field(examples=["/citations/eNpj"])


class SummaryText(BaseModel):
    """A summary. ``start`` and ``end`` are business dates, both included."""

    id: str = Field(examples=["day|2026-10-31|Downtown"])
    kind: AnyKind
    store: str = Field(examples=["Downtown"])
    start: date
    end: date
    title: str = Field(examples=["Downtown, Saturday 31 October 2026"])
    text: str
    figures: list[SummaryFigure]

    @classmethod
    def of(cls, summary: Summary) -> SummaryText:
        return cls(
            id=summary.id,
            kind=summary.kind,
            store=summary.store,
            start=summary.start,
            end=summary.end,
            title=summary.title,
            text=summary.text,
            figures=[
                SummaryFigure(
                    label=one.label,
                    value=str(one.value),
                    unit=one.unit,
                    citation=(token := one.citation.token()),
                    url=f"/citations/{token}",
                )
                for one in summary.figures
            ],
        )


class Summaries(Paged):
    summaries: list[SummaryText]


@router.get("")
def list_summaries(
    service: Opened,
    start: Annotated[str, Query(alias="from", description="first business date", examples=["2026-10-01"])],
    end: Annotated[str, Query(alias="to", description="last business date", examples=["2026-10-31"])],
    store: Annotated[list[str] | None, Query(description="all stores without it", examples=[["Downtown"]])] = None,
    kind: Annotated[list[Kind] | None, Query(description="all kinds without it")] = None,
    page: PageNumber = 1,
    limit: Limit = 100,
) -> Summaries:
    """The summaries of some stores over at most 92 days: of days, whole weeks and whole months, of items by month, of
    cashiers by week, and of tickets that stand out."""
    first, last = read_day(start), read_day(end)
    if last < first or (last - first).days >= DAYS_MAX:
        raise Unreadable(f"'from' has to be on or before 'to', and at most {DAYS_MAX} days may lie between them.")
    known = service.figures.values("store")
    unknown = [name for name in store or () if name not in known]
    if unknown:
        raise Unreadable(f"The book has no store {unknown[0][:60]!r}.")
    written = SummaryWriter(service.figures).write(store or known, first, last, kind or KINDS)
    rows, following = cut(
        written, page, limit, "/api/v1/summaries", **{"from": start, "to": end}, store=store, kind=kind
    )
    return Summaries(total=len(written), next=following, summaries=[SummaryText.of(one) for one in rows])
