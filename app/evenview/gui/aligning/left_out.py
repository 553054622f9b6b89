"""Particles that were not written with their map, and a button to write them all the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PyQt6.QtWidgets import QWidget

from evenview.core.errors import UserError
from evenview.gui.aligning.words import told
from evenview.gui.aligning.work import Aligning
from evenview.gui.aligning.writing import AGAIN, REPLACED, some
from evenview.gui.files import is_there
from evenview.gui.widgets import STEP, button, row, warning
from evenview.tasks import align_look as task
from evenview.tasks.align import MapResult

WRITE = "Write particles of doubtful maps, too"
WRITE_TIP = "Write the particles beside their maps, although their poses may be ones of chance."
#: Pixels that the sentences have at least.
WORDS = 60 * STEP
REPLACE = "Replace and write them"


class LeftOut(QWidget):
    """What was left out when maps were written, and why; to be seen only where something was."""

    def __init__(self, aligning: Aligning) -> None:
        super().__init__()
        self._aligning = aligning
        self._seen: frozenset[Path] = frozenset()
        self.words = warning()
        self.write = button(WRITE, WRITE_TIP, self._start)
        self.words.setMinimumWidth(WORDS)
        layout = row(self.words, self.write)
        layout.setStretch(0, 1)
        self.setLayout(layout)
        aligning.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        refused = self._refused
        self._seen = frozenset()
        self.setVisible(bool(refused))
        self._say()
        self.write.setText(WRITE)
        self.write.setEnabled(self._aligning.can_write)

    def _say(self, more: str = "") -> None:
        """Why particles were left out; without what the command line would do about it."""
        why = [
            f"{one.path.name}: {told(UserError(one.refused.what))}"
            for one in self._refused
            if one.refused is not None
        ]
        self.words.setText("\n".join(filter(None, (*why, more))))

    @property
    def _refused(self) -> tuple[MapResult, ...]:
        """The maps that were written without their particles."""
        maps = () if self._aligning.result is None else self._aligning.result.maps
        return tuple(one for one in maps if one.refused is not None)

    def _start(self) -> None:
        """Write the particles beside their maps; what is to be replaced is said first."""
        request, result, refused = self._aligning.request, self._aligning.result, self._refused
        folder = next((one.outputs.aligned.parent for one in refused if one.outputs), None)
        if request is None or result is None or folder is None:
            return
        into = replace(request, folder=folder, even_so=True)
        targets = tuple(path for one in refused for path in task.planned_of(into, one).particles)
        there = frozenset(path for path in targets if is_there(path))
        if there <= self._seen:
            self._aligning.start_writing(
                folder, lambda progress: task.write_particles(into, result, progress), targets
            )
            return
        self._seen = there
        self._say(f"{REPLACED.format(some(there))} {AGAIN}")
        self.write.setText(REPLACE)
