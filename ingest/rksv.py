"""Receipts of Austrian tills, signed one by one and linked to each other (RKSV).

Relied on: the Registrierkassensicherheitsverordnung, annex (items 3 to 9), and its detailed specification of formats:
the machine-readable code ``_R1-AT...`` with its five amounts by rate of VAT, the compact JSON web signature over it
(RFC 7515, ES256), the link to the receipt before (the first eight bytes of the SHA-256 of its signature), and the
turnover counter under AES-256 in counter mode.
"""

from __future__ import annotations

import binascii
import hashlib
import json
import re
from base64 import b64decode, b64encode, urlsafe_b64decode
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ingest.records import Unreadable, said

RATES = ("normal", "reduced 1", "reduced 2", "zero", "special")
"""The rates of VAT in the order of the code's amounts."""
OUT_OF_SERVICE = b"Sicherheitseinrichtung ausgefallen"
"""Stands in place of a signature while the till's signing device does not work."""
TRAINING, CANCELLATION = b"TRA", b"STO"
"""Stand in place of the turnover counter of a training receipt, and of one that cancels another."""

_CODE_PARTS = 13
_CHARS_MAX = 8_000
_LINK_BYTES = 8
_SIGNATURE_BYTES = 64
_COUNTER_BYTES = range(5, 17)
_AMOUNT = re.compile(r"^-?\d{1,12},\d{2}$")
_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$")
_PEM_LINE = re.compile(r"-----[A-Z ]+-----")


@dataclass(frozen=True)
class Receipt:
    """A receipt as its code says it. ``amounts`` are in cents with VAT, by ``RATES``; ``at`` is the till's wall clock;
    ``counter`` are the bytes of the turnover counter as they stand; ``jws`` is what the next receipt is linked to."""

    jws: str
    till: str
    number: str
    at: datetime
    amounts: tuple[int, ...]
    counter: bytes
    certificate: str
    link: str
    signature: bytes

    @property
    def total(self) -> int:
        return sum(self.amounts)


def receipt(jws: str) -> Receipt:
    """A receipt from its compact signature. Unreadable says which of its parts is none."""
    parts = jws.split(".")
    if len(jws) > _CHARS_MAX or len(parts) != 3 or not jws.isascii():
        raise Unreadable("it is no compact signature of three parts")
    try:
        header = json.loads(_url64(parts[0], "header"))
        code = _url64(parts[1], "code").decode("utf-8")
    except ValueError:  # no JSON, no UTF-8
        raise Unreadable("its header or its code is no text") from None
    if not isinstance(header, dict) or header.get("alg") != "ES256":
        raise Unreadable(f"its signature is not by ES256, but {said(header)[:60]}")
    fields = code.split("_")
    if (
        len(fields) != _CODE_PARTS
        or fields[0]
        or not re.fullmatch(r"R1-AT\d{1,3}", fields[1])
        or not code.isprintable()
    ):
        raise Unreadable(f"its code {said(code)} is none of the form _R1-AT..._")
    _, _, till, number, time, *amounts, counter, certificate, link = fields
    if not (till and number and certificate) or not _TIME.match(time):
        raise Unreadable("its code lacks the till, the number, the time or the certificate")
    for rate, amount in zip(RATES, amounts, strict=True):
        if not _AMOUNT.match(amount):
            raise Unreadable(f"its amount at the {rate} rate is {said(amount)}, which is none")
    try:
        at = datetime.fromisoformat(time)
    except ValueError:
        raise Unreadable(f"its time is {said(time)}, which is none") from None
    cents = tuple(int(amount.replace(",", "")) for amount in amounts)
    return Receipt(jws, till, number, at, cents, _64(counter, "turnover counter"), certificate, link,
                   _url64(parts[2], "signature"))  # fmt: skip


def link_to(text: str) -> str:
    """What a receipt says of the one before: of its compact signature, or of the till's id where it is the first."""
    return b64encode(hashlib.sha256(text.encode()).digest()[:_LINK_BYTES]).decode()


def public_key(encoded: str) -> tuple[EllipticCurvePublicKey, int | None]:
    """The key in a certificate or public key (base64 of DER, or PEM), and the certificate's number. Unreadable where it
    is none on the curve P-256."""
    try:
        key, number = _loaded(b64decode("".join(_PEM_LINE.sub("", encoded).split()), validate=True))
    except Exception as error:  # whatever the library raises for bytes that are none
        raise Unreadable(f"a signing certificate cannot be read ({type(error).__name__})") from None
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise Unreadable("a signing certificate is of another kind than ES256 needs")
    return key, number


def _loaded(der: bytes) -> tuple[object, int | None]:
    from cryptography import x509  # a tenth of a second, which only certificates need

    try:
        certificate = x509.load_der_x509_certificate(der)
    except ValueError:
        return load_der_public_key(der), None
    return certificate.public_key(), certificate.serial_number


def is_signed_by(receipt: Receipt, key: EllipticCurvePublicKey) -> bool:
    """Whether a receipt's signature is that of a key."""
    if len(receipt.signature) != _SIGNATURE_BYTES:
        return False
    half = _SIGNATURE_BYTES // 2
    r, s = (int.from_bytes(part, "big") for part in (receipt.signature[:half], receipt.signature[half:]))
    try:
        key.verify(encode_dss_signature(r, s), receipt.jws.rpartition(".")[0].encode(), ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def turnover(receipt: Receipt, key: bytes) -> int:
    """The turnover counter of a receipt in cents: everything that its till took up to it. Unreadable where the counter
    has no length that one may have."""
    if len(receipt.counter) not in _COUNTER_BYTES:
        raise Unreadable(f"its turnover counter has {len(receipt.counter)} bytes")
    start = hashlib.sha256(f"{receipt.till}{receipt.number}".encode()).digest()[:16]
    opened = Cipher(AES256(key), CTR(start)).decryptor().update(receipt.counter)
    return int.from_bytes(opened, "big", signed=True)


def _url64(text: str, what: str) -> bytes:
    try:
        if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
            raise ValueError
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        raise Unreadable(f"its {what} is no base64") from None


def _64(text: str, what: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise Unreadable(f"its {what} is no base64") from None
