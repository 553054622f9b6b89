"""How a map is turned: about an axis, by numbers that are pasted, between symmetry settings."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from evenview.core.settings import PACKAGES
from evenview.gui.fields import Choice
from evenview.gui.given import NumberLine
from evenview.gui.widgets import STEP, number_font, quiet, row
from evenview.tasks import turns

HOW = {
    "": "Not turned",
    "axis": "About an axis",
    "matrix": "By a matrix",
    "quaternion": "By a quaternion",
    "setting": "From one symmetry setting to another",
}
MATRIX_TIP = (
    "Row by row, of the map: r_new = M r_old. A matrix that ChimeraX prints has the shift, in Å, "
    "at the end of each row."
)


class TurnField(QWidget):
    """How the map is turned, said in one of several ways.

    Signals
    -------
    changed
        By the user's hand.
    """

    changed = pyqtSignal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.how = Choice(HOW.items(), "How the turn is given. It is that of the map.")
        self.how.setAccessibleName(name)
        self.how.setMinimumContentsLength(30)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP // 2)
        column.addLayout(row(self.how, 1))
        self._pages: dict[str, QWidget] = {
            "axis": self._axis(),
            "matrix": self._matrix(),
            "quaternion": self._quaternion(),
            "setting": self._setting(),
        }
        for page in self._pages.values():
            page.hide()
            column.addWidget(page)
        self.how.chosen.connect(lambda _key: self._chosen())
        self.setFocusProxy(self.how)

    @property
    def is_begun(self) -> bool:
        """Whether a turn is said, or half of one at least."""
        return bool(self.how.key)

    @property
    def is_complete(self) -> bool:
        """Whether nothing of the way that is chosen is left empty."""
        return all(text.strip() for text in self._texts[self.how.key]())

    def turn(self) -> turns.Turn | None:
        """The turn, None where there is none. Raises `UserError` where it is none that can be."""
        read: dict[str, Callable[[], turns.Turn]] = {
            "axis": lambda: turns.about_axis(self.axis.currentText().strip(), self.angle.text()),
            "matrix": lambda: turns.of_matrix(self.matrix.toPlainText()),
            "quaternion": lambda: turns.of_quaternion(self.quaternion.text()),
            "setting": lambda: turns.Turn(turns.between_settings(*self._settings()).matrix),
        }
        return read[self.how.key]() if self.how.key else None

    def clear(self) -> None:
        """Turn nothing."""
        self.how.show_key("")
        self._show()

    @property
    def _texts(self) -> dict[str, Callable[[], tuple[str, ...]]]:
        return {
            "": tuple,
            "axis": lambda: (self.axis.currentText(), self.angle.text()),
            "matrix": lambda: (self.matrix.toPlainText(),),
            "quaternion": lambda: (self.quaternion.text(),),
            "setting": lambda: tuple(line.text() for _package, line in self.settings),
        }

    def _settings(self) -> tuple[str, str]:
        old, new = (
            f"{package.key}:{line.text().strip()}" if package.key else line.text().strip()
            for package, line in self.settings
        )
        return old, new

    def _chosen(self) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        for key, page in self._pages.items():
            page.setVisible(key == self.how.key)

    def _tell(self, _text: str = "") -> None:
        self.changed.emit()

    def _axis(self) -> QWidget:
        self.axis = Choice[str]([], "x, y or z, or three numbers like 1,1,0.")
        self.axis.setEditable(True)
        self.axis.setAccessibleName("Axis")
        self.axis.setMinimumContentsLength(10)
        self.axis.set_items((letter, letter) for letter in "zxy")
        self.axis.setCurrentIndex(0)
        self.axis.currentTextChanged.connect(self._tell)
        self.angle = NumberLine(
            "Angle", "Degrees. Right-handed: 90 about z takes x to y.", width=11 * STEP
        )
        self.angle.textEdited.connect(self._tell)
        return _page(self.axis, quiet("by"), self.angle, quiet("°"), 1)

    def _matrix(self) -> QWidget:
        self.matrix = QPlainTextEdit()
        self.matrix.setAccessibleName("Matrix")
        self.matrix.setToolTip(MATRIX_TIP)
        self.matrix.setPlaceholderText("9 numbers, or 12 with the shift at the end of each row")
        self.matrix.setFont(number_font(self.matrix.font()))
        self.matrix.setTabChangesFocus(True)
        self.matrix.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.matrix.setFixedHeight(3 * self.matrix.fontMetrics().lineSpacing() + 3 * STEP)
        self.matrix.textChanged.connect(self._tell)
        return _page(self.matrix)

    def _quaternion(self) -> QWidget:
        self.quaternion = QLineEdit()
        self.quaternion.setAccessibleName("Quaternion")
        self.quaternion.setToolTip("w, x, y, z of the turn of the map, of any length but 0.")
        self.quaternion.setPlaceholderText("w, x, y, z")
        self.quaternion.setFont(number_font(self.quaternion.font()))
        self.quaternion.textEdited.connect(self._tell)
        return _page(self.quaternion)

    def _setting(self) -> QWidget:
        self.settings = tuple(self._one_setting(word) for word in ("from", "to"))
        (old, group), (new, other) = self.settings
        return _page(old, group, QLabel("→"), new, other, 1)

    def _one_setting(self, word: str) -> tuple[Choice[str], QLineEdit]:
        items = {"": "Evenview"} | {key: about.title for key, about in PACKAGES.items()}
        package = Choice(items.items(), f"Whose names of point groups: turned {word} this setting.")
        package.setAccessibleName(f"Turned {word} the setting of")
        package.setMinimumContentsLength(10)
        package.show_key("relion" if word == "from" else "cryosparc")
        package.chosen.connect(self._tell)
        group = QLineEdit()
        group.setAccessibleName(f"Turned {word} the point group")
        group.setToolTip("A point group as this program calls it, such as D7, T or I1.")
        group.setPlaceholderText("D7")
        group.setFixedWidth(7 * STEP)
        group.textEdited.connect(self._tell)
        return package, group


def _page(*parts: QWidget | int) -> QWidget:
    page = QWidget()
    page.setLayout(row(*parts))
    return page
