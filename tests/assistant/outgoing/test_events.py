"""What is told of commits: of each engine's books the same, signed as the Standard Webhooks say."""

from __future__ import annotations

from pathlib import Path

import openai
import pytest

from assistant.flags.desk import Desk
from assistant.outgoing import Outbox
from ledger.cases.events import Verdict
from ledger.settings import HookTarget
from tests.assistant.cases.flags import AT, flag, updated
from tests.assistant.outgoing.receiver import Receiver, receiving
from tests.ingest.shop import export, intake, new_book, row

ON_BOTH_ENGINES = True
SECRET = "whsec_c2VjcmV0IG9mIHRoZSBpbnN0YWxsYXRpb24="
BASE = "https://books.example.com"


def test_what_is_committed_is_told_in_order_with_where_it_is_proved(tmp_path: Path) -> None:
    book = new_book(tmp_path)
    with receiving(Receiver()) as receiver:
        outbox = Outbox(book, "erp", HookTarget(url=receiver.url), SECRET, BASE)
        assert outbox.send().events == 0
        file = export(tmp_path / "monday.csv", [row("1"), row("2", Paid="1.00", Note="<b>=1+1</b>"), row("3")])
        intake(book, file)
        intake(book, file)  # all of it again: nothing happened
        updated(book, flag(), flag(about=2), flag("drawn_at_random", 3, family="sample", cashier="Ada"))
        desk = Desk(book)
        (case,) = (one for one in desk.worked().cases.values() if one.cause.family == "refunds")
        desk.record(case.id, [Verdict("loss", "no receipt")], by="Ada", at=AT)
        assert outbox.send().events == 4
        assert outbox.send().events == 0
        posted, held, flagged, closed = receiver.events
        assert receiver.types == ["posted", "held", "flagged", "closed"]
        assert len({one["id"] for one in receiver.events}) == 4
        assert all(one["book"] == {"id": "shop", "name": "Shop"} for one in receiver.events)
        assert posted["data"]["counts"] == {
            "records": 3, "posted": 2, "duplicates": 0, "versions": 0, "quarantined": 1, "ignored": 0,
        }  # fmt: skip
        for told in posted["data"]["tickets"]:
            seq, n = map(int, told["url"].removeprefix(f"{BASE}/entries/").split("-"))
            entry = book.entry(seq, n)
            assert entry is not None
            assert entry.ticket is not None
            assert (entry.ticket["external_id"], told["total"]) == (told["external_id"], "9.72")
            assert told["currency"] == "USD"
        assert [one["external_id"] for one in posted["data"]["tickets"]] == ["1", "3"]
        assert held["data"]["counts"] == {"held": 1, "by_rule": {"total-does-not-add-up": 1}}
        assert held["data"]["records"][0]["url"].endswith("?locator=row+3")
        assert flagged["data"]["counts"] == {"flags": 2, "cases": 1, "opened": 1}
        assert flagged["data"]["flags"][0]["money_at_risk"] == "48.60"
        assert closed["data"]["cases"][0] == {
            "id": case.id, "url": f"{BASE}/flags/cases/{case.id[:12]}", "state": "confirmed", "outcome": "loss",
            "by": "Ada", "reason": "no receipt",
        }  # fmt: skip
        check = openai.OpenAI(api_key="none").webhooks.verify_signature
        for headers, body in receiver.taken:
            check(body.decode(), headers, secret=SECRET)
            with pytest.raises(openai.InvalidWebhookSignatureError):
                check(body.decode() + " ", headers, secret=SECRET)
        with receiving(Receiver()) as other:
            some = Outbox(book, "chat", HookTarget(url=other.url, events=("closed",)), SECRET, BASE)
            assert some.retry(after=0).events == 1
            assert other.taken[0][1] == receiver.taken[3][1]
    book.close()
