"""A transform that was written moves other files."""

from __future__ import annotations

import json

import numpy as np

from align_hands import (
    click,
    drop,
    paste,
    show,
)
from evenview.formats.volume_mrc import open_volume


def test_a_transform_moves_files_as_the_alignment_did(
    written, kept, folder, out, tmp_path, settle, qtbot
):
    show(written, "Files")
    files = written.found.chosen.files
    files.list.setFocus()
    line = next(i for i, path in enumerate(files.paths) if path.suffix == ".json")
    files.list.setCurrentRow(line)
    click(files.open)
    page = written.others
    assert page.isVisible()
    assert "Found for same.mrc, laid over reference.mrc" in page.facts.text()
    assert not page.writing.write.isEnabled()
    drop(written, folder / "same.mrc", folder / "half.mrc", folder / "run_data.star")
    settle(kept)
    assert "24 × 24 × 24 voxels of 4.00\N{NO-BREAK SPACE}Å" in page.list.item(0).text()
    assert "300 particles" in page.list.item(2).text()
    page.list.setCurrentRow(1)
    click(page.remove)
    assert [path.name for path in page.list.paths] == ["same.mrc", "run_data.star"]
    paste(page.writing.folder.line, str(tmp_path / "second"))
    click(page.writing.write)
    settle(kept)
    assert "Wrote" in written.told.text()
    first, second = (open_volume(at / "same_aligned.mrc") for at in (out, tmp_path / "second"))
    np.testing.assert_array_equal(first.values, second.values)
    assert (tmp_path / "second" / "run_data_aligned.star").exists()
    doubtful = tmp_path / "doubtful_transform.json"
    said = json.loads((out / "same_transform.json").read_text())
    doubtful.write_text(json.dumps(said | {"doubt": "the maps hardly correlate"}))
    paste(page.transform.line, str(doubtful))
    paste(page.writing.folder.line, str(tmp_path / "third"))
    click(page.writing.write)
    settle(kept)
    assert "doubtful_transform.json: no reliable answer" in page.writing.folder.warning.text()
    assert not (tmp_path / "third").exists()
    qtbot.waitUntil(page.writing.write.isEnabled)
    click(page.writing.write)
    settle(kept)
    assert (tmp_path / "third" / "run_data_aligned.star").exists()
    assert "may be a motion of chance" in written.warned.text()
    paste(page.transform.line, str(folder / "run_data.star"))
    assert "no transform" in page.facts.text()
    assert not page.writing.write.isEnabled()
    click(written.back)
