"""Money: integer minor units and an ISO 4217 currency, never a float.

An amount travels as ``int`` minor units (``amount_minor``) beside its currency code. The number of decimals of a
currency is ISO 4217's, as carried by the CLDR data in ``babel``.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from babel.numbers import format_currency, format_decimal, get_currency_precision, list_currencies

from ledger.errors import SettingsError


@lru_cache(maxsize=256)
def decimals(currency: str) -> int:
    """Number of decimals of a currency: ``decimals("USD") == 2``, ``decimals("JPY") == 0``.

    Raises SettingsError when the code is not an ISO 4217 currency.
    """
    if currency not in list_currencies():
        raise SettingsError(f"{currency!r} is not an ISO 4217 currency code; use one such as USD, EUR or JPY")
    return int(get_currency_precision(currency))


def to_minor(amount: Decimal, currency: str) -> int:
    """Major units to minor units, half to even: ``to_minor(Decimal("12.34"), "USD") == 1234``."""
    return int(amount.scaleb(decimals(currency)).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def to_major(amount_minor: int, currency: str) -> Decimal:
    """Minor units to major units, with the currency's decimals: ``to_major(1230, "USD") == Decimal("12.30")``."""
    return Decimal(amount_minor).scaleb(-decimals(currency))


def display(amount_minor: int, currency: str, locale: str = "en_US") -> str:
    """An amount for a person: ``display(1234567, "USD") == "$12,345.67"``."""
    return str(format_currency(to_major(amount_minor, currency), currency, locale=locale))


def display_number(value: Decimal, locale: str = "en_US") -> str:
    """A plain number for a person, grouped, with the decimals that it has: ``"1,234.5"``."""
    places = max(0, -int(value.as_tuple().exponent))
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return str(format_decimal(value, format=pattern, locale=locale))


def display_value(value: Decimal, unit: str, locale: str = "en_US") -> str:
    """A figure's value for a person: ``unit`` is a currency code (major units), ``%``, or a noun that is left out.

    ``display_value(Decimal("12.5"), "USD") == "$12.50"``, ``display_value(Decimal("4.2"), "%") == "4.2%"``.
    """
    if unit == "%":
        return f"{display_number(value, locale)}%"
    if len(unit) == 3 and unit.isupper():
        return display(to_minor(value, unit), unit, locale)
    return display_number(value, locale)
