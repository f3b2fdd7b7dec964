"""More untrue transcripts, made from what is true: each states something that the shop's own rows contradict."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from tests.assistant.model import shop
from tests.assistant.model.stub import Transcript

OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))
SEPTEMBER = (date(2026, 9, 1), date(2026, 9, 30))
LAST_WEEK = (date(2026, 10, 12), date(2026, 10, 18))
LABELS = {"net_sales": "net sales", "gross_sales": "gross sales", "discounts": "discounts", "returns": "returns",
          "transactions": "transactions", "units_sold": "units sold"}  # fmt: skip
PERIODS = {"in October 2026": OCTOBER, "in September 2026": SEPTEMBER, "last week": LAST_WEEK}
MONEY = ("net_sales", "gross_sales", "discounts", "returns")


def every() -> Iterator[Transcript]:
    yield from wrong_numbers()
    yield from wrong_stores()
    yield from wrong_metrics()
    yield from wrong_directions()
    yield from wrong_orders()
    yield from wrong_sums()


def wrong_numbers() -> Iterator[Transcript]:
    """A number that is another one's, has two digits changed round, or another size."""
    for words, (start, end) in PERIODS.items():
        for metric, label in LABELS.items():
            true = shop.true(metric, start, end)
            others = {
                "another metric's": next(shop.true(one, start, end) for one in LABELS if one != metric),
                "a store's": shop.true(metric, start, end, store="Downtown"),
                "digits changed round": _turned(true),
            }
            for how, wrong in others.items():
                if wrong == true:
                    continue
                text = f"${wrong:,.2f}" if metric in MONEY else f"{wrong:,.0f}"
                yield Transcript(
                    f"{label} {words}: {how}", "wrong_number", f"{label} {words}",
                    (f"{label.capitalize()} {words} were {text}.",), lies=(0,),
                )  # fmt: skip


def wrong_stores() -> Iterator[Transcript]:
    """One store's figure said of another, with its place, which would show the right digits."""
    for metric in ("net_sales", "transactions", "units_sold"):
        for said in shop.STORES:
            for of in shop.STORES:
                if said != of and shop.true(metric, *OCTOBER, store=said) != shop.true(metric, *OCTOBER, store=of):
                    label = LABELS[metric]
                    yield Transcript(
                        f"{label} of {of} as {said}'s", "wrong_place", f"{label} by store in October 2026",
                        (f"{said} had <r1|{of}|{metric}> in {label} in October 2026.",), lies=(0,),
                    )  # fmt: skip


def wrong_metrics() -> Iterator[Transcript]:
    """A figure called by the name of another metric."""
    for metric in LABELS:
        for called in LABELS:
            if metric != called and shop.true(metric, *LAST_WEEK) != shop.true(called, *LAST_WEEK):
                yield Transcript(
                    f"{metric} called {called}", "wrong_metric", f"{LABELS[metric]} last week",
                    (f"{LABELS[called].capitalize()} last week came to <r1||{metric}>.",), lies=(0,),
                )  # fmt: skip


def wrong_directions() -> Iterator[Transcript]:
    """The other way than it went, from one day to the next."""
    ways = {
        True: ("fell to", "were down at", "dropped to", "declined to"),
        False: ("rose to", "were up at", "grew to", "climbed to"),
    }
    for number in range(16):
        day = shop.LAST - timedelta(days=number)
        before = day - timedelta(days=1)
        now, then = shop.true("net_sales", day, day), shop.true("net_sales", before, before)
        if now == then:
            continue
        verb = ways[now > then][number % 4]
        yield Transcript(
            f"{day} {verb}", "wrong_direction", f"net sales on {day} vs {before}",
            (f"Net sales {verb} <r1||net_sales> on {day}.",), lies=(0,),
        )  # fmt: skip


def wrong_orders() -> Iterator[Transcript]:
    """The highest or the lowest of some rows that is not."""
    for split in ("store", "category", "weekday", "hour", "cashier"):
        values = {}
        for one in shop.sales():
            values.setdefault(shop.PARTS[split](one), Decimal(0))
        for value in values:
            values[value] = shop.true("net_sales", *OCTOBER, **{split: value})
        for value, amount in values.items():
            for word, extreme in (("highest", max(values.values())), ("lowest", min(values.values()))):
                if amount == extreme:
                    continue
                sent = f"Cashier {sorted(shop.CASHIERS).index(value) + 1}" if split == "cashier" else value
                name = f"{int(value):02}:00" if split == "hour" else sent
                yield Transcript(
                    f"{value} the {word} {split}", "wrong_order", f"net sales by {split} in October 2026",
                    (f"{name} had the {word} net sales with <r1|{sent}|net_sales>.",), lies=(0,),
                )  # fmt: skip


def wrong_sums() -> Iterator[Transcript]:
    """Sums, shares and factors of its own that are not right."""
    total = shop.true("net_sales", *OCTOBER)
    for one in shop.STORES:
        share = shop.true("net_sales", *OCTOBER, store=one) * 100 / total
        for wrong in (Decimal(15), Decimal(20), Decimal("47.5"), Decimal(60)):
            if abs(wrong - share) < 1:
                continue
            yield Transcript(
                f"{one} {wrong}% of all", "wrong_sum", "net sales by store in October 2026",
                (f"{one} took <r1|{one}|net_sales>, {wrong}% of the total.",), lies=(0,),
            )  # fmt: skip
    for first, second in (("Downtown", "Airport"), ("Airport", "Harbour"), ("Downtown", "Harbour")):
        both = sum((shop.true("net_sales", *OCTOBER, store=one) for one in (first, second)), Decimal(0))
        for wrong in (both + 1, total, both / 2):
            yield Transcript(
                f"{first} and {second} together {wrong:.2f}", "wrong_sum", "net sales by store in October 2026",
                (f"{first} took <r1|{first}|net_sales> and {second} <r1|{second}|net_sales>, together ${wrong:,.2f}.",),
                lies=(0,),
            )  # fmt: skip
        ratio = shop.true("net_sales", *OCTOBER, store=first) / shop.true("net_sales", *OCTOBER, store=second)
        for word, factor in (("twice", 2), ("three times", 3), ("half", Decimal("0.5"))):
            if abs(ratio / factor - 1) > Decimal("0.1"):
                yield Transcript(
                    f"{first} {word} as much as {second}", "wrong_sum", "net sales by store in October 2026",
                    (f"{first} took <r1|{first}|net_sales>, {word} as much as {second} with <r1|{second}|net_sales>.",),
                    lies=(0,),
                )  # fmt: skip


def _turned(value: Decimal) -> Decimal:
    """Two neighbouring digits that differ, changed round."""
    digits = str(value)
    for at in range(len(digits) - 1):
        pair = digits[at : at + 2]
        if pair.isdigit() and pair[0] != pair[1] and pair[1] != "0":
            return Decimal(digits[:at] + pair[::-1] + digits[at + 2 :])
    return value + 1
