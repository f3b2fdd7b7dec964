"""A checkpoint that was kept elsewhere finds what a chain alone cannot: a cut end, an old copy, a history made anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.book import Book
from ledger.errors import ProofError
from ledger.proofs.checkpoint import Checkpoint, flaws, read
from tests import truths
from tests.builders import AT, event, line, make_book, post, ticket

ON_BOTH_ENGINES = True

STAMP = datetime(2026, 10, 6, 8, 0, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
PUBLIC = KEY.public_key().public_bytes_raw()


def fill(folder: Path, *, amount: int = 1000, commits: int = 3, book_id: str = "test") -> Path:
    book = make_book(folder, id=book_id)
    post(book, ticket("1", version_stamp=STAMP), ticket("2", lines=[line(amount)]))
    post(book, ticket("1", lines=[line(1100)], version_stamp=STAMP + timedelta(hours=1)), events=[event("c")])
    for commit in range(2, commits):
        post(book, ticket(f"late {commit}", store="Airport"))
    book.close()
    return folder


def checkpoint(folder: Path) -> Checkpoint:
    book = Book.open(folder)
    try:
        return book.checkpoint().signed(KEY)
    finally:
        book.close()


def examined(folder: Path, kept: Checkpoint) -> tuple[list[str], list[str]]:
    """What plain verify finds in a book, and what the checkpoint does."""
    book = Book.open(folder)
    try:
        return list(book.verify().problems), book.compare(kept)
    finally:
        book.close()


def cut(folder: Path, seq: int) -> None:
    """Take the commits after ``seq`` away so well that the book agrees with itself again."""
    for table in ("commits", "entries", "tickets", "lines", "tenders", "taxes", "events", "postings", "reversals"):
        truths.changed(folder, f"DELETE FROM {table} WHERE seq > :seq", seq=seq)
    truths.changed(
        folder, "UPDATE book_head SET seq = :seq, hash = (SELECT hash FROM commits WHERE seq = :seq)", seq=seq
    )
    truths.changed(folder, "DELETE FROM balances")
    truths.changed(
        folder,
        "INSERT INTO balances SELECT e.book_id, account, currency, store, business_date, sum(amount_minor) "
        "FROM postings p JOIN entries e ON e.seq = p.seq AND e.n = p.n GROUP BY 1, 2, 3, 4, 5",
    )


def test_a_book_agrees_with_its_checkpoint_also_after_it_grew(tmp_path: Path) -> None:
    book = make_book(tmp_path / "book")
    kept = [book.checkpoint()]
    for number in range(3):
        post(book, ticket(f"{number}", store=f"Store {number % 2}"))
        kept.append(book.checkpoint())
    assert [book.compare(one) for one in kept] == [[]] * 4
    assert [(one.seq, one.entries, one.documents, one.store_days) for one in kept] == [
        (0, 0, 0, 0), (1, 1, 1, 1), (2, 2, 1, 2), (3, 3, 1, 2),
    ]  # fmt: skip
    assert kept[3].recorded_at == "2026-11-01T12:00:00.000000Z"
    book.close()


def test_a_cut_end_is_found_though_the_book_agrees_with_itself(tmp_path: Path) -> None:
    folder = fill(tmp_path / "book", commits=5)
    kept = checkpoint(folder)
    cut(folder, 3)
    plain, found = examined(folder, kept)
    assert plain == []
    (sentence,) = found
    assert "the book ends at commit 3" in sentence
    assert "knows commit 5: its last 2 commits were taken away" in sentence


def test_an_old_copy_that_was_put_back_is_found_also_when_it_grew_again(tmp_path: Path) -> None:
    folder = fill(tmp_path / "book", commits=2)
    old = truths.copied(folder, tmp_path / "old")
    book = Book.open(folder)
    post(book, ticket("5"))
    book.close()
    kept = checkpoint(folder)
    assert examined(old, kept)[0] == []
    assert "the book ends at commit 2" in examined(old, kept)[1][0]
    book = Book.open(old)
    post(book, ticket("6"))
    book.close()
    plain, (sentence,) = examined(old, kept)
    assert plain == []
    assert sentence.startswith("commit 3 is not the one that the checkpoint has")


def test_a_history_that_was_made_anew_is_found(tmp_path: Path) -> None:
    kept = checkpoint(fill(tmp_path / "book"))
    plain, (sentence,) = examined(fill(tmp_path / "anew", amount=900, commits=6), kept)
    assert plain == []
    assert "history was rewritten at that commit or before it" in sentence


def test_entries_that_were_changed_under_an_unchanged_chain_are_found(tmp_path: Path) -> None:
    folder = fill(tmp_path / "book")
    kept = checkpoint(folder)
    assert truths.changed(folder, "UPDATE entries SET store = 'Airport' WHERE seq = 1 AND n = 1")
    found = examined(folder, kept)[1]
    assert any(one.startswith("the root over the store-days after commit 3 is") for one in found)


def test_the_checkpoint_of_another_book_is_refused(tmp_path: Path) -> None:
    kept = checkpoint(fill(tmp_path / "other", book_id="other"))
    assert examined(fill(tmp_path / "book"), kept)[1] == ["the checkpoint is of the book 'other', and this is 'test'"]


def test_a_missing_commit_is_said(tmp_path: Path) -> None:
    folder = fill(tmp_path / "book", commits=4)
    kept = checkpoint(fill(tmp_path / "same", commits=3))
    assert truths.changed(folder, "DELETE FROM commits WHERE seq = 3")
    assert "the book has no commit 3, but the checkpoint" in examined(folder, kept)[1][0]


# --- signatures -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    return checkpoint(fill(tmp_path_factory.mktemp("kept") / "book"))


def test_a_signature_is_over_what_the_specification_says(kept: Checkpoint) -> None:
    said = kept.model_dump()
    message = b"tillproof/checkpoint/1"
    for name in ("book", "seq", "hash", "recorded_at", "entries", "documents", "store_days", "root"):
        value = said[name]
        message += b"i%d;" % value if isinstance(value, int) else b"s%d:%s" % (len(value), value.encode())
    Ed25519PublicKey.from_public_bytes(PUBLIC).verify(bytes.fromhex(said["signature"]), message)
    assert flaws(kept) == flaws(kept, public_key=PUBLIC) == []
    assert read(kept.json_text(), "file") == kept


FORGERIES: dict[str, tuple[Callable[[Checkpoint], Checkpoint], str]] = {
    "a total": (lambda one: one.model_copy(update={"entries": one.entries + 1}), "do not give its digest"),
    "the hash": (lambda one: one.model_copy(update={"hash": "0" * 64}), "one of them was changed"),
    "the signature": (
        lambda one: one.model_copy(update={"signature": "0" * 128}),
        "the signature of the checkpoint is not of its values by its key",
    ),
    "the key": (
        lambda one: one.model_copy(update={"public_key": OTHER.public_key().public_bytes_raw().hex()}),
        "the signature of the checkpoint is not of its values by its key",
    ),
    "no signature": (lambda one: one.model_copy(update={"signature": None, "public_key": None}), "is not signed"),
    "half of it": (lambda one: one.model_copy(update={"signature": None}), "a key without its signature"),
    "no point of the curve": (lambda one: one.model_copy(update={"public_key": "f" * 64}), "not of its values"),
}


@pytest.mark.parametrize("what", FORGERIES)
def test_a_forged_checkpoint_is_found(kept: Checkpoint, what: str) -> None:
    forge, sentence = FORGERIES[what]
    assert any(sentence in one for one in flaws(forge(kept))), flaws(forge(kept))


def test_a_checkpoint_by_another_key_is_found_where_the_key_is_known(kept: Checkpoint) -> None:
    forged = kept.signed(OTHER)
    assert flaws(forged) == []
    assert any("signed with another key" in one for one in flaws(forged, public_key=PUBLIC))


@pytest.mark.parametrize("change", ['"seq": 3', '"root"', '"signature"', "{"])
def test_what_is_no_checkpoint_is_said_in_a_sentence(kept: Checkpoint, change: str) -> None:
    with pytest.raises(ProofError, match=r"cp\.json is not a checkpoint of Tillproof: "):
        read(kept.json_text().replace(change, '"x": 1' if change.startswith('"seq') else '"y', 1), "cp.json")


# --- since -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book of five commits, to be copied."""
    return fill(tmp_path_factory.mktemp("five") / "book", commits=5)


