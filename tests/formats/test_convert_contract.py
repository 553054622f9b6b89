"""What holds for every format that can be made anew, or written again with other poses.

Nobody edits this file to add a format, but `RAW`: how its numbers are to be read by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from evenview.core import rotation
from evenview.core.errors import UserError
from evenview.core.motion import Motion, mirror
from evenview.core.particles import Particles, Table
from evenview.core.progress import Cancelled
from evenview.core.record import CTF_FIELDS, FIELDS, Created, Record
from evenview.formats import formats, open_particles
from evenview.formats.base import Changeable, Creatable, Movable
from evenview.tasks import convert
from evenview.tasks.described import completed, record_of, require_described
from made_examples import example_kinds, open_example
from made_record import BOX, PIXEL, N, record, unplaced

CREATABLE = sorted(name for name, form in formats().items() if isinstance(form, Creatable))
MOVABLE = [kind for kind, form in example_kinds().items() if isinstance(form, Movable)]
UNITS = {"Å": 1.0, "pixels": PIXEL, "boxes": PIXEL * BOX}
POINTS = np.random.default_rng(2).normal(0, 20, (8, 3))


def creatable(name: str) -> Creatable:
    form = formats()[name]
    assert isinstance(form, Creatable)
    return form


def made(name: str, folder: Path, source: Record) -> tuple[Created, Particles] | None:
    """The record as a file; None where the format refuses subtomograms, or all else."""
    form = creatable(name)
    path = folder / f"made{form.suffixes[0]}"
    try:
        created = form.create(path, source)
    except UserError:
        return None
    assert created.files == (path,)  # of no other file is it told whether it was replaced
    assert path.exists()
    return created, given(open_particles(path))


def given(particles: Particles) -> Particles:
    """With a pixel size and a box where the file says none."""
    return completed(particles, particles.pixel_size or PIXEL, particles.box or BOX)


@pytest.fixture(params=[False, True], ids=["images", "subtomograms"])
def source(request) -> Record:
    return record(subtomograms=request.param)


def dropped(created: Created, field: str) -> bool:
    return ({**FIELDS, **CTF_FIELDS})[field] in created.dropped


def told(created: Created) -> str:
    return "; ".join((*created.dropped, *created.filled))


@pytest.mark.parametrize("name", CREATABLE)
def test_a_format_takes_images_or_subtomograms_and_says_what_it_refuses(name, tmp_path):
    taken = 0
    for subtomograms in (False, True):
        path = tmp_path / f"made_{subtomograms}"
        try:
            creatable(name).create(path, record(subtomograms=subtomograms))
            taken += 1
        except UserError as error:
            refusal = str(error)
            assert not path.exists()
            assert "subtomogram" in refusal
    assert taken


@pytest.mark.parametrize("name", CREATABLE)
def test_poses_and_shifts_come_back_as_exactly_as_the_format_says(name, tmp_path, source):
    if (done := made(name, tmp_path, source)) is None:
        return
    created, particles = done
    back = record_of(particles)
    precision = creatable(name).precision
    assert rotation.angle_between(source.quaternions, back.quaternions).max() <= precision.degrees
    if back.subtomograms != source.subtomograms:
        assert "subtomogram" in told(created)
    if dropped(created, "origins"):
        assert back.origins is None
        return
    limit = precision.shift * UNITS[precision.shift_unit]
    if back.origins is None:  # the position in the micrograph or tomogram has taken them in
        np.testing.assert_allclose(positions(back), positions(source), atol=limit, rtol=0)
        return
    both = min(back.origins.shape[1], source.origins.shape[1])
    np.testing.assert_allclose(back.origins[:, :both], source.origins[:, :both], atol=limit, rtol=0)
    assert not back.origins[:, both:].any()


def positions(of: Record) -> np.ndarray:
    """Where the particles are, Å from the corner or centre of their micrograph or tomogram."""
    assert of.coordinates is not None
    sizes = (
        np.full(len(of), PIXEL) if of.coordinates.pixel_size is None else of.coordinates.pixel_size
    )
    where = of.coordinates.values * sizes[:, None]
    return where if of.origins is None else where - of.origins_of(where.shape[1])


@pytest.mark.parametrize("name", CREATABLE)
def test_all_else_comes_back_where_it_is_not_dropped(name, tmp_path, source):
    if (done := made(name, tmp_path, source)) is None:
        return
    created, particles = done
    back = record_of(particles)
    for field in ("halves", "classes", "box"):
        if not dropped(created, field):
            np.testing.assert_array_equal(getattr(back, field), getattr(source, field), field)
    if not dropped(created, "pixel_size"):
        np.testing.assert_allclose(back.pixel_size, PIXEL, rtol=1e-5)
    if not dropped(created, "images"):
        np.testing.assert_array_equal(back.images.index, source.images.index)
    for field in CTF_FIELDS:
        if getattr(source.ctf, field) is not None and not dropped(created, field):
            expected = getattr(source.ctf, field)
            np.testing.assert_allclose(getattr(back.ctf, field), expected, rtol=1e-5, atol=0.011)


@pytest.mark.parametrize("field", ["micrographs", "tomograms"])
@pytest.mark.parametrize("name", CREATABLE)
def test_names_tell_rows_apart_as_before(name, field, tmp_path, source):
    done = made(name, tmp_path, source)
    if done is None or getattr(source, field) is None or dropped(done[0], field):
        return
    names = getattr(record_of(done[1]), field)
    if names is None:  # a number stands there that says no more what it is
        assert "stand for" in told(done[0])
    else:
        assert alike(names.texts(), getattr(source, field).texts())


def alike(some: list[str], others: list[str]) -> bool:
    """Whether texts tell rows apart in one way, as names or, in tables of numbers, as numbers."""
    return len(set(zip(some, others, strict=True))) == len(set(some)) == len(set(others))


@pytest.mark.parametrize("name", CREATABLE)
def test_places_come_back_where_they_are_not_dropped(name, tmp_path, source):
    if (done := made(name, tmp_path, source)) is None or dropped(done[0], "coordinates"):
        return
    back = record_of(done[1])
    both = min(source.coordinates.values.shape[1], back.coordinates.values.shape[1])
    np.testing.assert_allclose(
        positions(back)[:, :both], positions(source)[:, :both], atol=0.02, rtol=0
    )


@pytest.mark.parametrize("name", CREATABLE)
def test_particles_without_a_pose_stay_without_or_are_refused(name, tmp_path, source):
    form = creatable(name)
    path = tmp_path / "made"
    try:
        form.create(path, unplaced(source, slice(4, 7)))
    except UserError:
        assert list(tmp_path.iterdir()) == []
        return
    placed = open_particles(path).placed
    assert len(placed) == N
    assert np.flatnonzero(~placed).tolist() == [4, 5, 6]


@pytest.mark.parametrize("name", CREATABLE)
def test_a_cancelled_file_leaves_nothing(name, tmp_path, source):
    def cancel(fraction: float, phrase: str) -> None:
        raise Cancelled

    path = tmp_path / "made"
    path.write_bytes(b"an older file")
    with pytest.raises((Cancelled, UserError)):
        creatable(name).create(path, source, cancel)
    assert [found.name for found in tmp_path.iterdir()] == ["made"]
    assert path.read_bytes() == b"an older file"


@pytest.mark.parametrize("name", CREATABLE)
def test_conversion_never_writes_over_its_source(name, tmp_path, source):
    if (done := made(name, tmp_path, source)) is None:
        return
    path = done[1].table.path
    before = path.read_bytes()
    with pytest.raises(UserError, match="never written over"):
        convert.run(convert.ConvertRequest(path, path, name))
    assert path.read_bytes() == before


# The numbers of a file by hand: scipy's rotations, the formulas of each program's documentation.
# Each gives A (map to image, or reference to tomogram) and the origin in Å.


def _zyz(table: Table, *names: str) -> Rotation:
    """[Rz(rot) Ry(tilt) Rz(psi)]^T."""
    angles = np.column_stack([table.numeric(name) for name in names])
    return Rotation.from_euler("ZYZ", angles, degrees=True).inv()


def _columns(table: Table, *names: str) -> np.ndarray:
    return np.column_stack([table.numeric(name) for name in names])


def _relion(table):
    q = _zyz(table, "rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi")
    axes = "XYZ" if "rlnOriginZAngst" in table.numeric_columns else "XY"
    return q, _columns(table, *(f"rlnOrigin{axis}Angst" for axis in axes))


def _cryosparc(table):
    pose = _columns(table, *(f"alignments3D/pose[{i}]" for i in range(3)))
    shift = _columns(table, *(f"alignments3D/shift[{i}]" for i in range(2)))
    return Rotation.from_rotvec(pose).inv(), shift * table.numeric("alignments3D/psize_A")[:, None]


def _cistem(table):
    q = _zyz(table, *(f"cisTEMAngle{name}" for name in ("Phi", "Theta", "Psi")))
    return q, -_columns(table, "cisTEMXShift", "cisTEMYShift")


def _frealign(table):
    return _zyz(table, "PHI", "THETA", "PSI"), -_columns(table, "SHX", "SHY")


def _xmipp(table):
    q = _zyz(table, "angleRot", "angleTilt", "anglePsi")
    return q, PIXEL * _columns(table, "shiftX", "shiftY")


def _dynamo(table):
    tdrot, tilt, narot = (table.numeric(name) for name in ("tdrot", "tilt", "narot"))
    q = Rotation.from_euler("ZXZ", np.column_stack([-tdrot, -tilt, -narot]), degrees=True)
    return q, -PIXEL * _columns(table, "dx", "dy", "dz")


RAW: dict[str, Callable[[Table], tuple[Rotation, np.ndarray]]] = {
    "relion-star": _relion,
    "cryosparc-cs": _cryosparc,
    "cistem-star": _cistem,
    "cistem-binary": _cistem,
    "frealign-par": _frealign,
    "xmipp-xmd": _xmipp,
    "dynamo-tbl": _dynamo,
}


@pytest.mark.parametrize("name", sorted(RAW.keys() & set(CREATABLE)))
def test_every_file_projects_the_map_to_the_same_places(name, tmp_path, source):
    """u = A r - o of points r, by the numbers that stand in the file and scipy alone."""
    if (done := made(name, tmp_path, source)) is None:
        return
    a, origins = RAW[name](done[1].table)
    truth = Rotation.from_quat(source.quaternions, scalar_first=True).as_matrix()
    both = min(origins.shape[1], source.origins.shape[1])
    expected = projected(truth, source.origins[:, :both])
    precision = creatable(name).precision
    limit = np.radians(precision.degrees) * 60 + precision.shift * UNITS[precision.shift_unit]
    np.testing.assert_allclose(
        projected(a.as_matrix(), origins[:, :both]), expected, atol=2 * limit
    )


def projected(a: np.ndarray, origins: np.ndarray) -> np.ndarray:
    dimensions = origins.shape[1]
    return np.einsum("nij,pj->npi", a, POINTS)[..., :dimensions] - origins[:, None]


# Files that are written again with other poses.

SHIFT = np.array([3.0, -2.0, 1.5])
TURN = rotation.to_matrix(rotation.random(1, np.random.default_rng(8)))[0]


@pytest.fixture(params=MOVABLE)
def example(request, tmp_path) -> Particles:
    folder = tmp_path / "input"
    folder.mkdir()
    return given(open_example(request.param, folder, 40, 5, unplaced=2))


def moved(particles: Particles, motion: Motion, path: Path) -> tuple[Particles, set[str]]:
    """The particles written again after a motion, and the columns that it names."""
    form = require_described(particles)
    assert isinstance(form, Movable)
    assert isinstance(particles.table, Changeable)
    changes = form.changes(particles, motion)
    assert set(changes) <= set(particles.table.numeric_columns)
    files = particles.table.write_changed(path, changes)
    assert files == particles.table.targets(path)
    again = open_particles(path, reading=particles.reading)
    return given(again), {name.partition("[")[0] for name in changes}


def moved_or_refused(particles, motion, path):
    """As `moved`; None where the file cannot follow, such as without columns for a shift."""
    try:
        return moved(particles, motion, path)[0]
    except UserError:
        assert not path.exists()
        assert motion.shifts or motion.mirrors
        return None


def views(particles: Particles) -> np.ndarray:
    return rotation.to_matrix(particles.quaternions[particles.placed])


def test_a_turn_is_that_of_the_poses_and_of_nothing_else(example, tmp_path):
    after, changed = moved(example, Motion(TURN), tmp_path / "turned")
    np.testing.assert_allclose(views(after), views(example) @ TURN.T, atol=5e-4)
    np.testing.assert_array_equal(after.placed, example.placed)
    for row in range(len(example)):
        before, now = example.table.cells(row), after.table.cells(row)
        kept = [name for name in before if name.partition("[")[0] not in changed]
        kept = list(before) if not example.placed[row] else kept
        assert [now[name] for name in kept] == [before[name] for name in kept]


def test_there_and_back_gives_the_poses_and_shifts_back(example, tmp_path):
    there = Motion(TURN, SHIFT)
    back = Motion(TURN.T, -TURN.T @ SHIFT)
    after = moved_or_refused(example, there, tmp_path / "there")
    if after is None:
        return
    again, _ = moved(after, back, tmp_path / "back")
    np.testing.assert_allclose(views(again), views(example), atol=1e-3)
    placed = example.placed
    old, new = record_of(example).origins, record_of(again).origins
    if old is None:
        assert new is None or np.abs(new[placed]).max() < 0.05
    else:
        np.testing.assert_allclose(new[placed], old[placed], atol=0.05)


@pytest.mark.parametrize(
    "motion",
    [Motion(TURN), Motion(TURN, SHIFT), Motion(mirror("z")), Motion(-TURN, SHIFT)],
    ids=["turn", "turn and shift", "mirror", "mirror, turn and shift"],
)
def test_the_moved_map_projects_to_the_same_places(example, tmp_path, motion):
    old = record_of(example)
    after = moved_or_refused(example, motion, tmp_path / "moved")
    if after is None:
        return
    new = record_of(after)
    placed, dimensions = old.placed, 3 if old.subtomograms else 2
    moved_points = POINTS @ motion.matrix.T + motion.shift
    before = places(old, POINTS, dimensions)[placed]
    np.testing.assert_allclose(places(new, moved_points, dimensions)[placed], before, atol=0.05)


def places(of: Record, points: np.ndarray, dimensions: int) -> np.ndarray:
    origins = of.origins_of(dimensions)
    origins = np.zeros((len(of), dimensions)) if origins is None else origins
    a = rotation.to_matrix(of.quaternions)
    return np.einsum("nij,pj->npi", a, points)[..., :dimensions] - origins[:, None]


def test_a_moved_file_is_never_its_source(example):
    before = example.table.path.read_bytes()
    form = require_described(example)
    with pytest.raises(UserError, match="never written over"):
        example.table.write_changed(example.table.path, form.changes(example, Motion(TURN)))
    assert example.table.path.read_bytes() == before


def test_a_cancelled_change_leaves_nothing(example, tmp_path):
    def cancel(fraction: float, phrase: str) -> None:
        raise Cancelled

    form = require_described(example)
    folder = tmp_path / "output"
    folder.mkdir()
    with pytest.raises(Cancelled):
        example.table.write_changed(folder / "out", form.changes(example, Motion(TURN)), cancel)
    assert list(folder.iterdir()) == []
