"""Roll-forwards: how balances went from opening to closing, cause by cause.

The causes are summed over what the documents say (tenders, lines, tickets, till events), the balances over the
postings. So the control, opening balance + causes = closing balance, compares two things that were counted apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ledger.figures.calendar import NONE
from ledger.figures.plan import Filter
from ledger.statements.plan import Cited, Control, Row, Section
from ledger.statements.workings import Values, Workings, of_account, of_store

Made = tuple[tuple[Section, ...], tuple[Control, ...], tuple[str, ...]]


@dataclass(frozen=True)
class Cause:
    """One column of a roll-forward: what of a metric falls on which row.

    ``filters`` gives those of a row (None: the cause is none of that row's); ``whole`` are those of the total (None:
    the cause is of no row).
    """

    heading: str
    metric: str
    sign: int
    values: Mapping[str, Decimal | None]
    filters: Callable[[str], tuple[Filter, ...] | None]
    whole: tuple[Filter, ...] | None


@dataclass(frozen=True)
class Sheet:
    """A roll-forward to be made: ``balance`` is the metric of its balances, ``filters`` those of a row."""

    title: str
    row_name: str
    balance: str
    opening: Mapping[str, Decimal | None]
    closing: Mapping[str, Decimal | None]
    filters: Callable[[str], tuple[Filter, ...]]
    whole: tuple[Filter, ...]
    causes: tuple[Cause, ...]
    sentence: str


def rolled(work: Workings, sheet: Sheet) -> tuple[Section, tuple[Control, ...]]:
    """The section of a roll-forward, and its controls: of the total, and of each row that does not add up."""
    columns = [sheet.opening, *(cause.values for cause in sheet.causes), sheet.closing]
    labels = sorted({label for values in columns for label, value in values.items() if value})
    rows = [_row(work, sheet, label) for label in labels]
    whole = _total(work, sheet, labels)
    section = Section(
        sheet.title,
        sheet.row_name,
        ("Opening balance", *(cause.heading for cause in sheet.causes), "Closing balance"),
        (*rows, whole) if rows else (),
    )
    controls = [_control(work, sheet, sheet.sentence, whole)]
    for row in rows:
        one = _control(work, sheet, f"{row.label}: {sheet.sentence[0].lower()}{sheet.sentence[1:]}", row)
        if not one.agrees:
            controls.append(one)
    return section, tuple(controls)


def _row(work: Workings, sheet: Sheet, label: str) -> Row:
    own = sheet.filters(label)
    cells: list[Cited | None] = [
        work.cell(sheet.balance, sheet.opening.get(label), work.opening, *own) if work.opening else None
    ]
    for cause in sheet.causes:
        filters = cause.filters(label)
        value = cause.values.get(label)
        cells.append(None if filters is None else work.cell(cause.metric, value, work.period, *filters))
    cells.append(work.cell(sheet.balance, sheet.closing.get(label), work.closing, *own))
    return Row(label, tuple(cells))


def _total(work: Workings, sheet: Sheet, labels: list[str]) -> Row:
    def summed(values: Mapping[str, Decimal | None]) -> Iterable[Decimal | None]:
        return (values.get(label) for label in labels)

    opening = work.sum_cell(sheet.balance, summed(sheet.opening), work.opening, *sheet.whole) if work.opening else None
    causes = [
        None if one.whole is None else work.sum_cell(one.metric, summed(one.values), work.period, *one.whole)
        for one in sheet.causes
    ]
    closing = work.sum_cell(sheet.balance, summed(sheet.closing), work.closing, *sheet.whole)
    return Row("Total", (opening, *causes, closing), total=True)


def _control(work: Workings, sheet: Sheet, sentence: str, row: Row) -> Control:
    opening, *causes, closing = row.cells
    assert closing is not None
    parts = [("opening balance", 1, opening)] if opening is not None else []
    for cause, cell in zip(sheet.causes, causes, strict=True):
        if cell is not None:
            parts.append((cause.heading.lower(), cause.sign, cell))
    return work.control(sentence, *parts, ("closing balance", -1, closing))


# --- by store: tips, gift cards ------------------------------------------------------------------------------------


def tips(work: Workings) -> Made:
    """Tips payable by store: received on tickets, paid out of drawers. A balance owed is positive."""
    account = of_account(work.chart.roles["tips"])
    received = _by_store(work, "Received", "tips", 1)
    paid = _by_store(work, "Paid out", "tips_paid_out", -1)
    sentence = "What is owed at the end is what was owed and received, less what was paid out."
    causes = (received, paid) if any(paid.values.values()) else (received,)
    sheet = _owed(work, "Tips payable", account, causes, sentence)
    section, controls = rolled(work, sheet)
    return _kept(section), controls, ()


def gift_cards(work: Workings) -> Made:
    """Gift-card liability by store: sold, redeemed, refunded onto cards, taken back."""
    liability = work.chart.line_kinds["gift_card"]
    tendered = work.values(("tenders_taken",), ("tender",), work.period)
    types = _tender_types(work, tendered).get(liability, [])
    causes = [_by_store(work, "Sold", "gift_cards_sold", 1)]
    if types:
        by_card = Filter(dimension="tender", values=tuple(types))
        causes.append(_by_store(work, "Redeemed", "tenders_taken", -1, by_card))
        causes.append(_by_store(work, "Refunded to cards", "tenders_returned", 1, by_card))
    causes.append(_by_store(work, "Taken back", "gift_cards_returned", -1))
    sentence = "What is owed at the end is what was owed, sold and refunded to cards, less redeemed and taken back."
    section, controls = rolled(work, _owed(work, "Gift-card liability", of_account(liability), tuple(causes), sentence))
    closing = section.rows[-1].cells[-1] if section.rows else None
    notes: tuple[str, ...] = ()
    if closing is not None and closing.figure.value is not None and closing.figure.value < 0:
        notes = (
            "More was redeemed than this book saw sold: cards that were sold before the book begins, or elsewhere, "
            "are missing from the liability.",
        )
    return _kept(section), controls, notes


def _owed(work: Workings, title: str, account: Filter, causes: tuple[Cause, ...], sentence: str) -> Sheet:
    """A liability by store; credit balances are positive."""
    return Sheet(
        title=title,
        row_name="Store",
        balance="credit_balance",
        opening=_first(work.values(("credit_balance",), ("store",), work.opening, account), "credit_balance"),
        closing=_first(work.values(("credit_balance",), ("store",), work.closing, account), "credit_balance"),
        filters=lambda store: (of_store(store), account),
        whole=(account,),
        causes=causes,
        sentence=sentence,
    )


def _by_store(work: Workings, heading: str, metric: str, sign: int, *filters: Filter) -> Cause:
    values = work.values((metric,), ("store",), work.period, *filters)
    return Cause(
        heading, metric, sign, _first(values, metric), lambda store: (of_store(store), *filters), tuple(filters)
    )


# --- by account: tenders, tax --------------------------------------------------------------------------------------


def tenders(work: Workings) -> Made:
    """What was collected by tender, and each account that holds it, from opening to closing.

    Those are the accounts that tenders are collected in, and those that cash and what marketplaces owe move to: the
    safe, deposits on their way to the bank, tax that a marketplace keeps to remit.
    """
    taken = work.values(
        ("tenders_taken", "tenders_returned", "total_collected", "payment_fees"), ("tender",), work.period
    )
    by_account = {
        account: types for account, types in _tender_types(work, taken).items() if account.startswith("assets:")
    }
    roles = work.chart.roles
    drawer, safe, in_transit = roles["drawer"], roles["safe"], roles["deposits_in_transit"]
    remitted = roles["facilitator_tax"]
    held_in = (safe, in_transit, remitted, *work.chart.tenders.values())
    accounts = sorted({drawer, *(one for one in held_in if one.startswith("assets:"))})

    def of_tenders(heading: str, metric: str, sign: int) -> Cause:
        values = _by_target(taken, metric, by_account, work.zero())
        every = tuple(sorted(kind for types in by_account.values() for kind in types))
        return Cause(
            heading,
            metric,
            sign,
            values,
            lambda account: (_of("tender", by_account[account]),) if account in by_account else None,
            (Filter(dimension="tender", values=every),) if every else None,
        )

    moved = work.values(("settled_to", "settled_from"), ("tender",), work.period)
    by_settled = {account: types for account, types in _tender_types(work, moved).items() if account in accounts}

    def of_settled(heading: str, metric: str, sign: int) -> Cause:
        """What payouts and settlements moved, on every account that tenders are collected in or settled to."""
        every = tuple(sorted(kind for types in by_settled.values() for kind in types))
        return Cause(
            heading,
            metric,
            sign,
            _by_target(moved, metric, by_settled, work.zero()),
            lambda account: (_of("tender", by_settled[account]),) if account in by_settled else None,
            (Filter(dimension="tender", values=every),) if every else None,
        )

    def of_one(heading: str, metric: str, sign: int, only: str) -> Cause:
        value = work.values((metric,), (), work.period).get((), {}).get(metric)
        return Cause(heading, metric, sign, {only: value}, lambda account: () if account == only else None, ())

    causes = [of_tenders("Collected", "tenders_taken", 1), of_tenders("Given back", "tenders_returned", -1)]
    events = (
        of_tenders("Fees kept", "payment_fees", -1),
        of_settled("Settled to", "settled_to", 1),
        of_settled("Settled from", "settled_from", -1),
        of_one("Paid on account", "account_payments", -1, work.chart.line_kinds["account_payment"]),
        of_one("Over/short", "over_short", 1, drawer),
        of_one("Paid in", "cash_paid_in", 1, drawer),
        of_one("Paid out", "cash_paid_out", -1, drawer),
        of_one("Tips paid out", "tips_paid_out", -1, drawer),
        of_one("To the safe", "cash_to_safe", 1, safe),
        of_one("Deposited", "cash_deposited", -1, drawer),
        of_one("On the way to the bank", "cash_deposited", 1, in_transit),
        of_one("Marketplace tax", "marketplace_tax", -1, remitted),
    )
    causes += [cause for cause in events if any(cause.values[one] for one in cause.values if one in accounts)]
    sentence = (
        "Opening balance, collected less given back, and what was kept, paid, counted and moved, come to the closing."
    )
    section, controls = rolled(work, _on_accounts(work, "Accounts", accounts, "balance", tuple(causes), sentence))
    by_tender, collected = _by_tender(work, taken)
    return (*_kept(by_tender), *_kept(section)), (*collected, *controls), ()


def _by_tender(work: Workings, taken: Values) -> tuple[Section, tuple[Control, ...]]:
    columns = (("Collected", "tenders_taken"), ("Given back", "tenders_returned"), ("Net", "total_collected"))
    rows = [
        Row(
            key[0],
            tuple(work.cell(metric, values.get(metric), work.period, _of("tender", [key[0]])) for _, metric in columns),
        )
        for key, values in sorted(taken.items())
        if any(values.values())
    ]
    totals = tuple(
        work.sum_cell(metric, (values.get(metric) for values in taken.values()), work.period) for _, metric in columns
    )
    section = Section(
        "Tenders",
        "Tender",
        tuple(heading for heading, _ in columns),
        (*rows, Row("Total", totals, total=True)) if rows else (),
    )
    gross, back, net = totals
    control = work.control(
        "Collected less given back is the total collected.",
        ("collected", 1, gross),
        ("given back", -1, back),
        ("total collected", -1, net),
    )
    return section, (control,)


def tax_payable(work: Workings) -> tuple[Section, tuple[Control, ...]]:
    """Each account of tax payable from opening to closing. A balance owed is positive."""
    charged = work.values(("tax_charged", "tax_refunded"), ("jurisdiction",), work.period)
    by_account: dict[str, list[str]] = {}
    for (name,) in charged:
        by_account.setdefault(work.chart.tax_account(None if name == NONE else name), []).append(name)
    own = (f"{work.chart.roles['tax']}:", *work.chart.taxes.values())
    posted = {key[0] for key in work.values(("credit_balance",), ("account",), work.closing)}
    accounts = sorted({*by_account, *(one for one in posted if one.startswith(own))})

    def of_taxes(heading: str, metric: str, sign: int) -> Cause:
        return Cause(
            heading,
            metric,
            sign,
            _by_target(charged, metric, by_account, work.zero()),
            lambda account: (_of("jurisdiction", by_account[account]),) if account in by_account else None,
            (),
        )

    causes = (of_taxes("Tax on sales", "tax_charged", 1), of_taxes("Tax on returns", "tax_refunded", -1))
    sentence = "Tax owed at the end is what was owed and charged, less what was given back."
    if not accounts:
        return Section("Tax payable", "Account", (), ()), ()
    return rolled(work, _on_accounts(work, "Tax payable", accounts, "credit_balance", causes, sentence))


def _on_accounts(
    work: Workings, title: str, accounts: list[str], balance: str, causes: tuple[Cause, ...], sentence: str
) -> Sheet:
    whole = of_account(*accounts)
    return Sheet(
        title=title,
        row_name="Account",
        balance=balance,
        opening=_first(work.values((balance,), ("account",), work.opening, whole), balance),
        closing=_first(work.values((balance,), ("account",), work.closing, whole), balance),
        filters=lambda account: (of_account(account),),
        whole=(whole,),
        causes=causes,
        sentence=sentence,
    )


def _tender_types(work: Workings, by_tender: Values) -> dict[str, list[str]]:
    """The types of tender of some values by the account that they are collected in."""
    found: dict[str, list[str]] = {}
    for (name,) in by_tender:
        kind = work.chart.tender_type(name)
        if kind is not None:
            found.setdefault(work.chart.tenders[kind], []).append(name)
    return found


def _by_target(values: Values, metric: str, groups: dict[str, list[str]], zero: Decimal) -> dict[str, Decimal | None]:
    return {
        target: sum((values.get((name,), {}).get(metric) or zero for name in names), zero)
        for target, names in groups.items()
    }


def _first(values: Values, metric: str) -> dict[str, Decimal | None]:
    return {key[0]: one[metric] for key, one in values.items()}


def _of(dimension: str, values: list[str]) -> Filter:
    return Filter.model_validate({"dimension": dimension, "values": tuple(values)})


def _kept(section: Section) -> tuple[Section, ...]:
    return (section,) if section.rows else ()
