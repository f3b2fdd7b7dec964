"""Fetching from vendors' services: what changed since the last time, page by page, through the one way in.

``vendor`` says what a vendor is asked (a module a vendor), ``wire`` speaks, ``reading`` goes through the pages,
``puller`` makes a round of it, ``cursor`` remembers how far it came, ``gaps`` compares days with the vendor's own
counts, ``schedule`` does both again and again. Nothing is asked of anybody unless ``book.toml`` has ``[pull.NAME]``.
"""
