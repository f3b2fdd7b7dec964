"""``Chat``: a question of a chat program, which keeps the chat itself and sends it whole each time.

Our conversation goes on from where the same chat stood after its last answer: a digest of the messages before the
question names it. Two chats with the same messages are at the same place; asking again, or changing an earlier
message, goes on from that place and not from a later one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from assistant.ask.answer import Answer
from assistant.ask.conversation import Conversations
from assistant.service import Service

Said = tuple[str, str]
"""A message: its role and its text."""


@dataclass(frozen=True)
class Chat:
    """The messages of the user and the assistant before a question, and the question."""

    before: tuple[Said, ...]
    question: str

    def answered(self, service: Service, today: date, written: Callable[[Answer], str]) -> str:
        """The text of the answer to the question, and from then on the chat goes on from it."""
        kept = Conversations.beside(service.book.path)
        # asked under a name of its own: what the same chat stood at before must be there if it is asked again
        turn = f"chat {uuid4().hex}"
        try:
            if self.before:
                kept.branch(_name(self.before), turn)
            text = written(service.asker.ask(self.question, today=today, conversation=turn))
            kept.branch(turn, _name((*self.before, ("user", self.question), ("assistant", text))))
        finally:
            kept.forget(turn)
        return text


def _name(said: tuple[Said, ...]) -> str:
    """The name of the conversation after some messages; how their words are spaced says nothing."""
    packed = json.dumps([(role, " ".join(text.split())) for role, text in said])
    return f"chat {hashlib.sha256(packed.encode()).hexdigest()}"
