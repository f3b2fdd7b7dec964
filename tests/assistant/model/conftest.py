"""The shop's book opened with a model that answers from a local server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from assistant.service import Service
from assistant.settings import InstallationSettings
from ledger.figures import Plan, Result
from tests.assistant.model import shop
from tests.assistant.model.stub import Stub, stub


@pytest.fixture(scope="session")
def shop_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop.make(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="session")
def model_server() -> Iterator[Stub]:
    with stub() as server:
        yield server


@pytest.fixture(scope="session")
def modelled(shop_book: Path, model_server: Stub) -> Iterator[Service]:
    """The book with a model switched on."""
    pytest.importorskip("langchain_openai")
    opened = Service.open(shop_book, settings(model_server))
    run: Callable[[Plan], Result] = cache(opened.figures.run)
    opened.figures.run = run  # type: ignore[method-assign]  # the book stands still, and its results with it
    opened.figures.span = cache(opened.figures.span)  # type: ignore[method-assign]
    yield opened
    opened.close()


@pytest.fixture
def server(model_server: Stub) -> Stub:
    """The model's server with nothing asked of it yet."""
    model_server.requests.clear()
    return model_server


def settings(server: Stub, **given: object) -> InstallationSettings:
    values: dict[str, object] = {"model": "openai:stub", "model_url": server.url, **given}
    return InstallationSettings.model_validate(values)
