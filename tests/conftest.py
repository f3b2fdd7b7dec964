"""Engines of truth for the modules that run on each, and the seed of all drawn examples.

Every run draws other examples, in CI too. It says its seed in its first line, and the same seed draws the same again:
``pytest --hypothesis-seed=N``, or ``PYTEST_ADDOPTS=--hypothesis-seed=N make test``.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests import truths
from tests.postgres import Cluster, cluster

settings.register_profile(
    "tillproof",
    max_examples=300 if os.environ.get("CI") else 100,
    derandomize=False,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tillproof")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Draw the seed where none is given. The processes of xdist are handed the options of the first."""
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(secrets.randbelow(1_000_000_000))


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Say the seed; pytest's own header is not there when it is told to be quiet."""
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None:
        terminal.write_line(f"examples are drawn with --hypothesis-seed={session.config.option.hypothesis_seed}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    every = getattr(metafunc.module, "ON_EVERY_ENGINE", False)
    if every or getattr(metafunc.module, "ON_BOTH_ENGINES", False):
        metafunc.fixturenames.insert(0, "engine")  # before whatever makes a book
        engines = truths.ENGINES if every else truths.ENGINES[:2]
        metafunc.parametrize("engine", engines, indirect=True, scope="module")


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
