"""Questions about the house's rules ("who signs off a big refund?"): what the notes of the book say, quoted.

Only a question that no figure answers comes here, and only one that is asked as one of rules. A passage is quoted as it
stands, with its document as the citation; nothing is concluded from it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from assistant.ask.answer import Answer, Cited
from assistant.ask.lexicon import lexicon
from assistant.ask.tokens import tokens
from ledger.book import Book
from ledger.document import NOTE

if TYPE_CHECKING:
    from assistant.recall import Recall

SIMILAR = 0.45
"""The least cosine of a passage that is quoted. Of 20 questions about rules over the sample book's notes 11 are
answered so, of the 207 questions of the development set that have no answer none."""
PASSAGES_MAX = 2


def noted(question: str, book: Book, recall: Callable[[], Recall], id: str | None) -> Answer | None:
    """The passages of notes that speak of a question, or None where there is none or the question is no such one."""
    if not _asks_for_rules([token.text for token in tokens(question)]) or not book.documents(media_type=NOTE):
        return None
    hits = recall().search(question, limit=PASSAGES_MAX, kinds=("document",)).hits
    near = [hit.summary for hit in hits if hit.similarity is not None and hit.similarity >= SIMILAR]
    if not near:
        return None
    said = " ".join(f"{one.text} [{number}]" for number, one in enumerate(near, start=1))
    return Answer(
        id=id,
        status="answered",
        text=f"No figure answers that; the notes say: {said}",
        reading="notes that speak of this",
        citations=[
            Cited(id=number, kind="document", ref=one.document, url=f"/documents/{one.document}")
            for number, one in enumerate(near, start=1)
        ],
    )


def _asks_for_rules(texts: list[str]) -> bool:
    known = lexicon()
    begins = any(tuple(texts[: len(one)]) == one for one in known.procedure_begins)
    return begins or bool(known.procedure_words & {*texts})
