"""The process of its own in which a document on paper is read: what is hostile in it can take a minute of time and
two gigabytes of memory, and nothing else. ``python -m ingest.paper.child FILE PICTURES`` writes the sheet as JSON to
stdout.

It imports no part of the ledger, which would take longer than to read a receipt.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

SECONDS_MAX = 60
MEMORY_BYTES_MAX = 2 << 30


def _main() -> None:
    from ingest.paper import pages  # here, lest the parent loads the libraries of PDFs and pictures, too

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_MAX, SECONDS_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        said: dict[str, object] = {"sheet": pages.read(Path(sys.argv[1]), Path(sys.argv[2])).plain()}
    except pages.Refused as error:
        said = {"problem": str(error)}
    except (MemoryError, RecursionError):
        said = {"problem": "is refused: it unfolds to more than any document on paper needs"}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    _main()
