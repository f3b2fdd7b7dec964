"""Store-days that are missing or partial, and numbers missing from a day."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import polars as pl

from assistant.flags.checks import CERTAIN, less_sure
from assistant.flags.checks.sequence import Sequence
from assistant.flags.finding import Finding
from assistant.flags.flag import Level
from assistant.flags.known import Known
from assistant.flags.rules import Rule

WEEKS_LOOKED_AT = 8
RESTING_SHARE = 0.25
REST_SELDOM = 0.01
UNTOLD = CERTAIN / 100
CLOSED = 20.0
"""How much likelier a day without tickets is where data is missing, at most: when nothing else tells of any trade on
it, and when other stores have nothing on that date either. Of a store that sells three times a day, a day without a
sale is nothing strange: one of n tickets has the chance exp(-n) (Poisson)."""
GAPS_SELDOM = 0.1
"""Where more of a book's store-days have gaps, its tills skip numbers by habit."""


def missing_days(known: Known, numbers: Sequence, rule: Rule) -> Iterator[Finding]:
    """Days without any ticket on which a store ought to have traded: it did on the same weekday before and after,
    others do not rest, too, and its numbers do not simply go on."""
    days = known.tickets.group_by("store", "business_date").agg(
        pl.len().alias("n"), pl.col("total_minor").fill_null(0).sum().alias("sum"), pl.col("t").first()
    )
    span = known.span
    if span is None:
        return
    trading = {
        str(store): dict(zip(rows["business_date"].to_list(), rows.select("n", "sum", "t").rows(), strict=True))
        for (store,), rows in days.group_by("store")
    }
    counted, idle = _counted(known)
    gaps = _gaps_before(numbers)
    tracked = set(numbers.steps["store"].drop_nulls().unique().to_list())
    resting = _resting(trading, span)
    longest = int(rule.parameters["days_in_a_row"])
    found: list[Finding] = []
    for store, by_day in sorted(trading.items()):
        first, last = min(by_day), max(by_day)
        away: list[date] = []
        for offset in range(1, (last - first).days):
            day = first + timedelta(days=offset)
            if day in by_day:
                away = []
                continue
            away.append(day)
            if day in known.settings.flags.closed or (day in resting and (store, day) not in counted):
                continue
            usual = same_weekday(by_day, day)
            if usual is None or len(away) > longest:
                continue
            after = next(
                day + timedelta(days=n) for n in range(1, (last - day).days + 1) if day + timedelta(days=n) in by_day
            )
            lost = gaps.get((store, after), 0)
            if (store in tracked or (store, day) in idle) and lost == 0 and (store, day) not in counted:
                continue  # the till's numbers go on, or its drawers have what they had: nothing was rung
            n, total = usual
            told = lost > 0 or (store, day) in counted
            found.append(
                Finding(
                    Level.STORE_DAY,
                    rule.id,
                    (store, day),
                    CERTAIN if told else min(UNTOLD, math.exp(n)),
                    store=store,
                    business_date=day,
                    money_minor=abs(total),
                    tickets=(by_day[after][2],),
                    values={"tickets": n, "sales_minor": total, "evidence": _evidence(lost, told=told)},
                )
            )
    yield from _together([_by_habit(one, found, trading[str(one.store)]) for one in found], len(trading))


def _counted(known: Known) -> tuple[set[tuple[str, date]], set[tuple[str, date]]]:
    """Store-days of which tills tell, and those of them on which every drawer was to have what it had begun with:
    nothing was sold for cash."""
    took_nothing = (pl.col("expected_minor") == pl.col("opening_float_minor")).fill_null(value=False)
    days = known.events.group_by("store", "business_date").agg(
        took_nothing.any().alias("some"), (took_nothing | pl.col("expected_minor").is_null()).all().alias("all")
    )
    idle = {(str(row[0]), row[1]) for row in days.filter(pl.col("some") & pl.col("all")).rows()}
    return {(str(row[0]), row[1]) for row in days.rows()} - idle, idle


def _evidence(lost: int, *, told: bool) -> str:
    """What says that something was rung on a day without tickets."""
    if lost:
        return f"{lost} numbers are missing"
    return "its tills were counted" if told else "neither its numbers nor a count tell of any trade"


def _by_habit(one: Finding, found: list[Finding], by_day: dict[date, tuple[int, int, int]]) -> Finding:
    """Of a store that has such days again and again each is less sure, where nothing tells of any trade."""
    if one.likelihood > UNTOLD:
        return one
    alike = sum(other.store == one.store and other.likelihood <= UNTOLD for other in found)
    return replace(one, likelihood=less_sure(one.likelihood, alike, len(by_day) + alike, seldom=REST_SELDOM))


def _together(found: list[Finding], stores: int) -> Iterator[Finding]:
    """Days on which a good part of the stores has nothing, and nothing tells of any trade, were rather a holiday: of
    those it is said, and they are much less sure."""
    resting = Counter(one.business_date for one in found if one.likelihood <= UNTOLD)
    for one in found:
        rest = resting[one.business_date]
        if one.likelihood <= UNTOLD and rest > 1 and rest >= RESTING_SHARE * stores:
            evidence = f"{one.values['evidence']}, and {rest} of {stores} stores have none: they may have been closed"
            one = replace(one, likelihood=min(one.likelihood, CLOSED), values=one.values | {"evidence": evidence})
        yield one


