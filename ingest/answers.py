"""Names of tills that the book does not know: what is held by each, and the answer that lets all of it in.

A name is asked for once, of its source: another till may mean something else by it. Which name a ticket lacks is read
back from the sentence that held it. An answer is kept in the book's settings, and what it was missing to is taken again
by the one way in; what lacks something else still is held by that.
"""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ingest.hold import release
from ingest.pipeline import IntakeReport
from ingest.validate import sentences
from ledger.accounts import Chart, is_account
from ledger.book import Book
from ledger.errors import InputError
from ledger.names import TABLE_OF, Answer, Kind
from ledger.reading import HeldRow
from ledger.settings import BookSettings

_KIND_OF: dict[str, tuple[Kind, str]] = {
    "unknown-tender": ("tender", "unknown_tender"),
    "unknown-category": ("category", "unknown_category"),
    "unknown-tax": ("tax", "unknown_tax"),
    "unknown-tax-rate": ("tax", "unknown_rate"),
}
"""For each rule that holds a ticket for a name: of what kind that is, and what of its sentence says it."""
_OF_STORES = ("unknown-store", "unknown-event")
BY_NAME = frozenset({*_KIND_OF, "unknown-store"})
"""The rules that hold a ticket for a name alone."""
_NO_NAME = "(no name)"
_BEGINS: dict[Kind, tuple[str, ...]] = {
    "tender": ("assets:", "liabilities:", "expenses:"),
    "category": ("income:",),
    "tax": ("liabilities:",),
}
"""Where a tender can be collected, a category be earned and a tax be owed."""


@dataclass(frozen=True)
class Asked:
    """A name of a source that the book does not know, with what is held for it. ``rate`` is there where a known tax
    came at a rate in percent that is not."""

    kind: Kind
    source: str
    name: str
    rate: str | None
    held: tuple[HeldRow, ...]

    @property
    def amount_minor(self) -> int:
        """What the held tickets come to, in the book's currency: those in another one are held by another rule."""
        return sum(one.amount_minor or 0 for one in self.held)

    @property
    def days(self) -> tuple[date, date] | None:
        """First and last business date of what is held; None where none could be read."""
        found = [one.business_date for one in self.held if one.business_date is not None]
        return (date.fromisoformat(min(found)), date.fromisoformat(max(found))) if found else None


def asked(book: Book, held: Iterable[HeldRow] | None = None) -> list[Asked]:
    """The names that are missing, those first that hold the most; ``held`` is what is held, where it is known."""
    groups: dict[tuple[Kind, str, str, str | None], list[HeldRow]] = {}
    known = _Known(book.settings, book.chart)
    for row in book.held() if held is None else held:
        found = _missing(row, book.settings)
        if found is not None and not known.knows(row.source, *found):
            groups.setdefault((found[0], row.source, *found[1:]), []).append(row)
    made = [Asked(kind, source, name, rate, tuple(rows)) for (kind, source, name, rate), rows in groups.items()]
    return sorted(made, key=lambda one: (-len(one.held), one.kind, one.source, one.name, one.rate or ""))


def standing(book: Book) -> list[HeldRow]:
    """What is held, the newest first, without what was held for a name that is known by now where the same record is
    held for something else: of that only the other reason still stands."""
    held, known = book.held(), _Known(book.settings, book.chart)
    reasons = Counter((row.document, row.locator) for row in held)

    def stands(row: HeldRow) -> bool:
        found = _missing(row, book.settings) if reasons[row.document, row.locator] > 1 else None
        return found is None or not known.knows(row.source, *found)

    return [row for row in held if stands(row)]


def answer(book: Book, given: Answer) -> IntakeReport:
    """Keep an answer and take again what is held for that name, as of the moment ``given.at``.

    The counts are those of all documents that were taken again. InputError says why an answer does not fit; nothing was
    changed then.
    """
    book.follow_names()
    whole = _completed(book, given)
    waiting = [one for one in asked(book) if (one.kind, one.source, one.name) == given.key]
    book.answer_name(whole)
    documents = {row.document for one in waiting for row in one.held}
    return release(book, at=given.at, documents=documents) if documents else IntakeReport()


def meaning(book: Book, kind: Kind, source: str, name: str) -> str | None:
    """What a source's name means in the book at present; None for a name that was never answered."""
    own: dict[str, str] = getattr(book.settings.source(source), TABLE_OF[kind])
    return own.get(name)


class _Known:
    """What the book knows of each source's names; each is looked up once."""

    def __init__(self, settings: BookSettings, chart: Chart) -> None:
        self._settings = settings
        self._chart = chart
        self._told: dict[tuple[str, Kind, str, str | None], bool] = {}

    def knows(self, source: str, kind: Kind, name: str, rate: str | None) -> bool:
        """Whether a name, or a rate of a tax, would hold a ticket no more."""
        key = (source, kind, name, rate)
        if key not in self._told:
            self._told[key] = self._looked_up(*key)
        return self._told[key]

    def _looked_up(self, source: str, kind: Kind, name: str, rate: str | None) -> bool:
        settings, own = self._settings, self._settings.source(source)
        if kind == "tender":
            return self._chart.of_source(settings, source).tender_type(name) is not None
        if kind == "store":
            return not settings.holds_new("stores") or settings.store_names(source).get(name, name) in settings.stores
        if rate is not None:
            return name not in own.rates or rate in {f"{one.normalize():f}" for one in own.rates[name]}
        table: Literal["categories", "taxes"] = "categories" if kind == "category" else "taxes"
        named: dict[str, str] = getattr(own, table)
        known = {*settings.accounts.get(table, ()), *named.values()}
        return not settings.holds_new(table) or named.get(name, name) in known


