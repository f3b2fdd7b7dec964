"""Flags: what looks wrong in a book, ranked, and said in a sentence with the expected and the observed value."""
