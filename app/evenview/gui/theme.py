"""Light and dark: two palettes, one small style sheet, and icons that follow them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from PyQt6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PyQt6.QtSvg import QSvgRenderer
from PyQt6.QtWidgets import QApplication

from evenview import resources

Choice = Literal["system", "light", "dark"]


@dataclass(frozen=True)
class Colors:
    """The colours of the window, each "#rrggbb"."""

    dark: bool
    window: str
    raised: str
    field: str
    canvas: str
    text: str
    quiet: str
    line: str
    outline: str
    accent: str
    on_accent: str
    warning: str
    error: str
    error_back: str
    before: str


LIGHT = Colors(
    dark=False,
    window="#f3f4f6",
    raised="#fbfbfc",
    field="#ffffff",
    canvas="#ffffff",
    text="#1b1e23",
    quiet="#636b76",
    line="#d5d9df",
    outline="#aab1bb",
    accent="#1f6feb",
    on_accent="#ffffff",
    warning="#9a6200",
    error="#8f1d1d",
    error_back="#fdeaea",
    before="#9aa3af",
)
DARK = Colors(
    dark=True,
    window="#202327",
    raised="#272b30",
    field="#181a1d",
    canvas="#16181c",
    text="#e7e9ec",
    quiet="#9ba3ae",
    line="#3a3f46",
    outline="#79838f",
    accent="#5aa2ff",
    on_accent="#0c1116",
    warning="#f0b548",
    error="#ffb4b4",
    error_back="#45262a",
    before="#6f7884",
)


class Theme(QObject):
    """The colours in force; `changed` when they are others."""

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.choice: Choice = "system"
        self.colors = LIGHT
        self._applied = False

    def start(self) -> None:
        """Follow the system's choice from now on."""
        hints = QGuiApplication.styleHints()
        if hints is not None and not self._applied:
            hints.colorSchemeChanged.connect(self._apply)
        self._apply()

    def choose(self, choice: Choice) -> None:
        """Light, dark, or as the system says."""
        self.choice = choice
        self._apply()

    def _apply(self) -> None:
        dark = _system_is_dark() if self.choice == "system" else self.choice == "dark"
        colors = DARK if dark else LIGHT
        if self._applied and colors is self.colors:
            return
        self._applied, self.colors = True, colors
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.setPalette(palette(self.colors))
            for kind in INPUTS:
                app.setPalette(outlined(self.colors), kind)
            app.setStyleSheet(style_sheet(self.colors))
        self.changed.emit()


#: Qt's classes of what takes input and has no fill that sets it off.
INPUTS = ("QCheckBox", "QRadioButton", "QAbstractSpinBox", "QLineEdit", "QPlainTextEdit")
#: How much darker than the window Fusion's outlines are, in per cent.
FUSION_DARKENS = 140
#: The one theme of the process, as Qt's palette is.
theme = Theme()


def palette(colors: Colors) -> QPalette:
    """Qt's palette made of our colours."""
    role = QPalette.ColorRole
    made = QPalette()
    for which, color in (
        (role.Window, colors.window),
        (role.WindowText, colors.text),
        (role.Base, colors.field),
        (role.AlternateBase, colors.raised),
        (role.Text, colors.text),
        (role.Button, colors.raised),
        (role.ButtonText, colors.text),
        (role.ToolTipBase, colors.raised),
        (role.ToolTipText, colors.text),
        (role.PlaceholderText, colors.quiet),
        (role.Highlight, colors.accent),
        (role.HighlightedText, colors.on_accent),
        (role.Link, colors.accent),
        (role.Accent, colors.accent),
    ):
        made.setColor(which, QColor(color))
    for which in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText):
        made.setColor(QPalette.ColorGroup.Disabled, which, faded(colors))
    return made


def faded(colors: Colors) -> QColor:
    """Words of what cannot be used now."""
    made = QColor(colors.quiet)
    made.setAlpha(140)
    return made


def outlined(colors: Colors) -> QPalette:
    """The palette of inputs with an outline that is seen.

    Qt's Fusion style derives outlines from the window's colour, and on a dark window makes them
    darker still; inputs draw nothing else with that colour.
    """
    made = palette(colors)
    made.setColor(QPalette.ColorRole.Window, QColor(colors.outline).lighter(FUSION_DARKENS))
    return made


