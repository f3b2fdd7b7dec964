"""How values look on a page: amounts, figures, quantities, dates, instants, and an answer's text with its citations.

Everything from a document is data: it reaches a page through Jinja's escaping only, and the one function here that
makes markup (``cited``) escapes every part of the text itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from markupsafe import Markup, escape

from ledger.money import display, display_number, to_minor

NOTHING = "–"
"""What stands where there is no value: never a zero."""

_CITED = re.compile(r"(?P<figure>\S*\d\S*)?(?P<space> ?)\[(?P<number>\d{1,3})\]")
_LEADING = re.compile(r"^[(\"'“‘]+")


@dataclass(frozen=True)
class Formats:
    """Formats of one book: its locale and the time zone that instants are shown in."""

    locale: str
    zone: ZoneInfo

    def amount(self, amount_minor: int | None, currency: str) -> str:
        """Minor units for a person: ``$12.34``."""
        return NOTHING if amount_minor is None else display(amount_minor, currency, self.locale)

    def figure(self, value: Decimal | str | None, unit: str) -> str:
        """A figure's value in major units with its unit: ``$12.34``, ``4.2%``, ``1,204``."""
        if value is None or value == "":
            return NOTHING
        exact = Decimal(value)
        if unit == "%":
            return f"{display_number(exact, self.locale)}%"
        if len(unit) == 3 and unit.isupper():
            return display(to_minor(exact, unit), unit, self.locale)
        number = display_number(exact, self.locale)
        return f"{number} points" if unit == "points" else number

    def measured(self, amount: int, unit: str, currency: str) -> str:
        """What one entry adds to a figure: minor units, millionths or a count, by the metric's unit."""
        if unit == "money":
            return self.amount(amount, currency)
        return self.quantity(amount) if unit == "units" else self.count(amount)

    def quantity(self, quantity_micro: int | None) -> str:
        """Millionths as a number without idle zeros: ``1.5``."""
        if quantity_micro is None:
            return NOTHING
        exact = Decimal(quantity_micro).scaleb(-6).normalize()
        return display_number(exact.quantize(Decimal(1)) if exact == exact.to_integral() else exact, self.locale)

    def percent(self, rate_micro: int | None) -> str:
        """A rate in millionths as percent: ``8.25%``."""
        if rate_micro is None:
            return NOTHING
        exact = Decimal(rate_micro).scaleb(-4).normalize()
        return self.figure(exact.quantize(Decimal(1)) if exact == exact.to_integral() else exact, "%")

    def count(self, number: int) -> str:
        return display_number(Decimal(number), self.locale)

    def day(self, day: date | None) -> str:
        """A date in full: ``Saturday, 3 October 2026`` in the locale's own order."""
        return NOTHING if day is None else str(format_date(day, "full", locale=self.locale))

    def short_day(self, day: date | None) -> str:
        return NOTHING if day is None else str(format_date(day, "medium", locale=self.locale))

    def moment(self, at: datetime | None) -> str:
        """An instant on the business's clock."""
        return (
            NOTHING if at is None else f"{format_date(at.astimezone(self.zone), locale=self.locale)}, {self._time(at)}"
        )

    def lasting(self, length: timedelta | None) -> str:
        """A length of time in its two largest units: ``2 days 4 h``, ``5 h 20 min``, ``under a minute``."""
        if length is None:
            return NOTHING
        minutes = round(abs(length.total_seconds()) / 60)
        days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
        parts = [(days, "day" if days == 1 else "days"), (hours, "h")] if days else [(hours, "h"), (rest, "min")]
        return " ".join(f"{self.count(number)} {unit}" for number, unit in parts if number) or "under a minute"

    def _time(self, at: datetime) -> str:
        return str(format_time(at, "short", tzinfo=self.zone, locale=self.locale))

    def clock(self, at: datetime | None, offset_minutes: int | None) -> str:
        """An instant on the store's own clock, where the document gave its offset."""
        if at is None:
            return NOTHING
        wall = at + timedelta(minutes=offset_minutes or 0)
        return wall.strftime("%Y-%m-%d %H:%M") + ("" if offset_minutes is not None else " UTC")


def cited(text: str, urls: dict[int, str]) -> Markup:
    """An answer's text with each figure and its mark linked to the proof.

    ``urls`` are the citations' addresses by number; a bracketed number that is no citation (it may be part of a name)
    stays as it stands.
    """
    made, position = [], 0
    for found in _CITED.finditer(text):
        number = int(found["number"])
        if number not in urls:
            continue
        made.append(escape(text[position : found.start()]))
        url = escape(urls[number])
        figure = found["figure"] or ""
        opening = _LEADING.match(figure)
        if opening:
            made.append(escape(opening[0]))
            figure = figure[opening.end() :]
        if figure:
            made.append(Markup('<a class="figure" href="{}">{}</a>').format(url, figure))
        else:
            made.append(escape(found["space"]))
        made.append(Markup('<sup><a href="{}" aria-label="proof {}">{}</a></sup>').format(url, number, number))
        position = found.end()
    made.append(escape(text[position:]))
    return Markup("").join(made)
