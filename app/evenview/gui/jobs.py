"""One worker thread: the newest work of a slot wins, the end arrives in the GUI thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import Any, TypeVar

from PyQt6.QtCore import QObject, pyqtSignal

from evenview.core.progress import Cancelled, Progress

T = TypeVar("T")

#: Seconds between two reports of one job: twenty a second look smooth and cost nothing.
REPORT_EVERY = 0.05


@dataclass(frozen=True, eq=False)
class Job:
    """A piece of work that was asked for."""

    slot: str
    title: str
    work: Callable[[Progress], Any]
    done: Callable[[Any], None]
    failed: Callable[[Exception], None]
    cancelled: Event = field(default_factory=Event)
    begun: Event = field(default_factory=Event)


class Jobs(QObject):
    """The window's `evenview.runner.Runner`.

    Attributes
    ----------
    told
        The slot of the work that `progressed` has told of.

    Signals
    -------
    progressed
        (title, fraction done 0 to 1 or less than 0 while unknown, phrase).
    idle
        Nothing is under way any more.
    """

    progressed = pyqtSignal(str, float, str)
    idle = pyqtSignal()
    _reported = pyqtSignal(object, float, str)
    _ended = pyqtSignal(object, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="evenview-worker")
        self._wanted: dict[str, Job] = {}
        self._closed = False
        self.told = ""
        self._reported.connect(self._report)
        self._ended.connect(self._end)

    @property
    def active(self) -> bool:
        """True while work whose end matters is under way."""
        return bool(self._wanted)

    def run(
        self,
        slot: str,
        title: str,
        work: Callable[[Progress], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Queue `work`; older work of the same slot is stopped and its end never told.

        After `shutdown` nothing is queued any more: a timer of a dialog may ask a moment too late.
        """
        if self._closed:
            return
        if slot in self._wanted:
            self._wanted.pop(slot).cancelled.set()
        job = Job(slot, title, work, done, failed)
        self._wanted[slot] = job
        self._tell_next()
        self._worker.submit(self._work, job)

    def drop(self, slot: str) -> None:
        """Stop the work of a slot; its end is never told."""
        job = self._wanted.pop(slot, None)
        if job is not None:
            job.cancelled.set()
            self._tell_next()

    def is_running(self, slot: str) -> bool:
        """True while work of a slot is under way."""
        return slot in self._wanted

    def cancel(self, slots: Collection[str] | None = None) -> None:
        """Ask the work of some slots to stop, or all; each tells its end when it has.

        What has not begun yet tells it at once: other work may be before it for long.
        """
        for job in list(self._wanted.values()):
            if slots is not None and job.slot not in slots:
                continue
            job.cancelled.set()
            if job.begun.is_set():
                self._tell(job, -1.0, "stopping")
            else:
                self._end(job, None, Cancelled())

    def shutdown(self) -> None:
        """Stop everything, tell nobody, and wait until the thread has ended."""
        self._closed = True
        for job in self._wanted.values():
            job.cancelled.set()
        self._wanted.clear()
        self._worker.shutdown(wait=True, cancel_futures=True)

    def _work(self, job: Job) -> None:
        """In the worker thread: run one job and send its end over."""
        result, error = None, None
        try:
            if job.cancelled.is_set():
                raise Cancelled
            job.begun.set()
            result = job.work(self._progress(job))
        except Exception as raised:  # told in the GUI thread, where it can be shown
            error = raised
        self._ended.emit(job, result, error)

    def _progress(self, job: Job) -> Progress:
        last = 0.0

        def report(fraction: float, phrase: str) -> None:
            nonlocal last
            if job.cancelled.is_set():
                raise Cancelled
            now = time.monotonic()
            if now - last >= REPORT_EVERY:
                last = now
                self._reported.emit(job, fraction, phrase)

        return report

    def _report(self, job: Job, fraction: float, phrase: str) -> None:
        if self._wanted.get(job.slot) is job and not job.cancelled.is_set():
            self._tell(job, fraction, phrase)

    def _end(self, job: Job, result: Any, error: Exception | None) -> None:
        if self._wanted.get(job.slot) is not job:
            return
        del self._wanted[job.slot]
        self._tell_next()
        if error is None:
            job.done(result)
        else:
            job.failed(error)

    def _tell_next(self) -> None:
        """Say what the worker is at now: the oldest work that still matters."""
        if not self._wanted:
            self.idle.emit()
            return
        job = next(iter(self._wanted.values()))
        self._tell(job, -1.0, "stopping" if job.cancelled.is_set() else "")

    def _tell(self, job: Job, fraction: float, phrase: str) -> None:
        self.told = job.slot
        self.progressed.emit(job.title, fraction, phrase)
