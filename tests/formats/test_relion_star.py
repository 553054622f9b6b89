"""RELION star files in all their shapes give the orientations that RELION means by them."""

from __future__ import annotations

import math

import numpy as np
import pytest
import starfile
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

import made_star as made
from evenview.core import rotation
from evenview.formats import open_particles
from made import write_star
from shared_data import shared

WHOLE = made.optics() + made.particles()


def matrices(angles) -> np.ndarray:
    """RELION's A = (Rz(rot) Ry(tilt) Rz(psi))^T, by scipy."""
    return Rotation.from_euler("ZYZ", angles, degrees=True).inv().as_matrix()


def assert_read(particles, angles=made.ANGLES):
    got = rotation.to_matrix(particles.quaternions)
    np.testing.assert_allclose(got, matrices(angles), atol=1e-12)


def as_relion3(text: str) -> str:
    return made.loop("", made.LABELS[:5], [row[:-2] for row in made.ROWS])


SHAPES = {
    "as RELION 3.1 writes it": WHOLE,
    "particles before optics": made.particles() + made.optics(),
    "CRLF": WHOLE.replace("\n", "\r\n"),
    "tabs": WHOLE.replace(" ", "\t").replace('"group\t1"', '"group 1"'),
    "labels without numbers": made.loop("particles", made.LABELS, made.ROWS, numbered=False),
    "no final newline": WHOLE.rstrip("\n"),
    "no final newline and CRLF": WHOLE.rstrip("\n").replace("\n", "\r\n"),
    "junk before the first block": "loop_\nnonsense _here 1 2\nmore\n\n" + WHOLE,
    "a byte-order mark": "\ufeff" + WHOLE,
    "version comments": "# version 30001\n\n"
    + WHOLE.replace("data_p", "# version 30001\n\ndata_p"),
    "comments among the labels": WHOLE.replace("_rlnAngleTilt", "# here\n_rlnAngleTilt"),
    "a comment behind a row": WHOLE.replace("30 1 1", "30 1 1 # the first"),
    "a comment behind a block's name": WHOLE.replace("data_particles", "data_particles # mine"),
    "leading and trailing blanks": WHOLE.replace("00000", "   00000").replace(" 1 1\n", " 1 1  \n"),
    "quoted names with blanks": WHOLE.replace("000001@a.mrcs", "'000001@my own.mrcs'"),
    "a double-quoted name with a quote": WHOLE.replace("000001@a.mrcs", '"it\'s 1@a #2.mrcs"'),
    "an empty value": WHOLE.replace("000001@a.mrcs", '""'),
    "values that begin with _": WHOLE.replace("000001@a.mrcs", "_1@a").replace("000002@", "_x_"),
    "a value that begins with data_": WHOLE.replace("000002@a.mrcs", "data_2@a.mrcs"),
    "quoted numbers": WHOLE.replace(" 10.5 ", ' "10.5" '),
    "numbers in other words": WHOLE.replace(" 10.5 ", " +1.05e1 ").replace(
        " 90 90 ", " 9E+1 .9e2 "
    ),
    "other blocks around": made.loop("general", ("rlnX",), ("1", "2")) + WHOLE + "data_empty\n",
    "general as keys and values": "data_general\n\n_rlnTomoSubTomosAre2DStacks  1\n\n" + WHOLE,
    "optics as keys and values": "data_optics\n_rlnOpticsGroup 1\n_rlnImagePixelSize 1.25\n\n"
    + made.particles(),
    "labels of other programs": WHOLE.replace("_rlnImageName #1", "_ucsfUid #1"),
    "RELION 3.0": as_relion3(WHOLE),
    "RELION 2 images": as_relion3(WHOLE).replace("data_", "data_images"),
    "columns in another order": made.particles(
        [" ".join(reversed(row.split())) for row in made.ROWS], made.LABELS[::-1]
    ),
}


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES.keys())
def test_every_shape_of_the_same_particles_reads_the_same(tmp_path, text):
    particles = made.opened(tmp_path, text)
    assert_read(particles)
    np.testing.assert_array_equal(particles.halves, [1, 2, 1])
    assert particles.notes == ()


def test_cells_are_the_text_of_the_file(tmp_path):
    text = WHOLE.replace("000002@a.mrcs", "'2 @ it\"s'").replace("000003@a.mrcs", '""')
    table = made.opened(tmp_path, text).table
    assert table.cells(1) == dict(
        zip(made.LABELS, ['2 @ it"s', "90", "90", "-45.125", "2", "1"], strict=True)
    )
    assert table.cells(2)["rlnImageName"] == ""


def test_numeric_columns_are_those_of_numbers(tmp_path):
    table = made.opened(tmp_path, WHOLE).table
    assert table.numeric_columns == made.LABELS[1:]
    np.testing.assert_array_equal(table.numeric("rlnAnglePsi"), [30, -45.125, 5])
    np.testing.assert_array_equal(table.numeric("_rlnAngleRot"), [10.5, 90, -170])


