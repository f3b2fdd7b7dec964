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
    computed_from: list[int] | None = Field(
        default=None,
        exclude_if=lambda ids: ids is None,
        description="ids of the citations of all parts; there where it was computed from several",
        examples=[[1, 2]],
    )


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


class Offer(_Part):
    """A choice of an answer that asks back: a whole reading, with what it would give."""

    reading: str = Field(examples=["net sales, store Airport, 2026-10-01 to 2026-10-31"])
    figure: CitedValue | None = Field(default=None, description="its figure, where it is a single one")
    rows: int | None = Field(default=None, description="how many rows its table would have", examples=[1])
    tickets: int | None = Field(default=None, description="how many tickets are behind it", examples=[321])


class ModelUse(_Part):
    """What a language model did for an answer. ``outcome`` is written, or why the text is the offline one."""

    name: str = Field(examples=["openai:gpt-5.5"])
    prompt: str = Field(description="digest of the prompts that were sent", examples=["3f1c9a0be2d4"])
    outcome: str = Field(examples=["written"])
    calls: int = Field(default=0, description="requests to the model", examples=[2])
    tokens_in: int = Field(default=0, examples=[1830])
    tokens_out: int = Field(default=0, examples=[95])
    cost: str | None = Field(default=None, description="in dollars, where the price is known", examples=["0.0041"])
    sentences: int = Field(default=0, description="sentences shown", examples=[2])
    dropped: list[str] = Field(default_factory=list, description="why a sentence was not shown", examples=[[]])


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
    offers: list[Offer] = Field(
        default_factory=list,
        exclude_if=lambda offers: not offers,
        description="the same choices, each with what it would give",
    )
    model: ModelUse | None = Field(
        default=None,
        exclude_if=lambda use: use is None,
        description="what a language model did; there where one is switched on",
    )
    remarks: list[str] = Field(default_factory=list, exclude=True)
    """The sentences of ``text`` that say what has to be known beside its figures, whoever writes the rest."""
    sentences: list[str] = Field(default_factory=list, exclude=True)
    """The sentences of ``text`` that a model wrote and that were let through."""
