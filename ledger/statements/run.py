"""``run_statement``: the one way from a statement's plan to the statement."""

from __future__ import annotations

from collections.abc import Callable

from ledger.errors import PlanError
from ledger.figures.copy import Figures
from ledger.figures.describe import filter_words, period_words
from ledger.statements.journal import journal
from ledger.statements.plan import STATEMENTS, Control, Section, Statement, StatementKind, StatementPlan
from ledger.statements.profit_and_loss import profit_and_loss
from ledger.statements.roll_forwards import gift_cards, tenders, tips
from ledger.statements.tax import tax
from ledger.statements.trial_balance import trial_balance
from ledger.statements.workings import Workings, of_store

Maker = Callable[[Workings], tuple[tuple[Section, ...], tuple[Control, ...], tuple[str, ...]]]

_MAKERS: dict[StatementKind, Maker] = {
    "trial-balance": trial_balance,
    "profit-and-loss": profit_and_loss,
    "tax": tax,
    "tenders": tenders,
    "tips": tips,
    "gift-cards": gift_cards,
    "journal": journal,
}


def run_statement(figures: Figures, plan: StatementPlan) -> Statement:
    """Make a statement over a copy of a book. PlanError names a store or a commit that the book does not have."""
    statement: Statement = figures.locked(lambda: _made(figures, plan))
    return statement


def _made(figures: Figures, plan: StatementPlan) -> Statement:
    seq = figures.seq if plan.as_of is None else plan.as_of
    if not 0 <= seq <= figures.seq:
        raise PlanError(f"the book has no commit {seq}; its last is {figures.seq}")
    known = figures.values("store") if plan.stores else ()
    for store in plan.stores:
        if store not in known:
            raise PlanError(f"the book has no store {store[:80]!r}; it has {', '.join(known[:20]) or 'none yet'}")
    work = Workings(figures, plan, seq)
    sections, controls, notes = _MAKERS[plan.kind](work)
    recorded_at = figures.book.recorded_at(seq)
    return Statement(
        plan=plan.model_copy(update={"as_of": seq}),
        title=STATEMENTS[plan.kind].title,
        reading=_reading(plan, seq),
        currency=work.currency,
        seq=seq,
        recorded_at=recorded_at,
        sections=sections,
        controls=controls,
        notes=notes,
    )


def _reading(plan: StatementPlan, seq: int) -> str:
    """A statement's plan in words: ``"trial balance, store Airport, up to 2026-10-31, as known at commit 2"``."""
    parts = [STATEMENTS[plan.kind].title.lower()]
    if plan.stores:
        parts.append(filter_words(of_store(plan.stores[0]).model_copy(update={"values": plan.stores})))
    parts.append(period_words(plan.period))
    if plan.comparison is not None:
        parts.append(f"against {period_words(plan.comparison)}")
    return ", ".join([*parts, f"as known at commit {seq}"])
