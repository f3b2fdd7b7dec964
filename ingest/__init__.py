"""Documents from outside to batches: the middle floor."""
