"""Who may work a case: nobody one about himself.

A name is what a person says it is, as everywhere in the book. ``[cases.reviewers]`` in ``book.toml`` says what the
tills call a reviewer and which stores he runs; once it lists anybody, nobody else may decide. Two names are the same
person's where they differ in case, width of letters or blanks alone.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from ledger.cases.case import Case
from ledger.cases.events import (
    NAME_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    Assigned,
    Attached,
    Commented,
    Event,
    FlagAdded,
    FlagGone,
    FlagSuppressed,
    Opened,
    Suppressed,
)
from ledger.errors import CaseError
from ledger.settings import Reviewer

DETECTOR = "Tillproof"
"""In whose name the detector opens cases; no person's."""


class People:
    """What the book knows of those who work its cases."""

    def __init__(self, reviewers: Mapping[str, Reviewer]) -> None:
        self._known = {_plain(name): one for name, one in reviewers.items()}

    def same(self, name: str, person: str) -> bool:
        """Whether a name is that of the person whom a till calls ``person``."""
        known = self._known.get(_plain(name))
        called = {_plain(name), *(_plain(one) for one in (known.cashiers if known else ()))}
        return _plain(person) in called

    def concerns(self, name: str, case: Case) -> bool:
        """Whether a case is about whoever has a name: about his person, or about no person but a store that he runs."""
        if any(self.same(name, person) for person in case.persons):
            return True
        known = self._known.get(_plain(name))
        return known is not None and not case.persons and case.cause.store in known.stores

    def refuse(self, by: str, event: Event, case: Case | None) -> None:
        """CaseError where somebody may not record an event; ``case`` is what it is about, None where it is none."""
        if isinstance(event, Opened | FlagAdded | FlagGone | FlagSuppressed):
            return
        self._refuse_name(by)
        if isinstance(event, Assigned) and event.to:
            self._refuse_name(event.to)
            if case is not None and self.concerns(event.to, case):
                raise CaseError(f"the case is about {event.to}, who cannot be the one to look at it")
        if isinstance(event, Suppressed) and event.person is not None and self.same(by, event.person):
            raise CaseError(f"nobody suppresses flags about himself, {by}; somebody else has to")
        for text in (getattr(event, name, "") for name in ("reason", "text", "owner")):
            if len(text) > TEXT_CHARACTERS_MAX:
                raise CaseError(f"a text of a case has at most {TEXT_CHARACTERS_MAX:,} characters")
        if isinstance(event, Commented) and not event.text.strip():
            raise CaseError("a comment needs words")
        if not isinstance(event, Commented | Attached) and case is not None and self.concerns(by, case):
            raise CaseError(f"the case is about {by}, and nobody works a case about himself; a comment can be left")

    def _refuse_name(self, name: str) -> None:
        if not name.strip():
            raise CaseError("a case is worked in somebody's name; say whose")
        if len(name) > NAME_CHARACTERS_MAX or not name.isprintable():
            raise CaseError(f"a name has at most {NAME_CHARACTERS_MAX} characters, all printable")
        if _plain(name) == _plain(DETECTOR):
            raise CaseError(f"{DETECTOR} is no person; say who decides")
        if self._known and _plain(name) not in self._known:
            raise CaseError(f"{name} is not listed under [cases.reviewers] in book.toml, so cannot work cases")


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same person's as they are written."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
