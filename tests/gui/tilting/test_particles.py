"""Particles of one tomogram written for another, in the window on tilt series."""

from __future__ import annotations

import shlex

import numpy as np

from evenview.__main__ import main
from evenview.formats import open_particles
from gui_hands import choose
from made_star import loop
from made_tilt import ANGLES, AXIS, info, mdoc, xf
from tilting_hands import (
    click,
    drop,
    seen,
    tab,
    type_into,
)


def test_particles_are_written_as_the_command_does_and_never_over_a_source(
    dialog, wait, tmp_path, imod
):
    labels = ("rlnTomoName", "rlnCoordinateX", "rlnCoordinateY", "rlnCoordinateZ")
    labels += ("rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi")
    rows = ["TS_01 100 200 300 10 20 30", "TS_01 3000 1500 900 -40 70 110"]
    source = tmp_path / "particles.star"
    source.write_text(loop("particles", labels, rows))
    kept = source.read_bytes()
    # Half a pixel is between what IMOD and EMAN2 count from: nothing is shifted.
    none = np.zeros((len(ANGLES), 2))
    xf(imod[1], shifts=none)
    drop(dialog, *imod, info(tmp_path / "TS_01_info.json", AXIS + 180, shifts=none - 0.5))
    wait()
    tab(dialog, 1)
    form = dialog.relation.form
    type_into(form.source.line, source)
    assert form.target.path == tmp_path / "particles_moved.star"
    type_into(form.target.line, source)
    assert not form.write.isEnabled()
    assert "never written to" in form.target.warning.text()
    type_into(form.target.line, tmp_path / "TS_01_info.json")
    assert not form.write.isEnabled()
    written = tmp_path / "window.star"
    type_into(form.target.line, written)
    click(form.write)
    wait()
    assert "Type it at Tomogram size" in form.told.text()
    type_into(form.sides, "4000 4000 2000")
    command = dialog.relation.command.command
    click(form.write)
    wait()
    assert "Wrote window.star: 2 particles" in form.told.text()
    assert "not shifted, by the shifts of the tilts" in form.told.text()
    # What is shown continues its lines as a shell reads them.
    shown = dialog.relation.command.toPlainText()
    assert shlex.split(shown.replace("\\\n", "")) == shlex.split(dialog.relation.command.command)
    # Turned by 180° about z: x and y from the other side, z as it was.
    moved = open_particles(written)
    places = np.column_stack([moved.table.numeric(name) for name in labels[1:4]])
    np.testing.assert_allclose(places, [[3900, 3800, 300], [1000, 2500, 900]], atol=1e-3)
    assert source.read_bytes() == kept
    by_hand = tmp_path / "terminal.star"
    assert main(command.replace(str(written), str(by_hand)).split()[1:]) == 0
    assert by_hand.read_bytes() == written.read_bytes()
    # Only a second press replaces what is there.
    type_into(form.target.line, written)
    click(form.write)
    assert "Press again" in form.told.text()


def test_the_same_geometry_has_no_particles_to_move(dialog, wait, tmp_path, imod):
    drop(dialog, *imod, mdoc(tmp_path / "other.mdoc"))
    wait()
    tab(dialog, 1)
    assert "particles fit both" in dialog.relation.said.text()
    assert not dialog.relation.form.isVisible()
    assert "From the terminal" not in seen(dialog.relation)
    choose(dialog.relation.onto, "warp")
    assert "mirrored in z" in dialog.relation.said.text()
    assert "--to warp" in dialog.relation.command.command
    assert "--mirror z" in dialog.relation.images.text()
