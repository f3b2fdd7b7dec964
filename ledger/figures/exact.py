"""Exact values of metrics out of measures: fractions, and the decimals that are shown."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from ledger.figures.metrics import COUNTED, Metric
from ledger.money import decimals

MICRO = 1_000_000
Measured = Mapping[str, int | None]
Terms = tuple[tuple[int, str], ...]


def exact(one: Metric, measured: Measured, currency: str) -> Fraction | None:
    """The value of a metric from its measures, in major units (percentages as percent); None where it has none."""
    if any(measured.get(name) is None for name in one.needs) or any(measured.get(name) for name in one.unless):
        return None
    top = _scaled(one.sum, measured, currency)
    if not one.is_ratio:
        return top
    bottom = _scaled(one.per, measured, currency)
    if bottom == 0:
        return None
    return top / bottom * (100 if one.unit == "percent" else 1)


def signed_sum(terms: Terms, measured: Measured) -> int:
    """What some measures come to, each by its sign, in minor units, millionths of a unit, or a count."""
    return sum(sign * (measured.get(name) or 0) for sign, name in terms)


def scale_of(one: Metric, currency: str) -> int:
    """What the sum of a metric's measures is divided by to come to major units."""
    return _scale(one.sum, currency)


def shown(one: Metric, value: Fraction | None, currency: str, *, rounded: bool = False) -> Decimal | None:
    """A value with the decimals that are shown. Sums are exact; ``rounded`` is for averages of them."""
    if value is None:
        return None
    if one.unit == "percent":
        return round_to(value, 1)
    if one.unit == "money":
        return round_to(value, decimals(currency))
    if one.is_ratio or rounded:
        return round_to(value, 2)
    whole = Decimal(value.numerator) / Decimal(value.denominator)
    return whole.quantize(Decimal(1)) if whole == whole.to_integral_value() else whole.normalize()


def round_to(value: Fraction, places: int) -> Decimal:
    """Half to even, exactly: the fraction is never made a float."""
    scaled = value * 10**places
    low, rest = divmod(scaled.numerator, scaled.denominator)
    doubled = 2 * rest
    up = doubled > scaled.denominator or (doubled == scaled.denominator and low % 2 == 1)
    return Decimal(low + up).scaleb(-places)


def percent(part: Decimal, whole: Decimal) -> Decimal | None:
    """A part in percent of a whole, with one decimal; None of a whole of zero."""
    return None if whole == 0 else round_to(Fraction(part) * 100 / Fraction(whole), 1)


def rate(change: Decimal, before: Decimal) -> Decimal | None:
    """A change in percent of what was before; None where that is zero. Of a negative one the sign is the change's."""
    return None if before == 0 else (change * 100 / abs(before)).quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN)


def _scaled(terms: Terms, measured: Measured, currency: str) -> Fraction:
    return Fraction(signed_sum(terms, measured), _scale(terms, currency))


def _scale(terms: Terms, currency: str) -> int:
    names = {name for _, name in terms}
    if names == {"units_sold"}:
        return MICRO
    return 1 if names <= COUNTED else int(10 ** decimals(currency))
