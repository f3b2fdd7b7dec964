"""Commands in a process of their own: their seconds, and the peak memory of all processes that they start.

Memory is the proportional set size (PSS) of the process and its descendants together, so that a page that several
share counts once, read from ``/proc`` four times a second. A peak between two readings is not seen.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

READ_EVERY_S = 0.25


@dataclass(frozen=True)
class Finished:
    """A command that ended well: what it printed, its seconds with its start, and its peak memory."""

    output: str
    seconds: float
    peak_mib: float


def python(*arguments: str) -> Finished:
    """Run Python with some arguments. Ends the benchmarks with what it wrote to stderr where it fails."""
    peak_kib = 0
    begin = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while True:
            try:
                output, complaint = process.communicate(timeout=READ_EVERY_S)
                break
            except subprocess.TimeoutExpired:
                peak_kib = max(peak_kib, _pss_kib(process.pid))
    seconds = time.perf_counter() - begin
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed:\n{complaint}")
    return Finished(output, seconds, peak_kib / 1024)


def tillproof(*arguments: str) -> Finished:
    """Run a command of Tillproof's."""
    return python("-m", "assistant.cli", *arguments)


def _pss_kib(process: int) -> int:
    """PSS of a process and its descendants; one that ends while it is read counts nothing."""
    folder = Path(f"/proc/{process}")
    try:
        told = (folder / "smaps_rollup").read_text(encoding="utf-8")
        children = (folder / "task" / str(process) / "children").read_text(encoding="utf-8").split()
    except OSError:
        return 0
    own = next((int(line.split()[1]) for line in told.splitlines() if line.startswith("Pss:")), 0)
    return own + sum(_pss_kib(int(child)) for child in children)
