"""DEP7: the log of signed receipts that Austrian tills export, JSON of groups of compact receipts.

Relied on: RKSV, section 7 and annex, item 3, with its detailed specification of the export (``Belege-Gruppe``,
``Signaturzertifikat``, ``Zertifizierungsstellen``, ``Belege-kompakt``); of a receipt see ``ingest.rksv``.

A receipt says amounts with VAT by rate, and neither what was sold nor how it was paid. Its tax is computed from the
rate, half a cent away from zero: the receipt prints none. One whose signature, link to the receipt before or turnover
counter is wrong is held; what could not be checked is told once a till.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from ingest import rksv
from ingest.records import MICRO, Record, Unreadable, is_record, said
from ingest.rksv import Receipt
from ingest.sources.source import guarded, is_json, json_source
from ingest.tickets import Aside, Made, Reading, Row, Ticket, unreadable
from ledger.settings import SourceSettings

NAME = "dep7"
CURRENCY = "EUR"
GROUPS = "Belege-Gruppe"

_CERTIFICATE = ("Signaturzertifikat", "Signatur- bzw. Siegelzertifikat")
_PERCENT = {"normal": Decimal(20), "reduced 1": Decimal(10), "reduced 2": Decimal(13), "zero": Decimal(0)}
_SPECIAL = Decimal(19)
_SPECIAL_WAS_19 = ((date.min, date(2020, 7, 1)), (date(2022, 1, 1), date(2026, 7, 1)))
"""When the special rate was that of Jungholz and Mittelberg; in between, and since, it is that of passing laws, too."""

Key = tuple[EllipticCurvePublicKey, int | None]


@dataclass
class _Till:
    """What is known of a till on the way through its receipts: the one before, its turnover counter and what was added
    since it was last read; and how many receipts could not be checked, with the first place."""

    place: str
    before: Receipt | None = None
    counter: int | None = None
    since: int = 0
    unlinked: bool = False
    uncounted: int = 0
    unsigned: dict[str, int] = field(default_factory=dict)


def _looks_like(head: bytes) -> bool:
    return is_json(head) and (b'"Belege-Gruppe"' in head or b'"Belege-kompakt"' in head)


def _of_value(value: Any, place: str, reading: Reading) -> Iterator[Made]:
    if not is_record(value) or GROUPS not in value:
        yield unreadable("A log of receipts", f"it has no {GROUPS}", place)
        return
    log = _Log(reading)
    groups = value[GROUPS]
    for n, group in enumerate(groups if isinstance(groups, list) else [groups]):
        yield from log.group(group, f"{place}/{GROUPS}/{n}")
    yield from log.unchecked()


class _Log:
    """A log of receipts, read group by group; links go from one group to the next."""

    def __init__(self, reading: Reading) -> None:
        self.settings = reading.settings.sources.get(reading.source, SourceSettings())
        self.tills: dict[str, _Till] = {}
        self.keys: dict[str, Key] = {}

    def group(self, group: Any, place: str) -> Iterator[Made]:
        try:
            if not is_record(group):
                raise Unreadable(f"it is {said(group)} where an object is wanted")
            key = self._key_of(group)
            receipts = group.get("Belege-kompakt")
            if not isinstance(receipts, list):
                raise Unreadable("it has no Belege-kompakt")
        except Unreadable as error:
            yield unreadable("A group of receipts", str(error), place)
            return
        for n, jws in enumerate(receipts):
            where = f"{place}/Belege-kompakt/{n}"
            try:
                if not isinstance(jws, str):
                    raise Unreadable(f"it is {said(jws)} where a compact signature is wanted")
                one = rksv.receipt(jws)
            except Unreadable as error:
                yield unreadable("A receipt", str(error), where)
                continue
            number = f"{one.till}-{one.number}"[:200]
            yield from guarded(partial(self._receipt, one, number, key, where), "Receipt", where, number)

    def unchecked(self) -> Iterator[Made]:
        """What of each till's receipts could not be checked."""
        for name, till in self.tills.items():
            told = [
                f"the signatures of {count:,} of its receipts, as {self._unknown(certificate)}"
                for certificate, count in till.unsigned.items()
            ]
            if till.unlinked:
                told.append("the link of its first receipt to the one before, which is not in the file")
            if till.uncounted:
                told.append(f"the turnover counters of {till.uncounted:,} receipts, as turnover_keys has no key of it")
            if told:
                reason = f"Of till {name} was not checked: {'; '.join(told)} ({till.place})"
                yield Aside("ignored", "dep7-unchecked", reason, till.place)

    def _unknown(self, certificate: str) -> str:
        if not certificate:
            return "its signing device was out of service"
        return f"certificate {certificate[:60]} is neither in the file nor in signature_keys"

    # --- checks -------------------------------------------------------------------------------------------------

    def _receipt(self, one: Receipt, number: str, key: Key | None, place: str) -> Made:
        till = self.tills.setdefault(one.till, _Till(place))
        try:
            wrong = [*self._signature(one, key, till), *self._link(one, till), *self._turnover(one, till)]
        finally:
            till.before = one
        if wrong:
            raise Unreadable("; ".join(wrong))
        if one.counter == rksv.TRAINING:
            return Aside("ignored", "dep7-training", f"Receipt {number} is a training one ({place})", place, number)
        if not any(one.amounts):
            return Aside("ignored", "dep7-zero", f"Receipt {number} is of no amount, as those that start, close or "
                         f"check a till are ({place})", place, number)  # fmt: skip
        return self._ticket(one, number, place)

    def _signature(self, one: Receipt, key: Key | None, till: _Till) -> Iterator[str]:
        if one.signature == rksv.OUT_OF_SERVICE:
            till.unsigned[""] = till.unsigned.get("", 0) + 1
            return
        ours = self.settings.signature_keys.get(one.certificate)
        if ours is not None:
            key = self.keys[ours] = self.keys.get(ours) or rksv.public_key(ours)
        if key is None:
            till.unsigned[one.certificate] = till.unsigned.get(one.certificate, 0) + 1
        elif ours is None and key[1] is not None and not _is_number(one.certificate, key[1]):
            yield f"it names certificate {one.certificate[:60]}, but its group brings {key[1]:x}"
        elif not rksv.is_signed_by(one, key[0]):
            yield "its signature is not that of its certificate: the receipt was changed after it was signed"

    def _link(self, one: Receipt, till: _Till) -> Iterator[str]:
        if till.before is not None:
            if one.link != rksv.link_to(till.before.jws):
                before = till.before.number[:60]
                yield f"it is not linked to the one before it in the file, {before}: one is missing or was changed"
        elif one.link == rksv.link_to(one.till):
            till.counter = 0
        else:
            till.unlinked = True

    def _turnover(self, one: Receipt, till: _Till) -> Iterator[str]:
        if one.counter == rksv.TRAINING:
            return
        till.since += one.total
        if one.counter == rksv.CANCELLATION:
            return
        encoded = self.settings.turnover_keys.get(one.till)
        if encoded is None:
            till.uncounted += 1
            return
        now = rksv.turnover(one, _aes_key(encoded, one.till))
        expected = None if till.counter is None else till.counter + till.since
        till.counter, till.since = now, 0
        if expected is not None and now != expected:
            yield f"its turnover counter is {now / 100:.2f}, where the receipts up to it come to {expected / 100:.2f}"

    def _key_of(self, group: Record) -> Key | None:
        encoded = next((group[name] for name in _CERTIFICATE if group.get(name)), None)
        if encoded is None:
            return None
        if not isinstance(encoded, str):
            raise Unreadable(f"its Signaturzertifikat is {said(encoded)} where a text is wanted")
        return rksv.public_key(encoded)

    # --- tickets ------------------------------------------------------------------------------------------------

    def _ticket(self, one: Receipt, number: str, place: str) -> Ticket:
        lines: list[Row] = []
        taxes: list[Row] = []
        for rate, gross in zip(rksv.RATES, one.amounts, strict=True):
            if not gross:
                continue
            percent = self._percent(rate, one.at)
            tax = int((gross * percent / (100 + percent)).quantize(Decimal(1), ROUND_HALF_UP))
            name = f"VAT {percent.normalize():f} %"
            lines.append(
                {
                    "kind": "item",
                    "name": name,
                    "quantity_micro": MICRO if gross > 0 else -MICRO,
                    "gross_minor": gross - tax,
                    "discount_minor": 0,
                    "net_minor": gross - tax,
                    "tax_minor": tax,
                    "voided": False,
                    "locator": place,
                }
            )
            if tax:
                rate_micro = int(percent * MICRO / 100)
                taxes.append({"jurisdiction": name, "rate_micro": rate_micro, "base_minor": gross - tax,
                              "amount_minor": tax, "included": True})  # fmt: skip
        back, sold = (any(sign * gross > 0 for gross in one.amounts) for sign in (-1, 1))
        header = {
            "locator": place,
            "external_id": number,
            "store": one.till,
            "register": one.till,
            "closed_at": one.at.isoformat(),
            "kind": "exchange" if back and sold else "return" if back else "sale",
            "currency": CURRENCY,
            "memo": rksv.OUT_OF_SERVICE.decode() if one.signature == rksv.OUT_OF_SERVICE else None,
            "total_minor": one.total,
        }
        paid = [{"type": "unspecified", "amount_minor": one.total, "locator": place}] if one.total else []
        return Ticket(header, lines, paid, taxes)

    def _percent(self, rate: str, at: datetime) -> Decimal:
        if rate in _PERCENT:
            return _PERCENT[rate]
        if self.settings.special_rate is not None:
            return self.settings.special_rate
        if any(first <= at.date() < end for first, end in _SPECIAL_WAS_19):
            return _SPECIAL
        raise Unreadable(
            f"it has an amount at the special rate, which is none of its own on {at.date()}; say which it is as "
            "special_rate under [sources.dep7] in book.toml"
        )


def _is_number(written: str, number: int) -> bool:
    """Whether a receipt names a certificate of this number, in hexadecimals or, as some tills do, in decimals."""
    plain = written.lower().lstrip("0")
    return plain in (f"{number:x}", str(number))


def _aes_key(encoded: str, till: str) -> bytes:
    try:
        key = b64decode("".join(encoded.split()))
    except binascii.Error:
        key = b""
    if len(key) != 32:
        raise Unreadable(f"the key of till {till[:60]} under turnover_keys is not 32 bytes in base64")
    return key


SOURCE = json_source(NAME, _looks_like, _of_value)
