"""Drivers: what price, volume and mix did to a change of sales, exactly.

- *volume*: the change of the total quantity at the average price before;
- *price*: the change of each item's price, at its new quantity, of items sold in both periods;
- *mix*: the rest, which is the shift between items at their old prices, with those that are new or gone.

Each is computed as a fraction and the three are rounded together, so that they add up to the change to the minor unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from ledger.figures.plan import Side

DRIVERS: tuple[Side, ...] = ("price", "volume", "mix")
QUANTITY = "units_sold"
OF_SALES = frozenset({"net_sales", "gross_sales"})
"""Metrics that are quantities times prices."""

Sold = Mapping[tuple[str, ...], tuple[int, int]]
"""What was sold of each item: minor units, and millionths of a unit."""


def price_volume_mix(before: Sold, now: Sold) -> tuple[int, int, int] | None:
    """Price, volume and mix in minor units, which add up to the change; None where no unit was sold before, for then
    there is no price to compare with.

    Rounded down, with what is left over given to the largest remainders.
    """
    amount_before, amount_now = (sum(amount for amount, _ in side.values()) for side in (before, now))
    units_before, units_now = (sum(units for _, units in side.values()) for side in (before, now))
    if units_before <= 0:
        return None
    volume = Fraction((units_now - units_before) * amount_before, units_before)
    price = Fraction(0)
    for key, (amount, units) in now.items():
        old_amount, old_units = before.get(key, (0, 0))
        if units > 0 and old_units > 0:
            price += amount - Fraction(units * old_amount, old_units)
    change = amount_now - amount_before
    exact = (price, volume, change - price - volume)
    whole = [each.numerator // each.denominator for each in exact]
    order = sorted(range(3), key=lambda place: (whole[place] - exact[place], place))
    for place in order[: change - sum(whole)]:
        whole[place] += 1
    return whole[0], whole[1], whole[2]
