"""Questions with a letter wrong, as fingers do it: the truth stays, and they show how often a mended word is right."""

from __future__ import annotations

import hashlib
import re

from assistant.ask.lexicon import lexicon
from assistant.evaluation.questions import Question

LETTERS_MIN = 5
_WORD = re.compile(r"[^\W\d_]+")


def misspelt(question: Question) -> Question | None:
    """The question with one word misspelt, which word and how by a hash of its id; None where it has none to misspell,
    or belongs to a conversation, whose turns rest on each other."""
    words = [
        found
        for found in _WORD.finditer(question.question)
        if len(found[0]) >= LETTERS_MIN and found[0].lower() not in lexicon().stop
    ]
    if not words or question.conversation is not None:
        return None
    dice = int.from_bytes(hashlib.sha256(f"misspelt {question.id}".encode()).digest()[:8], "big")
    word = words[dice % len(words)]
    dice //= len(words)
    said = word[0]
    place = 1 + dice % (len(said) - 2)  # neither the first letter nor the last
    wrong = _WRONG[dice // len(said) % len(_WRONG)](said, place)
    text = question.question[: word.start()] + wrong + question.question[word.end() :]
    return question.model_copy(update={"question": text})


_WRONG = (
    lambda word, at: word[:at] + word[at + 1 :],  # a letter left out
    lambda word, at: word[:at] + word[at] + word[at:],  # a letter twice
    lambda word, at: word[:at] + word[at + 1] + word[at] + word[at + 2 :],  # two letters turned round
)