@given(
    st.lists(st.tuples(st.floats(-9e3, 9e3), st.floats(1, 179), st.floats(-180, 180)), min_size=1)
)
def test_angles_are_read_to_the_last_bit(tmp_path_factory, angles):
    angles = [(rot % 700, tilt, psi) for rot, tilt, psi in angles]
    table = made.opened(tmp_path_factory.mktemp("t"), made.angled(*angles)).table
    for k, label in enumerate(made.LABELS[1:4]):
        np.testing.assert_array_equal(table.numeric(label), [row[k] for row in angles])


def test_a_file_of_many_chunks_reads_like_starfile_does(tmp_path):
    rng = np.random.default_rng(0)
    n = 120_000
    angles = np.round(rng.uniform(0, 180, (n, 3)), 6)
    rows = [
        f"{k}@{'x' * (k % 60)}.mrcs {a} {b} {c} {k % 2 + 1} 1"
        for k, (a, b, c) in enumerate(angles.tolist())
    ]
    path = made.save(tmp_path, made.particles(rows) + made.optics())
    particles = open_particles(path)
    peer = starfile.read(path)["particles"]
    assert_read(particles, peer[list(made.LABELS[1:4])].to_numpy())
    np.testing.assert_array_equal(particles.halves, peer["rlnRandomSubset"])
    np.testing.assert_array_equal(particles.table.numeric("rlnAngleTilt"), peer["rlnAngleTilt"])
    assert particles.table.cells(n - 1)["rlnImageName"] == peer["rlnImageName"].iloc[-1]
    assert particles.pixel_size == 1.25


NAMES = {
    "RELION 3.1 star": WHOLE,
    "RELION 3.0 star": made.particles(),
    "RELION 5 star": "# version 50001\n" + WHOLE,
    "RELION 4 tomo star": WHOLE.replace("rlnImageName", "rlnTomoName"),
    "RELION 5 tomo star": "# version 50001\n" + WHOLE.replace("rlnImageName", "rlnTomoName"),
}


@pytest.mark.parametrize("name", NAMES)
def test_the_generation_is_named(tmp_path, name):
    assert made.opened(tmp_path, NAMES[name]).table.format_name == name


def note_of(particles, word: str) -> str:
    found = [f"{note.text} {note.meaning}" for note in particles.notes if word in note.text]
    assert len(found) == 1, particles.notes
    return found[0]


def test_rows_below_a_blank_line_are_read_and_relions_loss_is_told(tmp_path):
    text = WHOLE.replace("000003@", "\n000003@")
    particles = made.opened(tmp_path, text)
    assert_read(particles)
    line = text.split("\n").index("", text.split("\n").index(made.ROWS[0])) + 1
    assert f"Line {line} is blank" in note_of(particles, "blank")
    assert "1 row below" in note_of(particles, "blank")


def test_a_comment_between_rows_is_passed_over_and_told(tmp_path):
    particles = made.opened(tmp_path, WHOLE.replace("000003@", "# bad ones\n000003@"))
    assert_read(particles)
    assert "RELION stops" in note_of(particles, "comment")


@pytest.mark.parametrize("missing", ["nan", "NaN", "-nan", "<NA>"])
def test_a_missing_angle_makes_an_unplaced_row(tmp_path, missing):
    particles = made.opened(tmp_path, WHOLE.replace(" 90 90 ", f" 90 {missing} "))
    assert particles.placed.tolist() == [True, False, True]
    assert "RELION reads nan as 0" in note_of(particles, "1 row has no angle")


def test_subtomogram_boxes_are_turned_before_their_particles(tmp_path):
    box = (30, 40, 50)
    rows = [" ".join(map(str, (*angles, *box))) for angles in made.ANGLES]
    labels = (*made.LABELS[1:4], *(f"rlnTomoSubtomogram{name}" for name in ("Rot", "Tilt", "Psi")))
    particles = made.opened(tmp_path, made.particles(rows, labels))
    expected = matrices(box) @ matrices(made.ANGLES)
    np.testing.assert_allclose(rotation.to_matrix(particles.quaternions), expected, atol=1e-12)
    assert note_of(particles, "Subtomogram")


def test_unrefined_subtomograms_have_the_orientations_of_their_boxes(tmp_path):
    labels = (*made.LABELS[1:4], *(f"rlnTomoSubtomogram{name}" for name in ("Rot", "Tilt", "Psi")))
    particles = made.opened(tmp_path, made.particles(["0 0 0 30 40 50"], labels))
    assert_read(particles, [(30, 40, 50)])


def test_composed_subtomograms_agree_with_relion(tmp_path):
    vectors = np.load(shared("vectors/relion5_subtomo.npz"))
    boxes, angles = vectors["rlnTomoSubtomogramRot_Tilt_Psi"], vectors["rlnAngleRot_Tilt_Psi"]
    labels = (*made.LABELS[1:4], *(f"rlnTomoSubtomogram{name}" for name in ("Rot", "Tilt", "Psi")))
    rows = [" ".join(map(repr, row)) for row in np.hstack([angles, boxes]).tolist()]
    particles = made.opened(tmp_path, made.particles(rows, labels))
    views = vectors["view_direction_in_reference_frame"]
    np.testing.assert_allclose(particles.directions, views, atol=1e-6)


