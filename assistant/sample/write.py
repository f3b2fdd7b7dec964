"""The two layouts in which tills export: one flat file a row a line, and a set of files joined by the check's
number."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, Any, Literal

import polars as pl
import tomli_w

from assistant.sample.generate import (
    CARDS,
    CITY_TAX_MICRO,
    FLOAT,
    GIFT_CARD,
    STATE_TAX_MICRO,
    Chunk,
    Store,
    chunks,
    group,
    stores,
)
from ledger.errors import InputError

DEFAULT_END = date(2026, 10, 31)
KINDS = ["SALE", "REFUND", "CANCELLED", "VOIDED"]
CODES = [None, "LOYALTY10", "STAFF20", "COMP", "BOOKWEEK15"]
REASONS = [None, "Happy hour", "Regular guest", "Comp - manager", "Promotion"]

README = """\
Sample exports of a made-up group of stores, as tills write them.

shops.csv       Harbour Books, Elm Street Grocer and Maple Online: one row a line of a receipt
checks/         the two restaurants: checks, their lines, tenders, taxes and till counts in files of their own

A few records are wrong on purpose, so that the quarantine has something to show: in shops.csv three receipts whose
payment does not add up and one paid by something unknown. Everything else adds up to the cent.
"""


@dataclass
class Delivery:
    """Files that are taken together, and the source that they come from."""

    source: str
    files: list[Path]


@dataclass
class SampleReport:
    """What was written."""

    files: list[Path] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    tickets: int = 0
    lines: int = 0


def write(
    folder: Path,
    *,
    days: int = 120,
    tickets: int = 25_000,
    seed: int = 7,
    end: date = DEFAULT_END,
    imperfections: bool = True,
    layout: Literal["demo", "flat", "set"] | str = "demo",
) -> SampleReport:
    """Write the exports into a folder, with a ``book.toml`` that fits them.

    ``layout`` ``demo`` writes shops flat and restaurants as a set; ``flat`` and ``set`` write all stores in that
    one layout. InputError when the layout is none of them.
    """
    if layout not in ("demo", "flat", "set"):
        raise InputError(f"{layout!r} is no layout; use demo, flat or set")
    folder.mkdir(parents=True, exist_ok=True)
    report = SampleReport()
    flat = _FlatFile(folder / "shops.csv", imperfections) if layout != "set" else None
    checks = _CheckFiles(folder / "checks") if layout != "flat" else None
    for chunk in chunks(days=days, tickets=tickets, seed=seed, end=end):
        into: _FlatFile | _CheckFiles | None = (
            checks if layout == "set" or (layout == "demo" and chunk.store.in_set) else flat
        )
        assert into is not None
        into.add(chunk)
        report.tickets += chunk.tickets.height
        report.lines += chunk.lines.height
    for name, written in (("shops", flat), ("checks", checks)):
        if written is not None:
            paths = written.close()
            report.files += paths
            report.deliveries.append(Delivery(name, paths))
    (folder / "book.toml").write_text(tomli_w.dumps(_settings()), encoding="utf-8")
    (folder / "README.txt").write_text(README, encoding="utf-8")
    return report


class _FlatFile:
    """shops.csv: a row a line, the receipt's columns repeated."""

    def __init__(self, path: Path, imperfections: bool) -> None:
        self.path = path
        self._file = path.open("wb")
        self._empty = True
        self._imperfect = imperfections

    def add(self, chunk: Chunk) -> None:
        rows = _flat_rows(chunk)
        if self._imperfect and chunk.store.prefix == "EG":
            rows = _with_mistakes(rows)
            self._imperfect = False
        _append(self._file, rows, header=self._empty)
        self._empty = False

    def close(self) -> list[Path]:
        self._file.close()
        return [self.path]


class _CheckFiles:
    """checks/: a file each for checks, lines, tenders, taxes and till counts."""

    NAMES = ("checks", "check_lines", "check_tenders", "check_taxes", "till_counts")

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.paths = {name: folder / f"{name}.csv" for name in self.NAMES}
        self._files = {name: path.open("wb") for name, path in self.paths.items()}
        self._begun: set[str] = set()

    def add(self, chunk: Chunk) -> None:
        for name, rows in _check_rows(chunk).items():
            if rows.height:
                _append(self._files[name], rows, header=name not in self._begun)
                self._begun.add(name)

    def close(self) -> list[Path]:
        for file in self._files.values():
            file.close()
        return list(self.paths.values())


