"""The learned score: an isolation forest over audit features, each first said as how rare its value is among peers.

The forest is scikit-learn's, fitted with a fixed seed on a fixed reference. What is kept of it are the arrays of its
trees (``Forest``), which are data: a model that is read back runs nothing but the arithmetic below, and a row's score
depends on that row alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

SEED = 20_260_101
TREES = 64
SAMPLES_MAX = 4096
ROWS_AT_ONCE = 8_192
"""So many rows of some forty features stay in a processor's cache."""


@dataclass(frozen=True)
class Forest:
    """Trees one after the other in flat arrays: ``roots`` are where each begins; of a node its ``feature`` (-1: a
    leaf), its ``threshold`` (``<=`` goes left), its children, and the ``depth`` that a row which ends there counts
    for."""

    roots: Ints
    feature: Ints
    threshold: Floats
    left: Ints
    right: Ints
    depth: Floats
    normal: float
    """The mean depth of a row among as many as a tree was grown from."""

    @classmethod
    def fit(cls, rows: NDArray[np.float32]) -> Forest:
        """Grow a forest on some rows of features."""
        from sklearn.ensemble import IsolationForest

        samples = min(SAMPLES_MAX, rows.shape[0])
        grown = IsolationForest(n_estimators=TREES, max_samples=samples, random_state=SEED).fit(rows)
        roots, parts, after = [], [], 0
        for tree, columns in zip(grown.estimators_, grown.estimators_features_, strict=True):
            nodes = tree.tree_
            inner = nodes.children_left >= 0
            feature = np.where(inner, np.asarray(columns)[np.where(inner, nodes.feature, 0)], -1)
            parts.append(
                (
                    feature,
                    nodes.threshold,
                    np.where(inner, nodes.children_left + after, 0),
                    np.where(inner, nodes.children_right + after, 0),
                    _depths(nodes.children_left, nodes.children_right) + _mean_depth(nodes.n_node_samples),
                )
            )
            roots.append(after)
            after += nodes.node_count
        joined = [np.concatenate(column) for column in zip(*parts, strict=True)]
        return cls(
            np.array(roots, np.int32),
            joined[0].astype(np.int32),
            joined[1].astype(float),
            joined[2].astype(np.int32),
            joined[3].astype(np.int32),
            joined[4].astype(float),
            float(_mean_depth(np.array([samples]))[0]),
        )

    def score(self, rows: NDArray[np.float32], least: float = 0.0) -> Floats:
        """The isolation score of each row, from 0 (like the others) to 1.

        A row without any feature of at least ``least`` has 0: it is like the others, and most are.
        """
        found = np.zeros(rows.shape[0])
        looked_at = np.nonzero(rows.max(axis=1, initial=0.0) >= least)[0]
        for start in range(0, looked_at.size, ROWS_AT_ONCE):
            places = looked_at[start : start + ROWS_AT_ONCE]
            part = rows[places]
            total = np.zeros(part.shape[0])
            for root in self.roots:
                total += self.depth[self._leaves(part, int(root))]
            found[places] = 2.0 ** (-total / (self.roots.size * self.normal))
        return found

    def _leaves(self, rows: NDArray[np.float32], root: int) -> NDArray[np.int64]:
        """The leaf of one tree that each row ends in."""
        node = np.full(rows.shape[0], root, np.int64)
        going = np.arange(rows.shape[0])
        while going.size:
            at = node[going]
            feature = self.feature[at]
            inner = feature >= 0
            going, at, feature = going[inner], at[inner], feature[inner]
            if going.size:
                goes_left = rows[going, feature] <= self.threshold[at]
                node[going] = np.where(goes_left, self.left[at], self.right[at])
        return node


def _depths(left: Ints, right: Ints) -> Floats:
    """How many steps each node of a tree is from its root; children come after their parents."""
    depth = np.zeros(left.size)
    for node in range(left.size):
        if left[node] >= 0:
            depth[left[node]] = depth[right[node]] = depth[node] + 1
    return depth


def _mean_depth(rows: NDArray[np.int64]) -> Floats:
    """The mean depth of an unsuccessful search in a binary tree of so many rows (Liu, Ting and Zhou 2008, eq. 1)."""
    n = rows.astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        large = 2.0 * (np.log(n - 1.0) + np.euler_gamma) - 2.0 * (n - 1.0) / n
    return np.where(n > 2, large, np.where(n == 2, 1.0, 0.0))
