"""Whether an untrue sentence is in an answer: by its words and the numbers that it would show, not by the checker."""

from __future__ import annotations

import re

from assistant.ask import Answer
from tests.assistant.model import shop
from tests.assistant.model.stub import Messages, Seen, Transcript, shown


def lies_in(answer: Answer, transcript: Transcript, messages: Messages) -> list[str]:
    """The untrue sentences of a transcript that stand in an answer."""
    seen = Seen(messages)
    text = plain(answer.text)
    if answer.model is not None and answer.model.outcome != "written":
        for name in (shop.ORDER, shop.MONEY):  # the offline text names items as the data has them; a name says nothing
            text = text.replace(plain(name), "")
    found = []
    for place in transcript.lies:
        sentence = transcript.sentences[place]
        try:
            told = re.sub(r"<([=@]?)([^<>]+)>", lambda one: _value(seen, one), sentence)
        except (KeyError, StopIteration, IndexError):
            continue  # it never was sent the figure, and so could not say it
        for part in re.split(r"(?<=[.!])\s+", told):
            if plain(part).strip(". ") and plain(part).strip(". ") in text:
                found.append(part)
    return found


def plain(text: str) -> str:
    """A text without citations, signs of size, bold and case, so that the same saying is the same text."""
    return re.sub(r"\s+", " ", re.sub(r"\s*\[\d+\]|\*\*", "", text)).lower().replace("+", "")


def _value(seen: Seen, found: re.Match[str]) -> str:
    if found[1]:
        return seen._one(found)
    return shown(seen.figure(found[2]))
