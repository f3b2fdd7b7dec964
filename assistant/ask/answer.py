"""``Answer``: what every way of asking gives back. The shape is a contract; see docs/architecture.md."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Status = Literal["answered", "clarify", "abstained", "refused"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class CitedValue(_Part):
    """One number of an answer. ``value`` is a decimal text in major units, percentages as percent."""

    label: str = Field(examples=["net sales"])
    value: str = Field(examples=["12345.67"])
    unit: str = Field(description="a currency code, %, points, or what is counted", examples=["USD"])
    citation: int = Field(description="the id of the citation that opens it", examples=[1])


class Table(_Part):
    """An answer of more than one row: dimension values and exact values as texts."""

    columns: list[str] = Field(examples=[["store", "net_sales"]])
    rows: list[list[str]] = Field(examples=[[["Downtown", "12345.67"]]])


class Cited(_Part):
    """Where a number or a sentence comes from; ``ref`` is a token, an entry, a document or a summary's id."""

    id: int = Field(examples=[1])
    kind: Literal["plan", "entry", "document", "summary", "flag"] = Field(examples=["plan"])
    ref: str
    url: str = Field(examples=["/citations/eNpj"])


class Answer(_Part):
    """An answer. Not understood, ambiguous or not in the book: ``text`` says so, and there is no figure."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "q1",
                    "status": "answered",
                    "text": "Net sales at Downtown in October 2023 were $12,345.67 [1], up 4.2% [2] on September 2023.",
                    "reading": "net sales, store Downtown, 2023-10-01 to 2023-10-31, against 2023-09-01 to 2023-09-30",
                    "figures": [{"label": "net sales", "value": "12345.67", "unit": "USD", "citation": 1}],
                    "citations": [{"id": 1, "kind": "plan", "ref": "eNpj", "url": "/citations/eNpj"}],
                    "plan": {"metrics": ["net_sales"]},
                    "choices": [],
                }
            ]
        },
    )

    id: str | None = None
    status: Status
    text: str
    reading: str | None = Field(default=None, description="how the question was understood")
    figures: list[CitedValue] = Field(default_factory=list)
    table: Table | None = None
    citations: list[Cited] = Field(default_factory=list)
    plan: dict[str, Any] | None = None
    choices: list[str] = Field(default_factory=list, description="for clarify: the readings to choose from")