def _append(file: IO[bytes], rows: pl.DataFrame, *, header: bool) -> None:
    rows.write_csv(file, include_header=header, datetime_format="%Y-%m-%d %H:%M:%S", quote_style="necessary")


def _flat_rows(chunk: Chunk) -> pl.DataFrame:
    store, t = chunk.store, chunk.tickets
    service = _service_lines(t)
    lines = pl.concat([chunk.lines, service]).sort("t", "line") if service.height else chunk.lines
    void = pl.col("kind").is_in([2, 3])
    head = t.select(
        "t",
        _number(store, "number").alias("Receipt No"),
        pl.lit(store.name).alias("Store"),
        pl.col("register").alias("Register"),
        pl.col("date").alias("Business Date"),
        pl.col("closed").alias("Closed"),
        _pick(KINDS, "kind").alias("Type"),
        _pick(store.cashiers, "cashier").alias("Cashier"),
        pl.when(pl.col("customer") > 0).then(pl.format("C-{}", "customer")).alias("Customer"),
        pl.lit("online" if store.kind == "online" else "in store").alias("Channel"),
        pl.when(pl.col("original") > 0).then(_number(store, "original")).alias("Original Receipt"),
        pl.when(void).then(None).otherwise(pl.col("method")).alias("Payment"),
        pl.when(~void & (pl.col("method") == "Card")).then(_pick(list(CARDS), "card")).alias("Card"),
        pl.when(~void).then(_money("amount")).alias("Paid"),
        pl.when(~void & (pl.col("change") != 0)).then(_money("change")).alias("Change"),
        pl.when(pl.col("second_amount") > 0).then(pl.lit("Gift Card")).alias("Payment 2"),
        pl.when(pl.col("second_amount") > 0).then(_money("second_amount")).alias("Paid 2"),
        pl.when(pl.col("tip") != 0).then(_money("tip")).alias("Tip"),
        _money("total").alias("Receipt Total"),
        pl.col("closed").alias("Last Changed"),
    )
    body = lines.select(
        "t",
        pl.col("line").alias("Line"),
        *_item_columns(store, "SKU", "Item", "Category"),
        pl.when("gift")
        .then(pl.lit("GIFT CARD"))
        .when(pl.col("item") < 0)
        .then(pl.lit("SERVICE"))
        .otherwise(pl.lit("ITEM"))
        .alias("Line Type"),
        pl.col("quantity").alias("Qty"),
        _money("price").alias("Unit Price"),
        pl.when(pl.col("discount") != 0).then(_money("discount")).alias("Discount"),
        _pick(CODES, "code").alias("Discount Code"),
        _money("net").alias("Net"),
        _money("state").alias("State Tax"),
        _money("city").alias("City Tax"),
        pl.when("gift").then(None).otherwise(_money("cost")).alias("Cost"),
        pl.when("voided").then(pl.lit("VOID")).otherwise(pl.lit("OK")).alias("Status"),
    )
    order = ["Receipt No", "Store", "Register", "Business Date", "Closed", "Type", "Cashier", "Customer", "Channel"]
    tail = ["Original Receipt", "Payment", "Card", "Paid", "Change", "Payment 2", "Paid 2", "Tip", "Receipt Total"]
    middle = [name for name in body.columns if name != "t"]
    return body.join(head, on="t", how="left", maintain_order="left").select(*order, *middle, *tail, "Last Changed")


