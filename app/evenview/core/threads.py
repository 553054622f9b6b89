"""How many threads to work with."""

from __future__ import annotations

import os

_MOST = 8


def threads() -> int:
    """The cores this process may use, but not so many that memory becomes the limit."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return min(cores, _MOST)
