"""Kinds of tickets as exports tell them: comps, discounts on a ticket, other currencies, marketplaces; and every
way in which a ticket can fail to add up."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.amounts import spread
from ledger.batch import LINES, TICKETS
from tests.builders import balances
from tests.ingest.shop import export, intake, new_book

HEADER = [
    "No", "Shop", "Day", "Item", "Net", "Why", "Off", "Tax", "Remits", "Tip", "Round", "Total", "Tender", "Paid",
    "Money", "Foreign", "Rate",
]  # fmt: skip
MAPPING = """
[mapping]
layout = "flat"
ticket_discount = "spread"
[ticket]
external_id = "[No]"
store = "[Shop]"
business_date = "[Day]"
discount = "[Off]"
tip = "[Tip]"
rounding = "[Round]"
total = "[Total]"
[line]
name = "[Item]"
gross = "[Net]"
discount = "if([Why] = 'on the house', [Net], 0)"
discount_kind = "if([Why] = 'on the house', 'comp', '')"
[[tender]]
type = "[Tender]"
amount = "[Paid]"
foreign_currency = "[Money]"
foreign_amount = "[Foreign]"
exchange_rate = "[Rate]"
[[tax]]
jurisdiction = "'State'"
amount = "[Tax]"
facilitator = "[Remits] = 'yes'"
"""
GOOD = {
    "No": "1", "Shop": "Downtown", "Day": "2026-10-05", "Item": "Pie", "Net": "10.00", "Why": "", "Off": "",
    "Tax": "0.80", "Remits": "", "Tip": "1.00", "Round": "0.02", "Total": "11.82", "Tender": "cash",
    "Paid": "11.82", "Money": "",
    "Foreign": "", "Rate": "",
}  # fmt: skip
TAX = "liabilities:tax:state"


def take(folder: Path, *rows: dict[str, str]) -> tuple[dict[str, int], list[str]]:
    """The balances after taking rows, and the reasons of what was held."""
    book = new_book(folder)
    path = export(folder / "export.csv", [[(GOOD | row)[name] for name in HEADER] for row in rows], HEADER)
    report = intake(book, path, mapping=MAPPING)
    after = balances(book)
    assert book.verify().ok
    book.close()
    return after, [one.reason for one in report.held]


def test_a_ticket_that_adds_up_is_posted(tmp_path: Path) -> None:
    assert take(tmp_path, {}) == (
        {
            "assets:cash": 1182,
            "expenses:rounding": -2,
            "income:sales": -1000,
            "liabilities:tips": -100,
            TAX: -80,
        },
        [],
    )


@pytest.mark.parametrize(
    ("wrong", "difference"),
    [
        ({"Net": "10.01"}, "difference -0.01"),
        ({"Tax": "0.81"}, "difference -0.01"),
        ({"Tip": "0.50"}, "difference 0.50"),
        ({"Round": "-0.02"}, "difference 0.04"),
        ({"Total": "11.83", "Paid": "11.83"}, "difference 0.01"),
        ({"Paid": "11.80"}, "difference -0.02"),
        ({"Off": "1.00"}, "difference 1.00"),
    ],
    ids=["line", "tax", "tip", "rounding", "total", "tender", "discount"],
)
def test_one_that_does_not_is_held_and_the_difference_is_named(
    tmp_path: Path, wrong: dict[str, str], difference: str
) -> None:
    after, [reason] = take(tmp_path, wrong)
    assert after == {}
    assert difference in reason


def test_a_comp_is_kept_apart_from_discounts(tmp_path: Path) -> None:
    rows = [
        {"Tip": "", "Round": "", "Total": "10.80", "Paid": "10.80"},
        {"Item": "Tea", "Net": "3.00", "Why": "on the house"},
    ]
    after, held = take(tmp_path, rows[0], rows[0] | rows[1] | {"Tax": ""})
    assert held == []
    assert after == {"assets:cash": 1080, "income:comps": 300, "income:sales": -1300, TAX: -80}


def test_a_discount_on_the_ticket_is_spread_over_its_lines_to_the_last_cent(tmp_path: Path) -> None:
    ticket = {"Off": "1.00", "Tip": "", "Round": "", "Total": "29.80", "Paid": "29.80"}
    after, held = take(tmp_path, ticket, ticket | {"Tax": ""}, ticket | {"Tax": ""})
    assert held == []
    assert after == {"assets:cash": 2980, "income:discounts": 100, "income:sales": -3000, TAX: -80}


def test_a_hostile_rate_holds_its_ticket_and_no_other(tmp_path: Path) -> None:
    wild = {"No": "2", "Money": "EUR", "Foreign": "1E999999", "Rate": "1E999999"}
    after, [reason] = take(tmp_path, {}, wild)
    assert after["assets:cash"] == 1182
    assert reason.startswith("Ticket 2 ")


def test_a_discount_on_a_return_is_spread_over_what_was_taken_back(tmp_path: Path) -> None:
    ticket = {"Net": "-10.00", "Off": "-1.00", "Tax": "-0.80", "Tip": "", "Round": "", "Total": "-29.80"}
    ticket |= {"Paid": "-29.80"}
    after, held = take(tmp_path, ticket, ticket | {"Tax": ""}, ticket | {"Tax": ""})
    assert held == []
    assert after == {"assets:cash": -2980, "income:returns": 2900, TAX: 80}


def test_an_exchange_takes_its_discount_off_what_is_sold(tmp_path: Path) -> None:
    ticket = {"Off": "1.00", "Tax": "", "Tip": "", "Round": "", "Total": "5.00", "Paid": "5.00"}
    after, held = take(tmp_path, ticket, ticket | {"Net": "-4.00"})
    assert held == []
    assert after == {"assets:cash": 500, "income:discounts": 100, "income:sales": -600}


def test_tax_that_a_marketplace_remits_is_never_owed(tmp_path: Path) -> None:
    after, held = take(
        tmp_path, {"Remits": "yes", "Tender": "doordash", "Tip": "", "Round": "", "Total": "10.80", "Paid": "10.80"}
    )
    assert held == []
    assert after == {
        "assets:clearing:delivery": 1080,
        "assets:clearing:marketplace-tax": -80,
        "income:sales": -1000,
    }


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"Money": "EUR", "Foreign": "10.00", "Rate": "1.182"}, None),
        ({"Money": "EUR", "Foreign": "10.00", "Rate": "1.181"}, None),  # within a cent
        ({"Money": "EUR", "Foreign": "12.00", "Rate": "1.182"}, "12.00 EUR at 1.182 is not 11.82 USD"),
        ({"Money": "EUR", "Foreign": "10.00", "Rate": "dear"}, "10.00 EUR at dear is not an amount and a rate"),
        ({"Money": "EUR", "Foreign": "10.00"}, "10.00 EUR at None is not an amount and a rate"),
        (
            {"Money": "EUR", "Foreign": "1E999999", "Rate": "1E999999"},
            "1E999999 EUR at 1E999999 is not an amount and a rate",
        ),
        ({"Money": "EUR", "Foreign": "1E-999999", "Rate": "1E-999999"}, "is not an amount and a rate"),
        ({"Money": "EUR", "Foreign": "9" * 100_000, "Rate": "1"}, f"{'9' * 40} EUR at 1 is not an amount and a rate"),
    ],
)
def test_a_tender_in_another_currency_is_checked_against_the_rate_of_its_source(
    tmp_path: Path, told: dict[str, str], reason: str | None
) -> None:
    after, held = take(tmp_path, told)
    if reason is None:
        assert (after["assets:cash"], held) == (1182, [])
    else:
        assert after == {}
        assert reason in held[0]


@given(st.lists(st.integers(-500, 2000), min_size=1, max_size=8), st.integers(1, 5000), st.sampled_from([1, -1]))
def test_what_is_spread_is_the_whole_discount_and_no_line_is_a_cent_off_its_share(
    nets: list[int], discount: int, sign: int
) -> None:
    nets, discount = [net * sign for net in nets], discount * sign
    rows = [
        {
            "ticket": 0,
            "number": place,
            "kind": "item",
            "voided": False,
            "gross_minor": net,
            "discount_minor": 0,
            "net_minor": net,
        }
        for place, net in enumerate(nets, start=1)
    ]
    lines = pl.DataFrame(rows, schema={name: LINES[name] for name in rows[0]})
    headers = pl.DataFrame(
        [{"ticket": 0, "discount_minor": discount}],
        schema={"ticket": pl.Int64, "discount_minor": TICKETS["discount_minor"]},
    )
    found = spread(lines, headers)
    total = sum(net for net in nets if net * sign > 0)
    assert found["discount_minor"].sum() == (discount if total else 0)
    for net, share, left in zip(nets, found["discount_minor"], found["net_minor"], strict=True):
        assert left == net - share
        assert abs(share - Fraction(discount * (net if net * sign > 0 else 0), total or 1)) < 1
