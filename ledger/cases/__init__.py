"""Cases: what people make of flags, as events that are only ever added, sealed in the book's chain.

``events`` are the kinds of events, ``case`` folds those of one case into what it is now and says which may come next,
``beside`` folds what stands beside the cases (suppressions, weights, samples), ``worked`` has them all, ``people`` says
who may do what, ``log`` keeps the events in truth. What a flag is and how flags become cases is told upstairs; here a
flag is its id, the person that it is about, and a text.
"""

from __future__ import annotations
