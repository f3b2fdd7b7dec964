"""Open questions: what the summaries say, how a search is narrowed, and that nothing leaves the machine."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from assistant.recall import Recall
from assistant.recall.embed import PINNED, carried_model, check_files
from assistant.recall.summaries import SummaryWriter
from assistant.service import Service
from ledger.errors import SettingsError
from ledger.figures import Period, open_citation

TODAY = date(2026, 10, 22)
SATURDAY = date(2026, 10, 17)


@pytest.fixture(scope="module")
def recall(service: Service) -> Iterator[Recall]:
    opened = service.recall()
    yield opened


def test_a_summary_names_its_store_and_its_date_in_full(service: Service) -> None:
    (day, *_) = SummaryWriter(service.figures).write(["Downtown"], SATURDAY, SATURDAY, ["day"])
    assert day.title == "Downtown, Saturday 17 October 2026"
    assert day.text.startswith(day.title)
    assert day.title in day.gist


def test_every_number_of_a_summary_opens_to_its_entries(service: Service) -> None:
    summaries = SummaryWriter(service.figures).write(["Downtown"], date(2026, 10, 12), date(2026, 10, 18))
    assert {one.kind for one in summaries} == {"day", "week", "cashier_week", "ticket"}
    for summary in summaries:
        assert summary.figures
        for figure in summary.figures:
            proof = open_citation(service.figures, figure.citation)
            assert proof.figure.value == figure.value
            assert figure.shown in summary.text
            if proof.unit == "money" and proof.contributions:
                assert Decimal(proof.total) / 100 == figure.value


def test_a_search_looks_only_at_the_stores_and_days_of_the_question(recall: Recall) -> None:
    period = Period(start=SATURDAY, end=SATURDAY)
    found = recall.search("what happened", stores=["Downtown"], period=period, limit=10)
    assert found.hits
    assert {hit.summary.store for hit in found.hits} == {"Downtown"}
    assert {hit.summary.start for hit in found.hits} == {SATURDAY}


def test_meaning_decides_within_them(recall: Recall) -> None:
    whole = Period(start=date(2026, 10, 1), end=date(2026, 10, 21))
    found = recall.search("the biggest refund, money given back", stores=(), period=whole, limit=3)
    assert all("return" in hit.summary.text.lower() for hit in found.hits)
    assert [hit.distance for hit in found.hits] == sorted(hit.distance for hit in found.hits)


def test_an_open_question_is_answered_with_cited_figures(service: Service) -> None:
    answer = service.asker.ask("what happened at Downtown on Saturday?", today=TODAY)
    assert answer.status == "answered"
    assert "Downtown, Saturday 17 October 2026" in answer.text
    assert answer.reading == "summaries, store Downtown, 2026-10-17"
    assert {one.kind for one in answer.citations} == {"plan", "summary"}
    assert all(f"[{figure.citation}]" in answer.text for figure in answer.figures)


def test_a_second_process_shares_the_book_without_touching_its_vectors(recall: Recall, service: Service) -> None:
    """Two writers corrupt an embedded Chroma; the second keeps its vectors in memory."""
    script = (
        "import sys, datetime, pathlib; from assistant.service import Service; "
        "from assistant.settings import InstallationSettings as S; "
        "s = Service.open(pathlib.Path(sys.argv[1]), S()); "
        "print(s.asker.ask('what happened at Downtown on Saturday', today=datetime.date(2026, 10, 22)).status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(service.book.path)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.strip() == "answered", done.stderr
    assert recall.search("day", stores=["Downtown"], period=Period(start=SATURDAY, end=SATURDAY), limit=1).hits


def test_nothing_reaches_for_the_network(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    recall = Recall.open(service.book, service.figures)
    try:
        whole = Period(start=date(2026, 10, 1), end=date(2026, 10, 7))
        assert recall.search("anything unusual", stores=(), period=whole, limit=2).hits
    finally:
        recall.close()


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    for name in PINNED:
        shutil.copy(carried_model() / name, tmp_path / name)
    check_files(tmp_path, PINNED)
    with (tmp_path / "config.json").open("ab") as file:
        file.write(b" ")
    with pytest.raises(SettingsError, match=r"config\.json is not the file that was checked"):
        check_files(tmp_path, PINNED)
