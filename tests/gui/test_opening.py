from __future__ import annotations

import threading

import pytest
from PyQt6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PyQt6.QtGui import QDropEvent
from PyQt6.QtTest import QTest

from evenview.core.particles import Note
from evenview.gui.export import EXPORT
from evenview.gui.places import ASIDE
from evenview.gui.settings import Settings
from evenview.gui.window import Window


def drop(window: Window, path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(300, 300),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)


def test_an_empty_window_offers_three_ways_to_begin(empty):
    assert empty.pages.currentWidget() is empty.welcome
    assert all(part.isVisible() for part in (empty.welcome.open, empty.welcome.demo))
    assert empty.welcome.drop.isVisible()
    assert not any(dock.isVisible() for dock in empty.docks.values())


def test_enter_works_the_card_that_has_the_focus(empty):
    asked = []
    empty.welcome.open_wanted.disconnect()
    empty.welcome.open_wanted.connect(lambda: asked.append("open"))
    empty.welcome.open.setFocus()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
        QTest.keyClick(empty.welcome.open, key)
    assert asked == ["open"] * 3


def test_notes_are_told_at_the_top_and_a_click_leads_to_them(window, tmp_path, settle):
    assert window.data.notes.isVisible() is bool(window.document.particles.notes)
    window.data._show_notes(tuple(Note("Odd.", "It means much." * 40) for _ in range(9)))
    QTest.qWait(30)
    assert window.data.notes.isVisible()
    assert window.data.notes.text() == "9 notes"
    assert window.data.notes.y() < window.data.placed.y()
    bar = window.docks["data"].widget().verticalScrollBar()
    bar.setValue(0)
    window.data.notes.click()
    assert bar.value() > 0


def test_a_file_says_at_once_what_it_is(window):
    data = window.data
    assert data.format.text() == "RELION 3.1 star"
    assert data.particles.text() == "3,000"
    assert data.placed.text().startswith("3,000")
    assert data.halves.text() == "50.0 % / 50.0 %"
    assert data.pixel_size.text() == "1.25 Å"
    assert window.windowTitle().startswith("hot.star")


def test_a_dropped_file_opens(empty, hot_star, settle):
    drop(empty, hot_star)
    settle(empty)
    assert empty.pages.currentWidget() is empty.stage
    assert empty.document.path == hot_star


def test_a_broken_file_is_told_in_one_place_and_the_open_one_stays(window, tmp_path, settle):
    broken = tmp_path / "pick.star"
    broken.write_text("data_\n\nloop_\n_rlnCoordinateX #1\n_rlnCoordinateY #2\n1 2\n")
    drop(window, broken)
    settle(window)
    assert window.errors.isVisible()
    assert "pick.star" in window.errors.sentence.text()
    assert "Traceback" not in window.errors.sentence.text()
    assert window.data.particles.text() == "3,000"
    window.errors.close_button.click()
    assert not window.errors.isVisible()


def test_a_bug_is_told_in_words_with_the_trace_in_the_details(window, qapp):
    try:
        raise ZeroDivisionError("by nought")
    except ZeroDivisionError as error:
        window.errors.tell(error)
    assert "by nought" in window.errors.sentence.text()
    assert "Traceback" not in window.errors.sentence.text()
    window.errors.copy_button.click()
    assert "Traceback" in qapp.clipboard().text()


def test_what_was_opened_is_remembered(window, tmp_path, qtbot):
    path = window.document.path
    window.docks["histogram"].close()
    window.close()
    again = Window(Settings(tmp_path / "settings.ini"))
    qtbot.addWidget(again)
    assert again.settings.recent == (path.resolve(),)
    again.show()
    again.places.bring_back()
    assert not again.docks["histogram"].isVisible()
    assert again.docks["numbers"].isVisible()
    again.close()


def test_a_closed_window_leaves_no_thread_and_no_timer(window):
    window.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("evenview-worker")]
    assert not [timer for timer in window.findChildren(QTimer) if timer.isActive()]


