"""Engines of truth for the modules that run on each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import truths
from tests.postgres import Cluster, cluster


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if getattr(metafunc.module, "ON_EVERY_ENGINE", False):
        metafunc.fixturenames.insert(0, "engine")  # before whatever makes a book
        metafunc.parametrize("engine", truths.ENGINES, indirect=True, scope="module")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A private PostgreSQL for the session."""
    with cluster() as running:
        yield running


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """The engine of truth that the module's books are made on."""
    name: str = request.param
    if name == "sqlite":
        yield name
        return
    truths.use(
        request.getfixturevalue("postgresql"), "serializable" if name.endswith("serializable") else "read committed"
    )
    yield name
    truths.use(None)
