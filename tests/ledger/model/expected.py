"""``Model``: what a book must hold after some deliveries and changes of periods.

A few dictionaries of whole numbers. It knows the rules as they are written down (DESIGN, the chart's default
accounts, what open, soft-closed and locked mean) and nothing of the ledger's code: what it
predicts, it predicts on its own.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

Key = tuple[str, str, str, str]  # account, currency, store, ISO business date

CLEARING = {"cash": "assets:cash", "card": "assets:clearing:card"}


@dataclass(frozen=True)
class Record:
    """A ticket or till event as a till has it: amounts in cents, all positive but for the count's difference.

    Two that differ in a field are two contents; what a kind has no use for is left as it is here.
    """

    number: str
    kind: str  # sale, return, exchange, void, count
    store: str
    day: date
    sold: int = 0
    returned: int = 0
    discount: int = 0
    tax: int = 0
    tip: int = 0
    tender: str = "card"
    difference: int = 0
    stamp: int = 0
    memo: str = ""

    def collected(self) -> int:
        return 0 if self.kind in ("void", "count") else self.sold - self.discount - self.returned + self.tax + self.tip

    def effects(self) -> dict[str, int]:
        """What the record does to accounts: debits positive."""
        if self.kind == "void":
            return {}
        if self.kind == "count":
            return {"assets:cash": self.difference, "expenses:over-short": -self.difference}
        return {
            "income:sales": -self.sold,
            "income:discounts": self.discount,
            "income:returns": self.returned,
            "liabilities:tax:state": -self.tax,
            "liabilities:tips": -self.tip,
            CLEARING[self.tender]: self.collected(),
        }


@dataclass(frozen=True)
class Entered:
    """An entry that the model expects: of a record or, negated, of its reversal; on the day that it is posted on,
    with the day that it belongs to where that is another."""

    of: Record
    reversal: bool
    day: date
    belongs: date | None

    def effects(self) -> dict[str, int]:
        sign = -1 if self.reversal else 1
        return {account: sign * amount for account, amount in self.of.effects().items()}


@dataclass(frozen=True)
class Known:
    """What was known after a commit."""

    balances: dict[Key, int]
    metrics: dict[str, int]


@dataclass
class Model:
    """What a book must hold. ``history`` has what was known after each commit, the first one's first."""

    versions: dict[str, dict[int, Record]] = field(default_factory=dict)  # number -> stamp -> record
    standing: dict[tuple[str, int], Entered] = field(default_factory=dict)  # number, stamp -> its entry
    entered: list[Entered] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    holds: set[tuple[str, str]] = field(default_factory=set)  # rule, number
    states: dict[date, str] = field(default_factory=dict)  # of the days that are not open
    history: list[Known] = field(default_factory=list)

    def commit(self) -> None:
        """A commit is done: remember what is known."""
        self.history.append(Known(self.balances(), self.metrics()))

    @property
    def commits(self) -> int:
        return len(self.history)

    # --- what comes in --------------------------------------------------------------------------------------------

    def deliver(self, record: Record, into_soft_closed: bool = False) -> str:
        """What becomes of a record: posted, versions, duplicates or quarantined."""
        known = self.versions.setdefault(record.number, {})
        if record in known.values():
            outcome = "duplicates"
        elif self.state(record.day) == "soft_closed" and not into_soft_closed:
            outcome = self.hold("period-soft-closed", record.number)
        elif record.stamp in known:
            outcome = self.hold("changed-without-newer-stamp", record.number)
        else:
            outcome = "versions" if known else "posted"
            self._post(record, into_soft_closed)
        self.counts[outcome] += 1
        self.counts["records"] += 1
        return outcome

    def hold(self, rule: str, number: str) -> str:
        self.holds.add((rule, number))
        return "quarantined"

    def change_period(self, start: date, end: date, state: str) -> None:
        """The days from ``start`` to ``end`` have another state: a commit."""
        days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
        self.states |= dict.fromkeys(days, state)
        self.commit()

    def state(self, day: date) -> str:
        return self.states.get(day, "open")

    def _post(self, record: Record, into_soft_closed: bool) -> None:
        known = self.versions[record.number]
        live = max(known, default=None)
        known[record.stamp] = record
        barring = ("locked",) if into_soft_closed else ("locked", "soft_closed")
        entry = self._enter(record, False, record.day, None, barring)
        self.standing[(record.number, record.stamp)] = entry
        if live is not None:
            old = self.standing[(record.number, min(live, record.stamp))]
            self._enter(old.of, True, old.day, old.belongs, barring)

    def _enter(
        self, record: Record, reversal: bool, day: date, belongs: date | None, barring: tuple[str, ...]
    ) -> Entered:
        """Into the journal: on its day, or on the first open one after it where its own is closed."""
        on = day
        if self.state(day) in barring:
            while self.state(on) != "open":
                on += timedelta(days=1)
        made = Entered(record, reversal, on, belongs or (day if on != day else None))
        self.entered.append(made)
        return made

    # --- what must be there -----------------------------------------------------------------------------------------

    def live(self) -> list[Record]:
        return [known[max(known)] for known in self.versions.values() if known]

    def balances(self) -> dict[Key, int]:
        found: Counter[Key] = Counter()
        for one in self.entered:
            for account, amount in one.effects().items():
                found[(account, "USD", one.of.store, str(one.day))] += amount
        return {key: amount for key, amount in found.items() if amount}

    def metrics(self) -> dict[str, int]:
        live = self.live()
        traded = [one for one in live if one.kind not in ("void", "count")]
        return {
            "net_sales": sum(one.sold - one.discount - one.returned for one in traded),
            "tax_collected": sum(one.tax for one in traded),
            "tips": sum(one.tip for one in traded),
            "total_collected": sum(one.collected() for one in traded),
            "transactions": sum(one.kind in ("sale", "exchange") for one in live),
            "over_short": sum(one.difference for one in live),
        }


def net_sales_by_day(balances: dict[Key, int]) -> dict[str, int]:
    """From the accounts that make up net sales, by ISO business date, in cents; days that come to nothing are left
    out."""
    found: Counter[str] = Counter()
    for (account, _, _, day), amount in balances.items():
        if account in ("income:sales", "income:discounts", "income:returns"):
            found[day] -= amount
    return {day: amount for day, amount in found.items() if amount}
