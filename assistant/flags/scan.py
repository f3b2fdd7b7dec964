"""``scan``: one pass over what a book knows, from truth to flags.

Flags are a pure function of what is known and of the settings. The model that scores is fitted on what is known up to
the end of the last whole month, so whether flags are looked for after each delivery or once over the whole book, the
same data gives the same flags. The last scan and the fitted models are kept under ``BOOK/flags``; they may be lost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from assistant.flags import gathered, kept
from assistant.flags.checks import again, days, deliveries, promotions, tax
from assistant.flags.checks.sequence import sequence
from assistant.flags.explain import moved
from assistant.flags.finding import Finding
from assistant.flags.flag import Flag, Level
from assistant.flags.known import Known, of_tickets, read
from assistant.flags.model import VERSION, Model, fit, fit_until, frames, load, save, until
from assistant.flags.rules import Rule, Rules, rules
from assistant.flags.say import Teller, probability_of
from assistant.flags.score import FLOOR, RULED_LEAST, UNUSUAL, Scored, scored
from ledger.book import Book
from ledger.settings import BookSettings

FOLDER = "flags"
SUBJECT = {
    Level.TICKET: ("source", "external_id"),
    Level.CASHIER_DAY: ("store", "business_date", "cashier"),
    Level.STORE_DAY: ("store", "business_date"),
}


@dataclass(frozen=True)
class Scan:
    """The flags of a book, the highest score first; ``notes`` say what could not be looked at, and why. The first
    business date that was looked at is ``since``."""

    flags: tuple[Flag, ...]
    notes: tuple[str, ...]
    since: date | None = None


def scan(book: Book) -> tuple[Flag, ...]:
    """All flags of a book as it is now, the highest score first."""
    return scanned(book).flags


def scanned(book: Book) -> Scan:
    """The flags of a book and what is to be said of them; those of the last scan where nothing has changed since."""
    folder = book.path / FOLDER
    # What people make of flags are commits, too, and change none.
    state = f"{VERSION} {book.last_delivery().hash} {_digest(book.settings)}"
    before = kept.load(folder, state)
    if before is not None:
        return Scan(*before)
    found = flags_of(read(book, book.settings.flags.days, folder / gathered.FOLDER), folder)
    kept.save(folder, state, found.flags, found.notes, found.since)
    return found


def flags_of(known: Known, folder: Path | None = None) -> Scan:
    """The flags of what is known. Fitted models are kept in ``folder`` and taken from there."""
    in_force = rules(known.settings)
    day = fit_until(known)
    if day is None:
        return Scan((), ("The book has no tickets yet.",))
    copies = list(_copies(known, in_force))
    once = _counted_once(known, copies)
    model = _model(once, in_force, day, folder)
    found = frames(once, model.norms)
    teller = Teller(known)
    checked = _checked(once, model, found[Level.TICKET], in_force)
    flags = [teller.flag(one, in_force) for one in (*copies, *checked)]
    for level, frame in found.items():
        flags += _audited(scored(level, frame, model, in_force, known.currency), model, in_force, teller, flags)
    return Scan(
        tuple(sorted(flags, key=lambda one: (-one.score, -(one.money_minor or 0), one.id))),
        tuple(_notes(model)),
        known.span[0] if known.span is not None else None,
    )


def _notes(model: Model) -> Iterator[str]:
    words = {Level.TICKET: "tickets", Level.CASHIER_DAY: "days of cashiers", Level.STORE_DAY: "days of stores"}
    for level, name in words.items():
        if level not in model.forests:
            yield f"There are too few {name} to learn from yet: only checks and rules were used on them."


def _model(known: Known, in_force: Rules, day: date, folder: Path | None) -> Model:
    if folder is None:
        return fit(known, in_force, day)
    path = folder / f"model-{_fingerprint(known, day)}.npz"
    model = load(path)
    if model is None:
        model = fit(known, in_force, day)
        try:
            save(model, path)
        except OSError:
            return model  # a folder that cannot be written to: it is fitted again next time
        for old in folder.glob("model-*.npz"):
            if old != path:
                old.unlink(missing_ok=True)
    return model


def _fingerprint(known: Known, day: date) -> str:
    """What a model is fitted on: every version up to its day, the settings, and how features are made."""
    reference = until(known, day)
    digest = hashlib.sha256(f"{VERSION} {day} {_digest(known.settings)}".encode())
    for frame in (reference.tickets, reference.events):
        for value in frame["version"].sort():
            digest.update(value)
    return digest.hexdigest()[:24]


def _digest(settings: BookSettings) -> str:
    return hashlib.sha256(settings.model_dump_json().encode()).hexdigest()[:16]


def _copies(known: Known, in_force: Rules) -> Iterator[Finding]:
    """What came again, under its own number or another."""
    ticket, delivery = in_force.get("ticket_again"), in_force.get("delivery_renumbered")
    if ticket and delivery:
        yield from again.repeated(known, ticket, delivery)
    if rule := in_force.get("delivery_again"):
        yield from again.delivered_again(known, rule)
        yield from again.brought_again(known, rule)


def _counted_once(known: Known, copies: list[Finding]) -> Known:
    """What is known without copies, which are one finding and would only disturb others."""
    documents = [one.document for one in copies if one.kind == "delivery_renumbered"]
    tickets = [one.tickets[0] for one in copies if one.kind == "ticket_again"]
    if not documents and not tickets:
        return known
    return of_tickets(known, known.tickets.filter(~pl.col("document").is_in(documents) & ~pl.col("t").is_in(tickets)))


def _checked(known: Known, model: Model, tickets: pl.DataFrame, in_force: Rules) -> Iterator[Finding]:
    """What the certain checks in force find."""
    numbers = sequence(known)
    absent: set[tuple[str, date]] = set()
    if missing := in_force.get("store_day_missing"):
        found = list(days.missing_days(known, numbers, missing))
        absent = {(str(one.store), one.business_date) for one in found if one.business_date is not None}
        yield from found
    partial, gap = in_force.get("store_day_partial"), in_force.get("sequence_gap")
    if partial and gap:
        yield from days.gaps(known, numbers, model.norms.hours, partial, gap, absent)
    if rule := in_force.get("number_again"):
        yield from again.numbers_again(known, rule)
    if rule := in_force.get("delivery_stale"):
        yield from deliveries.stale(known, rule)
    if rule := in_force.get("misdated"):
        yield from deliveries.misdated(known, numbers, tickets, rule)
    one, day = in_force.get("tax_wrong"), in_force.get("tax_day")
    if one and day:
        yield from tax.wrong_tax(known, one, day)
    if rule := in_force.get("promotion_ended"):
        yield from promotions.ended(known, rule)


def _audited(scores: Scored, model: Model, in_force: Rules, teller: Teller, certain: list[Flag]) -> list[Flag]:
    """Flags of the subjects of a level whose score is not below the floor: one a subject, and one more for each certain
    rule. What a certain check or rule has said of a subject is not said again by another of its family, nor as
    unusual."""
    level = scores.level
    high = np.nonzero(scores.score >= FLOOR[level])[0]
    sure = {name for name, rule in in_force.by_id.items() if rule.certain}
    by_row: dict[int, list[tuple[str, float, float]]] = {}
    for row, rule, _, strength, share in scores.hits.sort("row", "strength", descending=[False, True]).iter_rows():
        by_row.setdefault(row, []).append((rule, strength, share))
    listed = sorted(
        {*high.tolist(), *(row for row, hits in by_row.items() if any(name in sure for name, _, _ in hits))}
    )
    rows = np.array(listed, np.int64)
    reasons = moved(scores, rows, model, in_force, teller.currency)
    told: dict[tuple[object, ...], Flag] = {
        (one.level, one.store, one.business_date, one.cashier, one.source, one.external_id): one for one in certain
    }
    found = []
    for row, values, why in zip(listed, scores.frame[rows].iter_rows(named=True), reasons, strict=True):
        hits = by_row.get(row, [])
        before = told.get(teller.subject(level, values))
        own = [hit for hit in hits if hit[0] in sure]
        said = {in_force[name].family for name, _, _ in own} | ({before.family} if before else set())
        others = [hit for hit in hits if hit[0] not in sure and in_force[hit[0]].family not in said]
        strongest = max((hit[1] for hit in (*own, *others) if hit[0] != UNUSUAL[level]), default=0.0)
        combined = float(scores.score[row])
        for name, strength, share in own:
            score = combined if strength >= strongest else None
            found.append(teller.audited(in_force[name], level, values, strength, share, score, (), why, in_force))
        first = _first(others, UNUSUAL[level])
        if first is None or combined < FLOOR[level] or ((before or own) and first[0] == UNUSUAL[level]):
            continue
        alone = None if own and first[1] < strongest else combined
        if alone is None and probability_of(first[1], in_force.base_rates[level]) < FLOOR[level]:
            continue
        rest = _besides([in_force[name] for name, _, _ in others if name != UNUSUAL[level]], in_force[first[0]])
        found.append(teller.audited(in_force[first[0]], level, values, first[1], first[2], alone, rest, why, in_force))
    return found


def _besides(others: list[Rule], first: Rule) -> tuple[Rule, ...]:
    """What is said after the first: the strongest of each other family; its own say the same in other words."""
    of_family: dict[str, Rule] = {}
    for rule in others:
        of_family.setdefault(rule.family, rule)
    return tuple(rule for family, rule in of_family.items() if family != first.family)


def _first(hits: list[tuple[str, float, float]], unusual: str) -> tuple[str, float, float] | None:
    """The hit that is said first: the strongest rule, which says what is wrong in its own words; the learned score only
    where no rule says anything to speak of."""
    learned = next((hit for hit in hits if hit[0] == unusual), None)
    ruled = next((hit for hit in hits if hit[0] != unusual), None)
    if ruled is None or (learned is not None and ruled[1] < np.log10(RULED_LEAST)):
        return learned
    return ruled
