"""What the figures of a run were measured on, and with what."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path

from tests.postgres import binaries

NOT_INSTALLED = "not installed"


def machine() -> dict[str, str]:
    """The machine's description and the versions of what takes part, by name, in the order to print them."""
    programs = binaries()
    return {
        "processor": f"{len(os.sched_getaffinity(0))} cores, {_processor()}",
        "memory": f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB",
        "system": f"{platform.freedesktop_os_release()['PRETTY_NAME']}, Linux {platform.release()}",
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "PostgreSQL": NOT_INSTALLED if programs is None else _said(str(programs / "postgres"), "--version"),
        "DuckDB": version("duckdb"),
        "Polars": version("polars"),
        "hledger": _said("hledger", "--version"),
        "Beancount": version("beancount"),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _said(*command: str) -> str:
    """The version in what a program says of itself: ``hledger 1.25, linux-x86_64``, ``postgres (PostgreSQL) 15.4``."""
    if shutil.which(command[0]) is None:
        return NOT_INSTALLED
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return next(word.rstrip(",") for word in said.split() if word[0].isdigit())
