"""What a question says about where and when: the stores and the dates that a search is narrowed to."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.ask.names import Names
from assistant.ask.periods import Calendar, PeriodSpan
from assistant.ask.spans import NamedSpan, cover, spans
from assistant.ask.tokens import tokens
from ledger.figures import Period


@dataclass(frozen=True)
class Narrowing:
    """Stores (all, where it names none) and a period (open, where it names none, or several)."""

    stores: tuple[str, ...]
    period: Period


def narrowing(question: str, names: Names, calendar: Calendar) -> Narrowing:
    """Read the stores and the dates of a question, whatever else it says and whether or not the rest is understood."""
    said = [token.text for token in tokens(question)]
    # "the week 5 October to 11 October": the number is a day's, and no week's
    texts = [text for text, then in zip(said, [*said[1:], ""], strict=True) if text != "week" or not then.isdigit()]
    chosen = cover(texts, spans(texts, names, calendar)[0])
    stores = [
        value
        for span in chosen
        if isinstance(span, NamedSpan)
        for name in span.names
        if name.dimension == "store"
        for value in name.values
    ]
    dated = [span for span in chosen if isinstance(span, PeriodSpan)]
    if len(dated) > 1:
        dated = [span for span in dated if span.weekday is None]  # "Tuesday" beside a date says no more than the date
    periods = {(span.start, span.end) for span in dated}
    start, end = periods.pop() if len(periods) == 1 else (None, None)
    return Narrowing(tuple(dict.fromkeys(stores)), Period(start=start, end=end))
