"""Numbers that are missing in the sequence of a till's tickets, and tickets that stand at another date than their
number."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from assistant.flags.known import Known

SCOPES = (["source", "store", "register"], ["source", "store"], ["source"])
"""What a till may number by, the narrowest first."""
CONSECUTIVE = 0.97
"""Share of steps of one from which on numbers are taken for a sequence without gaps."""
LEAST_STEPS = 50
NEIGHBOURS = 2
NO_DAY = -(2**31)


@dataclass(frozen=True)
class Sequence:
    """Tickets of tills that number without gaps. ``steps`` has ``t``, ``missing`` before it, and ``number_date``, the
    business date of three or four of the four tickets with the numbers around, where so many agree."""

    steps: pl.DataFrame

    @property
    def gaps(self) -> pl.DataFrame:
        return self.steps.filter(pl.col("missing") > 0)


def sequence(known: Known) -> Sequence:
    """Find by what each source's tills number, and look for what is missing. Numbers of held tickets are not
    missing."""
    parts = []
    for (source,), rows in known.tickets.drop_nulls("place").group_by("source", maintain_order=True):
        held = _held_places(known, str(source))
        for scope in SCOPES:
            steps = _steps(rows, scope, held)
            tested = steps.drop_nulls("step")
            if tested.height >= LEAST_STEPS and float((tested["step"] == 1).mean() or 0.0) >= CONSECUTIVE:  # type: ignore[arg-type]
                parts.append(_dated(steps).select(list(_SCHEMA)))
                break
    found = pl.concat(parts) if parts else pl.DataFrame(schema=_SCHEMA)
    return Sequence(found)


_SCHEMA = {
    "t": pl.Int64(),
    "store": pl.String(),
    "register": pl.String(),
    "business_date": pl.Date(),
    "place": pl.Int64(),
    "missing": pl.Int64(),
    "number_date": pl.Date(),
}


def _held_places(known: Known, source: str) -> pl.Series:
    numbers = pl.Series("id", [one.external_id for one in known.held if one.source == source], dtype=pl.String)
    return numbers.str.extract(r"(\d{1,18})\D*$").cast(pl.Int64, strict=False).drop_nulls().unique().sort()


def _steps(rows: pl.DataFrame, scope: list[str], held: pl.Series) -> pl.DataFrame:
    ordered = rows.select("t", "source", "store", "register", "business_date", "place").sort(*scope, "place", "t")
    ordered = ordered.with_columns(pl.struct(scope).rle_id().alias("till"))
    before = _beside("place", 1)
    ordered = ordered.with_columns((pl.col("place") - before).alias("step"), before.alias("before"))
    missing = (pl.col("step") - 1).clip(0).fill_null(0)
    if held.len():
        between = held.search_sorted(ordered["place"]) - held.search_sorted(
            ordered["before"].fill_null(0), side="right"
        )
        return ordered.with_columns((missing - between.cast(pl.Int64).clip(0)).clip(0).alias("missing"))
    return ordered.with_columns(missing.alias("missing"))


def _dated(steps: pl.DataFrame) -> pl.DataFrame:
    """With ``number_date``. Of the dates of four neighbours, those that are not there before all others, three have to
    be the same: the two in the middle and one beside them."""
    away = [n for n in range(-NEIGHBOURS, NEIGHBOURS + 1) if n]
    days = [_beside("day", n).fill_null(NO_DAY).alias(f"day {n}") for n in away]
    near = steps.with_columns(pl.col("business_date").cast(pl.Int32).alias("day")).with_columns(days)
    a, b, c, d = (pl.col(f"day {n}") for n in away)
    lows, highs = [], []
    for one, other in ((a, b), (c, d)):
        lows.append(pl.min_horizontal(one, other))
        highs.append(pl.max_horizontal(one, other))
    inner = pl.max_horizontal(*lows), pl.min_horizontal(*highs)
    low, high = pl.min_horizontal(*inner), pl.max_horizontal(*inner)
    agree = (low == high) & (low > NO_DAY) & ((pl.min_horizontal(*lows) == low) | (pl.max_horizontal(*highs) == high))
    return near.with_columns(pl.when(agree).then(low).cast(pl.Int32).cast(pl.Date).alias("number_date"))


def _beside(name: str, n: int) -> pl.Expr:
    """A column of the ticket ``n`` rows before, where it is of the same till."""
    return pl.when(pl.col("till") == pl.col("till").shift(n)).then(pl.col(name).shift(n))
