"""``check``: which sentences of a model's draft may be shown. It fails closed: what is not borne out is dropped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.model.claims import Checked, after, checked
from assistant.model.evidence import Evidence, Known, Topic
from assistant.model.sentence import Unsaid, items_of
from assistant.model.vocabulary import Vocabulary
from assistant.model.wording import Context

SENTENCES_MAX, SENTENCE_CHARACTERS_MAX = 12, 400
_END = re.compile(r"(?<=[.!])(?<!vs\.)\s+(?=[A-Z{“])")


@dataclass(frozen=True)
class Place:
    """The place of a figure in a text; ``size`` shows it without its sign, where a word says which way it went."""

    known: Known
    size: bool = False


Part = str | Place


@dataclass
class Verdict:
    """What is left of a draft: the parts of each sentence, figures that words rely on, and what was dropped and why."""

    kept: list[list[Part]] = field(default_factory=list)
    also: list[Known] = field(default_factory=list)
    dropped: list[tuple[str, str]] = field(default_factory=list)
    """Reason and what was wrong, of each sentence that is not shown."""

    @property
    def figures(self) -> list[Known]:
        """The figures of the text, in its order."""
        return [part.known for parts in self.kept for part in parts if isinstance(part, Place)]


def check(draft: Sequence[str], evidence: Evidence, topic: Topic) -> Verdict:
    """Check a draft, in which figures stand as ``{f1}``, sentence by sentence."""
    vocabulary = Vocabulary(evidence, topic)
    context = Context.of(topic)
    verdict = Verdict()
    sentences = [one.strip() for text in draft for one in _END.split(text.replace("**", "")) if one.strip()]
    for sentence in sentences:
        try:
            if len(verdict.kept) == SENTENCES_MAX or len(sentence) > SENTENCE_CHARACTERS_MAX:
                raise Unsaid("too_long", "it is too long")
            found = checked(items_of(sentence, evidence, vocabulary), evidence, topic, context)
        except Unsaid as unsaid:
            verdict.dropped.append((unsaid.reason, str(unsaid)))
            continue
        verdict.kept.append(_parts(sentence, found))
        verdict.also += found.also
        context = after(found, topic)
    return verdict


def _parts(sentence: str, found: Checked) -> list[Part]:
    """The sentence with its numbers as places; words that made a number less exact are left out."""
    parts: list[Part] = []
    at = 0
    for place, item in enumerate(found.items):
        gap = sentence[at : item.start]
        if parts and any(letter.isspace() for letter in gap):
            parts.append(" ")
        at = item.end
        known = found.figures.get(place)
        if known is not None:
            parts.append(Place(known, place in found.sizes))
            continue
        text = sentence[item.start : item.end]
        parts.append(f"“{text}”" if item.meaning.quoted else text)
    if parts and isinstance(parts[0], str) and parts[0]:
        parts[0] = parts[0][0].upper() + parts[0][1:]
    if not (isinstance(parts[-1], str) and parts[-1] in (".", "!")):
        parts.append(".")
    return parts
