"""Every metric against a fold in plain Python over the tickets as they were given; as-of, catching up, citations."""

from __future__ import annotations

import base64
import json
import random
import shutil
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import pytest

from ledger.book import Book
from ledger.errors import PlanError
from ledger.figures import METRICS, Citation, Figures, Filter, Period, Plan, Ranking, Result, describe, open_citation
from ledger.figures.plan import Dimension
from tests.builders import event, keep_bytes, line, make_book, payout, post, ticket

Row = dict[str, Any]
Dims = dict[str, str]
Key = tuple[str, ...]

REGIONS = {"Downtown": "North", "Airport": "South", "Harbour": None}
ITEMS = [
    ("Apple pie", "Food / Pies", 425, 150),
    ("Bread", "Food", 300, 101),
    ("Flat white", "Drinks / Hot", 350, 49),
    ("Cola", "Drinks / Cold", 249, 60),
    ("Umbrella", None, 1999, 1200),
]
FIRST, LAST = date(2026, 9, 28), date(2026, 11, 3)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


# --- what the tills sent ----------------------------------------------------------------------------------------------


def sold_line(draw: random.Random, sign: int) -> Row:
    name, category, price, cost = draw.choice(ITEMS)
    micro = draw.choice([1_000_000, 2_000_000, 500_000, 3_000_000])
    gross = price * micro // 1_000_000
    discount = draw.choice([0, 0, 0, gross // 5])
    return line(
        sign * gross,
        discount=sign * discount,
        quantity_micro=sign * micro,
        item_id=name[:2],
        name=name,
        category=category,
        cost_minor=sign * cost * micro // 1_000_000,
        tax_minor=sign * ((gross - discount) * 5 // 100 + (gross - discount) * 3 // 100),
    )


def made_ticket(draw: random.Random, number: int) -> Row:
    kind = draw.choice(["sale"] * 7 + ["return", "exchange", "void_before_tender", "void_after_tender"])
    lines = [sold_line(draw, -1 if kind == "return" else 1) for _ in range(draw.randint(1, 3))]
    if kind == "exchange":
        lines.append(sold_line(draw, -1))
    if kind == "sale" and draw.random() < 0.2:
        lines.append({**lines[0], "voided": True, "tax_minor": None})
    if kind == "return":
        lines.append(line(-draw.randint(100, 900), kind="gift_card", name="gift_card", category=None))
    if kind == "sale" and draw.random() < 0.3:
        extra = draw.choice(["gift_card", "service_charge", "fee", "donation", "account_payment"])
        costless = {"cost_minor": 0} if extra == "fee" else {}
        lines.append(line(draw.randint(100, 900), kind=extra, name=extra, category=None, **costless))
    taxed = [abs(one["net_minor"]) * (1 if one["net_minor"] >= 0 else -1) for one in lines if one.get("tax_minor")]
    taxes = [
        {
            "jurisdiction": name,
            "base_minor": sum(taxed),
            "amount_minor": sum((abs(net) * rate // 100) * (1 if net > 0 else -1) for net in taxed),
            "facilitator": number % 7 == 3,
        }
        for name, rate in (("State", 5), ("City", 3))
    ]
    day = FIRST + timedelta(days=draw.randrange((LAST - FIRST).days + 1))
    moment = datetime.combine(day, time(draw.randint(12, 23), draw.randint(0, 59)), UTC)
    made = ticket(
        f"{number:03}",
        kind=kind,
        lines=lines,
        taxes=taxes,
        tip_minor=draw.choice([None, 0, 150, 333]) if kind == "sale" else None,
        store=draw.choice(list(REGIONS)),
        register=draw.choice(["1", "2"]),
        cashier=draw.choice(["Ada", "Grace", None]),
        channel=draw.choice(["in store", "online"]),
        customer=draw.choice([None, "C1", "C2"]),
        business_date=day,
        **draw.choice([{"closed_at": moment}, {"closed_at": moment}, {"closed_at": None, "opened_at": moment}]),
        version_stamp=moment,
    )
    total = made["total_minor"]
    if kind in ("sale", "return", "exchange"):
        split = draw.random() < 0.25
        parts = (
            [("cash", total // 3), ("card", total - total // 3)] if split else [(draw.choice(["cash", "card"]), total)]
        )
        made["tenders"] = [
            {
                "type": name,
                "amount_minor": amount + (500 if name == "cash" and amount > 0 else 0),
                "change_minor": 500 if name == "cash" and amount > 0 else None,
                "brand": draw.choice(["Visa", "Amex"]) if name == "card" else None,
                "fee_minor": 30 if name == "card" else None,
            }
            for name, amount in parts
        ]
    elif kind == "void_after_tender":
        made["tenders"] = [{"type": "card", "amount_minor": total, "brand": "Visa", "fee_minor": 30}]
    return made


def made_event(draw: random.Random, number: int) -> Row:
    day = FIRST + timedelta(days=draw.randrange((LAST - FIRST).days + 1))
    expected = draw.randint(10_000, 40_000)
    moment = datetime.combine(day, time(23, 10), UTC)
    more: Row = {
        "store": draw.choice(list(REGIONS)),
        "business_date": day,
        "cashier": draw.choice(["Ada", "Grace", None]),
    }
    more |= {"at": moment, "utc_offset_minutes": -240, "version_stamp": moment}
    counted = {"expected_minor": expected, "counted_minor": expected + draw.choice([0, -25, 310])}
    kind = draw.choice(["count", "close", "paid_out", "paid_in", "no_sale", "tips_paid_out"])
    moved = {"paid_out": {"cash_out_minor": 700}, "paid_in": {"cash_in_minor": 400}, "no_sale": {}}
    moved["tips_paid_out"] = {"cash_out_minor": 900}
    if kind == "close":
        more["deposited_minor"] = 5_000 + number
    return event(f"e{number}", kind, **more, **moved.get(kind, counted))


def made_tickets(seed: int, count: int) -> list[Row]:
    draw = random.Random(seed)
    return [made_ticket(draw, number) for number in range(count)]


PAYOUTS = [
    payout(f"po_{number}", 40_000 + number, fee=number * 25, store=store, business_date=FIRST + timedelta(days=number))
    for number, store in enumerate(REGIONS)
]
TICKETS = [*made_tickets(1, 90), *PAYOUTS]
EVENTS = [made_event(random.Random(number), number) for number in range(20)]


# --- the fold ---------------------------------------------------------------------------------------------------------


def times(day: date) -> Dims:
    year, week, _ = day.isocalendar()
    return {
        "business_date": day.isoformat(),
        "week": f"{year}-W{week:02}",
        "month": f"{day.year}-{day.month:02}",
        "quarter": f"{day.year}-Q{(day.month + 2) // 3}",
        "year": str(day.year),
        "weekday": WEEKDAYS[day.weekday()],
    }


def dims_of(one: Row) -> Dims:
    moment = one.get("closed_at") or one.get("opened_at") or one.get("at")
    shown = {name: one.get(name) for name in ("store", "register", "cashier", "channel", "customer")}
    shown["region"] = REGIONS[one["store"]]
    shown["hour"] = str((moment + timedelta(minutes=one["utc_offset_minutes"])).hour) if moment else None
    kinds = {each["type"] for each in one.get("tenders", ())}
    shown["tender"] = "split" if len(kinds) > 1 else next(iter(kinds), None)
    return {name: "(none)" if value is None else value for name, value in shown.items()} | times(one["business_date"])


def facts(tickets: Sequence[Row], events: Sequence[Row]) -> dict[str, list[tuple[Dims, Any]]]:
    """Measure -> (dimensions, amount) of everything that adds to it; a ticket that is counted is its own id."""
    found: dict[str, list[tuple[Dims, Any]]] = {}

    def add(measure: str, dims: Dims, amount: Any) -> None:
        found.setdefault(measure, []).append((dims, amount))

    for one in tickets:
        dims = dims_of(one)
        if one["kind"] == "payout":
            post_facts(add, dims, dict_of(postings(one)))
            for each in one["tenders"]:
                own = dims | {"tender": each["type"]}
                add("settled_to", own, max(each["amount_minor"], 0))
                add("settled_from", own, max(-each["amount_minor"], 0))
                add("payouts", own, each["amount_minor"] if each["type"] == "bank_account" else 0)
                add("payment_fees", own, each.get("fee_minor") or 0)
            continue
        if one["kind"].startswith("void"):
            add("void_count", dims, 1)
            add("void_value", dims, sum(each["net_minor"] for each in one["lines"]))
            continue
        post_facts(add, dims, dict_of(postings(one)))
        add("tips", dims, one["tip_minor"] or 0)
        for each in one["tenders"]:
            own = dims | {"tender": each["type"]}
            collected = each["amount_minor"] - (each["change_minor"] or 0)
            add("total_collected", own, collected)
            add("tenders_taken", own, max(collected, 0))
            add("tenders_returned", own, max(-collected, 0))
            add("payment_fees", own, each["fee_minor"] or 0)
        for each in one["taxes"]:
            own = dims | {"jurisdiction": each["jurisdiction"]}
            if each["facilitator"]:
                add("marketplace_tax", own, each["amount_minor"])
                continue
            add("tax_by_jurisdiction", own, each["amount_minor"])
            add("tax_charged", own, max(each["amount_minor"], 0))
            add("tax_refunded", own, max(-each["amount_minor"], 0))
            add("taxable_base", own, each["base_minor"])
        for each in one["lines"]:
            path = each["category"]
            own = dims | {
                "item": each["name"],
                "subcategory": path or "(none)",
                "category": (path or "(none)").split(" / ")[0],
            }
            add("returned_tickets" if one["kind"] == "return" else "sale_tickets", own, one["external_id"])
            if each["voided"]:
                continue
            if not any(tax["facilitator"] for tax in one["taxes"]):
                add("tax_collected", own, each.get("tax_minor") or 0)
            if each["kind"] == "service_charge":
                add("service_charges", own, each["net_minor"])
            if each["kind"] == "gift_card":
                add(
                    "gift_cards_sold" if each["quantity_micro"] > 0 else "gift_cards_returned",
                    own,
                    abs(each["net_minor"]),
                )
            if each["kind"] == "account_payment":
                add("account_payments", own, each["net_minor"])
            if each["kind"] not in ("item", "fee"):
                continue
            add("cogs", own, each["cost_minor"])
            if each["quantity_micro"] < 0:
                add("returns", own, -each["net_minor"])
            else:
                add("gross", own, each["gross_minor"])
                add("discounts", own, each["discount_minor"])
                add("units", own, each["quantity_micro"])
    for one in events:
        dims = dims_of(one)
        if one["kind"] in ("count", "close"):
            over = one["counted_minor"] - one["expected_minor"]
            add("over_short", dims, over)
            taken = one.get("deposited_minor") or 0
            add("cash_deposited", dims, taken)
            moved: tuple[tuple[str, int], ...] = (("assets:cash", over - taken), ("expenses:over-short", -over))
            moved += (("assets:deposits-in-transit", taken),)
        elif one["kind"] == "tips_paid_out":
            add("tips_paid_out", dims, one["cash_out_minor"])
            moved = (("assets:cash", -one["cash_out_minor"]), ("liabilities:tips", one["cash_out_minor"]))
        else:
            out = one["cash_out_minor"] if one["kind"] == "paid_out" else 0
            into = one["cash_in_minor"] if one["kind"] == "paid_in" else 0
            moved = (("assets:cash", into - out), ("assets:safe", out - into))
            add("cash_paid_out", dims, out)
            add("cash_paid_in", dims, into)
        post_facts(add, dims, moved)
    return found


def dict_of(pairs: Iterator[tuple[str, int]]) -> list[tuple[str, int]]:
    """An entry has one posting an account."""
    sums: dict[str, int] = {}
    for account, amount in pairs:
        sums[account] = sums.get(account, 0) + amount
    return list(sums.items())


def post_facts(add: Callable[[str, Dims, Any], None], dims: Dims, postings: Sequence[tuple[str, int]]) -> None:
    for account, amount in postings:
        own = dims | {"account": account}
        add("balance", own, amount)
        add("movement", own, amount)
        add("debits", own, max(amount, 0))
        add("credits", own, max(-amount, 0))


def postings(one: Row) -> Iterator[tuple[str, int]]:
    for each in one["tenders"]:
        amount = each["amount_minor"] - (each.get("change_minor") or 0)
        account = {"cash": "assets:cash", "bank_account": "assets:bank"}.get(each["type"], "assets:clearing:card")
        yield account, amount - (each.get("fee_minor") or 0)
        yield "expenses:payment-fees", each.get("fee_minor") or 0
    for each in one["taxes"]:
        owed = f"liabilities:tax:{each['jurisdiction'].lower()}"
        yield "assets:clearing:marketplace-tax" if each["facilitator"] else owed, -each["amount_minor"]
    yield "liabilities:tips", -(one.get("tip_minor") or 0)
    others = {"gift_card": "liabilities:gift-cards", "service_charge": "income:service-charges"}
    others |= {"donation": "liabilities:donations", "account_payment": "assets:receivable:house"}
    for each in one["lines"]:
        if each["voided"]:
            continue
        if each["kind"] in others:
            yield others[each["kind"]], -each["net_minor"]
            continue
        yield "expenses:cogs", each["cost_minor"]
        yield "assets:inventory", -each["cost_minor"]
        if each["quantity_micro"] < 0:
            yield "income:returns", -each["net_minor"]
        else:
            yield ("income:fees" if each["kind"] == "fee" else "income:sales"), -each["gross_minor"]
            yield "income:discounts", each["discount_minor"]


Sum = Callable[[str], int]


def net(of: Sum) -> int:
    return of("gross") - of("discounts") - of("returns")


def over(top: int, bottom: int, places: int, scale: Fraction = Fraction(1)) -> Fraction | None:
    return round(Fraction(top) * scale / bottom, places) if bottom else None


PERIODS = [
    Period(start=date(2026, 10, 1), end=date(2026, 10, 31)),
    Period(start=date(2026, 10, 15)),
    Period(end=date(2026, 10, 15)),
    Period(start=date(2026, 10, 10), end=date(2026, 10, 10)),
]

CENTS, PERCENT, MICRO = Fraction(1, 100), Fraction(100), Fraction(1, 1_000_000)

FOLDS: dict[str, Callable[[Sum], Fraction | None]] = {
    "gross_sales": lambda of: of("gross") * CENTS,
    "discounts": lambda of: of("discounts") * CENTS,
    "returns": lambda of: of("returns") * CENTS,
    "net_sales": lambda of: net(of) * CENTS,
    "tax_collected": lambda of: of("tax_collected") * CENTS,
    "tips": lambda of: of("tips") * CENTS,
    "service_charges": lambda of: of("service_charges") * CENTS,
    "total_collected": lambda of: of("total_collected") * CENTS,
    "transactions": lambda of: Fraction(of("sale_tickets")),
    "return_count": lambda of: Fraction(of("returned_tickets")),
    "void_count": lambda of: Fraction(of("void_count")),
    "void_value": lambda of: of("void_value") * CENTS,
    "units_sold": lambda of: of("units") * MICRO,
    "average_ticket": lambda of: over(of("gross") - of("discounts"), of("sale_tickets"), 2, CENTS),
    "units_per_transaction": lambda of: over(of("units"), of("sale_tickets"), 2, MICRO),
    "discount_rate": lambda of: over(of("discounts"), of("gross"), 1, PERCENT),
    "return_rate": lambda of: over(of("returns"), of("gross"), 1, PERCENT),
    "cogs": lambda of: of("cogs") * CENTS,
    "gross_profit": lambda of: (net(of) - of("cogs")) * CENTS,
    "gross_margin": lambda of: over(net(of) - of("cogs"), net(of), 1, PERCENT),
    "payment_fees": lambda of: of("payment_fees") * CENTS,
    "payment_cost_rate": lambda of: over(of("payment_fees"), net(of), 1, PERCENT),
    "over_short": lambda of: of("over_short") * CENTS,
    "balance": lambda of: of("balance") * CENTS,
    "credit_balance": lambda of: -of("balance") * CENTS,
    "movement": lambda of: of("movement") * CENTS,
    "credit_movement": lambda of: -of("movement") * CENTS,
    "debits": lambda of: of("debits") * CENTS,
    "credits": lambda of: of("credits") * CENTS,
    "tenders_taken": lambda of: of("tenders_taken") * CENTS,
    "tenders_returned": lambda of: of("tenders_returned") * CENTS,
    "gift_cards_sold": lambda of: of("gift_cards_sold") * CENTS,
    "gift_cards_returned": lambda of: of("gift_cards_returned") * CENTS,
    "tax_charged": lambda of: of("tax_charged") * CENTS,
    "tax_refunded": lambda of: of("tax_refunded") * CENTS,
    "taxable_base": lambda of: of("taxable_base") * CENTS,
    "account_payments": lambda of: of("account_payments") * CENTS,
    "tips_paid_out": lambda of: of("tips_paid_out") * CENTS,
    "cash_paid_in": lambda of: of("cash_paid_in") * CENTS,
    "cash_paid_out": lambda of: of("cash_paid_out") * CENTS,
    "cash_to_safe": lambda of: (of("cash_paid_out") - of("cash_paid_in")) * CENTS,
    "cash_deposited": lambda of: of("cash_deposited") * CENTS,
    "marketplace_tax": lambda of: of("marketplace_tax") * CENTS,
    "settled_to": lambda of: of("settled_to") * CENTS,
    "settled_from": lambda of: of("settled_from") * CENTS,
    "payouts": lambda of: of("payouts") * CENTS,
}
OF_ACCOUNTS = ("balance", "credit_balance", "movement", "credit_movement", "debits", "credits")
OF_EVENTS = ("over_short", "cash_paid_in", "cash_paid_out", "tips_paid_out", "cash_to_safe", "cash_deposited")
OF_TICKETS = tuple(name for name in FOLDS if name not in (*OF_EVENTS, *OF_ACCOUNTS))
OF_TILLS = tuple(name for name in FOLDS if name not in OF_ACCOUNTS)
OF_LINES = (
    "gross_sales", "discounts", "returns", "net_sales", "tax_collected", "service_charges", "transactions",
    "return_count", "units_sold", "average_ticket", "units_per_transaction", "discount_rate", "return_rate", "cogs",
    "gross_profit", "gross_margin", "gift_cards_sold", "gift_cards_returned", "account_payments",
)  # fmt: skip
SPLITS: dict[tuple[str, ...], tuple[str, ...]] = {
    **dict.fromkeys([("store",), ("region",), ("business_date",), ("week",), ("month",), ("weekday",)], tuple(FOLDS)),
    **dict.fromkeys([(), ("quarter",), ("year",), ("store", "weekday"), ("month", "region")], tuple(FOLDS)),
    **dict.fromkeys([("cashier",), ("register",), ("hour",), ("cashier", "store")], OF_TILLS),
    **dict.fromkeys([("channel",), ("customer",), ("tender",)], OF_TICKETS),
    **dict.fromkeys([("item",), ("category",), ("subcategory",), ("category", "store"), ("hour", "item")], OF_LINES),
}

Keep = Callable[[Dims], bool]


def folded(
    name: str,
    dimensions: Sequence[str] = (),
    keep: Keep = lambda dims: True,
    period: Period | None = None,
    tickets: Sequence[Row] = TICKETS,
    events: Sequence[Row] = EVENTS,
    more: Callable[[date], Dims] = lambda day: {},
) -> dict[Key, Fraction]:
    """A metric by its dimensions (with ``more`` of a day's own); what is nothing or has no value is left out."""
    sums: dict[Key, dict[str, Any]] = {}
    for measure, rows in facts(tickets, events).items():
        for dims, amount in rows:
            day = date.fromisoformat(dims["business_date"])
            dims = dims | more(day)
            started = period is None or period.start is None or day >= period.start or measure == "balance"
            ended = period is not None and period.end is not None and day > period.end
            if ended or not started or not all(each in dims for each in dimensions) or not keep(dims):
                continue
            into = sums.setdefault(tuple(dims[each] for each in dimensions), {})
            if measure.endswith("_tickets"):
                into.setdefault(measure, set()).add(amount)
            else:
                into[measure] = into.get(measure, 0) + amount

    def sum_of(found: dict[str, Any]) -> Sum:
        return lambda measure: len(found.get(measure, ())) if measure.endswith("_tickets") else found.get(measure, 0)

    values = {key: FOLDS[name](sum_of(found)) for key, found in sums.items()}
    return {key: value for key, value in values.items() if value}


def column(result: Result, name: str, side: str = "value") -> dict[Key, Fraction]:
    place = result.columns.index((name, side))  # type: ignore[arg-type]
    values = {key: row[place].value for key, row in zip(result.keys, result.rows, strict=True)}
    return {key: Fraction(value) for key, value in values.items() if value}


# --- books ------------------------------------------------------------------------------------------------------------


def settled(folder: Path) -> Book:
    stores = {name: {"region": region} if region else {} for name, region in REGIONS.items()}
    book = Book.create_from(folder, {"book": {"id": "test", "name": "Test", "currency": "USD"}, "stores": stores})
    keep_bytes(book, b"")
    return book


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figures]:
    book = settled(tmp_path_factory.mktemp("figures") / "book")
    for start in range(0, len(TICKETS), 30):
        post(book, *TICKETS[start : start + 30], events=EVENTS if start == 0 else [])
    opened = Figures.open(book)
    opened.catch_up()
    yield opened
    opened.close()
    book.close()


# --- metrics ----------------------------------------------------------------------------------------------------------


def test_every_metric_has_a_fold_here() -> None:
    assert set(FOLDS) == set(METRICS)


def test_the_tickets_say_something_about_every_metric() -> None:
    assert [name for name in FOLDS if not folded(name, ("account",) if name in OF_ACCOUNTS else ())] == []


@pytest.mark.parametrize("dimensions", SPLITS, ids=lambda names: "-".join(names) or "whole")
def test_each_metric_is_what_the_fold_gives(figures: Figures, dimensions: tuple[Any, ...]) -> None:
    result = figures.run(Plan(metrics=SPLITS[dimensions], dimensions=dimensions))
    for name in SPLITS[dimensions]:
        assert column(result, name) == folded(name, dimensions), name
    assert result.row_count == len(result.keys) == len(set(result.keys))
    assert not result.truncated


@pytest.mark.parametrize("name", FOLDS)
def test_a_metric_alone_is_what_it_is_among_others(figures: Figures, name: str) -> None:
    assert column(figures.run(Plan(metrics=(name,), dimensions=("store",))), name) == folded(name, ("store",))


def test_tax_by_jurisdiction_and_balances_by_account_are_what_was_posted(figures: Figures) -> None:
    taxes: dict[Key, Fraction] = {}
    for dims, amount in facts(TICKETS, EVENTS)["tax_by_jurisdiction"]:
        taxes[(dims["jurisdiction"],)] = taxes.get((dims["jurisdiction"],), Fraction(0)) + amount * CENTS
    by_jurisdiction = figures.run(Plan(metrics=("tax_collected",), dimensions=("jurisdiction",)))
    assert column(by_jurisdiction, "tax_collected") == taxes
    dimensions: tuple[Any, ...]
    for dimensions in (("account",), ("account", "store"), ("month", "account"), ("account", "region", "weekday")):
        for period in (Period(), *PERIODS):
            result = figures.run(Plan(metrics=("balance",), dimensions=dimensions, period=period))
            assert column(result, "balance") == folded("balance", dimensions, period=period)


@pytest.mark.parametrize(
    "name", ["gross_sales", "discounts", "returns", "net_sales", "tax_collected", "service_charges"]
)
@pytest.mark.parametrize("filters", [(), (Filter(dimension="region", values=("North",)),)], ids=["all", "North"])
def test_a_metric_that_stands_in_accounts_ties_out(figures: Figures, name: str, filters: tuple[Filter, ...]) -> None:
    october = Period(start=date(2026, 10, 1), end=date(2026, 10, 31))
    tied = figures.run(Plan(metrics=(name,), dimensions=("week",), filters=filters, period=october)).tie_out
    assert tied is not None
    assert tied.agrees, tied.sentence


def test_a_ratio_over_nothing_and_a_cost_that_nobody_told_have_no_value(tmp_path: Path) -> None:
    book = make_book(tmp_path / "book")
    post(book, ticket("1", kind="return", lines=[line(-500)]))
    opened = Figures.open(book)
    opened.catch_up()
    none = ("average_ticket", "return_rate", "discount_rate", "cogs", "gross_profit", "gross_margin", "tips")
    none += ("payment_fees", "payment_cost_rate", "over_short", "taxable_base")
    result = opened.run(Plan(metrics=(*none, "net_sales")))
    assert {one.metric: one.value for one in result.figures} == {**dict.fromkeys(none), "net_sales": Decimal("-5.00")}
    opened.close()
    book.close()


def test_a_taxable_base_of_which_a_part_is_not_told_has_no_value(tmp_path: Path) -> None:
    book = make_book(tmp_path / "book")
    taxes = [
        {"jurisdiction": "State", "amount_minor": 80, "base_minor": 1000},
        {"jurisdiction": "City", "amount_minor": 20},
    ]
    post(book, ticket("1", taxes=taxes))
    opened = Figures.open(book)
    opened.catch_up()
    by_jurisdiction = opened.run(Plan(metrics=("taxable_base",), dimensions=("jurisdiction",)))
    assert {key: row[0].value for key, row in zip(by_jurisdiction.keys, by_jurisdiction.rows, strict=True)} == {
        ("State",): Decimal("10.00"),
        ("City",): None,
    }
    assert opened.run(Plan(metrics=("taxable_base",))).figures[0].value is None
    opened.close()
    book.close()


def test_an_item_that_was_voided_from_a_ticket_is_in_no_transaction(tmp_path: Path) -> None:
    book = make_book(tmp_path / "book")
    post(book, ticket("1", lines=[line(500, name="Kept"), line(900, name="Voided", voided=True)]))
    opened = Figures.open(book)
    opened.catch_up()
    result = opened.run(Plan(metrics=("transactions",), dimensions=("item",)))
    assert column(result, "transactions") == {("Kept",): 1}
    opened.close()
    book.close()


@pytest.mark.parametrize(
    ("starts", "weeks"),
    [
        (
            "monday",
            {"2026-10-03": "2026-W40", "2026-10-04": "2026-W40", "2026-10-05": "2026-W41", "2027-01-01": "2026-W53"},
        ),
        (
            "sunday",
            {"2026-10-03": "2026-W40", "2026-10-04": "2026-W41", "2026-10-05": "2026-W41", "2027-01-01": "2026-W53"},
        ),
        ("saturday", {"2026-10-02": "2026-W40", "2026-10-03": "2026-W41", "2026-10-04": "2026-W41"}),
    ],
)
def test_a_week_is_named_as_iso_names_it_and_starts_when_the_book_says(
    tmp_path: Path, starts: str, weeks: dict[str, str]
) -> None:
    book = make_book(tmp_path / "book", week_starts=starts)
    post(book, *(ticket(day, business_date=date.fromisoformat(day)) for day in weeks))
    opened = Figures.open(book)
    opened.catch_up()
    result = opened.run(Plan(metrics=("transactions",), dimensions=("business_date", "week")))
    assert dict(result.keys) == weeks  # type: ignore[arg-type]
    opened.close()
    book.close()


# --- filters, periods, comparison, ranking ----------------------------------------------------------------------------

FILTERS: dict[str, tuple[Filter, Keep]] = {
    "one store": (Filter(dimension="store", values=("Airport",)), lambda dims: dims["store"] == "Airport"),
    "two stores": (
        Filter(dimension="store", values=("Airport", "Harbour")),
        lambda dims: dims["store"] in ("Airport", "Harbour"),
    ),
    "all but a store": (
        Filter(dimension="store", values=("Airport",), exclude=True),
        lambda dims: dims["store"] != "Airport",
    ),
    "a region": (Filter(dimension="region", values=("South",)), lambda dims: dims["region"] == "South"),
    "no region": (Filter(dimension="region", values=("(none)",)), lambda dims: dims["region"] == "(none)"),
    "all but a region": (
        Filter(dimension="region", values=("South",), exclude=True),
        lambda dims: dims["region"] != "South",
    ),
    "a cashier": (Filter(dimension="cashier", values=("Ada",)), lambda dims: dims["cashier"] == "Ada"),
    "no cashier": (Filter(dimension="cashier", values=("(none)",)), lambda dims: dims["cashier"] == "(none)"),
    "all but a cashier": (
        Filter(dimension="cashier", values=("Ada",), exclude=True),
        lambda dims: dims["cashier"] != "Ada",
    ),
    "some hours": (Filter(dimension="hour", values=("9", "10", "11")), lambda dims: dims["hour"] in ("9", "10", "11")),
    "weekend": (
        Filter(dimension="weekday", values=("Saturday", "Sunday")),
        lambda dims: dims["weekday"] in ("Saturday", "Sunday"),
    ),
    "a month": (Filter(dimension="month", values=("2026-10",)), lambda dims: dims["month"] == "2026-10"),
    "a day": (Filter(dimension="business_date", values=("2026-10-05",)), lambda d: d["business_date"] == "2026-10-05"),
    "a week left out": (
        Filter(dimension="week", values=("2026-W41",), exclude=True),
        lambda dims: dims["week"] != "2026-W41",
    ),
    "a tender": (Filter(dimension="tender", values=("card",)), lambda dims: dims["tender"] == "card"),
    "an item": (Filter(dimension="item", values=("Bread",)), lambda dims: dims.get("item") == "Bread"),
    "all but an item": (
        Filter(dimension="item", values=("Bread",), exclude=True),
        lambda dims: dims.get("item") != "Bread",
    ),
    "a category with what is below it": (
        Filter(dimension="category", values=("Food",)),
        lambda dims: dims.get("category") == "Food",
    ),
    "a category below another": (
        Filter(dimension="category", values=("Drinks / Hot",)),
        lambda dims: dims.get("subcategory") == "Drinks / Hot",
    ),
    "all but a category": (
        Filter(dimension="category", values=("Food",), exclude=True),
        lambda dims: dims.get("category") != "Food",
    ),
    "no category": (
        Filter(dimension="category", values=("(none)",)),
        lambda dims: dims.get("category") == "(none)",
    ),
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_keeps_what_the_fold_keeps(figures: Figures, name: str) -> None:
    given, keep = FILTERS[name]
    names = OF_LINES if given.dimension in ("item", "category") else OF_TICKETS
    result = figures.run(Plan(metrics=names, dimensions=("store",), filters=(given,)))
    for each in names:
        assert column(result, each) == folded(each, ("store",), keep), each


def test_filters_all_hold_at_once(figures: Figures) -> None:
    given = [FILTERS[name] for name in ("two stores", "a category with what is below it", "all but a cashier")]
    result = figures.run(Plan(metrics=OF_LINES, dimensions=("item",), filters=tuple(one for one, _ in given)))
    for each in OF_LINES:
        expected = folded(each, ("item",), lambda dims: all(keep(dims) for _, keep in given))
        assert column(result, each) == expected, each


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: f"{period.start}..{period.end}")
def test_a_period_includes_both_its_ends_and_a_balance_all_before_it(figures: Figures, period: Period) -> None:
    result = figures.run(Plan(metrics=tuple(FOLDS), dimensions=("store",), period=period))
    for name in FOLDS:
        assert column(result, name) == folded(name, ("store",), period=period), name


@pytest.mark.parametrize("dimensions", [(), ("store",), ("weekday",), ("item",)], ids=str)
def test_a_comparison_gives_both_periods_the_change_and_its_rate(figures: Figures, dimensions: tuple[Any, ...]) -> None:
    names = OF_LINES if "item" in dimensions else OF_TICKETS
    now, before = Period(start=date(2026, 10, 16), end=LAST), Period(start=FIRST, end=date(2026, 10, 15))
    result = figures.run(Plan(metrics=names, dimensions=dimensions, period=now, comparison=before))
    for name in names:
        assert column(result, name, "value") == folded(name, dimensions, period=now)
        assert column(result, name, "before") == folded(name, dimensions, period=before)
    for row in result.rows:
        by_side = {(one.metric, one.side): one.value for one in row}
        for name in names:
            value, earlier = by_side[(name, "value")], by_side[(name, "before")]
            if value is None or earlier is None:
                assert by_side[(name, "change")] is by_side[(name, "change_rate")] is None
                continue
            assert by_side[(name, "change")] == value - earlier
            rate = over(1, 1, 1, Fraction(value - earlier) * 100 / abs(Fraction(earlier))) if earlier else None
            shown = by_side[(name, "change_rate")]
            assert (None if shown is None else Fraction(shown)) == rate


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize(
    ("by", "dimension"), [("net_sales", "item"), ("units_sold", "item"), ("transactions", "business_date")]
)
def test_a_ranking_keeps_the_first_and_says_how_many_there_were(
    figures: Figures, by: str, dimension: Any, descending: bool
) -> None:
    keep = Filter(dimension="item", values=("gift_card", "donation", "service_charge"), exclude=True)
    everything = folded(by, (dimension,), lambda dims: dims.get("item") not in keep.values)
    plan = Plan(
        metrics=("gross_sales", by),
        dimensions=(dimension,),
        filters=(keep,),
        ranking=Ranking(by=by, descending=descending, limit=3),
    )
    result = figures.run(plan)
    whole = figures.run(plan.model_copy(update={"ranking": None}))
    ranked = figures.run(plan.model_copy(update={"ranking": Ranking(by=by, descending=descending)})).keys
    assert set(everything) <= set(ranked) <= set(whole.keys)
    assert by == "transactions" or set(ranked) == set(everything), "what has nothing of the metric is not ranked by it"
    values = {key: everything.get(key, Fraction(0)) for key in ranked}
    ordered = sorted(values, key=lambda key: (-values[key] if descending else values[key], key))
    assert list(result.keys) == ordered[:3]
    assert result.row_count == len(values)
    assert not result.truncated


@pytest.mark.parametrize(("skip", "descending"), [(0, True), (1, False)])
def test_a_ranking_within_a_dimension_keeps_the_first_of_each_of_its_values(
    figures: Figures, skip: int, descending: bool
) -> None:
    everything = folded("units_sold", ("weekday", "item"), lambda dims: True)
    by_day: dict[str, list[Key]] = {}
    for key in sorted(everything, key=lambda key: (-everything[key] if descending else everything[key], key)):
        by_day.setdefault(key[0], []).append(key)
    ranking = Ranking(by="units_sold", descending=descending, skip=skip, limit=2, within=("weekday",))
    result = figures.run(Plan(metrics=("units_sold",), dimensions=("weekday", "item"), ranking=ranking))
    assert list(result.keys) == [key for day in WEEKDAYS if day in by_day for key in by_day[day][skip : skip + 2]]
    assert result.row_count == len(everything)


@pytest.mark.parametrize("dimension", ["business_date", "week", "month", "hour", "weekday"])
def test_times_come_in_their_own_order(figures: Figures, dimension: Any) -> None:
    keys = [key[0] for key in figures.run(Plan(metrics=("net_sales",), dimensions=(dimension,))).keys]
    order: Callable[[str], Any] = {"hour": int, "weekday": WEEKDAYS.index}.get(dimension, str)
    assert len(keys) > 1
    assert keys == sorted(keys, key=order)


def test_other_rows_come_greatest_first(figures: Figures) -> None:
    result = figures.run(Plan(metrics=("net_sales",), dimensions=("item",)))
    values = [row[0].value or Decimal(0) for row in result.rows]
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize(
    "plan",
    [
        Plan(metrics=("nonsense",)),
        Plan(metrics=("tips",), dimensions=("item",)),
        Plan(metrics=("over_short",), dimensions=("category",)),
        Plan(metrics=("net_sales",), dimensions=("account",)),
        Plan(metrics=("balance",), filters=(Filter(dimension="cashier", values=("Ada",)),)),
        Plan(metrics=("tax_collected",), dimensions=("jurisdiction", "item")),
        Plan(metrics=("net_sales",), dimensions=("month",), comparison=Period(end=FIRST)),
        Plan(metrics=("net_sales",), dimensions=("item",), ranking=Ranking(by="units_sold")),
        Plan(metrics=("net_sales",), dimensions=("item",), ranking=Ranking(by="net_sales", within=("item",))),
        Plan(metrics=("net_sales",), dimensions=("item",), ranking=Ranking(by="net_sales", within=("store",))),
        Plan(metrics=("net_sales",), filters=(Filter(dimension="hour", values=("noon",)),)),
        Plan(metrics=("net_sales",), filters=(Filter(dimension="business_date", values=("yesterday",)),)),
        Plan(metrics=("net_sales",), as_of=99),
        Plan(metrics=("net_sales",), as_of=-1),
    ],
    ids=describe,
)
def test_a_plan_that_does_not_go_together_is_refused(figures: Figures, plan: Plan) -> None:
    with pytest.raises(PlanError):
        figures.run(plan)


# --- as of, catching up -----------------------------------------------------------------------------------------------

REMEMBERED = (
    Plan(metrics=tuple(FOLDS), dimensions=("store",)),
    Plan(metrics=OF_LINES, dimensions=("item",)),
    Plan(metrics=("balance",), dimensions=("account",)),
    Plan(
        metrics=OF_TICKETS,
        dimensions=("cashier",),
        period=Period(start=date(2026, 10, 10)),
        comparison=Period(end=date(2026, 10, 9)),
    ),
)


def changing_days() -> list[tuple[list[Row], list[Row]]]:
    """Deliveries: new tickets, and from the second on changed ones, some of them changed twice or older than known."""
    first, second, third = made_tickets(1, 40), made_tickets(2, 40), made_tickets(3, 40)
    days: list[tuple[list[Row], list[Row]]] = []
    for start in range(0, 40, 10):
        later = {"version_stamp": datetime(2026, 12, 1, 8, start, tzinfo=UTC)}
        early = {"version_stamp": datetime(2026, 9, 1, 8, start, tzinfo=UTC)}
        changed = [one | later for one in second[max(0, start - 15) : start : 3]]
        stale = [one | early for one in third[max(0, start - 10) : start : 4]]
        days.append((first[start : start + 10] + changed + stale, EVENTS[start // 2 : start // 2 + 5]))
    # In one delivery: a ticket, and what supersedes it.
    days.append(
        ([made_tickets(4, 41)[40], made_tickets(5, 41)[40] | {"version_stamp": datetime(2027, 1, 1, tzinfo=UTC)}], [])
    )
    return days


def live(deliveries: Sequence[tuple[list[Row], list[Row]]]) -> tuple[list[Row], list[Row]]:
    newest: tuple[dict[str, Row], dict[str, Row]] = ({}, {})
    for delivery in deliveries:
        for rows, into in zip(delivery, newest, strict=True):
            for one in rows:
                known = into.get(one["external_id"])
                if known is None or one["version_stamp"] > known["version_stamp"]:
                    into[one["external_id"]] = one
    return list(newest[0].values()), list(newest[1].values())


def content(result: Result) -> tuple[Any, ...]:
    """All of a result but the plan's as-of and the head's hash, which is known of the present alone."""
    return result.seq, result.columns, result.keys, result.rows, result.row_count, result.tickets, result.tie_out


@pytest.fixture(scope="module")
def remembered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[list[tuple[Any, ...]]]]:
    """A closed book whose figures caught up after each commit, and the results of each plan at each commit."""
    folder = tmp_path_factory.mktemp("remembered") / "book"
    book = settled(folder)
    opened = Figures.open(book)
    results: list[list[tuple[Any, ...]]] = []
    for number, (tickets, events) in enumerate(changing_days(), start=1):
        commit = post(book, *tickets, events=events)
        assert (commit.seq, commit.quarantined) == (number, 0)
        assert opened.catch_up() == 1
        results.append([content(opened.run(plan)) for plan in REMEMBERED])
    opened.close()
    book.close()
    return folder, results


def test_at_every_commit_the_figures_are_the_fold_over_what_was_live_then(
    remembered: tuple[Path, list[list[tuple[Any, ...]]]],
) -> None:
    folder, results = remembered
    book = Book.open(folder)
    opened = Figures.open(book)
    for seq in range(1, len(results) + 1):
        tickets, events = live(changing_days()[:seq])
        for plan in REMEMBERED[:2]:
            result = opened.run(plan.model_copy(update={"as_of": seq}))
            for name in set(plan.metrics) - {"debits", "credits"}:  # these keep what was reversed, and its reversal
                assert column(result, name) == folded(name, plan.dimensions, tickets=tickets, events=events), (
                    seq,
                    name,
                )
    opened.close()
    book.close()


def test_a_result_as_of_a_commit_is_what_it_was_then(remembered: tuple[Path, list[list[tuple[Any, ...]]]]) -> None:
    folder, results = remembered
    book = Book.open(folder)
    opened = Figures.open(book)
    assert opened.catch_up() == 0
    for seq, then in enumerate(results, start=1):
        assert [content(opened.run(plan.model_copy(update={"as_of": seq}))) for plan in REMEMBERED] == then
    assert results[0] != results[1] != results[2]
    opened.close()
    book.close()


@pytest.mark.parametrize("loss", ["deleted", "damaged", "of another book"])
def test_a_lost_copy_is_caught_up_in_one_go_to_the_same_figures(
    remembered: tuple[Path, list[list[tuple[Any, ...]]]], tmp_path: Path, loss: str
) -> None:
    folder, results = remembered
    copied = Path(shutil.copytree(folder, tmp_path / "book"))
    if loss == "deleted":
        (copied / "facts.duckdb").unlink()
    elif loss == "damaged":
        (copied / "facts.duckdb").write_bytes(b"no database" * 1000)
    else:
        other = settled(tmp_path / "other")
        post(other, ticket("1"))
        others = Figures.open(other)
        others.catch_up()
        others.close()
        other.close()
        shutil.copy(tmp_path / "other" / "facts.duckdb", copied / "facts.duckdb")
    book = Book.open(copied)
    opened = Figures.open(book)
    opened.catch_up()
    for seq, then in enumerate(results, start=1):
        assert [content(opened.run(plan.model_copy(update={"as_of": seq}))) for plan in REMEMBERED] == then
    opened.close()
    book.close()


def test_a_second_process_has_the_same_figures_from_a_copy_of_its_own(figures: Figures) -> None:
    second = Figures.open(figures.book)
    assert second.note
    second.catch_up()
    for plan in REMEMBERED:
        assert second.run(plan) == figures.run(plan)
    second.close()


# --- citations --------------------------------------------------------------------------------------------------------

SUMS = tuple(name for name, one in METRICS.items() if not one.is_ratio)
SCALE = {"money": 100, "units": 1_000_000, "tickets": 1}


def opened_whole(figures: Figures, citation: Citation, page_size: int = 40) -> tuple[int, int]:
    """Sum and number of the contributions over all pages, each of which must lead to a document."""
    first = open_citation(figures, citation, 1, page_size)
    amount, count, seen = 0, 0, set()
    for page in range(1, first.pages + 1):
        proof = open_citation(figures, citation, page, page_size)
        assert (proof.page, proof.total, proof.count) == (page, first.total, first.count)
        assert len(proof.contributions) <= page_size
        for one in proof.contributions:
            assert one.document
            seen.add((one.seq, one.n, one.number))
            amount += one.amount
            count += 1
    assert count == first.count == len(seen)
    assert amount == first.total
    return amount, count


def test_the_contributions_of_a_balance_add_up_to_it_from_the_first_posting_on(figures: Figures) -> None:
    result = figures.run(Plan(metrics=("balance",), dimensions=("account", "store"), period=PERIODS[0]))
    for figure in result.figures[:4]:
        assert figure.value
        assert opened_whole(figures, Citation.of(result, figure), page_size=500)[0] == figure.value * 100


def test_the_contributions_of_tax_by_jurisdiction_add_up(figures: Figures) -> None:
    result = figures.run(Plan(metrics=("tax_collected",), dimensions=("jurisdiction",)))
    for figure in result.figures:
        assert opened_whole(figures, Citation.of(result, figure), page_size=500)[0] == (figure.value or 0) * 100


@pytest.mark.parametrize("name", SUMS)
def test_the_contributions_of_a_sum_add_up_to_its_figure(figures: Figures, name: str) -> None:
    plans = (
        Plan(metrics=(name,)),
        Plan(metrics=("net_sales", name)[name == "net_sales" :], dimensions=("store",), period=PERIODS[0])
        if name in OF_TICKETS
        else Plan(metrics=(name,), dimensions=("store",), period=PERIODS[0]),
    )
    for plan in plans:
        result = figures.run(plan)
        for figure in (one for one in result.figures if one.metric == name):
            page_size = 500 if name in OF_ACCOUNTS else 90
            amount, count = opened_whole(figures, Citation.of(result, figure), page_size)
            assert amount == (figure.value or 0) * SCALE[METRICS[name].unit], figure.key
            assert count > 0 or not figure.value


CITED = sorted(set(get_args(Dimension)) - {"account", "jurisdiction", "owner", "subcategory", "ticket"})


@pytest.mark.parametrize("dimension", [*CITED, "subcategory"])
def test_the_contributions_of_each_row_add_up_to_the_row(figures: Figures, dimension: Any) -> None:
    result = figures.run(Plan(metrics=("net_sales",), dimensions=(dimension,)))
    for figure in result.figures[:6:2]:
        amount, _ = opened_whole(figures, Citation.of(result, figure), page_size=500)
        assert figure.value is not None
        assert amount == figure.value * 100, figure.key


def test_the_contributions_of_the_period_before_add_up_to_it(figures: Figures) -> None:
    plan = Plan(metrics=("net_sales",), dimensions=("item",), period=PERIODS[1], comparison=PERIODS[2])
    result = figures.run(plan)
    for figure in [one for one in result.figures if one.side == "before"][:3]:
        assert opened_whole(figures, Citation.of(result, figure))[0] == (figure.value or 0) * 100


@pytest.mark.parametrize("name", [name for name in METRICS if METRICS[name].is_ratio])
def test_a_ratio_opens_into_the_sums_that_it_is_computed_from(figures: Figures, name: str) -> None:
    result = figures.run(Plan(metrics=(name,), dimensions=("store",)))
    proof = open_citation(figures, Citation.of(result, result.figures[0]))
    top, bottom, into = Fraction(0), Fraction(0), "top"
    for words, figure, citation in proof.parts:
        assert open_citation(figures, citation).figure.value == figure.value
        assert figure.value is not None
        into = "bottom" if words == "over" else into
        signed = Fraction(figure.value) * (-1 if words == "less" else 1)
        top, bottom = (top + signed, bottom) if into == "top" else (top, bottom + signed)
    percent, places = (100, 1) if METRICS[name].unit == "percent" else (1, 2)
    assert Fraction(proof.figure.value or 0) == round(top * percent / bottom, places)


def test_a_change_opens_into_its_two_sides(figures: Figures) -> None:
    result = figures.run(Plan(metrics=("net_sales",), period=PERIODS[1], comparison=PERIODS[2]))
    value, before, change, _ = (one.value or Decimal(0) for one in result.figures)
    proof = open_citation(figures, Citation.of(result, result.figures[2]))
    assert [figure.value for _, figure, _ in proof.parts] == [value, before]
    assert change == value - before


def test_a_citation_gives_the_same_figure_after_its_tickets_have_changed(tmp_path: Path) -> None:
    book = settled(tmp_path / "book")
    opened = Figures.open(book)
    kept = []
    for tickets, events in changing_days():
        post(book, *tickets, events=events)
        opened.catch_up()
        result = opened.run(Plan(metrics=("net_sales",), dimensions=("store",)))
        kept += [(Citation.of(result, figure).token(), figure.value) for figure in result.figures]
    for token, value in kept:
        citation = Citation.from_token(token)
        assert open_citation(opened, citation).figure.value == value
        assert opened_whole(opened, citation)[0] == (value or 0) * 100
    opened.close()
    book.close()


def test_a_token_comes_back_as_the_citation_that_it_was(figures: Figures) -> None:
    for plan in (*REMEMBERED, Plan(metrics=("net_sales",), filters=(FILTERS["all but a category"][0],))):
        result = figures.run(plan)
        for figure in result.figures[:8]:
            citation = Citation.of(result, figure)
            assert Citation.from_token(citation.token()) == citation


def packed(content: str) -> str:
    return base64.urlsafe_b64encode(zlib.compress(content.encode())).decode().rstrip("=")


GOOD = Citation(Plan(metrics=("net_sales",), dimensions=("store",)), 1, "net_sales", "value", ("Airport",)).token()
PLAN = {"metrics": ["net_sales"]}

BROKEN = {
    "empty": "",
    "not base64": "%%%",
    "not ASCII": "é" * 20,
    "cut short": GOOD[:-6],
    "changed": GOOD[:10] + ("A" if GOOD[10] != "A" else "B") + GOOD[11:],
    "too long": GOOD * 1000,
    "not packed": base64.urlsafe_b64encode(b"[1, 2]").decode(),
    "not JSON": packed("net sales"),
    "no citation": packed("[]"),
    "a number": packed("7"),
    "no such side": packed(json.dumps([PLAN, 1, "net_sales", "after", []])),
    "no such field": packed(json.dumps([PLAN | {"colour": "red"}, 1, "net_sales", "value", []])),
    "a commit that is no number": packed(json.dumps([PLAN, "1", "net_sales", "value", []])),
    "no key": packed(json.dumps([PLAN, 1, "net_sales", "value", None])),
    "a period that ends before it starts": packed(
        json.dumps([PLAN | {"period": {"start": "2026-10-02", "end": "2026-10-01"}}, 1, "net_sales", "value", []])
    ),
    "far too deep": packed("[" * 60_000),
}


@pytest.mark.parametrize("name", [*BROKEN, "far too deep"])
def test_a_broken_token_is_refused(name: str) -> None:
    with pytest.raises(PlanError, match="not whole"):
        Citation.from_token(BROKEN[name])


STRANGE = {
    "another metric": [PLAN, 1, "tips", "value", []],
    "an unknown metric": [{"metrics": ["nonsense"]}, 1, "nonsense", "value", []],
    "a key of nothing": [PLAN, 1, "net_sales", "value", ["Airport"]],
    "a key that is not there": [PLAN | {"dimensions": ["store"]}, 1, "net_sales", "value", ["Atlantis"]],
    "a side that was not asked for": [PLAN, 1, "net_sales", "change", []],
    "a commit to come": [PLAN, 10**6, "net_sales", "value", []],
    "a commit before the first": [PLAN, -1, "net_sales", "value", []],
}


@pytest.mark.parametrize("name", STRANGE)
def test_a_token_that_names_nothing_opens_nothing(figures: Figures, name: str) -> None:
    citation = Citation.from_token(packed(json.dumps(STRANGE[name])))
    with pytest.raises(PlanError):
        open_citation(figures, citation)
