"""Notes of the made-up group, as its people wrote them."""
