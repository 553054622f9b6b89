"""Nothing that stands for what is not known goes untold, and rows without a pose stay as they are.

Of images that are mirrored, what is not mirrored with them is named.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import made_star
from evenview.core.errors import UserError
from evenview.core.motion import Motion
from evenview.core.record import Coordinates, Names
from evenview.formats import formats, open_particles
from evenview.formats.base import Movable
from evenview.formats.facts import BOUND_TO_IMAGES, not_mirrored, of_placed
from evenview.formats.numbering import numbers_of_names
from evenview.tasks.described import completed, record_of, require_described
from made_examples import example_kinds, open_example
from made_record import PIXEL, N, record, unplaced

SUBTOMOGRAMS = ("dynamo-tbl", "emmotl-em", "stopgap-star")
MOVABLE = [kind for kind, form in example_kinds().items() if isinstance(form, Movable)]
IMAGES = ("frealign-par", "xmipp-xmd", "cistem-star", "cistem-binary")
BINNING = 2.0


def made(name: str, folder, source):
    """What was created of a record, and the file opened again."""
    path = folder / f"made{formats()[name].suffixes[0]}"
    created = formats()[name].create(path, source)
    particles = open_particles(path)
    return created, completed(particles, particles.pixel_size or PIXEL)


def told(of) -> str:
    return " | ".join(map(str, of))


@pytest.mark.parametrize("name", [*SUBTOMOGRAMS, "peet-csv", *IMAGES])
def test_poses_that_are_not_there_are_told(name, tmp_path):
    source = record(subtomograms=name not in IMAGES)
    assert "without a pose" not in told(made(name, tmp_path, source)[0].filled)
    created, particles = made(name, tmp_path, unplaced(source, slice(2, 5)))
    assert "nan for 3 particles without a pose" in told(created.filled)
    assert np.flatnonzero(~particles.placed).tolist() == [2, 3, 4]


@pytest.mark.parametrize(
    ("name", "column", "kept", "left_out"),
    [
        ("frealign-par", "OCC", 100, 0),
        ("dynamo-tbl", "aligned", 1, 0),
        ("dynamo-tbl", "averaged", 1, 0),
        ("xmipp-xmd", "enabled", 1, -1),
        ("cistem-star", "cisTEMImageActivity", 1, -1),
    ],
)
def test_programs_leave_out_particles_without_a_pose(name, column, kept, left_out, tmp_path):
    source = unplaced(record(subtomograms=name not in IMAGES), slice(2, 5))
    values = made(name, tmp_path, source)[1].table.numeric(column)
    assert set(values[source.placed]) == {kept}
    assert set(values[~source.placed]) == {left_out}


@pytest.mark.parametrize("name", IMAGES)
def test_numbers_in_the_place_of_unknown_ones_are_told(name, tmp_path):
    source = record()
    origins, defocus = source.origins.copy(), source.ctf.defocus_u.copy()
    origins[:3], defocus[4] = np.nan, np.nan
    gaps = replace(source, origins=origins, ctf=replace(source.ctf, defocus_u=defocus))
    created, particles = made(name, tmp_path, gaps)
    assert "shifts: 0 for 3 particles without any" in created.filled
    assert "defocus U: 0 for 1 particle without any" in created.filled
    back = record_of(particles)
    assert not back.origins[:3].any()
    assert back.ctf.defocus_u[4] == 0
    np.testing.assert_allclose(back.origins[3:], origins[3:], atol=0.006)


@pytest.mark.parametrize("name", ["xmipp-xmd", "cistem-star"])
def test_places_that_are_not_known_are_told(name, tmp_path):
    source = record()
    values = source.coordinates.values.copy()
    values[7] = np.nan
    created, _ = made(
        name, tmp_path, replace(source, coordinates=replace(source.coordinates, values=values))
    )
    assert "coordinates: 0 for 1 particle without any" in created.filled


@pytest.mark.parametrize("name", SUBTOMOGRAMS)
def test_coordinates_of_unknown_pixels_are_copied_and_told(name, tmp_path):
    source = record(subtomograms=True)
    where = source.coordinates.values
    created, particles = made(name, tmp_path, replace(source, coordinates=Coordinates(where)))
    assert f"as they stand for {N} particles" in told(created.filled)
    back = record_of(particles)
    np.testing.assert_allclose(back.coordinates.values, where, atol=1e-3)
    assert "taken to be in pixels of the images (1.25 Å)" in told(back.notes)


@pytest.mark.parametrize("name", SUBTOMOGRAMS)
def test_coordinates_of_known_pixels_are_scaled_to_those_of_the_shifts(name, tmp_path):
    source = record(subtomograms=True)
    sizes = np.full(N, PIXEL / BINNING)
    sizes[0] = np.nan
    known = replace(source.coordinates, pixel_size=sizes)
    created, particles = made(name, tmp_path, replace(source, coordinates=known))
    assert "as they stand for 1 particle" in told(created.filled)
    back = record_of(particles).coordinates.values
    np.testing.assert_allclose(back[1:] * BINNING, known.values[1:], atol=1e-3)
    np.testing.assert_allclose(back[0], known.values[0], atol=1e-3)


@pytest.mark.parametrize("name", ["cistem-star", "warp-star"])
def test_positions_in_angstroms_are_told_with_their_pixels_and_their_origin(name, tmp_path):
    source = record()
    values = source.coordinates.values.copy()
    values[:2, 0] *= -1
    _, particles = made(
        name, tmp_path, replace(source, coordinates=replace(source.coordinates, values=values))
    )
    notes = told(record_of(particles).notes)
    assert "Positions in Å are given in pixels of the images (1.25 Å)" in notes
    assert "2 positions lie outside" in notes
    assert (
        "Positions in Å are given in pixels of 1 Å"
        in told(require_described(particles).record(replace(particles, pixel_size=None)).notes)
        or name == "cistem-star"
    )  # which says a pixel size in every row


def test_a_number_stands_for_a_name_only_where_it_says_the_whole_name():
    assert numbers_of_names(Names.of(["255", "7"]), "tomo") == (pytest.approx([255, 7]), ())
    numbers, words = numbers_of_names(Names.of(["00255", "7"]), "tomo")
    assert numbers.tolist() == [1, 2]
    assert words == ("tomo: numbers 1 to 2 stand for 00255, 7",)


@pytest.mark.parametrize(
    ("name", "field"), [("frealign-par", "micrographs"), ("dynamo-tbl", "tomograms")]
)
def test_names_that_become_numbers_are_not_said_to_go_along(name, field, tmp_path):
    source = record(subtomograms=field == "tomograms")
    words = f"{field.removesuffix('s')} names"
    assert words in made(name, tmp_path, source)[0].dropped
    numbered = Names.of([str(k // 12 + 5) for k in range(N)])
    created, particles = made(name, tmp_path, replace(source, **{field: numbered}))
    assert words not in created.dropped
    assert getattr(record_of(particles), field).texts() == numbered.texts()


@pytest.mark.parametrize("kind", MOVABLE)
def test_a_mirror_of_images_leaves_rows_without_a_pose(kind, tmp_path):
    particles = open_example(kind, tmp_path, 20, 5, unplaced=3)
    particles = completed(particles, particles.pixel_size or PIXEL, particles.box or 64)
    form = require_described(particles)
    assert isinstance(form, Movable)
    try:
        changes = form.changes(particles, Motion(flip="x"))
    except UserError:  # of subtomograms, which cannot be mirrored so
        return
    particles.table.write_changed(tmp_path / "flipped", changes)
    after = open_particles(tmp_path / "flipped", reading=particles.reading).table
    for row in np.flatnonzero(~particles.placed).tolist():
        assert after.cells(row) == particles.table.cells(row)


def test_changes_of_placed_rows_stay(tmp_path):
    particles = open_example(MOVABLE[0], tmp_path, 20, 5, unplaced=3)
    column = np.arange(20.0)
    kept = of_placed(particles, {"a": column})["a"]
    np.testing.assert_array_equal(np.isfinite(kept), particles.placed)
    np.testing.assert_array_equal(kept[particles.placed], column[particles.placed])


def star(folder, more: str, cells: str):
    labels = ("rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi", *more.split())
    rows = [f"{10 * k} {20 * k} 30 {cells}" for k in range(1, 4)]
    return made_star.opened(folder, made_star.loop("particles", labels, rows))


def test_what_is_not_mirrored_with_the_images_is_named(tmp_path):
    particles = star(tmp_path, "rlnBeamTiltX rlnBeamTiltY rlnCoordinateX", "0.00 -0.3 0")
    (note,) = not_mirrored(particles)
    assert "rlnBeamTiltY" in note.text
    assert "rlnBeamTiltX" not in note.text
    assert not_mirrored(particles, {"rlnBeamTiltX"}) == ()


def test_zernike_coefficients_in_lists_are_seen(tmp_path):
    assert not_mirrored(star(tmp_path, "rlnOddZernike", "[0.0,0,0.000]")) == ()
    (note,) = not_mirrored(star(tmp_path, "rlnOddZernike", "[0.0,0,0.1]"))
    assert "rlnOddZernike" in note.text


def test_columns_of_optics_groups_count_too(tmp_path):
    optics = made_star.loop(
        "optics", ("rlnOpticsGroup", "rlnBeamTiltX", "rlnMagMat00"), ["1 0.25 1.0"]
    )
    labels = ("rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi", "rlnOpticsGroup")
    text = optics + made_star.loop("particles", labels, [f"{k} 20 30 1" for k in range(3)])
    (note,) = not_mirrored(made_star.opened(tmp_path, text))
    assert "rlnBeamTiltX" in note.text
    assert "rlnMagMat00" not in note.text  # a mirror leaves the diagonal
    assert "rlnMagMat00" not in BOUND_TO_IMAGES
