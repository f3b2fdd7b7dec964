"""The service on a socket, without a key and with one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.service import Service
from assistant.settings import InstallationSettings
from tests.assistant.doors.served import served

KEY = "correct horse battery staple"


@pytest.fixture(scope="module")
def address(service: Service) -> Iterator[str]:
    with served(service, InstallationSettings()) as at:
        yield at


@pytest.fixture(scope="module")
def locked(service: Service) -> Iterator[str]:
    """The address of a service with the key ``KEY``."""
    with served(service, InstallationSettings(api_key=KEY)) as at:
        yield at
