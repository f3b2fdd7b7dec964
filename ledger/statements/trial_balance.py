"""The trial balance: every account with its opening balance, debits, credits and closing balance."""

from __future__ import annotations

from decimal import Decimal

from ledger.figures.plan import Filter
from ledger.statements.plan import Control, Row, Section
from ledger.statements.workings import Values, Workings, of_account

COLUMNS = ("Opening balance", "Debits", "Credits", "Closing balance")
_TYPES = {
    "assets": "Assets",
    "liabilities": "Liabilities",
    "equity": "Equity",
    "income": "Income",
    "expenses": "Expenses",
}


class Balances:
    """Opening, debits, credits and closing of every account, each from one run."""

    def __init__(self, work: Workings) -> None:
        self.work = work
        self.opening = work.values(("balance",), ("account",), work.opening)
        self.posted = work.values(("debits", "credits"), ("account",), work.period)
        self.closing = work.values(("balance",), ("account",), work.closing)
        found = {key[0] for values in (self.opening, self.posted, self.closing) for key in values}
        self.accounts = sorted(account for account in found if any(self.of(account)))

    def of(self, account: str) -> tuple[Decimal, ...]:
        """The four amounts of an account, in the order of ``COLUMNS``."""
        return tuple(
            _value(values, account, metric, self.work.zero())
            for values, metric in (
                (self.opening, "balance"),
                (self.posted, "debits"),
                (self.posted, "credits"),
                (self.closing, "balance"),
            )
        )

    def row(self, label: str, accounts: list[str], *filters: Filter, total: bool = False) -> Row:
        """The row of one account, or the total of some."""
        work = self.work
        columns = list(zip(*(self.of(account) for account in accounts), strict=True)) or [()] * len(COLUMNS)
        opening, debits, credits_, closing = columns
        return Row(
            label,
            (
                work.sum_cell("balance", opening, work.opening, *filters) if work.opening else None,
                work.sum_cell("debits", debits, work.period, *filters),
                work.sum_cell("credits", credits_, work.period, *filters),
                work.sum_cell("balance", closing, work.closing, *filters),
            ),
            total,
        )


def trial_balance(work: Workings) -> tuple[tuple[Section, ...], tuple[Control, ...], tuple[str, ...]]:
    """A section a type of account, with its total, and the total of all, which is zero."""
    balances = Balances(work)
    sections = []
    for kind, title in _TYPES.items():
        accounts = [account for account in balances.accounts if account.partition(":")[0] == kind]
        if accounts:
            rows = [balances.row(account, [account], of_account(account)) for account in accounts]
            rows.append(balances.row(f"Total {title.lower()}", accounts, of_account(*accounts), total=True))
            sections.append(Section(title, "Account", COLUMNS, tuple(rows)))
    whole = balances.row("All accounts", balances.accounts, total=True)
    sections.append(Section("All accounts", "", COLUMNS, (whole,)))
    opening, debits, credits_, closing = whole.cells
    assert debits and credits_ and closing
    began = [("opening balance", 1, opening)] if opening else []
    controls = (
        work.control("The balances of all accounts come to zero.", ("closing balances of all accounts", 1, closing)),
        work.control(
            "What was posted to the debit was posted to the credit.", ("debits", 1, debits), ("credits", -1, credits_)
        ),
        work.control(
            "Opening balances, debits and credits come to the closing balances.",
            *began,
            ("debits", 1, debits),
            ("credits", -1, credits_),
            ("closing balances", -1, closing),
        ),
        *_accounts_that_do_not_add_up(balances),
    )
    return tuple(sections), controls, ()


def _accounts_that_do_not_add_up(balances: Balances) -> list[Control]:
    found = []
    for account in balances.accounts:
        opening, debits, credits_, closing = balances.of(account)
        if opening + debits - credits_ != closing:
            row = balances.row(account, [account], of_account(account))
            signs = zip(("opening", "debits", "credits", "closing"), (1, 1, -1, -1), row.cells, strict=True)
            parts = [(words, sign, cell) for words, sign, cell in signs if cell is not None]
            found.append(balances.work.control(f"{account} goes from its opening to its closing balance.", *parts))
    return found


def _value(values: Values, account: str, metric: str, zero: Decimal) -> Decimal:
    return values.get((account,), {}).get(metric) or zero
