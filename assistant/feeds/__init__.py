"""What comes in: when each source was last seen against what is usual, what became of its records, what is missing."""
