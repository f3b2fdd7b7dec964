"""Which audit features the learned score looks at on each level, what they are called, and how they are coded."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assistant.flags.flag import Level
from assistant.flags.tails import Tails

TICKET = {
    "total_minor": "total",
    "largest_minor": "largest line",
    "largest_quantity": "largest quantity",
    "lines_n": "number of lines",
    "returned_minor": "value taken back",
    "cash_back_minor": "cash given back",
    "discounts_minor": "discounts",
    "manual_minor": "discounts by hand",
    "comp_minor": "value given away",
    "below_list_minor": "below list prices",
    "loss_minor": "below cost",
    "price_ratio": "distance from usual prices",
    "void_minor": "value voided after payment",
    "line_voids_minor": "lines taken off",
    "gift_sold_minor": "gift cards sold",
    "gift_paid_minor": "paid by gift card",
    "gift_back_minor": "put back on a gift card",
    "gift_soon_minor": "redeemed soon after a sale of gift cards",
    "keyed_minor": "paid by a keyed card",
    "house_minor": "charged to a house account",
    "tenders_n": "number of payments",
    "equal_parts": "equal parts",
    "card_hour": "uses of the card within an hour",
    "card_day": "uses of the card on the day",
    "tip_percent": "tip in per cent",
    "tip_raised_minor": "tip raised afterwards",
    "outside_minutes": "minutes outside hours",
    "minutes_open": "minutes open",
    "minutes_to_change": "minutes until changed",
    "days_since_sale": "days since the sale",
    "cashier_return": "returns of the cashier over weeks",
    "cashier_no_receipt": "returns without receipt of the cashier over weeks",
    "cashier_void": "voids of the cashier over weeks",
    "cashier_manual": "discounts by hand of the cashier over weeks",
    "cashier_under_limit": "returns just under the limit of the cashier over weeks",
    "cashier_other_tender": "returns by another tender of the cashier over weeks",
    "pair_return": "returns of this cashier to this payer",
    "pair_manual": "discounts by hand of this cashier to this payer",
    "pair_discount": "discounts of this cashier to this payer",
    "item_return": "returns of this item by this cashier",
}
CASHIER_DAY = {
    "day_return": "returns",
    "day_no_receipt": "returns without receipt",
    "day_void": "voids",
    "day_manual": "discounts by hand",
    "day_discount": "discounts",
    "day_comp": "tickets with something given away",
    "day_line_void": "tickets with lines taken off",
    "day_cash_line_void": "cash tickets with lines taken off",
    "day_keyed": "keyed cards",
    "day_under_limit": "returns just under the limit",
    "day_gift": "tickets with gift cards",
    "day_small": "tickets of next to nothing",
    "day_outside": "tickets outside hours",
    "day_no_sale": "openings without a sale",
    "day_tip_raised": "tips raised afterwards",
    "weeks_return": "returns over weeks",
    "weeks_void": "voids over weeks",
    "weeks_manual": "discounts by hand over weeks",
    "weeks_line_void": "lines taken off over weeks",
    "shorts_surprise": "shorts over weeks",
    "over_z": "counted less expected cash",
    "tip_z": "tips against others",
    "returned_minor": "value taken back",
    "void_minor": "value voided",
    "line_voids_minor": "value of lines taken off",
    "discounts_minor": "value of discounts",
}
STORE_DAY = {
    "sales_z": "sales",
    "tickets_z": "tickets",
    "average_z": "average ticket",
    "cash_z": "share of cash",
    "cash_few": "few tickets in cash",
    "discounts_z": "discounts",
    "returns_z": "returns",
    "voids_z": "voids",
    "line_voids_z": "lines taken off",
    "tax_z": "share of tax",
    "last_z": "time of the last ticket",
    "first_z": "time of the first ticket",
    "category_z": "mix of categories",
    "tender_z": "mix of payments",
    "lacking_minor": "the tills' own totals against the feed",
    "undeposited_minor": "counted less deposited cash",
}
FEATURES: Mapping[Level, Mapping[str, str]] = {
    Level.TICKET: TICKET,
    Level.CASHIER_DAY: CASHIER_DAY,
    Level.STORE_DAY: STORE_DAY,
}
SHRUNK_BY = {Level.TICKET: 2_000.0, Level.CASHIER_DAY: 200.0, Level.STORE_DAY: 60.0}
"""How many subjects of all stores a store's own reference starts with."""


RARE_LEAST = 1.5
"""A subject none of whose features is rarer than one in thirty is like the others, and needs no forest to say so."""


def sizes(level: Level, frame: pl.DataFrame) -> NDArray[np.float64]:
    """The features of a frame as sizes: a residual on either side is as strange."""
    columns = [
        frame[name].cast(pl.Float64).abs().fill_null(0.0).fill_nan(0.0).to_numpy()
        if name in frame.columns
        else np.zeros(frame.height)
        for name in FEATURES[level]
    ]
    return np.column_stack(columns) if columns else np.zeros((frame.height, 0))


def code(values: NDArray[np.float64], store: NDArray[np.object_], tails: list[Tails]) -> NDArray[np.float32]:
    """How rare each size is among the peers of its store."""
    columns = [
        np.where(values[:, place] > 0, -np.log10(tail.share(values[:, place], store)), 0.0)
        for place, tail in enumerate(tails)
    ]
    return np.column_stack(columns).astype(np.float32) if columns else np.zeros(values.shape, np.float32)
