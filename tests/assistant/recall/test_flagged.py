"""What was flagged is found by questions in words, cites its flags, and follows the cases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from assistant.flags.cases import update
from assistant.recall import Recall
from assistant.recall.wording import EVERYTHING, FlagSentence, Summary
from assistant.service import Service
from assistant.settings import InstallationSettings
from ledger.cases.events import FlagGone, Verdict
from ledger.figures import Period
from tests.assistant.cases.flags import of_till

TODAY = date(2026, 10, 22)


@pytest.fixture(scope="module")
def flagged(till_book: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = Path(shutil.copytree(till_book, tmp_path_factory.mktemp("flagged") / "book"))
    opened = Service.open(folder, InstallationSettings())
    update(opened.book, of_till(opened.book), at=datetime.now(UTC), today=TODAY)
    yield opened
    opened.close()


def found(recall: Recall, text: str, **narrow: object) -> list[Summary]:
    hits = recall.search(text, limit=8, kinds=EVERYTHING, **narrow).hits  # type: ignore[arg-type]
    return [hit.summary for hit in hits if hit.summary.kind == "flag"]


def test_a_question_in_words_finds_what_was_flagged_and_cites_it(flagged: Service) -> None:
    answer = flagged.asker.ask("what was going on with suspicious drawers that came up short?", today=TODAY)
    assert answer.status == "answered"
    assert "Ada's drawer was $48.65 short. [" in answer.text
    cited = [one for one in answer.citations if one.kind == "flag"]
    known = flagged.desk.worked().flags()
    assert cited
    assert all(one.ref in known and one.url == f"/flags/flag/{one.ref}" for one in cited)
    numbers = [one.id for one in answer.citations]
    assert numbers == list(range(1, len(numbers) + 1))


def test_what_was_flagged_is_narrowed_by_store_and_day_and_does_not_crowd_other_questions(flagged: Service) -> None:
    recall = flagged.recall()
    day = Period(start=date(2026, 10, 14), end=date(2026, 10, 14))
    [missing] = [
        one for one in found(recall, "is data missing?", stores=["Downtown"], period=day) if "missing" in one.title
    ]
    assert missing.start == day.start
    assert found(recall, "is data missing?", period=Period(start=date(2026, 9, 1), end=date(2026, 9, 2))) == []
    plain = recall.search(
        "what happened",
        stores=["Downtown"],
        period=Period(start=TODAY.replace(day=12), end=TODAY.replace(day=18)),
        limit=3,
        kinds=EVERYTHING,
    )
    assert plain.hits[0].summary.kind != "flag"


def test_the_summaries_follow_the_cases(flagged: Service) -> None:
    recall, desk = flagged.recall(), flagged.desk
    question = "suspicious drawers that came up short"
    [drawer] = [one for one in found(recall, question) if "Drawer" in one.title]
    assert drawer.text.endswith("Nobody has looked at it yet.")
    [sentence] = [part for part in drawer.parts if isinstance(part, FlagSentence)]
    case = drawer.id.rpartition("|")[2]
    desk.record(case, [Verdict("loss", "seen on camera")], by="Lin", at=datetime.now(UTC))
    [drawer] = [one for one in found(recall, question) if "Drawer" in one.title]
    assert drawer.text.endswith("The case is confirmed: loss.")
    assert "Lin" not in drawer.text
    [tax] = [one for one in found(recall, "wrong tax was taken, unusual") if "Tax rate" in one.title]
    gone = tax.id.rpartition("|")[2]
    flag = desk.find(gone).flags[0].flag
    desk.record(gone, [FlagGone(flag)], by="Tillproof", at=datetime.now(UTC))
    assert [one for one in found(recall, "wrong tax was taken, unusual") if "Tax rate" in one.title] == []
    assert sentence.flag in desk.worked().flags()
