"""Faults that are put into a feed, each of a kind, and what ought to be flagged for it.

A label is (level, key): a ticket's number at the till, (store, day, cashier), (store, day) or the number of a delivery.
Gross ones stand beside subtle ones of the same kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

from assistant.flags.features.digits import ANCHOR, BLOCK_DAYS
from assistant.flags.flag import Level
from bench.flags.feed import Feed
from bench.flags.trade import LIMIT, cut, drawers, multiply, prefix, raise_tip, split

Key = tuple[Any, ...]


@dataclass
class Injected:
    """A feed with faults; ``labels`` are by (level, key), with the kind of each."""

    feed: Feed
    chance: np.random.Generator
    labels: dict[tuple[Level, Key], str] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)
    used_days: set[tuple[str, date]] = field(default_factory=set)
    made_up: list[tuple[str, str, int]] = field(default_factory=list)
    """Stores, cashiers and blocks of weeks whose digits are made up."""

    # --- choosing ---------------------------------------------------------------------------------------------------

    def sale(self, *stores: str, where: Callable[[int], bool] = lambda t: True) -> int:
        """A sale that nothing was done to, at one of some stores."""
        pool = self._pool(stores)
        for _ in range(4_000):
            t = int(pool[self.chance.integers(0, pool.size)])
            if t not in self.used and t not in self.feed.dropped and where(t):
                self.used.add(t)
                return t
        raise AssertionError("no such sale")

    def _pool(self, stores: tuple[str, ...]) -> np.ndarray:
        if not hasattr(self, "_pools"):
            self._pools: dict[str, np.ndarray] = {}
            sales = self.feed.of_kind()
            names = np.array([prefix(self.feed, int(t)) for t in sales])
            for name in set(names.tolist()):
                self._pools[name] = sales[names == name]
        return np.concatenate([self._pools[name] for name in (stores or tuple(self._pools))])

    def sales_of_day(self, *stores: str, least: int) -> list[int]:
        """The sales of one cashier on one day."""
        for _ in range(500):
            t = self.sale(*stores)
            found = [
                one for one in self._of_day(t) if self.feed.tickets["cashier"][one] == self.feed.tickets["cashier"][t]
            ]
            if len(found) >= least:
                return found
        raise AssertionError("no such day")

    def _of_day(self, t: int) -> list[int]:
        if not hasattr(self, "_days"):
            self._days: dict[tuple[str, date], list[int]] = {}
            for one in self.feed.of_kind().tolist():
                self._days.setdefault(
                    (self.feed.tickets["store"][one], self.feed.tickets["business_date"][one]), []
                ).append(one)
        return self._days[(self.feed.tickets["store"][t], self.feed.tickets["business_date"][t])]

    def weeks_of(self, cashier_of: int, count: int, *, days: int = 35) -> list[int]:
        """Sales of the cashier of a sale, spread over some weeks after it."""
        feed = self.feed
        who, start = (
            (feed.tickets["store"][cashier_of], feed.tickets["cashier"][cashier_of]),
            feed.tickets["business_date"][cashier_of],
        )
        if not hasattr(self, "_people"):
            self._people: dict[tuple[str, str], list[int]] = {}
            for one in feed.of_kind().tolist():
                self._people.setdefault((feed.tickets["store"][one], feed.tickets["cashier"][one]), []).append(one)
        pool = [
            t
            for t in self._people[who]
            if t not in self.used and abs((feed.tickets["business_date"][t] - start).days) <= days
        ]
        chosen = sorted(self.chance.choice(pool, min(count, len(pool)), replace=False).tolist())
        self.used.update(chosen)
        return chosen

    def day(self, *stores: str, least: int = 8) -> tuple[str, date, list[int]]:
        """A store-day that nothing was done to."""
        first, last = self.feed.known.span  # type: ignore[misc]
        for _ in range(1_000):
            t = self.sale(*stores)
            store, day = self.feed.tickets["store"][t], self.feed.tickets["business_date"][t]
            around = all((store, day + timedelta(days=n)) not in self.used_days for n in (-1, 0, 1))
            if around and len(self._of_day(t)) >= least and first + timedelta(days=21) < day < last - timedelta(days=3):
                self.used_days.add((store, day))
                return store, day, self._of_day(t)
        raise AssertionError("no such store-day")

    # --- labels -----------------------------------------------------------------------------------------------------

    def ticket(self, kind: str, t: int) -> None:
        self.labels[(Level.TICKET, (self.feed.tickets["source"][t], self.feed.tickets["external_id"][t]))] = kind

    def cashier_day(self, kind: str, t: int) -> None:
        row = self.feed.tickets
        self.labels[(Level.CASHIER_DAY, (row["store"][t], row["business_date"][t], row["cashier"][t]))] = kind

    def store_day(self, kind: str, store: str, day: date) -> None:
        self.labels[(Level.STORE_DAY, (store, day))] = kind

    # --- changing ---------------------------------------------------------------------------------------------------

    def returned(self, t: int, paid: str, *, amount: int | None = None, receipt: bool = False, **given: Any) -> None:
        """Make a sale a return of one line, paid back some way; by default without a receipt."""
        feed = self.feed
        feed.tickets["kind"][t] = "return"
        feed.tickets["original_external_id"][t] = None
        feed.tickets["receipt_present"][t] = receipt
        feed.tickets["tip_minor"][t] = 0
        feed.tickets["approver"][t] = None
        rows = feed.rows["lines"][t]
        for row in rows[1:]:
            for name in ("gross_minor", "discount_minor", "net_minor"):
                feed.lines[name][row] = 0
        row = rows[0]
        net = abs(feed.lines["net_minor"][row])
        if amount is not None:
            taxed = sum(feed.taxes["rate_micro"][one] or 0 for one in feed.rows["taxes"].get(t, [])) / 1_000_000
            rate = feed.rates[row] if feed.lines["tax_minor"][row] is not None else taxed
            net = round(amount / (1 + rate))
        feed.lines["kind"][row] = "item"
        feed.lines["voided"][row] = False
        feed.lines["discount_minor"][row], feed.lines["discount_code"][row] = 0, None
        feed.lines["gross_minor"][row] = feed.lines["net_minor"][row] = -net
        feed.lines["quantity_micro"][row] = -1_000_000
        feed.lines["list_price_minor"][row] = feed.lines["unit_price_minor"][row] = net
        feed.lines["cost_minor"][row] = None
        feed.settle(t)
        feed.pay(t, paid, **given)

    def original(self, t: int, days: int, where: Callable[[int], bool] = lambda t: True) -> int:
        """A sale of the same store some days before a ticket."""
        feed, day = self.feed, self.feed.tickets["business_date"][t] - timedelta(days=days)
        store = prefix(feed, t)
        return self.sale(
            store, where=lambda one: abs((feed.tickets["business_date"][one] - day).days) <= 2 and where(one)
        )

    def takes_back(self, t: int, sale: int, paid: str, **given: Any) -> None:
        """Make a ticket the return of a sale, whole."""
        feed = self.feed
        self.returned(t, paid, amount=max(300, feed.tickets["total_minor"][sale] - 3), receipt=True, **given)
        feed.tickets["original_external_id"][t] = feed.tickets["external_id"][sale]
        back = -feed.tickets["total_minor"][t]
        if back >= LIMIT:
            feed.tickets["approver"][t] = "Ms Manager"


def paid_by(feed: Feed, t: int, kind: str) -> bool:
    return all(str(feed.tenders["type"][row]).lower() == kind for row in feed.rows["tenders"].get(t, [])) and bool(
        feed.rows["tenders"].get(t)
    )


SHOPS, TABLES, PHYSICAL = ("HB", "EG"), ("MK", "AB"), ("HB", "EG", "MK", "AB")


# --- refunds ---------------------------------------------------------------------------------------------------------


def refund_no_receipt_cash(x: Injected, n: int) -> None:
    for place in range(n):
        t = x.sale(*SHOPS)
        amount = int(x.chance.integers(6_000, 14_000) if place % 2 else x.chance.integers(2_500, 4_500))
        x.returned(t, "cash", amount=amount)
        x.ticket("refund_no_receipt_cash", t)


def refund_own_card(x: Injected, n: int) -> None:
    for t in x.weeks_of(x.sale(*SHOPS), max(4, n)):
        x.returned(t, "card", amount=int(x.chance.integers(1_500, 5_000)), token="tok-own-card", entry_method="keyed")
        x.ticket("refund_own_card", t)


def refund_other_tender(x: Injected, n: int) -> None:
    for _ in range(n):
        t = x.sale(
            *SHOPS, where=lambda t: x.feed.tickets["business_date"][t] > x.feed.known.span[0] + timedelta(days=20)
        )  # type: ignore[index]
        sale = x.original(t, int(x.chance.integers(1, 10)), lambda one: paid_by(x.feed, one, "card"))
        x.takes_back(t, sale, "cash")
        x.ticket("refund_other_tender", t)


def refund_under_limit(x: Injected, n: int) -> None:
    for t in x.weeks_of(x.sale(*SHOPS), max(4, n), days=14):
        x.returned(
            t, "cash" if x.chance.random() < 0.5 else "card", amount=int(x.chance.integers(4_650, LIMIT)), receipt=True
        )
        x.ticket("refund_under_limit", t)
        x.cashier_day("refund_under_limit", t)


def refund_old(x: Injected, n: int) -> None:
    for _ in range(n):
        t = x.sale(*SHOPS, where=lambda t: (x.feed.tickets["business_date"][t] - x.feed.known.span[0]).days > 100)  # type: ignore[index]
        sale = x.original(t, int(x.chance.integers(50, 95)))
        x.takes_back(t, sale, "cash" if paid_by(x.feed, sale, "cash") else "card")
        x.ticket("refund_old", t)


def refund_twice(x: Injected, n: int) -> None:
    for _ in range(n):
        t = x.sale(
            *SHOPS, where=lambda t: x.feed.tickets["business_date"][t] > x.feed.known.span[0] + timedelta(days=20)
        )  # type: ignore[index]
        sale = x.original(t, int(x.chance.integers(1, 8)))
        again = x.weeks_of(t, 1, days=6)
        for one in (t, *again):
            x.takes_back(one, sale, "cash" if paid_by(x.feed, sale, "cash") else "card")
            x.ticket("refund_twice", one)


def refund_self_approved(x: Injected, n: int) -> None:
    for _ in range(n):
        t = x.sale(*SHOPS)
        x.returned(t, "cash", amount=int(x.chance.integers(5_500, 9_000)), receipt=True)
        x.feed.tickets["approver"][t] = x.feed.tickets["cashier"][t]
        x.ticket("refund_self_approved", t)


def refund_to_gift_card(x: Injected, n: int) -> None:
    for _ in range(n):
        t = x.sale(
            *SHOPS, where=lambda t: x.feed.tickets["business_date"][t] > x.feed.known.span[0] + timedelta(days=20)
        )  # type: ignore[index]
        sale = x.original(t, int(x.chance.integers(1, 10)), lambda one: paid_by(x.feed, one, "card"))
        x.takes_back(t, sale, "gift card", token="gc-own")
        x.ticket("refund_to_gift_card", t)


def refund_round(x: Injected, n: int) -> None:
    for _ in range(n):
        t = x.sale(*PHYSICAL)
        x.returned(t, "cash", amount=int(x.chance.choice([2_000, 2_500, 3_000, 4_000])))
        row = x.feed.rows["lines"][t][0]
        x.feed.lines["item_id"][row], x.feed.lines["name"][row] = "OPEN", "Open item"
        x.ticket("refund_round", t)


def refund_same_item(x: Injected, n: int) -> None:
    for t in x.weeks_of(x.sale("EG"), max(5, n)):
        x.returned(t, "cash", amount=1_399, receipt=True)
        row = x.feed.rows["lines"][t][0]
        x.feed.lines["item_id"][row], x.feed.lines["name"][row] = "EG117", "Laundry detergent"
        x.ticket("refund_same_item", t)


# --- voids and drawers -----------------------------------------------------------------------------------------------


def void_late(x: Injected, n: int) -> None:
    for place in range(n):
        t = x.sale(*PHYSICAL, where=lambda t: paid_by(x.feed, t, "cash"))
        x.feed.tickets["kind"][t] = "void_after_tender"
        x.feed.tickets["stamp"][t] = x.feed.tickets["closed"][t] + timedelta(minutes=int(40 + 60 * (place % 3)))
        x.feed.drop_tenders(t)
        x.ticket("void_late", t)


def void_not_rung_again(x: Injected, n: int) -> None:
    for t in x.weeks_of(x.sale(*PHYSICAL), max(4, n), days=20):
        x.feed.tickets["kind"][t] = "void_after_tender"
        x.feed.tickets["stamp"][t] = x.feed.tickets["closed"][t] + timedelta(minutes=int(x.chance.integers(3, 12)))
        x.feed.drop_tenders(t)
        x.ticket("void_not_rung_again", t)


def line_voids(x: Injected, n: int) -> None:
    for _ in range(max(2, n // 3)):
        day = [t for t in x.sales_of_day(*TABLES, least=6) if len(x.feed.rows["lines"][t]) >= 2][:5]
        for t in day:
            live = [row for row in x.feed.rows["lines"][t] if x.feed.lines["kind"][row] == "item"]
            if len(live) < 2:
                continue
            x.feed.lines["voided"][live[-1]] = True
            x.feed.settle(t)
            x.feed.pay(t, "cash")
            x.used.add(t)
        if day:
            x.cashier_day("line_voids", day[0])


def _count_of(x: Injected, t: int) -> int | None:
    feed = x.feed
    for row in range(len(feed.events["kind"])):
        same = all(feed.events[name][row] == feed.tickets[name][t] for name in ("store", "register", "business_date"))
        if same and feed.events["kind"][row] == "count":
            return row
    return None


def _own_count(x: Injected, *stores: str) -> tuple[int, int]:
    """A count of a drawer and a sale of the cashier whom it names."""
    feed = x.feed
    while True:
        t = x.sale(*stores)
        row = _count_of(x, t)
        if row is not None and feed.events["cashier"][row] == feed.tickets["cashier"][t]:
            return row, t


def no_sales(x: Injected, n: int) -> None:
    for place in range(n):
        row, t = _own_count(x, *PHYSICAL)
        x.feed.events["no_sales"][row] = int(x.chance.integers(12, 20) if place % 2 else x.chance.integers(6, 9))
        x.cashier_day("no_sales", t)


def cash_short(x: Injected, n: int) -> None:
    for place in range(n):
        row, t = _own_count(x, *PHYSICAL)
        off = int(x.chance.integers(6_000, 15_000) if place % 2 else x.chance.integers(2_000, 4_000))
        x.feed.events["counted_minor"][row] = x.feed.events["expected_minor"][row] - off
        x.feed.events["deposited_minor"][row] = (
            x.feed.events["counted_minor"][row] - x.feed.events["opening_float_minor"][row]
        )
        x.cashier_day("cash_short", t)


def shorts_chronic(x: Injected, n: int) -> None:
    first = x.sale(*PHYSICAL)
    who, done = (x.feed.tickets["store"][first], x.feed.tickets["cashier"][first]), 0
    start = x.feed.tickets["business_date"][first]
    for row in range(len(x.feed.events["kind"])):
        if (x.feed.events["store"][row], x.feed.events["cashier"][row]) != who or done >= max(8, n):
            continue
        if abs((x.feed.events["business_date"][row] - start).days) > 28:
            continue
        off = int(x.chance.integers(400, 1_100))
        x.feed.events["counted_minor"][row] = x.feed.events["expected_minor"][row] - off
        x.feed.events["deposited_minor"][row] = (
            x.feed.events["counted_minor"][row] - x.feed.events["opening_float_minor"][row]
        )
        x.labels[(Level.CASHIER_DAY, (who[0], x.feed.events["business_date"][row], who[1]))] = "shorts_chronic"
        done += 1


def deposit_short(x: Injected, n: int) -> None:
    for place in range(n):
        store, day, sales = x.day(*PHYSICAL)
        row = _count_of(x, sales[0])
        if row is None:
            continue
        x.feed.events["deposited_minor"][row] -= int(
            x.chance.integers(5_000, 20_000) if place % 2 else x.chance.integers(1_000, 3_000)
        )
        x.store_day("deposit_short", store, day)


def skimming(x: Injected, n: int) -> None:
    """Cash sales of a day that never were rung: the tills know nothing of them, and number on."""
    for _ in range(n):
        store, day, sales = x.day(*PHYSICAL, least=25)
        cash = [t for t in sales if paid_by(x.feed, t, "cash")]
        for t in cash[: round(0.9 * len(cash))]:
            x.feed.pay(
                t, "card", token=f"tok-s{t}", entry_method="chip"
            )  # the same tickets, less cash: numbers stay whole
            row = _count_of(x, t)
            if row is not None:
                for name in ("expected_minor", "counted_minor", "deposited_minor"):
                    x.feed.events[name][row] -= x.feed.tickets["total_minor"][t]
        x.store_day("skimming", store, day)


# --- prices ----------------------------------------------------------------------------------------------------------


def sweetheart(x: Injected, n: int) -> None:
    for t in x.weeks_of(x.sale(*SHOPS), max(5, n)):
        for row in x.feed.rows["lines"][t]:
            if x.feed.lines["kind"][row] == "item":
                cut(x.feed, row, float(x.chance.uniform(0.2, 0.5)))
        x.feed.settle(t)
        x.feed.tickets["customer"][t] = None
        x.feed.pay(t, "card", token="tok-friend", entry_method="chip")
        x.ticket("sweetheart", t)


def override_deep(x: Injected, n: int) -> None:
    for place in range(n):
        t = x.sale(*SHOPS)
        row = x.feed.rows["lines"][t][0]
        cut(
            x.feed,
            row,
            float(x.chance.uniform(0.7, 0.9) if place % 2 else x.chance.uniform(0.4, 0.6)),
            reason="price override",
        )
        x.feed.settle(t)
        x.ticket("override_deep", t)


def comp_unapproved(x: Injected, n: int) -> None:
    for _ in range(n):
        t = x.sale(*TABLES, where=lambda t: len(x.feed.rows["lines"][t]) >= 2)
        for row in x.feed.rows["lines"][t][:2]:
            cut(x.feed, row, 1.0, code="Comp - manager")
        x.feed.settle(t)
        x.feed.tickets["approver"][t] = None
        x.ticket("comp_unapproved", t)


def price_typo(x: Injected, n: int) -> None:
    for place in range(n):
        t = x.sale(*PHYSICAL)
        row = x.feed.rows["lines"][t][0]
        if x.feed.lines["kind"][row] != "item":
            continue
        factor = 10 if place % 2 else 0.1
        for name in ("gross_minor", "net_minor", "discount_minor", "list_price_minor", "unit_price_minor"):
            x.feed.lines[name][row] = round(x.feed.lines[name][row] * factor)
        x.feed.settle(t)
        x.ticket("price_typo", t)


def quantity_typo(x: Injected, n: int) -> None:
    for place in range(n):
        t = x.sale(*SHOPS)
        row = x.feed.rows["lines"][t][0]
        multiply(x.feed, row, 100 if place % 2 else 22)
        x.feed.settle(t)
        x.ticket("quantity_typo", t)


def promotion_ended(x: Injected, n: int) -> None:
    """One store goes on with the campaign's code for some days after the other stopped."""
    feed = x.feed
    first, last = feed.known.span  # type: ignore[misc]
    month = next(m for m in range(12) if (first.month - 1 + m) % 12 + 1 in (2, 5, 8, 11))
    year, number = first.year + (first.month - 1 + month) // 12, (first.month - 1 + month) % 12 + 1
    for offset in range(8, 8 + max(2, min(3, n))):
        day = date(year, number, offset)
        if not first < day < last:
            continue
        sales = [
            t for t in feed.of_kind().tolist() if prefix(feed, t) == "HB" and feed.tickets["business_date"][t] == day
        ]
        for t in sales:
            for row in feed.rows["lines"][t]:
                if feed.lines["kind"][row] == "item" and not feed.lines["discount_minor"][row]:
                    cut(feed, row, 0.15, code="BOOKWEEK15")
            feed.settle(t)
        if sales:
            x.store_day("promotion_ended", "Harbour Books", day)
            x.used_days.add(("Harbour Books", day))


