"""Citations: from a figure back to the entries that make it up.

A citation is the plan, the book's head at that moment and the figure's place in the result, carried whole in a
token. Opening it runs the plan as of that head: since nothing posted is ever changed, the same token gives the
same figure for ever.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, get_args

from pydantic import ValidationError

from ledger.errors import PlanError
from ledger.figures import opened, query
from ledger.figures.describe import describe
from ledger.figures.drivers import DRIVERS
from ledger.figures.exact import signed_sum
from ledger.figures.metrics import METRICS, Metric, fact_for, metric
from ledger.figures.plan import Figure, Plan, Result, Side
from ledger.figures.run import run, sums
from ledger.figures.scope import Scope

if TYPE_CHECKING:
    from ledger.figures.copy import Figures

PAGE_SIZE = 50
TOKEN_MAX = 8_000
SIDES = get_args(Side)
_KINDS = {"taxes": "tax", "movements": "posting"}


@dataclass(frozen=True)
class Citation:
    """Where a figure comes from: ``key`` are the dimension values of its row, ``seq`` the head that it was
    computed at."""

    plan: Plan
    seq: int
    metric: str
    side: Side
    key: tuple[str, ...]

    @classmethod
    def of(cls, result: Result, figure: Figure) -> Citation:
        return cls(result.plan, result.seq, figure.metric, figure.side, figure.key)

    def token(self) -> str:
        """The citation as a text that fits in a link."""
        rest = _packed([self.seq, self.metric, self.side, self.key])
        packed = f"[{_packed_plan(self.plan)},{rest[1:]}"
        return base64.urlsafe_b64encode(zlib.compress(packed.encode(), 9)).decode().rstrip("=")

    @classmethod
    def from_token(cls, token: str) -> Citation:
        """The citation of a token; PlanError when it is none."""
        try:
            if len(token) > TOKEN_MAX:
                raise ValueError
            unpacker = zlib.decompressobj()
            packed = unpacker.decompress(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)), 10 * TOKEN_MAX)
            plan, seq, name, side, key = json.loads(packed)
            if side not in SIDES or not isinstance(seq, int):
                raise ValueError
            return cls(Plan.model_validate(plan), seq, str(name), side, tuple(str(value) for value in key))
        except (ValueError, TypeError, RecursionError, zlib.error, binascii.Error, ValidationError):
            raise PlanError("this link to a figure is not whole; open the figure from its answer again") from None


def _packed_plan(plan: Plan) -> str:
    """A plan as it stands in a token, made once: an answer cites each of its figures by the same one."""
    bounds = (*plan.conditions, *(plan.each.conditions if plan.each is not None else ()))
    return _packed_once(plan, tuple(str(one.value) for one in bounds))


@lru_cache(maxsize=64)
def _packed_once(plan: Plan, bounds: tuple[str, ...]) -> str:
    """``bounds`` are as they are written: plans over 50 and over 50.0 are equal, and their tokens are not."""
    return _packed(plan.model_dump(mode="json", exclude_defaults=True))


def _packed(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


@dataclass(frozen=True)
class Contribution:
    """What one line, tender, tax, ticket, event or posting adds to a figure: minor units, millionths or a count,
    signed."""

    seq: int
    n: int
    number: int | None
    ticket: str | None
    store: str | None
    business_date: date | None
    locator: str | None
    document: str | None
    amount: int
    kind: str


@dataclass(frozen=True)
class Proof:
    """A figure with what it is made of.

    Of a sum: ``contributions`` (one page of ``count``), whose sum over all pages is ``total``, the figure in minor
    units (or millionths, or a count). Of a ratio or a difference: ``parts``, the figures that it is computed from,
    each with its citation.
    """

    citation: Citation
    figure: Figure
    reading: str
    definition: str
    head: str
    currency: str
    unit: str
    contributions: tuple[Contribution, ...] = ()
    count: int = 0
    total: int = 0
    page: int = 1
    pages: int = 1
    parts: tuple[tuple[str, Figure, Citation], ...] = field(default=())
    tie_out: str | None = None


def open_citation(figures: Figures, citation: Citation, page: int = 1, page_size: int = PAGE_SIZE) -> Proof:
    """Compute the figure of a citation again, as of its head, with what it is made of. PlanError when it names
    nothing."""
    plan = citation.plan.model_copy(update={"as_of": citation.seq})
    if citation.metric not in plan.metrics or len(citation.key) != len(plan.dimensions):
        raise PlanError("this link to a figure is not whole; open the figure from its answer again")
    result = run(figures, plan)
    figure = result.figure(citation.metric, citation.side, citation.key)
    one = metric(citation.metric)
    proof: dict[str, Any] = {
        "citation": citation,
        "figure": figure,
        "reading": describe(citation.plan) + _row_words(citation),
        "definition": one.definition,
        "head": result.head,
        "currency": result.currency,
        "unit": one.unit,
        "tie_out": result.tie_out.sentence if result.tie_out else None,
    }
    parts = _parts(figures, result, citation)
    if parts is not None:
        page, pages = _within(page, len(parts), page_size)
        shown = tuple(parts[(page - 1) * page_size : page * page_size])
        return Proof(**proof, parts=shown, count=len(parts), page=page, pages=pages)
    narrowed = opened.narrowed(citation)
    if one.is_ratio:
        return Proof(**proof, parts=_ratio_parts(figures, one, narrowed, citation.seq))
    found: Proof = figures.locked(lambda: _contributions(figures, one, narrowed, citation.seq, proof, page, page_size))
    return found


def _parts(figures: Figures, result: Result, citation: Citation) -> list[opened.Part] | None:
    """The figures of the same or a like plan that a figure is computed from; None for one that is a value."""
    if citation.side in ("change", "change_rate"):
        return opened.compared(result, citation)
    if citation.side in DRIVERS:
        return opened.driven(figures, citation)
    if citation.side == "share":
        return opened.shared(figures, result, citation)
    if citation.side in ("running", "step", "step_rate"):
        rows = opened.before_steps(citation.plan)
        every = run(figures, rows.model_copy(update={"as_of": citation.seq}))
        of_rows = replace(citation, plan=rows)
        return opened.along(every, of_rows, figures.calendar)
    return None if citation.plan.each is None else opened.folded(figures, citation)


def _within(page: int, count: int, page_size: int) -> tuple[int, int]:
    """A page that there is, the nearest to the one wanted, and how many there are."""
    pages = max(1, -(-count // page_size))
    return min(max(page, 1), pages), pages


def _row_words(citation: Citation) -> str:
    if not citation.key:
        return ""
    named = zip(citation.plan.dimensions, citation.key, strict=True)
    return "; the row of " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in named)


def _ratio_parts(figures: Figures, one: Metric, plan: Plan, seq: int) -> tuple[tuple[str, Figure, Citation], ...]:
    parts = []
    for words, terms in (("is the first of", one.sum), ("over", one.per)):
        for place, (sign, measure) in enumerate(terms):
            name = next(each.name for each in METRICS.values() if each.sum == ((1, measure),) and not each.is_ratio)
            part = plan.model_copy(update={"metrics": (name,), "as_of": seq})
            result = run(figures, part)
            joined = words if place == 0 else ("plus" if sign > 0 else "less")
            stored = plan.model_copy(update={"metrics": (name,)})
            parts.append((joined, result.rows[0][0], Citation(stored, seq, name, "value", ())))
    return tuple(parts)


def _contributions(
    figures: Figures, one: Metric, plan: Plan, seq: int, proof: dict[str, Any], page: int, page_size: int
) -> Proof:
    scope = Scope(plan.filters, plan.period, seq)
    wanted = [each.dimension for each in plan.filters]
    facts = list(dict.fromkeys(fact_for(measure, wanted) for measure in one.measures))
    assert len(facts) == 1, f"{one.name} is summed over several kinds of facts"
    fact = facts[0]
    rows = query.scoped(figures, fact, query.sliced(figures, fact, scope))
    if fact == "lines" and one.measures[0] in ("transactions", "return_count"):
        rows = _one_row_a_ticket(rows, one.measures[0])
        amount = rows.amount
    else:
        amount = sum(sign * rows[measure].fill_null(0) for sign, measure in one.sum)
        rows = rows.mutate(amount=amount).filter(
            _any_given([rows[measure].notnull() & (rows[measure] != 0) for measure in one.measures])
        )
    count, whole = _counted(figures, rows)
    expected = signed_sum(one.sum, sums(figures, [one], (), scope).get((), {}))
    assert whole == expected, f"{one.name}: the contributions come to {whole}, the figure is {expected}"
    page, pages = _within(page, count, page_size)
    names = [
        name
        for name in ("seq", "n", "number", "ticket", "store", "business_date", "locator", "amount")
        if name in rows.columns
    ]
    start = (page - 1) * page_size
    order = [(name, False) for name in ("business_date", "store", "seq", "n", "number") if name in rows.columns]
    listed = query.page(rows.select(names), order, start, min(page_size, count - start))
    found = figures.rows(listed)
    documents = _documents(figures, {row["seq"] for row in found})
    return Proof(
        **proof,
        contributions=tuple(
            Contribution(
                seq=row["seq"],
                n=row["n"],
                number=row.get("number"),
                ticket=row.get("ticket"),
                store=row.get("store"),
                business_date=row.get("business_date"),
                locator=row.get("locator"),
                document=documents.get(row["seq"]),
                amount=int(row["amount"]),
                kind=_KINDS.get(fact, fact.removesuffix("s")),
            )
            for row in found
        ),
        count=count,
        total=whole,
        page=page,
        pages=pages,
    )


def _one_row_a_ticket(rows: Any, measure: str) -> Any:
    kinds = ["return"] if measure == "return_count" else ["sale", "exchange"]
    kept = rows.filter(rows.kind.isin(kinds) & rows.live)
    return kept.group_by(["seq", "n", "ticket", "store", "business_date"]).aggregate(
        locator=kept.locator.min(), amount=kept.n.nunique()
    )


def _any_given(conditions: list[Any]) -> Any:
    found = conditions[0]
    for one in conditions[1:]:
        found = found | one
    return found.fill_null(False)


def _counted(figures: Figures, rows: Any) -> tuple[int, int]:
    (row,) = figures.rows(rows.aggregate(count=rows.count(), whole=rows.amount.sum()))
    return int(row["count"]), int(row["whole"] or 0)


def _documents(figures: Figures, seqs: set[int]) -> dict[int, str]:
    if not seqs:
        return {}
    commits = figures.table("commits")
    rows = figures.rows(commits.filter(commits.seq.isin(sorted(seqs))))
    return {row["seq"]: row["document"] for row in rows}
