"""``/metrics-catalogue``: what can be asked for, with the definitions."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from ledger.figures import METRICS

router = APIRouter(prefix="/metrics-catalogue", tags=["metrics"])


class MetricDefinition(BaseModel):
    name: str = Field(examples=["net_sales"])
    label: str = Field(examples=["net sales"])
    unit: str = Field(description="money, percent, number, or what is counted", examples=["money"])
    definition: str = Field(examples=["gross sales less discounts less returns"])
    said_as: list[str] = Field(examples=[["sales", "revenue"]])
    dimensions: list[str] = Field(description="what it can be split and filtered by", examples=[["store", "month"]])


class Catalogue(BaseModel):
    metrics: list[MetricDefinition]


@router.get("")
def list_metrics() -> Catalogue:
    """Every metric: its definition, the words that mean it, and what it can be split by."""
    return Catalogue(
        metrics=[
            MetricDefinition(
                name=one.name,
                label=one.label,
                unit=one.unit,
                definition=one.definition,
                said_as=list(one.words),
                dimensions=sorted(one.dimensions),
            )
            for one in METRICS.values()
        ]
    )
