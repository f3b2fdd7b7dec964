"""The queue: as many cases a day as there is time for, those first where the most money is likely to be lost.

What a case comes before others by is its money at risk times the chance that it is confirmed, where the money of each
ticket counts by its own score. The chance is what its rules' scores come to with the weight that verdicts gave each
rule (``assistant.flags.learn``), or what the re-ranker says where one is in force. A case without an amount counts as
much as the median of those with one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from statistics import median
from zoneinfo import ZoneInfo

from assistant.flags import facts
from assistant.flags.causes import SAMPLE, ticket_of
from assistant.flags.flag import Flag
from assistant.flags.rank import chance
from ledger.cases.case import Case
from ledger.cases.events import WeightsAdopted
from ledger.cases.worked import Worked


@dataclass(frozen=True)
class Ranked:
    """A case with its flags read, the highest score first, and what it is ranked by.

    ``money_minor`` is in the book's currency; None where no flag has an amount in it. ``flags`` are those that are
    still found; where none is, what the case was made of, and ``gone`` says so.
    """

    case: Case
    flags: tuple[Flag, ...]
    money_minor: int | None
    chance: float
    gone: bool
    priority: float = 0.0

    @property
    def head(self) -> Flag:
        """The flag that speaks for the case."""
        return self.flags[0]

    @cached_property
    def score(self) -> float:
        """The highest score of its flags."""
        return self.head.score


@dataclass(frozen=True)
class Queue:
    """The cases of a day. ``waiting`` wait for a store, ``beyond`` are left for later days, each with the most urgent
    first; of those in ``gone`` nothing is found any more. ``closed`` is how many were closed that day out of
    ``a_day``."""

    today: tuple[Ranked, ...]
    waiting: tuple[Ranked, ...]
    beyond: tuple[Ranked, ...]
    sampled: tuple[Ranked, ...]
    gone: tuple[Ranked, ...]
    closed: int
    a_day: int


def read_case(case: Case, currency: str, weights: WeightsAdopted | None) -> Ranked:
    """A case with its flags, not yet ranked against others."""
    left = [one for one in case.flags if one.flag not in case.gone]
    flags = sorted((facts.read(one.facts) for one in left or case.flags), key=lambda one: (-one.score, one.id))
    money = money_of(flags, currency)
    return Ranked(case, tuple(flags), money, chance(flags, money, weights), not left)


def ranked(cases: Iterable[Case], currency: str, weights: WeightsAdopted | None) -> list[Ranked]:
    """Cases that have a flag, the most urgent first."""
    found = [read_case(case, currency, weights) for case in cases if case.flags]
    amounts = [one.money_minor for one in found if one.money_minor is not None]
    usual = median(amounts) if amounts else 1
    scored = [replace(one, priority=one.chance * _stake(one, currency, usual)) for one in found]
    return sorted(scored, key=lambda one: (-one.priority, one.case.id))


def queue(worked: Worked, *, currency: str, a_day: int, today: date, zone: ZoneInfo) -> Queue:
    """The queue of a day: undecided cases up to the day's number less those that were closed that day."""
    undecided = ranked((one for one in worked.cases.values() if not one.closed), currency, worked.weights.in_force)
    closed = sum(_closed_on(case, today, zone) for case in worked.cases.values())
    sampled = [one for one in undecided if one.case.cause.family == SAMPLE]
    gone = [one for one in undecided if one.gone]
    found = [one for one in undecided if one.case.cause.family != SAMPLE and not one.gone]
    waiting = [one for one in found if one.case.state == "waiting"]
    rest = [one for one in found if one.case.state != "waiting"]
    left = max(a_day - closed, 0)
    return Queue(tuple(rest[:left]), tuple(waiting), tuple(rest[left:]), tuple(sampled), tuple(gone), closed, a_day)


def money_of(flags: Sequence[Flag], currency: str) -> int | None:
    """Money at risk in a case, in minor units of ``currency``: each ticket once, and where whole days are at risk for
    more than the tickets, those."""
    sums = [sum(money for money, _ in of.values()) for of in _subjects(flags, currency)]
    return max(sums) if any(_subjects(flags, currency)) else None


def stake_of(flags: Sequence[Flag], currency: str) -> float | None:
    """The same with each ticket's (or day's) money counted by how its score compares with the best of the case: a case
    is as likely as its best flag, and what else is in it is not."""
    best = max((flag.score for flag in flags), default=0.0)
    subjects = _subjects(flags, currency)
    if not any(subjects):
        return None
    return max(sum(money * (score / best if best else 1.0) for money, score in of.values()) for of in subjects)


def _subjects(flags: Sequence[Flag], currency: str) -> tuple[dict[object, tuple[int, float]], ...]:
    """Money and score of each ticket, and of each day, that flags are about."""
    tickets: dict[object, tuple[int, float]] = {}
    days: dict[object, tuple[int, float]] = {}
    for flag in flags:
        if flag.money_minor is None or flag.currency != currency:
            continue
        ticket = ticket_of(flag)
        into, key = (tickets, ticket) if ticket else (days, (flag.level, flag.store, flag.business_date, flag.register))
        money, score = into.get(key, (0, 0.0))
        into[key] = max(money, flag.money_minor), max(score, flag.score)
    return tickets, days


def _stake(one: Ranked, currency: str, usual: float) -> float:
    stake = stake_of(one.flags, currency)
    return max(usual if stake is None else stake, 1.0)


def _closed_on(case: Case, day: date, zone: ZoneInfo) -> bool:
    verdict = case.verdict
    of_sample = case.cause.family == SAMPLE
    return verdict is not None and not of_sample and verdict.at.astimezone(zone).date() == day
