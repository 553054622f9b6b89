"""Data: what the open file is, and how its directions are binned."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QPushButton, QScrollArea, QSpinBox, QVBoxLayout, QWidget

from evenview.core.binning import Binning
from evenview.core.display import Display
from evenview.core.particles import Note, Particles
from evenview.core.plan import LOOKS
from evenview.gui import edits
from evenview.gui.desk import Desk
from evenview.gui.fields import Choice, style_box
from evenview.gui.panels.group_offer import GroupOffer
from evenview.gui.panels.unit_offer import UnitOffer
from evenview.gui.text import NOTHING, counted, share, significant, whole
from evenview.gui.widgets import (
    STEP,
    Facts,
    head,
    name_icon,
    number,
    panel_column,
    quiet,
    row,
    rule,
    tinted_label,
    wrapped,
)

LOOK_TITLES = {
    "stored": "As stored",
    "expanded": "Expanded to all copies",
    "folded": "Folded to one unit",
}
GROUPS = (
    *(f"C{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 12)),
    *(f"D{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8)),
    *("T", "O", "I1", "I2", "I3", "I4"),
)
#: kind: (title, unit of its number, lowest, highest, usual)
GRIDS = {
    "healpix": ("HEALPix", "", 0, 6, 4),
    "fibonacci": ("Fibonacci", "", 12, 50_000, 192),
    "azel": ("Azimuth / elevation", "°", 1, 30, 5),
}


class DataPanel(QWidget):
    """Facts of the file, then symmetry and grid, then the notes."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        column = panel_column(self)
        column.addLayout(self._facts())
        column.addWidget(rule())
        column.addLayout(self._ways())
        self._notes = QVBoxLayout()
        self._notes.setSpacing(STEP // 2)
        column.addLayout(self._notes)
        column.addStretch(1)
        desk.document.opened.connect(self._on_opened)
        desk.document.display_changed.connect(self._on_display)
        desk.document.failed.connect(lambda _error: self._show_class())
        self._show_class()

    @property
    def essential(self) -> int:
        """Pixels down to the grid; only notes come below."""
        layout = self.layout()
        assert layout is not None
        below = self._notes.sizeHint().height() + layout.spacing() if self._notes.count() else 0
        return layout.sizeHint().height() - below

    def _facts(self) -> Facts:
        facts = Facts()
        self.format = facts.add_number(
            "Format", "The format found in the file's content; its suffix is not believed."
        )
        self.particles = facts.add_number(
            "Particles", "Rows of the particle table. A row number is a particle's identity here."
        )
        self.notes = QPushButton()
        self.notes.setObjectName("link")
        name_icon(self.notes, "warning")
        self.notes.setToolTip("Something about this file is worth knowing. Click to read it.")
        self.notes.clicked.connect(lambda _checked: self._read_notes())
        self.notes.hide()
        facts.addWidget(self.notes, facts.rowCount(), 0, 1, 2)
        self.placed = facts.add_number(
            "Placed",
            "Particles that have a pose. The others cannot be drawn; an export keeps them all.",
        )
        self.classes = Choice[str](
            tip="This file has poses of each particle for several classes. Another choice opens "
            "it again: the selection and thinning begin anew."
        )
        self.classes.chosen.connect(self._choose_class)
        self._classes_name = facts.add("Poses of", self.classes)
        self.halves = facts.add_number(
            "Half-sets",
            "Share of the particles in half 1 and half 2. cryoSPARC warns when they differ by more "
            "than 2 %; thinning here can keep them alike.",
        )
        self.pixel_size = facts.add_number(
            "Pixel size", "Å per pixel of the particle images, as the file says."
        )
        return facts

    def _ways(self) -> Facts:
        ways = Facts()
        self.symmetry = Choice(
            [(name, name) for name in GROUPS],
            "Point group of the map, in RELION's setting: Dn has a 2-fold on X, I1 to I4 differ in "
            "their axes. Type any other, such as C17, and press Enter.",
        )
        self.symmetry.setEditable(True)
        self.symmetry.setMinimumContentsLength(6)
        self.symmetry.setInsertPolicy(Choice.InsertPolicy.NoInsert)
        self.symmetry.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.symmetry.textActivated.connect(self._set_symmetry)
        line = self.symmetry.lineEdit()
        if line is not None:
            line.editingFinished.connect(lambda: self._set_symmetry(self.symmetry.currentText()))
        ways.add("Symmetry", self.symmetry)
        self.group_offer = GroupOffer(self._desk.jobs)
        self.group_offer.group_wanted.connect(self._set_symmetry)
        ways.addWidget(self.group_offer, ways.rowCount(), 0, 1, 2)
        self.look = Choice(
            [(look, LOOK_TITLES[look]) for look in LOOKS],
            "RELION keeps views in one unit, cryoSPARC spreads them over all: fold or expand "
            "before comparing. Thinning always acts on particles, never on their copies.",
        )
        self.look.chosen.connect(self._set_look)
        ways.add("Directions", self.look)
        self.offer = UnitOffer()
        self.offer.look_wanted.connect(self._set_look)
        ways.addWidget(self.offer, ways.rowCount(), 0, 1, 2)
        self.grid_kind = Choice(
            [(kind, about[0]) for kind, about in GRIDS.items()],
            "How the sphere is cut into bins. HEALPix and Fibonacci bins are of equal area; the "
            "azimuth / elevation cells shrink eighteenfold towards the poles.",
        )
        self.grid_kind.chosen.connect(self._set_kind)
        self.grid_level = QSpinBox()
        style_box(self.grid_level, width=96)
        self.grid_level.setAccessibleName("Fineness of the grid")
        self.grid_level.setToolTip(
            "HEALPix: the order, four times the bins for each step. Fibonacci: the number of bins; "
            "192 is what cryoSPARC uses. Azimuth / elevation: degrees a cell."
        )
        self.grid_level.valueChanged.connect(self._set_level)
        ways.add("Grid", row(self.grid_kind, self.grid_level))
        self.grid_title = number(
            tip="Bins, the side of a square of the same area, and the particles that a bin holds "
            "on average. With 16 chance alone makes bins differ by a quarter; a coarser grid is "
            "calmer."
        )
        self.grid_title.setProperty("quiet", True)
        ways.addWidget(self.grid_title, ways.rowCount(), 0, 1, 2)
        return ways

    def _on_opened(self, particles: Particles) -> None:
        total = len(particles)
        self.format.setText(particles.table.format_name)
        self.particles.setText(whole(total))
        self.placed.setText(f"{whole(particles.n_placed)}  ({share(particles.n_placed, total)})")
        self._show_class()
        self.halves.setText(_halves(particles))
        size = particles.pixel_size
        self.pixel_size.setText(f"{size:.4g} Å" if size else "not in the file")
        self._show_notes(particles.notes)

    def _show_class(self) -> None:
        """The classes of the open file, and whose poses are shown."""
        particles = self._desk.document.particles
        known = particles.classes if particles is not None else ()
        for part in (self._classes_name, self.classes):
            part.setVisible(bool(known))
        if particles is None or not known:
            return
        each = [(str(number), f"Class {number}") for number in known]
        self.classes.set_items([("", "Most probable class"), *each])
        chosen = particles.reading.chosen_class
        self.classes.show_key("" if chosen is None else str(chosen))

    def _choose_class(self, key: str) -> None:
        self._desk.document.choose_class(int(key) if key else None)

    def _on_display(self, _before: Display | None, after: Display) -> None:
        plan = after.plan
        self.symmetry.show_key(plan.symmetry)
        self.look.show_key(plan.look)
        self.look.setEnabled(plan.symmetry != "C1")
        self.group_offer.show_for(after.particles, plan.symmetry)
        self.offer.show_for(after.particles, plan.symmetry, plan.look)
        kind, _, level = plan.grid.partition(":")
        self.grid_kind.show_key(kind)
        _, unit, low, high, _ = GRIDS[kind]
        self.grid_level.blockSignals(True)
        self.grid_level.setRange(low, high)
        self.grid_level.setSuffix(unit)
        self.grid_level.setValue(round(float(level)))
        self.grid_level.blockSignals(False)
        bins = after.binning.grid.title.partition(", ")[2]
        self.grid_title.setText(f"{bins} · {_crowding(after.binning)}")

    def _show_notes(self, notes: tuple[Note, ...]) -> None:
        while item := self._notes.takeAt(0):
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self.notes.setVisible(bool(notes))
        self.notes.setText(counted(len(notes), "note"))
        if not notes:
            return
        self._notes.addWidget(rule())
        top = QWidget()
        top.setLayout(row(tinted_label("note"), head(counted(len(notes), "note")), 1))
        self._notes.addWidget(top)
        for note in notes:
            self._notes.addWidget(wrapped(quiet(f"{note.text} {note.meaning}".strip())))

    def _read_notes(self) -> None:
        """Scroll to the notes, to the first of them where not all fit."""
        area = self.parent()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parent()
        for index in reversed(range(self._notes.count())):
            item = self._notes.itemAt(index)
            note = item.widget() if item is not None else None
            if area is not None and note is not None:
                area.ensureWidgetVisible(note, 0, STEP)

    def _set_symmetry(self, name: str) -> None:
        document = self._desk.document
        if name.strip() != document.plan.symmetry:
            document.edit(f"Symmetry {name.strip()}", lambda plan: edits.symmetry(plan, name))
        self.symmetry.show_key(document.plan.symmetry)

    def _set_look(self, look: str) -> None:
        label = f"Directions {LOOK_TITLES[look].lower()}"
        self._desk.document.edit(label, lambda plan: replace(plan, look=look))  # type: ignore[arg-type]

    def _set_kind(self, kind: str) -> None:
        self._set_grid(f"{kind}:{GRIDS[kind][4]}")

    def _set_level(self, level: int) -> None:
        self._set_grid(f"{self.grid_kind.key}:{level}")

    def _set_grid(self, name: str) -> None:
        title = f"Grid {GRIDS[name.partition(':')[0]][0]} {name.partition(':')[2]}"
        self._desk.document.edit(title, lambda plan: replace(plan, grid=name))


def _crowding(binning: Binning) -> str:
    """Particles a bin, copies counted where they show, bins outside the unit left out."""
    bins = int((binning.areas > 0).sum())
    return f"{significant(binning.counts.sum() / max(1, bins), 2)} particles a bin"


def _halves(particles: Particles) -> str:
    if particles.halves is None:
        return "none in the file"
    total = len(particles)
    one = int((particles.halves == 1).sum())
    two = int((particles.halves == 2).sum())
    return f"{share(one, total)} / {share(two, total)}" if total else NOTHING
