"""DSFinV-K: the export that German tills owe the tax office, a ZIP of ``index.xml`` and CSV files.

Relied on: the Federal Central Tax Office's description of the digital interface for cash register systems (DSFinV-K,
versions 2.0 to 2.4), which gives files, columns, kinds of receipts (``BON_TYP``), of business cases (``GV_TYP``) and of
payments (``ZAHLART_TYP``). ``index.xml`` says how each file is written, and on which row its records begin.

A receipt (``Beleg``) is a ticket. Prices include VAT: a line's net is what the till computed, rounded so that the lines
come to the net of the receipt. Every cash-point closing is checked against its receipts, by kind of payment and of
business case; one that agrees is a till event, one that does not is held with the differences.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from typing import BinaryIO

from ingest import archive
from ingest.gdpdu import Record, Table, read, tables
from ingest.records import MICRO, Unreadable, said, scaled
from ingest.sources.source import Source, guarded
from ingest.tickets import Aside, Event, Made, Reading, Row, Ticket
from ledger.errors import DocumentError

NAME = "dsfinvk"
CURRENCY = "EUR"

_TENDERS = {
    "Bar": "cash",
    "ECKarte": "card",
    "Kreditkarte": "card",
    "ElZahlungsdienstleister": "ewallet",
    "GuthabenKarte": "gift_card",
}
"""Kinds of payments whose meaning is plain; ``Unbar``, any other without cash, waits for the book to know it."""
_KINDS = {
    "Umsatz": "item",
    "Rabatt": "adjustment",
    "Aufschlag": "adjustment",
    "ZuschussEcht": "adjustment",
    "ZuschussUnecht": "adjustment",
    "Pfand": "deposit",
    "PfandRueckzahlung": "deposit",
    "Anzahlungseinstellung": "deposit",
    "Anzahlungsaufloesung": "deposit",
    "MehrzweckgutscheinKauf": "gift_card",
    "MehrzweckgutscheinEinloesung": "gift_card",
    "EinzweckgutscheinKauf": "gift_card",
    "EinzweckgutscheinEinloesung": "gift_card",
    "TrinkgeldAG": "service_charge",
    "Forderungsentstehung": "account_payment",
    "Forderungsaufloesung": "account_payment",
}
_TIP = "TrinkgeldAN"
_MOVES = {"Privateinlage", "Privatentnahme", "Einzahlung", "Auszahlung", "Geldtransit", "Lohnzahlung"}
_FLOAT = "Anfangsbestand"
_ASIDE = ("AVTransfer", "AVBestellung", "AVTraining", "AVBelegstorno", "AVSachbezug", "AVSonstige", "AVRechnung")
_BROKEN_OFF = "AVBelegabbruch"
_FILES = {
    "transactions.csv": ("BON_ID", "BON_TYP"),
    "transactions_vat.csv": ("BON_ID", "UST_SCHLUESSEL", "BON_BRUTTO", "BON_NETTO", "BON_UST"),
    "datapayment.csv": ("BON_ID", "ZAHLART_TYP", "BASISWAEH_BETRAG"),
    "lines.csv": ("BON_ID", "POS_ZEILE", "GV_TYP", "MENGE"),
    "lines_vat.csv": ("BON_ID", "POS_ZEILE", "UST_SCHLUESSEL", "POS_BRUTTO", "POS_NETTO", "POS_UST"),
    "cashpointclosing.csv": ("Z_BUCHUNGSTAG",),
    "vat.csv": ("UST_SCHLUESSEL", "UST_SATZ"),
}
"""The files that are needed, with the columns that they must have beside those of the closing."""
_EARLY = (b"index.xml", b"cashpointclosing.csv", b"businesscases.csv", b"cash_per_currency.csv", b"datapayment.csv")
"""Files of which at least one stands in the beginning of an export, whichever order it packs them in."""
_CLOSING = ("Z_KASSE_ID", "Z_NR")

Key = tuple[str, str]


def _looks_like(head: bytes) -> bool:
    named = any(file in head for file in _EARLY)
    return head.startswith(archive.MAGIC) and named and b"xl/" not in head


def _read(stream: BinaryIO, reading: Reading) -> Iterator[Made]:
    export = _Export(archive.files(stream.read(), reading.name), reading.name)
    yield from export.receipts()
    yield from export.closings()


class _Export:
    """The files of an export by their receipts and closings."""

    def __init__(self, files: Mapping[str, bytes], name: str) -> None:
        self.name = name
        plain = {path.rpartition("/")[2].lower(): (path, content) for path, content in files.items()}
        if "index.xml" not in plain:
            raise DocumentError(f"{name} has no index.xml; a DSFinV-K export is a ZIP of it with its CSV files")
        described = tables(plain["index.xml"][1], name)
        found: dict[str, list[Record]] = {}
        for file, needed in _FILES.items():
            if file not in plain:
                raise DocumentError(f"{name} has no {file}, which every DSFinV-K export has")
            path, content = plain[file]
            found[file] = list(read(path, content, described.get(file, Table()), name, (*_CLOSING, *needed)))
        for file in ("location.csv", "payment.csv", "businesscases.csv"):
            if file in plain:
                path, content = plain[file]
                found[file] = list(read(path, content, described.get(file, Table()), name, _CLOSING))
        self.bons = found["transactions.csv"]
        self.by_closing = _by_closing(self.bons)
        self.vat, self.payments, self.lines = (
            _by_bon(found[file]) for file in ("transactions_vat.csv", "datapayment.csv", "lines.csv")
        )
        self.line_vat = _by_bon(found["lines_vat.csv"])
        self.closing = {_of(one): one for one in found["cashpointclosing.csv"]}
        self.rates = {(*_of(one), one["UST_SCHLUESSEL"]): one for one in found["vat.csv"]}
        self.places = {_of(one): one for one in found.get("location.csv", ())}
        self.said_paid = _by_closing(found.get("payment.csv", ()))
        self.said_cases = _by_closing(found.get("businesscases.csv", ()))

    # --- receipts -----------------------------------------------------------------------------------------------

    def receipts(self) -> Iterator[Made]:
        for bon in self.bons:
            number = f"{bon['Z_KASSE_ID']}-{bon['Z_NR']}-{bon['BON_ID']}"[:200]
            yield from guarded(partial(self._receipt, bon, number), "Receipt", bon.place, number)

    def _receipt(self, bon: Record, number: str) -> Made:
        kind = bon["BON_TYP"]
        if kind in _ASIDE:
            return _aside("dsfinvk-no-receipt", f"Receipt {number} is of kind {kind}, and moves no money", number, bon)
        if kind not in ("Beleg", _BROKEN_OFF):
            raise Unreadable(f"its BON_TYP is {said(kind)}, which is not known")
        key = (*_of(bon), bon["BON_ID"])
        lines, payments = self.lines.get(key, []), self.payments.get(key, [])
        cases = {line["GV_TYP"] for line in lines}
        if cases and cases <= _MOVES | {_FLOAT} and kind == "Beleg":
            return self._cash(bon, number, lines)
        if cases & (_MOVES | {_FLOAT, "DifferenzSollIst"}):
            raise Unreadable(f"it mixes {', '.join(sorted(cases))} in one receipt, or books a difference of cash")
        ticket = Ticket({})
        tip, total = 0, 0
        for vat_key in {row["UST_SCHLUESSEL"]: None for row in self.vat.get(key, [])}:
            total += self._of_rate(ticket, bon, key, vat_key, lines)
        for line in lines:
            if line["GV_TYP"] == _TIP:
                tip += sum(one.amount("POS_BRUTTO", 5) for one in self.line_vat.get(key, []) if _same(one, line))
        for payment in payments:
            amount = payment.amount("BASISWAEH_BETRAG", 2)
            if amount or payment["ZAHLART_TYP"] != "Keine":
                ticket.tenders.append(_tender(payment, amount))
        sizes = [row["quantity_micro"] for row in ticket.lines]
        back = any(size < 0 for size in sizes)
        kept = any(size > 0 for size in sizes)
        sold = "exchange" if back and kept else "return" if back else "sale"
        ticket.lines.sort(key=lambda row: row["number"])
        ticket.header = {
            **self._header(bon, number),
            "sequence": scaled(bon["BON_NR"], 0),
            "opened_at": bon.text("BON_START"),
            "closed_at": bon.text("BON_ENDE"),
            "kind": sold if kind == "Beleg" else "void_before_tender",
            "customer": bon.text("KUNDE_ID") or bon.text("KUNDE_NAME"),
            "memo": bon.text("BON_NOTIZ"),
            "tip_minor": _cents(tip, bon) or None,
            "total_minor": total,
        }
        return ticket

    def _of_rate(
        self, ticket: Ticket, bon: Record, key: tuple[str, str, str], vat_key: str, lines: list[Record]
    ) -> int:
        """The lines of a receipt at one rate of VAT and the tax on them; what they come to with it."""
        rows = [row for row in self.vat[key] if row["UST_SCHLUESSEL"] == vat_key]
        gross, net, tax = (sum(row.amount(name, 2) for row in rows) for name in ("BON_BRUTTO", "BON_NETTO", "BON_UST"))
        if tax:
            rate = self.rates.get((*_of(bon), vat_key))
            percent = None if rate is None else rate.amount("UST_SATZ", 4)
            ticket.taxes.append(
                {
                    "jurisdiction": "USt" if rate is None else rate.text("UST_BESCHR") or f"USt {rate['UST_SATZ']} %",
                    "rate_micro": percent,
                    "base_minor": net,
                    "amount_minor": tax,
                    "included": True,
                }
            )
        parts = [
            (line, one)
            for line in lines
            for one in self.line_vat.get(key, [])
            if one["UST_SCHLUESSEL"] == vat_key and _same(one, line)
        ]
        tips = sum(_cents(one.amount("POS_BRUTTO", 5), one) for line, one in parts if line["GV_TYP"] == _TIP)
        parts = [(line, one) for line, one in parts if line["GV_TYP"] != _TIP]
        nets = _rounded([one.amount("POS_NETTO", 5) for _, one in parts], net - tips)
        for (line, one), line_net in zip(parts, nets, strict=True):
            ticket.lines.append(_line(line, one, line_net))
        return gross

    def _cash(self, bon: Record, number: str, lines: list[Record]) -> Made:
        key = (*_of(bon), bon["BON_ID"])
        amount = _cents(sum(one.amount("POS_BRUTTO", 5) for one in self.line_vat.get(key, [])), bon)
        header = self._header(bon, number) | {"at": bon.text("BON_ENDE"), "external_id": number}
        if {line["GV_TYP"] for line in lines} == {_FLOAT}:
            return Event(header | {"kind": "open", "opening_float_minor": amount})
        if amount >= 0:
            return Event(header | {"kind": "paid_in", "cash_in_minor": amount})
        return Event(header | {"kind": "paid_out", "cash_out_minor": -amount})

    def _header(self, bon: Record, number: str) -> Row:
        where = self.places.get(_of(bon))
        closing = self.closing.get(_of(bon))
        if closing is None:
            raise Unreadable(f"its closing {bon['Z_NR']} of till {bon['Z_KASSE_ID']} is not in cashpointclosing.csv")
        return {
            "locator": bon.place,
            "external_id": number,
            "store": (where and where.text("LOC_NAME")) or closing.text("NAME") or bon.text("Z_KASSE_ID"),
            "register": bon.text("Z_KASSE_ID"),
            "business_date": _day(closing),
            "cashier": bon.text("BEDIENER_NAME") or bon.text("BEDIENER_ID"),
            "currency": CURRENCY,
        }

    # --- closings -----------------------------------------------------------------------------------------------

    def closings(self) -> Iterator[Made]:
        for key, closing in self.closing.items():
            number = f"{key[0]}-Z{key[1]}"[:200]
            yield from guarded(partial(self._closing, closing, number), "Closing", closing.place, number)

    def _closing(self, closing: Record, number: str) -> Made:
        """A closing that its receipts come to, as a till event."""
        bons = [bon for bon in self.by_closing[_of(closing)] if bon["BON_TYP"] == "Beleg"]
        paid: dict[str, int] = defaultdict(int)
        cases: dict[str, int] = defaultdict(int)
        for bon in bons:
            key = (*_of(bon), bon["BON_ID"])
            for payment in self.payments.get(key, []):
                paid[payment["ZAHLART_TYP"]] += payment.amount("BASISWAEH_BETRAG", 2) * 1_000
            by_line = {line["POS_ZEILE"]: line["GV_TYP"] for line in self.lines.get(key, [])}
            for one in self.line_vat.get(key, []):
                cases[by_line.get(one["POS_ZEILE"], "")] += one.amount("POS_BRUTTO", 5)
        differences = [
            *_differences(self.said_paid.get(_of(closing)), "ZAHLART_TYP", "Z_ZAHLART_BETRAG", paid),
            *_differences(self.said_cases.get(_of(closing)), "GV_TYP", "Z_UMS_BRUTTO", cases),
        ]
        if differences:
            told = "; ".join(differences[:5])
            return Aside("quarantined", "dsfinvk-closing", f"Closing {number} does not agree with its receipts: {told} "
                         f"({closing.place})", closing.place, number)  # fmt: skip
        header = self._header(closing, number)
        return Event(header | {"kind": "close", "at": closing.text("Z_ERSTELLUNG")})


def _differences(stated: list[Record] | None, by: str, amount: str, found: Mapping[str, int]) -> Iterator[str]:
    """What a closing says by kind and its receipts come to, where the two differ; both in thousandths of a cent."""
    if stated is None:
        return
    sums: dict[str, int] = defaultdict(int)
    for one in stated:
        sums[one[by]] += one.amount(amount, 5)
    for kind in sorted(sums.keys() | found.keys()):
        if sums.get(kind, 0) != found.get(kind, 0):
            here, there = (f"{value / 100_000:.2f}" for value in (sums.get(kind, 0), found.get(kind, 0)))
            yield f"{kind or '(no kind)'} {here} in the closing, {there} on receipts"


# --- records ----------------------------------------------------------------------------------------------------


def _line(line: Record, vat: Record, net: int) -> Row:
    kind = line["GV_TYP"]
    quantity = abs(line.amount("MENGE", 6)) or MICRO
    gross = vat.amount("POS_BRUTTO", 5)
    back = gross < 0 and _KINDS.get(kind) == "item"
    return {
        "number": scaled(line["POS_ZEILE"], 0) or 0,
        "kind": _KINDS.get(kind, kind),
        "item_id": line.text("ART_NR") or line.text("GTIN"),
        "name": line.text("ARTIKELTEXT"),
        "category": line.text("WARENGR"),
        "quantity_micro": -quantity if back else quantity,
        "gross_minor": net,
        "discount_minor": 0,
        "net_minor": net,
        "tax_minor": _cents(gross, vat) - net,
        "voided": False,
        "locator": line.place,
    }


def _tender(payment: Record, amount: int) -> Row:
    kind = payment["ZAHLART_TYP"] or "(no kind)"
    named = payment.text("ZAHLART_NAME")
    return {
        "type": _TENDERS.get(kind, named or kind),
        "brand": named if kind in ("ECKarte", "Kreditkarte") else None,
        "amount_minor": amount,
        "locator": payment.place,
    }


def _rounded(exact: list[int], whole: int) -> list[int]:
    """Amounts in thousandths of a cent as cents that come to ``whole``: rounded down, what is left going to those that
    lost most. Unreadable where that is more than rounding."""
    cents = [amount // 1_000 for amount in exact]
    left = whole - sum(cents)
    if not 0 <= left <= len(cents):
        raise Unreadable("its lines do not come to its net, by more than rounding")
    for place in sorted(range(len(exact)), key=lambda n: (-(exact[n] % 1_000), n))[:left]:
        cents[place] += 1
    return cents


def _cents(exact: int, record: Record) -> int:
    cents, rest = divmod(exact, 1_000)
    if rest:
        raise Unreadable(f"an amount of it is no whole cent ({record.place})")
    return cents


def _same(one: Record, line: Record) -> bool:
    return one["POS_ZEILE"] == line["POS_ZEILE"]


def _of(record: Record) -> Key:
    """The closing that a record belongs to."""
    return record["Z_KASSE_ID"], record["Z_NR"]


def _day(closing: Record) -> date | None:
    written = closing["Z_BUCHUNGSTAG"] or closing["Z_ERSTELLUNG"][:10]
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Unreadable(f"its Z_BUCHUNGSTAG is {said(written)}, which is no date ({closing.place})") from None


def _by_bon(found: list[Record]) -> dict[tuple[str, str, str], list[Record]]:
    grouped: dict[tuple[str, str, str], list[Record]] = defaultdict(list)
    for one in found:
        grouped[*_of(one), one["BON_ID"]].append(one)
    return grouped


def _by_closing(found: object) -> dict[Key, list[Record]]:
    grouped: dict[Key, list[Record]] = defaultdict(list)
    for one in found if isinstance(found, list) else ():
        grouped[_of(one)].append(one)
    return grouped


def _aside(rule: str, told: str, number: str, bon: Record) -> Aside:
    return Aside("ignored", rule, f"{told} ({bon.place})", bon.place, number)


SOURCE = Source(NAME, _looks_like, _read)
