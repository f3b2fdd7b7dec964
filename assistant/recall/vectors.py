"""Vectors of summaries: kept in an embedded Chroma, and beside it as a matrix on disk, which a search reads.

A vector belongs to a wording: its id is the fingerprint of what was embedded, so that it never changes, and a summary
that is written anew with the same words needs none. Chroma keeps them by that id. A search that is narrowed wants the
exact nearest of some rows, for which Chroma's own filters take longer than the whole search may; so the same vectors
lie in a file of 32-bit floats that is mapped into memory, in the order in which they came. The shelf knows the place
of each. If the file or the shelf is gone, the vectors are taken from Chroma; if Chroma is, they are made anew.

Two processes that write to one Chroma folder corrupt it without a word, so that only the folder's owner opens it.
Another process reads the owner's file, and keeps in memory what it has to add.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.recall.embed import Embedder
from assistant.recall.shelf import Shelf

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COLLECTION = "summaries"
BATCH_TEXTS = 256
SPARE_MIN = 2_000
"""Vectors that no summary has any more are dropped once they are as many, and more than those in use."""


class Vectors:
    """The vectors of a shelf's summaries. Not safe to use from several threads at once."""

    def __init__(self, folder: Path, embedder: Embedder, shelf: Shelf, *, owned: bool) -> None:
        self._folder = folder
        self._embedder = embedder
        self._shelf = shelf
        self._owned = owned
        self._kept: Any = None
        self._added: list[NDArray[np.float32]] = []
        self._matrix: NDArray[np.float32] | None = None
        if shelf.about("model") != embedder.id or not self._map():
            self._start_anew()
        elif owned and self._is_spare():
            self._compact()

    def bring_up(self, rows: Sequence[int]) -> None:
        """Give vectors to some rows that have none."""
        missing = list(self._shelf.gists(rows).items())
        for start in range(0, len(missing), BATCH_TEXTS):
            self._add(missing[start : start + BATCH_TEXTS])

    def similarities(self, places: NDArray[np.int64], text: str) -> NDArray[np.float32]:
        """Cosine similarity (-1 to 1) of a text to the vectors at some places."""
        import numpy as np

        asked = self._embedder.embed([text])[0]
        if self._matrix is None or not len(places):
            return np.zeros(len(places), dtype=np.float32)
        if 2 * len(places) > len(self._matrix):
            found: NDArray[np.float32] = (self._matrix @ asked)[places]
            return found
        return np.asarray(self._matrix[places] @ asked, dtype=np.float32)

    # ----------------------------------------------------------------------------------------------------------------

    @property
    def _file(self) -> Path:
        return self._folder / f"vectors-{self._shelf.about('generation') or 0}.f32"

    @property
    def _dimensions(self) -> int:
        return int(self._shelf.about("dimensions") or 0)

    def _map(self) -> bool:
        """Map the file; False where it is not all there."""
        import numpy as np

        count = self._shelf.count_vectors()[0]
        if not count:
            return True
        width = self._dimensions
        try:
            if not width or self._file.stat().st_size < count * width * 4:
                return False
            self._matrix = np.asarray(np.memmap(self._file, np.float32, "r", shape=(count, width)))
        except OSError:
            return False
        return True

    def _start_anew(self) -> None:
        """Forget the places of all vectors: of another model, or not all there. A new file has a new name, so that who
        reads the old one goes on reading it."""
        generation = int(self._shelf.about("generation") or 0) + 1
        with self._shelf.changing():
            self._shelf.forget_places()
            self._shelf.say(model=self._embedder.id, generation=str(generation), dimensions="")
        self._matrix = None
        self._remove_others()

    def _remove_others(self) -> None:
        if self._owned:
            for path in self._folder.glob("vectors-*.f32"):
                if path != self._file:
                    path.unlink(missing_ok=True)

    def _is_spare(self) -> bool:
        known, used = self._shelf.count_vectors()
        return known - used > max(SPARE_MIN, used)

    def _compact(self) -> None:
        """Keep the vectors that a summary has, and no other."""
        import numpy as np

        used = sorted(self._shelf.used_places().items(), key=lambda one: one[1])
        unused = sorted(set(self._shelf.places()) - {print_ for print_, _ in used})
        matrix, width = self._matrix, self._dimensions
        self._start_anew()
        if matrix is not None and used:
            self._place([print_ for print_, _ in used], np.ascontiguousarray(matrix[[place for _, place in used]]))
        collection = self._collection()
        for start in range(0, len(unused), BATCH_TEXTS):
            collection.delete(ids=unused[start : start + BATCH_TEXTS])
        assert self._dimensions in (0, width)

    def _add(self, missing: Sequence[tuple[str, str]]) -> None:
        import numpy as np

        found: dict[str, Any] = {}
        if self._owned:
            kept = self._collection().get(ids=[print_ for print_, _ in missing], include=["embeddings"])
            found = dict(zip(kept["ids"], kept["embeddings"], strict=True))
        new = [(print_, gist) for print_, gist in missing if print_ not in found]
        if new:
            made = self._embedder.embed([gist for _, gist in new])
            if self._owned:
                self._collection().upsert(ids=[print_ for print_, _ in new], embeddings=made)
            found |= dict(zip((print_ for print_, _ in new), made, strict=True))
        prints = [print_ for print_, _ in missing]
        self._place(prints, np.stack([np.asarray(found[print_], dtype=np.float32) for print_ in prints]))

    def _place(self, prints: Sequence[str], made: NDArray[np.float32]) -> None:
        """Write vectors behind those that are there, durably before the shelf is told of them."""
        import numpy as np

        count = 0 if self._matrix is None else len(self._matrix)
        if self._owned:
            with self._file.open("r+b" if self._file.exists() else "w+b") as file:
                file.seek(count * made.shape[1] * 4)
                file.write(made.tobytes())
                file.flush()
                os.fsync(file.fileno())
        with self._shelf.changing():
            self._shelf.say(dimensions=str(made.shape[1]))
            self._shelf.add_places((print_, count + n) for n, print_ in enumerate(prints))
        if self._owned:
            self._map()
        else:
            self._matrix = made if self._matrix is None else np.concatenate([self._matrix, made])

    def _collection(self) -> Any:
        """Chroma's collection, opened at first need: a search whose summaries all have vectors never opens it."""
        if self._kept is None:
            try:
                self._kept = self._opened()
            except Exception:  # whatever a damaged folder makes Chroma raise: nothing is lost by starting anew
                from chromadb.api.shared_system_client import SharedSystemClient

                SharedSystemClient.clear_system_cache()
                shutil.rmtree(self._folder / "chroma", ignore_errors=True)
                self._kept = self._opened()
        return self._kept

    def _opened(self) -> Any:
        import chromadb
        from chromadb.config import Settings

        client = chromadb.PersistentClient(str(self._folder / "chroma"), Settings(anonymized_telemetry=False))
        wanted = {"model": self._embedder.id, "hnsw:space": "cosine"}
        made = client.get_or_create_collection(COLLECTION, metadata=wanted, embedding_function=None)
        if (made.metadata or {}).get("model") == self._embedder.id:
            return made
        client.delete_collection(COLLECTION)  # vectors of another model are of no use
        return client.create_collection(COLLECTION, metadata=wanted, embedding_function=None)
