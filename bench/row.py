"""A row of the table that the benchmarks print."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measurement: what was done, what came out of it, the bar that it is held to and whether it held.

    ``held`` is None where there is no bar, or where nothing could be measured, which ``measured`` then says.
    """

    work: str
    measured: str
    bar: str = ""
    held: bool | None = None

    @classmethod
    def at_least(cls, work: str, value: float, least: float, measured: str) -> Row:
        """A row whose value must not be under its bar."""
        return cls(work, measured, f">= {least:,}", value >= least)

    @classmethod
    def at_most(cls, work: str, value: float, most: float, measured: str, unit: str = "") -> Row:
        """A row whose value must not be over its bar."""
        return cls(work, measured, f"<= {most:,}{unit}", value <= most)

    def markdown(self) -> str:
        """The row of the Markdown table."""
        held = {True: "yes", False: "NO", None: ""}[self.held]
        return f"| {self.work} | {self.measured} | {self.bar} | {held} |"
