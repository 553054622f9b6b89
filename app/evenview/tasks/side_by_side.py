"""Pieces of work of one kind done side by side: one progress, one way to stop them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

from evenview.core.errors import UserError
from evenview.core.progress import Cancelled, Progress
from evenview.core.threads import Crew

T = TypeVar("T")

#: Seconds between two words of progress.
_TICK = 0.05


def side_by_side(
    pieces: Sequence[Callable[[Progress], T]], at_once: int, progress: Progress
) -> list[T | UserError]:
    """What each piece returns, in their order, or the `UserError` that it ended with.

    `progress` is called in this thread only. When it raises, as for a cancel, or this thread is
    interrupted, the other pieces end at their next word of progress, and the error is raised again;
    so is any error of a piece that is not the user's to mend.

    Parameters
    ----------
    pieces
        Each is given a `Progress` of its own.
    at_once
        How many may work at the same time. They share the cores (`core.threads.Crew`).
    """
    board = _Board(len(pieces))
    crew = Crew()

    def done(i: int) -> T | UserError:
        board.require_going()
        with crew.joined():
            try:
                return pieces[i](board.of(i))
            except UserError as error:
                return _bare(error)
            finally:
                board.parts[i] = 1.0

    with ThreadPoolExecutor(at_once) as pool:
        futures = [pool.submit(done, i) for i in range(len(pieces))]
        try:
            _watch(futures, board, progress)
        except BaseException:
            board.stopped = True
            raise
    return [future.result() for future in futures]


def _bare(error: UserError) -> UserError:
    """An error that no longer holds on to what the piece worked with, as whole maps."""
    one: BaseException | None = error
    while one is not None:
        one.__traceback__ = None
        one = one.__cause__ or one.__context__
    return error


class _Board:
    """How far each piece is, what the last of them said, and whether all are to stop."""

    def __init__(self, n: int) -> None:
        self.parts = [0.0] * n
        self.phrase = ""
        self.stopped = False

    def of(self, i: int) -> Progress:
        """The progress of the `i`-th piece."""

        def tell(fraction: float, phrase: str) -> None:
            self.require_going()
            self.parts[i], self.phrase = fraction, phrase

        return tell

    def require_going(self) -> None:
        """Raise `Cancelled` once all are to stop."""
        if self.stopped:
            raise Cancelled


def _watch(futures: Sequence[Future[T | UserError]], board: _Board, progress: Progress) -> None:
    """Pass on how far all are until they are done; raise what one of them raised."""
    pending = set(futures)
    while pending:
        finished, pending = wait(pending, timeout=_TICK)
        for future in finished:
            future.result()
        progress(sum(board.parts) / len(board.parts), board.phrase)