# --- gift cards, tenders, tips ----------------------------------------------------------------------------------------


def _gift(x: Injected, t: int, value: int) -> int:
    feed = x.feed
    row = feed.rows["lines"][t][0]
    for name, given in (
        ("kind", "gift_card"),
        ("item_id", "GIFT"),
        ("name", "Gift card"),
        ("category", "Gift cards"),
        ("gross_minor", value),
        ("net_minor", value),
        ("discount_minor", 0),
        ("list_price_minor", value),
        ("unit_price_minor", value),
        ("quantity_micro", 1_000_000),
        ("cost_minor", None),
    ):
        feed.lines[name][row] = given
    feed.rates[row] = 0.0
    for other in feed.rows["lines"][t][1:]:
        for name in ("gross_minor", "net_minor", "discount_minor"):
            feed.lines[name][other] = 0
    feed.settle(t)
    return row


def gift_card_keyed(x: Injected, n: int) -> None:
    for place in range(n):
        t = x.sale(*SHOPS)
        _gift(x, t, int(x.chance.choice([50_000, 75_000]) if place % 2 else x.chance.choice([20_000, 30_000])))
        x.feed.pay(t, "card", token=f"tok-stolen-{place}", entry_method="keyed")
        x.ticket("gift_card_keyed", t)


