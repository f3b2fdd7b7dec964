"""Where the tests find what is not in the repository."""

from __future__ import annotations

from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"

DATA: Path | None = _BESIDE if _BESIDE.is_dir() else None
"""Real tills' data, where it lies beside the checkout; the tests that read it are skipped where it does not."""

needs_data = pytest.mark.skipif(DATA is None, reason="the folder with real tills' data is not beside the checkout")
