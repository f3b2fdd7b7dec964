"""Suppressions: flags that are known and make no cases for a while, unless one scores far higher."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from assistant.flags.flag import Flag
from ledger.cases.beside import Suppression
from ledger.cases.events import Suppressed, subject_of

BREAKS_THROUGH = 4.0
"""A flag whose odds (score : 1 - score) are this many times those of the highest score that was suppressed makes a case
all the same: 0.8 breaks through 0.5, 0.98 through 0.9. What scores 1 is suppressed for good by its like."""


def suppression_id(book_id: str, terms: Suppressed, made: int) -> str:
    """The id of a new suppression; ``made`` is how many there were before it."""
    scope = (terms.family, terms.kind, terms.store, terms.person, terms.register)
    return subject_of(book_id, "suppression", *scope, terms.until, made)


def covers(terms: Suppressed, flag: Flag) -> bool:
    """Whether a flag lies in a scope, whatever it scores."""
    given = (
        (terms.family, flag.family),
        (terms.kind, flag.kind),
        (terms.store, flag.store),
        (terms.person, flag.cashier),
        (terms.register, flag.register),
    )
    return all(wanted is None or wanted == value for wanted, value in given)


def breaks_through(score: float, suppressed: float) -> bool:
    """Whether a score is far higher than the highest that was suppressed."""
    return score * (1 - suppressed) >= BREAKS_THROUGH * suppressed * (1 - score) and score > suppressed


def suppressing(flag: Flag, suppressions: Iterable[Suppression], today: date) -> Suppression | None:
    """The suppression in force that keeps a flag from making a case: the one that ends last; None where none does."""
    found = [
        one
        for one in suppressions
        if one.in_force(today) and covers(one.terms, flag) and not breaks_through(flag.score, one.terms.score)
    ]
    return max(found, key=lambda one: (one.terms.until, one.id), default=None)