def gift_card_discounted(x: Injected, n: int) -> None:
    for _ in range(n):
        t = x.sale(*SHOPS)
        row = _gift(x, t, 10_000)
        cut(x.feed, row, float(x.chance.choice([0.1, 0.2, 0.5])))
        x.feed.settle(t)
        x.ticket("gift_card_discounted", t)


def gift_card_soon(x: Injected, n: int) -> None:
    for _ in range(n):
        t = x.sale(*SHOPS)
        later = [
            one
            for one in x._of_day(t)
            if one > t
            and one not in x.used
            and x.feed.tickets["cashier"][one] == x.feed.tickets["cashier"][t]
            and x.feed.tickets["closed"][one] - x.feed.tickets["closed"][t] < timedelta(minutes=50)
        ]
        if not later:
            continue
        _gift(x, t, 10_000)
        x.feed.pay(later[0], "gift card", token=f"gc-{t}")
        x.used.add(later[0])
        x.ticket("gift_card_soon", later[0])


def equal_parts(x: Injected, n: int) -> None:
    for _ in range(n):
        t = x.sale(*SHOPS, where=lambda t: x.feed.tickets["total_minor"][t] > 1_500)
        multiply(x.feed, x.feed.rows["lines"][t][0], int(x.chance.integers(3, 8)))
        x.feed.settle(t)
        split(x.feed, t, int(x.chance.choice([4, 5, 6])), x.chance)
        x.ticket("equal_parts", t)