def _check_rows(chunk: Chunk) -> dict[str, pl.DataFrame]:
    store, t = chunk.store, chunk.tickets
    number = t.select("t", _number(store, "number").alias("check_no"))
    service = _service_lines(t)
    lines = pl.concat([chunk.lines, service]).sort("t", "line") if service.height else chunk.lines
    void = pl.col("kind").is_in([2, 3])
    checks = t.select(
        _number(store, "number").alias("check_no"),
        pl.lit(store.name).alias("site"),
        pl.col("register").alias("terminal"),
        pl.col("date").alias("business_day"),
        (pl.col("closed") - pl.duration(minutes=pl.col("guests") * 17 + 6)).alias("opened_at"),
        pl.col("closed").alias("closed_at"),
        _pick(KINDS, "kind").alias("check_type"),
        _pick(store.cashiers, "cashier").alias("server"),
        pl.when(pl.col("guests") > 0).then(pl.col("guests")).alias("covers"),
        pl.when(pl.col("original") > 0).then(_number(store, "original")).alias("original_check"),
        _money("tip").alias("tip"),
        _money("total").alias("total"),
        pl.col("closed").alias("changed_at"),
    )
    body = lines.join(number, on="t", how="left", maintain_order="left").select(
        "check_no",
        pl.col("line").alias("line_no"),
        *_item_columns(store, "plu", "description", "group"),
        pl.when("gift")
        .then(pl.lit("gift"))
        .when(pl.col("item") < 0)
        .then(pl.lit("service"))
        .otherwise(pl.lit("item"))
        .alias("line_type"),
        pl.col("quantity").alias("qty"),
        _money("price").alias("price"),
        _money("discount").alias("discount"),
        _pick(REASONS, "code").alias("discount_reason"),
        _money("net").alias("net"),
        pl.when("gift").then(None).otherwise(_money("cost")).alias("cost"),
        pl.when("voided").then(pl.lit("VOID")).alias("status"),
    )
    settled = t.filter(~void).join(number, on="t", how="left", maintain_order="left")
    tenders = pl.concat(
        [
            settled.select(
                "check_no",
                pl.lit(1).alias("tender_no"),
                pl.col("method").str.to_uppercase().alias("tender"),
                pl.when(pl.col("method") == "Card").then(_pick(list(CARDS), "card")).alias("scheme"),
                _money("amount").alias("amount"),
                _money("change").alias("change"),
                _money("tip").alias("tip"),
            ),
            settled.filter(pl.col("second_amount") > 0).select(
                "check_no",
                pl.lit(2).alias("tender_no"),
                pl.lit("GIFT CARD").alias("tender"),
                pl.lit(None, pl.String).alias("scheme"),
                _money("second_amount").alias("amount"),
                pl.lit("0.00").alias("change"),
                pl.lit("0.00").alias("tip"),
            ),
        ]
    ).sort("check_no", "tender_no", maintain_order=True)
    live = (
        chunk.lines.filter(~pl.col("voided"))
        .group_by("t", maintain_order=True)
        .agg(pl.col("net", "state", "city").sum())
        .join(number, on="t", how="left", maintain_order="left")
    )
    taxes = pl.concat(
        live.filter(pl.col(column) != 0).select(
            "check_no",
            pl.lit(name).alias("authority"),
            pl.lit(rate).alias("rate"),
            _money("net").alias("base"),
            _money(column).alias("amount"),
        )
        for name, column, rate in (
            ("State", "state", str(STATE_TAX_MICRO / 1_000_000)),
            ("City", "city", str(CITY_TAX_MICRO / 1_000_000)),
        )
    ).sort("check_no", "authority", maintain_order=True)
    return {
        "checks": checks,
        "check_lines": body,
        "check_tenders": tenders,
        "check_taxes": taxes,
        "till_counts": _counts(chunk),
    }


def _counts(chunk: Chunk) -> pl.DataFrame:
    store, events = chunk.store, chunk.events
    if not events.height:
        return pl.DataFrame()
    expected = FLOAT + pl.col("taken") - pl.col("out")
    common = (
        pl.lit(store.name).alias("site"),
        pl.col("register").alias("terminal"),
        pl.col("date").alias("business_day"),
    )
    count = events.select(
        pl.format("{}-{}-{}-count", pl.lit(store.prefix), pl.col("date").dt.strftime("%Y%m%d"), "register").alias(
            "event_no"
        ),
        *common,
        pl.lit("count").alias("event"),
        _pick(store.cashiers, "cashier").alias("cashier"),
        (pl.lit(FLOAT) * pl.lit(1)).alias("cents"),
        expected.alias("expected_cents"),
        (expected + pl.col("off")).alias("counted_cents"),
        pl.lit(0).alias("out_cents"),
        pl.col("no_sales"),
    )
    paid_out = events.filter(pl.col("out") > 0).select(
        pl.format("{}-{}-{}-out", pl.lit(store.prefix), pl.col("date").dt.strftime("%Y%m%d"), "register").alias(
            "event_no"
        ),
        *common,
        pl.lit("paid_out").alias("event"),
        _pick(store.cashiers, "cashier").alias("cashier"),
        pl.lit(None, pl.Int32).alias("cents"),
        pl.lit(None, pl.Int64).alias("expected_cents"),
        pl.lit(None, pl.Int64).alias("counted_cents"),
        pl.col("out").alias("out_cents"),
        pl.lit(0).alias("no_sales"),
    )
    names = ("cents", "expected_cents", "counted_cents", "out_cents")
    whole = pl.concat(
        [
            count.cast(dict.fromkeys([*names, "no_sales"], pl.Int64)),
            paid_out.cast(dict.fromkeys([*names, "no_sales"], pl.Int64)),
        ]
    )
    return whole.sort("business_day", "event_no").select(
        "event_no", "site", "terminal", "business_day", "event", "cashier",
        _money("cents").alias("float"), _money("expected_cents").alias("expected"),
        _money("counted_cents").alias("counted"), _money("out_cents").alias("paid_out"), "no_sales",
    )  # fmt: skip


