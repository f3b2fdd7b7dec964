"""120 sentences of an outside specification (Microsoft Recognizers-Text, MIT), read by our conventions.

Two conventions differ and are counted as right: the last day, month or year of a range belongs to it here, not there; "this
week" goes to its end there and to today here. What else differs is listed with the reason.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date, timedelta

from assistant.ask.calendar import Unit, containing
from assistant.ask.periods import Calendar, PeriodError, PeriodSpan, find
from assistant.ask.tokens import tokens
from tests.places import DATA, needs_data

COMING = "a weekend is the last one here, the coming one there: a ledger looks back"
OLD = "before 1900: no till has that, and such numbers are amounts"
ANAPHORA = "what “same” refers to is another period, which the conversation knows"
WINDOW = "a window of days there, the whole unit that many units on here"
EXCEPTIONS = {
    "that weekend": COMING,
    "my weekend": COMING,
    "the weekend": COMING,
    "weekend": COMING,
    "Year two hundred and sixty seven": OLD,
    "year 247": OLD,
    "one thousand seven hundred and eighty nine": OLD,
    "15th  century": OLD,
    "same month": ANAPHORA,
    "same year": ANAPHORA,
    "4 weeks in the future": WINDOW,
    "2 days hence": WINDOW,
    "within the upcoming 5 years 1 month 12 days": "a length of several units, in the future",
    "last 3year": "whole calendar years here, three years back from today there",
    "past few days": "the last days include today here",
    "end of 2000": "the last day here (said as an assumption), the last third there",
    "beginning of next week": "the first day here (said as an assumption), the first three there",
}


@needs_data
def test_the_outside_cases_are_right_but_the_listed_ones() -> None:
    assert DATA is not None
    cases = json.loads((DATA / "dates" / "date_periods_en.json").read_text("utf-8"))
    wrong = {case["span"] for case in cases if not _is_right(case)}
    assert wrong == EXCEPTIONS.keys()
    assert len(cases) - sum(case["span"] in EXCEPTIONS for case in cases) >= 100


def _is_right(case: dict[str, str]) -> bool:
    today, start = date.fromisoformat(case["ref"][:10]), date.fromisoformat(case["start"])
    end = date.fromisoformat(case["end_inclusive"])
    found = _longest(case["input"], today)
    if found is None or found.start != start:
        return False
    if found.end == end or (case["span"].startswith("this") and found.end == min(end, today)):
        return True
    units: tuple[Unit, ...] = ("day", "month", "year")
    is_range = found.ends is not None or case["span"].startswith("rest of")
    return is_range and found.end in {containing(end + timedelta(days=1), unit)[1] for unit in units}


def _longest(text: str, today: date) -> PeriodSpan | None:
    words = [token.text for token in tokens(text)]
    found = []
    for place in range(len(words)):
        with suppress(PeriodError):
            found.append(find(words, place, Calendar(today)))
    return max(filter(None, found), key=lambda span: (span.last - span.first, -span.first), default=None)
