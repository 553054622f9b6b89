"""cisTEM's star files give the orientations that cisTEM means by them, and keep their bytes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import made_star as made
from evenview.core import rotation
from evenview.core.errors import MalformedFileError, NoOrientationsError, UserError
from evenview.formats import open_particles
from shared_data import shared

LABELS = (
    "cisTEMPositionInStack",
    "cisTEMAnglePsi",
    "cisTEMAngleTheta",
    "cisTEMAnglePhi",
    "cisTEMPixelSize",
    "cisTEMImageActivity",
    "cisTEMStackFilename",
    "cisTEMAssignedSubset",
)
HEADING = "#    POS     PSI   THETA     PHI   PSIZE  STAT  STACK_FILENAME  SUBSET "
ROWS = (
    "  1  30.00  20.25   10.50  1.25000  1  'a stack.mrc'  1 ",
    "  2 -45.12  90.00   90.00  1.25000  1  'a stack.mrc'  2 ",
    "  3   5.00 110.00 -170.00  1.25000 -1  'a stack.mrc'  1 ",
)
WHOLE = "# Written by cisTEM\n \n" + made.loop("", LABELS, (HEADING, *ROWS))


def as_cistem(phi, theta, psi) -> np.ndarray:
    """A, the transpose of cisTEM's Rz(phi) Ry(theta) Rz(psi), by scipy."""
    turned = Rotation.from_euler("ZYZ", np.column_stack([phi, theta, psi]), degrees=True)
    return turned.inv().as_matrix()


def refused(tmp_path, text: str, kind: type[UserError] = UserError) -> str:
    with pytest.raises(kind) as caught:
        made.opened(tmp_path, text)
    return str(caught.value)


def test_phi_theta_psi_are_read_by_name(tmp_path):
    particles = made.opened(tmp_path, WHOLE)
    expected = as_cistem([10.5, 90, -170], [20.25, 90, 110], [30, -45.12, 5])
    np.testing.assert_allclose(rotation.to_matrix(particles.quaternions), expected, atol=1e-12)
    np.testing.assert_array_equal(particles.halves, [1, 2, 1])
    assert particles.pixel_size == 1.25
    assert particles.table.format_name == "cisTEM star"


def test_quoted_names_and_the_heading_are_no_trouble(tmp_path):
    table = made.opened(tmp_path, WHOLE).table
    assert table.cells(1)["cisTEMStackFilename"] == "a stack.mrc"
    assert table.numeric_columns == (*LABELS[:6], LABELS[7])
    table.write(tmp_path / "kept", np.array([False, True, False]))
    kept = (tmp_path / "kept").read_text()
    assert kept == WHOLE.replace(ROWS[0] + "\n", "").replace(ROWS[2] + "\n", "")


def test_excluded_particles_are_counted(tmp_path):
    (note,) = made.opened(tmp_path, WHOLE).notes
    assert "1 particle is excluded in cisTEM" in str(note)


def test_a_blank_line_between_rows_is_told(tmp_path):
    text = WHOLE.replace(ROWS[1], "\n" + ROWS[1])
    notes = [str(note) for note in made.opened(tmp_path, text).notes]
    assert any("blank" in note and "2 rows below" in note for note in notes)
    assert not any("blank" in str(note) for note in made.opened(tmp_path, WHOLE).notes)


def test_what_the_file_does_not_say_is_not_known(tmp_path):
    rows = [" ".join(row.split()[1:4]) for row in ROWS]
    particles = made.opened(tmp_path, made.loop("", LABELS[1:4], rows))
    assert particles.halves is None
    assert particles.pixel_size is None
    assert particles.notes == ()


def test_one_half_alone_is_no_half_set(tmp_path):
    particles = made.opened(tmp_path, WHOLE.replace("'  2 \n", "'  1 \n"))
    assert particles.halves is None
    assert any("no half-sets" in str(note) for note in particles.notes)


def test_several_pixel_sizes_are_not_chosen_between(tmp_path):
    particles = made.opened(tmp_path, WHOLE.replace("1.25000  1  'a stack.mrc'  2", "1.5 1 b 2"))
    assert particles.pixel_size is None
    assert any("from 1.25 to 1.5" in str(note) for note in particles.notes)


