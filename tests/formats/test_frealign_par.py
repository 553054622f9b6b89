"""FREALIGN's parameter files of all widths, with comments anywhere."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from evenview.core import rotation
from evenview.core.errors import MalformedFileError, NoOrientationsError, UserError
from evenview.core.motion import Motion, mirror
from evenview.core.record import Ctf, Images, Names, Record
from evenview.formats import open_particles
from evenview.formats.base import Changeable, Creatable, Movable
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


APIX = 1.5
POINTS = np.array([[0.0, 0, 0], [30, 0, 0], [0, 20, -50]])
TURN = Rotation.from_euler("xyz", [20, 50, -70], degrees=True).as_matrix()


def seen(particles, points: np.ndarray, unit: float = 1.0) -> np.ndarray:
    """Where points (k, 3) Å of the map lie in each image, (N, k, 2) Å: u = (A r)_xy + SH."""
    numeric = particles.table.numeric
    angles = np.column_stack([numeric(name) for name in ("PHI", "THETA", "PSI")])
    turns = Rotation.from_euler("ZYZ", angles, degrees=True).inv().as_matrix()
    shifts = unit * np.column_stack([numeric("SHX"), numeric("SHY")])
    return np.einsum("nij,kj->nki", turns, points)[:, :, :2] + shifts[:, None, :]


def moved(tmp_path, particles, motion: Motion, name: str = "moved"):
    changes = FORMAT.changes(particles, motion)
    assert isinstance(particles.table, Changeable)
    particles.table.write_changed(tmp_path / name, changes)
    return open_particles(tmp_path / name)


def record_of(n: int = 200, seed: int = 2, phase: bool = True) -> Record:
    rng = np.random.default_rng(seed)
    return Record(
        quaternions=rotation.random(n, rng),
        origins=rng.normal(0, 9, (n, 2)),
        images=Images(rng.permutation(n) + 1, Names.of(["stack.mrcs"] * n)),
        micrographs=Names.of([f"mic_{k}.mrc" for k in rng.integers(0, 9, n)]),
        ctf=Ctf(
            defocus_u=rng.uniform(5000, 30000, n),
            defocus_v=rng.uniform(5000, 30000, n),
            angle=rng.uniform(-90, 90, n),
            phase_shift=rng.uniform(0, 180, n) if phase else None,
        ),
    )


@pytest.mark.parametrize("width", [16, 17])
def test_shifts_of_version_9_are_where_the_particle_is(tmp_path, width):
    particles = opened(tmp_path, text(width))
    record = FORMAT.record(particles)
    np.testing.assert_array_equal(record.origins, [[5.0, -2.0]] * 3)
    np.testing.assert_array_equal(record.images.index, [1, 2, 3])
    np.testing.assert_array_equal(record.ctf.defocus_v, [35222.2] * 3)
    np.testing.assert_array_equal(record.ctf.angle, [80.79] * 3)
    assert record.pixel_size is None
    assert not {"MAG", "OCC", "SIGMA"} & record.taken
    films = particles.table.numeric("FILM")
    assert record.micrographs.texts() == [f"{film:.0f}" for film in films]
    assert {"NO", "SHX", "DF1", "PSI"} <= record.taken <= set(particles.table.cells(0))
    assert "Å" in FORMAT.units(particles)["shifts"]


@pytest.mark.parametrize("width", [12, 13])
def test_shifts_of_older_files_are_pixels(tmp_path, width):
    particles = opened(tmp_path, text(width))
    with pytest.raises(UserError, match="--pixel-size"):
        FORMAT.record(particles)
    record = FORMAT.record(replace(particles, pixel_size=APIX))
    np.testing.assert_array_equal(record.origins, [[7.5, -3.0]] * 3)
    assert any("pixels" in note.text for note in record.notes)
    assert "pixels" in FORMAT.units(particles)["shifts"]


def test_phase_shifts_are_radians_unless_they_cannot_be(tmp_path):
    content = text(17).replace("  0.00  100.00", "  1.57  100.00")
    record = FORMAT.record(opened(tmp_path, content))
    np.testing.assert_allclose(record.ctf.phase_shift, np.degrees(1.57))
    assert "PSHIFT" in record.taken
    content = text(17).replace("  0.00  100.00", " 90.00  100.00")
    record = FORMAT.record(opened(tmp_path, content))
    assert record.ctf.phase_shift is None
    assert "PSHIFT" not in record.taken
    assert any("cannot be radians" in note.text for note in record.notes)


def test_the_formats_are_what_they_say():
    assert isinstance(FORMAT, Creatable)
    assert isinstance(FORMAT, Movable)


@pytest.mark.parametrize(("phase", "length"), [(False, 136), (True, 144)])
def test_new_files_have_the_rows_that_fortran_reads(tmp_path, phase, length):
    """FREALIGN tells its versions by the length of a row (rsample.f), and reads fixed columns."""
    record = record_of(phase=phase)
    created = FORMAT.create(tmp_path / "new.par", record)
    lines = (tmp_path / "new.par").read_text().splitlines()
    assert lines[0].startswith("C")
    assert {len(line) for line in lines[1:]} == {length}
    cuts = np.cumsum([0, 7, 8, 8, 8, 10, 10, 8, 6, 9, 9, 8, *[8] * phase, 8, 10, 11, 8, 8])
    row = [lines[1][a:b] for a, b in pairwise(cuts)]
    fields = zip(lines[1].split(), row, strict=True)
    assert row == [f"{cell:>{len(field)}}" for cell, field in fields]
    assert float(row[4]) == round(-record.origins[0, 0], 2)
    assert float(row[8]) == round(record.ctf.defocus_u[0], 1)
    assert any("MAG: 10000" in words for words in created.filled)
    assert any("FILM: numbers 1 to 9 stand for mic_" in words for words in created.filled)
    assert created.dropped == ("micrograph names", "names of the image stacks")


def test_what_is_made_is_read_as_it_was(tmp_path):
    record = record_of()
    FORMAT.create(tmp_path / "new.par", record)
    particles = open_particles(tmp_path / "new.par")
    back = FORMAT.record(particles)
    angle = rotation.angle_between(back.quaternions, record.quaternions)
    assert 1e-3 < angle.max() <= FORMAT.precision.degrees
    np.testing.assert_allclose(back.origins, record.origins, atol=FORMAT.precision.shift)
    np.testing.assert_array_equal(back.images.index, record.images.index)
    np.testing.assert_allclose(back.ctf.defocus_u, record.ctf.defocus_u, atol=0.051)
    np.testing.assert_allclose(back.ctf.angle, record.ctf.angle, atol=0.0051)
    np.testing.assert_allclose(back.ctf.phase_shift, record.ctf.phase_shift, atol=0.3)
    expected = rotation.to_matrix(record.quaternions) @ POINTS.T
    expected = expected.transpose(0, 2, 1)[:, :, :2] - record.origins[:, None, :]
    np.testing.assert_allclose(seen(particles, POINTS), expected, atol=0.03)


def test_poses_alone_make_a_file_too(tmp_path):
    record = Record(rotation.random(4, np.random.default_rng(1)))
    record.quaternions[2] = np.nan
    created = FORMAT.create(tmp_path / "new.par", record)
    back = open_particles(tmp_path / "new.par")
    assert back.placed.tolist() == [True, True, False, True]
    assert {"DF1, DF2: 0", "ANGAST: 0", "SHX, SHY: 0"} <= set(created.filled)


def test_subtomograms_are_refused(tmp_path):
    record = Record(rotation.random(4, np.random.default_rng(1)), subtomograms=True)
    with pytest.raises(UserError, match="FREALIGN has poses of 2-D images only"):
        FORMAT.create(tmp_path / "new.par", record)
    assert not (tmp_path / "new.par").exists()


def test_a_number_that_fills_its_column_is_refused(tmp_path):
    record = replace(record_of(3), origins=np.array([[0.0, 0], [0, 1e6], [0, 0]]))
    with pytest.raises(UserError, match=r"row 2: -1000000 does not fit the 10 places of SHY"):
        FORMAT.create(tmp_path / "new.par", record)
    assert not (tmp_path / "new.par").exists()


@pytest.mark.parametrize("width", ENDS)
def test_a_map_that_is_turned_and_moved_leaves_its_images(tmp_path, width):
    particles = replace(opened(tmp_path, text(width)), pixel_size=APIX)
    unit = APIX if width < 16 else 1.0
    shift = np.array([12.0, -5.0, 31.0])
    after = moved(tmp_path, particles, Motion(TURN, shift))
    np.testing.assert_allclose(
        seen(after, POINTS @ TURN.T + shift, unit), seen(particles, POINTS, unit), atol=2e-3
    )


def test_mirrored_images_are_seen_mirrored(tmp_path):
    particles = opened(tmp_path, text(12))
    after = moved(tmp_path, particles, Motion(mirror("z"), flip="y"))
    expected = seen(particles, POINTS) * [1, -1]
    np.testing.assert_allclose(seen(after, POINTS @ mirror("z")), expected, atol=2e-3)
    np.testing.assert_array_equal(after.table.numeric("ANGAST"), [-80.79] * 3)


def test_moving_an_old_file_needs_the_pixel_size(tmp_path):
    particles = opened(tmp_path, text(12))
    assert set(FORMAT.changes(particles, Motion(TURN))) == {"PHI", "THETA", "PSI"}
    with pytest.raises(UserError, match="--pixel-size"):
        FORMAT.changes(particles, Motion(shift=np.ones(3)))


def test_cells_keep_their_width_and_all_else_stays(tmp_path):
    particles = opened(tmp_path, text().replace("\n", "\r\n"))
    after = moved(tmp_path, particles, Motion(TURN, np.array([100.0, 0, 0])))
    old, new = (path.read_bytes() for path in (particles.table.path, after.table.path))
    assert len(old) == len(new)
    for before, line in zip(old.split(b"\n"), new.split(b"\n"), strict=True):
        if before.startswith(b"C"):
            assert before == line
        else:
            assert (before[:7], before[47:]) == (line[:7], line[47:])
            assert [k for k in range(7, 47) if before[k : k + 1] == b"."] == [
                k for k in range(7, 47) if line[k : k + 1] == b"."
            ]


def test_a_number_too_long_for_its_cell_is_named(tmp_path):
    particles = opened(tmp_path, text())
    with pytest.raises(UserError, match=r"line 4, column 5 \(SHX\): -12345.7 does not fit"):
        particles.table.write_changed(tmp_path / "moved", {"SHX": np.array([0, -12345.678, 0])})
    assert not (tmp_path / "moved").exists()


def test_a_real_file_there_and_back_is_the_same_but_for_its_last_digit(tmp_path):
    particles = replace(open_particles(shared("real/frealign/old_12col.par")), pixel_size=APIX)
    there, back = Motion(TURN, np.ones(3)), Motion(TURN.T, -TURN.T @ np.ones(3))
    middle = replace(moved(tmp_path, particles, there), pixel_size=APIX)
    after = moved(tmp_path, middle, back, "back")
    assert rotation.angle_between(after.quaternions, particles.quaternions).max() < 0.005
    for name in ("SHX", "SHY"):
        np.testing.assert_allclose(
            after.table.numeric(name), particles.table.numeric(name), atol=0.0021
        )
    heads = [
        [line for line in path.read_text().splitlines() if line.startswith("C")]
        for path in (particles.table.path, after.table.path)
    ]
    assert heads[0] == heads[1]


def test_units_say_of_phase_shifts_what_is_done_with_them(tmp_path):
    for degrees, words in ((90.0, "PSHIFT: radians"), (900.0, "not taken")):
        record = replace(record_of(phase=True), ctf=Ctf(phase_shift=np.full(200, degrees)))
        FORMAT.create(tmp_path / "new.par", record)
        particles = FORMAT.read(tmp_path / "new.par")
        assert words in FORMAT.units(particles)["phase shift"]
        assert (FORMAT.record(particles).ctf.phase_shift is None) == (words == "not taken")