def style_sheet(colors: Colors) -> str:
    """What the palette cannot say: lines, margins, quiet text."""
    hover = "rgba(255,255,255,28)" if colors.dark else "rgba(20,30,45,20)"
    return f"""
    QMainWindow::separator {{ background: {colors.line}; width: 1px; height: 1px; }}
    QMainWindow::separator:hover {{ background: {colors.accent}; }}
    QSplitter::handle {{ background: {colors.line}; }}
    QToolTip {{ color: {colors.text}; background: {colors.raised};
               border: 1px solid {colors.line}; padding: 6px; }}
    QMenuBar {{ background: {colors.window}; border-bottom: 1px solid {colors.line}; }}
    QStatusBar {{ background: {colors.window}; border-top: 1px solid {colors.line}; }}
    QStatusBar::item {{ border: none; }}
    QScrollArea, QWidget#panelBody {{ background: transparent; border: none; }}
    QLabel[quiet="true"] {{ color: {colors.quiet}; }}
    QLabel[quiet="true"]:disabled {{ color: {faded(colors).name(QColor.NameFormat.HexArgb)}; }}
    QLabel[head="true"] {{ font-weight: 600; }}
    QLabel[warn="true"], QLabel[warning="true"] {{ color: {colors.warning}; }}
    QLabel[error="true"] {{ color: {colors.error}; }}
    QLabel[accent="true"] {{ color: {colors.accent}; }}
    QWidget#strip {{ background: {colors.window}; }}
    QWidget#dockTitle {{ background: {colors.raised}; border-bottom: 1px solid {colors.line}; }}
    QFrame#errorBar {{ background: {colors.error_back}; border-bottom: 1px solid {colors.line}; }}
    QFrame#errorBar QLabel {{ color: {colors.error}; }}
    QFrame#noticeBox {{ background: {colors.raised}; border: 1px solid {colors.line};
        border-radius: 4px; }}
    QFrame#rule {{ background: {colors.line}; max-height: 1px; border: none; }}
    QToolButton {{ border: 1px solid transparent; border-radius: 4px; padding: 3px; }}
    QToolButton:hover {{ background: {hover}; }}
    QToolButton:checked {{ background: {colors.accent}; color: {colors.on_accent}; }}
    QToolButton:focus {{ border-color: {colors.accent}; }}
    QToolButton#framed {{ border-color: {colors.line}; background: {colors.raised};
        padding: 4px 12px; }}
    QToolButton#framed:hover {{ border-color: {colors.outline}; }}
    QToolButton#framed:checked {{ background: {colors.accent}; color: {colors.on_accent}; }}
    QToolButton#framed:focus {{ border-color: {colors.accent}; }}
    QToolButton::menu-indicator {{ image: none; }}
    QPushButton#primary {{ background: {colors.accent}; color: {colors.on_accent};
        border: none; border-radius: 4px; padding: 6px 16px; font-weight: 600; }}
    QPushButton#primary:hover {{ background: {QColor(colors.accent).lighter(112).name()}; }}
    QPushButton#primary:disabled {{ background: {colors.line}; color: {colors.quiet}; }}
    QPushButton#large {{ border: 1px solid {colors.line};
        border-radius: 8px; background: {colors.raised}; }}
    QPushButton#large:hover, QPushButton#large:focus {{ border-color: {colors.accent}; }}
    QPushButton#link {{ border: none; background: transparent; color: {colors.accent};
        text-align: left; padding: 4px; }}
    QPushButton#link:disabled {{ color: {colors.quiet}; }}
    QPushButton#link:hover, QPushButton#link:focus {{ text-decoration: underline; }}
    QTableWidget::item {{ padding: 0 8px; }}
    QTableWidget QHeaderView::section {{ background: {colors.raised}; border: none;
        border-bottom: 1px solid {colors.line}; padding: 2px 8px; }}
    QFrame#dropFrame {{ border: 2px dashed {colors.line}; border-radius: 12px; }}
    QFrame#dropFrame[over="true"] {{ border-color: {colors.accent}; background: {hover}; }}
    """


def icon(name: str) -> QIcon:
    """One of our line icons in the colours in force; a checked one in the accent's contrast."""
    made = QIcon()
    colors = theme.colors
    mode, state = QIcon.Mode, QIcon.State
    for color, when, how in (
        (colors.text, mode.Normal, state.Off),
        (colors.on_accent, mode.Normal, state.On),
        (colors.on_accent, mode.Active, state.On),
        (colors.on_accent, mode.Selected, state.Off),
        (colors.before, mode.Disabled, state.Off),
    ):
        for size in (20, 40):
            made.addPixmap(drawn(name, color, size), when, how)
    return made


@lru_cache(maxsize=1024)
def drawn(name: str, color: str, size: int) -> QPixmap:
    """One of our line icons as a square picture of `size` pixels."""
    source = resources.path("icons", f"{name}.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(source.replace("currentColor", color).encode()))
    picture = QPixmap(QSize(size, size))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return picture


def _system_is_dark() -> bool:
    hints = QGuiApplication.styleHints()
    return hints is not None and hints.colorScheme() == Qt.ColorScheme.Dark
