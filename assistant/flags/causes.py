"""Which case a flag belongs to: flags of one cause make one case.

- What a person may have done is one cause for a store, a person and a family of rules: refunds by Grace at Downtown.
- What is wrong with a store's data is one for the store and the check: a gap in its numbers is not a missing day.
- What is systemic is one for the whole book: a wrong table of taxes, and each delivery that is wrong in itself.

A cause lasts for a window of some weeks that begins on the same days for all, so that the case of a flag does not
depend on which flags came before it. A hint (a score without a rule, a matter of statistics) goes to the case that its
ticket is in already.
"""

from __future__ import annotations

from datetime import date, timedelta

from assistant.flags.flag import Flag, Level
from ledger.cases.events import Opened, subject_of

EPOCH = date(2001, 1, 1)
"""A Monday, on which some window begins."""
SYSTEMIC = frozenset({"tax"})
"""Families whose flags are about the book's settings, whoever was at the till."""
HINTS = frozenset({"unusual", "statistics"})
SAMPLE = "sample"
"""Family and kind of what no rule flagged but chance drew."""


def cause_of(flag: Flag, window_days: int) -> Opened:
    """The cause of a flag, as the event that would open its case; ``follows`` is not known here."""
    first, last = window(flag.business_date, window_days)
    if flag.level == Level.DOCUMENT:
        return Opened(None, None, flag.family, f"{flag.kind} {flag.document or flag.id}", None, None, None)
    if flag.family in SYSTEMIC:
        return Opened(None, None, flag.family, flag.kind, first, last, None)
    if flag.cashier is not None:
        return Opened(flag.store, flag.cashier, flag.family, None, first, last, None)
    return Opened(flag.store, None, flag.family, flag.kind, first, last, None)


def case_id(book_id: str, cause: Opened, generation: int) -> str:
    """The id of the case of a cause; ``generation`` counts its cases, from 1: a closed case takes no flags any more."""
    about = (cause.store, cause.person, cause.family, cause.about, cause.first)
    return subject_of(book_id, "case", *about, generation)


def window(day: date | None, days: int) -> tuple[date | None, date | None]:
    """First and last day of the window that a business date lies in."""
    if day is None:
        return None, None
    first = EPOCH + timedelta(days=(day - EPOCH).days // days * days)
    return first, first + timedelta(days=days - 1)


def ticket_of(flag: Flag) -> tuple[str | None, str] | None:
    """The ticket that a flag is about: its source and number; None where it is about none."""
    return None if flag.external_id is None else (flag.source, flag.external_id)
