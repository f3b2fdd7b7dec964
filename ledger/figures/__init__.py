"""The read side: a columnar copy of the facts, plans, and the figures that they give, each with its proof."""

from ledger.figures.cite import Citation, Proof, open_citation
from ledger.figures.copy import Figures
from ledger.figures.describe import describe
from ledger.figures.metrics import METRICS, Metric
from ledger.figures.plan import Figure, Filter, Period, Plan, Ranking, Result

__all__ = [
    "METRICS",
    "Citation",
    "Figure",
    "Figures",
    "Filter",
    "Metric",
    "Period",
    "Plan",
    "Proof",
    "Ranking",
    "Result",
    "describe",
    "open_citation",
]
