"""Exports: the journal as other accounting systems take it, and the memory of what was given to them.

``journal`` reads balanced entries out of truth in a canonical order, daily or per ticket, as known at a commit; a
module a format turns them into text by pure functions over frames; ``parquet`` writes the facts themselves;
``write`` makes the file; ``log`` remembers it and tells what changed since. The same content and options give the
same bytes.
"""
