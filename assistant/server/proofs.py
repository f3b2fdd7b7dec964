"""Amounts of a proof as exact decimal texts, for programs and downloads."""

from __future__ import annotations

from decimal import Decimal

from ledger.figures import Proof
from ledger.money import to_major


def contributed(amount: int, proof: Proof) -> str:
    """What an entry adds to a figure: money in major units, units sold with their decimals, counts whole."""
    if proof.unit == "money":
        return str(to_major(amount, proof.currency))
    return f"{Decimal(amount).scaleb(-6):f}" if proof.unit == "units" else str(amount)


def contributed_unit(proof: Proof) -> str:
    """The unit of those amounts: a currency code for money."""
    return proof.currency if proof.unit == "money" else proof.unit
