"""Summaries of flags: what was found in a case on a day and what became of it, so that questions in words find it.

Each sentence is the flag's own and cites it. What is a hint only, and that nobody has looked at, is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from assistant.flags import facts
from assistant.flags.causes import SAMPLE
from assistant.flags.flag import Flag
from assistant.flags.words import said, status_of, title_of
from assistant.recall.wording import FlagSentence, Part, Summary, day_in_full, plain
from ledger.cases.case import Case

SCORE_LEAST = 0.1
TOLD_MAX = 3
"""So many flags of a case and day are told; of the others is said how many there are."""


def flag_summaries(case: Case) -> list[Summary]:
    """What a case has to tell, a summary for each business date of its flags; a flag without one (a delivery) is of the
    day on which the case was opened. Nothing of what was drawn at random, nor of flags that are gone."""
    if case.cause.family == SAMPLE:
        return []
    flags = [facts.read(one.facts) for one in case.flags if one.flag not in case.gone]
    if case.state == "new":
        flags = [one for one in flags if one.certain or one.score >= SCORE_LEAST]
    by_day: dict[date, list[Flag]] = {}
    for one in sorted(flags, key=lambda flag: (-flag.score, flag.id)):
        by_day.setdefault(one.business_date or case.history[0].at.date(), []).append(one)
    return [_summary(case, day, found) for day, found in sorted(by_day.items())]


def _summary(case: Case, day: date, flags: list[Flag]) -> Summary:
    title = f"{plain(title_of(case))}, {day_in_full(day)}"
    kinds = dict.fromkeys(said(one.kind) for one in flags)
    return Summary(
        id=f"flag|{day}|{case.id}",
        kind="flag",
        store=case.cause.store or flags[0].store or "",
        start=day,
        end=day,
        title=title,
        parts=tuple(_parts(case, title, flags)),
        gist=f"{title}. Flagged, looks wrong: {', '.join(kinds)}; {said(case.cause.family)}. {_became(case)}",
    )


def _parts(case: Case, title: str, flags: list[Flag]) -> Iterator[Part]:
    yield f"{title}."
    for one in flags[:TOLD_MAX]:
        yield " "
        yield FlagSentence(" ".join(one.reason.split()), one.id)
    if len(flags) > TOLD_MAX:
        yield f" The case has {len(flags) - TOLD_MAX} more of that day."
    yield f" {_became(case)}"


def _became(case: Case) -> str:
    """What people made of it; names of reviewers are no part of it."""
    return "Nobody has looked at it yet." if case.state == "new" else f"The case is {status_of(case)}."
