"""What a map says of itself, read as soon as it is chosen: its header, then whether it is sound."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import pyqtSignal

from evenview.core.align.prepare import require_content
from evenview.core.errors import UserError
from evenview.formats.volume_mrc import open_volume, read_header
from evenview.gui.aligning.shortened import Shortened
from evenview.gui.aligning.stamps import Stamp, stamp_of
from evenview.gui.aligning.words import told
from evenview.gui.aligning.work import stopped
from evenview.gui.desk import Desk
from evenview.gui.given import NumberLine
from evenview.gui.options import PIXEL_SIZE
from evenview.gui.text import TIMES, significant
from evenview.gui.widgets import STEP, mark, warning

SIZE = (
    "Å, of the voxels. Left empty it is what the map says; give it where that is wrong or missing."
)
BOX = "{0} voxels"
NO_SIZE = "{0} voxels; give their size, which the file does not say"
UNSAID, GIVE_SIZE = "It does not say the size of its voxels.", f"Give it at {PIXEL_SIZE}."
AS_IT_SAYS, NEEDED = "as it says", "needed"
#: Pixels of a number of a few figures.
NARROW = 9 * STEP


def size_line() -> NumberLine:
    """An input for the size of voxels."""
    line = NumberLine(PIXEL_SIZE, SIZE, NARROW)
    line.setPlaceholderText(AS_IT_SAYS)
    return line


class HeaderFacts(Shortened):
    """The box of a map; the size of its voxels is shown in the line where another can be given.

    Parameters
    ----------
    size
        That line.

    Attributes
    ----------
    trouble
        Why the file is no map, to be put where there is room for a sentence.

    Signals
    -------
    judged
        Another thing is known of the map.
    """

    judged = pyqtSignal()

    def __init__(self, desk: Desk, size: NumberLine) -> None:
        super().__init__()
        self._desk, self._size = desk, size
        self._slot = f"align header {id(self)}"
        self._seen: tuple[Path, Stamp | None] | None = None
        self.trouble = warning()
        self.trouble.hide()
        mark(self, "quiet", True)
        size.textEdited.connect(lambda _text: self._color())

    @property
    def error(self) -> str:
        """What is known to be wrong; "" for nothing."""
        return self.trouble.text() or (f"{UNSAID} {GIVE_SIZE}" if self.lacks_size else "")

    @property
    def lacks_size(self) -> bool:
        """Whether nothing says how large the voxels are."""
        return self._size.placeholderText() == NEEDED and not self._size.text().strip()

    def look(self, path: Path | None) -> None:
        """Read a map, its header first; None says nothing."""
        seen = None if path is None else (path, stamp_of(path))
        if seen == self._seen:
            return
        self._seen = seen
        self._tell("")
        self._desk.jobs.drop(self._slot)
        if path is not None and path.is_file():
            self._desk.jobs.run(
                self._slot,
                f"Looking at {path.name}",
                lambda _progress: read_header(path),
                lambda found: self._show(path, *found),
                self._failed,
            )

    def leave(self) -> None:
        """Look no further: others look at the map now."""
        self._desk.jobs.drop(self._slot)

    def _show(self, path: Path, sides: tuple[int, int, int], size: float | None) -> None:
        box = f" {TIMES} ".join(map(str, sides))
        if size is None:
            self._tell(NO_SIZE.format(box), NEEDED)
        else:
            self._tell(BOX.format(box), significant(size))
        self._desk.jobs.run(
            self._slot,
            f"Looking at {path.name}",
            lambda _progress: _require_sound(path),
            lambda _nothing: None,
            self._failed,
        )

    def _failed(self, error: Exception) -> None:
        if stopped(error):
            return
        if isinstance(error, UserError):  # the file is named beside it
            error = UserError(error.what, hint=error.hint)
        self.trouble.setText(told(error))
        self.trouble.show()
        self.judged.emit()

    def _tell(self, words: str, size: str = AS_IT_SAYS) -> None:
        self.trouble.clear()
        self.trouble.hide()
        self.say(words)
        self._size.setPlaceholderText(size)
        self._color()

    def _color(self) -> None:
        mark(self, "warn", self.lacks_size)
        self.judged.emit()


def _require_sound(path: Path) -> None:
    """Raise `UserError` where a file is no map, is flat, or has voxels that are not numbers."""
    require_content(open_volume(path))
