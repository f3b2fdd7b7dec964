"""A book of every revision there has been is migrated, verifies, and is what it was: the same head, root and balances.

The books are frozen (``tests/ledger/frozen.py``), and so is what is expected of them: the balances below were worked
out by hand.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.book import Book
from ledger.cases.worked import Worked
from ledger.periods import BEGINNING
from ledger.truth import REVISIONS
from tests.builders import balances, keep_bytes, post, ticket
from tests.ledger.frozen import COUNT, DOCUMENTS, FIRST, deliver, restored
from tests.postgres import Cluster

HEADS = {
    "0001": "71e912edf751f32660ed8ef7e8bc8e26343f2511def475758b0bd744fb437fe3",
    "0002": "f5eaefdcb73ebf3acc939674463c9e473b36e8f2282d030be9d2244a3d5c4116",
    "0003": "f5eaefdcb73ebf3acc939674463c9e473b36e8f2282d030be9d2244a3d5c4116",
    "0004": "906a381175550c443058f14475002be649082879bfda32bc31148ff3427294cf",
    "0005": "906a381175550c443058f14475002be649082879bfda32bc31148ff3427294cf",
    "0006": "02542b99292e8821441dc1d88aa804b8fb5b95f4327d41ab67fa1347ec3421ab",
    "0007": "57f057fdb174256b74484329886f94952b655868ecd82f1272affa9c91ae44ff",
}
ROOTS = {
    "0001": "57548e84e1341004a67cdc7453a88d852fc0b85552dada07fe368c364a81b8ef",
    "0002": "727b01f49b396516cd81cc02bfc99b0dd4defa6816e55ee8c3d73cc07402f524",
    "0003": "727b01f49b396516cd81cc02bfc99b0dd4defa6816e55ee8c3d73cc07402f524",
    "0004": "58b7e71df54576c6ee2da8f372bda90ee91e904844bdca7cf7680a9b54731425",
    "0005": "58b7e71df54576c6ee2da8f372bda90ee91e904844bdca7cf7680a9b54731425",
    "0006": "50ee793ae0115fda49d4a59b3dde2d52f4fd84f93494c2bfb9135804aeec6b31",
    "0007": "50ee793ae0115fda49d4a59b3dde2d52f4fd84f93494c2bfb9135804aeec6b31",
}
SPINE = {
    "assets:cash": 995,
    "assets:clearing:card": 780,
    "expenses:over-short": 5,
    "income:returns": 400,
    "income:sales": -2100,
    "liabilities:tax:state": -80,
}
KINDS = SPINE | {
    "assets:cash": 1995,
    "assets:clearing:card": 1852,
    "assets:clearing:marketplace-tax": -72,
    "income:comps": 1000,
    "income:sales": -5100,
}
LATE = {account: amount for account, amount in KINDS.items() if account != "liabilities:tax:state"} | {
    "assets:clearing:card": 2672,
    "income:sales": -6000,
}
TOLD = {**LATE, "assets:clearing:card": 2972, "income:sales": -6300}
BALANCES = {"0001": SPINE, "0002": KINDS, "0003": KINDS, "0004": LATE, "0005": LATE, "0006": TOLD, "0007": TOLD}


@pytest.fixture(params=["sqlite", "postgresql"])
def running(request: pytest.FixtureRequest) -> Cluster | None:
    """Where the truth is restored; None is SQLite."""
    found: Cluster | None = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
    return found


def test_every_revision_has_a_frozen_book() -> None:
    assert tuple(HEADS) == tuple(ROOTS) == tuple(BALANCES) == REVISIONS


@pytest.mark.parametrize("revision", HEADS)
def test_a_book_of_a_revision_is_migrated_and_is_what_it_was(
    tmp_path: Path, running: Cluster | None, revision: str
) -> None:
    book = Book.open(restored(tmp_path / "book", revision, running))
    try:
        outcome = book.verify()
        assert outcome.problems == ()
        commits = 8 if revision >= "0007" else 5 if revision >= "0004" else 3
        assert (book.head().seq, outcome.commits, outcome.documents) == (commits, commits, 4)
        assert book.head().hash == HEADS[revision]
        assert book.checkpoint().root == ROOTS[revision]
        assert balances(book) == BALANCES[revision]
        assert [(row.rule, row.external_id) for row in book.held()] == [("a-rule", "H1")]
        assert [one.format for one in book.exports()] == (["xero"] if revision >= "0003" else [])
        changes = [(one.start, one.state, one.reason) for one in book.periods().changes]
        assert changes == ([(BEGINNING, "locked", "October is filed")] if revision >= "0004" else [])
        worked = Worked(book.case_events())
        cases = [(one.state, one.assignee, len(one.history)) for one in worked.cases.values()]
        assert cases == ([("reopened", "Ada", 9), ("new", "", 1)] if revision >= "0007" else [])
        assert len(worked.suppressions) == len(worked.samples) == (revision >= "0007")
    finally:
        book.close()


@pytest.mark.parametrize("revision", HEADS)
def test_a_migrated_book_knows_its_tickets_again_and_goes_on(
    tmp_path: Path, running: Cluster | None, revision: str
) -> None:
    book = Book.open(restored(tmp_path / "book", revision, running))
    try:
        again = deliver(book, keep_bytes(book, DOCUMENTS[0]), [FIRST], [COUNT], [], days=9)
        assert (again.duplicates, again.posted, again.versions) == (2, 0, 0)
        assert post(book, ticket("new", taxes=[], tip_minor=7)).posted == 1
        assert book.verify().problems == ()
    finally:
        book.close()
