"""Statements: trial balance, profit and loss, tax, roll-forwards and the daily journal, each out of ordinary plans."""

from ledger.statements.plan import (
    STATEMENTS,
    Cited,
    Control,
    Row,
    Section,
    Statement,
    StatementKind,
    StatementPlan,
)
from ledger.statements.run import run_statement
from ledger.statements.write import as_csv, as_rows, as_xlsx

__all__ = [
    "STATEMENTS",
    "Cited",
    "Control",
    "Row",
    "Section",
    "Statement",
    "StatementKind",
    "StatementPlan",
    "as_csv",
    "as_rows",
    "as_xlsx",
    "run_statement",
]
