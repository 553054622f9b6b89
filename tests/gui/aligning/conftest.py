"""One window with two maps aligned for all tests of the folder."""

from __future__ import annotations

import pytest
from PyQt6.QtTest import QTest

from align_hands import (
    MOST,
    click,
    drop,
    opened,
    paste,
    write_maps,
)
from evenview.gui.settings import Settings
from gui_hands import shown


@pytest.fixture(scope="package")
def kept_open(qapp, tmp_path_factory):
    """In place of a window a module."""
    with shown(Settings(tmp_path_factory.mktemp("kept") / "settings.ini")) as window:
        yield window
        window.commands.align.close()


@pytest.fixture(scope="package")
def folder(tmp_path_factory):
    return write_maps(tmp_path_factory.mktemp("maps"))


@pytest.fixture
def aligned(kept, qtbot, folder, settle):
    """Two maps aligned, as a hand does it; once for all tests that only look."""
    dialog = kept.commands.align
    if not dialog.isVisible():
        opened(kept, qtbot)
    if not dialog.inputs.cards:
        drop(dialog, *(folder / f"{name}.mrc" for name in ("reference", "same", "other")))
        QTest.keyClicks(dialog.inputs.angle, MOST)
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    if not dialog._is_current():
        click(dialog.align)
        settle(kept)
    elif dialog.back.isVisible():
        click(dialog.back)
    dialog.found.table.selectRow(0)
    settle(kept)
    if dialog.aligning.map.found is not dialog.aligning.best.found:  # a test left it so
        dialog.aligning.take(0)
        settle(kept)
    return dialog


@pytest.fixture(scope="package")
def out(tmp_path_factory):
    return tmp_path_factory.mktemp("aligned")


@pytest.fixture
def carried(aligned, folder):
    """The same with what goes along: particles of both maps, and another map of the second."""
    click(aligned.again)
    for card in aligned.inputs.cards:
        card.particles.add([folder / "run_data.star"])
    aligned.inputs.cards[1].group.add([folder / "half.mrc"])
    click(aligned.back)
    return aligned


@pytest.fixture
def written(carried, kept, out, settle, qtbot):
    """All of it in a folder, written once for all tests that only look."""
    form = carried.found.writing
    paste(form.folder.line, str(out))
    outputs = carried.aligning.map.outputs
    if outputs is None or outputs != carried.aligning.planned(out):
        click(form.write)
        if form.folder.warning.text():
            qtbot.waitUntil(form.write.isEnabled)
            click(form.write)
        settle(kept)
    return carried
