"""``python -m tests.assistant.evaluation FOLDER [BOOK ...]``: the books, and the files of questions with their truths,
for ``tillproof eval FOLDER/BOOK/book FOLDER/BOOK.jsonl``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.assistant.evaluation.books import BOOKS, Subject
from tests.assistant.evaluation.truth import asked, with_truth


def main(folder: Path, names: list[str]) -> None:
    for name in names:
        (folder / name).mkdir(parents=True)
        subject = Subject(name, folder / name)
        lines = [json.dumps(with_truth(one, subject.raw), ensure_ascii=False) for one in asked(name)]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        subject.close()
        print(f"tillproof eval {subject.folder} {folder / name}.jsonl")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or list(BOOKS))
