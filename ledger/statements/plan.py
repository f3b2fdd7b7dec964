"""``StatementPlan``: which statement of which period and stores, and ``Statement``: what comes back.

As with ``Plan`` and ``Result``, the plan is data with a content id, and at the same commit of the book it gives the
same statement for ever. A statement is sections of rows and columns; each cell is a figure with its citation, totals
too. Its controls are sums that must come to zero, each with the figures that it compares.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from ledger.figures.cite import Citation
from ledger.figures.plan import Figure, Period

StatementKind = Literal["trial-balance", "profit-and-loss", "tax", "tenders", "tips", "gift-cards", "journal"]


@dataclass(frozen=True)
class Description:
    """What a kind of statement is called and says."""

    title: str
    sentence: str
    compares: bool = False
    """Whether a comparison with another period makes sense."""


STATEMENTS: dict[StatementKind, Description] = {
    "trial-balance": Description(
        "Trial balance",
        "Every account: its balance before the period, what was posted to its debit and its credit, and its balance "
        "at the end. Debit balances are positive, credit balances negative.",
    ),
    "profit-and-loss": Description(
        "Profit and loss",
        "What was earned and what it cost, as far as the tills tell it; costs that no till knows are not in it.",
        compares=True,
    ),
    "tax": Description(
        "Tax by jurisdiction",
        "Tax on sales less tax on returns by jurisdiction, and the tax payable account by account.",
        compares=True,
    ),
    "tenders": Description(
        "Tenders and clearing",
        "How each account that tenders are collected in or move to went from its opening to its closing balance. What "
        "processors have not paid out yet stays in the balance of its clearing account.",
    ),
    "tips": Description("Tips payable", "Tips that are owed to the staff, by store; a balance owed is positive."),
    "gift-cards": Description(
        "Gift-card liability",
        "What is owed to the holders of gift cards, by the store that sold or took them; a balance owed is positive.",
    ),
    "journal": Description(
        "Daily sales journal",
        "One summary entry for each store and business date: what the day put on each account, to its debit or its "
        "credit.",
    ),
}


class StatementPlan(BaseModel):
    """What statement to make.

    ``stores`` narrows it to some stores (none: all). ``comparison`` is a second period, for the kinds that compare.
    ``as_of`` is a commit of the book: what was known then; ``None`` is the present head.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: StatementKind
    period: Period = Period()
    stores: tuple[str, ...] = ()
    comparison: Period | None = None
    as_of: int | None = None

    @model_validator(mode="after")
    def _comparable(self) -> StatementPlan:
        if self.comparison is not None and not STATEMENTS[self.kind].compares:
            raise ValueError(f"the {STATEMENTS[self.kind].title.lower()} compares no periods; ask for each by itself")
        return self

    @property
    def id(self) -> str:
        """Content id: the first 16 hex digits of the SHA-256 of the plan's canonical JSON."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Cited:
    """One cell: a figure, and the citation that opens it to the entries behind it."""

    figure: Figure
    citation: Citation


@dataclass(frozen=True)
class Row:
    """``cells`` are in the order of the section's columns; ``None`` where a column has nothing to say of the row.

    ``total`` marks a sum of rows above it.
    """

    label: str
    cells: tuple[Cited | None, ...]
    total: bool = False


@dataclass(frozen=True)
class Section:
    """Some rows under a heading. ``row_name`` heads the rows' names, ``columns`` the figures."""

    title: str
    row_name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Control:
    """A sum that must be zero. ``parts`` are the figures that it is made of, each with its words, and ``difference``
    (major units) is what they leave."""

    sentence: str
    difference: Decimal
    parts: tuple[tuple[str, Cited], ...]

    @property
    def agrees(self) -> bool:
        return self.difference == 0


@dataclass(frozen=True)
class Statement:
    """What ``run_statement`` gives, at one commit of the book.

    ``plan`` is the plan that was asked for with its commit filled in; ``recorded_at`` is when that commit was made
    (None for an empty book).
    """

    plan: StatementPlan
    title: str
    reading: str
    currency: str
    seq: int
    recorded_at: datetime | None
    sections: tuple[Section, ...]
    controls: tuple[Control, ...]
    notes: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether every control comes to zero."""
        return all(one.agrees for one in self.controls)

    @property
    def cells(self) -> tuple[Cited, ...]:
        """Every cell that has a figure, those of the controls too, in the order in which they stand."""
        shown = [cell for section in self.sections for row in section.rows for cell in row.cells if cell is not None]
        return (*shown, *(cell for control in self.controls for _, cell in control.parts))
