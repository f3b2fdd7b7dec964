"""``Watcher``: takes the complete files of one folder into a book, and moves each once what it brings is durable.

A file is moved after its commit. Whatever ends the watcher in between, the file is still there and is taken again,
which posts nothing twice. What went into the book goes to ``done/``, also where tickets of it are held: these are
released from the book. What could not be read as a document goes to ``held/``, with the reason in a file beside it;
once a mapping is there, it is moved back. A file that changed while it was taken stays, and is taken again when it is
complete.
"""

from __future__ import annotations

import json
import logging
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from ingest.pipeline import take
from ingest.watch.folder import Folder, Seen, Unreachable, Where, move, say_why
from ingest.watch.settling import Settling
from ledger.book import Book
from ledger.document import DocumentRecord
from ledger.errors import BookError, BookUnwritable, DocumentError, TillproofError
from ledger.writing import Commit

Outcome = Literal["done", "held", "waiting", "changed"]
WHY_CHARACTERS_MAX = 2_000
"""A sentence that names what a file has is cut: a file may have anything."""
log = logging.getLogger("tillproof.watch")


@dataclass(frozen=True)
class Told:
    """What became of one file. ``held`` counts what was held by rule, ``moved_to`` is its place below the folder.

    ``records == posted + duplicates + versions + quarantined + ignored``. Of a set the counts stand with its first
    file; the others say which that is in ``set_of``. ``why`` is why it is not done, None where it is.
    """

    folder: str
    file: str
    outcome: Outcome
    document: str | None = None
    source: str | None = None
    records: int = 0
    posted: int = 0
    duplicates: int = 0
    versions: int = 0
    quarantined: int = 0
    ignored: int = 0
    held: dict[str, int] = field(default_factory=dict)
    why: str | None = None
    moved_to: str | None = None
    set_of: str | None = None
    seconds: float = 0.0

    def line(self) -> str:
        """One line of JSON, in ASCII."""
        return json.dumps(vars(self) | {"seconds": round(self.seconds, 3)})


@dataclass
class _Taking:
    """What is learnt while some files are taken together: their documents by name, and the commits."""

    documents: dict[str, str] = field(default_factory=dict)
    sources: dict[str, None] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)

    def kept(self, path: Path, record: DocumentRecord) -> None:
        self.documents[path.name] = record.id

    def committed(self, commit: Commit) -> None:
        self.sources[commit.written.source] = None
        for name in ("records", "posted", "duplicates", "versions", "quarantined", "ignored"):
            self.counts[name] += getattr(commit, name)
        self.held.update(one.rule for one in commit.held if one.disposition == "quarantined")