def test_the_pixel_size_comes_from_the_groups_that_are_used(tmp_path):
    assert made.opened(tmp_path, WHOLE).pixel_size == 1.25
    unused = made.opened(tmp_path, made.optics((1, 1.25), (2, 3.0)) + made.particles())
    assert unused.pixel_size == 1.25


def test_the_box_is_that_of_the_groups_that_are_used(tmp_path):
    labels = ("rlnOpticsGroup", "rlnImagePixelSize", "rlnImageSize")
    optics = made.loop("optics", labels, ["1 1.25 256", "2 1.25 128"])
    assert made.opened(tmp_path, optics + made.particles()).box == 256
    rows = [*made.ROWS[:2], made.ROWS[2][:-1] + "2"]
    assert made.opened(tmp_path, optics + made.particles(rows)).box is None
    assert made.opened(tmp_path, WHOLE).box is None


def test_several_pixel_sizes_are_told_and_none_is_given(tmp_path):
    rows = [*made.ROWS[:2], made.ROWS[2][:-1] + "2"]
    particles = made.opened(tmp_path, made.optics((1, 1.25), (2, 1.5)) + made.particles(rows))
    assert particles.pixel_size is None
    assert note_of(particles, "several pixel sizes, from 1.25 to 1.5")


def test_the_pixel_size_before_relion_31_is_computed_and_told(tmp_path):
    rows = [f"{row} 40000 5" for row in made.ROWS]
    labels = (*made.LABELS, "rlnMagnification", "rlnDetectorPixelSize")
    particles = made.opened(tmp_path, made.particles(rows, labels))
    assert particles.pixel_size == pytest.approx(1.25)
    assert note_of(particles, "computed")


def test_what_relion_would_trip_over_is_told(tmp_path):
    text = WHOLE.replace("rlnImageName", "rlnOriginX").replace("30 1 1", "30 1 7")
    particles = made.opened(tmp_path, text)
    assert note_of(particles, "rlnOriginX")
    assert note_of(particles, "1 row names an optics group")


def test_odd_but_legal_ranges_are_taken_as_they_stand(tmp_path):
    angles = [(478, -87, 209), (-168, 200, 0), (1e3, 10, 10)]
    particles = made.opened(tmp_path, made.angled(*angles))
    assert_read(particles, angles)
    assert note_of(particles, "more than two turns")


def test_radians_are_suspected_only_when_they_look_like_it(tmp_path):
    rng = np.random.default_rng(0)
    radians = np.column_stack(
        [rng.uniform(-math.pi, math.pi, 300), np.arccos(rng.uniform(-1, 1, 300))]
    )
    spread = made.opened(tmp_path, made.angled(*((a, b, 3 - 2 * a) for a, b in radians)))
    assert note_of(made.opened(tmp_path, made.angled(*((a, b, a) for a, b in radians))), "±2π")
    assert not [note for note in spread.notes if "±2π" in note.text]


def test_the_blocks_of_bodies_are_named_and_left_alone(tmp_path):
    bodies = made.loop("images_body_1", made.LABELS[1:4], ["1 2 3"])
    particles = made.opened(tmp_path, WHOLE + bodies)
    assert_read(particles)
    assert note_of(particles, "data_images_body_1")


REAL = {
    "relion/betagal_d2_452.star": ("RELION 3.1 star", 452),
    "relion/betagal_unfolded_4501.star": ("RELION 3.1 star", 4501),
    "relion/t20s_d7_crlf.star": ("RELION 3.1 star", 3226),
    "relion/template_picks.star": ("RELION 3.0 star", 4815),
    "relion/tomo_31.star": ("RELION 3.1 star", 57),
    "relion/tomo_40.star": ("RELION 4 tomo star", 1746),
    "warp/warp_relion30.star": ("RELION 3.0 star", 1399),
}


@pytest.mark.parametrize("name", REAL)
def test_real_files_read_like_starfile_reads_them(name):
    path = shared(f"real/{name}")
    particles = open_particles(path)
    assert (particles.table.format_name, len(particles)) == REAL[name]
    peer = starfile.read(path, always_dict=True)
    peer = peer.get("particles", next(iter(peer.values())))
    assert_read(particles, peer[list(made.LABELS[1:4])].to_numpy())
    for label in particles.table.numeric_columns:
        np.testing.assert_array_equal(particles.table.numeric(label), peer[label])


def test_one_half_alone_is_no_half_set(tmp_path):
    angles = np.random.default_rng(8).uniform(10, 80, (4, 3))
    particles = open_particles(write_star(tmp_path / "one.star", angles, halves=np.ones(4, int)))
    assert particles.halves is None
    assert any("half-sets" in str(note) for note in particles.notes)
