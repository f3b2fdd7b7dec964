"""The head of a paper: its kind, date, time, store, number, register, cashier, and whose invoice it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingest.paper import written
from ingest.paper.labels import label, normal
from ingest.paper.layout import Row
from ingest.paper.noted import Field, noted
from ledger.accounts import Chart
from ledger.settings import BookSettings

KIND_STRENGTH_MIN = 0.85
KIND_ROWS = 40
"""A paper says within so many rows what it is."""

_ORDER = ("z_report", "credit_note", "invoice", "receipt")
_VALUE = re.compile(r"(?<![\w.,/-])[#№]?\s?([A-Za-z]{0,8}[-/]?\d[\w/-]{0,30})(?![\w%]|[.,]\d)")
_TIME = re.compile(r"(?<![\d:.])([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?\s?([AaPp]\.?[Mm]\b)?(?![\d:])")
_NUMBER = ("no", "nr", "n", "number", "nummer", "num", "numero", "id")
_LABEL_WORDS = 4
_FIELD_GROUPS = ("fields", "ignored")


def heads(printed: Sequence[Row], settings: BookSettings, chart: Chart, *, day_first: bool | None) -> list[Field]:
    """The fields of the head of a paper."""
    found: list[Field] = []
    kind = _kind(printed, settings, chart)
    found += [kind] if kind is not None else []
    invoice = kind is not None and kind.value.endswith("invoice")
    day = _date(printed, settings, chart, day_first)
    found += [day] if day is not None else []
    store = None if invoice else _store(printed, settings, chart)
    found += [store] if store is not None else []
    if invoice:
        found.append(noted("seller", printed[0].text[:200], printed[0], 0, len(printed[0].text), 0.6))
    seen = {one.name for one in found}
    for one in _labelled(printed, chart):
        if one.name not in seen:
            seen.add(one.name)
            found.append(one)
    clock = next(_times(printed), None)
    return [*found, clock] if clock is not None else found


# --- what it is -------------------------------------------------------------------------------------------------


def _kind(printed: Sequence[Row], settings: BookSettings, chart: Chart) -> Field | None:
    found: dict[str, tuple[float, Row]] = {}
    for row in printed[:KIND_ROWS]:
        named = label(re.sub(r"[\d#№].*", "", row.text), ("kinds",), chart)
        if named is not None and named.strength >= KIND_STRENGTH_MIN and named.name not in found:
            found[named.name] = (
                1.0 if named.strength >= 0.9 else named.strength,
                row,
            )  # "Receipt no 12" says it as well
    name = next((one for one in _ORDER if one in found), None)
    if name == "invoice" and not any(_of_buyer(one, chart) for one in printed) and _paid_at_once(printed, chart):
        return _of_kind("receipt", found[name][1], 0.95)  # what a restaurant's till prints is called so, too
    if name == "invoice":
        return _invoice(printed, found[name][1], settings, chart)
    if name == "credit_note":
        row = found[name][1]
        return noted(
            "kind", "supplier_invoice", row, 0, len(row.text), 0.3, "it is a credit note: its amounts count back"
        )
    if name is not None:
        return _of_kind(name, found[name][1], found[name][0])
    if _paid_at_once(printed, chart) and any(_named(row, "amounts", "total", chart) for row in printed):
        row = next(row for row in printed if _named(row, "amounts", "total", chart))
        return _of_kind("receipt", row, 0.9)
    return None


def _of_kind(kind: str, row: Row, strength: float) -> Field:
    return noted("kind", kind, row, 0, len(row.text), strength)


def _invoice(printed: Sequence[Row], row: Row, settings: BookSettings, chart: Chart) -> Field:
    """An invoice of ours where our name stands first, of a supplier where it stands under the buyer's label."""
    ours = {normal(settings.book.name), *(normal(name) for name in settings.stores)}
    buyer = next((place for place, one in enumerate(printed) if _of_buyer(one, chart)), len(printed))
    places = [place for place, one in enumerate(printed) if any(name in normal(one.text) for name in ours if name)]
    if places and places[0] < buyer:
        return _of_kind("customer_invoice", row, 0.95)
    return _of_kind("supplier_invoice", row, 0.95 if places else 0.7)


def _paid_at_once(printed: Sequence[Row], chart: Chart) -> bool:
    return any(_named(row, "tenders", None, chart) and written.points(row.joined) for row in printed)


def _of_buyer(row: Row, chart: Chart) -> bool:
    """Whether a row begins with what stands before the buyer's name."""
    found = label(row.text, ("fields",), chart)
    return found is not None and found.name == "buyer"


def _named(row: Row, group: str, name: str | None, chart: Chart) -> bool:
    found = label(row.text, (group,), chart)
    return found is not None and found.strength >= KIND_STRENGTH_MIN and name in (None, found.name)


# --- when and where ---------------------------------------------------------------------------------------------


