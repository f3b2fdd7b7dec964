"""How good the answers are: questions with a known truth, marked, counted, and set beside simple baselines.

``questions`` reads a file of them, ``run`` asks them, ``mark`` judges one answer, ``report`` counts, ``baselines``
answers the same questions in the ways that the interpreter has to beat.
"""

from assistant.evaluation.mark import Mark, Outcome, mark
from assistant.evaluation.questions import Expectation, Question, Truth, read_questions, split_of
from assistant.evaluation.report import Report, report
from assistant.evaluation.run import Asked, ask_all

__all__ = [
    "Asked",
    "Expectation",
    "Mark",
    "Outcome",
    "Question",
    "Report",
    "Truth",
    "ask_all",
    "mark",
    "read_questions",
    "report",
    "split_of",
]
