"""The formats by name, and how each wants accounts to be called."""

from __future__ import annotations

from ledger.exports import beancount, hledger, iif, quickbooks, saft, xero
from ledger.exports.peer import TextFormat

TEXT_FORMATS: dict[str, TextFormat] = {
    one.name: one for one in (beancount.FORMAT, hledger.FORMAT, iif.FORMAT, quickbooks.FORMAT, xero.FORMAT, saft.FORMAT)
}
"""Formats that are one file of text."""

PARQUET = "parquet"
"""A folder of several files; see ``ledger.exports.parquet``."""

FORMATS = (*TEXT_FORMATS, PARQUET)
