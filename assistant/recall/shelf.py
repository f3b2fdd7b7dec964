"""The summaries that are kept: a SQLite file with their texts, the words of each for BM25 (FTS5), and what is to do.

Nothing here is truth. The file is written from figures and documents, says of which commit it is, and can be deleted
at any time. What a search is narrowed by (kind, store, dates) is held in memory as columns, a row a summary: at
100,000 summaries choosing among them takes a millisecond there and a hundred in a query.

FTS5's bm25() is paid for each row that matches. So the row of a summary has marks beside its words (its store, month
and kind), and a search asks for those marks and some of the words: what is outside is skipped by the index itself.
"""

from __future__ import annotations

import json
import math
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.recall.wording import AnyKind, FlagSentence, Kind, Part, Summary, SummaryFigure
from ledger.figures import Citation, Filter, Period, Plan

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VERSION = "1"
"""Of the tables, and of the words that are indexed."""
QUERY_WORDS_MAX = 32
MARKED_MONTHS_MAX = 40
"""A period of more months is not asked for by its months' marks."""
AT_ONCE = 500
WEIGHT_LEAST = 1e-6

_TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, said TEXT NOT NULL);
CREATE TABLE pending (month TEXT NOT NULL, store TEXT NOT NULL, PRIMARY KEY (month, store)) WITHOUT ROWID;
CREATE TABLE vectors (print TEXT PRIMARY KEY, place INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE summaries (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, store TEXT NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL, unit INTEGER NOT NULL, item TEXT NOT NULL, cashier TEXT NOT NULL,
    document TEXT NOT NULL, title TEXT NOT NULL, parts TEXT NOT NULL, gist TEXT NOT NULL, print TEXT NOT NULL
);
CREATE INDEX summaries_unit ON summaries (kind, store, unit);
CREATE VIRTUAL TABLE texts USING fts5 (words, marks, tokenize = "porter unicode61 remove_diacritics 2");
"""

_WORD = re.compile(r"\w+")
_MONTH_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTHS = {name: n for n, name in enumerate(_MONTH_NAMES.split(), start=1)}
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_NAMED_MONTH = re.compile(rf"\b(?!may\b){_MONTH}")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_DAY_MONTH = re.compile(rf"\b([0-3]?\d)(?:st|nd|rd|th)?(?: of)? {_MONTH}")
_MONTH_DAY = re.compile(rf"\b{_MONTH} (?:the )?([0-3]?\d)(?:st|nd|rd|th)?\b")
_COMMON_WORDS = (
    "a about all an and any are as at be been by can did do does for from get give go got had has have he her him his "
    "how i in is it its just like me my of on or our out over she so some tell that the their them there they thing "
    "things this to us was we went were what when where which who whom why with would you your"
)
_COMMON = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True)
class Columns:
    """What is narrowed by, a row a summary. ``places`` are those of its vector in the matrix, -1 where it has none."""

    rows: NDArray[np.int64]
    kinds: NDArray[np.int16]
    stores: NDArray[np.int32]
    firsts: NDArray[np.int32]
    lasts: NDArray[np.int32]
    places: NDArray[np.int64]
    names: dict[str, dict[str, int]]
    """By "kind" and "store": the number that stands for each name."""


class Shelf:
    """The kept summaries of one book. Not safe to use from several threads at once."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database
        self._columns: Columns | None = None
        self._weights: dict[str, float] = {}

    @classmethod
    def open(cls, path: Path) -> Shelf:
        """Open the shelf in a file, and own it; one that is damaged or of another version is made anew."""
        try:
            shelf = cls(_connected(str(path)))
            if shelf.about("version") == VERSION and shelf.is_whole():
                return shelf
            shelf.close()
        except sqlite3.DatabaseError:
            pass
        for one in path.parent.glob(f"{path.name}*"):
            one.unlink()
        return cls.empty(str(path))

    @classmethod
    def copy_of(cls, path: Path) -> Shelf:
        """A copy in memory of the shelf that another process owns; an empty one where it cannot be read."""
        made = cls(_connected(":memory:"))
        if path.is_file():
            try:
                with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5) as owned:
                    owned.backup(made._db)
                if made.about("version") == VERSION:
                    return made
            except sqlite3.DatabaseError:
                pass
        made.close()
        return cls.empty(":memory:")

    @classmethod
    def empty(cls, path: str = ":memory:") -> Shelf:
        shelf = cls(_connected(path))
        shelf._db.executescript(_TABLES)
        with shelf.changing():
            shelf.say(version=VERSION)
        return shelf

    def is_whole(self) -> bool:
        return bool(self._db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """One transaction: all that is changed within, or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            self._columns = None
            raise
        self._db.execute("COMMIT")

    # --- what is known of it ----------------------------------------------------------------------------------------

    def about(self, name: str) -> str:
        """What was said of the shelf by ``say``; ``""`` where nothing was."""
        found = self._db.execute("SELECT said FROM about WHERE name = ?", [name]).fetchone()
        return found[0] if found else ""

    def say(self, **said: str) -> None:
        self._db.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", said.items())

    def pending(self) -> list[tuple[str, str]]:
        """The (month, store) of which no summary has been written yet, the latest first."""
        return list(self._db.execute("SELECT month, store FROM pending ORDER BY month DESC, store"))

    def set_pending(self, units: Iterable[tuple[str, str]]) -> None:
        self._db.executemany("INSERT OR IGNORE INTO pending VALUES (?, ?)", units)

    def settle(self, units: Iterable[tuple[str, str]]) -> None:
        self._db.executemany("DELETE FROM pending WHERE month = ? AND store = ?", units)

    # --- summaries --------------------------------------------------------------------------------------------------

    def clear(self) -> None:
        """Take everything away but the vectors."""
        for table in ("summaries", "texts", "pending", "about"):
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608
        self.say(version=VERSION)
        self._columns = None

    def put(self, summaries: Iterable[Summary]) -> None:
        """Keep summaries; those that had the same ids are replaced."""
        for summary in summaries:
            self._remove("id = ?", [summary.id])
            made = self._db.execute(
                "INSERT INTO summaries (id, kind, store, first, last, unit, item, cashier, document, title, parts,"
                " gist, print) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    summary.id, summary.kind, summary.store, summary.start.toordinal(), summary.end.toordinal(),
                    unit_of(summary), summary.item, summary.cashier, summary.document, summary.title,
                    json.dumps([_packed(part) for part in summary.parts], separators=(",", ":")), summary.gist,
                    summary.fingerprint,
                ],
            )  # fmt: skip
            self._db.execute(
                "INSERT INTO texts (rowid, words, marks) VALUES (?, ?, ?)",
                [made.lastrowid, words_of(summary), self._marks(summary)],
            )
        self._columns = None

    def drop(self, kinds: Sequence[Kind], stores: Sequence[str], first: date, last: date) -> None:
        """Take away the summaries of some kinds and stores whose day, week or month opens between two dates."""
        for kind in kinds:
            for some in _some(stores):
                self._remove(
                    f"kind = ? AND store IN ({_marked(some)}) AND unit BETWEEN ? AND ?",
                    [kind, *some, first.toordinal(), last.toordinal()],
                )
        self._columns = None

    def ids(self, kind: AnyKind) -> list[str]:
        """The ids of all summaries of a kind."""
        return [id_ for (id_,) in self._db.execute("SELECT id FROM summaries WHERE kind = ?", [kind])]

    def drop_ids(self, ids: Iterable[str]) -> None:
        """Take some summaries away."""
        for id_ in ids:
            self._remove("id = ?", [id_])
        self._columns = None

    def get(self, rows: Sequence[int]) -> list[Summary]:
        """The summaries of some rows, in their order."""
        found = self._db.execute(
            "SELECT row, id, kind, store, first, last, title, parts, gist, item, cashier, document FROM summaries "  # noqa: S608
            f"WHERE row IN ({_marked(rows)})",
            list(rows),
        )
        by_row = {
            row: Summary(
                id_, kind, store, date.fromordinal(first), date.fromordinal(last), title,
                tuple(_unpacked(part) for part in json.loads(parts)), gist, item, cashier, document,
            )
            for row, id_, kind, store, first, last, title, parts, gist, item, cashier, document in found
        }  # fmt: skip
        return [by_row[row] for row in rows]

    def documents(self) -> set[str]:
        """The ids of the documents whose passages are kept."""
        return {id_ for (id_,) in self._db.execute("SELECT DISTINCT document FROM summaries WHERE kind = 'document'")}

    def rows_of(self, column: str, names: Sequence[str]) -> list[int]:
        """The rows that have one of some items or cashiers."""
        assert column in ("item", "cashier"), column
        return [
            row
            for some in _some(names)
            for (row,) in self._db.execute(
                f"SELECT row FROM summaries WHERE {column} IN ({_marked(some)})",  # noqa: S608
                some,
            )
        ]

    def columns(self) -> Columns:
        """What is narrowed by; read again after each change."""
        if self._columns is None:
            self._columns = self._read_columns()
            self._weights.clear()
        return self._columns

    # --- vectors ----------------------------------------------------------------------------------------------------

    def gists(self, rows: Sequence[int]) -> dict[str, str]:
        """By fingerprint, what is to be embedded of some rows, in their order."""
        found = {
            row: (fingerprint, gist)
            for some in _some(rows)
            for row, fingerprint, gist in self._db.execute(
                f"SELECT row, print, gist FROM summaries WHERE row IN ({_marked(some)})",  # noqa: S608
                some,
            )
        }
        return dict(found[row] for row in rows)

    def places(self) -> dict[str, int]:
        """The place in the matrix of each vector that there is, by fingerprint."""
        return dict(self._db.execute("SELECT print, place FROM vectors"))

    def count_vectors(self) -> tuple[int, int]:
        """How many vectors there are, and how many of them a summary still has."""
        (known,) = self._db.execute("SELECT count(*) FROM vectors").fetchone()
        (used,) = self._db.execute(
            "SELECT count(*) FROM vectors WHERE print IN (SELECT print FROM summaries)"
        ).fetchone()
        return known, used

    def used_places(self) -> dict[str, int]:
        return dict(self._db.execute("SELECT print, place FROM vectors WHERE print IN (SELECT print FROM summaries)"))

    def add_places(self, places: Iterable[tuple[str, int]]) -> None:
        self._db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", places)
        self._columns = None

    def forget_places(self) -> None:
        self._db.execute("DELETE FROM vectors")
        self._columns = None

    # --- words ------------------------------------------------------------------------------------------------------

    def best_words(
        self, text: str, *, kinds: Sequence[AnyKind], stores: Sequence[str], period: Period, limit: int
    ) -> list[tuple[int, float]]:
        """Rows by BM25, the best first, each with what part of the question's words it has (0 to 1, by their weight).

        Narrowed by kind, store and month only: the days are the caller's to look at.
        """
        # a word that more than half of all rows have weighs nothing, and would only have them all counted
        weights = {word: self._weight(word) for word in query_words(text)}
        asked = [word for word, weight in weights.items() if weight > WEIGHT_LEAST]
        if not asked:
            return []
        most = sum(weights[word] for word in asked)
        names = self.columns().names
        marks = [[f"kk{names['kind'][kind]}" for kind in kinds if kind in names["kind"]]]
        if stores:
            marks.append([f"ss{names['store'][store]}" for store in stores if store in names["store"]])
        if months := _months(period):
            marks.append(months)
        if not all(marks):
            return []
        groups = [f"marks : ({' OR '.join(group)})" for group in marks]
        wanted = " OR ".join(f'"{word}"' for word in asked)
        query = " AND ".join([*groups, f"words : ({wanted})"])
        found = self._db.execute(
            "SELECT rowid, bm25(texts, 1.0, 0.0) FROM texts WHERE texts MATCH ? ORDER BY 2 LIMIT ?", [query, limit]
        )
        return [(row, min(1.0, -score / most)) for row, score in found]

    def subjects(self, rows: Sequence[int]) -> dict[int, str]:
        """The item or the cashier that some rows are about, where they are about one."""
        return {
            row: item or cashier
            for some in _some(rows)
            for row, item, cashier in self._db.execute(
                f"SELECT row, item, cashier FROM summaries WHERE row IN ({_marked(some)})",  # noqa: S608
                some,
            )
            if item or cashier
        }

    # ----------------------------------------------------------------------------------------------------------------

    def _weight(self, word: str) -> float:
        """The weight of a word in BM25: the rarer, the heavier; one that no summary has is the heaviest."""
        if word not in self._weights:
            counted = self._db.execute("SELECT count(*) FROM texts WHERE texts MATCH ?", [f'words : "{word}"'])
            (having,), count = counted.fetchone(), len(self.columns().rows)
            self._weights[word] = max(WEIGHT_LEAST, math.log((count - having + 0.5) / (having + 0.5)))
        return self._weights[word]

    def _marks(self, summary: Summary) -> str:
        """The marks of a summary; numbers for names, that a word of a question is never taken for one."""
        kind, store = self._number("kind", summary.kind), self._number("store", summary.store)
        return f"kk{kind} ss{store} mm{summary.start:%Y%m}"

    def _number(self, what: str, name: str) -> int:
        known = self._numbers(what)
        if name not in known:
            known[name] = len(known)
            self.say(**{what: json.dumps(known)})
        return known[name]

    def _numbers(self, what: str) -> dict[str, int]:
        return dict(json.loads(self.about(what) or "{}"))

    def _remove(self, where: str, values: Sequence[Any]) -> None:
        rows = self._db.execute(f"SELECT row FROM summaries WHERE {where}", values).fetchall()  # noqa: S608
        self._db.executemany("DELETE FROM texts WHERE rowid = ?", rows)
        self._db.executemany("DELETE FROM summaries WHERE row = ?", rows)

    def _read_columns(self) -> Columns:
        import numpy as np

        names = {what: self._numbers(what) for what in ("kind", "store")}
        found = self._db.execute(
            "SELECT row, kind, store, first, last, coalesce(place, -1) FROM summaries LEFT JOIN vectors USING (print)"
        ).fetchall()
        rows, kinds, stores, firsts, lasts, places = zip(*found, strict=True) if found else ((),) * 6
        return Columns(
            rows=np.array(rows, dtype=np.int64),
            kinds=np.array([names["kind"][kind] for kind in kinds], dtype=np.int16),
            stores=np.array([names["store"][store] for store in stores], dtype=np.int32),
            firsts=np.array(firsts, dtype=np.int32),
            lasts=np.array(lasts, dtype=np.int32),
            places=np.array(places, dtype=np.int64),
            names=names,
        )


def unit_of(summary: Summary) -> int:
    """The day that a summary's day, week or month opens on (an ordinal), which its id has."""
    if summary.kind == "document":
        return summary.start.toordinal()
    place = 2 if summary.kind == "ticket" else 1
    told = summary.id.split("|", place + 1)[place]
    return date.fromisoformat(told if len(told) > len("2026-10") else f"{told}-01").toordinal()


def words_of(summary: Summary) -> str:
    """What BM25 knows of a summary: what is embedded, and its dates as one word each, with and without the year."""
    if summary.kind == "document":
        return summary.gist
    days = {summary.start, summary.end}
    if summary.kind == "ticket":
        opens = date.fromordinal(unit_of(summary))
        days |= {opens, opens + timedelta(days=6)}
    said = [summary.gist, *(f"{_day_word(day.month, day.day)} {day:%Y%m%d}" for day in sorted(days))]
    if summary.start == summary.end and summary.start.weekday() > 4:
        said.append("weekend")
    return " ".join(said)


def query_words(text: str) -> list[str]:
    """The words of a question that a summary may share, each once; a day of a month is one word."""
    plain = _ISO.sub(lambda found: f" {found[1]}{found[2]}{found[3]} ", text.casefold())
    plain = _DAY_MONTH.sub(lambda found: f" {_day_word(_MONTHS[found[2][:3]], int(found[1]))} {found[2]} ", plain)
    plain = _MONTH_DAY.sub(lambda found: f" {_day_word(_MONTHS[found[1][:3]], int(found[2]))} {found[1]} ", plain)
    told = dict.fromkeys(word for word in _WORD.findall(plain) if word not in _COMMON)
    return list(told)[:QUERY_WORDS_MAX]


def has_date(text: str) -> bool:
    """Whether a text names a day, a month or a year."""
    plain = text.casefold()
    return any(found.search(plain) for found in (_ISO, _DAY_MONTH, _MONTH_DAY, _NAMED_MONTH, _YEAR))


def _day_word(month: int, day: int) -> str:
    return f"dd{month:02d}{day:02d}"


def _months(period: Period) -> list[str]:
    if period.start is None or period.end is None:
        return []
    first, last = (day.year * 12 + day.month - 1 for day in (period.start, period.end))
    if last - first >= MARKED_MONTHS_MAX:
        return []
    return [f"mm{month // 12:04d}{month % 12 + 1:02d}" for month in range(first, last + 1)]


def _packed(part: Part) -> Any:
    if isinstance(part, str):
        return part
    if isinstance(part, FlagSentence):
        return [part.shown, part.flag]
    plan = part.citation.plan
    assert plan.period.start is not None and plan.period.end is not None
    filters = [[one.dimension, one.values[0]] for one in plan.filters]
    dates = [plan.period.start.isoformat(), plan.period.end.isoformat()]
    return [part.label, str(part.value), part.unit, part.shown, part.citation.seq, part.citation.metric, filters, dates]


def _unpacked(packed: Any) -> Part:
    if isinstance(packed, str):
        return packed
    if len(packed) == 2:
        return FlagSentence(*packed)
    label, value, unit, shown, seq, metric, filters, dates = packed
    plan = Plan(
        metrics=(metric,),
        filters=tuple(Filter(dimension=dimension, values=(name,)) for dimension, name in filters),
        period=Period(start=date.fromisoformat(dates[0]), end=date.fromisoformat(dates[1])),
    )
    return SummaryFigure(label, Decimal(value), unit, shown, Citation(plan, seq, metric, "value", ()))


def _some(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """A sequence in pieces that one statement takes as parameters."""
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))


def _marked(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def _connected(path: str) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    return database
