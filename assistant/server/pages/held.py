"""What is held: why, where it stands, what differs from what was posted, and what a person can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from assistant.held import advice
from assistant.server.pages.formats import NOTHING, Formats
from assistant.server.request import Opened, PageNumber, Pages, document_of
from ledger import conflicts
from ledger.conflicts import Difference
from ledger.reading import HeldRow

router = APIRouter(include_in_schema=False)

ROWS_PER_PAGE = 50
DIFFERENCES_SHOWN_MAX = 40


@dataclass(frozen=True)
class Shown:
    """Something held, with what differs as field, posted value and held value; ``more`` fields differ beside those."""

    row: HeldRow
    differences: list[tuple[str, str, str]]
    more: int

    @property
    def what(self) -> str:
        return f"{'Till event' if self.row.reason.startswith('Till event ') else 'Ticket'} {self.row.external_id}"


@router.get("/feeds/held")
def held_page(
    service: Opened, pages: Pages, page: PageNumber = 1, document: Annotated[str, Query(max_length=64)] = ""
) -> Response:
    only = document_of(service, document) if document else None
    held = [one for one in service.book.held() if only is None or one.document == only.id]
    rows = held[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE]
    return pages.page(
        "held.html",
        held=[_shown(one, pages.formats, service.book.currency) for one in rows],
        advice=_advice(rows),
        total=len(held),
        document=only,
        page=page,
        pages=-(-len(held) // ROWS_PER_PAGE),
    )


def _shown(row: HeldRow, formats: Formats, currency: str) -> Shown:
    conflict = conflicts.read(row) or conflicts.Conflict(())
    differing = [_words(one, formats, currency) for one in conflict.differences[:DIFFERENCES_SHOWN_MAX]]
    return Shown(row, differing, len(conflict.differences) - len(differing) + conflict.more)


def _words(one: Difference, formats: Formats, currency: str) -> tuple[str, str, str]:
    """A difference for a person: ``("line 1 net", "$9.00", "$10.00")``."""

    def value(text: str | None) -> str:
        if text is None:
            return NOTHING
        if not text.removeprefix("-").isdecimal():
            return text
        if one.field.endswith("_minor"):
            return formats.amount(int(text), currency)
        if one.field.endswith("rate_micro"):
            return formats.percent(int(text))
        return formats.quantity(int(text)) if one.field.endswith("_micro") else text

    label = one.field.removesuffix("_minor").removesuffix("_micro").replace("_", " ")
    return label, value(one.before), value(one.now)


def _advice(rows: list[HeldRow]) -> list[tuple[str, str]]:
    """What can be done about each rule that holds something, in order of appearance."""
    found = {(one.disposition, one.rule): (one.rule, advice(one)) for one in rows}
    by_advice: dict[str, list[str]] = {}
    for rule, sentence in found.values():
        by_advice.setdefault(sentence, []).append(rule)
    return [(", ".join(dict.fromkeys(rules)), sentence) for sentence, rules in by_advice.items()]
