"""Days that have a name: public holidays and days that matter to shops, with the date of each in a year.

The dates of the public ones are those of the United States (5 U.S.C. 6103) where a rule is needed; Easter is that of
the Gregorian calendar (the algorithm of Meeus, Jones and Butcher).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

_MON, _THU, _SUN = 0, 3, 6


def nth(year: int, month: int, weekday: int, number: int) -> date:
    """The nth weekday of a month; from its end where negative."""
    if number > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))
    last = (date(year + month // 12, month % 12 + 1, 1)) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday) % 7 + 7 * (-number - 1))


def easter(year: int) -> date:
    """Easter Sunday."""
    golden, century, rest = year % 19, year // 100, year % 100
    leap = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + century - century // 4 - leap + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    shift = (golden + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * shift + 114, 31)
    return date(year, month, day + 1)


HOLIDAYS: dict[str, Callable[[int], date]] = {
    "new year": lambda year: date(year, 1, 1),
    "new year eve": lambda year: date(year, 12, 31),
    "mlk day": lambda year: nth(year, 1, _MON, 3),
    "valentine": lambda year: date(year, 2, 14),
    "presidents day": lambda year: nth(year, 2, _MON, 3),
    "st patrick": lambda year: date(year, 3, 17),
    "good friday": lambda year: easter(year) - timedelta(days=2),
    "easter": easter,
    "easter monday": lambda year: easter(year) + timedelta(days=1),
    "whit monday": lambda year: easter(year) + timedelta(days=50),
    "mother day": lambda year: nth(year, 5, _SUN, 2),
    "memorial day": lambda year: nth(year, 5, _MON, -1),
    "father day": lambda year: nth(year, 6, _SUN, 3),
    "juneteenth": lambda year: date(year, 6, 19),
    "independence day": lambda year: date(year, 7, 4),
    "labor day": lambda year: nth(year, 9, _MON, 1),
    "columbus day": lambda year: nth(year, 10, _MON, 2),
    "halloween": lambda year: date(year, 10, 31),
    "veterans day": lambda year: date(year, 11, 11),
    "thanksgiving": lambda year: nth(year, 11, _THU, 4),
    "black friday": lambda year: nth(year, 11, _THU, 4) + timedelta(days=1),
    "cyber monday": lambda year: nth(year, 11, _THU, 4) + timedelta(days=4),
    "christmas eve": lambda year: date(year, 12, 24),
    "christmas": lambda year: date(year, 12, 25),
    "boxing day": lambda year: date(year, 12, 26),
}

NAMES: dict[tuple[str, ...], str] = {
    tuple(words.split()): name
    for name, listed in {
        "new year": "new year day, new years day, new year",
        "new year eve": "new year eve, new years eve",
        "mlk day": "mlk day, martin luther king day",
        "valentine": "valentine day, valentines day, valentine, valentines",
        "presidents day": "presidents day, president day",
        "st patrick": "st patrick day, st patricks day, saint patrick day",
        "good friday": "good friday",
        "easter": "easter sunday, easter",
        "easter monday": "easter monday",
        "whit monday": "whit monday",
        "mother day": "mother day, mothers day",
        "memorial day": "memorial day",
        "father day": "father day, fathers day",
        "juneteenth": "juneteenth",
        "independence day": "independence day, fourth of july, 4th of july",
        "labor day": "labor day, labour day",
        "columbus day": "columbus day",
        "halloween": "halloween",
        "veterans day": "veterans day",
        "thanksgiving": "thanksgiving day, thanksgiving",
        "black friday": "black friday",
        "cyber monday": "cyber monday",
        "christmas eve": "christmas eve, xmas eve",
        "christmas": "christmas day, xmas day, christmas, xmas",
        "boxing day": "boxing day",
    }.items()
    for words in listed.split(", ")
}
"""The words of each, without possessives."""
