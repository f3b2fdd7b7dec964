"""The proof of a ticket: every ticket has one that holds, and no value in it can be changed unnoticed."""

from __future__ import annotations

import copy
import hashlib
import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.book import Book
from ledger.errors import ProofError, SealBroken
from ledger.proofs.check import check
from ledger.proofs.receipt import TicketProof, read
from tests import truths
from tests.builders import AT, DAY, event, line, make_book, post, sale_batch, ticket
from tests.ledger.test_laws import histories

ON_BOTH_ENGINES = True

STAMP = datetime(2026, 10, 6, 8, 0, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """Three commits; ticket 1 in two versions, ticket 2 in two sources, a void that posted nothing, a till event."""
    made = make_book(tmp_path_factory.mktemp("proofs") / "book")
    sold = [line(1000, discount=100, tax_minor=72), line(250, kind="fee"), line(80, voided=True)]
    post(
        made,
        ticket("1", lines=sold, tax=72, tip_minor=100, version_stamp=STAMP, memo="ü & <b>"),
        ticket("2", store="Café Süd"),
        ticket("3", kind="void_before_tender"),
        events=[event("c", counted_minor=990, expected_minor=1000)],
    )
    post(
        made,
        ticket("1", lines=[line(1100)], tax=80, version_stamp=STAMP + timedelta(hours=1)),
        *(ticket(f"9{number}", business_date=DAY + timedelta(days=number % 3)) for number in range(7)),
    )
    web = made.begin_intake(hashlib.sha256(b"").hexdigest(), "web", AT)
    made.post(sale_batch(ticket("2", source="web")), intake=web, at=AT, last=True)
    yield made
    made.close()


def problems(changed: Any) -> list[str]:
    """What a check finds in a proof that was changed; a file that cannot even be read says so."""
    try:
        return check(read(json.dumps(changed), "proof.json"))
    except ProofError as error:
        return [str(error)]


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where each single value of a file stands."""
    if isinstance(value, (dict, list)):
        for key, inside in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inside, (*place, key))
    else:
        yield place


def others(value: Any) -> list[Any]:
    """Other values that could stand there just as well, and one that could not."""
    if isinstance(value, bool):
        return [not value, int(value), None]
    if isinstance(value, int):
        return [value + 1, value - 1, -value - 3, float(value), None]
    if isinstance(value, str):
        flipped = ("1" if value[:1] == "0" else "0") + value[1:]
        return [flipped, value + "x", value.upper() + " ", None, ""] if value else ["x", None]
    return ["x", 0, False]


def changed_at(document: Any, place: tuple[Any, ...], value: Any) -> Any:
    made = copy.deepcopy(document)
    inside = made
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = value
    return made


@pytest.mark.parametrize(
    ("number", "source", "versions", "live"), [("1", None, 2, 2), ("2", "web", 1, 1), ("3", "pos", 1, 1)]
)
def test_a_ticket_has_a_proof_that_holds_without_the_book(
    book: Book, number: str, source: str | None, versions: int, live: int
) -> None:
    proof = book.prove(number, source)
    assert check(read(proof.json_text(), "proof.json")) == []
    assert (len(proof.versions), proof.live) == (versions, live)
    assert proof.versions[0].ticket["external_id"] == number
    assert proof.book.hash == book.head().hash


def test_all_versions_are_in_one_proof_with_their_reversals(book: Book) -> None:
    old, new = book.prove("1").versions
    assert [one.kind for one in old.entries] == ["ticket", "reversal"]
    assert [one.kind for one in new.entries] == ["ticket"]
    assert (old.lines[0]["gross_minor"], new.lines[0]["gross_minor"]) == (1000, 1100)
    assert old.entries[1].postings == tuple(
        one.model_copy(update={"amount_minor": -one.amount_minor}) for one in old.entries[0].postings
    )


def test_no_value_of_a_proof_can_be_changed_unnoticed(book: Book) -> None:
    """Every value of the file, one at a time, to several others; of a proof with a signature and a reversal."""
    document = json.loads(book.prove("1", at=book.checkpoint().signed(KEY)).json_text())
    tried = 0
    for place in places(document):
        value = document
        for step in place:
            value = value[step]
        for other in others(value):
            if other != value or type(other) is not type(value):
                tried += 1
                assert problems(changed_at(document, place, other)), (place, value, other)
    assert tried > 500


def test_no_value_of_an_unsigned_proof_can_be_changed_unnoticed_either(book: Book) -> None:
    document = json.loads(book.prove("2", "pos").json_text())
    for place in places(document):
        value = document
        for step in place:
            value = value[step]
        if value is not None:
            assert problems(changed_at(document, place, others(value)[0])), (place, value)


CHANGES: dict[str, tuple[tuple[Any, ...], Any, str]] = {
    "amount": (("versions", 0, "lines", 0, "net_minor"), 1, "line 1: net_minor is 1, but the sealed content says 900"),
    "total": (("versions", 0, "ticket", "total_minor"), 5, "ticket: total_minor is 5, but the sealed content says"),
    "memo": (("versions", 0, "ticket", "memo"), None, "ticket: memo is None, but the sealed content says 'ü & <b>'"),
    "ticket's store": (("versions", 1, "ticket", "store"), "Airport", "version 2 of ticket 1, ticket: store is"),
    "entry's store": (("versions", 1, "entries", 0, "store"), "Airport", "are not what was sealed (Airport"),
    "date": (("versions", 0, "entries", 1, "business_date"), "2026-10-06", "reversal entry: its store, business date"),
    "posting": (("versions", 0, "entries", 0, "postings", 0, "amount_minor"), 7, "its postings are off by"),
    "account": (("versions", 0, "entries", 0, "postings", 0, "account"), "assets:cash", "are not what was sealed"),
    "path": (("versions", 0, "entries", 0, "path", 0), "0" * 64, "path does not lead to the root of Downtown"),
    "leaf": (("versions", 0, "entries", 0, "leaf"), 99, "path does not lead to the root of Downtown"),
    "root": (("store_days", 0, "root"), "0" * 64, "path does not lead to the root of Downtown on 2026-10-05"),
    "store-day's path": (("store_days", 0, "path", 0), "0" * 64, "does not lead to the root of the book test"),
    "store-day's size": (("store_days", 0, "entries"), 12, "does not lead to the root of the book test"),
    "live": (("live",), 1, "says that version 1 is live, but version 2 has no reversal"),
    "book's root": (("book", "root"), "0" * 64, "does not lead to the root of the book test"),
    "head": (("book", "hash"), "0" * 64, "its values do not give its digest"),
    "content": (("versions", 0, "content"), "T", "its canonical content does not give its digest"),
    "format": (("format",), "tillproof/proof/2", "proof.json is not a proof of Tillproof: format: "),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_was_changed_is_named(book: Book, what: str) -> None:
    place, value, sentence = CHANGES[what]
    found = problems(changed_at(json.loads(book.prove("1").json_text()), place, value))
    assert any(sentence in one for one in found), found


def test_a_content_that_was_forged_together_with_its_digest_is_found(book: Book) -> None:
    document = json.loads(book.prove("2", "web").json_text())
    version = document["versions"][0]
    version["content"] = version["content"].replace("i1000;", "i9000;")
    version["digest"] = hashlib.sha256(b"tillproof/content/1\n" + version["content"].encode()).hexdigest()
    version["lines"][0] |= {"gross_minor": 9000, "net_minor": 9000}
    version["ticket"]["total_minor"] = version["tenders"][0]["amount_minor"] = 9000
    (found,) = problems(document)
    assert "postings or content are not what was sealed" in found


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"format": "tillproof/proof/1"}', '"\\ud800"', "9" * 5000, "[" * 9000]
)
def test_what_is_no_proof_is_said_in_a_sentence(text: str) -> None:
    with pytest.raises(ProofError, match=r"proof\.json is not a proof of Tillproof: "):
        read(text, "proof.json")


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet="TLPXsindbt0123456789:;-x", max_size=60))
def test_any_text_in_the_place_of_the_content_is_told_from_it(book: Book, text: str) -> None:
    document = json.loads(book.prove("3").json_text())
    document["versions"][0]["content"] = text
    assert any("canonical content does not give its digest" in one for one in problems(document))


def test_a_ticket_that_is_not_there_and_one_in_two_sources_are_said(book: Book) -> None:
    with pytest.raises(ProofError, match="the book has no ticket 'nowhere' up to commit 3"):
        book.prove("nowhere")
    with pytest.raises(ProofError, match="has no ticket '1' of source 'web'"):
        book.prove("1", "web")
    with pytest.raises(ProofError, match="is in the sources pos, web; say which with --source"):
        book.prove("2")


def test_a_proof_for_an_earlier_checkpoint_shows_the_ticket_as_it_was_known_then(tmp_path: Path) -> None:
    book = make_book(tmp_path / "book")
    try:
        post(book, ticket("1", version_stamp=STAMP), ticket("2"))
        earlier = book.checkpoint().signed(KEY)
        post(book, ticket("1", lines=[line(5)], version_stamp=STAMP + timedelta(hours=1)))
        then, now = book.prove("1", at=earlier), book.prove("1")
        assert (len(then.versions), then.live, then.book) == (1, 1, earlier)
        assert (len(now.versions), now.live) == (2, 2)
        assert check(then, checkpoint=earlier, public_key=PUBLIC) == []
        assert check(then, public_key=PUBLIC) == []
        (said,) = check(now, checkpoint=earlier)
        assert said.startswith("the proof is of the book after commit 2, the checkpoint after commit 1")
        assert check(now, public_key=PUBLIC) == ["the checkpoint is not signed, so anybody can have made it"]
    finally:
        book.close()


def test_a_proof_of_another_book_or_another_history_does_not_lead_to_a_checkpoint(tmp_path: Path, book: Book) -> None:
    kept = book.checkpoint().signed(KEY)
    rewritten, stranger = make_book(tmp_path / "rewritten"), make_book(tmp_path / "stranger", id="stranger")
    for made in (rewritten, stranger):
        post(made, ticket("1"))
        post(made, ticket("2"))
        post(made, ticket("3"))
        with pytest.raises(SealBroken):
            made.prove("1", at=kept)
    (found,) = check(rewritten.prove("1"), checkpoint=kept)
    assert found == "the proof does not lead to the book that the checkpoint has after commit 3"
    (found,) = check(stranger.prove("1"), checkpoint=kept)
    assert found == "the proof is of the book 'stranger', the checkpoint of 'test'"
    rewritten.close()
    stranger.close()


def test_a_book_that_was_changed_gives_no_proof(tmp_path: Path) -> None:
    book = make_book(tmp_path / "book")
    post(book, ticket("1"), ticket("2"))
    assert truths.changed(book.path, "UPDATE lines SET net_minor = net_minor + 1 WHERE n = 0")
    with pytest.raises(SealBroken, match=r"the book has no proof of ticket '1': .*run 'tillproof verify'"):
        book.prove("1")
    assert check(book.prove("2")) == []
    book.close()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories(most=4), st.data())
def test_every_ticket_of_every_book_has_a_proof_that_one_changed_value_breaks(
    history: tuple[list[Any], list[Any]], data: st.DataObject
) -> None:
    tickets, events = history
    with tempfile.TemporaryDirectory() as folder:
        book = make_book(Path(folder) / "book")
        try:
            half = len(tickets) // 2
            post(book, *tickets[:half], events=events)
            post(book, *tickets[half:])
            proofs = [book.prove(number) for number in {one["external_id"] for one in tickets}]
        finally:
            book.close()
    for proof in proofs:
        assert check(proof) == []
    document = json.loads(data.draw(st.sampled_from(proofs)).json_text())
    place = data.draw(st.sampled_from(list(places(document))))
    value: Any = document
    for step in place:
        value = value[step]
    other = data.draw(st.sampled_from(others(value)).filter(lambda one: (type(one), one) != (type(value), value)))
    assert problems(changed_at(document, place, other)), (place, value, other)


def test_a_proof_is_written_the_same_each_time(book: Book) -> None:
    proof: TicketProof = book.prove("1")
    assert proof.json_text() == book.prove("1").json_text() == read(proof.json_text(), "p").json_text()
