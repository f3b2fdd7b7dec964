"""A figure's proof: the plan in words, how it is computed, what it is made of, whether it ties out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from assistant.server.pages.download import csv_response
from assistant.server.pages.results import column_label, figure_text
from assistant.server.proofs import contributed, contributed_unit
from assistant.server.request import Opened, PageNumber, Pages
from ledger.figures import Citation, Proof, open_citation

router = APIRouter(include_in_schema=False)

DOWNLOAD_ROWS_MAX = 50_000
"""A download of a figure's entries is cut here, and says so in its last row."""


@router.get("/citations/{token}.csv")
def proof_table(token: str, service: Opened) -> Response:
    """What a figure is made of, as CSV: every entry that adds to it, or the figures that it is computed from."""
    proof = open_citation(service.figures, Citation.from_token(token), page_size=DOWNLOAD_ROWS_MAX)
    return csv_response(_rows(proof), f"{proof.figure.metric}-{proof.citation.seq}")


@router.get("/citations/{token}")
def proof_page(token: str, service: Opened, pages: Pages, page: PageNumber = 1) -> Response:
    proof = open_citation(service.figures, Citation.from_token(token), page)
    return pages.page(
        "proof.html",
        proof=proof,
        token=token,
        label=column_label(proof.figure.metric, proof.figure.side, proof.citation.plan),
        value=figure_text(proof.figure, pages.formats),
        shown=sum(one.amount for one in proof.contributions),
        parts=[
            (words, part, figure_text(part, pages.formats), f"/citations/{citation.token()}")
            for words, part, citation in proof.parts
        ],
    )


def _rows(proof: Proof) -> Iterator[list[Any]]:
    if proof.parts:
        yield ["part", "metric", "value", "unit"]
        for words, part, _ in proof.parts:
            yield [words, part.label, part.value, part.unit]
        return
    yield ["entry", "number", "ticket", "store", "business_date", "document", "locator", "amount", "unit"]
    for one in proof.contributions:
        yield [
            f"{one.seq}-{one.n}",
            one.number,
            one.ticket,
            one.store,
            one.business_date,
            one.document,
            one.locator,
            contributed(one.amount, proof),
            contributed_unit(proof),
        ]
    if proof.count > len(proof.contributions):
        yield [f"cut: {len(proof.contributions)} of {proof.count} rows are here"]
