"""Open questions: summaries written from figures, and their search by meaning."""

from assistant.recall.search import Found, Hit, Recall

__all__ = ["Found", "Hit", "Recall"]
