"""Certain checks: what arithmetic and counting tell, never left to statistics. Each gives findings."""

SELDOM = 0.005
"""A check of single tickets is as sure as it says where it fires on at most this share of them: one that fires on
many has come upon a habit of the till, or of its mapping."""


def less_sure(likelihood: float, fired: int, of: int, seldom: float = SELDOM) -> float:
    """The likelihood of a check's findings, less the more of its subjects it fires on."""
    return max(1.0, likelihood * min(1.0, seldom * max(of, 1) / max(fired, 1)) ** 2)


CERTAIN = 1e6
"""How much likelier a certain finding is where something is wrong: it is wrong."""
