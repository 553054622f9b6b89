"""The Check panel: findings of the open file, and fixes written by a click."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from gui_hands import answer, choose, hot_angles, press
from made import particle_lines, write_star

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def broken(tmp_path):
    """A file with a blank line, a comment and an image twice, of uneven half-sets."""
    halves = 1 + (np.arange(3000) % 20 < 11)
    path = write_star(tmp_path / "broken.star", hot_angles(), halves)
    lines = path.read_text().rstrip().split("\n")
    lines.insert(200, "")
    lines.insert(400, "# a comment")
    path.write_text("\n".join([*lines, lines[150], ""]))
    return path


@pytest.fixture
def checked(window, broken, settle):
    """The window with that file and the panel, opened by its key."""
    window.open(broken)
    settle(window)
    press(window, Qt.Key.Key_K, CONTROL)
    settle(window)
    return window


def click(button) -> None:
    """Press a button, scrolled to where it is seen."""
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    QTest.qWait(20)


def rules_shown(window) -> list[str]:
    return [card.finding.rule for card in window.check.cards]


def test_every_finding_is_told_with_a_word_for_how_bad_it_is(checked):
    assert rules_shown(checked) == [
        "blank-line",
        "comment-line",
        "duplicate-image",
        "half-set-balance",
    ]
    assert [card.severity.text() for card in checked.check.cards] == [
        *["Error"] * 2,
        *["Warning"] * 2,
    ]
    assert [card.fix.isVisibleTo(card) for card in checked.check.cards] == [
        True,
        True,
        False,
        False,
    ]
    assert checked.check.outcome.text() == "2 errors, 2 warnings"
    assert checked.docks["check"].windowTitle() == "Check (4)"
    assert checked.statusBar().found.text() == "2 errors, 2 warnings"


def test_only_what_matters_to_a_program(checked, settle):
    choose(checked.check.program, "cryosparc")
    settle(checked)
    assert rules_shown(checked) == ["duplicate-image", "half-set-balance"]
    choose(checked.check.program, "")
    settle(checked)
    assert len(rules_shown(checked)) == 4


def test_one_fix_is_written_by_a_click_and_read_back(checked, broken, tmp_path, settle):
    before, out = broken.read_bytes(), tmp_path / "out.star"
    answer(str(out))
    click(checked.check.cards[0].fix)
    settle(checked)
    lines = before.split(b"\n")
    assert out.read_bytes() == b"\n".join([*lines[:200], *lines[201:]])
    assert broken.read_bytes() == before
    assert "out.star" in checked.check.mended.told.text()
    click(checked.check.mended.open)
    settle(checked)
    assert checked.document.path == out
    assert rules_shown(checked) == ["comment-line", "duplicate-image", "half-set-balance"]
    assert not checked.check.mended.isVisible()


def test_all_fixes_are_written_at_once(checked, broken, tmp_path, settle):
    out = tmp_path / "all.star"
    answer(str(out))
    assert checked.check.fix_all.text() == "Fix all 2…"
    click(checked.check.fix_all)
    settle(checked)
    assert particle_lines(out) == particle_lines(broken)
    assert len(out.read_bytes().split(b"\n")) == len(broken.read_bytes().split(b"\n")) - 2


def test_the_open_file_is_never_written_over(checked, broken, settle):
    before = broken.read_bytes()
    checked.checkup.mend(broken)
    settle(checked)
    assert "never written over" in checked.errors.sentence.text()
    assert broken.read_bytes() == before
    assert not checked.check.mended.isVisible()


def test_another_file_is_checked_anew_and_a_clean_one_says_so(checked, hot_star, settle):
    checked.open(hot_star)
    settle(checked)
    assert rules_shown(checked) == []
    assert checked.check.outcome.text() == "No rule is broken."
    assert checked.docks["check"].windowTitle() == "Check"
    assert not checked.check.fix_all.isVisible()


def test_a_closed_panel_checks_nothing_until_it_is_opened(checked, hot_star, settle):
    checked.docks["check"].close()
    checked.open(hot_star)
    settle(checked)
    assert checked.checkup.result is None
    assert not checked.statusBar().found.isVisible()
    press(checked, Qt.Key.Key_K, CONTROL)
    settle(checked)
    assert checked.check.outcome.text() == "No rule is broken."
    assert checked.statusBar().found.text() == "No rule broken"


def test_a_check_can_be_stopped_and_begun_again(checked, settle):
    click(checked.check.start)
    assert checked.check.start.text() == "Cancel"
    assert checked.check.outcome.text() == "Checking broken.star…"
    click(checked.check.start)
    settle(checked)
    assert checked.check.outcome.text() == "The check was stopped."
    click(checked.check.start)
    settle(checked)
    assert len(rules_shown(checked)) == 4


def test_what_an_export_warns_of_leads_to_the_panel(window, broken, tmp_path, settle):
    window.open(broken)
    settle(window)
    choose(window.rebalance.strategy, "cap")
    settle(window)
    dialog = window.commands.export
    dialog.ask()
    for field, name in zip(dialog._fields, ("k.star", "x.star", "r.json"), strict=True):
        field.set_path(tmp_path / name)
    assert not dialog.to_check.isVisible()
    click(dialog.write)
    settle(window)
    assert dialog.to_check.isVisible()
    click(dialog.to_check)
    settle(window)
    assert window.check.isVisible()
    assert len(rules_shown(window)) == 4
    dialog.hide()


@pytest.mark.parametrize("width", [1280, 1490, 1590])
def test_the_panel_finds_room_in_the_window_as_it_is(window, broken, settle, width):
    window.resize(width, 720)
    window.open(broken)
    settle(window)
    press(window, Qt.Key.Key_K, CONTROL)
    settle(window)
    QTest.qWait(200)
    assert window.check.isVisible()
    assert (window.width(), window.height()) == (width, 720)
    window.commands.show_pose()
    QTest.qWait(200)
    assert (window.width(), window.height()) == (width, 720)


def test_words_about_work_never_widen_the_window(window):
    window.resize(1280, 720)
    window.jobs.progressed.emit("Checking " + "a_long_name" * 30, 0.5, "looking " * 40)
    QTest.qWait(50)
    assert window.width() == 1280
    window.jobs.idle.emit()


def test_three_findings_are_seen_on_a_small_screen_and_one_unfolds(window, broken, settle):
    window.resize(1280, 720)
    window.open(broken)
    settle(window)
    press(window, Qt.Key.Key_K, CONTROL)
    settle(window)
    QTest.qWait(200)
    cards = window.check.cards
    for card in cards[:3]:
        assert card.what.visibleRegion().boundingRect() == card.what.rect()
    assert not cards[0].details.isVisible()
    click(cards[0].more)
    assert cards[0].details.isVisible()
    assert "…" not in cards[0].what.text()
