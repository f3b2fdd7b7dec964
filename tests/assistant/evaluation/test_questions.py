"""The development set: questions as people type them, and that the SQL of every truth runs over the raw files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.evaluation import read_questions, split_of
from tests.assistant.evaluation.books import BOOKS, Subject
from tests.assistant.evaluation.truth import KINDS, TOPICS, asked, with_truth

FIRST_SPLITS = ["development", "validation", "validation", "development", "validation", "development"]
EVERY = [one for book in BOOKS for one in asked(book)]


def test_there_are_enough_of_each_kind() -> None:
    kinds = Counter(one["kind"] for one in EVERY)
    assert len(EVERY) >= 450
    assert kinds["unanswerable"] + kinds["ambiguous"] >= 0.12 * len(EVERY)
    assert kinds["attack"] >= 0.07 * len(EVERY)
    assert set(kinds) == set(KINDS)


def test_topics_are_a_closed_list_and_ids_are_told_apart() -> None:
    assert {one["topic"] for one in EVERY} == set(TOPICS)
    assert len({one["id"] for one in EVERY}) == len(EVERY)
    assert len({(one["book"], one["today"], one["question"], one.get("conversation")) for one in EVERY}) == len(EVERY)


def test_the_turns_of_a_conversation_stand_in_order_and_in_one_split() -> None:
    turns: dict[str, list[int]] = {}
    for one in EVERY:
        if "conversation" in one:
            turns.setdefault(one["conversation"], []).append(one["turn"])
    assert len(turns) >= 15
    assert all(found == list(range(1, len(found) + 1)) for found in turns.values())


def test_the_split_is_about_seventy_to_thirty_and_stays() -> None:
    splits = Counter(split_of(one.get("conversation") or one["id"]) for one in EVERY)
    assert 0.65 <= splits["development"] / len(EVERY) <= 0.75
    assert [split_of(f"sm00{number}") for number in range(1, 7)] == FIRST_SPLITS


@pytest.mark.parametrize("book", BOOKS)
def test_every_truth_is_computed_and_the_file_can_be_read(
    book: str, subject: Callable[[str], Subject], tmp_path: Path
) -> None:
    raw = subject(book).raw
    lines = [with_truth(one, raw) for one in asked(book)]
    file = tmp_path / f"{book}.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    read = read_questions(file)
    assert [one.id for one in read] == [one["id"] for one in asked(book)]
    assert all(one.expect.answerable == ("sql" in line) for one, line in zip(read, asked(book), strict=True))
