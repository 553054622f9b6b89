"""How long work is run: where it stands, or by somebody who can wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from evenview.core.progress import Progress, silent

T = TypeVar("T")


class Runner(Protocol):
    """How long work is run: at once for the command line and tests, by a worker for the window."""

    def run(
        self,
        slot: str,
        title: str,
        work: Callable[[Progress], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Run `work`, then call `done` with its result or `failed` with what it raised.

        Newer work of the same `slot` takes the place of older work, whose end is never told.
        """
        ...

    def drop(self, slot: str) -> None:
        """Stop the work of a slot; its end is never told."""
        ...


class Inline:
    """A `Runner` that runs the work where it stands."""

    def run(
        self,
        slot: str,  # noqa: ARG002 - nothing can overtake
        title: str,  # noqa: ARG002
        work: Callable[[Progress], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        try:
            result = work(silent)
        except Exception as error:
            failed(error)
        else:
            done(result)

    def drop(self, slot: str) -> None:
        """Nothing is ever under way."""
