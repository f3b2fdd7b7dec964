"""From what was found to a ``Flag``: in words, with its money and where to look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.flags.finding import Finding
from assistant.flags.flag import Flag, FlagCitation, Level, Moved, flag_id
from assistant.flags.known import Known
from assistant.flags.rules import MINOR, Rule, Rules, said
from assistant.flags.score import SCORE_MAX, UNUSUAL, probability

BESIDES_MAX = 2
AUDIT = "audit"
"""In the identity of a flag that rules and the learned score raise together: the subject has one such flag, whichever
rule is the strongest."""
_TICKET = (
    "seq",
    "n",
    "source",
    "external_id",
    "store",
    "register",
    "cashier",
    "business_date",
    "delivery",
)


class Teller:
    """Makes flags of what was found in what is known."""

    def __init__(self, known: Known) -> None:
        self.currency = known.currency
        self._tickets = known.tickets.select("t", *_TICKET)
        self._events = (
            known.events.select("seq", "n", "external_id", "document_id") if known.events.width else known.events
        )
        self._originals = known.tickets.select("t", "source", "original_external_id").drop_nulls()
        self._by_number: dict[tuple[str, str], int] | None = None

    def flag(self, found: Finding, in_force: Rules) -> Flag:
        """The flag of a certain check's finding."""
        rule = in_force[found.kind]
        ticket = self._ticket(found.tickets[0]) if found.tickets else {}
        of_ticket = ticket if found.level == Level.TICKET else {}
        values = {
            "store": found.store or of_ticket.get("store"),
            "business_date": found.business_date or of_ticket.get("business_date"),
            "cashier": found.cashier or of_ticket.get("cashier"),
            **found.values,
        }
        strength = found.likelihood
        base = in_force.base_rates[found.level]
        odds = base / (1 - base) * strength
        return Flag(
            id=flag_id(found.level, found.kind, *found.about),
            level=found.level,
            kind=found.kind,
            family=rule.family,
            store=values["store"],
            business_date=values["business_date"],
            cashier=values["cashier"],
            register=found.register or of_ticket.get("register"),
            external_id=of_ticket.get("external_id"),
            source=of_ticket.get("source") or ticket.get("source"),
            document=found.document or of_ticket.get("delivery"),
            score=min(odds / (1 + odds), SCORE_MAX),
            certain=rule.certain,
            expected=said(rule.expected, values, rule, self.currency),
            observed=said(rule.observed, values, rule, self.currency),
            reason=said(rule.sentence, values, rule, self.currency),
            money_minor=None if found.money_minor is None else abs(found.money_minor),
            currency=None if found.money_minor is None else self.currency,
            percentile=found.percentile,
            moved=(),
            cites=(
                *(self._cite_ticket(one) for one in found.tickets),
                *(self._cite_event(one) for one in found.events),
                *(FlagCitation("document", one, f"/documents/{one}") for one in found.documents),
            ),
        )

    def audited(
        self,
        rule: Rule,
        level: Level,
        row: Mapping[str, Any],
        strength: float,
        share: float,
        score: float | None,
        besides: tuple[Rule, ...],
        why: tuple[Moved, ...],
        in_force: Rules,
    ) -> Flag:
        """The flag of a subject, given as its row of features, on which ``rule`` fired first and ``besides`` others."""
        values = dict(row)
        most = ", ".join(f"{one.feature} {one.value} (peers: {one.peers})" for one in why[:3])
        values["most"] = most or "many small things together"
        value = row.get(f"{rule.money}{MINOR}") if rule.money else None
        # of a ticket that is unlike others all is at risk; of such a day nobody can say how much
        money = value if value is not None else row.get(f"total{MINOR}") if rule.id == UNUSUAL[Level.TICKET] else None
        more = [said(one.observed, values, one, self.currency) for one in besides[:BESIDES_MAX]]
        reason = said(rule.sentence, values, rule, self.currency)
        own = float(probability_of(strength, in_force.base_rates[level]))
        is_ticket = level == Level.TICKET
        ticket = self._ticket(int(row["t"])) if is_ticket else {}
        return Flag(
            id=flag_id(level, rule.id if rule.certain else AUDIT, *(row[name] for name in _IDENTITY[level])),
            level=level,
            kind="unusual" if rule.id in UNUSUAL.values() else rule.id,
            family=rule.family,
            store=row["store"],
            business_date=row["business_date"],
            cashier=row.get("cashier") if level != Level.STORE_DAY else None,
            register=ticket.get("register"),
            external_id=ticket.get("external_id"),
            source=ticket.get("source"),
            document=ticket.get("delivery"),
            score=own if score is None else score,
            certain=rule.certain,
            expected=said(rule.expected, values, rule, self.currency),
            observed=said(rule.observed, values, rule, self.currency),
            reason=reason + (f" Besides: {'; '.join(more)}." if more else ""),
            money_minor=None if money is None else abs(round(money)),
            currency=None if money is None else self.currency,
            percentile=round(100 * (1 - share), 3),
            moved=why,
            cites=self._cites(rule, row),
        )

    def subject(self, level: Level, row: Mapping[str, Any]) -> tuple[object, ...]:
        """What a row is about, as its flag says it."""
        is_ticket = level == Level.TICKET
        return (
            level,
            row["store"],
            row["business_date"],
            None if level == Level.STORE_DAY else row.get("cashier"),
            row["source"] if is_ticket else None,
            row["external_id"] if is_ticket else None,
        )

    def _cites(self, rule: Rule, row: Mapping[str, Any]) -> tuple[FlagCitation, ...]:
        found = []
        where = row.get(rule.look_at)
        if rule.look_at.endswith("event") and where is not None:
            found.append(self._cite_event(int(where)))
        elif where is not None:
            found.append(self._cite_ticket(int(where)))
        elif row.get("t") is not None:
            found.append(self._cite_ticket(int(row["t"])))
        if row.get("original_external_id") and row.get("sold_at") is not None:
            original = self._numbered(row["source"], row["original_external_id"])
            if original is not None:
                found.append(self._cite_ticket(original))
        return tuple(found)

    def _numbered(self, source: str, external_id: str) -> int | None:
        if self._by_number is None:
            keys = self._tickets.select("source", "external_id", "t").rows()
            self._by_number = {(row[0], row[1]): row[2] for row in keys}
        return self._by_number.get((source, external_id))

    def _ticket(self, t: int) -> dict[str, Any]:
        return self._tickets.row(t, named=True)  # tickets stand in order of t, from 0

    def _cite_ticket(self, t: int) -> FlagCitation:
        row = self._ticket(t)
        return FlagCitation("ticket", row["external_id"], f"/entries/{row['seq']}-{row['n']}")

    def _cite_event(self, place: int) -> FlagCitation:
        row = self._events.row(place, named=True)
        return FlagCitation("entry", f"{row['seq']}-{row['n']}", f"/entries/{row['seq']}-{row['n']}")


_IDENTITY = {
    Level.TICKET: ("source", "external_id"),
    Level.CASHIER_DAY: ("store", "business_date", "cashier"),
    Level.STORE_DAY: ("store", "business_date"),
}


def probability_of(strength: float, base_rate: float) -> float:
    """The probability of one subject; see ``score.probability``."""
    import numpy as np

    return float(probability(np.array([strength]), base_rate)[0])
