"""A checkpoint and a proof as they were written once (``tests/golden/seals``), which every later version must accept.

They are of the frozen book of revision 0004, signed with the key whose secret is the bytes 0 to 31. A change that makes
one of these tests fail breaks the checkpoints and proofs that people keep.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.book import Book
from ledger.proofs import checkpoint, receipt
from ledger.proofs.check import check
from ledger.proofs.checkpoint import flaws
from tests.builders import make_book, post
from tests.ledger.frozen import restored
from tests.ledger.test_seals import FIRST, GENESIS, SEAL, TICKET, i, linked, s, sha

GOLDEN = Path(__file__).parents[2] / "golden" / "seals"
SECRET = bytes(range(32))
PUBLIC = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
DIGEST = "6ef96b10b6762e215fdb2e9118d9ef0a4b9ea3c18297e6ee373dc951e397f436"
SIGNATURE = (
    "2309dcd09ccecbf232a0e247a778352f83326a1b6c13c140b97cc9fc0f4be6bd"
    "e30ebeb42f29b1393e04c793b7e504d4cacf0326a2221c2f9545af1a9871e205"
)
"""Of the checkpoint of the book of one ticket that ``test_seals.py`` computes by hand."""


def test_the_digest_and_signature_of_a_checkpoint(tmp_path: Path) -> None:
    day = sha(b"tillproof/store-day/1", s("Café Süd"), s("2026-10-05"), b"i1;", b"h32:", sha(b"\x00", SEAL))
    root = sha(b"\x00", day).hex()
    message = b"".join(
        [
            b"tillproof/checkpoint/1",
            *(s("test"), i(1), s(linked(GENESIS, **FIRST).hex()), s("2026-11-01T12:00:00.000000Z")),
            *(i(1), i(1), i(1), s(root)),  # entries, documents, store-days, root
        ]
    )
    assert hashlib.sha256(message).hexdigest() == DIGEST
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(PUBLIC)).verify(bytes.fromhex(SIGNATURE), message)
    book = make_book(tmp_path / "book")
    try:
        post(book, TICKET)
        made = book.checkpoint().signed(Ed25519PrivateKey.from_private_bytes(SECRET))
    finally:
        book.close()
    assert (made.root, made.digest, made.public_key, made.signature) == (root, DIGEST, PUBLIC, SIGNATURE)


def test_the_frozen_checkpoint_holds_and_the_frozen_book_agrees_with_it(tmp_path: Path) -> None:
    kept = checkpoint.read((GOLDEN / "checkpoint.json").read_text("utf-8"), "checkpoint.json")
    assert flaws(kept, public_key=bytes.fromhex(PUBLIC)) == []
    book = Book.open(restored(tmp_path / "book", "0004", None))
    try:
        assert book.compare(kept) == []
    finally:
        book.close()


@pytest.mark.parametrize("name", ["proof.json", "checkpoint.json"])
def test_the_frozen_files_are_written_the_same_today(tmp_path: Path, name: str) -> None:
    book = Book.open(restored(tmp_path / "book", "0004", None))
    try:
        kept = book.checkpoint().signed(Ed25519PrivateKey.from_private_bytes(SECRET))
        text = kept.json_text() if name == "checkpoint.json" else book.prove("1", at=kept).json_text()
    finally:
        book.close()
    assert text == (GOLDEN / name).read_text("utf-8")


def test_the_frozen_proof_holds_without_the_book() -> None:
    text = (GOLDEN / "proof.json").read_text("utf-8")
    kept = checkpoint.read((GOLDEN / "checkpoint.json").read_text("utf-8"), "checkpoint.json")
    proof = receipt.read(text, "proof.json")
    assert check(proof, checkpoint=kept, public_key=bytes.fromhex(PUBLIC)) == []
    assert (len(proof.versions), proof.live) == (3, 3)
    changed = json.loads(text)
    changed["versions"][2]["ticket"]["total_minor"] += 1
    assert check(receipt.read(json.dumps(changed), "proof.json")) != []