def card_velocity(x: Injected, n: int) -> None:
    for _ in range(max(1, n // 4)):
        for _ in range(50):
            t = x.sale(*PHYSICAL)
            start = x.feed.tickets["closed"][t]
            hour = [
                one
                for one in x._of_day(t)
                if one not in x.used and timedelta(0) <= x.feed.tickets["closed"][one] - start <= timedelta(minutes=55)
            ]
            if len(hour) >= 4:
                break
        for one in (t, *hour[:5]):
            x.feed.pay(one, "card", token=f"tok-fast-{t}", entry_method="contactless")
            x.used.add(one)
            x.ticket("card_velocity", one)


def card_keyed(x: Injected, n: int) -> None:
    for t in x.weeks_of(x.sale(*PHYSICAL), max(4, n)):
        x.feed.pay(t, "card", token=f"tok-k{int(x.chance.integers(0, 3))}", entry_method="keyed")
        x.ticket("card_keyed", t)


def house_at_end(x: Injected, n: int) -> None:
    for _ in range(n):
        t = x.sale(*SHOPS, where=lambda t: x.feed.tickets["business_date"][t].day >= 29)
        multiply(x.feed, x.feed.rows["lines"][t][0], int(x.chance.integers(8, 20)))
        x.feed.settle(t)
        x.feed.pay(t, "house account")
        x.feed.tickets["customer"][t] = "firm-new"
        x.ticket("house_at_end", t)


def tip_inflated(x: Injected, n: int) -> None:
    for place in range(n):
        t = x.sale(*TABLES, where=lambda t: paid_by(x.feed, t, "card"))
        raise_tip(x.feed, t, float(x.chance.uniform(0.6, 1.2) if place % 2 else x.chance.uniform(0.38, 0.5)))
        x.ticket("tip_inflated", t)


def tip_raised(x: Injected, n: int) -> None:
    """A dollar or two more, after the guest has gone."""
    for t in x.weeks_of(x.sale(*TABLES), max(5, n), days=14):
        if not paid_by(x.feed, t, "card") or not x.feed.tickets["tip_minor"][t]:
            continue
        before = x.feed.tickets["tip_minor"][t]
        more = int(x.chance.choice([100, 150, 200]))
        stamp = x.feed.tickets["closed"][t] + timedelta(hours=float(x.chance.uniform(1.5, 3)))
        for name, value in (
            ("t", t),
            ("version_stamp", None),
            ("total_minor", x.feed.tickets["total_minor"][t]),
            ("tip_minor", before),
            ("kind", "sale"),
        ):
            x.feed.superseded[name].append(value)
        x.feed.tickets["tip_minor"][t] = before + more
        x.feed.tickets["stamp"][t] = stamp
        x.feed.settle(t)
        x.ticket("tip_raised", t)


# --- times, copies, tax ----------------------------------------------------------------------------------------------


def outside_hours(x: Injected, n: int) -> None:
    for place in range(n):
        t = x.sale(*SHOPS)
        moment = x.feed.tickets["closed"][t].replace(
            hour=int(x.chance.choice([22, 23, 3, 4])), minute=int(x.chance.integers(0, 59))
        )
        x.feed.tickets["closed"][t] = x.feed.tickets["stamp"][t] = moment
        if place % 2:
            x.returned(t, "cash", amount=int(x.chance.integers(1_500, 6_000)), receipt=True)
        x.ticket("outside_hours", t)


def backdated(x: Injected, n: int) -> None:
    for place in range(n):
        t = x.sale(
            *PHYSICAL, where=lambda t: x.feed.tickets["business_date"][t] > x.feed.known.span[0] + timedelta(days=20)
        )  # type: ignore[index]
        days = int(x.chance.integers(3, 12))
        x.feed.tickets["business_date"][t] -= timedelta(days=days)
        if place % 2:
            for name in ("closed", "stamp"):
                x.feed.tickets[name][t] -= timedelta(days=days)
        x.ticket("backdated", t)


def copied(x: Injected, n: int) -> None:
    for _ in range(n):
        t = x.sale(*PHYSICAL)
        new = x.feed.copy_ticket(t, f"{x.feed.tickets['external_id'][t]}C")
        x.ticket("copied", new)


def rung_twice(x: Injected, n: int) -> None:
    for _ in range(n):
        t = x.sale(*SHOPS, where=lambda t: paid_by(x.feed, t, "card"))
        later = x.feed.tickets["closed"][t] + timedelta(seconds=int(x.chance.integers(40, 110)))
        new = x.feed.copy_ticket(t, f"{x.feed.tickets['external_id'][t]}D", closed=later, stamp=later)
        x.ticket("rung_twice", new)


def tax_wrong(x: Injected, n: int) -> None:
    for place in range(n):
        t = x.sale(
            *PHYSICAL, where=lambda t: bool(x.feed.rows["taxes"].get(t)) and x.feed.tickets["total_minor"][t] > 1_500
        )
        wrong_rate(x.feed, t, 2.0 if place % 2 else 1.3)
        x.ticket("tax_wrong", t)


def wrong_rate(feed: Feed, t: int, factor: float) -> None:
    before = sum(feed.taxes["amount_minor"][row] for row in feed.rows["taxes"].get(t, []))
    for row in feed.rows["taxes"].get(t, []):
        feed.taxes["rate_micro"][row] = round((feed.taxes["rate_micro"][row] or 0) * factor)
        feed.taxes["amount_minor"][row] = round(feed.taxes["amount_minor"][row] * factor)
    after = sum(feed.taxes["amount_minor"][row] for row in feed.rows["taxes"].get(t, []))
    for row in feed.rows["lines"].get(t, []):
        if feed.lines["tax_minor"][row] is not None:
            feed.lines["tax_minor"][row] = round(feed.lines["tax_minor"][row] * factor)
    feed.tickets["total_minor"][t] += after - before
    rows = feed.rows["tenders"].get(t, [])
    if rows:
        feed.tenders["amount_minor"][rows[0]] += after - before


# --- store-days and deliveries ---------------------------------------------------------------------------------------


def tax_day(x: Injected, n: int) -> None:
    for place in range(n):
        store, day, sales = x.day(*TABLES, "HB")
        for t in sales:
            wrong_rate(x.feed, t, 0.0 if place % 2 else 1.25)
        x.store_day("tax_day", store, day)


def day_missing(x: Injected, n: int) -> None:
    for _ in range(n):
        store, day, _ = x.day()
        for t in range(x.feed.size):
            if x.feed.tickets["store"][t] == store and x.feed.tickets["business_date"][t] == day:
                x.feed.dropped.add(t)
        for row in range(len(x.feed.events["kind"])):
            if x.feed.events["store"][row] == store and x.feed.events["business_date"][row] == day:
                x.feed.dropped_events.add(row)
        x.store_day("day_missing", store, day)


def day_partial(x: Injected, n: int) -> None:
    for place in range(n):
        store, day, sales = x.day(least=12)
        ordered = sorted(sales, key=lambda t: x.feed.tickets["closed"][t])
        share = 0.5 if place % 2 else 0.2
        lost = ordered[-max(2, round(share * len(ordered))) :]
        x.feed.dropped.update(lost)
        x.store_day("day_partial", store, day)


def numbers_missing(x: Injected, n: int) -> None:
    for _ in range(n):
        store, day, sales = x.day(*PHYSICAL, least=12)
        middle = sorted(sales)[len(sales) // 2]
        x.feed.dropped.update(t for t in (middle, middle + 1) if x.feed.tickets["business_date"][t] == day)
        x.store_day("numbers_missing", store, day)


def delivered_again(x: Injected, n: int) -> None:
    for place in range(n):
        _, day, sales = x.day(least=15)
        name = x.feed.tickets["delivery"][sales[0]]
        again = f"{name}-again"
        whole = [t for t in range(x.feed.size) if x.feed.tickets["delivery"][t] == name and t not in x.feed.dropped]
        received = x.feed.tickets["received_at"][sales[0]] + timedelta(days=int(x.chance.integers(1, 4)))
        moved = timedelta(days=int(x.chance.integers(1, 5))) if place % 2 else timedelta(0)
        for t in whole:
            changed: dict[str, Any] = {"delivery": again, "document": again, "received_at": received}
            if moved:
                changed |= {
                    "business_date": day + moved,
                    "closed": x.feed.tickets["closed"][t] + moved,
                    "stamp": x.feed.tickets["stamp"][t] + moved,
                }
            x.feed.copy_ticket(t, f"{x.feed.tickets['external_id'][t]}-again", **changed)
        x.labels[(Level.DOCUMENT, (again,))] = "delivered_again"


def delivery_stale(x: Injected, n: int) -> None:
    for place in range(n):
        _, _, sales = x.day()
        name = x.feed.tickets["delivery"][sales[0]]
        later = timedelta(days=int(x.chance.integers(3, 9)) if place % 2 else 2)
        for t in range(x.feed.size):
            if x.feed.tickets["delivery"][t] == name:
                x.feed.tickets["received_at"][t] += later
        x.labels[(Level.DOCUMENT, (name,))] = "delivery_stale"


def digits_made_up(x: Injected, n: int) -> None:
    """Someone whose amounts have digits that amounts do not have by themselves: the tickets that have them are this
    cashier's, and others of the same days are the others' instead. Each time another digit."""
    feed = x.feed
    for place in range(n):
        wanted: Callable[[str], bool] = (
            lambda text: text[0] in "56789",
            lambda text: len(text) > 2 and text[1] in "56789",
            lambda text: text[-1] in "05",
        )[place % 3]
        rang = _someone(x)
        store, cashier = feed.tickets["store"][rang[0]], feed.tickets["cashier"][rang[0]]
        for t in rang:
            if wanted(str(abs(feed.tickets["total_minor"][t]))) or x.chance.random() < 0.4:
                continue
            for other in x._of_day(t):
                if other in x.used or other in feed.dropped or feed.tickets["cashier"][other] == cashier:
                    continue
                if wanted(str(abs(feed.tickets["total_minor"][other]))):
                    names = feed.tickets["cashier"]
                    names[t], names[other] = names[other], names[t]
                    x.used.update((t, other))
                    break
        x.made_up.append((store, cashier, _block(feed.tickets["business_date"][rang[0]])))


def label_digits(x: Injected) -> None:
    """What is told of made-up digits is told on the day of the hundredth amount, once all else was done to the feed."""
    rows = x.feed.tickets
    for who in x.made_up:
        amounts = [
            t
            for t in range(x.feed.size)
            if (rows["store"][t], rows["cashier"][t], _block(rows["business_date"][t])) == who
            and t not in x.feed.dropped
            and not rows["kind"][t].startswith("void")
            and abs(rows["total_minor"][t]) >= 10
        ]
        amounts.sort(key=lambda t: rows["business_date"][t])
        x.cashier_day("digits_made_up", amounts[ANCHOR - 1])


def _someone(x: Injected) -> list[int]:
    """The sales of somebody in twelve weeks that the digits are looked at in, some hundred of them."""
    for _ in range(500):
        t = x.sale(*PHYSICAL)
        row = x.feed.tickets
        who, block = (row["store"][t], row["cashier"][t]), _block(row["business_date"][t])
        rang = [
            one
            for one in x.feed.of_kind().tolist()
            if (row["store"][one], row["cashier"][one]) == who
            and _block(row["business_date"][one]) == block
            and one not in x.used
        ]
        if len(rang) >= 330 and all(who[0] != store for store, _, _ in x.made_up):
            return rang
    raise AssertionError("nobody rang so many")


def _block(day: date) -> int:
    return (day - date(2000, 1, 3)).days // BLOCK_DAYS


def busy_day(x: Injected, n: int) -> None:
    """Innocent: a fair in town, and twice the tickets of one store, numbered on."""
    for _ in range(n):
        _, _, sales = x.day(least=20)
        for place, t in enumerate(sales):
            later = x.feed.tickets["closed"][t] + timedelta(
                minutes=int(x.chance.integers(5, 40)), seconds=int(x.chance.integers(0, 59))
            )
            new = x.feed.copy_ticket(
                t,
                f"{x.feed.tickets['external_id'][t]}F",
                closed=later,
                stamp=later,
                cashier=x.feed.tickets["cashier"][sales[place - 1]],
            )
            x.feed.tickets["customer"][new] = None
            row = x.feed.rows["lines"][new][0]
            if x.feed.lines["kind"][row] == "item":
                multiply(x.feed, row, 2)
                x.feed.settle(new)
            if not paid_by(x.feed, new, "cash"):
                x.feed.pay(new, "card", token=f"tok-f{new}", entry_method="chip")


TICKET_KINDS: tuple[Callable[[Injected, int], None], ...] = (
    refund_no_receipt_cash,
    refund_own_card,
    refund_other_tender,
    refund_under_limit,
    refund_old,
    refund_twice,
    refund_self_approved,
    refund_to_gift_card,
    refund_round,
    refund_same_item,
    void_late,
    void_not_rung_again,
    line_voids,
    sweetheart,
    override_deep,
    comp_unapproved,
    price_typo,
    quantity_typo,
    gift_card_keyed,
    gift_card_discounted,
    gift_card_soon,
    equal_parts,
    card_velocity,
    card_keyed,
    house_at_end,
    tip_inflated,
    tip_raised,
    outside_hours,
    backdated,
    copied,
    rung_twice,
    tax_wrong,
)
OTHER_KINDS: tuple[tuple[Callable[[Injected, int], None], int], ...] = (
    (no_sales, 5),
    (cash_short, 6),
    (shorts_chronic, 10),
    (deposit_short, 5),
    (skimming, 4),
    (promotion_ended, 3),
    (tax_day, 4),
    (day_partial, 5),
    (numbers_missing, 4),
    (delivered_again, 4),
    (delivery_stale, 4),
    (day_missing, 4),
)
MADE_UP = 3
INNOCENT: tuple[tuple[Callable[[Injected, int], None], int], ...] = ((busy_day, 2),)
SHARE = 0.003


def inject(feed: Feed, chance: np.random.Generator, without: frozenset[str] = frozenset()) -> Injected:
    """Put faults of every kind, but those named, into a feed: about ``SHARE`` of its tickets, and some of each other
    level."""
    made = Injected(feed, chance)
    each = max(2, round(SHARE * feed.size / len(TICKET_KINDS)))
    if digits_made_up.__name__ not in without:
        digits_made_up(made, MADE_UP)
    for kind in TICKET_KINDS:
        if kind.__name__ not in without:
            kind(made, each)
    for innocent, count in INNOCENT:
        innocent(made, count)
    drawers(feed, chance)
    for other, count in OTHER_KINDS:
        if other.__name__ not in without:
            other(made, count)
    label_digits(made)
    return made
