"""Pieces of one computation on all cores, which stop soon after they are told to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from evenview.core.progress import Progress
from evenview.core.threads import threads

T = TypeVar("T")


def in_threads(jobs: Sequence[Callable[[], T]], progress: Progress, phrase: str) -> list[T]:
    """What each job returns. When `progress` raises, those that have not begun are left out."""
    with ThreadPoolExecutor(threads()) as pool:
        futures = [pool.submit(copy_context().run, job) for job in jobs]
        try:
            for i, future in enumerate(futures):
                progress(i / len(jobs), phrase)
                future.result()
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return [future.result() for future in futures]
