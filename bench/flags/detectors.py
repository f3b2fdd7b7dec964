"""What the flags are measured against: detectors over the same audit features, untuned.

ECOD (Li et al. 2022) and COPOD (Li et al. 2020) as PyOD has them, in a few lines; scikit-learn's isolation forest as
PyOD's IForest wraps it (100 trees of 256 samples); and the largest plain z-score.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata, skew
from sklearn.ensemble import IsolationForest

Rows = NDArray[np.float64]


def ecod(rows: Rows) -> Rows:
    left, right, own = _tails(rows)
    return np.maximum(np.maximum(left.sum(axis=1), right.sum(axis=1)), own.sum(axis=1))


def copod(rows: Rows) -> Rows:
    left, right, own = _tails(rows)
    return np.maximum((left + right) / 2, own).sum(axis=1)


def _tails(rows: Rows) -> tuple[Rows, Rows, Rows]:
    n = rows.shape[0]
    left = -np.log(np.apply_along_axis(rankdata, 0, rows, method="max") / n)
    right = -np.log(np.apply_along_axis(rankdata, 0, -rows, method="max") / n)
    bent = np.nan_to_num(skew(rows, axis=0))
    return left, right, np.where(bent < 0, left, right)


def iforest(rows: Rows) -> Rows:
    return (
        -IsolationForest(n_estimators=100, max_samples=min(256, rows.shape[0]), random_state=1)
        .fit(rows)
        .score_samples(rows)
    )


def z_score(rows: Rows) -> Rows:
    spread = rows.std(axis=0)
    return np.abs((rows - rows.mean(axis=0)) / np.where(spread > 0, spread, 1.0)).max(axis=1)


DETECTORS: dict[str, Callable[[Rows], Rows]] = {"ECOD": ecod, "COPOD": copod, "IForest": iforest, "z-score": z_score}
