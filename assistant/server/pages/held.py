"""What is held: the names that are missing to it, why and where it stands, what differs, and what a person can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from assistant.held import advice
from assistant.naming import EXAMPLES_MAX, choices
from assistant.server.pages.formats import NOTHING, Formats
from assistant.server.pages.reviewer import ReviewerName
from assistant.server.pages.view import View
from assistant.server.request import Opened, PageNumber, Pages, document_of
from assistant.service import Service
from ingest.answers import Asked, asked, standing
from ledger import conflicts, names
from ledger.conflicts import Difference
from ledger.reading import HeldRow

router = APIRouter(include_in_schema=False)

ROWS_PER_PAGE = 50
DIFFERENCES_SHOWN_MAX = 40
NAMES_SHOWN_MAX = 30

Count = Annotated[int, Query(ge=0, le=2**62)]


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
    service: Opened,
    pages: Pages,
    reviewer: ReviewerName,
    page: PageNumber = 1,
    document: Annotated[str, Query(max_length=64)] = "",
    source: Annotated[str, Query(max_length=200)] = "",
    disposition: Literal["", "quarantined", "ignored"] = "",
    all: bool = False,
    answer: Count = 0,
    posted: Count | None = None,
    still: Count = 0,
) -> Response:
    """The names that are asked for, and what is held: of a document, a source or one disposition, with ``all`` also
    what was posted since. ``answer`` is the number of an answer that was just given, and ``posted`` and ``still`` are
    what came of it."""
    return page_of(
        service,
        pages,
        given={"by": reviewer},
        page=page,
        only={"document": document, "source": source, "disposition": disposition, "all": "true" if all else ""},
        done=_done(service, answer, posted, still),
    )


def page_of(
    service: Service,
    pages: View,
    *,
    status: int = 200,
    given: dict[str, str],
    problem: str = "",
    page: int = 1,
    only: dict[str, str] | None = None,
    done: str = "",
) -> Response:
    """The page; ``given`` is what a form said, and ``problem`` why nothing came of it."""
    only = only or {"document": "", "source": "", "disposition": "", "all": ""}
    document = document_of(service, only["document"]) if only["document"] else None
    every = service.book.held(released=True) if only["all"] else standing(service.book)
    held = [
        one
        for one in every
        if (document is None or one.document == document.id)
        and only["source"] in ("", one.source)
        and only["disposition"] in ("", one.disposition)
    ]
    rows = held[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE]
    missing = asked(service.book, [one for one in every if not one.released])
    missing = [one for one in missing if only["source"] in ("", one.source)]
    return pages.page(
        "held.html",
        status=status,
        names=[(one, _examples(one)) for one in missing[:NAMES_SHOWN_MAX]],
        names_more=max(0, len(missing) - NAMES_SHOWN_MAX),
        choices=choices(service.book),
        zones=sorted({service.book.settings.book.time_zone, *_zones(service)}),
        given=given,
        problem=problem,
        done=done,
        held=[_shown(one, pages.formats, service.book.currency) for one in rows],
        advice=_advice(rows),
        total=len(held),
        document=document,
        only={name: value for name, value in only.items() if value},
        page=page,
        pages=-(-len(held) // ROWS_PER_PAGE),
    )


def _zones(service: Service) -> list[str]:
    return [one.time_zone for one in service.book.settings.stores.values() if one.time_zone is not None]


def _examples(one: Asked) -> list[HeldRow]:
    """Some of what is held for a name, each at a place of its own."""
    return list({(row.document, row.locator): row for row in one.held}.values())[:EXAMPLES_MAX]


def _done(service: Service, answer: int, posted: int | None, still: int) -> str:
    """What came of an answer or another try, in a sentence or two."""
    if posted is None:
        return ""
    told = f"{posted:,} posted, {still:,} of the same documents still held."
    answers = names.read(service.book.path) if answer else ()
    if not 0 < answer <= len(answers):
        return told
    one = answers[answer - 1]
    before = [each for each in answers[: answer - 1] if (each.kind, each.source, each.name) == one.key]
    said = f"{one.kind.capitalize()} “{one.name}” of {one.source} means “{one.means}”, in the name of {one.by}. {told}"
    if before and before[-1].means != one.means:
        said += f" What was posted while it meant “{before[-1].means}” stays as it was posted."
    return said


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
