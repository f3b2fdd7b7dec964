"""The feeds as Prometheus reads them: a few series for each source, and for each of its stores that lacks days.

What is counted is the book's, not this process's: a counter goes on where another process posted or this one was
started anew. There are as many series as sources and stores, and none for a document, register or ticket.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from assistant.feeds.state import SourceState
from ingest.answers import Asked
from ledger.names import KINDS

OUTCOMES = ("posted", "duplicates", "versions", "quarantined", "ignored")


class _Feeds(Collector):
    def __init__(self, states: Sequence[SourceState], asked: Sequence[Asked]) -> None:
        self._states = states
        self._asked = asked

    def collect(self) -> Iterator[Metric]:
        records = CounterMetricFamily(
            "tillproof_feed_records", "Records received, by what became of them", labels=("source", "outcome")
        )
        taken = CounterMetricFamily("tillproof_feed_deliveries", "Documents taken, again too", labels=("source",))
        gauges = {
            name: GaugeMetricFamily(f"tillproof_feed_{name}", said, labels=("source",))
            for name, said in (
                ("last_seen_timestamp_seconds", "When a document came last"),
                ("age_seconds", "Time since a document came last"),
                ("usual_age_seconds", "The same at this hour of this weekday, as is usual; absent without history"),
                ("late", "1 where the age is far beyond what is usual"),
                ("waiting_records", "Records that are held at present"),
                ("missing_numbers", "Numbers missing from the sequences of the last weeks; absent without sequences"),
            )
        }
        days = GaugeMetricFamily(
            "tillproof_feed_missing_store_days", "Days of the last weeks without a ticket", labels=("source", "store")
        )
        for one in self._states:
            label = (one.source,)
            for outcome in OUTCOMES:
                records.add_metric((one.source, outcome), getattr(one.counts, outcome))
            taken.add_metric(label, len(one.deliveries))
            values: dict[str, float | None] = {
                "last_seen_timestamp_seconds": one.last.at.timestamp(),
                "age_seconds": one.lag.age.total_seconds(),
                "usual_age_seconds": None if one.lag.usual is None else one.lag.usual.total_seconds(),
                "late": int(one.lag.late),
                "waiting_records": one.waiting,
                "missing_numbers": one.missing.numbers if one.missing.in_sequence else None,
            }
            for name, value in values.items():
                if value is not None:
                    gauges[name].add_metric(label, value)
            by_store: dict[str, int] = {}
            for away in one.missing.away:
                by_store[away.store] = by_store.get(away.store, 0) + away.days
            for store, count in by_store.items():
                days.add_metric((one.source, store), count)
        unknown = GaugeMetricFamily("tillproof_unknown_names", "Names that the book is asked for", labels=("kind",))
        for kind in KINDS:
            unknown.add_metric((kind,), sum(one.kind == kind for one in self._asked))
        yield from (records, taken, *gauges.values(), days, unknown)


def exposition(states: Sequence[SourceState], asked: Sequence[Asked]) -> str:
    """The text of ``/metrics`` about feeds, in Prometheus's format 0.0.4."""
    registry = CollectorRegistry()
    registry.register(_Feeds(states, asked))
    return generate_latest(registry).decode("utf-8")
