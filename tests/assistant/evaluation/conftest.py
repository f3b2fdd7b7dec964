"""The books of the evaluation, each made once a test process."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.assistant.evaluation.books import IN_DATA, Subject
from tests.places import DATA


@pytest.fixture(scope="session")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Subject]]:
    """A book by its name; skipped where its data is not beside the checkout."""
    made: dict[str, Subject] = {}

    def get(name: str) -> Subject:
        if name in IN_DATA and DATA is None:
            pytest.skip("the folder with real tills' data is not beside the checkout")
        if name not in made:
            made[name] = Subject(name, tmp_path_factory.mktemp(name))
        return made[name]

    yield get
    for one in made.values():
        one.close()
