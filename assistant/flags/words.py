"""What a case is called: its family or rule, whom it is about and where."""

from __future__ import annotations

from assistant.flags.causes import SAMPLE
from ledger.cases.case import WORDS, Case
from ledger.cases.events import (
    Assigned,
    Attached,
    Commented,
    Event,
    FlagAdded,
    FlagGone,
    Opened,
    SampleDrawn,
    Stepped,
    Suppressed,
    SuppressionEnded,
    Verdict,
    WeightsAdopted,
    WeightsReverted,
)


def title_of(case: Case) -> str:
    """``Refunds by Grace, Downtown``; ``Store day missing, Downtown``; ``Tax rate, all stores``."""
    cause = case.cause
    if cause.family == SAMPLE:
        return f"Drawn at random: {(cause.about or '').partition(' ')[2]}"
    what = said(cause.family) if cause.about is None else said(cause.about.partition(" ")[0])
    person = f" by {cause.person}" if cause.person else ""
    of_document = cause.store is None and cause.first is None
    where = "" if of_document else f", {cause.store or 'all stores'}"
    return f"{what[:1].upper()}{what[1:]}{person}{where}"


def said(name: str) -> str:
    """The id of a rule or a family as words: ``said("gift_cards") == "gift cards"``."""
    return name.replace("_", " ").replace("-", " ")


def status_of(case: Case) -> str:
    """``confirmed: loss``."""
    return f"{WORDS[case.state]}: {WORDS[case.outcome]}" if case.outcome else WORDS[case.state]


def what_happened(event: Event) -> tuple[str, str]:
    """An event as a few words, and what was written with it."""
    match event:
        case Opened():
            return "opened the case", ""
        case FlagAdded():
            return "added a flag", ""
        case FlagGone():
            return "does not find a flag any more", ""
        case Assigned(to):
            return (f"gave it to {to}", "") if to else ("took it off whoever had it", "")
        case Commented(text):
            return "commented", text
        case Attached(_, name):
            return f"attached {name}", ""
        case Stepped(state, reason):
            return {"in_review": "took it into review", "waiting": "asked the store", "reopened": "reopened it"}[
                state
            ], reason
        case Verdict(outcome, reason):
            verb = "confirmed" if outcome in ("loss", "error", "policy") else "dismissed"
            return f"{verb} it: {WORDS[outcome]}", reason
        case Suppressed(reason=reason):
            return "suppressed such flags", reason
        case SuppressionEnded(reason):
            return "ended the suppression", reason
        case WeightsAdopted(reason=reason):
            return "adopted weights", reason
        case WeightsReverted(reason):
            return "took the last weights back", reason
        case SampleDrawn():
            return "drew a sample", ""
        case _:
            return "held a flag back", ""


def scope_of(terms: Suppressed) -> str:
    """The scope of a suppression: ``refunds, by Grace, at Downtown``."""
    parts = (
        terms.kind and f"rule {said(terms.kind)}",
        terms.family and said(terms.family),
        terms.person and f"by {terms.person}",
        terms.store and f"at {terms.store}",
        terms.register and f"register {terms.register}",
    )
    return ", ".join(part for part in parts if part)