def _date(printed: Sequence[Row], settings: BookSettings, chart: Chart, day_first: bool | None) -> Field | None:
    """The date that is labelled as such, else the only one, else the first, not surely."""
    found: list[tuple[float, Row, written.Day]] = []
    for row in printed:
        for one in written.days(row.text, day_first=day_first):
            before = _label_before(row.text, one.start, chart)
            if before is not None and before[0] == "ignored":
                continue
            found.append((1.0 if before == ("fields", "date") else 0.9, row, one))
    if not found:
        return None
    labelled = [one for one in found if one[0] == 1.0]
    strength, row, day = (labelled or found)[0]
    if len({one[2].day for one in labelled or found}) == 1:
        strength = 1.0
    elif not labelled:
        strength = 0.6
    value, note = day.day, ""
    if day.other is not None:
        if not settings.book.locale.endswith("_US"):
            value = day.other
        strength = 0.5
        note = f"the date {row.text[day.start : day.end]} may be {day.day} or {day.other}"
    return noted("date", value.isoformat(), row, day.start, day.end, strength, note)


def _store(printed: Sequence[Row], settings: BookSettings, chart: Chart) -> Field | None:
    """The one listed store that a row names; without a list, what is labelled as one, and not surely."""
    names = {normal(alias): name for name, store in settings.stores.items() for alias in (name, *store.aliases)}
    names.pop("", None)
    found: dict[str, tuple[float, Row]] = {}
    for row in printed:
        said = f" {normal(row.text)} "
        for alias, name in names.items():
            if f" {alias} " in said:
                found.setdefault(name, (1.0, row))
    if len(found) == 1:
        ((name, (strength, row)),) = found.items()
        return noted("store", name, row, 0, len(row.text), strength)
    if found:
        name, (_, row) = next(iter(found.items()))
        note = f"it names several stores: {', '.join(sorted(found))}"
        return noted("store", name, row, 0, len(row.text), 0.4, note)
    for row in printed:
        head, colon, rest = row.text.partition(":")
        named = label(head, ("fields",), chart) if colon else None
        if named is not None and named.name == "store" and rest.strip():
            start = row.text.index(rest.strip())
            return noted("store", rest.strip()[:200], row, start, len(row.text), 0.5, _unlisted(rest.strip()))
    return None


def _unlisted(name: str) -> str:
    return f"store {name[:60]!r} is not listed under [stores] in book.toml"


def _times(printed: Sequence[Row]) -> Iterator[Field]:
    for row in printed:
        found = _TIME.search(row.text)
        if found is None:
            continue
        hour = int(found[1])
        if found[4]:
            if not 1 <= hour <= 12:
                continue
            hour = hour % 12 + (12 if found[4][0] in "pP" else 0)
        value = f"{hour:02d}:{found[2]}" + (f":{found[3]}" if found[3] else "")
        yield noted("time", value, row, found.start(), found.end(), 1.0)


# --- numbers with a label ---------------------------------------------------------------------------------------


def _labelled(printed: Sequence[Row], chart: Chart) -> Iterator[Field]:
    """Numbers behind their labels: of the paper, the register, the cashier."""
    for row in printed[:KIND_ROWS]:
        taken = [(one.start, one.end) for one in written.days(row.text, day_first=None)]
        taken += [(one.start(), one.end()) for one in _TIME.finditer(row.text)]
        for found in _VALUE.finditer(row.text):
            if any(start < found.end(1) and found.start(1) < end for start, end in taken):
                continue
            before = _label_before(row.text, found.start(), chart)
            if before is not None and before[0] == "fields" and before[1] in ("number", "register", "cashier"):
                yield noted(before[1], found[1], row, found.start(1), found.end(1), 1.0)
        head, colon, rest = row.text.partition(":")
        named = label(head, ("fields",), chart) if colon else None
        if named is not None and named.name == "cashier" and named.strength == 1.0 and rest.strip():
            start = row.text.index(rest.strip())
            yield noted("cashier", rest.strip()[:200], row, start, len(row.text), 1.0)


def _label_before(text: str, end: int, chart: Chart) -> tuple[str, str] | None:
    """What the words right before a place name: the longest label that they end with. What a paper is called (``Bon
    Nr.``) has its number behind it."""
    words = re.split(r"[\s:#]+", re.sub(r".*\d", "", text[:end]).strip(" :#№.-"))
    if normal(words[-1]) in _NUMBER and len(words) > 1:
        kind = _longest(words[:-1], ("kinds",), chart)
        if kind is not None:
            return "fields", "number"
    return _longest(words, _FIELD_GROUPS, chart)


def _longest(words: Sequence[str], groups: tuple[str, ...], chart: Chart) -> tuple[str, str] | None:
    for length in range(min(_LABEL_WORDS, len(words)), 0, -1):
        found = label(" ".join(words[-length:]), groups, chart)
        if found is not None and found.strength == 1.0:
            return found.group, found.name
    return None
