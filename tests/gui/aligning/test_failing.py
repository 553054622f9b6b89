"""Work of the window that aligns maps which fails or is stopped."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from align_hands import click
from evenview.core.errors import UserError
from evenview.tasks import align_work


@pytest.fixture
def all_fail(aligned, monkeypatch):
    """Maps of which none can be aligned, from now on."""
    names = iter(("first", "second"))

    def fails(*_given):
        raise UserError(f"the {next(names)} map cannot be aligned")

    monkeypatch.setattr(align_work, "align", fails)


def test_where_all_maps_fail_every_reason_is_told(aligned, kept, settle, all_fail):
    result = aligned.aligning.result
    click(aligned.again)
    click(aligned.align)
    settle(kept)
    told = sorted(aligned.told.text().splitlines())
    assert told == ["The first map cannot be aligned.", "The second map cannot be aligned."]
    assert aligned.aligning.result is result
    click(aligned.back)


def test_cancel_stops_the_work_and_keeps_what_was_found(aligned, kept, settle):
    result = aligned.aligning.result
    click(aligned.again)
    QTest.mouseClick(aligned.align, Qt.MouseButton.LeftButton)
    kept.jobs.cancel()
    settle(kept)
    assert "Stopped" in aligned.told.text()
    assert aligned.aligning.result is result
    assert aligned.align.isEnabled()


def test_where_all_fail_behind_a_closed_window_the_main_one_says_how_many(
    aligned, kept, settle, all_fail
):
    click(aligned.again)
    QTest.mouseClick(aligned.align, Qt.MouseButton.LeftButton)  # and no wait: it fails at once
    aligned.close()
    settle(kept)
    assert kept.errors.isVisible()
    said = kept.errors.sentence.text()
    assert said.startswith("2 maps could not be aligned; the first: the ")
    assert said.endswith(" map cannot be aligned.")
    kept.errors.dismiss_all()
