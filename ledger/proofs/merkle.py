"""A Merkle tree: leaves and nodes told apart as in RFC 6962, section 2.1; an odd node is carried up unchanged.

    leaf = SHA-256(0x00 || bytes)      node = SHA-256(0x01 || left || right)      of no leaves: SHA-256 of nothing

A level is paired from the left. Where it has an odd number of nodes, the last is carried up as it is (RFC 6962 splits
at a power of two instead, which gives the same tree).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence


def root(leaves: Iterable[bytes]) -> bytes:
    """The root over leaves in their order, 32 bytes."""
    level = _leaf_level(leaves)
    if not level:
        return hashlib.sha256().digest()
    while len(level) > 1:
        level = _level_above(level)
    return level[0]


def path(leaves: Iterable[bytes], index: int) -> list[bytes]:
    """What leads from the leaf at an index (from 0) to the root: the nodes beside it, lowest first."""
    level, found = _leaf_level(leaves), []
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            found.append(level[beside])
        level, index = _level_above(level), index // 2
    return found


def fold(leaf: bytes, index: int, leaves: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a path leads to from a leaf at ``index`` of so many ``leaves``; None where no tree of that size
    has such a leaf or such a path."""
    if not 0 <= index < leaves:
        return None
    node, rest = hashlib.sha256(b"\x00" + leaf).digest(), list(path)
    while leaves > 1:
        if index ^ 1 < leaves:
            if not rest:
                return None
            beside = rest.pop(0)
            node = hashlib.sha256(b"\x01" + (beside + node if index & 1 else node + beside)).digest()
        index, leaves = index // 2, (leaves + 1) // 2
    return None if rest else node


def _leaf_level(leaves: Iterable[bytes]) -> list[bytes]:
    return [hashlib.sha256(b"\x00" + each).digest() for each in leaves]


def _level_above(level: Sequence[bytes]) -> list[bytes]:
    paired = [
        hashlib.sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)
    ]
    return [*paired, *level[len(paired) * 2 :]]
