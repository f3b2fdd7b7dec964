"""``python -m bench.fuzz --inputs 10000``: damaged files of every vendor, read up to what would be posted."""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.ingest.sources.mutations import mutated, outcome
from tests.ingest.sources.test_bad_input import FILES, SETS, SETTINGS, beside
from tests.ingest.sources.vendor import GOLDEN


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_000, help="of each vendor")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--only", action="append", choices=sorted(FILES | SETS))
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else secrets.randbelow(1_000_000)
    print(
        f"seed {seed}\n\n| vendor | inputs | read | refused | slowest | held |\n| --- | --- | --- | --- | --- | --- |"
    )
    failed = False
    for vendor in given.only or FILES | SETS:
        with tempfile.TemporaryDirectory(prefix="tillproof-fuzz-") as folder:
            failed |= not _run(vendor, given.inputs, random.Random(f"{seed} {vendor}"), Path(folder))
    sys.exit(failed)


def _run(vendor: str, inputs: int, rng: random.Random, folder: Path) -> bool:
    files = [GOLDEN / file for file in (FILES | SETS)[vendor]]
    contents = {file: file.read_bytes() for file in files}
    read, slowest, problems = 0, 0.0, 0
    for number in range(inputs):
        file = rng.choice(files)
        content = mutated(contents[file], rng)
        begin = time.perf_counter()
        try:
            read += outcome(content, file.name, SETTINGS, folder, vendor, beside(vendor, file)) == "read"
        except Exception:  # whatever it is, it is what is looked for
            problems += 1
            if problems <= 3:
                traceback.print_exc()
                kept = Path(tempfile.gettempdir()) / f"fuzz-{vendor}-{number}{file.suffix}"
                kept.write_bytes(content)
                print(f"input kept in {kept}", file=sys.stderr)
        slowest = max(slowest, time.perf_counter() - begin)
    held = "yes" if not problems else f"NO: {problems}"
    print(f"| {vendor} | {inputs:,} | {read:,} | {inputs - read - problems:,} | {slowest:.2f} s | {held} |", flush=True)
    return not problems


if __name__ == "__main__":
    main()
