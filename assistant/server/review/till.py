"""The till around a ticket: what its register rang before and after it, and how its drawer was counted that day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from assistant.server.entries import collected
from ledger.figures import Figures
from ledger.reading import TicketPlace

AROUND = 5
"""Tickets that are shown before and after."""
TICKETS_MAX = 5_000
"""A register with more tickets a day is not looked through."""


@dataclass(frozen=True)
class Counted:
    """A count of a drawer: whose, and by how much it was over (short where negative), in minor units."""

    seq: int
    n: int
    cashier: str | None
    over_short_minor: int


@dataclass(frozen=True)
class Till:
    """Tickets in order of time; ``before`` and ``after`` are how many more there were that day. ``collected`` is what
    was collected on each, in minor units, by its address."""

    tickets: tuple[TicketPlace, ...]
    before: int
    after: int
    counts: tuple[Counted, ...]
    collected: Mapping[tuple[int, int], int]


def till(figures: Figures, store: str, day: date, register: str | None, ticket: tuple[int, int] | None) -> Till | None:
    """The till of a store on a day; all registers where none is named. None where nothing is known of it."""
    found = figures.locked(lambda: _found(figures, store, day, register))
    commits, counts = found
    tickets = [
        one
        for one in (figures.book.tickets_between(day, day, store=store, commits=commits) if commits else ())
        if register is None or one.register == register
    ]
    tickets.sort(key=lambda one: (one.closed_at or datetime.max.replace(tzinfo=UTC), one.external_id))
    place = next((number for number, one in enumerate(tickets) if (one.seq, one.n) == ticket), None)
    first = 0 if place is None else max(0, place - AROUND)
    last = 2 * AROUND + 1 if place is None else place + AROUND + 1
    shown = tuple(tickets[first:last])
    if not shown and not counts:
        return None
    paid = figures.locked(lambda: collected(figures, [(one.seq, one.n) for one in shown]))
    return Till(shown, first, len(tickets) - first - len(shown), tuple(counts), paid)


def _found(figures: Figures, store: str, day: date, register: str | None) -> tuple[list[int], list[Counted]]:
    tickets, events = figures.table("tickets"), figures.table("events")
    here = tickets.filter(tickets.store == store, tickets.business_date == day)
    counted = events.filter(events.store == store, events.business_date == day, events.over_short.notnull())
    if register is not None:
        here, counted = here.filter(here.register == register), counted.filter(counted.register == register)
    commits = figures.rows(here.group_by("seq").aggregate(number=here.count()))
    rows = figures.rows(counted.select("seq", "n", "cashier", "over_short").order_by(["seq", "n"]))
    if sum(row["number"] for row in commits) > TICKETS_MAX:
        commits = []
    return [row["seq"] for row in commits], [
        Counted(row["seq"], row["n"], row["cashier"], int(row["over_short"])) for row in rows
    ]
