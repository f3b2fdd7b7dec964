"""Periods in a question: the grammar of ``grammar.lark`` read against the day that the question counts from.

Conventions, each the book's where it sets one: weeks start on Monday; "last week / month / quarter" is the previous
whole one, "last 3 weeks" the three before the present one; "last 7 days", "this ..." and to-date periods include
today; a month, quarter, day or holiday without a year is the latest that has begun by today; "before" and "after" are
strict, "since", "until" and both ends of a range are not; "next ..." starts after the present one; periods are fiscal
only where the question says so.
"""

from assistant.ask.periods.find import find
from assistant.ask.periods.span import Calendar, PeriodError, PeriodSpan

__all__ = ["Calendar", "PeriodError", "PeriodSpan", "find"]
