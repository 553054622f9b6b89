"""Checkup: what the rules find in the open file, for every place that shows it."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from evenview.core.progress import Cancelled
from evenview.document import cause
from evenview.gui.desk import Desk
from evenview.tasks import check as task
from evenview.tasks.check import CheckRequest, CheckResult

#: The kinds of work: looking, and writing a mended file.
CHECK, MEND = "check", "mend"


class Checkup(QObject):
    """The newest report about the open file, and the file that was mended last.

    Attributes
    ----------
    program
        Only what matters to it is looked for: a key of `checks.base.PROGRAMS`, "" for all.
    result
        What was found; None where the open file was not checked yet.
    mended
        The report of the mended file that was written last, None where none was.
    failed
        Why there is no result, where a check ended without one.

    Signals
    -------
    changed
        One of these, or whether a check is under way.
    """

    changed = pyqtSignal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.program = ""
        self.result: CheckResult | None = None
        self.mended: CheckResult | None = None
        self.failed: Exception | None = None
        desk.document.opened.connect(self._forget)

    @property
    def path(self) -> Path | None:
        """The file that is checked."""
        return self._desk.document.path

    @property
    def running(self) -> bool:
        """Whether a check is under way."""
        return self._desk.jobs.is_running(CHECK)

    def check(self) -> None:
        """Look for everything that breaks a rule; the worker does it."""
        request, path = self._request(), self.path
        if request is None or path is None:
            return
        self.failed = None
        self._desk.jobs.run(
            CHECK,
            f"Checking {path.name}",
            lambda progress: task.run(request, progress),
            self._found,
            self._not_found,
        )
        self.changed.emit()

    def check_for(self, program: str) -> None:
        """Look again, for another program."""
        self.program = program
        self.check()

    def stop(self) -> None:
        """Look no further."""
        self._desk.jobs.drop(CHECK)
        self._not_found(Cancelled())

    def mend(self, path: Path, only: tuple[str, ...] = ()) -> None:
        """Write the open file to another with safe fixes done: of some rules, or all."""
        request = self._request(path, only)
        if request is None:
            return
        self._desk.jobs.run(
            MEND,
            f"Writing {path.name}",
            lambda progress: task.run(request, progress),
            self._written,
            self._desk.failed.emit,
        )

    def _request(self, fix: Path | None = None, only: tuple[str, ...] = ()) -> CheckRequest | None:
        particles = self._desk.document.particles
        if particles is None:
            return None
        return CheckRequest(particles, self.program or None, fix, only)

    def _forget(self) -> None:
        """Another file is open: what was found in the one before is no news of it."""
        self._desk.jobs.drop(CHECK)
        self.result = self.mended = self.failed = None
        self.changed.emit()

    def _found(self, result: CheckResult) -> None:
        self.result = result
        self.changed.emit()

    def _not_found(self, error: Exception) -> None:
        self.result, self.failed = None, cause(error)
        self.changed.emit()

    def _written(self, result: CheckResult) -> None:
        self.mended = result
        self.changed.emit()
