"""The small book of ``tests/assistant/server/till.py``, opened once a test process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.service import Service
from assistant.settings import InstallationSettings
from tests.assistant.server import till


@pytest.fixture(scope="session")
def till_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return till.make(tmp_path_factory.mktemp("till"))


@pytest.fixture(scope="session")
def service(till_book: Path) -> Iterator[Service]:
    opened = Service.open(till_book, InstallationSettings())
    yield opened
    opened.close()
