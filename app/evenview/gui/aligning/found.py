"""What was found: a line a map, and for the chosen one slices, numbers and files."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from evenview.gui.aligning.chosen import ChosenPart
from evenview.gui.aligning.left_out import LeftOut
from evenview.gui.aligning.pose import chimerax_command, matrix_text
from evenview.gui.aligning.slices import SlicesView
from evenview.gui.aligning.table import ResultTable
from evenview.gui.aligning.words import asked_words, here
from evenview.gui.aligning.work import Aligning
from evenview.gui.aligning.writing import FolderForm
from evenview.gui.desk import Desk
from evenview.gui.widgets import STEP, quiet, to_clipboard, warning, wrapped
from evenview.tasks.align import AlignResult, MapResult

UNRELIABLE = "No reliable answer for {0}"
ASKED_TIP = "What was asked for at Inputs…"
WITHOUT = "{0}: Write leaves its particles out"
#: Pixels of the slices and of the pages beside them, at first, and their shares of more.
WIDE, PAGES = 790, 380
SHARES = (8, 5)
#: Pixels that sentences have at least: they need fewer lines.
WORDS = 90 * STEP


class FoundPage(QWidget):
    """The page of results.

    Signals
    -------
    said
        Words for the line below.
    """

    said = pyqtSignal(str)

    def __init__(self, desk: Desk, aligning: Aligning) -> None:
        super().__init__()
        self._aligning = aligning
        self._shown: AlignResult | None = None
        self.table, self.slices = ResultTable(), SlicesView()
        self.chosen = ChosenPart(desk, aligning)
        self.verdict, self.doubts = warning(), warning()
        self.verdict.setProperty("head", True)
        self.writing = FolderForm(desk, aligning)
        self.left_out = LeftOut(aligning)
        self.asked = wrapped(quiet("", ASKED_TIP))
        for words in (self.asked, self.verdict, self.doubts):
            words.setMinimumWidth(WORDS)
        self._lay_out()
        aligning.changed.connect(self._show)
        aligning.looked.connect(self._show_chosen)
        self.table.picked.connect(aligning.choose)
        self.table.left_out.connect(aligning.leave_out)
        self.writing.chosen.connect(self._show_files)
        pose = self.chosen.pose
        pose.copy_matrix.clicked.connect(lambda _checked: self._copy_matrix())
        pose.copy_chimerax.clicked.connect(lambda _checked: self._copy_chimerax())

    def _lay_out(self) -> None:
        both = QSplitter(Qt.Orientation.Horizontal)
        both.setChildrenCollapsible(False)
        both.setHandleWidth(1)
        for place, part in enumerate((self.slices, self.chosen)):
            around = QWidget()
            inside = QVBoxLayout(around)
            inside.setContentsMargins(STEP * place, 0, STEP * (1 - place), 0)
            inside.addWidget(part)
            both.addWidget(around)
            both.setStretchFactor(place, SHARES[place])
        both.setSizes([WIDE, PAGES])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP)
        column.addWidget(self.asked)
        column.addWidget(self.table)
        column.addWidget(self.verdict)
        column.addWidget(self.doubts)
        column.addWidget(both, 1)
        column.addWidget(self.writing)
        column.addWidget(self.left_out)

    def _show(self) -> None:
        result = self._aligning.result
        if result is None or result is self._shown:
            return
        self._shown = result
        request = self._aligning.request
        self.asked.setText("" if request is None else asked_words(request))
        places = {one.place for one in result.maps}  # what only could not be written has its row
        failed = [one for one in result.failed if one.place not in places]
        aligning = self._aligning
        self.table.show_maps(result.maps, aligning.chosen, failed, aligning.left_out)
        self._show_chosen()

    def _show_chosen(self) -> None:
        result, sight = self._aligning.map, self._aligning.sight
        self.chosen.show_map()
        self.slices.show_sight(sight)
        words = () if result is None else result.warnings
        unreliable = result is not None and result.found.unreliable
        self.verdict.setText(self._verdict(result) if result and unreliable else "")
        self.verdict.setVisible(unreliable)
        self.doubts.setText("\n".join(map(here, words)))
        self.doubts.setVisible(bool(words))
        self._show_files()

    def _verdict(self, result: MapResult) -> str:
        words, request = UNRELIABLE.format(result.path.name), self._aligning.request
        particles = request is not None and bool(request.maps[result.place].particles)
        return WITHOUT.format(words) if particles else words

    def _show_files(self) -> None:
        """Those that were written, else those that would be."""
        result, folder = self._aligning.map, self.writing.folder.path
        planned = None if folder is None or result is None else self._aligning.planned(folder)
        written = planned is not None and result is not None and result.outputs == planned
        self.chosen.files.show_files(planned, written=written)

    def _copy_matrix(self) -> None:
        result = self._aligning.map
        if result is not None:
            to_clipboard(matrix_text(result) + "\n")
            self.said.emit(f"Copied the matrix of {result.path.name}.")

    def _copy_chimerax(self) -> None:
        result = self._aligning.map
        if result is not None:
            to_clipboard(chimerax_command(result) + "\n")
            self.said.emit(f"Copied the command for ChimeraX, for {result.path.name} opened as #2.")
