"""Posting rules: what each kind of ticket and till event puts on which account, in minor units, debits positive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.book import Book
from ledger.errors import PostingError
from tests.builders import AT, balances, event, keep_bytes, line, make_book, post, ticket

CARD, CASH, SALES = "assets:clearing:card", "assets:cash", "income:sales"
DISCOUNTS, RETURNS, ROUNDING = "income:discounts", "income:returns", "expenses:rounding"
GIFT_CARDS, TIPS, SERVICE = "liabilities:gift-cards", "liabilities:tips", "income:service-charges"


ON_EVERY_ENGINE = True


COMPS, HOUSE, FEES = "income:comps", "assets:receivable:house", "expenses:payment-fees"
MARKETPLACE_TAX = "assets:clearing:marketplace-tax"


def tax(jurisdiction: str | None, amount: int, **more: bool) -> dict[str, Any]:
    return {"jurisdiction": jurisdiction, "amount_minor": amount, "included": False, **more}


def tender(kind: str, amount: int, change: int | None = None) -> dict[str, Any]:
    return {"type": kind, "amount_minor": amount, "change_minor": change}


TICKETS: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "sale": (ticket("1", lines=[line(1250)]), {CARD: 1250, SALES: -1250}),
    "sale of several lines": (ticket("1", lines=[line(1250), line(299)]), {CARD: 1549, SALES: -1549}),
    "sale that costs nothing": (ticket("1", lines=[line(0)]), {}),
    "return": (
        ticket("1", kind="return", lines=[line(-700)], tender="cash"),
        {CASH: -700, RETURNS: 700},
    ),
    "return of a discounted line with its tax": (
        ticket("1", kind="return", lines=[line(-1000, discount=-200)], taxes=[tax("State", -64)]),
        {CARD: -864, RETURNS: 800, "liabilities:tax:state": 64},
    ),
    "exchange": (
        ticket("1", kind="exchange", lines=[line(-1000), line(1500)]),
        {CARD: 500, RETURNS: 1000, SALES: -1500},
    ),
    "even exchange": (
        ticket("1", kind="exchange", lines=[line(-1000), line(1000)], tenders=[]),
        {RETURNS: 1000, SALES: -1000},
    ),
    "void before tender": (ticket("1", kind="void_before_tender", lines=[line(900)], tax=72), {}),
    "void after tender": (
        ticket("1", kind="void_after_tender", lines=[line(900, cost_minor=300)], tenders=[tender("card", 900)]),
        {},
    ),
    "voided line in a sale": (
        ticket("1", lines=[line(900), line(400, voided=True, cost_minor=100)]),
        {CARD: 900, SALES: -900},
    ),
    "discount on a line": (
        ticket("1", lines=[line(1000, discount=150), line(500)]),
        {CARD: 1350, DISCOUNTS: 150, SALES: -1500},
    ),
    "discount on the ticket, spread over its lines": (
        ticket("1", lines=[line(1000, discount=67), line(500, discount=33)], discount_minor=100),
        {CARD: 1400, DISCOUNTS: 100, SALES: -1500},
    ),
    "return of what a discount on the ticket was spread over": (
        ticket("1", kind="return", lines=[line(-1000, discount=-67), line(-500, discount=-33)], discount_minor=-100),
        {CARD: -1400, RETURNS: 1400},
    ),
    "line that is discounted whole": (
        ticket("1", lines=[line(1000, discount=1000)], tenders=[]),
        {DISCOUNTS: 1000, SALES: -1000},
    ),
    "tax added": (ticket("1", lines=[line(1000)], tax=83), {CARD: 1083, SALES: -1000, "liabilities:tax:state": -83}),
    "tax included": (
        ticket("1", lines=[line(1000)], taxes=[tax("VAT 19", 190, included=True)]),
        {CARD: 1190, SALES: -1000, "liabilities:tax:vat-19": -190},
    ),
    "two jurisdictions": (
        ticket("1", lines=[line(1000)], taxes=[tax("State", 40), tax("New York City", 45)]),
        {CARD: 1085, SALES: -1000, "liabilities:tax:state": -40, "liabilities:tax:new-york-city": -45},
    ),
    "two rates of one jurisdiction": (
        ticket("1", lines=[line(1000)], taxes=[tax("State", 40), tax("State", 2)]),
        {CARD: 1042, SALES: -1000, "liabilities:tax:state": -42},
    ),
    "tax of no named jurisdiction": (
        ticket("1", lines=[line(1000)], taxes=[tax(None, 80), tax("State", 20)]),
        {CARD: 1100, SALES: -1000, "liabilities:tax:unspecified": -80, "liabilities:tax:state": -20},
    ),
    "tip": (ticket("1", lines=[line(2000)], tip_minor=360), {CARD: 2360, SALES: -2000, TIPS: -360}),
    "service charge": (
        ticket("1", lines=[line(2000), line(400, kind="service_charge", item_id=None)]),
        {CARD: 2400, SALES: -2000, SERVICE: -400},
    ),
    "gift card sold": (ticket("1", lines=[line(5000, kind="gift_card")]), {CARD: 5000, GIFT_CARDS: -5000}),
    "gift card redeemed": (
        ticket("1", lines=[line(1200)], tender="gift card"),
        {GIFT_CARDS: 1200, SALES: -1200},
    ),
    "return to store credit": (
        ticket("1", kind="return", lines=[line(-1200)], tender="store credit"),
        {GIFT_CARDS: -1200, RETURNS: 1200},
    ),
    "deposit taken": (ticket("1", lines=[line(2500, kind="deposit")]), {CARD: 2500, "liabilities:deposits": -2500}),
    "deposit given back": (
        ticket("1", kind="return", lines=[line(-2500, kind="deposit")]),
        {CARD: -2500, "liabilities:deposits": 2500},
    ),
    "donation": (
        ticket("1", lines=[line(1000), line(100, kind="donation")]),
        {CARD: 1100, SALES: -1000, "liabilities:donations": -100},
    ),
    "fee": (ticket("1", lines=[line(1000), line(50, kind="fee")]), {CARD: 1050, SALES: -1000, "income:fees": -50}),
    "split tender": (
        ticket("1", lines=[line(3000)], tenders=[tender("cash", 1000), tender("Visa", 1500), tender("gift card", 500)]),
        {CASH: 1000, CARD: 1500, GIFT_CARDS: 500, SALES: -3000},
    ),
    "two tenders of one account": (
        ticket("1", lines=[line(3000)], tenders=[tender("Visa", 1000), tender("mastercard", 2000)]),
        {CARD: 3000, SALES: -3000},
    ),
    "change": (
        ticket("1", lines=[line(1250)], tenders=[tender("cash", 2000, change=750)]),
        {CASH: 1250, SALES: -1250},
    ),
    "cash rounded up": (
        ticket("1", lines=[line(1003)], rounding_minor=2, tender="cash"),
        {CASH: 1005, SALES: -1003, ROUNDING: -2},
    ),
    "cash rounded down": (
        ticket("1", lines=[line(1002)], rounding_minor=-2, tender="cash"),
        {CASH: 1000, SALES: -1002, ROUNDING: 2},
    ),
    "cost of what is sold": (
        ticket("1", lines=[line(1000, cost_minor=320)]),
        {CARD: 1000, SALES: -1000, "expenses:cogs": 320, "assets:inventory": -320},
    ),
    "cost of what is taken back": (
        ticket("1", kind="return", lines=[line(-1000, cost_minor=-320)]),
        {CARD: -1000, RETURNS: 1000, "expenses:cogs": -320, "assets:inventory": 320},
    ),
    "unlinked return": (
        ticket("1", kind="return", lines=[line(-700)], receipt_present=False),
        {CARD: -700, RETURNS: 700},
    ),
    "linked return": (
        ticket("1", kind="return", lines=[line(-700)], receipt_present=True, original_external_id="0"),
        {CARD: -700, RETURNS: 700},
    ),
    "comp": (
        ticket("1", lines=[line(1000, discount=1000, discount_kind="comp"), line(500)], tender="cash"),
        {CASH: 500, COMPS: 1000, SALES: -1500},
    ),
    "comp beside a discount": (
        ticket("1", lines=[line(1000, discount=400, discount_kind="comp"), line(500, discount=50)]),
        {CARD: 1050, COMPS: 400, DISCOUNTS: 50, SALES: -1500},
    ),
    "tax that a marketplace remits": (
        ticket("1", lines=[line(1000)], taxes=[tax("State", 80, facilitator=True), tax("City", 10)], tender="doordash"),
        {"assets:clearing:delivery": 1090, MARKETPLACE_TAX: -80, SALES: -1000, "liabilities:tax:city": -10},
    ),
    "return of what a marketplace taxed": (
        ticket("1", kind="return", lines=[line(-1000)], taxes=[tax("State", -80, facilitator=True)], tender="doordash"),
        {"assets:clearing:delivery": -1080, MARKETPLACE_TAX: 80, RETURNS: 1000},
    ),
    "gift card refunded to card": (
        ticket("1", kind="return", lines=[line(-5000, kind="gift_card")]),
        {CARD: -5000, GIFT_CARDS: 5000},
    ),
    "gift card paid for with a gift card": (
        ticket("1", lines=[line(5000, kind="gift_card")], tender="gift card"),
        {},
    ),
    "deposit applied to what it was for": (
        ticket("1", lines=[line(9000), line(-2500, kind="deposit")]),
        {CARD: 6500, "liabilities:deposits": 2500, SALES: -9000},
    ),
    "layaway: an instalment": (
        ticket("1", lines=[line(1500, kind="deposit")], tender="cash"),
        {CASH: 1500, "liabilities:deposits": -1500},
    ),
    "layaway: completed, with tax": (
        ticket("1", lines=[line(6000), line(-4000, kind="deposit")], tax=480),
        {CARD: 2480, "liabilities:deposits": 4000, SALES: -6000, "liabilities:tax:state": -480},
    ),
    "layaway: cancelled for a fee, the rest given back": (
        ticket("1", kind="return", lines=[line(-4000, kind="deposit"), line(500, kind="fee")], tender="cash"),
        {CASH: -3500, "liabilities:deposits": 4000, "income:fees": -500},
    ),
    "charged to a house account": (
        ticket("1", lines=[line(1000)], tax=80, tender="house account", customer="Club"),
        {HOUSE: 1080, SALES: -1000, "liabilities:tax:state": -80},
    ),
    "payment on a house account": (
        ticket("1", lines=[line(1080, kind="account_payment")], tender="check", customer="Club"),
        {"assets:clearing:check": 1080, HOUSE: -1080},
    ),
    "tip on a split tender": (
        ticket(
            "1",
            lines=[line(2000)],
            tip_minor=300,
            tenders=[tender("cash", 1000), {**tender("Visa", 1300), "tip_minor": 300}],
        ),
        {CASH: 1000, CARD: 1300, SALES: -2000, TIPS: -300},
    ),
    "cash refund rounded as a sale is": (
        ticket("1", kind="return", lines=[line(-1003)], rounding_minor=-2, tender="cash"),
        {CASH: -1005, RETURNS: 1003, ROUNDING: 2},
    ),
    "mixed tender of which the cash is rounded": (
        ticket("1", lines=[line(2003)], rounding_minor=2, tenders=[tender("card", 1000), tender("cash", 1005)]),
        {CARD: 1000, CASH: 1005, SALES: -2003, ROUNDING: -2},
    ),
    "processor fee": (
        ticket("1", lines=[line(1000)], tenders=[{**tender("Visa", 1000), "fee_minor": 29}]),
        {CARD: 971, FEES: 29, SALES: -1000},
    ),
    "processor fee kept on a refund": (
        ticket("1", kind="return", lines=[line(-1000)], tenders=[{**tender("Visa", -1000), "fee_minor": 10}]),
        {CARD: -1010, FEES: 10, RETURNS: 1000},
    ),
    "processor fee given back with a refund": (
        ticket("1", kind="return", lines=[line(-1000)], tenders=[{**tender("Visa", -1000), "fee_minor": -29}]),
        {CARD: -971, FEES: -29, RETURNS: 1000},
    ),
    "fees of two processors": (
        ticket(
            "1",
            lines=[line(3000)],
            tenders=[{**tender("Visa", 1000), "fee_minor": 29}, {**tender("paypal", 2000), "fee_minor": 88}],
        ),
        {CARD: 971, "assets:clearing:online": 1912, FEES: 117, SALES: -3000},
    ),
    "paid in another currency": (
        ticket(
            "1",
            lines=[line(1085)],
            tenders=[
                {
                    **tender("cash", 2170, change=1085),
                    "foreign_currency": "EUR",
                    "foreign_amount": "20.00",
                    "exchange_rate": "1.085",
                }
            ],
        ),
        {CASH: 1085, SALES: -1085},
    ),
    "everything at once": (
        ticket(
            "1",
            lines=[
                line(2000, discount=300, cost_minor=500),
                line(-400),
                line(1000, kind="gift_card"),
                line(200, kind="service_charge"),
                line(999, voided=True),
            ],
            taxes=[tax("State", 100), tax("City", 31)],
            tip_minor=250,
            rounding_minor=-1,
            tenders=[tender("cash", 3000, change=720), tender("gift card", 600)],
        ),
        {
            CASH: 2280,
            GIFT_CARDS: 600 - 1000,
            SALES: -2000,
            DISCOUNTS: 300,
            RETURNS: 400,
            SERVICE: -200,
            "liabilities:tax:state": -100,
            "liabilities:tax:city": -31,
            TIPS: -250,
            ROUNDING: 1,
            "expenses:cogs": 500,
            "assets:inventory": -500,
        },
    ),
}

SAFE, OVER_SHORT, IN_TRANSIT = "assets:safe", "expenses:over-short", "assets:deposits-in-transit"

EVENTS: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "close that agrees": (event("e", "close", counted_minor=20000, expected_minor=20000), {}),
    "close that is over": (
        event("e", "close", counted_minor=20150, expected_minor=20000),
        {CASH: 150, OVER_SHORT: -150},
    ),
    "close that is short": (
        event("e", "close", counted_minor=19400, expected_minor=20000),
        {CASH: -600, OVER_SHORT: 600},
    ),
    "count that is short": (
        event("e", "count", counted_minor=19400, expected_minor=20000),
        {CASH: -600, OVER_SHORT: 600},
    ),
    "close without an expected amount": (event("e", "close", counted_minor=19400), {}),
    "expected amount that nobody counted": (event("e", "close", expected_minor=19400), {}),
    "close with the float in what is expected": (
        event("e", "close", opening_float_minor=10000, counted_minor=25000, expected_minor=25100),
        {CASH: -100, OVER_SHORT: 100},
    ),
    "tips paid out of the drawer": (event("e", "tips_paid_out", cash_out_minor=4200), {CASH: -4200, TIPS: 4200}),
    "opening": (event("e", "open", opening_float_minor=10000, counted_minor=10000, expected_minor=9000), {}),
    "no-sale": (event("e", "no_sale", no_sales=1), {}),
    "paid in": (event("e", "paid_in", cash_in_minor=5000), {CASH: 5000, SAFE: -5000}),
    "paid out": (event("e", "paid_out", cash_out_minor=1200), {CASH: -1200, SAFE: 1200}),
    "close of which the takings are deposited": (
        event("e", "close", counted_minor=25000, expected_minor=25100, deposited_minor=15000),
        {CASH: -15100, OVER_SHORT: 100, IN_TRANSIT: 15000},
    ),
    "drop amid a session": (event("e", "count", deposited_minor=8000), {CASH: -8000, IN_TRANSIT: 8000}),
    "close that deposits nothing": (event("e", "close", deposited_minor=0), {}),
}


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = make_book(tmp_path / "book")
    yield made
    made.close()


@pytest.mark.parametrize("name", TICKETS)
def test_a_ticket_posts_to_its_accounts(book: Book, name: str) -> None:
    given, expected = TICKETS[name]
    commit = post(book, given)
    assert (commit.records, commit.posted) == (1, 1)
    assert balances(book) == dict(sorted(expected.items()))
    assert sum(expected.values()) == 0


@pytest.mark.parametrize("name", EVENTS)
def test_a_till_event_posts_to_its_accounts(book: Book, name: str) -> None:
    given, expected = EVENTS[name]
    commit = post(book, events=[given])
    assert (commit.records, commit.posted) == (1, 1)
    assert balances(book) == dict(sorted(expected.items()))


def test_a_batch_posts_the_sum_of_what_its_tickets_and_events_post_alone(book: Book) -> None:
    given = [{**one, "external_id": str(number)} for number, (one, _) in enumerate(TICKETS.values())]
    happened = [{**one, "external_id": str(number)} for number, (one, _) in enumerate(EVENTS.values())]
    commit = post(book, *given, events=happened)
    expected: dict[str, int] = {}
    for _, accounts in (*TICKETS.values(), *EVENTS.values()):
        for account, amount in accounts.items():
            expected[account] = expected.get(account, 0) + amount
    assert commit.posted == len(given) + len(happened)
    assert balances(book) == {account: amount for account, amount in sorted(expected.items()) if amount}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["sale first", "void first"])
def test_a_sale_that_becomes_a_void_is_reversed(book: Book, order: tuple[int, int]) -> None:
    sale = ticket("1", lines=[line(1000, discount=100, cost_minor=300)], tax=72, version_stamp=AT)
    void = ticket(
        "1", kind="void_after_tender", lines=[line(1000)], tenders=[], version_stamp=AT + timedelta(minutes=5)
    )
    for place in order:
        post(book, (sale, void)[place])
    assert balances(book) == {}
    assert sorted(one for chunk in book.committed() for one in chunk.entries["kind"]) == [
        "reversal",
        "ticket",
        "ticket",
    ]
    assert book.verify().ok


def test_jurisdictions_in_any_script_have_accounts_of_their_own(book: Book) -> None:
    places = ("東京都", "東京都 10%", "大阪府 10%", "Москва", "Île-de-France", "New York City")
    post(book, *(ticket(str(number), taxes=[tax(name, 80)]) for number, name in enumerate(places)))
    accounts = [account for account in balances(book) if account.startswith("liabilities:tax:")]
    assert len(accounts) == len(places)
    assert {"liabilities:tax:le-de-france", "liabilities:tax:new-york-city", "liabilities:tax:ce76fe65"} <= {*accounts}


def test_a_void_keeps_its_lines_for_review(book: Book) -> None:
    post(book, ticket("1", kind="void_after_tender", lines=[line(900)], tenders=[tender("card", 900)]))
    entry = book.entry(1, 0)
    assert entry is not None
    assert entry.postings == []
    assert [one["net_minor"] for one in entry.lines] == [900]
    assert [one["amount_minor"] for one in entry.tenders] == [900]


def test_postings_are_numbered_in_the_order_of_their_accounts(book: Book) -> None:
    post(book, ticket("1", lines=[line(1000, discount=100)], tax=83, tip_minor=5))
    entry = book.entry(1, 0)
    assert entry is not None
    assert [(one["number"], one["account"], one["amount_minor"]) for one in entry.postings] == [
        (1, CARD, 988),
        (2, DISCOUNTS, 100),
        (3, SALES, -1000),
        (4, "liabilities:tax:state", -83),
        (5, TIPS, -5),
    ]


def test_the_book_says_which_account_a_tender_a_category_a_tax_and_a_kind_of_line_goes_to(tmp_path: Path) -> None:
    book = Book.create_from(
        tmp_path / "book",
        {
            "book": {"id": "test", "name": "Test", "currency": "USD"},
            "tenders": {"Club Card": "club"},
            "accounts": {
                "tenders": {"club": "assets:receivable:club"},
                "categories": {"Drinks": "income:sales:drinks"},
                "taxes": {"State": "liabilities:state-tax"},
                "line_kinds": {"deposit": "liabilities:bottles"},
                "roles": {"discounts": "expenses:promotions", "drawer": "assets:till"},
            },
        },
    )
    keep_bytes(book, b"")
    lines = [line(1000), line(500, category="Drinks", discount=50), line(25, kind="deposit", category="Drinks")]
    deposit = event("e", "close", deposited_minor=40)  # into an account that the book does not name
    post(book, ticket("1", lines=lines, tax=80, tender="club card"), events=[deposit])
    assert balances(book) == {
        "assets:deposits-in-transit": 40,
        "assets:receivable:club": 1555,
        "assets:till": -40,
        "expenses:promotions": 50,
        "income:sales": -1000,
        "income:sales:drinks": -500,
        "liabilities:bottles": -25,
        "liabilities:state-tax": -80,
    }
    book.close()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (ticket("bad", tenders=[tender("card", 999)]), "off by -1"),
        (ticket("bad", tenders=[]), "off by -1000"),
        (ticket("bad", tenders=[tender("seashells", 1000)]), "'seashells' has no account"),
        (ticket("bad", store=None), "without store"),
        (ticket("bad", currency=None), "without currency"),
    ],
)
def test_what_validation_must_have_held_is_refused_and_nothing_of_its_batch_is_posted(
    book: Book, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(PostingError, match=said):
        post(book, ticket("good"), wrong)
    assert book.head().seq == 0
    assert balances(book) == {}
    assert book.find_ticket("good") == []


@pytest.mark.parametrize(
    "given",
    [{"cashier": "A\0da"}, {"lines": [line(name="pie\0")]}, {"tenders": [{"type": "card\0", "amount_minor": 1000}]}],
)
def test_a_text_that_not_every_engine_can_keep_is_refused(book: Book, given: dict[str, Any]) -> None:
    with pytest.raises(PostingError, match="NUL"):
        post(book, ticket("1", **given))
    assert book.head().seq == 0
