"""Dynamo's tables and motive lists: what they say of a particle, new ones, and turned maps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from evenview.core import convention, rotation
from evenview.core.errors import UserError
from evenview.core.motion import Motion, mirror
from evenview.core.progress import Cancelled
from evenview.core.record import Coordinates, Ctf, Images, Names, Record
from evenview.formats import open_particles
from evenview.formats.base import Changeable, Creatable, Movable
from evenview.formats.dynamo_tbl import FORMAT as DYNAMO
from evenview.formats.emmotl_em import FORMAT as EMMOTL
from evenview.formats.peet_csv import FORMAT as PEET
from evenview.formats.stopgap_star import FORMAT as STOPGAP
from shared_data import shared

N = 40
APIX = 2.5
SUFFIX = {"dynamo-tbl": "made.tbl", "emmotl-em": "made.em", "peet-csv": "made.csv"}
#: The angles of a row and the turn of the reference that they are.
ANGLES = {
    "dynamo-tbl": (("tdrot", "tilt", "narot"), lambda a: Rotation.from_euler("ZXZ", -a, True)),
    "emmotl-em": (
        ("psi", "theta", "phi"),
        lambda a: Rotation.from_euler("ZXZ", a, True),
    ),
    "peet-csv": (
        ("EulerZ(3)", "EulerX(2)", "EulerZ(1)"),
        lambda a: Rotation.from_euler("ZXZ", a, True),
    ),
}
SHIFTS = {
    "dynamo-tbl": ("dx", "dy", "dz"),
    "emmotl-em": ("shift_x", "shift_y", "shift_z"),
    "peet-csv": ("xOffset", "yOffset", "zOffset"),
}
PEET_HEADING = (
    "CCC,reserved,reserved,pIndex,wedgeWT,NA,NA,NA,NA,NA,xOffset,yOffset,zOffset,NA,NA,reserved,"
    "EulerZ(1),EulerZ(3),EulerX(2),reserved,CREATED WITH PEET\n"
)


def made(n: int = N, seed: int = 3) -> Record:
    rng = np.random.default_rng(seed)
    return Record(
        quaternions=rotation.random(n, rng),
        origins=rng.normal(0, 8, (n, 3)),
        subtomograms=True,
        pixel_size=np.full(n, APIX),
        classes=rng.integers(1, 4, n),
        images=Images(rng.permutation(n) + 11),
        tomograms=Names.of([str(k) for k in rng.integers(1, 9, n)]),
        coordinates=Coordinates(rng.uniform(0, 900, (n, 3)), pixel_size=np.full(n, APIX)),
    )


def unsized() -> Record:
    """A record without any pixel size."""
    record = made()
    coordinates = replace(record.coordinates, pixel_size=None)
    return replace(record, pixel_size=None, coordinates=coordinates)


def write_peet(path: Path, record: Record) -> Path:
    """A list as PEET has it, of fewer digits than a new one of ours."""
    phi, psi, theta = convention.quaternions_to_emmotl(record.quaternions).T
    shifts = -record.origins_in_pixels(3)
    lines = [
        f"0.5,0,0,{k + 1},0,0,0,0,0,0,{x:.6f},{y:.6f},{z:.6f},0,0,0,{a:.7f},{b:.7f},{c:.7f},1\n"
        for k, (x, y, z, a, b, c) in enumerate(zip(*shifts.T, phi, psi, theta, strict=True))
    ]
    path.write_text(PEET_HEADING + "".join(lines), newline="\n")
    return path


def opened(form, folder: Path, record: Record | None = None, name: str = ""):
    record = record or made()
    path = folder / (name or SUFFIX[form.name])
    if form is PEET:
        write_peet(path, record)
    else:
        form.create(path, record)
    particles = form.read(path)
    return replace(particles, pixel_size=particles.pixel_size or APIX)


@pytest.fixture(params=[DYNAMO, EMMOTL], ids=lambda form: form.name)
def form(request):
    return request.param


@pytest.fixture(params=[DYNAMO, EMMOTL, PEET], ids=lambda form: form.name)
def movable(request):
    return request.param


def points_in_tomogram(form, table, reference: np.ndarray) -> np.ndarray:
    """Where points (k, 3) Å of the reference lie, (N, k, 3) pixels from each coordinate."""
    names, turn = ANGLES[form.name]
    turns = turn(np.column_stack([table.numeric(name) for name in names])).as_matrix()
    shifts = np.column_stack([table.numeric(name) for name in SHIFTS[form.name]])
    return shifts[:, None, :] + np.einsum("nij,kj->nki", turns, reference) / APIX


def test_they_are_what_they_say(movable):
    assert isinstance(movable, Creatable)
    assert isinstance(movable, Movable)


def test_what_is_made_is_read_as_it_was(tmp_path, movable):
    form = movable
    vectors = np.load(shared("vectors/orientations.npz"))
    truth = rotation.from_matrix(vectors["relion5.0.1__Euler_angles2matrix_A"])
    record = replace(made(len(truth)), quaternions=truth)
    form.create(tmp_path / "made", record)
    back = open_particles(tmp_path / "made")
    angle = rotation.angle_between(back.quaternions, truth)
    assert angle.max() <= form.precision.degrees


def test_the_whole_record_comes_back(tmp_path, form):
    record = made()
    created = form.create(tmp_path / "made", record)
    particles = form.read(tmp_path / "made")
    if form is EMMOTL:
        assert particles.pixel_size is None
        assert created.dropped == ("pixel size",)
        particles = replace(particles, pixel_size=APIX)
    else:
        assert created.dropped == ()
    assert open_particles(tmp_path / "made").table.path == created.files[0]
    back = form.record(particles)
    assert rotation.angle_between(back.quaternions, record.quaternions).max() < 2.5e-5
    np.testing.assert_allclose(back.origins, record.origins, atol=APIX * form.precision.shift)
    np.testing.assert_allclose(back.coordinates.values, record.coordinates.values, atol=1e-4)
    np.testing.assert_allclose(back.pixel_size, APIX)
    np.testing.assert_array_equal(back.classes, record.classes)
    np.testing.assert_array_equal(back.images.index, record.images.index)
    assert back.tomograms.texts() == record.tomograms.texts()
    assert back.subtomograms
    assert {*ANGLES[form.name][0], *SHIFTS[form.name], "class", "x"} <= back.taken
    assert back.taken <= set(particles.table.cells(0))


def test_a_particle_is_at_its_coordinate_and_shift(tmp_path, movable):
    """u = A r - o, in Å, is what the angles and shifts of the file say in pixels."""
    record = made()
    particles = opened(movable, tmp_path, record)
    points = np.array([[0.0, 0, 0], [30, 0, 0], [0, 20, -50]])
    expected = rotation.to_matrix(record.quaternions) @ points.T - record.origins[:, :, None]
    found = points_in_tomogram(movable, particles.table, points)
    np.testing.assert_allclose(found * APIX, expected.transpose(0, 2, 1), atol=1e-4)
    back = movable.record(particles)
    np.testing.assert_allclose(back.origins, record.origins, atol=1e-4)


def test_a_map_that_is_turned_and_moved_leaves_its_points_where_they_are(tmp_path, movable):
    particles = opened(movable, tmp_path)
    turn, shift = Rotation.from_euler("xyz", [20, 50, -70], True).as_matrix(), [12.0, -5.0, 31.0]
    changes = movable.changes(particles, Motion(turn, np.array(shift)))
    assert set(changes) == {*ANGLES[movable.name][0], *SHIFTS[movable.name]}
    assert isinstance(particles.table, Changeable)
    assert particles.table.write_changed(tmp_path / "moved", changes) == (tmp_path / "moved",)
    moved = open_particles(tmp_path / "moved")
    points = np.array([[0.0, 0, 0], [30, 0, 0], [0, 20, -50]])
    before = points_in_tomogram(movable, particles.table, points)
    after = points_in_tomogram(movable, moved.table, points @ turn.T + shift)
    np.testing.assert_allclose(after, before, atol=1e-4)


def test_a_turn_alone_needs_no_pixel_size_and_leaves_shifts(tmp_path, movable):
    particles = replace(opened(movable, tmp_path), pixel_size=None)
    motion = Motion(Rotation.from_euler("x", 90, True).as_matrix())
    assert set(movable.changes(particles, motion)) == set(ANGLES[movable.name][0])


def test_there_and_back(tmp_path, movable):
    particles = opened(movable, tmp_path)
    turn, shift = Rotation.from_euler("xyz", [-140, 15, 80], True).as_matrix(), [3.0, 40.0, -9.0]
    there, back = Motion(turn, np.array(shift)), Motion(turn.T, -turn.T @ shift)
    particles.table.write_changed(tmp_path / "there", movable.changes(particles, there))
    moved = replace(open_particles(tmp_path / "there"), pixel_size=APIX)
    moved.table.write_changed(tmp_path / "back", movable.changes(moved, back))
    returned = open_particles(tmp_path / "back")
    assert rotation.angle_between(returned.quaternions, particles.quaternions).max() < 1e-4
    for name in particles.table.numeric_columns:
        if name not in ANGLES[movable.name][0]:
            tolerance = 2e-4 if name in SHIFTS[movable.name] else 0
            before, after = particles.table.numeric(name), returned.table.numeric(name)
            np.testing.assert_allclose(after, before, rtol=0, atol=tolerance)


def test_subtomograms_are_not_mirrored(tmp_path, movable):
    particles = opened(movable, tmp_path)
    for motion in (Motion(mirror("z")), Motion(flip="x")):
        with pytest.raises(UserError, match="cannot be mirrored"):
            movable.changes(particles, motion)


def test_shifts_without_a_pixel_size_are_asked_for(tmp_path, movable):
    path = opened(movable, tmp_path).table.path
    if movable is DYNAMO:
        rows = [line.split()[:35] for line in path.read_text().splitlines()]
        path.write_text("".join(" ".join(cells) + "\n" for cells in rows))
    particles = movable.read(path)
    assert particles.pixel_size is None
    with pytest.raises(UserError, match="--pixel-size"):
        movable.record(particles)
    with pytest.raises(UserError, match="--pixel-size"):
        movable.changes(particles, Motion(shift=np.array([1.0, 0, 0])))


def test_no_shifts_need_no_pixel_size(tmp_path, form):
    record = replace(unsized(), origins=None)
    form.create(tmp_path / "made", record)
    back = form.record(form.read(tmp_path / "made"))
    np.testing.assert_array_equal(back.origins, np.zeros((N, 3)))
    assert back.pixel_size is None


def test_shifts_cannot_be_made_pixels_without_a_pixel_size(tmp_path, form):
    with pytest.raises(UserError, match="--pixel-size"):
        form.create(tmp_path / "made", replace(made(), pixel_size=None))
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("form", [DYNAMO, EMMOTL, STOPGAP], ids=lambda form: form.name)
def test_coordinates_about_the_centre_are_refused(tmp_path, form):
    centred = replace(made(), coordinates=Coordinates(np.ones((N, 3)), "centred", np.ones(N)))
    with pytest.raises(UserError, match="about the centre of each tomogram"):
        form.create(tmp_path / "made", centred)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("form", [DYNAMO, EMMOTL, STOPGAP], ids=lambda form: form.name)
def test_coordinates_in_angstroms_are_no_pixels_of_an_image_without_a_size(tmp_path, form):
    record = replace(made(), origins=None, pixel_size=None)
    with pytest.raises(UserError, match="Give it with --pixel-size"):
        form.create(tmp_path / "made", record)


def test_coordinates_that_change_their_pixels_are_told(tmp_path):
    own = Coordinates(np.full((N, 3), 100.0), pixel_size=np.full(N, APIX / 2))
    created = DYNAMO.create(tmp_path / "t", replace(made(), coordinates=own))
    assert (
        "x, y, z: in pixels of the images, 2.5 Å; they were in pixels of 1.25 Å" in created.filled
    )
    np.testing.assert_allclose(DYNAMO.read(tmp_path / "t").table.numeric("x"), 50)
    assert "they were in" not in " ".join(DYNAMO.create(tmp_path / "u", made()).filled)


def test_rows_without_a_pose_stay_so(tmp_path, form):
    record = made()
    record.quaternions[3] = np.nan
    particles = opened(form, tmp_path, record)
    assert np.flatnonzero(~particles.placed).tolist() == [3]
    changes = form.changes(particles, Motion(shift=np.array([1.0, 2, 3])))
    particles.table.write_changed(tmp_path / "moved", changes)
    moved = open_particles(tmp_path / "moved").table
    assert moved.cells(3) == particles.table.cells(3)


def test_names_of_tomograms_become_numbers_that_are_told(tmp_path, form):
    words = ["TS_03", "TS_01", "", "TS_03", "TS_02"] + ["TS_04"] * 5
    record = replace(made(10), tomograms=Names.of(words))
    created = form.create(tmp_path / "made", record)
    column = "tomo" if form is DYNAMO else "tomo_id"
    told = f"{column}: numbers 1 to 4 stand for TS_03, TS_01, TS_02, TS_04"
    assert told in created.filled
    back = form.read(tmp_path / "made").table.numeric(column)
    np.testing.assert_array_equal(back, [1, 2, 0, 1, 3, 4, 4, 4, 4, 4])


def test_names_that_are_one_number_twice_are_numbered(tmp_path):
    record = replace(made(2), tomograms=Names.of(["01", "1"]))
    assert "numbers 1 to 2 stand for 01, 1" in " ".join(
        DYNAMO.create(tmp_path / "t", record).filled
    )


def test_image_numbers_that_repeat_give_way_to_rows(tmp_path, form):
    record = replace(made(3), images=Images(np.array([5, 5, 7]), Names.of(["a", "b", "b"])))
    created = form.create(tmp_path / "made", record)
    column = "tag" if form is DYNAMO else "subtomo_id"
    np.testing.assert_array_equal(form.read(tmp_path / "made").table.numeric(column), [1, 2, 3])
    assert any(column in words and "not unique" in words for words in created.filled)
    assert "image references" in created.dropped


def test_images_become_tables_as_far_as_they_mean_something(tmp_path, form):
    flat = Record(
        quaternions=rotation.random(5, np.random.default_rng(1)),
        origins=np.arange(10.0).reshape(5, 2),
        pixel_size=np.full(5, APIX),
        micrographs=Names.of(["m"] * 5),
        coordinates=Coordinates(np.ones((5, 2))),
        ctf=Ctf(defocus_u=np.ones(5)),
    )
    created = form.create(tmp_path / "made", flat)
    assert {"coordinates", "micrograph names", "defocus U"} <= set(created.dropped)
    back = form.record(replace(form.read(tmp_path / "made"), pixel_size=APIX))
    np.testing.assert_allclose(back.origins[:, :2], flat.origins, atol=1e-5)
    np.testing.assert_array_equal(back.origins[:, 2], 0)


def test_a_new_dynamo_table_has_the_usual_columns(tmp_path):
    DYNAMO.create(tmp_path / "a", replace(unsized(), origins=None))
    DYNAMO.create(tmp_path / "b", made())
    assert {len(line.split()) for line in (tmp_path / "a").read_text().splitlines()} == {35}
    assert {len(line.split()) for line in (tmp_path / "b").read_text().splitlines()} == {42}
    first = DYNAMO.read(tmp_path / "b").table.cells(0)
    assert (first["aligned"], first["averaged"], first["ref"], first["apix"]) == (
        *("1", "1", "1"),
        "2.50000000",
    )


def test_only_the_named_cells_of_a_dynamo_table_differ(tmp_path):
    lines = [
        "7 1 1 0.5 -2.25   3  10 20.12345678901 30+0i 0.1+2i" + " 0" * 16 + " \r\n",
        "\r\n",
        "8\t1\t1 1e-3 0 0 NaN 20 30" + " 0" * 17,
    ]
    path = tmp_path / "a.tbl"
    path.write_bytes("".join(lines).encode())
    table = DYNAMO.read(path).table
    changes = {
        "narot": np.array([-1.5, 4]),
        "tilt": np.array([0.1, np.nan]),
        "dx": np.array([np.nan, 2.0]),
    }
    table.write_changed(tmp_path / "b.tbl", changes)
    expected = [
        lines[0].replace("20.12345678901 30+0i", " 0.10000000000 -1.500000"),
        lines[1],
        lines[2].replace("1e-3", "2.000000").replace(" 20 30", " 20 4.000000"),
    ]
    assert (tmp_path / "b.tbl").read_bytes().decode() == "".join(expected)


@pytest.mark.parametrize("name", ["array_35col", "double", "filament_crop"])
def test_real_tables_move_and_keep_their_other_cells(tmp_path, name):
    particles = replace(open_particles(shared(f"real/dynamo/{name}.tbl")), pixel_size=APIX)
    motion = Motion(Rotation.from_euler("zyx", [10, 20, 30], True).as_matrix(), np.full(3, 5.0))
    changes = DYNAMO.changes(particles, motion)
    particles.table.write_changed(tmp_path / "moved", changes)
    moved = open_particles(tmp_path / "moved")
    expected, _ = motion.apply(particles.quaternions, None)
    assert rotation.angle_between(moved.quaternions, expected).max() < 1e-5
    old, new = (
        [line.split() for line in path.read_bytes().splitlines()]
        for path in (particles.table.path, moved.table.path)
    )
    kept = [k for k in range(35) if k not in range(3, 9)]
    assert [[row[k] for k in kept] for row in old] == [[row[k] for k in kept] for row in new]
    record = DYNAMO.record(particles)
    numeric = particles.table.numeric
    np.testing.assert_array_equal(record.origins[:, 1], -APIX * numeric("dy"))
    np.testing.assert_array_equal(record.coordinates.values[:, 2], numeric("z"))


def test_an_em_file_of_either_byte_order_keeps_its_other_numbers(tmp_path):
    particles = opened(EMMOTL, tmp_path)
    small = particles.table.path.read_bytes()
    big = bytearray(small)
    big[0] = 3
    big[4:16] = np.frombuffer(small, "<i4", 3, 4).astype(">i4").tobytes()
    big[512:] = np.frombuffer(small, "<f4", offset=512).astype(">f4").tobytes()
    for order, content in (("<", small), (">", bytes(big))):
        path = tmp_path / "in.em"
        path.write_bytes(content)
        EMMOTL.read(path).table.write_changed(tmp_path / "out.em", {"psi": np.full(N, 0.1)})
        after = (tmp_path / "out.em").read_bytes()
        assert after[:512] == content[:512]
        old, new = (
            np.frombuffer(data, f"{order}f4", offset=512).reshape(N, 20)
            for data in (content, after)
        )
        assert (new[:, 17] == np.float32(0.1)).all()
        np.testing.assert_array_equal(np.delete(new, 17, 1), np.delete(old, 17, 1))


def test_an_em_file_begins_as_tom_writes_it(tmp_path):
    EMMOTL.create(tmp_path / "a.em", made())
    head = (tmp_path / "a.em").read_bytes()[:512]
    assert (head[0], head[3]) == (6, 5)
    assert np.frombuffer(head, "<i4", 3, 4).tolist() == [20, N, 1]
    assert not any(head[16:])


def test_a_source_is_never_written_over_and_a_cancel_leaves_nothing(tmp_path, movable):
    particles = opened(movable, tmp_path)
    path, changes = particles.table.path, movable.changes(particles, Motion())
    content = path.read_bytes()
    with pytest.raises(UserError, match="never written over"):
        particles.table.write_changed(path, changes)

    def stop(fraction: float, phrase: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        particles.table.write_changed(tmp_path / "other", changes, stop)
    assert not (tmp_path / "other").exists()
    path.write_bytes(content + b"\n")
    with pytest.raises(UserError, match="has changed since"):
        particles.table.write_changed(tmp_path / "other", changes)


def test_columns_that_are_not_there_are_refused(tmp_path, movable):
    table = opened(movable, tmp_path).table
    with pytest.raises(UserError, match="no column of numbers"):
        table.write_changed(tmp_path / "other", {"no such": np.zeros(N)})


def test_units_name_the_columns(tmp_path, movable):
    units = movable.units(opened(movable, tmp_path))
    assert all(name in units["poses"] for name in ANGLES[movable.name][0])
    assert all(name in units["shifts"] for name in SHIFTS[movable.name])
    assert "pixel" in units["shifts"]


def test_a_list_of_peet_without_offsets_cannot_be_moved(tmp_path):
    path = opened(PEET, tmp_path).table.path
    path.write_text(path.read_text().replace("xOffset,yOffset,zOffset", "a,b,c"))
    particles = PEET.read(path)
    assert PEET.record(particles).origins is None
    with pytest.raises(UserError, match="has no shifts"):
        PEET.changes(particles, Motion(shift=np.ones(3)))


def test_a_new_list_of_peet_has_all_but_the_points_of_its_model(tmp_path):
    record = made()
    created = PEET.create(tmp_path / "made.csv", record)
    dropped = {"coordinates", "tomogram names", "classes", "pixel size"}
    assert set(created.dropped) == dropped
    particles = replace(open_particles(tmp_path / "made.csv"), pixel_size=APIX)
    back = PEET.record(particles)
    np.testing.assert_allclose(back.origins, record.origins, atol=APIX * 1e-6)
    np.testing.assert_array_equal(back.images.index, record.images.index)
    assert {len(line.split(",")) for line in created.files[0].read_text().splitlines()} == {20}


def test_coordinates_are_in_the_pixels_of_the_shifts(tmp_path, form):
    record = made()
    unbinned = Coordinates(4 * record.coordinates.values, pixel_size=np.full(N, APIX / 4))
    form.create(tmp_path / "made", replace(record, coordinates=unbinned))
    found = form.read(tmp_path / "made").table.numeric("x")
    np.testing.assert_allclose(found, record.coordinates.values[:, 0], rtol=1e-6)


@pytest.mark.parametrize("tilt", [0.0, 1e-7, 1e-5, 1e-3, 90.0, 180 - 1e-5, 180.0])
def test_views_along_the_axis_keep_their_whole_turn(tmp_path, movable, tilt):
    along = convention.relion_to_quaternions([20.0], [tilt], [-70.0])
    other = rotation.random(1, np.random.default_rng(1))
    record = replace(made(2), quaternions=np.concatenate([along, other]))
    movable.create(tmp_path / "made", record)
    back = movable.read(tmp_path / "made").quaternions
    angle = rotation.angle_between(back, record.quaternions)
    assert angle.max() <= movable.precision.degrees
