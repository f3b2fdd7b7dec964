"""Cases for pages and API: what is asked of them, and what stands beside one when it is looked at."""

from __future__ import annotations