def _missing(row: HeldRow, settings: BookSettings) -> tuple[Kind, str, str | None] | None:
    """Kind and name (and rate) that a record was held for; None where it was held for something else."""
    if row.disposition != "quarantined":
        return None
    if row.rule in _OF_STORES:
        return ("store", row.store, None) if row.store else None
    if row.rule not in _KIND_OF:
        return None
    kind, column = _KIND_OF[row.rule]
    said = next(filter(None, (_said(row, one, column) for one in sentences(row.rule, settings))), None)
    if said is None or said == _NO_NAME:
        return None
    if row.rule != "unknown-tax-rate":
        return kind, said, None
    name, _, rate = said.rpartition(" at ")
    return kind, name, rate.removesuffix(" %")


def _said(row: HeldRow, sentence: str, column: str) -> str | None:
    """What stands in place of a column in the reason that was made of a sentence; None where another sentence made it,
    or one that says something else of the ticket that is not known any more."""
    around: list[str] = [""]
    for text, field, _, _ in string.Formatter().parse(sentence):
        around[-1] += text
        if field == column:
            around.append("")
        elif field in ("external_id", "store", "business_date"):
            around[-1] += str(getattr(row, field))
        elif field is not None:
            return None
    if len(around) != 2:
        return None
    before, after = around[0], f"{around[1]} ({row.locator})"
    fits = row.reason.startswith(before) and row.reason.endswith(after)
    return row.reason[len(before) : -len(after)] if fits and len(row.reason) >= len(before) + len(after) else None


# --- an answer --------------------------------------------------------------------------------------------------------


def _completed(book: Book, given: Answer) -> Answer:
    """The answer with what follows by itself. InputError where it does not fit what the book knows."""
    check = {"store": _store, "tender": _tender, "category": _category, "tax": _tax}[given.kind]
    if given.rates and given.kind != "tax":
        raise InputError(f"only a tax has rates; leave them out for the {given.kind} {given.name!r}")
    if given.kind != "store" and (given.time_zone is not None or given.cut_off is not None):
        raise InputError(f"only a store has a time zone and a cut-off; leave them out for the {given.kind}")
    if given.account is not None:
        if given.kind == "store":
            raise InputError("a store has no account; leave it out")
        if not is_account(given.account) or not given.account.startswith(_BEGINS[given.kind]):
            begins = " or ".join(f"{one}..." for one in _BEGINS[given.kind])
            raise InputError(f"{given.account!r} is no account of a {given.kind}; write it as {begins}, in lower case")
    return check(book, given)


def _store(book: Book, given: Answer) -> Answer:
    settings = book.settings
    if given.means in settings.stores:
        if given.time_zone is not None or given.cut_off is not None:
            raise InputError(
                f"store {given.means!r} is known, with its time zone and cut-off in book.toml; leave them out"
            )
        return given
    if not settings.holds_new("stores"):
        if given.time_zone is not None or given.cut_off is not None:
            raise InputError(
                "the book takes any store, as it lists none; to list this one would hold the tickets of all others: "
                "list your stores under [stores] in book.toml, or leave time zone and cut-off out"
            )
        return given
    if given.time_zone is None:
        raise InputError(
            f"store {given.means!r} is new to the book: give its time zone (the book's own is "
            f"{settings.book.time_zone}), or one of {', '.join(sorted(settings.stores)) or 'no others'}"
        )
    return given


def _tender(book: Book, given: Answer) -> Answer:
    if given.means not in book.chart.tenders:
        if given.account is None:
            raise InputError(
                f"{given.means!r} is no tender type of the book; use one of {', '.join(sorted(book.chart.tenders))}, "
                "or give the account that it is collected in"
            )
        return given
    return _without_account(given, book.chart.tenders[given.means])


def _category(book: Book, given: Answer) -> Answer:
    if given.means in book.chart.categories:
        return _without_account(given, book.chart.categories[given.means])
    return given if given.account else given.model_copy(update={"account": book.chart.roles["sales"]})


def _tax(book: Book, given: Answer) -> Answer:
    if given.means in book.chart.taxes:
        given = _without_account(given, book.chart.taxes[given.means])
    before = [f"{one.normalize():f}" for one in book.settings.source(given.source).rates.get(given.means, ())]
    return given.model_copy(update={"rates": tuple(dict.fromkeys([*before, *given.rates]))})


def _without_account(given: Answer, account: str) -> Answer:
    if given.account not in (None, account):
        raise InputError(f"{given.means!r} has the account {account} already; leave the account out")
    return given.model_copy(update={"account": None})
