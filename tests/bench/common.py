"""A row of the table of ratios: this program against a named peer, measured in one run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measured ratio. `better` says which way the target is met."""

    name: str
    ours: float
    peer: float
    peer_name: str
    target: float
    unit: str = "s"

    @property
    def ratio(self) -> float:
        """Peer over ours: how many times better this program is."""
        return self.peer / self.ours

    @property
    def met(self) -> bool:
        """Whether the ratio reaches the target."""
        return self.ratio >= self.target


def best_of(times: int, work: Callable[[], object]) -> float:
    """Seconds of the fastest of several runs, after one that warms caches and compilers."""
    work()
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best
