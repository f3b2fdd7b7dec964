"""Keys for checkpoints: Ed25519, as PEM files that OpenSSL reads too. This is where they are made and read."""

from __future__ import annotations

import os
import re
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from ledger.errors import ProofError
from ledger.settings import FILE

_HEX = re.compile(r"[0-9a-f]{64}")


def make(path: Path) -> bytes:
    """Make a key: the private one at ``path``, for its owner's eyes only (mode 0600), the public one beside it as
    ``path.pub``. Gives the public key, 32 bytes.

    Raises ProofError when there is a file already, and in a book's folder: whoever can change the book could sign
    what he made of it.
    """
    for folder in path.resolve().parents:
        if (folder / FILE).exists():
            raise ProofError(f"{path} is in the book {folder}; keep the key that signs a book somewhere else")
    key = Ed25519PrivateKey.generate()
    public = key.public_key()
    _write(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    _write(public_path(path), public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), 0o644)
    return public.public_bytes_raw()


def public_path(path: Path) -> Path:
    """Where the public half of a key lies."""
    return path.with_name(path.name + ".pub")


def private(path: Path) -> Ed25519PrivateKey:
    """The private key in a file; ProofError says what is wrong with it."""
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise ProofError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ProofError(f"{path} is not a private key; make one with 'tillproof keygen FILE'") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ProofError(f"{path} is a key of another kind than Ed25519; make one with 'tillproof keygen FILE'")
    return key


def public(given: str) -> bytes:
    """A public key, 32 bytes, from its 64 hex digits or from a file; ProofError says what is wrong with it."""
    if _HEX.fullmatch(given):
        return bytes.fromhex(given)
    try:
        key = load_pem_public_key(Path(given).read_bytes())
    except OSError as error:
        raise ProofError(f"{given} cannot be read: {error.strerror}") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ProofError(f"{given} is not a public key; give the .pub file that 'tillproof keygen' made") from None
    if not isinstance(key, Ed25519PublicKey):
        raise ProofError(f"{given} is a public key of another kind than Ed25519")
    return key.public_bytes_raw()


def _write(path: Path, content: bytes, mode: int) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
    except FileExistsError:
        raise ProofError(f"{path} is there already; a key is never overwritten, so give another name") from None
    except OSError as error:
        raise ProofError(f"{path} cannot be written: {error.strerror}") from None
