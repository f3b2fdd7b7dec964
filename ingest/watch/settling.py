"""Which files are complete: those that have not changed for a while, or that a marker beside them says are."""

from __future__ import annotations

from collections.abc import Iterable

from ingest.watch.folder import Seen

UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download", ".swp", ".lock", "~")
"""What the names of files end in that programs are still writing."""


class Settling:
    """Remembers since when each file of a folder has been as it is.

    That is measured on this machine's own clock, between looks, since a server's clock and a mounted folder's may be
    wrong; only markers are compared with their files, on the one clock of the folder. A marker that is older than its
    file is of an earlier one by that name.
    """

    def __init__(self, quiet_seconds: float, marker: str | None) -> None:
        self._quiet_seconds = quiet_seconds
        self._marker = marker
        self._since: dict[str, tuple[Seen, float]] = {}

    def candidates(self, files: Iterable[Seen]) -> list[Seen]:
        """The files that are to be taken, once complete: the oldest first, so that versions come in their order."""
        wanted = [one for one in files if not one.name.startswith(".") and not self._passed_over(one.name)]
        return sorted(wanted, key=lambda one: (one.modified, one.name))

    def complete(self, files: Iterable[Seen], now: float) -> set[str]:
        """The names of the candidates that are complete at ``now``, in seconds of a clock that only goes on."""
        files = list(files)
        wanted = self.candidates(files)
        self._since = {one.name: self._looked(one, now) for one in wanted}
        if self._marker is None:
            return {name for name, (_, since) in self._since.items() if now - since >= self._quiet_seconds}
        marked = {one.name.removesuffix(self._marker): one for one in files if one.name.endswith(self._marker)}
        return {one.name for one in wanted if one.name in marked and marked[one.name].modified >= one.modified}

    def marker_of(self, name: str) -> str | None:
        """The name of a file's marker; None where there are none."""
        return None if self._marker is None else f"{name}{self._marker}"

    def _looked(self, one: Seen, now: float) -> tuple[Seen, float]:
        before = self._since.get(one.name)
        return before if before is not None and before[0] == one else (one, now)

    def _passed_over(self, name: str) -> bool:
        marked = self._marker is not None and name.endswith(self._marker)
        return marked or name.lower().endswith(UNFINISHED)