class Watcher:
    """The files of one folder. ``source`` is where they come from where they do not tell it; with ``together`` all that
    are there make one set, and are taken when each of them is complete."""

    def __init__(
        self,
        book: Book,
        folder: Folder,
        settling: Settling,
        tell: Callable[[Told], None],
        *,
        source: str | None = None,
        together: bool = False,
    ) -> None:
        self.folder = folder
        self._book = book
        self._settling = settling
        self._tell = tell
        self._source = source
        self._together = together
        self._taken: dict[Seen, Told] = {}

    def look(self, now: float) -> list[Seen]:
        """Take what is complete, and tell what became of it; what is not complete yet.

        ``now`` is in seconds of a clock that only goes on. Raises Unreachable, BookError and OSError where that failed
        for no reason of the file's: it stays, and is to be taken again.
        """
        files = self.folder.files()
        candidates = self._settling.candidates(files)
        complete = self._settling.complete(files, now)
        self._taken = {one: told for one, told in self._taken.items() if one in candidates}
        ready = [one for one in candidates if one.name in complete]
        waiting = [one for one in candidates if one.name not in complete]
        if self._together and waiting:
            return candidates
        for group in [ready] if self._together and ready else [[one] for one in ready]:
            self._take(group)
        return waiting

    def tell_waiting(self, files: Sequence[Seen]) -> None:
        """Tell files that stay, since they are not complete yet."""
        for one in files:
            self._tell(Told(self.folder.place, one.name, "waiting", why="it is not complete yet, and stays"))

    def _take(self, files: Sequence[Seen]) -> None:
        """Take files that belong together, then move them: what was taken and could not be moved is only moved."""
        if not all(one in self._taken for one in files):
            told = self._posted(files)
            if told is None:
                return
            self._taken |= dict(zip(files, told, strict=True))
        for one in files:
            self._tell(self._moved(one, self._taken[one]))
            del self._taken[one]

    def _posted(self, files: Sequence[Seen]) -> list[Told] | None:
        """What became of files in the book; None where one of them is gone, for somebody else took it."""
        begin, taking = time.perf_counter(), _Taking()
        with tempfile.TemporaryDirectory(prefix="tillproof-watch-") as scratch:
            try:
                paths = [self._fetched(one, Path(scratch)) for one in files]
            except FileNotFoundError:
                return None
            except DocumentError as error:
                why: str | None = str(error)
            else:
                why = self._post(paths, taking)
        if why is not None and self._one_is_gone(files):
            return None
        seconds = time.perf_counter() - begin
        first = Told(
            folder=self.folder.place,
            file=files[0].name,
            outcome="done" if why is None else "held",
            document=taking.documents.get(files[0].name),
            source=" + ".join(taking.sources) or None,
            records=taking.counts["records"],
            posted=taking.counts["posted"],
            duplicates=taking.counts["duplicates"],
            versions=taking.counts["versions"],
            quarantined=taking.counts["quarantined"],
            ignored=taking.counts["ignored"],
            held=dict(taking.held),
            why=why,
            seconds=seconds,
        )
        others = [
            Told(
                folder=first.folder,
                file=one.name,
                outcome=first.outcome,
                document=taking.documents.get(one.name),
                source=first.source,
                why=why,
                set_of=first.file,
            )
            for one in files[1:]
        ]
        return [first, *others]

    def _post(self, paths: list[Path], taking: _Taking) -> str | None:
        """Take files into the book; why they could not be read, None where they were."""
        try:
            take(
                self._book,
                paths,
                source=self._source,
                mapping=None,
                at=datetime.now(UTC),
                on_commit=taking.committed,
                on_kept=taking.kept,
            )
        except FileNotFoundError as error:  # none of the files': that would have been said as a DocumentError
            raise BookUnwritable(f"{error.filename} is missing, and a file could not be taken; mend that") from None
        except (BookError, OSError):  # for no reason of the file's
            raise
        except TillproofError as error:
            return str(error)[:WHY_CHARACTERS_MAX]
        except Exception as error:  # a defect of ours must not keep all other files from being taken
            log.exception("%s of %s could not be read", paths[0].name, self.folder.place)
            return f"a defect of Tillproof kept it from being read; please report it ({type(error).__name__}: {error})"
        return None

    def _one_is_gone(self, files: Sequence[Seen]) -> bool:
        try:
            for one in files:
                self.folder.look(one.name)
        except FileNotFoundError:
            return True
        return False

    def _fetched(self, one: Seen, scratch: Path) -> Path:
        try:
            one.name.encode()
        except UnicodeEncodeError:
            raise DocumentError("its name is not UTF-8; give it another name") from None
        return self.folder.fetch(one.name, scratch)

    def _moved(self, seen: Seen, told: Told) -> Told:
        """Move a file to where it belongs, unless it changed since it was seen, or is gone."""
        try:
            if self.folder.look(seen.name) != seen:
                return replace(told, outcome="changed", why="it changed while it was taken; it is taken again")
            where: Where = "done" if told.outcome == "done" else "held"
            name = move(self.folder, seen.name, where, told.document)
        except FileNotFoundError:
            return told
        try:
            if where == "held":
                say_why(self.folder, name, f"{told.why}\n")
            marker = self._settling.marker_of(seen.name)
            if marker is not None:
                self.folder.remove(marker)
        except (Unreachable, FileNotFoundError) as error:  # it is where it belongs, and that is to be told
            log.warning("%s/%s was moved; what is beside it was not seen to: %s", where, name, error)
        return replace(told, moved_to=f"{where}/{name}")
