"""Small parts that all panels are made of, so that margins, numbers and icons agree."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject, QSize, Qt
from PyQt6.QtGui import QAction, QFont, QGuiApplication, QPixmap
from PyQt6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from evenview.gui.theme import drawn, icon, theme

#: The grid of margins and gaps, in logical pixels.
STEP = 8
ICON = 16
#: Qt's word for a height without a limit.
ANY = (1 << 24) - 1


def name_icon(target: QAction | QAbstractButton, name: str) -> None:
    """Give an icon that `retint` draws anew when the colours change."""
    target.setProperty("evenviewIcon", name)
    target.setIcon(icon(name))


def retint(root: QObject) -> None:
    """Draw every icon below `root` in the colours in force."""
    for child in root.findChildren(QObject):
        name = child.property("evenviewIcon")
        if not name:
            continue
        if isinstance(child, QAction | QAbstractButton):
            child.setIcon(icon(name))
        elif isinstance(child, QLabel):
            child.setPixmap(_label_picture(name, child.width(), child.property("evenviewTint")))


def button(text: str, tip: str, on_click: Callable[[], object] | None = None) -> QPushButton:
    """A button that Enter in a line does not press."""
    made = QPushButton(text)
    made.setToolTip(tip)
    made.setAutoDefault(False)
    if on_click is not None:
        made.clicked.connect(lambda _checked: on_click())
    return made


def icon_button(
    name: str, tip: str, on_click: Callable[[], object] | None = None, *, checkable: bool = False
) -> QToolButton:
    """A flat button with one of our icons; it takes the focus by Tab only."""
    button = QToolButton()
    name_icon(button, name)
    _flat(button, tip, on_click, checkable)
    button.setIconSize(QSize(ICON, ICON))
    return button


def text_button(
    text: str, tip: str, on_click: Callable[[], object] | None = None, *, checkable: bool = False
) -> QToolButton:
    """A flat button with a word or letter on it."""
    button = QToolButton()
    button.setText(text)
    _flat(button, tip, on_click, checkable)
    return button


def _flat(
    button: QToolButton, tip: str, on_click: Callable[[], object] | None, checkable: bool
) -> None:
    button.setToolTip(tip)
    button.setAccessibleName(tip.partition(".")[0])
    button.setCheckable(checkable)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if on_click is not None:
        button.clicked.connect(lambda _checked: on_click())


def tinted_label(name: str, size: int = ICON, color: str = "quiet") -> QLabel:
    """One of our icons as a picture, in a colour of the theme."""
    label = QLabel()
    label.setProperty("evenviewIcon", name)
    label.setProperty("evenviewTint", color)
    label.setFixedSize(size, size)
    label.setPixmap(_label_picture(name, size, color))
    return label


def _label_picture(name: str, size: int, color: str) -> QPixmap:
    picture = drawn(name, getattr(theme.colors, color), 2 * size)
    picture.setDevicePixelRatio(2.0)
    return picture


def quiet(text: str = "", tip: str = "") -> QLabel:
    """A label that stands back."""
    label = QLabel(text)
    label.setProperty("quiet", True)
    label.setToolTip(tip)
    return label


def head(text: str) -> QLabel:
    """The head of a section."""
    label = QLabel(text)
    label.setProperty("head", True)
    return label


def lead(button: QAbstractButton, on: bool) -> None:
    """Draw a button as the one to press next, or as any other."""
    button.setObjectName("primary" if on else "")
    _restyle(button)


def mark(widget: QWidget, name: str, on: bool) -> None:
    """Switch a property that the style sheet asks for."""
    widget.setProperty(name, on)
    _restyle(widget)


def _restyle(widget: QWidget) -> None:
    style = widget.style()
    if style is not None:
        style.unpolish(widget)
        style.polish(widget)


def wrapped(label: QLabel) -> QLabel:
    """The label, broken into lines where it must be."""
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    label.setMinimumWidth(30 * STEP)
    return label


def copied(label: QLabel) -> QLabel:
    """The label, with words that can be copied, shown as they are."""
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def words_label(words: str = "") -> QLabel:
    """Plain words that can be copied, broken where they must be."""
    return copied(wrapped(QLabel(words)))


def warning(words: str = "") -> QLabel:
    """The same in the colour of warnings."""
    label = words_label(words)
    mark(label, "warn", True)
    return label


def number_font(base: QFont) -> QFont:
    """The font with figures of one width, so that columns of numbers line up."""
    font = QFont(base)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def number(text: str = "", tip: str = "") -> QLabel:
    """A number: right-aligned, figures of one width, can be copied."""
    label = QLabel(text)
    label.setFont(number_font(label.font()))
    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setToolTip(tip)
    return label


def rule() -> QFrame:
    """A thin line between sections."""
    line = QFrame()
    line.setObjectName("rule")
    line.setFixedHeight(1)
    return line


def row(*parts: QWidget | int, gap: int = STEP) -> QHBoxLayout:
    """Widgets side by side; a number is a stretch."""
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(gap)
    for part in parts:
        if isinstance(part, int):
            layout.addStretch(part)
        else:
            layout.addWidget(part)
    return layout


class Facts(QGridLayout):
    """Lines of a quiet name and a value: names on the left, numbers on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.setHorizontalSpacing(2 * STEP)
        self.setVerticalSpacing(STEP // 2)
        self.setColumnStretch(1, 1)

    def add(self, name: str, value: QWidget | QLayout, tip: str = "") -> QLabel:
        """Add a line; returns the name's label."""
        line = self.rowCount()
        label = quiet(name, tip)
        self.addWidget(label, line, 0)
        if isinstance(value, QWidget):
            if tip and not value.toolTip():
                value.setToolTip(tip)
            label.setBuddy(value)
            self.addWidget(value, line, 1)
        else:
            self.addLayout(value, line, 1)
            _name_parts(value, name)
        return label

    def add_number(self, name: str, tip: str) -> QLabel:
        """Add a line whose value is a number; returns the number's label."""
        value = number(tip=tip)
        self.add(name, value, tip)
        return value


class Scroller(QScrollArea):
    """Never narrower than its body and the scroll bar beside it; if snug, never taller; if it is
    to be seen whole, never lower."""

    def __init__(self, snug: bool, whole: bool) -> None:
        super().__init__()
        self._snug, self._whole = snug, whole

    def set_snug(self, snug: bool) -> None:
        """Never be taller than the body, or be as tall as there is room."""
        self._snug = snug
        self._limit()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Ask for another size when the body does."""
        if event is not None and event.type() == QEvent.Type.LayoutRequest:
            self._limit()
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def _limit(self) -> None:
        body = self.widget()
        tallest = body.sizeHint().height() + STEP if self._snug and body is not None else ANY
        self.setMaximumHeight(tallest)

    def minimumSizeHint(self) -> QSize:
        """As wide as the body, of any height or of the body's."""
        body, bar = self.widget(), self.verticalScrollBar()
        if body is None or bar is None:
            return super().minimumSizeHint()
        height = body.sizeHint().height() if self._whole else 6 * STEP
        return QSize(body.minimumSizeHint().width() + bar.sizeHint().width(), height)


def _name_parts(layout: QLayout, name: str) -> None:
    """Screen readers say the line's name at inputs that have none of their own."""
    for index in range(layout.count()):
        item = layout.itemAt(index)
        part = item.widget() if item is not None else None
        if part is not None and not part.accessibleName():
            part.setAccessibleName(name)


def scroller(body: QWidget, *, snug: bool = False, whole: bool = False) -> Scroller:
    """A body that scrolls up and down where there is too little room; `snug` takes no more of it
    than the body needs, `whole` no less."""
    body.setObjectName("panelBody")
    area = Scroller(snug, whole)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(body)
    return area


def panel_column(body: QWidget) -> QVBoxLayout:
    """The layout of a panel: one column, the margins of the grid."""
    column = QVBoxLayout(body)
    column.setContentsMargins(STEP + 4, STEP, STEP + 4, 0)
    column.setSpacing(STEP)
    return column


def to_clipboard(text: str) -> None:
    """Copy a text."""
    clipboard = QGuiApplication.clipboard()
    if clipboard is not None:
        clipboard.setText(text)
