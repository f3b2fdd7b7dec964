"""What reading a period gives, what it rests on, and how it fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from assistant.ask.calendar import Dates, Unit
from ledger.figures.calendar import BookCalendar
from ledger.fiscal import FiscalCalendar

if TYPE_CHECKING:
    from ledger.settings import BookSettings

MONTH_FIRST = ("en_US", "en_PH", "en_CA")
"""Locales in which 3/4/2025 is the 4th of March."""


class PeriodError(ValueError):
    """A period that is understood but does not exist; the message is a sentence for the person who asked."""


@dataclass(frozen=True)
class PeriodSpan:
    """A period found in a question: tokens ``first`` to ``last`` (excluded); ``None`` is open on that side.

    ``weekday`` is the index of a weekday that was said alone, ``ends`` the two periods of "from A to B". ``grain`` is
    the unit that the period is exactly one of; ``label`` says its dates in words that are read back as the same
    period; ``assumptions`` are whole sentences for the reader about what the words left open. ``fiscal`` is one that
    was counted by the fiscal calendar, ``as_of`` a point in time ("as of 31 March").
    """

    first: int
    last: int
    start: date | None
    end: date | None
    weekday: int | None = None
    ends: tuple[Dates, Dates] | None = None
    yearless: bool = False
    grain: Unit | None = None
    label: str = ""
    assumptions: tuple[str, ...] = ()
    fiscal: bool = False
    as_of: bool = False


@dataclass(frozen=True)
class Calendar:
    """What reading a period rests on: the day that counts as today, and the book's conventions."""

    today: date
    week_starts: str = "monday"
    month_first: bool = True
    """Whether 3/4/2025 is the 4th of March, as in the United States."""
    fiscal: FiscalCalendar | None = None
    """None where the book sets none: fiscal years are calendar years then, and that is said."""
    country: str = "US"
    """Whose holidays are meant."""

    @property
    def of_figures(self) -> BookCalendar:
        """How figures count days; where the book sets no fiscal calendar, fiscal years are calendar years."""
        return BookCalendar(self.week_starts, self.fiscal or FiscalCalendar())

    @classmethod
    def of_book(cls, settings: BookSettings, today: date) -> Calendar:
        """The calendar of a book on a day."""
        book = settings.book
        country = book.locale.rpartition("_")[2] if "_" in book.locale else "US"
        return cls(
            today,
            book.week_starts,
            # A book in pounds that names no locale is hardly of the United States.
            month_first=book.locale in MONTH_FIRST and ("locale" in book.model_fields_set or book.currency == "USD"),
            fiscal=settings.fiscal_calendar,
            country=country,
        )
