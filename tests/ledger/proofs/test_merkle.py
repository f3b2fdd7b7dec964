"""Paths in the tree: every leaf's path leads to the root, and nothing else does."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.proofs import merkle


def leaves(number: int) -> list[bytes]:
    return [b"leaf %d" % each for each in range(number)]


@pytest.mark.parametrize("number", range(1, 20))
def test_the_path_of_every_leaf_leads_to_the_root(number: int) -> None:
    given_leaves = leaves(number)
    root = merkle.root(given_leaves)
    for index, leaf in enumerate(given_leaves):
        assert merkle.fold(leaf, index, number, merkle.path(given_leaves, index)) == root


@given(st.integers(1, 70), st.data())
def test_no_other_leaf_or_place_or_path_leads_there(number: int, data: st.DataObject) -> None:
    given_leaves = leaves(number)
    root, index = merkle.root(given_leaves), data.draw(st.integers(0, number - 1))
    path, leaf = merkle.path(given_leaves, index), given_leaves[index]
    assert merkle.fold(leaf + b"!", index, number, path) != root
    other = data.draw(st.integers(-1, number + 1).filter(lambda place: place != index))
    assert merkle.fold(leaf, other, number, path) != root
    assert merkle.fold(leaf, index, number, [*path, root]) is None
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        assert merkle.fold(leaf, index, number, path[:at] + path[at + 1 :]) is None
        changed = [bytes(32) if place == at else node for place, node in enumerate(path)]
        assert merkle.fold(leaf, index, number, changed) != root


def test_a_node_is_no_leaf() -> None:
    """RFC 6962: what a node hashes cannot be passed off as a leaf, so that no tree has the root of a smaller one."""
    first, second = leaves(2)
    node = hashlib.sha256(b"\x00" + first).digest() + hashlib.sha256(b"\x00" + second).digest()
    assert merkle.root([node]) != merkle.root([first, second])
