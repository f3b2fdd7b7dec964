"""The errors that a person or a caller can act on.

    TillproofError
    ├── InputError            something that came from outside is wrong
    │   ├── DocumentError     a document as a whole: unreadable, wrong encoding, missing column
    │   ├── MappingError      a mapping file does not say what it must
    │   ├── ProofError        a proof, checkpoint or key file does not say what it must, or has no answer in the book
    │   ├── ArchiveError      a backup that cannot be read, is not whole, or is of something else
    │   └── PullError         a vendor's service refuses, is out of reach or answers what it must not
    ├── BookError             the book itself
    │   ├── NotABook          no book at that path, or one made by a newer version
    │   ├── BookBusy          another process is writing
    │   ├── PeriodError       a period cannot be changed like that
    │   ├── CaseError         a case cannot be worked like that
    │   │   ├── NoCase        there is none of that number
    │   │   └── CaseMoved     it has changed since it was looked at
    │   ├── BookMoved         its truth is in another database
    │   ├── BookUnwritable    the disk or the database under it is full, read-only, failing or out of reach
    │   ├── BookDamaged       its database is damaged as a file
    │   ├── SettingsError     book.toml does not say what it must
    │   └── SealBroken        a record no longer matches its seal
    ├── PostingError          an entry that would not balance; a defect if it ever reaches a person
    └── PlanError             a plan that cannot be run: unknown name, or metric and dimension that do not go together

A message is one sentence: what, where (document, row) and what to do. A wrong *ticket* is no error: it goes to
quarantine (see ``ledger.batch.Held``) and the rest of its document is posted.
"""

from __future__ import annotations


class TillproofError(Exception):
    """Root of the tree; the command line prints its message on one line and exits with 1."""


class InputError(TillproofError):
    """Something that came from outside is wrong."""


class DocumentError(InputError):
    """A document as a whole cannot be read."""


class MappingError(InputError):
    """A mapping file does not say what it must."""


class ProofError(InputError):
    """A proof, checkpoint or key file does not say what it must, or asks for what the book does not have."""


class ArchiveError(InputError):
    """A backup cannot be read, is not whole, or is of something else."""


class PullError(InputError):
    """A vendor's service refuses, is out of reach or answers what it must not; ``wait_s`` is how long it said to
    wait."""

    def __init__(self, message: str, wait_s: float = 0) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class BookError(TillproofError):
    """Something is wrong with the book itself."""


class NotABook(BookError):
    """There is no book at that path, or it was made by a newer version."""


class BookBusy(BookError):
    """Another process is writing to the book."""


class BookMoved(BookError):
    """The book's truth is in another database than the one that was to be written."""


class BookUnwritable(BookError):
    """The disk or the database under the book is full, read-only, failing or out of reach.

    What was begun was not done. Only where a database went away while it committed can that not be told: then it is
    there whole or not at all, and doing the same again posts nothing twice.
    """


class BookDamaged(BookError):
    """The database of the book is damaged as a file."""


class PeriodError(BookError):
    """A period cannot be changed like that: no order, no name, no reason, or nothing that would change."""


class CaseError(BookError):
    """A case cannot be worked like that: a state that it cannot go to, no reason, or somebody's own case."""


class NoCase(CaseError):
    """There is no case, suppression or sample of that number."""


class CaseMoved(CaseError):
    """A case has changed since whoever decides looked at it."""


class SettingsError(BookError):
    """``book.toml`` does not say what it must."""


class SealBroken(BookError):
    """A record no longer matches its seal."""


class PostingError(TillproofError):
    """An entry that would not balance reached the book's edge."""


class PlanError(TillproofError):
    """A plan names something unknown, or a metric and a dimension that do not go together."""