@pytest.mark.parametrize("size", [(1440, 868), (1280, 720)])
def test_everything_fits(window, size, qtbot):
    window.resize(*size)
    qtbot.wait(50)
    assert (window.width(), window.height()) == size
    right = window.width()
    for dock in window.docks.values():
        if dock.isVisible():
            assert dock.geometry().right() < right
    assert window.stage.sphere.native.height() >= 300
    assert window.rebalance.export.isVisible()
    bottom = window.rebalance.export.mapTo(window, window.rebalance.export.rect().bottomRight())
    assert window.rect().contains(bottom)


def test_a_window_closed_empty_forgets_no_panel(empty, hot_star, tmp_path, qtbot, settle):
    empty.close()
    again = Window(Settings(tmp_path / "settings.ini"))
    qtbot.addWidget(again)
    again.show()
    again.open(hot_star)
    settle(again)
    shown = {name for name, dock in again.docks.items() if dock.isVisible()}
    assert shown == set(again.docks) - set(ASIDE)
    again.close()


@pytest.mark.parametrize(
    "text",
    [
        "\x00\xff not an ini file [[[",
        "[General]\nrecent=@Variant(\\0\\0\\0\\x2)\ntheme=purple\nchart=globe\nanimate=maybe\n"
        "[window]\ngeometry=7\nstate=@ByteArray(nonsense)\n",
        "[General]\nrecent=@ByteArray(a), 7, /no/such/file.star\n[window]\nstate=@ByteArray(x)\n",
    ],
)
def test_a_spoilt_settings_file_keeps_no_window_from_opening(
    tmp_path, text, qtbot, hot_star, settle
):
    file = tmp_path / "spoilt.ini"
    file.write_text(text, encoding="latin-1")
    window = Window(Settings(file))
    qtbot.addWidget(window)
    window.show()
    window.open(hot_star)
    settle(window)
    assert window.docks["data"].isVisible()
    assert window.settings.recent == (hot_star.resolve(),)
    window.close()


def test_opening_another_file_does_not_unpack_the_demo(
    empty, hot_star, tmp_path, settle, monkeypatch
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    empty.open(hot_star)
    settle(empty)
    assert not (tmp_path / "cache" / "evenview" / "demo").exists()


def test_an_error_stays_when_another_file_opens_beside_it(empty, hot_star, tmp_path, settle):
    empty.begin([tmp_path / "no such.mrc", hot_star])
    settle(empty)
    assert empty.document.path == hot_star
    assert "no such.mrc" in empty.errors.sentence.text()
    assert empty.errors.isVisible()


def test_of_several_particle_files_one_opens_and_the_others_are_named(empty, hot_star, settle):
    empty.begin([hot_star, hot_star.with_name("other.star")])
    settle(empty)
    assert empty.document.path == hot_star
    assert "other.star" in empty.errors.sentence.text()


@pytest.mark.parametrize("kind", ["folder", "empty", "text"])
def test_odd_things_dropped_are_told_in_words(window, tmp_path, settle, kind):
    odd = tmp_path / "odd"
    if kind == "folder":
        odd.mkdir()
    else:
        odd.write_text("" if kind == "empty" else "nothing of the sort\n" * 9)
    shown = window.document.display
    drop(window, odd)
    settle(window)
    assert "odd" in window.errors.sentence.text()
    assert "inside Evenview" not in window.errors.sentence.text()
    assert window.document.display is shown


def test_closing_while_particles_are_written_asks_once(window, qtbot):
    go = threading.Event()
    window.jobs.run(EXPORT, "Exporting", lambda _progress: go.wait(5), lambda _: None, pytest.fail)
    window.close()
    assert window.isVisible()
    assert "still being written" in window.errors.sentence.text()
    go.set()
    window.close()
    assert not window.isVisible()


def test_a_window_made_small_and_large_again_hides_nothing(window, qtbot):
    window.resize(1100, 640)
    qtbot.wait(50)
    window.resize(1440, 868)
    qtbot.wait(50)
    for name in ("data", "selection"):
        bar = window.docks[name].widget().verticalScrollBar()
        assert bar.maximum() == 0, name
