"""How long work tells how far it is, and how it is stopped."""

from __future__ import annotations

from collections.abc import Callable

#: Called with the fraction done (0 to 1) and a short phrase; raises `Cancelled` to stop the work.
Progress = Callable[[float, str], None]


class Cancelled(Exception):  # noqa: N818 - not an error: the user asked for it
    """The user stopped the work."""


def share(progress: Progress, i: int, n: int) -> Progress:
    """The progress of the `i`-th of `n` pieces of work of like size, told as that of them all."""
    return lambda fraction, phrase: progress((i + fraction) / n, phrase)


def part(progress: Progress, start: float, stop: float, before: str = "") -> Progress:
    """The progress of work that goes from `start` to `stop` of the whole, its phrases begun so."""
    return lambda fraction, phrase: progress(start + (stop - start) * fraction, before + phrase)


def silent(fraction: float, phrase: str) -> None:
    """A `Progress` that tells nobody and never cancels."""
