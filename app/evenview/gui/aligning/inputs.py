"""What is to be known to align maps: the reference, those that move, and how far they may."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import cast

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QVBoxLayout, QWidget

from evenview.core.align.settings import Hands, Settings
from evenview.core.errors import UserError
from evenview.gui.aligning.card import MovingCard
from evenview.gui.aligning.header import SIZE, HeaderFacts, size_line
from evenview.gui.aligning.mask import MaskField
from evenview.gui.aligning.words import ANGLE, HAND, LOWPASS, SHIFT
from evenview.gui.desk import Desk
from evenview.gui.fields import Choice
from evenview.gui.files import MAPS, ask_open, ask_several, is_map
from evenview.gui.given import NumberLine
from evenview.gui.new_file import PathField
from evenview.gui.options import PIXEL_SIZE, asks_for
from evenview.gui.widgets import STEP, Facts, button, head, mark, quiet, row, scroller, wrapped
from evenview.tasks.align import AlignRequest

INTRO = (
    "Each map is turned, shifted and, where needed, mirrored until it lies over the reference. "
    "Nothing is written until you have seen the result."
)
REFERENCE = "The map that stays where it is. The others come to lie on its voxels."
REFERENCE_MASK = (
    "A soft mask in the box of the reference. Use it where only a part of the maps is alike, such "
    "as one domain of two conformations."
)
EMPTY = "Add the maps that are to be moved, or drop them here."
HOW = (
    "The first map that is dropped is the reference while there is none. A file dropped on a field "
    "goes there; particles dropped elsewhere go with the last map."
)
ALL_MASKS = "One mask for all maps: it is put at every one of them, where another can be chosen."
ADD = "Maps to be laid over the reference, one after the other."
HANDS = {"both": "Try the mirrored map, too", "same": "Keep the hand"}
TIPS = {
    LOWPASS: "Å. Nothing finer is compared. Left empty, all is compared that the maps share, each "
    "shell by how alike they are in it.",
    SHIFT: "Å, between the centre voxels of the boxes. Left empty: a quarter of the larger box.",
    ANGLE: "Degrees of the turn. 180° allows every turn; give less where the maps nearly agree.",
    HAND: "Maps from ab-initio reconstruction may have the other hand. The margin says how clearly "
    "one of the two fits better.",
}
NO_REFERENCE = "Choose the reference."
NO_MAP = "Add a map to be moved."
NOT_TAKEN = "A map has to be there before its particles: drop the maps first."
WIDTH = 10 * STEP
#: Ends of names of maps besides those of `is_map`: packed ones, and stacks, to be told that of.
PACKED = (".mrc.gz", ".map.gz", ".ccp4.gz", ".mrcs")


class AlignInputs(QWidget):
    """The whole form.

    Signals
    -------
    changed
        By the user's hand.
    refused
        A sentence about what was dropped and could not be taken.
    judged
        Another thing is known of the files.
    """

    changed = pyqtSignal()
    refused = pyqtSignal(str)
    judged = pyqtSignal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.cards: list[MovingCard] = []
        self.reference = PathField("Reference", REFERENCE, partial(self._ask, "Reference"))
        ask_mask = partial(self._ask, "Mask of the reference")
        self.soft_mask = MaskField(desk, REFERENCE_MASK, ask_mask)
        self.pixel_size = size_line()
        self.facts = HeaderFacts(desk, self.pixel_size)
        self.lowpass, self.shift, self.angle = (
            NumberLine(name, TIPS[name], WIDTH) for name in (LOWPASS, SHIFT, ANGLE)
        )
        for line, words in ((self.lowpass, "none"), (self.shift, "¼ box"), (self.angle, "180")):
            line.setPlaceholderText(words)
        self.hand = Choice(HANDS.items(), TIPS[HAND])
        self.hand.setAccessibleName(HAND)
        self.hand.setMinimumContentsLength(22)
        self.add = button("Add maps…", ADD, self.ask_maps)
        self.all_masks = button("One mask for all…", ALL_MASKS, self._ask_mask)
        self._lay_out()
        limits = (self.lowpass, self.shift, self.angle, self.hand)
        for one, after in pairwise((self.pixel_size, self.all_masks, self.add, *limits)):
            self.setTabOrder(one, after)
        for field in (self.reference, self.soft_mask):
            field.changed.connect(self._on_changed)
        for line in (self.pixel_size, self.lowpass, self.shift, self.angle):
            line.textEdited.connect(lambda _text: self._on_changed())
        self.hand.chosen.connect(lambda _key: self._on_changed())
        for judge in (self.facts, self.soft_mask):
            judge.judged.connect(self.judged)
        self._on_changed()

    @property
    def missing(self) -> str:
        """What is still to be given; "" where nothing is."""
        if self.reference.path is None:
            return NO_REFERENCE
        return "" if self.cards else NO_MAP

    @property
    def errors(self) -> tuple[tuple[str, QWidget], ...]:
        """What is known to be wrong with files, each with where it is mended."""
        own = (
            (self.reference, self.facts, self.facts.lacks_size, self.pixel_size),
            (self.soft_mask, self.soft_mask, False, self.soft_mask.line),
        )
        found = [
            (f"{field.path.name}: {judge.error}", size if lacks else field.line)
            for field, judge, lacks, size in own
            if field.path is not None and judge.error
        ]
        return (*found, *(error for card in self.cards for error in card.errors))

    def look(self) -> None:
        """Look at files that are others than they were."""
        self.facts.look(self.reference.path)
        self.soft_mask.look(self.reference.path)
        for card in self.cards:
            card.look()

    def go_to(self, mend: QWidget) -> None:
        """Where something is to be mended."""
        self.area.ensureWidgetVisible(mend)
        mend.setFocus()

    def request(self) -> AlignRequest:
        """What is asked for. Raises `UserError` where numbers make no sense."""
        reference = self.reference.path
        if reference is None or not self.cards:
            raise UserError(self.missing)
        angle = self.angle.number
        settings = Settings(
            self.lowpass.number,
            self.shift.number,
            180.0 if angle is None else angle,
            cast("Hands", self.hand.key),
        )
        maps = tuple(card.moving for card in self.cards)
        mask, size = self.soft_mask.path, self.pixel_size.number
        return AlignRequest(reference, maps, mask, size, settings)

    def take(self, paths: Iterable[Path], under: QWidget | None = None) -> None:
        """Files that were dropped on a part of the form: they go into a field that they fall on.

        Elsewhere the first map is the reference where there is none, and particles go with the last
        map.
        """
        files = list(dict.fromkeys(paths))
        if self._take_on(under, files):
            return
        maps = [path for path in files if is_map(path) or path.name.lower().endswith(PACKED)]
        others = [path for path in files if path not in maps]
        if maps and self.reference.path is None:
            self.reference.set_path(maps.pop(0))
        self.add_maps(maps)
        if others and self.cards:
            self.cards[-1].particles.add(others)
        elif others:
            self.refused.emit(NOT_TAKEN)

    def _take_on(self, under: QWidget | None, files: list[Path]) -> bool:
        """Whether what was dropped fell on a field."""
        for field in (self.reference, self.soft_mask):
            if under is not None and files and field.isAncestorOf(under):
                field.set_path(files[0])
                self.add_maps(files[1:] if field is self.reference else ())
                return True
        return any(card.take(under, files) for card in self.cards)

    def add_maps(self, paths: Iterable[Path]) -> None:
        """More maps to be moved, each once."""
        there = {card.path for card in self.cards}
        for path in paths:
            if path not in there:
                self._add(path)
        self._on_changed()

    def ask_maps(self) -> None:
        """Choose more maps."""
        self.add_maps(ask_several(self, "Add maps", MAPS, self.folder()))

    def folder(self) -> Path | None:
        """Where files were found last."""
        if self.cards:
            return self.cards[-1].path.parent
        reference = self.reference.path
        if reference is not None:
            return reference.parent
        path = self._desk.document.path
        return None if path is None else path.parent

    def point_at(self, error: UserError) -> None:
        """Go to the size of voxels that is asked for, where an error asks for one."""
        if not asks_for(error, "--pixel-size") or not error.where:
            return
        where = Path(error.where)
        mine = (card.pixel_size for card in self.cards if card.path == where)
        self.go_to(next(mine, self.pixel_size))

    def leave(self) -> None:
        """Look no further at the files that were chosen: whoever aligns them does."""
        self.facts.leave()
        self.soft_mask.leave()
        for card in self.cards:
            card.leave()

    def show_over(self, over: bool) -> None:
        """Files are over the window."""
        mark(self.frame, "over", over)

    def _lay_out(self) -> None:
        facts = Facts()
        facts.setVerticalSpacing(STEP)
        facts.setContentsMargins(0, 0, 0, 0)
        facts.add("Reference", self.reference, REFERENCE)
        parts = (self.facts, quiet(PIXEL_SIZE, SIZE), self.pixel_size, quiet("Å"))
        beside = row(self.soft_mask, *parts)
        beside.insertSpacing(1, STEP)
        beside.insertSpacing(3, STEP)
        beside.setStretch(0, 1)
        facts.add("Mask", beside, REFERENCE_MASK)
        limits = row(
            quiet(LOWPASS, TIPS[LOWPASS]), self.lowpass, quiet("Å"),
            quiet(SHIFT, TIPS[SHIFT]), self.shift, quiet("Å"),
            quiet(ANGLE, TIPS[ANGLE]), self.angle, quiet("°"),
            quiet(HAND, TIPS[HAND]), self.hand, 1,
        )  # fmt: skip
        for place in (9, 6, 3):
            limits.insertSpacing(place, 3 * STEP)
        self.frame = QFrame()
        self.frame.setObjectName("dropFrame")
        self.empty = QWidget()
        words = QVBoxLayout(self.empty)
        words.setSpacing(STEP)
        words.addStretch(1)
        for label in (head(EMPTY), quiet(HOW)):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            words.addWidget(wrapped(label))
        words.addStretch(1)
        framed = QWidget()
        around = QVBoxLayout(framed)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self.frame)
        self._list = QVBoxLayout(self.frame)
        self._list.setContentsMargins(STEP, STEP, STEP, STEP)
        self._list.setSpacing(STEP)
        self._list.addWidget(self.empty, 1)
        self._list.addStretch(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP)
        column.addWidget(wrapped(quiet(INTRO)))
        column.addLayout(facts)
        column.addWidget(self.facts.trouble)
        column.addLayout(row(head("Maps to be moved"), 1, self.all_masks, self.add))
        self.area = scroller(framed)
        column.addWidget(self.area, 1)
        column.addLayout(limits)

    def _add(self, path: Path) -> None:
        card = MovingCard(self._desk, path)
        card.changed.connect(self._on_changed)
        card.dropped.connect(lambda: self._remove(card))
        card.judged.connect(self.judged)
        self.cards.append(card)
        self._list.insertWidget(len(self.cards), card)
        before = self.cards[-2].stops[-1] if len(self.cards) > 1 else self.add
        for one, after in pairwise((before, *card.stops, self.lowpass)):
            QWidget.setTabOrder(one, after)

    def _remove(self, card: MovingCard) -> None:
        self.cards.remove(card)
        self._list.removeWidget(card)
        card.forget()
        card.hide()
        card.deleteLater()
        self._on_changed()

    def _ask_mask(self) -> None:
        path = ask_open(self, "Mask of all maps", MAPS, self.folder())
        if path is not None:
            for card in self.cards:
                card.set_mask(path)
            self._on_changed()

    def _on_changed(self) -> None:
        self.look()
        self.all_masks.setVisible(len(self.cards) > 1)
        self.empty.setVisible(not self.cards)
        self._list.setStretch(self._list.count() - 1, 1 if self.cards else 0)
        self.changed.emit()

    def _ask(self, title: str, shown: Path) -> Path | None:
        return ask_open(self, title, MAPS, shown.parent if shown.name else self.folder())
