"""Checkpoints: what a book was at one commit, signed, to be kept where whoever can write to the book cannot.

A chain of hashes shows a change in its middle, but not that its end was taken away, an old copy was put back, or all
of it was made anew. A checkpoint kept elsewhere does: the book must still have that commit, with that hash, and the
store-days as known then must still have that root.

Signatures are Ed25519 (RFC 8032) over ``Checkpoint.message``; a key comes as an argument, never from here.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Final, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection, distinct, func, select

from ledger import tables as t
from ledger.errors import ProofError
from ledger.proofs.content import instant_text
from ledger.proofs.store_days import StoreDay, book_root, store_days
from ledger.seals import GENESIS, framed

VERSION: Final = "tillproof/checkpoint/1"
SIGNED = ("book", "seq", "hash", "recorded_at", "entries", "documents", "store_days", "root")

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]


class Checkpoint(BaseModel):
    """A book after its commit ``seq``.

    ``hash`` is that commit's link, ``recorded_at`` its instant (None for an empty book), ``entries`` and ``documents``
    how many its commits put in and came from, ``root`` the Merkle root over its ``store_days``. ``digest`` is the
    SHA-256 of all that; ``public_key`` and ``signature`` are None where nobody has signed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal["tillproof/checkpoint/1"]
    book: str
    seq: Count
    hash: Digest
    recorded_at: str | None
    entries: Count
    documents: Count
    store_days: Count
    root: Digest
    digest: Digest
    public_key: Digest | None
    signature: Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")] | None

    def message(self) -> bytes:
        """What is signed: the format, then the values in order, each with its type and length before it."""
        return VERSION.encode() + b"".join(framed(getattr(self, name)) for name in SIGNED)

    def signed(self, key: Ed25519PrivateKey) -> Checkpoint:
        """The same checkpoint with a signature."""
        return self.model_copy(
            update={
                "public_key": key.public_key().public_bytes_raw().hex(),
                "signature": key.sign(self.message()).hex(),
            }
        )

    def json_text(self) -> str:
        """The checkpoint as its file."""
        return json.dumps(self.model_dump(), indent=1, ensure_ascii=False) + "\n"


def read(text: str, name: str) -> Checkpoint:
    """A checkpoint from the text of its file; ProofError names the file and what is wrong with it."""
    try:
        return Checkpoint.model_validate_json(text)
    except ValidationError as error:
        raise ProofError(f"{name} is not a checkpoint of Tillproof: {wrong_place(error)}") from None


def wrong_place(error: ValidationError) -> str:
    """The first thing that is wrong with a file, and where."""
    first = error.errors()[0]
    where = ".".join(str(step) for step in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])


def take(connection: Connection, book_id: str, upto: int | None = None) -> tuple[Checkpoint, list[StoreDay]]:
    """The book after a commit (its last one where none is given), unsigned, and the store-days under its root.

    Raises ProofError when the book has no such commit.
    """
    if upto is None:
        upto = connection.scalar(select(t.book_head.c.seq).where(t.book_head.c.book_id == book_id)) or 0
    c = t.commits.c
    last = connection.execute(select(c.hash, c.recorded_at).where(c.book_id == book_id, c.seq == upto)).first()
    if last is None and upto:
        raise ProofError(f"the book has no commit {upto}")
    entries = connection.scalar(select(func.sum(c.entries)).where(c.book_id == book_id, c.seq <= upto))
    documents = connection.scalar(
        select(func.count(distinct(t.intakes.c.document)))
        .select_from(t.commits)
        .join(t.intakes, (t.intakes.c.book_id == c.book_id) & (t.intakes.c.number == c.intake))
        .where(c.book_id == book_id, c.seq <= upto)
    )
    days = store_days(connection, book_id, upto)
    unsealed = Checkpoint(
        format=VERSION,
        book=book_id,
        seq=upto,
        hash=(last.hash if last else GENESIS).hex(),
        recorded_at=instant_text(last.recorded_at) if last else None,
        entries=int(entries or 0),
        documents=documents or 0,
        store_days=len(days),
        root=book_root(days).hex(),
        digest="0" * 64,
        public_key=None,
        signature=None,
    )
    return unsealed.model_copy(update={"digest": hashlib.sha256(unsealed.message()).hexdigest()}), days


def flaws(checkpoint: Checkpoint, *, public_key: bytes | None = None, must_be_signed: bool = True) -> list[str]:
    """What is wrong with a checkpoint in itself, a sentence each; with ``public_key`` (32 bytes) it must be by that
    key."""
    found = []
    if hashlib.sha256(checkpoint.message()).hexdigest() != checkpoint.digest:
        found.append("the checkpoint is not as it was made: its values do not give its digest")
    if checkpoint.signature is None or checkpoint.public_key is None:
        if checkpoint.signature or checkpoint.public_key:
            found.append("the checkpoint has a signature without its key, or a key without its signature")
        elif must_be_signed or public_key is not None:
            found.append("the checkpoint is not signed, so anybody can have made it")
        return found
    if public_key is not None and checkpoint.public_key != public_key.hex():
        found.append(
            f"the checkpoint is signed with another key ({checkpoint.public_key[:16]}) than the one that was given "
            f"({public_key.hex()[:16]})"
        )
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(checkpoint.public_key)).verify(
            bytes.fromhex(checkpoint.signature), checkpoint.message()
        )
    except InvalidSignature:
        found.append("the signature of the checkpoint is not of its values by its key: one of them was changed")
    return found


def compare(connection: Connection, book_id: str, checkpoint: Checkpoint) -> list[str]:
    """How the book differs from what a checkpoint says of it, a sentence each. What the book's own records say is
    not trusted beyond what ``verify`` replays: run both."""
    if checkpoint.book != book_id:
        return [f"the checkpoint is of the book {checkpoint.book!r}, and this is {book_id!r}"]
    head = connection.scalar(select(t.book_head.c.seq).where(t.book_head.c.book_id == book_id)) or 0
    known = f"the checkpoint of {checkpoint.recorded_at or 'the empty book'} knows commit {checkpoint.seq}"
    if head < checkpoint.seq:
        return [
            f"the book ends at commit {head}, but {known}: its last {checkpoint.seq - head} commits were taken away, "
            "or an old copy was put in its place"
        ]
    try:
        now, _ = take(connection, book_id, checkpoint.seq)
    except ProofError:
        return [f"the book has no commit {checkpoint.seq}, but {known}"]
    if now.hash != checkpoint.hash:
        return [
            f"commit {checkpoint.seq} is not the one that the checkpoint has: its hash is {now.hash[:16]}, not "
            f"{checkpoint.hash[:16]}; history was rewritten at that commit or before it"
        ]
    said = {
        "recorded_at": "when commit {seq} was recorded",
        "entries": "how many entries the commits up to {seq} have",
        "documents": "how many documents the commits up to {seq} came from",
        "store_days": "how many store-days there were after commit {seq}",
        "root": "the root over the store-days after commit {seq}",
    }
    return [
        f"{what.format(seq=checkpoint.seq)} is {getattr(now, name)} in the book, but {getattr(checkpoint, name)} in "
        "the checkpoint"
        for name, what in said.items()
        if getattr(now, name) != getattr(checkpoint, name)
    ]
