"""Loops over rows, run on all cores."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from itertools import pairwise
from typing import Any

import numpy as np
from numba import njit

from evenview.core.threads import threads

# Fewer rows than this are done before a second thread has started.
_PIECE = 50_000


def over_rows(*split: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Compile a loop over rows, and call it on a piece of the rows in each core.

    The threads are ours and not those of ``numba.prange``: where neither TBB nor OpenMP is
    installed, numba ends the process when two threads call such loops at the same time.

    Parameters
    ----------
    split
        Positions of the arguments that have one entry a row; they are cut alike. The others go
        to every piece whole.
    """

    def decorate(loop: Callable[..., None]) -> Callable[..., None]:
        compiled = njit(cache=True, nogil=True)(loop)

        @wraps(loop)
        def call(*arguments: Any) -> None:
            n = len(arguments[split[0]])
            pieces = min(threads(), n // _PIECE)
            if pieces < 2:
                compiled(*arguments)
                return

            def work(bounds: tuple[int, int]) -> None:
                piece = slice(*bounds)
                compiled(*(a[piece] if i in split else a for i, a in enumerate(arguments)))

            borders = np.linspace(0, n, pieces + 1).astype(int).tolist()
            with ThreadPoolExecutor(pieces) as pool:
                list(pool.map(work, pairwise(borders)))

        return call

    return decorate
