"""Vectors of summaries, kept in an embedded Chroma with one owner.

Two processes that write to one Chroma folder corrupt it without a word, so that a lock file names its one owner;
another process keeps its vectors in memory. What is lost here is made anew from the summaries.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from assistant.recall.embed import Embedder
from assistant.recall.wording import Summary

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

COLLECTION = "summaries"
UPSERT_MAX = 1000


class Index:
    """Finds the summaries that are nearest in meaning to a text, among some of them."""

    def __init__(self, client: ClientAPI, embedder: Embedder, lock: FileLock | None) -> None:
        self._embedder = embedder
        self._lock = lock
        self._client = client
        wanted = {"model": embedder.id, "hnsw:space": "cosine"}
        self._collection: Any = client.get_or_create_collection(COLLECTION, metadata=wanted, embedding_function=None)
        if (self._collection.metadata or {}).get("model") != embedder.id:
            client.delete_collection(COLLECTION)  # vectors of another model are of no use
            self._collection = client.create_collection(COLLECTION, metadata=wanted, embedding_function=None)

    @classmethod
    def open(cls, folder: Path, embedder: Embedder) -> Index:
        """Open the vectors in a folder and own them; in memory where another process does."""
        import chromadb
        from chromadb.api.shared_system_client import SharedSystemClient
        from chromadb.config import Settings

        settings = Settings(anonymized_telemetry=False)
        folder.mkdir(exist_ok=True)
        lock = FileLock(folder / ".lock", timeout=0, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            return cls(chromadb.EphemeralClient(settings), embedder, None)
        store = folder / "chroma"
        try:
            return cls(chromadb.PersistentClient(str(store), settings), embedder, lock)
        except Exception:  # whatever a damaged folder makes Chroma raise: nothing is lost by starting anew
            SharedSystemClient.clear_system_cache()
            shutil.rmtree(store, ignore_errors=True)
            return cls(chromadb.PersistentClient(str(store), settings), embedder, lock)

    def nearest(self, text: str, among: Sequence[Summary], limit: int) -> list[tuple[Summary, float]]:
        """The summaries nearest to a text, the nearest first, with their cosine distance (0 to 2).

        Those that have no vector yet, or had another wording when it was made, are embedded first.
        """
        if not among:
            return []
        self._bring_up(among)
        by_id = {summary.id: summary for summary in among}
        found = self._collection.query(
            query_embeddings=self._embedder.embed([text]),
            ids=list(by_id),
            n_results=min(limit, len(by_id)),
            include=["distances"],
        )
        return [
            (by_id[id_], float(distance)) for id_, distance in zip(found["ids"][0], found["distances"][0], strict=True)
        ]

    def close(self) -> None:
        if self._lock is not None:
            self._lock.release()

    def _bring_up(self, summaries: Sequence[Summary]) -> None:
        for start in range(0, len(summaries), UPSERT_MAX):
            batch = summaries[start : start + UPSERT_MAX]
            known = self._collection.get(ids=[summary.id for summary in batch], include=["metadatas"])
            prints = {
                id_: data["fingerprint"] for id_, data in zip(known["ids"], known["metadatas"] or [], strict=True)
            }
            missing = [summary for summary in batch if prints.get(summary.id) != summary.fingerprint]
            if missing:
                self._collection.upsert(
                    ids=[summary.id for summary in missing],
                    embeddings=self._embedder.embed([summary.gist for summary in missing]),
                    metadatas=[
                        {
                            "fingerprint": summary.fingerprint,
                            "kind": summary.kind,
                            "store": summary.store,
                            "start": summary.start.toordinal(),
                            "end": summary.end.toordinal(),
                        }
                        for summary in missing
                    ],
                )