def _resting(trading: dict[str, dict[date, tuple[int, int, int]]], span: tuple[date, date]) -> set[date]:
    """Dates on which no store or hardly any trades: a holiday."""
    found = set()
    for offset in range((span[1] - span[0]).days + 1):
        day = span[0] + timedelta(days=offset)
        open_then = [by_day for by_day in trading.values() if min(by_day) <= day <= max(by_day)]
        if len(open_then) >= 2 and sum(day not in by_day for by_day in open_then) * 3 >= len(open_then) * 2:
            found.add(day)
    return found


def same_weekday(by_day: dict[date, tuple[int, int, int]], day: date) -> tuple[int, int] | None:
    """Tickets and takings of the same weekday in the weeks around; None where the store often rests on it."""
    around = [day + timedelta(weeks=w) for w in range(-WEEKS_LOOKED_AT, WEEKS_LOOKED_AT + 1) if w]
    known = [one for one in around if min(by_day) <= one <= max(by_day)]
    traded = [by_day[one] for one in known if one in by_day]
    if len(known) < 2 or len(traded) < 0.7 * len(known):
        return None
    middle = sorted(traded)[len(traded) // 2]
    return middle[0], middle[1]


def _gaps_before(numbers: Sequence) -> dict[tuple[str, date], int]:
    summed = numbers.gaps.group_by("store", "business_date").agg(pl.col("missing").sum())
    return {(str(row[0]), row[1]): int(row[2]) for row in summed.rows()}


def gaps(
    known: Known, numbers: Sequence, hours: pl.DataFrame, partial: Rule, gap: Rule, absent: set[tuple[str, date]]
) -> Iterator[Finding]:
    """One finding a store-day for its missing numbers: a partial day where many are missing. What is missing before the
    first ticket after a missing day is that day's. ``hours`` are when stores usually trade."""
    sizes = known.tickets.group_by("store", "business_date").agg(
        pl.len().alias("n"), pl.col("total_minor").fill_null(0).mean().alias("mean")
    )
    by_day = (
        _of_their_day(known, numbers, hours, _days_after(known, absent))
        .sort("t")
        .group_by("store", "business_date", maintain_order=True)
        .agg(
            pl.col("missing").sum(),
            pl.col("t").first(),
            pl.col("place").first(),
            pl.col("missing").first().alias("run"),
        )
        .join(sizes, on=["store", "business_date"], how="left", maintain_order="left")
    )
    often = less_sure(CERTAIN / 100, by_day.height, sizes.height, seldom=GAPS_SELDOM)
    for row in by_day.iter_rows(named=True):
        store, day, missing, n = row["store"], row["business_date"], int(row["missing"]), int(row["n"])
        large = missing >= max(int(partial.parameters["least"]), float(partial.parameters["share"]) * n)
        rule = partial if large else gap
        first, last = row["place"] - row["run"], row["place"] - 1
        yield Finding(
            Level.STORE_DAY,
            rule.id,
            (store, day),
            min(CERTAIN, often * 100) if large else often,
            store=store,
            business_date=day,
            tickets=(int(row["t"]),),
            money_minor=round(abs(row["mean"] or 0.0) * missing),
            values={"missing": missing, "tickets": n, "whole": n + missing, "first": first, "last": last},
        )


def _of_their_day(
    known: Known, numbers: Sequence, hours: pl.DataFrame, after_absent: set[tuple[str, date]]
) -> pl.DataFrame:
    """The gaps, each on the day that it belongs to. One between two days is of the day before where that ended earlier
    than usual by more than the next began late; one after a missing day is left out, as it is that day's."""
    minute = (pl.col("closed") - pl.col("business_date").cast(pl.Datetime("us"))).dt.total_minutes()
    timed = known.tickets.select("t", minute.alias("minute"), pl.col("business_date").dt.weekday().alias("weekday"))
    usual = hours.select("store", "weekday", "opens", "closes")
    steps = (
        numbers.steps.join(timed, on="t", how="left", maintain_order="left")
        .join(usual, on=["store", "weekday"], how="left", maintain_order="left")
        .with_columns(
            pl.col("store").shift(1).alias("store_before"),
            pl.col("business_date").shift(1).alias("date_before"),
            (pl.col("closes") - pl.col("minute")).shift(1).alias("early"),
            (pl.col("minute") - pl.col("opens")).alias("late"),
        )
    )
    moves = (
        (pl.col("store_before") == pl.col("store"))
        & (pl.col("date_before") < pl.col("business_date"))
        & (pl.col("early") > pl.col("late"))
    ).fill_null(value=False)
    absent = pl.DataFrame(
        list(after_absent), schema={"store": pl.String, "business_date": pl.Date}, orient="row"
    ).with_columns(pl.lit(value=True).alias("first_of_day"))
    first = pl.col("date_before").is_null() | (pl.col("date_before") != pl.col("business_date"))
    known_gaps = (
        steps.filter(pl.col("missing") > 0)
        .join(absent, on=["store", "business_date"], how="left", maintain_order="left")
        .filter(~(pl.col("first_of_day").fill_null(value=False) & first))
    )
    return known_gaps.with_columns(
        pl.when(moves).then(pl.col("date_before")).otherwise(pl.col("business_date")).alias("business_date")
    )


def _days_after(known: Known, absent: set[tuple[str, date]]) -> set[tuple[str, date]]:
    found = set()
    for store, day in absent:
        dates = known.tickets.filter((pl.col("store") == store) & (pl.col("business_date") > day))["business_date"]
        first = dates.min()
        if isinstance(first, date):
            found.add((store, first))
    return found
