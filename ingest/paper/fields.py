"""Reading a sheet: its rows become fields, each with its value, its place on the page and how sure it is.

How sure a field is: as sure as its words (Tesseract's confidence, 1 for text that a PDF holds), times how surely a rule
found it (a label exactly, nearly, or none), times whether a sum that it takes part in holds (``checks``). A paper is
as sure as the least sure field that it needs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.paper import written
from ingest.paper.checks import Check, checks
from ingest.paper.content import AMOUNTS, NEEDED, Content, FieldError, Kind, content_of
from ingest.paper.head import heads
from ingest.paper.layout import Row, rows
from ingest.paper.money import money
from ingest.paper.noted import Field
from ingest.paper.words import Sheet
from ledger.accounts import Chart
from ledger.settings import BookSettings

CHECKED, UNCHECKED, FAILED = 0.99, 0.9, 0.3
"""What a sum that holds, that is not there, and that fails does to how sure an amount is."""
PLAIN = 0.99
"""What every other field is multiplied by: no sum can hold it."""

_SUMS_NEEDED = {"receipt": ("lines", "tenders"), "z_report": ("tenders", "total")}


@dataclass(frozen=True)
class Paper:
    """What was read of a document: its fields, the sums that were checked, how sure all of it is, and what is in the
    way of posting it, a sentence each."""

    fields: tuple[Field, ...]
    checks: tuple[Check, ...]
    confidence: float
    problems: tuple[str, ...]

    @property
    def values(self) -> dict[str, str]:
        return {one.name: one.value for one in self.fields}

    @property
    def kind(self) -> str:
        return self.values.get("kind", "")


def paper(sheet: Sheet, settings: BookSettings, chart: Chart) -> Paper:
    """Read a sheet with what a book knows: its stores, its tenders, its currency."""
    printed = rows(sheet)
    point, both = _point(printed)
    found = heads(printed, settings, chart, day_first=True if point == "," else None)
    kind = next((one.value for one in found if one.name == "kind"), "")
    amounts, problems = money(printed, kind, point, chart)
    found += amounts
    problems += _of_currency(printed, settings)
    if both:
        problems.append("amounts are written with a decimal point and with a decimal comma")
    return judged(tuple(found), problems)


def judged(found: Sequence[Field], problems: Sequence[str] = ()) -> Paper:
    """Fields with the sums that they allow, and how sure they are for it."""
    told = list(problems)
    try:
        content = content_of({one.name: one.value for one in found})
    except FieldError as error:
        return Paper(tuple(found), (), 0.0, (*told, str(error)))
    made = checks(content)
    told += [one.sentence for one in made if not one.holds]
    sure = tuple(_with_checks(one, made) for one in found)
    told += _missing(content, sure, made)
    told += [one.note for one in sure if one.note]
    by_name = {one.name: one.confidence for one in sure}
    needed = [name for name in by_name if _is_needed(name, content.kind)]
    least = min((by_name[name] for name in needed), default=0.0)
    failed = any(not one.holds for one in made) or bool(_missing(content, sure, made)) or bool(problems)
    return Paper(sure, made, 0.0 if failed else round(least, 4), tuple(dict.fromkeys(told)))


def _with_checks(field: Field, made: Sequence[Check]) -> Field:
    if not _is_amount(field.name):
        return replace(field, confidence=round(field.confidence * PLAIN, 4))
    of_it = [one for one in made if field.name in one.fields]
    factor = UNCHECKED if not of_it else CHECKED if all(one.holds for one in of_it) else FAILED
    return replace(field, confidence=round(field.confidence * factor, 4))


def _is_amount(name: str) -> bool:
    return name in AMOUNTS or name.rpartition(".")[2] in ("amount", "base", "price", "quantity")


def _is_needed(name: str, kind: Kind) -> bool:
    """Whether a paper is no surer than this field."""
    if name == "kind" or name in NEEDED[kind] or name in AMOUNTS:
        return True
    part, _, rest = name.partition(".")
    return (part == "tender" or (part in ("line", "tax") and not rest.endswith("name"))) and bool(rest)


def _missing(content: Content, found: Sequence[Field], made: Sequence[Check]) -> list[str]:
    names = {one.name for one in found}
    told = [f"no {name} was found" for name in NEEDED[content.kind] if name not in names]
    done = {one.name for one in made}
    wanted = _SUMS_NEEDED.get(content.kind, ())
    words = {"lines": "lines", "tenders": "payments", "total": "net and tax"}
    told += [
        f"no {words[name]} were found that the total could be checked against" for name in wanted if name not in done
    ]
    return told


def _point(printed: Sequence[Row]) -> tuple[str, bool]:
    """The sign before decimals on a paper, and whether the other one stands there, too."""
    counted = Counter(point for row in printed for point in written.points(row.joined))
    point = "," if counted[","] > counted["."] else "."
    return point, bool(counted[","] and counted["."])


def _of_currency(printed: Sequence[Row], settings: BookSettings) -> list[str]:
    currency = settings.book.currency
    named = set().union(*(written.currencies(row.text) for row in printed)) - {currency}
    return [f"it names {', '.join(sorted(named))}, but the book is in {currency}"] if named else []
