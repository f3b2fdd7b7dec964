"""Questions about flags: of stores, people, dates and tickets, as the last scan found them and people judged them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from assistant.flags.flag import Flag
from assistant.service import Service
from assistant.settings import InstallationSettings
from ledger.cases.events import Filed, Verdict
from tests.assistant.cases.flags import of_till, updated

TODAY = date(2026, 10, 22)
NOW = datetime(2026, 10, 22, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def looked_at(till_book: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, tuple[Flag, ...]]]:
    folder = tmp_path_factory.mktemp("flagged") / "book"
    shutil.copytree(till_book, folder, ignore=shutil.ignore_patterns("recall", "facts.duckdb*", "*.lock"))
    opened = Service.open(folder, InstallationSettings())
    found = tuple(of_till(opened.book))
    updated(opened.book, *found, at=NOW, today=TODAY)
    yield opened, found
    opened.close()


def test_without_a_scan_it_is_said_that_none_was_made(service: Service) -> None:
    answer = service.asker.ask("anything suspicious last week?", today=TODAY)
    assert answer.status == "abstained"
    assert "tillproof flags scan" in answer.text


def test_each_sentence_cites_its_flag_and_the_page_of_it(looked_at: tuple[Service, tuple[Flag, ...]]) -> None:
    service, found = looked_at
    answer = service.asker.ask("which tickets were flagged?", today=TODAY)
    assert answer.status == "answered"
    by_id = {flag.id: flag for flag in found}
    assert {one.kind for one in answer.citations} == {"flag"}
    for one in answer.citations:
        assert f"{by_id[one.ref].reason} [{one.id}]" in answer.text
        assert one.url == f"/flags/flag/{one.ref}"


def test_stores_and_dates_narrow_it(looked_at: tuple[Service, tuple[Flag, ...]]) -> None:
    service, found = looked_at
    answer = service.asker.ask("anything odd at Downtown in October?", today=TODAY)
    assert answer.reading == "flags, store Downtown, 2026-10-01 to 2026-10-31"
    wanted = {
        flag.reason
        for flag in found
        if flag.store == "Downtown"
        and flag.business_date is not None
        and date(2026, 10, 1) <= flag.business_date <= date(2026, 10, 31)
    }
    told = {row[-1] for row in answer.table.rows} if answer.table else {answer.text.rsplit(" [", 1)[0]}
    assert told == (wanted or {"No flag was raised there that is still open."})


def test_one_ticket_is_asked_by_its_number(looked_at: tuple[Service, tuple[Flag, ...]]) -> None:
    service, found = looked_at
    flag = next(one for one in found if one.external_id)
    answer = service.asker.ask(f"why was ticket {flag.external_id} flagged?", today=TODAY)
    assert flag.reason in answer.text
    assert service.asker.ask("is ticket 99887766 flagged?", today=TODAY).text == (
        "Ticket 99887766 has no flag that is still open."
    )


def test_what_was_dismissed_is_told_no_more(looked_at: tuple[Service, tuple[Flag, ...]]) -> None:
    service, _ = looked_at
    first = service.desk.ranked()[0]
    service.book.record_cases([Filed(first.case.id, "Mara", Verdict("expected", "as every year"))], at=NOW)
    answer = service.asker.ask("which tickets were flagged?", today=TODAY)
    assert first.head.reason not in answer.text


def test_what_flags_do_not_have_is_named(looked_at: tuple[Service, tuple[Flag, ...]]) -> None:
    answer = looked_at[0].asker.ask("any flags for scones last week?", today=TODAY)
    assert answer.status == "abstained"
    assert "store, cashier, ticket and date" in answer.text
