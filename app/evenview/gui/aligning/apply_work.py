"""Other files moved by a transform that was found before: in the worker."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from evenview.core.errors import UserError
from evenview.document import cause
from evenview.gui.aligning.stamps import Stamps
from evenview.gui.aligning.work import WRITE, beside
from evenview.gui.desk import Desk
from evenview.gui.text import TIMES, degrees, significant, typeset
from evenview.tasks import align as task
from evenview.tasks.align import ApplyRequest, ApplyResult
from evenview.tasks.transform_file import TransformFile
from evenview.tasks.turns import axis_angle

#: Said before something is written that should not be relied on.
DOUBT = "{0}: no reliable answer, so that maps and particles would be moved by chance."


class Applying(QObject):
    """Moves files by a transform in the worker; a `Writer`.

    Attributes
    ----------
    transform, files
        What is asked for.
    pixel_size
        Å instead of what headers of maps say.
    reliable
        Whether the transform says nothing against being relied on.
    result
        What was written last.

    Signals
    -------
    changed
        Any of these, or whether work is under way.
    not_written
        Errors, a tuple (`Cancelled` where it was stopped), and the files (a tuple of paths) that
        were written by then.
    """

    changed = pyqtSignal()
    not_written = pyqtSignal(object, object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.transform: Path | None = None
        self.files: tuple[Path, ...] = ()
        self.pixel_size: float | None = None
        self.reliable = True
        self.result: ApplyResult | None = None

    def ask(
        self,
        transform: Path | None,
        files: tuple[Path, ...],
        size: float | None,
        *,
        reliable: bool = True,
    ) -> None:
        """Something else is asked for."""
        asked = (transform, files, size, reliable)
        if asked != (self.transform, self.files, self.pixel_size, self.reliable):
            self.transform, self.files, self.pixel_size, self.reliable = asked
            self.result = None
            self.changed.emit()

    @property
    def proposed(self) -> Path | None:
        """A folder beside the first file."""
        return beside(self.files[0]) if self.files else None

    @property
    def sources(self) -> tuple[Path, ...]:
        """All files that are read."""
        return (*(() if self.transform is None else (self.transform,)), *self.files)

    @property
    def can_write(self) -> bool:
        """Whether all is said, and nothing under way."""
        asked = self.transform is not None and bool(self.files)
        return asked and not self._desk.jobs.is_running(WRITE)

    @property
    def doubt(self) -> str:
        """Why nothing should be written unasked; "" where there is no reason."""
        name = "" if self.transform is None else self.transform.name
        return "" if self.reliable else DOUBT.format(name)

    @property
    def moved(self) -> tuple[Path, ...]:
        """The particles that were written."""
        written = () if self.result is None else self.result.written
        return tuple(target for _, target in written if target.suffix != ".mrc")

    def targets(self, folder: Path) -> tuple[Path, ...]:
        """Every file that would be written into a folder; none where that cannot be told yet."""
        try:
            return task.apply_targets(self._request(folder))
        except UserError:
            return ()

    def write(self, folder: Path) -> None:
        """Move everything into a folder."""
        request, before = self._request(folder), Stamps(self.targets(folder))
        self._desk.jobs.run(
            WRITE,
            f"Moving files into {folder.name}",
            lambda progress: task.apply(request, progress),
            self._done,
            lambda error: self._fail(error, before),
        )
        self.changed.emit()

    def _request(self, folder: Path) -> ApplyRequest:
        transform = self.transform or Path()  # the form tells of a doubt before it writes
        return ApplyRequest(transform, self.files, folder, self.pixel_size, even_so=True)

    def _done(self, result: ApplyResult) -> None:
        self.result = result
        self.changed.emit()

    def _fail(self, error: Exception, before: Stamps) -> None:
        self.changed.emit()
        self.not_written.emit((cause(error),), before.written())


def transform_words(file: TransformFile) -> str:
    """What a transform does, and onto which voxels."""
    motion = file.motion
    turn = axis_angle(motion.rotation)
    axis = ", ".join(f"{x:.3f}" for x in (turn.axis + 0.0).tolist())
    shift = ", ".join(f"{x:.2f}" for x in (motion.shift.round(2) + 0.0).tolist())
    hand = "mirrored in z first" if motion.mirrors else "hand kept"
    box = f" {TIMES} ".join(str(side) for side in file.box)
    names = Path(file.moving).name, Path(file.reference).name
    size = f"{significant(file.voxel_size)}\N{NO-BREAK SPACE}Å"
    return typeset(
        f"Turn of {degrees(turn.angle, 2)} about ({axis}), shift ({shift}) Å, {hand}. Found for "
        f"{names[0]}, laid over {names[1]} ({box} voxels of {size})."
    )
