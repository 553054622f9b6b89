"""FREALIGN's parameter files of all widths, with comments anywhere."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from evenview.core import rotation
from evenview.core.errors import MalformedFileError, NoOrientationsError, UserError
from evenview.formats import open_particles
from evenview.formats.frealign_par import FORMAT
from shared_data import shared

HEADING = "C           PSI   THETA     PHI     SHX     SHY    MAG   FILM      DF1      DF2  ANGAST"
ANGLES = ((10.5, 20.25, 30.0), (90.0, 90.0, 315.0), (236.063, 110.0, 5.0))  # phi, theta, psi
ENDS = {
    12: "  0.29",
    13: "  60.1   0.2",
    16: "  100.00     -2800     1.1000   20.10    0.00",
    17: "  0.00  100.00     -2800     1.1000   20.10    0.00",
}


def row(number: int, phi: float, theta: float, psi: float, width: int = 16) -> str:
    return (
        f"{number:7d}{psi:8.3f}{theta:8.3f}{phi:8.3f}  -5.000   2.000  50000.     1  39671.6"
        f"  35222.2   80.79{ENDS[width]}"
    )


def rows(width: int = 16) -> list[str]:
    return [row(k, *angles, width) for k, angles in enumerate(ANGLES, 1)]


def text(width: int = 16) -> str:
    return "\n".join(["C made for a test", HEADING, *rows(width), "C  the end", ""])


def save(tmp_path, content: str):
    path = tmp_path / "made.par"
    path.write_text(content, newline="")
    return path


def opened(tmp_path, content: str):
    return open_particles(save(tmp_path, content))


SHAPES = {
    **{f"{width} columns": text(width) for width in ENDS},
    "no comments": "\n".join(rows()) + "\n",
    "comments between rows": "\n".join(f"{line}\nC  more" for line in rows()),
    "CRLF": text().replace("\n", "\r\n"),
    "no last newline": "\n".join(rows()),
    "blank lines": "\n" + "\n\n".join(rows()) + "\n",
    "an old film number": text().replace("     1  3967", "    -1  3967"),
}


@pytest.mark.parametrize("content", SHAPES.values(), ids=SHAPES.keys())
def test_psi_theta_phi_come_in_this_order(tmp_path, content):
    particles = opened(tmp_path, content)
    expected = Rotation.from_euler("ZYZ", ANGLES, degrees=True).inv().as_matrix()
    np.testing.assert_allclose(rotation.to_matrix(particles.quaternions), expected, atol=1e-12)
    assert particles.halves is None
    assert particles.pixel_size is None
    assert particles.table.format_name == "FREALIGN .par"
    assert particles.notes == ()


@pytest.mark.parametrize("width", ENDS)
def test_columns_have_frealign_s_names(tmp_path, width):
    table = opened(tmp_path, text(width)).table
    assert len(table.numeric_columns) == width
    np.testing.assert_array_equal(table.numeric("DF1"), [39671.6] * 3)
    last = {12: "CCMAX", 13: "DPRES", 16: "CHANGE", 17: "CHANGE"}[width]
    assert table.cells(0)[last] == ENDS[width].split()[-1]


def test_comments_stay_when_rows_go(tmp_path):
    table = opened(tmp_path, text()).table
    table.write(tmp_path / "kept", np.array([False, True, False]))
    kept = ["C made for a test", HEADING, rows()[1], "C  the end", ""]
    assert (tmp_path / "kept").read_text() == "\n".join(kept)


def test_rows_without_an_angle_are_counted(tmp_path):
    particles = opened(tmp_path, text().replace("  20.250", "     nan"))
    assert particles.n_placed == 2
    assert "1 row has no angle" in str(particles.notes[0])


TROUBLES = {
    "an overflow": (text().replace("  20.250", " *******"), r"line 3, column 3 \(THETA\).*\*"),
    "columns that touch": (
        text().replace("  -5.000   2.000", "-123.000-123.000", 1),
        "14 cells, where FREALIGN's have 12, 13, 16 or 17",
    ),
    "columns that touch further down": (
        "\n".join([*rows(), rows()[0].replace("  -5.000   2.000", "-123.000-123.000")]),
        "line 4: this row has 14 cells for 16 columns",
    ),
    "a defocus for an angle": (text().replace("  20.250", " 2.02e+6"), "far out of the range"),
}


@pytest.mark.parametrize(("content", "words"), TROUBLES.values(), ids=TROUBLES.keys())
def test_what_cannot_be_read_is_said_where_it_is(tmp_path, content, words):
    with pytest.raises(UserError, match=words):
        opened(tmp_path, content)


def test_files_without_orientations_are_said_to_be_so(tmp_path):
    with pytest.raises(NoOrientationsError, match="only comments"):
        opened(tmp_path, f"{HEADING}\n")
    flat = "\n".join(row(k, 0, 0, 10.0 * k) for k in range(1, 4))
    with pytest.raises(NoOrientationsError, match="every PHI and THETA is zero"):
        opened(tmp_path, flat)


OTHERS = {
    "words": "C is a language\nand this is prose about it\n",
    "twelve numbers of something else": "0.5 " * 12 + "\n",
    "other numbers of numbers": "\n".join(f"{k} 1 2 3 4" for k in range(5)),
    "a magnification of nothing": rows()[0].replace("50000.", "    0."),
}


@pytest.mark.parametrize("content", OTHERS.values(), ids=OTHERS.keys())
def test_what_is_not_frealign_s_is_left_to_others(tmp_path, content):
    assert not FORMAT.sniff(content.encode(), save(tmp_path, content))


def test_the_real_old_file_reads_whole():
    particles = open_particles(shared("real/frealign/old_12col.par"))
    assert len(particles) == particles.n_placed == 50
    assert particles.notes == ()
    theta = particles.table.numeric("THETA")
    np.testing.assert_allclose(particles.directions[:, 2], np.cos(np.radians(theta)), atol=1e-12)
    first = np.radians([78.603, 236.063])
    expected = [
        np.sin(first[0]) * np.cos(first[1]),
        np.sin(first[0]) * np.sin(first[1]),
        np.cos(first[0]),
    ]
    np.testing.assert_allclose(particles.directions[0], expected, atol=1e-12)


def test_more_digits_than_frealign_prints_are_read_too(tmp_path):
    angle = "12.3456789012345678"
    particles = opened(tmp_path, text().replace("  20.250", f" {angle}"))
    assert particles.table.numeric("THETA")[0] == float(angle)


def test_a_row_cut_off_is_said(tmp_path):
    with pytest.raises(MalformedFileError, match="cut off"):
        opened(tmp_path, "\n".join(rows())[:-30])
