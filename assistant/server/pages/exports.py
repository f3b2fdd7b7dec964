"""Giving the journal to another system; what was given, and which of those days have changed since, by account."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from pydantic import ValidationError
from starlette.responses import Response

from assistant.server.api.exports import Wanted, make_export
from assistant.server.pages.view import View
from assistant.server.request import Opened, PageNumber, Pages
from assistant.service import Service
from ledger.errors import PlanError

router = APIRouter(include_in_schema=False)

ROWS_PER_PAGE = 50
DAYS_SHOWN_MAX = 20
FORMATS = {
    "beancount": "Beancount, Fava",
    "hledger": "hledger",
    "iif": "QuickBooks Desktop (IIF)",
    "quickbooks": "QuickBooks Online (CSV)",
    "xero": "Xero (CSV)",
    "saft": "SAF-T (XML)",
    "parquet": "Parquet (ZIP)",
}
DETAILS = {"": "As usual for the format", "daily": "An entry per store and day", "ticket": "An entry per ticket"}

Short = Annotated[str, Form(max_length=20)]


@router.get("/exports")
def exports_page(service: Opened, pages: Pages, page: PageNumber = 1) -> Response:
    return _page(service, pages, page=page)


@router.post("/exports")
def make(
    service: Opened,
    pages: Pages,
    format: Short = "",
    detail: Short = "",
    start: Annotated[str, Form(alias="from", max_length=10)] = "",
    to: Annotated[str, Form(max_length=10)] = "",
    stores: Annotated[list[str] | None, Form(max_length=1000)] = None,
) -> Response:
    """The export as a download; one that cannot be made comes back with the form as it was filled in."""
    given: dict[str, str | list[str]] = {
        "format": format,
        "detail": detail,
        "from": start,
        "to": to,
        "stores": stores or [],
    }
    try:
        return make_export(Wanted.model_validate({name: value for name, value in given.items() if value}), service)
    except ValidationError as error:
        problem = f"{error.errors()[0]['loc'][0]} has a value that cannot be read".capitalize()
    except PlanError as error:
        problem = str(error)
    return _page(service, pages, status=400, given=given, problem=problem)


def _page(
    service: Service,
    pages: View,
    *,
    status: int = 200,
    page: int = 1,
    given: dict[str, str | list[str]] | None = None,
    problem: str = "",
) -> Response:
    exports = service.book.exports()
    return pages.page(
        "exports.html",
        status=status,
        exports=exports[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE],
        total=len(exports),
        days_shown=DAYS_SHOWN_MAX,
        formats=FORMATS,
        details=DETAILS,
        stores=service.figures.values("store"),
        given=given or {"format": "", "detail": "", "from": "", "to": "", "stores": []},
        problem=problem,
        page=page,
        pages=-(-len(exports) // ROWS_PER_PAGE),
    )
