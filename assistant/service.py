"""``Service``: one opened book with its read models, as the command line and the server use it."""

from __future__ import annotations

import threading
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from assistant.ask import Asker
from assistant.feeds.missing import Following
from assistant.model.extras import need_packages
from assistant.settings import InstallationSettings
from ledger.book import Book
from ledger.figures import Figures

if TYPE_CHECKING:
    from assistant.model.asker import ModelAsker
    from assistant.model.usage import Tally
    from assistant.recall import Recall
    from ledger.proofs.checkpoint import Checkpoint
    from ledger.proofs.receipt import TicketProof
    from ledger.proofs.store_days import StoreDay


class Service:
    """A book, the copy of its figures, the interpreter and the recall, opened together and closed together.

    The read models follow the truth: ``refresh`` looks at the book's head, which is cheap, and catches up when another
    process has posted. Recall is opened at its first use only, for it is seldom needed and slow to load.
    """

    def __init__(self, book: Book, figures: Figures, settings: InstallationSettings) -> None:
        self.book = book
        self.figures = figures
        self.settings = settings
        self.tally: Tally | None = None
        offline = Asker(book, figures, self.recall)
        self.desk = offline.desk
        self.arrivals = Following(book)
        self.asker: Asker | ModelAsker = self._asker(offline)
        self._lock = threading.RLock()
        self._seq = book.head().seq
        self._state: tuple[Checkpoint, list[StoreDay]] | None = None

    @classmethod
    def open(cls, path: Path, settings: InstallationSettings) -> Service:
        """Open a book; NotABook when there is none at ``path``, SettingsError when a model is set whose packages are
        missing."""
        if settings.model is not None:
            need_packages(settings.model)
        book = Book.open(path)
        try:
            figures = Figures.open(book)
            figures.catch_up()
        except BaseException:
            book.close()
            raise
        return cls(book, figures, settings)

    def _asker(self, offline: Asker) -> Asker | ModelAsker:
        if self.settings.model is None:
            return offline
        from assistant.model.asker import ModelAsker
        from assistant.model.usage import Tally

        self.tally = Tally(self.book.path)
        return ModelAsker(offline, self.book, self.figures, self.recall, self.settings, self.tally)

    @cached_property
    def _opened_recall(self) -> Recall:
        from assistant.recall import Recall

        return Recall.open(self.book, self.figures, model=self.settings.embedding_model)

    def recall(self) -> Recall:
        """The summaries and their search, opened at the first call."""
        with self._lock:
            return self._opened_recall

    def refresh(self) -> None:
        """Catch up with what was posted since the last look."""
        with self._lock:
            self.book.follow_names()
            seq = self.book.head().seq
            if seq != self._seq:
                self.figures.catch_up()
                self._seq = seq

    def proof(self, external_id: str, source: str) -> TicketProof:
        """The proof of a ticket as of now; the book's store-days are read once for each of its commits."""
        with self._lock:
            if self._state is None or self._state[0].seq != self.book.head().seq:
                self._state = self.book.state()
            return self.book.prove(external_id, source, known=self._state)

    def today(self) -> date:
        """The present date where the business is."""
        return datetime.now(ZoneInfo(self.book.settings.book.time_zone)).date()

    def close(self) -> None:
        if "_opened_recall" in self.__dict__:
            self._opened_recall.close()
        self.figures.close()
        self.book.close()
