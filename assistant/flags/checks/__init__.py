"""Certain checks: what arithmetic and counting tell, never left to statistics. Each gives findings."""

CERTAIN = 1e6
"""How much likelier a certain finding is where something is wrong: it is wrong."""
