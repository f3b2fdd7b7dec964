"""A person's word about a document on paper: confirmed, with the fields as they are right, or rejected for a reason.

The word is a document of its own that cites the first by its id, and takes the one way in. It is kept and sealed as
every document is, with who and when; a ticket that it makes has its places in it, and each field there has its place
on the paper and what a program had read.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from ingest.paper.checks import checks
from ingest.paper.content import FIELDS, NEEDED, PARTS, Content, FieldError, content_of
from ingest.paper.fields import Paper, paper
from ingest.paper.intake import tickets_from_elsewhere
from ingest.paper.kept import sheet_of
from ingest.paper.taken import CONFIRMED, REJECTED, handle
from ingest.paper.words import NAME
from ingest.pipeline import IntakeReport, take
from ingest.sources.paper import SUMMARY
from ledger.book import Book
from ledger.cases.events import NAME_CHARACTERS_MAX, TEXT_CHARACTERS_MAX
from ledger.document import DocumentRecord
from ledger.errors import InputError
from ledger.reading import Decision


class NotAsPrinted(InputError):
    """The fields as a person gives them do not add up, or lack something; ``problems`` are sentences."""

    def __init__(self, problems: tuple[str, ...], fields: tuple[str, ...] = ()) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems
        self.fields = fields


def read_paper(book: Book, record: DocumentRecord) -> Paper:
    """What a program reads of a kept document on paper. DocumentError where it is none."""
    return paper(sheet_of(book, record), book.settings, book.chart)


def decision_of(book: Book, document_id: str) -> Decision | None:
    """What a person has decided about a document, where one has."""
    mine = handle(document_id)
    return next((one for one in book.decisions(NAME) if one.external_id == mine), None)


def confirm(book: Book, record: DocumentRecord, values: Mapping[str, str], *, by: str, at: datetime) -> IntakeReport:
    """Confirm a paper with the values of its fields by name, corrected where they were read wrongly.

    A receipt posts; a Z-report posts a summary of its day where the book says so and has no tickets of it from
    elsewhere; nothing else posts. NotAsPrinted where the values do not add up or something is missing, InputError where
    nobody is named or it is decided already.
    """
    given = {name: value.strip() for name, value in values.items() if value.strip()}
    content = _right(given)
    found = read_paper(book, record)
    known = {one.name: one for one in found.fields}
    fields = []
    for name in sorted(given, key=_order):
        one: dict[str, object] = {"name": name, "value": given[name]}
        seen = known.get(name)
        if seen is not None:
            one |= {"page": seen.page, "box": list(seen.box), "read": seen.value, "sure": f"{seen.confidence:.2f}"}
        fields.append(one)
    sums = content.kind == "z_report" and book.settings.paper.z_reports == "post"
    extra = {"as": SUMMARY} if sums and not tickets_from_elsewhere(book, content) else {}
    return _decide(book, record, {"fields": fields, **extra}, CONFIRMED, by=by, at=at)


def reject(book: Book, record: DocumentRecord, reason: str, *, by: str, at: datetime) -> IntakeReport:
    """Reject a paper: nothing of it is posted, and it waits no more. InputError without a reason or a name."""
    if not reason.strip():
        raise InputError("a document is rejected for a reason only; say which")
    return _decide(book, record, {"reason": reason.strip()[:TEXT_CHARACTERS_MAX]}, REJECTED, by=by, at=at)


def _order(name: str) -> tuple[int, str, int, int]:
    """Fields in the order of a paper: its head, then lines, taxes and tenders as they are numbered."""
    if name in FIELDS:
        return (FIELDS.index(name), "", 0, 0)
    part, number, rest = name.split(".")
    return (len(FIELDS), part, int(number), PARTS[part].index(rest))


def _right(given: Mapping[str, str]) -> Content:
    try:
        content = content_of(given)
    except FieldError as error:
        raise NotAsPrinted((f"{error}",), (error.field,)) from None
    missing = [name for name in NEEDED[content.kind] if name not in given]
    problems = [f"{name} is missing" for name in missing]
    wrong = [one for one in checks(content) if not one.holds]
    problems += [one.sentence for one in wrong]
    if content.kind == "receipt" and not content.lines:
        problems.append("a receipt has at least one line")
    if content.kind == "receipt" and not content.tenders:
        problems.append("a receipt has at least one payment")
    if problems:
        raise NotAsPrinted(tuple(problems), (*missing, *(name for one in wrong for name in one.fields)))
    return content


def _decide(
    book: Book, record: DocumentRecord, said: Mapping[str, object], verdict: str, *, by: str, at: datetime
) -> IntakeReport:
    if not by.strip():
        raise InputError("a document is decided about in somebody's name; say whose")
    before = decision_of(book, record.id)
    if before is not None:
        raise InputError(f"{record.name} is decided about already: {before.reason}")
    document = {
        "paper": verdict,
        "document": record.id,
        "name": record.name,
        "by": by.strip()[:NAME_CHARACTERS_MAX],
        "at": at.isoformat(),
        **said,
    }
    with tempfile.TemporaryDirectory(prefix="tillproof-") as folder:
        path = Path(folder) / f"{Path(record.name).stem[:100]}-{verdict}.json"
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")
        return take(book, [path], source=None, mapping=None, at=at)
