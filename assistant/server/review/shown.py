"""A case as it is looked at: its flags, the receipt, its peers, the till and the history, gathered from the book."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from assistant.flags.flag import Flag
from assistant.flags.queue import Ranked
from assistant.flags.words import title_of, what_happened
from assistant.server.pages.view import View
from assistant.server.review.peers import Peers, peers
from assistant.server.review.till import Till, till
from assistant.service import Service
from ledger.cases.case import Case
from ledger.cases.events import FlagAdded, Recorded
from ledger.document import DocumentRecord
from ledger.reading import Entry

FLAGS_SHOWN_MAX = 50
BESIDE_MAX = 10
_ENTRY = re.compile(r"/entries/(\d{1,18})-(\d{1,18})")


@dataclass(frozen=True)
class Happened:
    """A line of a case's history: the flags that came at once are one. ``document`` is what was attached."""

    recorded: Recorded
    words: str
    text: str
    document: str | None


@dataclass(frozen=True)
class Shown:
    """All that stands on the page of a case. ``more`` is how many flags are not shown, ``days`` are the first and the
    last business date of its flags."""

    ranked: Ranked
    title: str
    days: tuple[date, date] | None
    flags: tuple[Flag, ...]
    more: int
    entry: Entry | None
    document: DocumentRecord | None
    peers: Peers | None
    till: Till | None
    history: tuple[Happened, ...]
    beside: tuple[tuple[Case, str], ...]


def shown(service: Service, one: Ranked, pages: View) -> Shown:
    """Gather what belongs to a case."""
    entry = _entry_of(service, one.head)
    days = [flag.business_date for flag in one.flags if flag.business_date is not None]
    beside = service.desk.beside(one.case)[:BESIDE_MAX]
    return Shown(
        ranked=one,
        title=title_of(one.case),
        days=(min(days), max(days)) if days else None,
        flags=one.flags[:FLAGS_SHOWN_MAX],
        more=max(0, len(one.flags) - FLAGS_SHOWN_MAX),
        entry=entry,
        document=service.book.document(entry.document) if entry is not None else None,
        peers=peers(service.figures, one, pages),
        till=_till_of(service, one.head, entry),
        history=tuple(_history(one.case)),
        beside=tuple((case, title_of(case)) for case in beside),
    )


def _entry_of(service: Service, flag: Flag) -> Entry | None:
    """The ticket's entry that a flag cites, or the last version of the ticket that it names."""
    cited = next((found for cite in flag.cites if (found := _ENTRY.fullmatch(cite.url))), None)
    if cited is not None:
        return service.book.entry(int(cited[1]), int(cited[2]))
    if flag.external_id is None:
        return None
    versions = service.book.find_ticket(flag.external_id, flag.source)
    return service.book.entry(*versions[-1]) if versions else None


def _till_of(service: Service, flag: Flag, entry: Entry | None) -> Till | None:
    if flag.store is None or flag.business_date is None:
        return None
    ticket = (entry.seq, entry.n) if entry is not None else None
    return till(service.figures, flag.store, flag.business_date, flag.register, ticket)


def _history(case: Case) -> list[Happened]:
    """What happened, the newest first."""
    found: list[Happened] = []
    flags = 0
    for number, one in enumerate(case.history):
        following = case.history[number + 1] if number + 1 < len(case.history) else None
        if isinstance(one.event, FlagAdded):
            flags += 1
            if following is not None and isinstance(following.event, FlagAdded) and following.seq == one.seq:
                continue
            found.append(Happened(one, "added a flag" if flags == 1 else f"added {flags} flags", "", None))
            flags = 0
            continue
        words, text = what_happened(one.event)
        found.append(Happened(one, words, text, getattr(one.event, "document", None)))
    return found[::-1]