def test_only_what_came_later_is_replayed(five: Path) -> None:
    book = Book.open(five)
    try:
        whole, later = book.verify(), book.verify(since=3)
        assert (whole.commits, whole.since, later.commits, later.since) == (5, 0, 2, 3)
        assert (whole.problems, later.problems, later.entries) == ((), (), 2)
        assert book.verify(since=5).ok
        assert book.verify(since=6).problems == ("commit 6: missing, so that nothing can be checked since then",)
        assert book.commit_before(AT) == 0
        assert book.commit_before(AT + timedelta(seconds=1)) == 5
    finally:
        book.close()


LATER = {
    "UPDATE lines SET net_minor = net_minor + 1 WHERE seq = 5": "ticket late 4",
    "UPDATE commits SET records = 7 WHERE seq = 4": "commit 4: its link",
    "DELETE FROM postings WHERE seq = 4": "entry 4-0",
    "UPDATE entries SET seal = (SELECT min(seal) FROM entries WHERE seq < 3) WHERE seq = 4": "entry 4-0",
    "DELETE FROM entries WHERE seq = 5": "commit 5: it has other entries",
    "UPDATE balances SET amount_minor = amount_minor + 1": "in USD they are off by",
    "UPDATE commits SET hash = previous WHERE seq = 3": "commit 4: its link",
    "UPDATE book_head SET hash = (SELECT previous FROM commits WHERE seq = 5)": "head of the book",
}


@pytest.mark.parametrize("statement", LATER)
def test_a_change_in_what_came_later_is_found(five: Path, tmp_path: Path, statement: str) -> None:
    folder = truths.copied(five, tmp_path / "book")
    assert truths.changed(folder, statement)
    book = Book.open(folder)
    try:
        assert any(LATER[statement] in one for one in book.verify(since=3).problems), book.verify(since=3).problems
    finally:
        book.close()


def test_a_change_before_is_not_looked_for(five: Path, tmp_path: Path) -> None:
    folder = truths.copied(five, tmp_path / "book")
    assert truths.changed(folder, "UPDATE lines SET net_minor = net_minor + 1 WHERE seq = 2")
    book = Book.open(folder)
    try:
        assert book.verify(since=3).ok
        assert not book.verify().ok
    finally:
        book.close()
