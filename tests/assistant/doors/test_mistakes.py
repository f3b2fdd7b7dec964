"""A mistake of the service: at each door a sentence in its own form, and nothing of what went wrong inside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from assistant.service import Service
from assistant.settings import InstallationSettings
from tests.assistant.doors.served import served
from tests.assistant.doors.test_chat import QUESTION, ask, said
from tests.assistant.doors.test_mcp import over_http, refused, run
from tests.assistant.doors.test_slack import SECRET, command


@pytest.fixture(scope="module")
def broken(till_book: Path) -> Iterator[str]:
    """A service whose book was closed under it."""
    service = Service.open(till_book, InstallationSettings())
    with served(service, InstallationSettings(slack_signing_secret=SECRET)) as at:
        service.figures.backend.disconnect()
        yield at
    service.book.close()


def test_a_mistake_is_said_in_the_form_of_each_door(broken: str) -> None:
    with openai.OpenAI(base_url=f"{broken}/v1", api_key="none is set", max_retries=0) as client:
        with pytest.raises(openai.InternalServerError) as mistake:
            ask(client, QUESTION)
        assert isinstance(mistake.value.body, dict)
        assert (mistake.value.body["type"], mistake.value.body["code"]) == ("server_error", "internal")
    with (
        openai.OpenAI(base_url=f"{broken}/v1", api_key="none is set", max_retries=0) as client,
        pytest.raises(openai.APIError, match="made a mistake"),
    ):
        list(client.chat.completions.create(model="tillproof", messages=said(QUESTION), stream=True))
    assert "made a mistake" in command(broken, QUESTION).json()["text"]

    async def work() -> None:
        async with over_http(broken) as client:
            told = await refused(client, "ask", {"question": QUESTION})
            assert told.startswith("The service made a mistake")

    run(work)