def test_what_cannot_be_read_is_said(tmp_path):
    stars = WHOLE.replace("20.25", "*****")
    assert '"*****" is not a number' in refused(tmp_path, stars, MalformedFileError)
    assert "column 3 (cisTEMAngleTheta)" in refused(tmp_path, stars, MalformedFileError)
    assert "far out" in refused(tmp_path, WHOLE.replace("20.25", "2e6"))
    twice = WHOLE.replace("cisTEMPositionInStack", "cisTEMAnglePhi")
    assert "more than once" in refused(tmp_path, twice, MalformedFileError)
    assert "several tables" in refused(tmp_path, WHOLE * 2, MalformedFileError)


def test_files_without_orientations_are_said_to_be_so(tmp_path):
    flat = made.loop("", LABELS[1:4], ["30 0 0", "40 0 0"])
    assert "2-D classification" in refused(tmp_path, flat, NoOrientationsError)
    unaligned = made.loop("", LABELS[1:4], ["0 0 0"])
    assert "never aligned" in refused(tmp_path, unaligned, NoOrientationsError)
    planar = made.loop("", LABELS[:2], ["1 30.0"])
    assert "2-D alignment" in refused(tmp_path, planar, NoOrientationsError)
    partly = made.loop("", LABELS[:3], ["1 30.0 20.0"])
    assert "no table of this file has the column cisTEMAnglePhi" in refused(tmp_path, partly)
    keys = "data_\n_cisTEMAnglePsi 1\n_cisTEMAngleTheta 2\n_cisTEMAnglePhi 3\n"
    assert "not in one loop_ table" in refused(tmp_path, keys, NoOrientationsError)
    nothing = made.loop("", LABELS[1:4], [])
    assert "no rows" in refused(tmp_path, nothing, NoOrientationsError)


def test_angles_converted_to_degrees_twice_are_recognised(tmp_path):
    rows = [f"{57.29578 * a} {57.29578 * b} {57.29578 * c}" for a, b, c in made.ANGLES]
    text = made.loop("", LABELS[1:4], rows)
    assert "twice" in refused(tmp_path, text)


def test_angles_that_look_like_radians_are_told_and_left(tmp_path):
    rng = np.random.default_rng(0)
    rows = [f"{a} {b} {c}" for a, b, c in rng.uniform(-3.14, 3.14, (40, 3)).round(3)]
    particles = made.opened(tmp_path, made.loop("", LABELS[1:4], rows))
    (note,) = particles.notes
    assert "Angles of cisTEM are degrees" in str(note)


def test_cistem_s_own_file_gives_relion_s_matrices():
    """To the two decimals that cisTEM writes; the file holds all rows, the vectors 185 of them."""
    particles = open_particles(shared("vectors/cistem/written_by_cistem.star"))
    matrices = rotation.to_matrix(particles.quaternions)
    with np.load(shared("vectors/orientations.npz")) as archive:
        expected = archive["relion5.0.1__Euler_angles2matrix_A"]
        exact = np.abs(archive["input_rot_tilt_psi_deg"]).max(axis=1) < 1e4
    rows = np.arange(185) + np.where(np.arange(185) < 120, 0, 80)
    turn = np.radians(3 * 0.005)
    np.testing.assert_allclose(matrices[rows][exact], expected[exact], atol=turn)
    assert len(particles) == particles.n_placed == 265
    assert np.bincount(particles.halves).tolist() == [0, 133, 132]
    assert particles.pixel_size == 1.25


def test_real_template_matches_read_with_angles_beyond_their_usual_range():
    particles = open_particles(shared("real/cistem/template_matches.star"))
    assert len(particles) == particles.n_placed == 2038
    assert particles.halves is None
    assert particles.pixel_size == pytest.approx(19.99824)
    theta = particles.table.numeric("cisTEMAngleTheta")
    assert theta.min() == -87.46
    assert theta.max() == 208.78
    np.testing.assert_allclose(particles.directions[:, 2], np.cos(np.radians(theta)), atol=1e-12)
    assert particles.notes == ()