def _service_lines(tickets: pl.DataFrame) -> pl.DataFrame:
    """The service charge of a large party, as the last line of its check."""
    charged = tickets.filter(pl.col("service") > 0)
    zero = pl.lit(0, pl.Int64)
    return charged.select(
        "t",
        pl.lit(99, pl.Int64).alias("line"),
        pl.lit(-1, pl.Int64).alias("item"),
        pl.lit(1, pl.Int64).alias("quantity"),
        pl.col("service").alias("price"),
        pl.col("service").alias("gross"),
        zero.alias("discount"),
        zero.alias("code"),
        pl.col("service").alias("net"),
        zero.alias("state"),
        zero.alias("city"),
        zero.alias("cost"),
        pl.lit(value=False).alias("gift"),
        pl.lit(value=False).alias("voided"),
    )


def _item_columns(store: Store, number: str, name: str, category: str) -> tuple[pl.Expr, ...]:
    places = [*range(len(store.items)), GIFT_CARD, -1]
    names = [*(one[0] for one in store.items), "Gift card", "Service charge 18 %"]
    paths = [*(one[1] for one in store.items), "Gift cards", "Service"]
    skus = [*(f"{store.prefix}{place + 101}" for place in range(len(store.items))), "GIFT", "SERVICE"]

    def told(values: list[str], alias: str) -> pl.Expr:
        return pl.col("item").replace_strict(places, values, return_dtype=pl.String).alias(alias)

    return told(skus, number), told(names, name), told(paths, category)


def _pick(values: list[Any], column: str) -> pl.Expr:
    if not values:
        return pl.lit(None, pl.String)
    return pl.col(column).replace_strict(list(range(len(values))), values, return_dtype=pl.String)


def _number(store: Store, column: str) -> pl.Expr:
    return pl.format("{}-{}", pl.lit(store.prefix), pl.col(column).cast(pl.String).str.zfill(7))


def _money(column: str) -> pl.Expr:
    """Cents as a till writes them: ``-12.30``."""
    cents = pl.col(column).cast(pl.Int64)
    sign = pl.when(cents < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return pl.format("{}{}.{}", sign, cents.abs() // 100, (cents.abs() % 100).cast(pl.String).str.zfill(2))


def _with_mistakes(rows: pl.DataFrame) -> pl.DataFrame:
    """Three receipts whose payment does not add up, and one paid by something unknown, as the README says."""
    sold = rows.filter((pl.col("Type") == "SALE") & (pl.col("Payment") == "Card") & pl.col("Payment 2").is_null())
    receipts = sold["Receipt No"].unique(maintain_order=True)
    wrong = receipts.gather([len(receipts) * part // 100 for part in (2, 23, 52, 75)]).to_list()
    return rows.with_columns(
        pl.when(pl.col("Receipt No").is_in(wrong[:3])).then(pl.lit("0.01")).otherwise(pl.col("Paid")).alias("Paid"),
        pl.when(pl.col("Receipt No") == wrong[3]).then(pl.lit("Moonpay")).otherwise(pl.col("Payment")).alias("Payment"),
    )


def _settings() -> dict[str, Any]:
    listed = {}
    for store in stores():
        about = {"region": store.region, "owner": store.owner, "aliases": store.aliases}
        listed[store.name] = about | ({"cut_off": store.cut_off} if store.cut_off else {})
    return {"book": group()["book"], "stores": listed}
