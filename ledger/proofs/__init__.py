"""Proofs that stand without the book: Merkle paths, proofs of single tickets, signed checkpoints.

- ``merkle``: the tree that a store-day's seals and a book's store-days are put into;
- ``store_days``: the root of every store-day;
- ``checkpoint``: what a book was at one commit, signed, to be kept elsewhere;
- ``receipt``: the proof of one ticket; ``prove`` makes it from the book, ``check`` needs the file alone;
- ``content``: the canonical text of a ticket read back, for that check.

``docs/seals.md`` specifies every format.
"""
