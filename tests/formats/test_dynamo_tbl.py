"""Dynamo tables: the orientations other programs read from them, and rows copied as they stand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evenview.core import rotation
from evenview.core.errors import MalformedFileError, NoOrientationsError, UserError
from evenview.formats import open_particles
from evenview.formats.dynamo_tbl import FORMAT
from shared_data import shared

#: Where eulerangles 1.0.2 is wrong or rounds: views along y, quarter turns, and near the poles.
EULERANGLES_WRONG = (
    "view_+y",
    "view_+y_psi-90",
    "quarter_all",
    "neg_tilt_small",
    "near",
    "pose_tiny",
)


def row(tdrot="10", tilt="20", narot="30", columns: int = 35, tag: int = 1) -> str:
    cells = [str(tag), "1", "1", "0", "0", "0", tdrot, tilt, narot, *["0"] * (columns - 9)]
    return " ".join(cells) + "\n"


def save(folder: Path, text: str) -> Path:
    path = folder / "table.tbl"
    path.write_bytes(text.encode())
    return path


def read_angles(folder: Path, angles: np.ndarray):
    text = "".join(row(*map(repr, triple), tag=k) for k, triple in enumerate(angles.tolist(), 1))
    return open_particles(save(folder, text))


def matrices(particles) -> np.ndarray:
    return rotation.to_matrix(particles.quaternions)


@pytest.fixture
def vectors():
    return np.load(shared("vectors/orientations.npz"))


def test_angles_of_cryocat_mean_its_rotations(tmp_path, vectors):
    particles = read_angles(tmp_path, vectors["dynamo_tdrot_tilt_narot_deg__from_cryocat"])
    truth = vectors["relion5.0.1__Euler_angles2matrix_A"]
    np.testing.assert_allclose(matrices(particles), truth, atol=1e-7)


def test_angles_of_eulerangles_mean_its_rotations_where_it_is_right(tmp_path, vectors):
    right = [not str(name).startswith(EULERANGLES_WRONG) for name in vectors["names"]]
    particles = read_angles(tmp_path, vectors["eulerangles_to_dynamo"][right])
    truth = vectors["relion5.0.1__Euler_angles2matrix_A"][right]
    np.testing.assert_allclose(matrices(particles), truth, atol=1e-6)


def test_a_turn_in_the_plane_of_the_tomogram_leaves_the_direction(tmp_path):
    particles = read_angles(tmp_path, np.array([[0.0, 40, 50], [77.0, 40, 50]]))
    np.testing.assert_allclose(particles.directions[0], particles.directions[1], atol=1e-12)


@pytest.mark.parametrize("columns", [26, 30, 35, 36, 42])
def test_tables_of_every_width_are_read(tmp_path, columns):
    particles = open_particles(save(tmp_path, row(columns=columns) * 3))
    assert len(particles) == particles.n_placed == 3
    assert len(particles.table.cells(0)) == columns


@pytest.mark.parametrize("columns", [25, 43])
def test_other_widths_are_no_tables(tmp_path, columns):
    path = save(tmp_path, row(columns=columns))
    assert not FORMAT.sniff(path.read_bytes(), path)


def test_complex_numbers_of_matlab_are_read_where_they_are_real(tmp_path):
    text = row("10+0i", "20", "3e1-0.0i") + row("10", "20+1i", "30") + row()
    particles = open_particles(save(tmp_path, text))
    assert particles.placed.tolist() == [True, False, True]
    np.testing.assert_array_equal(particles.quaternions[0], particles.quaternions[2])
    np.testing.assert_array_equal(particles.table.numeric("tdrot"), [10, 10, 10])


@pytest.mark.parametrize("missing", ["NaN", "Inf", "-inf", "NaN+0i", "1+NaNi"])
def test_angles_that_are_not_finite_leave_a_row_unplaced(tmp_path, missing):
    particles = open_particles(save(tmp_path, row() + row(missing)))
    assert particles.placed.tolist() == [True, False]
    assert "1 row" in particles.notes[0].text


def test_the_pixel_size_is_that_of_column_36(tmp_path):
    line = row(columns=35).rstrip() + " 2.62\n"
    assert open_particles(save(tmp_path, line * 2)).pixel_size == 2.62
    assert open_particles(save(tmp_path, row())).pixel_size is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (row() + row(columns=34), "line 2: this row has 34 cells for 35 columns"),
        (row() + row("ten"), 'line 2, column 7 (tdrot): "ten" is not a number'),
        (row() + row("3867465.0"), "far out of the range"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, text, words):
    path = save(tmp_path, text)
    with pytest.raises(UserError, match=r"table\.tbl") as caught:
        open_particles(path)
    assert words in str(caught.value)


def test_a_table_that_was_never_aligned_is_said_to_be_one(tmp_path):
    with pytest.raises(NoOrientationsError, match="never aligned"):
        open_particles(save(tmp_path, row("0", "0", "0") * 4))


def test_rows_blank_lines_and_line_endings_are_kept(tmp_path):
    lines = [row(tag=k).replace("\n", "\r\n") for k in range(1, 5)]
    path = save(tmp_path, "".join(lines[:2]) + "\r\n" + "".join(lines[2:]).rstrip())
    particles = open_particles(path)
    particles.table.write(tmp_path / "kept", np.array([True, False, True, False]))
    assert (tmp_path / "kept").read_bytes().decode() == lines[0] + "\r\n" + lines[2]


def test_a_row_that_is_cut_off_is_said_to_be(tmp_path):
    with pytest.raises(MalformedFileError, match="cut off"):
        open_particles(save(tmp_path, row() + row()[:30]))


REAL = {"array_35col": 4934, "double": 300, "filament_crop": 4485}


@pytest.mark.parametrize("name", REAL)
def test_real_tables_are_read_and_parted(tmp_path, name):
    path = shared(f"real/dynamo/{name}.tbl")
    particles = open_particles(path)
    peer = np.loadtxt(path)
    assert len(particles) == particles.n_placed == REAL[name]
    assert particles.halves is None
    assert particles.notes == ()
    np.testing.assert_array_equal(particles.table.numeric("narot"), peer[:, 8])
    kept = np.arange(len(particles)) % 3 == 0
    particles.table.write(tmp_path / "kept", kept)
    lines = path.read_bytes().splitlines(keepends=True)
    expected = b"".join(line for line, keep in zip(lines, kept, strict=True) if keep)
    assert (tmp_path / "kept").read_bytes() == expected
