"""What the window that aligns maps writes: when asked, whole, and nothing else."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from align_hands import (
    BOX,
    click,
    paste,
    show,
)
from evenview.core import rotation
from evenview.core.align.superpose import difference
from evenview.core.errors import UserError
from evenview.formats import open_particles
from evenview.formats.volume_mrc import open_volume
from evenview.tasks import align_writing


def test_everything_is_written_when_asked(carried, kept, folder, tmp_path, settle):
    assert carried.told.text() == ""  # what goes along needs no new alignment
    show(carried, "Particles")
    settle(kept)
    assert not carried.found.chosen.particles.after.isEnabled()
    paste(carried.found.writing.folder.line, str(tmp_path / "new"))
    show(carried, "Files")
    files = carried.found.chosen.files
    assert not any(path.exists() for path in files.paths)
    click(carried.found.writing.write)
    settle(kept)
    assert "Wrote" in carried.told.text()
    assert files.paths
    assert all(path.exists() for path in files.paths)
    reference = open_volume(folder / "reference.mrc").values
    for name in ("same_aligned.mrc", "other_aligned.mrc", "other_half_aligned.mrc"):
        laid = open_volume(tmp_path / "new" / name).values
        assert np.corrcoef(laid.ravel(), reference.ravel())[0, 1] > 0.97
    old = rotation.to_matrix(open_particles(folder / "run_data.star").quaternions)
    moved = open_particles(tmp_path / "new" / "other_run_data_aligned.star")
    mirror = np.diag([1.0, 1.0, -1.0])
    other = carried.aligning.result.maps[1].found.pose.motion.matrix
    new = rotation.to_matrix(moved.quaternions)
    np.testing.assert_allclose(new, mirror @ old @ np.linalg.inv(other), atol=1e-5)


def test_files_are_replaced_only_when_asked_again(written, kept, out, settle, qtbot):
    there = {path.name: path.stat().st_ino for path in out.iterdir()}
    form = written.found.writing
    click(form.write)
    settle(kept)
    assert "replaced" in form.folder.warning.text()
    assert {path.name: path.stat().st_ino for path in out.iterdir()} == there
    qtbot.waitUntil(form.write.isEnabled)
    click(form.write)
    settle(kept)
    assert sorted(path.name for path in out.iterdir()) == sorted(there)
    assert all(path.stat().st_ino != there[path.name] for path in out.iterdir())


def test_a_stop_while_writing_leaves_whole_files_and_says_which(
    carried, kept, tmp_path, settle, monkeypatch
):
    def stopped_here(*maps):
        kept.jobs.cancel()
        time.sleep(0.2)  # the worker asks twenty times a second
        return difference(*maps)

    monkeypatch.setattr(align_writing, "difference", stopped_here)
    paste(carried.found.writing.folder.line, str(tmp_path / "part"))
    click(carried.found.writing.write)
    settle(kept)
    words = carried.told.text()
    there = sorted(path.name for path in (tmp_path / "part").iterdir())
    assert "Writing stopped" in words
    assert there
    assert all(name in words for name in there)
    planned = {path.name for path in carried.aligning.targets(tmp_path / "part")}
    assert set(there) < planned  # no parts under other names, and not all
    for path in (tmp_path / "part").glob("*.mrc"):
        assert open_volume(path).values.shape == (BOX,) * 3
    assert carried.found.writing.write.isEnabled()


def test_particles_that_cannot_be_written_are_told_and_the_result_stays(
    aligned, kept, hot_star, tmp_path, settle
):
    click(aligned.again)
    card = aligned.inputs.cards[0]
    card.particles.add([hot_star])
    click(aligned.back)
    result, line = aligned.aligning.result, aligned.found.writing.folder.line
    paste(line, str(tmp_path / "out"))
    click(aligned.found.writing.write)
    settle(kept)
    assert "rlnOriginXAngst" in aligned.told.text()
    assert aligned.aligning.result is result
    assert "Nothing was written" in aligned.told.text()
    assert not list((tmp_path / "out").glob("*"))
    click(aligned.again)
    click(card.particles.clear)
    click(aligned.back)


def broken(what):
    """Something that fails for each map, in its own words."""

    def fails(*given, **_named):
        name = next(Path(str(one)).name for one in given if isinstance(one, Path))
        raise UserError(f"{what} of {name}")

    return fails


def test_a_failed_writing_is_forgotten_when_the_next_one_succeeds(
    aligned, kept, tmp_path, settle, monkeypatch, qtbot
):
    form = aligned.found.writing
    qtbot.waitUntil(form.write.isEnabled)
    with monkeypatch.context() as now:
        now.setattr(align_writing, "write_transform", broken("no room for the transform"))
        paste(form.folder.line, str(tmp_path / "out"))
        click(form.write)
        settle(kept)
    told = aligned.told.text()
    for name in ("same", "other"):
        assert f"No room for the transform of {name}_transform.json." in told.splitlines()
    assert "Writing stopped. By then" in told
    assert all(one.outputs is None for one in aligned.aligning.result.maps)
    paste(form.folder.line, str(tmp_path / "second"))
    click(form.write)
    settle(kept)
    assert "No room" not in aligned.told.text()
    assert all(path.exists() for path in aligned.aligning.targets(tmp_path / "second"))
    assert aligned.told.text().startswith("Wrote ")
    assert aligned.aligning.result.failed == ()
