"""``/statements``: trial balance, profit and loss, tax, roll-forwards and the journal, as JSON, CSV and XLSX."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from assistant.server.api.models import CitedFigure
from assistant.server.request import Opened, read_day
from assistant.statement_request import Against, statement_plan
from ledger.statements import (
    STATEMENTS,
    Cited,
    Control,
    Section,
    Statement,
    StatementKind,
    StatementPlan,
    as_csv,
    as_xlsx,
    run_statement,
)

router = APIRouter(prefix="/statements", tags=["statements"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STORES_MAX = 1000


class StatementName(BaseModel):
    kind: StatementKind = Field(examples=["trial-balance"])
    title: str = Field(examples=["Trial balance"])
    description: str
    compares: bool = Field(description="whether it can be compared with another period")
    url: str = Field(examples=["/api/v1/statements/trial-balance"])


class StatementNames(BaseModel):
    statements: list[StatementName]


class StatementRow(BaseModel):
    """``cells`` are in the order of the section's columns; null where a column says nothing of the row."""

    label: str = Field(examples=["assets:clearing:card"])
    total: bool = Field(description="a sum of the rows above it")
    cells: list[CitedFigure | None]


class StatementSection(BaseModel):
    title: str = Field(examples=["Assets"])
    row_name: str = Field(examples=["Account"])
    columns: list[str] = Field(examples=[["Opening balance", "Debits", "Credits", "Closing balance"]])
    rows: list[StatementRow]

    @classmethod
    def of(cls, section: Section) -> StatementSection:
        return cls(
            title=section.title,
            row_name=section.row_name,
            columns=list(section.columns),
            rows=[
                StatementRow(label=row.label, total=row.total, cells=[_cited(cell) for cell in row.cells])
                for row in section.rows
            ],
        )


class ControlPart(BaseModel):
    words: str = Field(examples=["closing balances of all accounts"])
    figure: CitedFigure


class StatementControl(BaseModel):
    """A sum that must be zero, with the figures that it is made of."""

    sentence: str = Field(examples=["The balances of all accounts come to zero."])
    agrees: bool
    difference: str = Field(examples=["0.00"])
    parts: list[ControlPart]

    @classmethod
    def of(cls, control: Control) -> StatementControl:
        parts = [
            ControlPart(words=words, figure=CitedFigure.of(cell.figure, cell.citation)) for words, cell in control.parts
        ]
        return cls(sentence=control.sentence, agrees=control.agrees, difference=str(control.difference), parts=parts)


class StatementAnswer(BaseModel):
    """A statement with its figures, each with the address of its proof, at one commit of the book."""

    id: str = Field(description="content id of the plan", examples=["3f9a5f0c12ab34cd"])
    kind: StatementKind = Field(examples=["trial-balance"])
    title: str = Field(examples=["Trial balance"])
    reading: str = Field(examples=["trial balance, 2026-10-01 to 2026-10-31, as known at commit 2"])
    currency: str = Field(examples=["USD"])
    seq: int = Field(description="the book's commit that it was made at", examples=[2])
    recorded_at: datetime | None = Field(description="when that commit was made; null for an empty book")
    agrees: bool = Field(description="whether every control comes to zero")
    sections: list[StatementSection]
    controls: list[StatementControl]
    notes: list[str]
    plan: StatementPlan

    @classmethod
    def of(cls, made: Statement) -> StatementAnswer:
        return cls(
            id=made.plan.id,
            kind=made.plan.kind,
            title=made.title,
            reading=made.reading,
            currency=made.currency,
            seq=made.seq,
            recorded_at=made.recorded_at,
            agrees=made.agrees,
            sections=[StatementSection.of(section) for section in made.sections],
            controls=[StatementControl.of(control) for control in made.controls],
            notes=list(made.notes),
            plan=made.plan,
        )


def _made(
    kind: StatementKind,
    service: Opened,
    start: Annotated[str, Query(alias="from", max_length=10, description="first business date")] = "",
    to: Annotated[str, Query(max_length=10, description="last business date")] = "",
    store: Annotated[list[str], Query(max_length=STORES_MAX, description="only these stores")] = [],  # noqa: B006
    against: Annotated[Against, Query(description="compare with the previous period or the year before")] = "",
    as_of: Annotated[str, Query(max_length=40, description="a commit, a date or an instant: what was known then")] = "",
) -> Statement:
    plan = statement_plan(
        service.book,
        kind,
        start=read_day(start) if start else None,
        end=read_day(to) if to else None,
        stores=tuple(name for name in store if name),
        against=against,
        as_of=as_of,
    )
    return run_statement(service.figures, plan)


Made = Annotated[Statement, Depends(_made)]


@router.get("")
def list_statements() -> StatementNames:
    """Every kind of statement, and what it says."""
    return StatementNames(
        statements=[
            StatementName(
                kind=kind,
                title=one.title,
                description=one.sentence,
                compares=one.compares,
                url=f"/api/v1/statements/{kind}",
            )
            for kind, one in STATEMENTS.items()
        ]
    )


@router.get("/{kind}.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def get_statement_csv(made: Made) -> Response:
    """A statement as one table: section, row, kind, a column for each column of the statement, and the difference of a
    control."""
    return _download(made, as_csv(made), "csv", "text/csv; charset=utf-8")


@router.get("/{kind}.xlsx", response_class=Response, responses={200: {"content": {XLSX: {}}}})
def get_statement_xlsx(made: Made) -> Response:
    """A statement as a workbook of one sheet."""
    return _download(made, as_xlsx(made), "xlsx", XLSX)


@router.get("/{kind}")
def get_statement(made: Made) -> StatementAnswer:
    """A statement: sections of rows and figures, each with the address of its proof, and the controls."""
    return StatementAnswer.of(made)


def _download(made: Statement, content: bytes, ending: str, media_type: str) -> Response:
    period = made.plan.period
    parts = (made.plan.kind, *made.plan.stores[:1], period.start, period.end, f"as-of-{made.seq}")
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", "-".join(str(part) for part in parts if part))[:100]
    headers = {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
    return Response(content, media_type=media_type, headers=headers)


def _cited(cell: Cited | None) -> CitedFigure | None:
    return None if cell is None else CitedFigure.of(cell.figure, cell.citation)
