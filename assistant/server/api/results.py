"""``/results``: a plan in, its result out, for clients that need no language."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from assistant.known_on import AsOf, known_on
from assistant.server.api.models import CitedFigure
from assistant.server.request import Opened
from ledger.figures import Citation, Plan, describe

router = APIRouter(prefix="/results", tags=["results"])

ROWS_MAX = 1000


class AskedPlan(Plan):
    """A plan, whose ``as_of`` may also be a date or a time: what was known then."""

    as_of: AsOf | None = Field(  # type: ignore[assignment]  # a plan of the ledger knows commits only
        default=None, description="a commit's number, a date or a time", examples=["2026-10-31"]
    )


class ResultRow(BaseModel):
    key: list[str] = Field(description="the dimension values, in the plan's order", examples=[["Downtown"]])
    figures: list[CitedFigure]


class PlanResult(BaseModel):
    """The rows of a result; ``row_count`` is how many there are before a ranking or the limit cut them."""

    reading: str = Field(examples=["net sales by store, 2026-10-01 to 2026-10-31"])
    seq: int = Field(description="the book's commit that it was computed at", examples=[12])
    rows: list[ResultRow]
    row_count: int
    truncated: bool
    tickets: int = Field(description="number of tickets behind the result")
    tie_out: str | None


@router.post("")
def run_plan(asked: AskedPlan, service: Opened) -> PlanResult:
    """Run a plan. At most 1,000 rows are given; rank them to get those that matter."""
    known = known_on(service.book, asked.as_of)
    plan = Plan(**{name: getattr(asked, name) for name in Plan.model_fields if name != "as_of"})
    result = service.figures.run(known.of(plan) if known else plan)
    rows = list(zip(result.keys, result.rows, strict=True))[:ROWS_MAX]
    return PlanResult(
        reading=known.reading(plan) if known else describe(plan),
        seq=result.seq,
        rows=[
            ResultRow(key=list(key), figures=[CitedFigure.of(one, Citation.of(result, one)) for one in row])
            for key, row in rows
        ],
        row_count=result.row_count,
        truncated=result.row_count > len(rows),
        tickets=result.tickets,
        tie_out=result.tie_out.sentence if result.tie_out else None,
    )
