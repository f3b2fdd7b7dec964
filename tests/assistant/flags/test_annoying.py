"""What would annoy a controller: little differences, habits of a till, holidays, amounts that are only prices."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from assistant.flags.features.digits import ANCHOR, of_digits
from assistant.flags.features.norms import norms
from assistant.flags.flag import Level
from assistant.flags.known import read
from assistant.flags.model import frames
from assistant.flags.rules import fired, rules
from assistant.flags.scan import scan
from ledger.settings import BookSettings, FlagRule, FlagSettings
from tests.assistant.flags.shop import FIRST, Row, at, filled, of_day, trade
from tests.builders import line, ticket

DAY = FIRST + timedelta(days=24)


def steady(more: dict[date, int]) -> list[Row]:
    """A store that sells the same each day, 861.41 of it, but for what some days have more."""
    tickets = []
    for offset in range(42):
        day = FIRST + timedelta(days=offset)
        amounts = [4_307] * 19 + [4_308, *([more[day]] if day in more else [])]
        for place, amount in enumerate(amounts):
            tickets.append(
                ticket(
                    f"{len(tickets):06}",
                    lines=[line(amount, list_price_minor=amount)],
                    business_date=day,
                    closed_at=at(day, 9 * 3600 + place * 1500),
                    cashier="Ada",
                )
            )
    return tickets


def test_a_little_more_than_ever_is_little_and_much_more_is_told(tmp_path: Path) -> None:
    other = DAY + timedelta(days=9)
    book = filled(tmp_path / "book", steady({DAY: 2_484, other: 20_000}), [])
    known = read(book, 400)
    frame = frames(known, norms(known))[Level.STORE_DAY]

    def told(settings: BookSettings) -> list[date]:
        found = fired(rules(settings)["sales_high"], frame, "USD")
        return list(found["business_date"])

    assert told(book.settings) == [other]
    tuned = FlagSettings(rules={"sales_high": FlagRule(parameters={"share": 0.25})})
    assert told(book.settings.model_copy(update={"flags": tuned})) == []
    book.close()


def test_a_till_that_taxes_a_part_of_what_it_gives_as_the_base_has_a_habit(tmp_path: Path) -> None:
    tickets, _ = trade(5, counts=False)
    chance = random.Random(5)
    for one in tickets:
        if one["store"] == "Harbour" and chance.random() < 0.5:
            [tax] = one["taxes"]
            taxed = tax["amount_minor"] // 2
            one["total_minor"] -= tax["amount_minor"] - taxed
            one["tenders"][0]["amount_minor"] = one["total_minor"]
            tax["amount_minor"] = taxed
    book = filled(tmp_path / "book", tickets, [])
    assert [one for one in scan(book) if one.family == "tax" and one.score > 0.1] == []
    book.close()


@pytest.mark.parametrize("resting", [1, 2])
def test_stores_that_have_nothing_on_the_same_day_may_have_been_closed(tmp_path: Path, resting: int) -> None:
    tickets, _ = trade(6, counts=False)
    others = [
        {**one, "store": store, "external_id": f"{store} {one['external_id']}"}
        for store in ("Uptown", "Village")
        for one in tickets
        if one["store"] == "Harbour"
    ]
    chance = random.Random(6)
    every = [{**one, "external_id": f"{chance.getrandbits(60):015x}x"} for one in [*tickets, *others]]
    gone = [row for store in ("Harbour", "Downtown")[:resting] for row in of_day(every, store, DAY)]
    book = filled(tmp_path / "book", [one for one in every if one not in gone], [])
    found = [one for one in scan(book) if one.kind == "store_day_missing"]
    assert len(found) == resting
    assert all("neither its numbers nor a count" in one.reason for one in found)
    assert all(("may have been closed" in one.reason) == (one.score < 0.5) == (resting == 2) for one in found)
    book.close()


def amounts(days: int, people: tuple[str, ...], made_up: str | None = None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cashier-days and tickets of one store with the prices of shops; one person's end in 0 or 5 far too often."""
    chance = np.random.default_rng(3)
    rows = []
    for offset in range(days):
        for who in people:
            for total in chance.lognormal(7.5, 0.9, 12).astype(int) + 20:
                if who == made_up and chance.random() < 0.3:
                    total -= total % 5
                rows.append(("Downtown", who, date(2026, 1, 5) + timedelta(days=offset), "sale", int(total)))
    tickets = pl.DataFrame(rows, schema=["store", "cashier", "business_date", "kind", "total_minor"], orient="row")
    return tickets.select("store", "cashier", "business_date").unique(maintain_order=True), tickets


def test_digits_tell_of_whoever_makes_amounts_up_and_only_among_others() -> None:
    days, tickets = amounts(70, ("Ada", "Ben", "Cem"), made_up="Ben")
    found = of_digits(days, tickets)
    told = found.filter(pl.col("digits_n") > 0)
    surprise = dict(told.group_by("cashier").agg(pl.col("digits_ending").max()).rows())
    assert surprise["Ben"] > 5 > max(surprise["Ada"], surprise["Cem"])
    assert told.group_by("cashier").len()["len"].to_list() == [1, 1, 1]
    first = found.filter(pl.col("cashier") == "Ben", pl.col("digits_n") > 0).row(0, named=True)
    assert first["business_date"] == date(2026, 1, 5) + timedelta(days=-(-ANCHOR // 12) - 1)
    assert first["digits_ending_most"] in (0, 5)
    assert first["digits_ending_usual"] == pytest.approx(10, abs=2)
    later = of_digits(*amounts(80, ("Ada", "Ben", "Cem"), made_up="Ben"))
    assert set(later.filter(pl.col("digits_n") > 0)["business_date"]) == set(told["business_date"])
    alone = of_digits(*amounts(70, ("Ben",), made_up="Ben"))
    assert alone["digits_ending"].to_list() == [0.0] * alone.height
