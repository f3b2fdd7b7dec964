"""The ground floor: one exact double-entry ledger, its seals and its figures. No clock, no network, no randomness."""

from ledger.batch import Held, SaleBatch
from ledger.book import Book
from ledger.errors import TillproofError
from ledger.figures.plan import Plan, Result
from ledger.writing import Commit

__all__ = ["Book", "Commit", "Held", "Plan", "Result", "SaleBatch", "TillproofError"]
