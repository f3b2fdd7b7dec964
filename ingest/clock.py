"""Business dates: which day a ticket belongs to.

A document's own business date wins. Otherwise it is the store's local date at closing (or opening) with the
store's cut-off: at a cut-off of 04:00 a sale at 02:30 belongs to the day before. A wall-clock time without offset
is read in the store's zone: the first of the two where clocks are put back, and as if they had not been put
forward yet where they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import polars as pl

from ledger.batch import UTC_INSTANT
from ledger.settings import BookSettings


def place_in_time(
    frame: pl.DataFrame, settings: BookSettings, at: Sequence[str] = ("closed_at", "opened_at")
) -> pl.DataFrame:
    """Fill instants from their wall clocks (``NAME_wall``), the offset from UTC, and the business date.

    ``at`` are the instants that may tell the business date, the best first.
    """
    stores = frame["store"].unique().to_list()
    zones = {name: str(settings.store(name or "").time_zone) for name in stores}
    names = [name for name in (*at, "version_stamp", "received_at") if name in frame.columns]
    for name in names:
        wall = f"{name}_wall"
        if wall in frame.columns:
            frame = frame.with_columns(
                pl.coalesce(pl.col(name), *(_in_zone(wall, zone, zones) for zone in sorted(set(zones.values())))).alias(
                    name
                )
            ).drop(wall)
    moment = pl.coalesce(*(pl.col(name) for name in at))
    local = pl.coalesce(
        *(
            pl.when(_stores_of(zone, zones)).then(moment.dt.convert_time_zone(zone).dt.replace_time_zone(None))
            for zone in sorted(set(zones.values()))
        )
    )
    cut_offs = {name: settings.store(name or "").cut_off for name in stores}
    shift = pl.lit(None, pl.Duration("us"))
    for cut_off in {value for value in cut_offs.values() if value is not None}:
        belonging = [name for name, value in cut_offs.items() if value == cut_off]
        after_midnight = timedelta(hours=cut_off.hour, minutes=cut_off.minute)
        shift = pl.when(_is_one_of(belonging)).then(pl.lit(after_midnight, pl.Duration("us"))).otherwise(shift)
    return frame.with_columns(
        ((local - moment.dt.replace_time_zone(None)).dt.total_minutes()).cast(pl.Int32).alias("utc_offset_minutes"),
        pl.coalesce(pl.col("business_date"), (local - shift).dt.date()).alias("business_date"),
    )


def _in_zone(wall: str, zone: str, zones: dict[str | None, str]) -> pl.Expr:
    def read(column: pl.Expr) -> pl.Expr:
        return column.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")

    clock = pl.col(wall).cast(pl.Datetime("us"))
    in_gap_forward = read(clock + pl.duration(hours=1))
    return pl.when(_stores_of(zone, zones)).then(pl.coalesce(read(clock), in_gap_forward)).cast(UTC_INSTANT)


def _stores_of(zone: str, zones: dict[str | None, str]) -> pl.Expr:
    return _is_one_of([name for name, own in zones.items() if own == zone])


def _is_one_of(names: list[str | None]) -> pl.Expr:
    return pl.col("store").is_in([name for name in names if name is not None]) | (
        pl.col("store").is_null() if None in names else pl.lit(value=False)
    )
