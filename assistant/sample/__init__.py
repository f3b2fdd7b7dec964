"""``tillproof sample``: export files of a made-up group of stores, as tills write them."""

from assistant.sample.write import DEFAULT_END, SampleReport, write

__all__ = ["DEFAULT_END", "SampleReport", "write"]
