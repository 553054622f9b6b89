"""The tilt series of the window: which files, what was typed, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from evenview.formats.tilt import Given
from evenview.gui.desk import Desk
from evenview.tasks.tilt_look import Look, look
from evenview.tasks.tilt_request import TiltRequest, TypedSeries

SLOT = "tilt series"
#: Milliseconds without another change after which the files are read.
SETTLED = 120


class Finding(QObject):
    """Reads the series in the worker whenever something is different.

    Attributes
    ----------
    request
        The files and what was typed.
    look
        What was found last.

    Signals
    -------
    changed
        Another `look`.
    """

    changed = pyqtSignal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.request = TiltRequest(())
        self.look = Look()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SETTLED)
        self._soon.timeout.connect(self._read)

    def type_series(self, made: TypedSeries) -> None:
        """A series without a file."""
        self.set_request(replace(self.request, made=made))

    def add(self, paths: Iterable[Path]) -> None:
        """More files, each once; they take the place of a series that is typed."""
        new = [*self.request.files, *paths]
        if new:
            self.request = replace(self.request, made=None)
        self._set_files(dict.fromkeys(path.expanduser() for path in new))

    def remove(self, files: Iterable[Path]) -> None:
        """These are not wanted any more; none is what is typed."""
        gone = set(files)
        if not gone:
            self.set_request(replace(self.request, made=None, typed=None, defocus=None))
            return
        self._set_files(path for path in self.request.files if path not in gone)

    def put_first(self, files: Iterable[Path]) -> None:
        """All others are compared with this one."""
        first = tuple(files)
        self._set_files((*first, *(path for path in self.request.files if path not in first)))

    def set_axis(self, path: Path, axis: float | None) -> None:
        """The axis of the series of a file, degrees; None for what the file says."""
        made = self.request.made
        if made is not None:
            self.type_series(made if axis is None else replace(made, axis=axis))
            return
        axes = {other: said for other, said in self.request.given.axes.items() if other != path}
        self._set_given(axes=axes if axis is None else {**axes, path: axis})

    def set_tomogram(self, name: str) -> None:
        """Which of several series of a file."""
        self._set_given(tomogram=name or None)

    def set_request(self, request: TiltRequest) -> None:
        """Ask for something else; it is read when no more changes follow."""
        if request != self.request:
            self.request = request
            self._soon.start()

    def _set_files(self, files: Iterable[Path]) -> None:
        kept = tuple(files)
        if kept[:1] != self.request.files[:1]:  # the defocus was that of another series
            self.request = replace(self.request, typed=None, defocus=None)
        axes = {path: axis for path, axis in self.request.given.axes.items() if path in kept}
        self.set_request(
            replace(self.request, files=kept, given=replace(self.request.given, axes=axes))
        )

    def _set_given(self, **said: object) -> None:
        given: Given = replace(self.request.given, **said)  # type: ignore[arg-type]
        self.set_request(replace(self.request, given=given))

    def _read(self) -> None:
        if not self.request.files and self.request.made is None:
            self._desk.jobs.drop(SLOT)
            self._show(Look())
            return
        request = self.request
        self._desk.jobs.run(
            SLOT, "Reading tilt series", lambda p: look(request, p), self._show, self._failed
        )

    def _show(self, found: Look) -> None:
        self.look = found
        self.changed.emit()

    def _failed(self, error: Exception) -> None:
        self._desk.failed.emit(error)
