"""How many threads to work with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock

_MOST = 8


def threads() -> int:
    """The cores this process may use, but not so many that memory becomes the limit.

    Within a `Crew`, the part of them that falls to this piece of work.
    """
    crew = _crew.get()
    return cores() if crew is None else max(1, cores() // crew.working)


def cores() -> int:
    """The cores this process may use, at most 8."""
    affinity = getattr(os, "sched_getaffinity", None)
    found = len(affinity(0)) if affinity else os.cpu_count() or 1
    return min(found, _MOST)


class Crew:
    """Pieces of work, each in a thread of its own, that share the cores.

    The cores are divided among those that work just now: the last one has them all.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._working = 0

    @property
    def working(self) -> int:
        """How many work just now."""
        return max(1, self._working)

    @contextmanager
    def joined(self) -> Iterator[None]:
        """Do a piece of work in this thread."""
        self._change(1)
        token = _crew.set(self)
        try:
            yield
        finally:
            _crew.reset(token)
            self._change(-1)

    def _change(self, by: int) -> None:
        with self._lock:
            self._working += by


_crew: ContextVar[Crew | None] = ContextVar("crew", default=None)
