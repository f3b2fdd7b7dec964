"""Logs of signed receipts as an Austrian till writes them, with a key of their own, whole or tampered with.

``python -m tests.ingest.sources.signed_receipts`` writes the golden file anew (its signatures are others each time).
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.ingest.sources.vendor import GOLDEN

SERIAL = 0x4450931F
COUNTER_KEY = bytes(range(32))
COUNTER_KEY_64 = b64encode(COUNTER_KEY).decode()
OUT_OF_SERVICE = b"Sicherheitseinrichtung ausgefallen"
HEADER = urlsafe_b64encode(b'{"alg":"ES256"}').rstrip(b"=").decode()


@dataclass
class Till:
    """A till with its signing key; ``receipts`` are the compact signatures of what it sold."""

    name: str = "KASSE-1"
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    receipts: list[str] = field(default_factory=list)
    turnover: int = 0

    def sell(self, number: str, at: str, *amounts: str, counter: bytes | None = None, works: bool = True) -> None:
        """Sign a receipt of up to five amounts (``"12,00"``), in the order of the rates."""
        given = [*amounts, *["0,00"] * (5 - len(amounts))]
        if counter != b"TRA":
            self.turnover += sum(int(one.replace(",", "")) for one in given)
        if counter is None:
            counter = self._encrypted(number)
        before = self.receipts[-1] if self.receipts else self.name
        link = b64encode(hashlib.sha256(before.encode()).digest()[:8]).decode()
        code = "_".join(["", "R1-AT1", self.name, number, at, *given, b64encode(counter).decode(), f"{SERIAL:x}", link])
        signed = f"{HEADER}.{_url64(code.encode())}"
        self.receipts.append(f"{signed}.{_url64(self._signature(signed) if works else OUT_OF_SERVICE)}")

    def _encrypted(self, number: str) -> bytes:
        start = hashlib.sha256(f"{self.name}{number}".encode()).digest()[:16]
        return Cipher(AES256(COUNTER_KEY), CTR(start)).encryptor().update(self.turnover.to_bytes(8, "big", signed=True))

    def _signature(self, signed: str) -> bytes:
        r, s = decode_dss_signature(self.key.sign(signed.encode(), ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    @property
    def certificate(self) -> str:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Till of a test")])
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.key.public_key())
        builder = builder.serial_number(SERIAL).not_valid_before(datetime(2020, 1, 1))
        made = builder.not_valid_after(datetime(2040, 1, 1)).sign(self.key, SHA256())
        return b64encode(made.public_bytes(Encoding.DER)).decode()

    def log(self, receipts: list[str] | None = None, *, certified: bool = True) -> dict[str, Any]:
        """The export, of all receipts or of those given."""
        certificate = self.certificate if certified else ""
        group = {"Signaturzertifikat": certificate, "Zertifizierungsstellen": [certificate] if certified else [],
                 "Belege-kompakt": self.receipts if receipts is None else receipts}  # fmt: skip
        return {"Belege-Gruppe": [group]}


def a_day() -> Till:
    """A till's first day: its start, sales at several rates, a cancellation, training, and a device that fails."""
    till = Till()
    till.sell("1", "2026-10-05T08:00:00")
    till.sell("2", "2026-10-05T09:15:30", "12,00", "5,50")
    till.sell("3", "2026-10-05T09:40:00", "0,00", "3,30", "11,30", "7,00")
    till.sell("4", "2026-10-05T10:05:00", "-12,00", counter=b"STO")
    till.sell("5", "2026-10-05T10:10:00", "99,00", counter=b"TRA")
    till.sell("6", "2026-10-05T11:00:00", "0,10", works=False)
    till.sell("7", "2026-10-05T12:00:00", "24,00", "-2,20")
    till.sell("8", "2026-10-05T12:30:00", "0,00", "0,00", "0,00", "0,00", "4,90")
    till.sell("9", "2026-10-31T23:59:59")
    return till


def _url64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


if __name__ == "__main__":
    (GOLDEN / "dep7").mkdir(exist_ok=True)
    (GOLDEN / "dep7/dep7.json").write_text(json.dumps(a_day().log(), indent=2) + "\n", encoding="utf-8")
