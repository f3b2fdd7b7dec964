"""A lie must never reach the page, and the truth must. Models are scripted and speak over real HTTP."""

from __future__ import annotations

import pytest

from assistant.service import Service
from ledger.figures import Citation, open_citation
from tests.assistant.model import lies, shop
from tests.assistant.model.judge import lies_in, plain
from tests.assistant.model.stub import Stub, Transcript
from tests.assistant.model.transcripts import read

HONEST = read("honest.toml")
LIES = [*read("lies.toml"), *lies.every()]


def test_there_are_enough_of_each() -> None:
    assert len(HONEST) >= 40
    assert len(LIES) >= 200
    assert len(read("lies.toml")) >= 40
    assert len({one.id for one in LIES}) == len(LIES)
    assert all(one.lies for one in LIES)


@pytest.mark.parametrize("transcript", LIES, ids=[f"{one.kind}: {one.id}" for one in LIES])
def test_no_lie_reaches_the_answer(modelled: Service, server: Stub, transcript: Transcript) -> None:
    server.script = transcript.script()
    answer = modelled.asker.ask(transcript.question, today=shop.TODAY)
    assert server.requests, "the model was not asked"
    assert answer.model is not None
    assert lies_in(answer, transcript, server.requests[-1]["messages"]) == []
    assert answer.model.outcome in ("written", "unverified", "declined")
    assert len(answer.model.dropped) >= len(transcript.lies) or answer.model.outcome == "declined"


@pytest.mark.parametrize("transcript", HONEST, ids=[one.id for one in HONEST])
def test_the_truth_gets_through(modelled: Service, server: Stub, transcript: Transcript) -> None:
    server.script = transcript.script()
    answer = modelled.asker.ask(transcript.question, today=shop.TODAY)
    assert answer.model is not None
    assert (answer.model.outcome, answer.model.dropped) == ("written", []), answer.model
    assert answer.model.sentences == len(transcript.sentences)
    assert answer.status == "answered"
    shown = {figure.value.lstrip("-") for figure in answer.figures}
    for citation in answer.citations:
        if citation.kind == "plan":
            proof = open_citation(modelled.figures, Citation.from_token(citation.ref))
            assert str(proof.figure.value).lstrip("-") in shown
    words = [word for word in plain(transcript.sentences[0]).split() if word.isalpha()]
    assert sum(word in plain(answer.text) for word in words) >= len(words) - 2
