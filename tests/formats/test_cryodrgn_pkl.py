"""cryoDRGN's pickles: read as data, whatever they ask for."""

from __future__ import annotations

import os
import pickle
import pickletools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from evenview.core import rotation
from evenview.core.errors import MalformedFileError, NoOrientationsError, UserError
from evenview.core.motion import Motion, mirror
from evenview.core.record import Ctf, Images, Names, Record
from evenview.formats import formats, open_particles
from evenview.formats.base import Changeable, Creatable, Movable
from shared_data import shared

N = 50


def poses(n: int = N, seed: int = 0, dtype=np.float32):
    rng = np.random.default_rng(seed)
    return Rotation.random(n, rng).as_matrix().astype(dtype), rng.normal(0, 0.1, (n, 2))


def save(folder: Path, value: object, protocol: int = 4) -> Path:
    path = folder / "poses.pkl"
    path.write_bytes(pickle.dumps(value, protocol=protocol))
    return path


def words(path: Path) -> list[str]:
    return [word.name for word, _, _ in pickletools.genops(path.read_bytes())]


@pytest.mark.parametrize("protocol", [3, 4, 5])
@pytest.mark.parametrize("dtype", ["<f4", "<f8", ">f4", "<f2"])
@pytest.mark.parametrize("with_shifts", [True, False])
@pytest.mark.parametrize("n", [3, 50, 20_000])
def test_a_subset_has_the_structure_of_the_file(tmp_path, protocol, dtype, with_shifts, n):
    rotations, shifts = poses(n, dtype=dtype)
    path = save(tmp_path, (rotations, shifts) if with_shifts else rotations, protocol)
    particles = open_particles(path)
    kept = np.random.default_rng(1).random(n) < 0.4
    kept[0] = True
    particles.table.write(tmp_path / "kept", kept)
    assert words(tmp_path / "kept") == words(path)
    before, after = (pickle.loads(file.read_bytes()) for file in (path, tmp_path / "kept"))
    pairs = zip(after, before, strict=True) if with_shifts else [(after, before)]
    for part, whole in pairs:
        assert part.dtype == whole.dtype
        np.testing.assert_array_equal(part, whole[kept])


def test_rotations_are_a_itself(tmp_path):
    rotations, shifts = poses()
    particles = open_particles(save(tmp_path, (rotations, shifts)))
    np.testing.assert_allclose(rotation.to_matrix(particles.quaternions), rotations, atol=3e-7)
    np.testing.assert_allclose(particles.directions, rotations[:, 2], atol=3e-7)
    assert particles.halves is None
    np.testing.assert_array_equal(particles.table.numeric("trans[1]"), shifts[:, 1])


def test_rotations_agree_with_cryodrgns(tmp_path):
    vectors = np.load(shared("vectors/orientations.npz"))
    value = (vectors["cryodrgn_R_from_relion"], vectors["cryodrgn_trans_fraction_of_box"])
    particles = open_particles(save(tmp_path, value))
    truth = vectors["relion5.0.1__Euler_angles2matrix_A"]
    np.testing.assert_allclose(rotation.to_matrix(particles.quaternions), truth, atol=1e-12)


def test_the_zero_pose_that_cryodrgn_makes_nan_is_not_placed(tmp_path):
    vectors = np.load(shared("vectors/orientations.npz"))
    rotations = vectors["cryodrgn_expmap_pose_T"]
    lost = np.isnan(rotations[:, 0, 0])
    assert "pose_zero" in vectors["names"][lost]
    particles = open_particles(save(tmp_path, rotations))
    np.testing.assert_array_equal(particles.placed, ~lost)


def test_arrays_whose_first_index_runs_fastest_are_read_and_written(tmp_path):
    rotations, shifts = poses()
    path = save(tmp_path, (np.asfortranarray(rotations), np.asfortranarray(shifts)))
    particles = open_particles(path)
    kept = np.arange(N) % 3 == 0
    particles.table.write(tmp_path / "kept", kept)
    back = pickle.loads((tmp_path / "kept").read_bytes())
    np.testing.assert_array_equal(back[0], rotations[kept])
    np.testing.assert_array_equal(back[1], shifts[kept])
    assert back[0].flags.f_contiguous


class Asks:
    """Pickled as a call of `function` with `arguments`."""

    def __init__(self, function, *arguments, state=None):
        self.parts = (function, arguments) if state is None else (function, arguments, state)

    def __reduce__(self):
        return self.parts


def attacks(trace: Path) -> dict[str, object]:
    command = f"import pathlib; pathlib.Path({str(trace)!r}).touch()"
    return {
        "os.system": Asks(os.system, f"touch {trace}"),
        "builtins.eval": Asks(eval, f"exec({command!r})"),
        "builtins.exec": Asks(exec, command),
        "builtins.getattr": Asks(getattr, "", "join"),
        "numpy.load": Asks(np.load, str(trace), None, True),
        "numpy.memmap": Asks(np.memmap, str(trace), "u1", "w+", 0, (8,)),
        "numpy.save": Asks(np.save, str(trace), [1]),
        "numpy.dtype of objects": np.array([Asks(os.system, f"touch {trace}")], dtype=object),
        "numpy._core.numeric._frombuffer": Asks(np.frombuffer, b"12345678"),
        "state": Asks(np.dtype, "f4", state=Asks(os.system, f"touch {trace}")),
    }


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("name", attacks(Path("trace")))
@pytest.mark.parametrize("where", ["alone", "beside", "instead of shifts"])
def test_a_malicious_pickle_runs_nothing(tmp_path, name, protocol, where):
    trace = tmp_path / "trace"
    attack = attacks(trace)[name]
    rotations, shifts = poses()
    value = {
        "alone": attack,
        "beside": (rotations, shifts, attack),
        "instead of shifts": (rotations, attack),
    }[where]
    path = save(tmp_path, value, protocol)
    with pytest.raises(UserError) as caught:
        open_particles(path)
    assert str(path) in str(caught.value)
    assert not trace.exists()


def test_what_is_asked_for_is_named(tmp_path):
    with pytest.raises(MalformedFileError, match=r"asks for \w+\.system.*nothing in it was run"):
        open_particles(save(tmp_path, Asks(os.system, "true")))


def test_a_place_in_memory_beyond_reason_is_no_trouble(tmp_path):
    """A memo of four thousand million places, which Python's own reader would make room for."""
    path = tmp_path / "poses.pkl"
    path.write_bytes(b"\x80\x03Nr\xff\xff\xff\xff.")
    with pytest.raises(NoOrientationsError):
        open_particles(path)


def test_sizes_beyond_the_file_are_said_to_be_cut_off(tmp_path):
    path = tmp_path / "poses.pkl"
    path.write_bytes(b"\x80\x04\x8e" + (1 << 60).to_bytes(8, "little") + b".")
    with pytest.raises(MalformedFileError, match="cut off"):
        open_particles(path)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.zeros((9, 9), np.float32), "9 x 9"),
        ((poses()[0], np.zeros((N, 5))), "50 x 5"),
        ((poses()[0], poses()[1][:-1]), "49 x 2"),
        ((poses()[0][:0], poses()[1][:0]), "no poses"),
        (np.tile(np.eye(3), (4, 1, 1)), "never aligned"),
        (np.full((4, 3, 3), np.nan), "no particle has a rotation"),
    ],
)
def test_arrays_that_are_no_poses_are_said_to_be_none(tmp_path, value, words):
    with pytest.raises(NoOrientationsError, match=words):
        open_particles(save(tmp_path, value))


@pytest.mark.parametrize(
    "matrix", [2 * np.eye(3), np.diag([1.0, 1, -1]), np.zeros((3, 3)), np.full((3, 3), np.inf)]
)
def test_a_matrix_that_is_no_rotation_is_named_by_its_row(tmp_path, matrix):
    rotations, shifts = poses()
    rotations[7] = matrix
    with pytest.raises(MalformedFileError, match="row 8 of rot"):
        open_particles(save(tmp_path, (rotations, shifts)))


@pytest.mark.parametrize("dtype", [np.int32, np.complex64, "U4"])
def test_arrays_of_other_things_are_refused(tmp_path, dtype):
    with pytest.raises(MalformedFileError, match="floating-point"):
        open_particles(save(tmp_path, np.zeros((4, 3, 3), dtype)))


@pytest.mark.parametrize("protocol", [0, 1, 2])
def test_old_protocols_are_refused_in_words(tmp_path, protocol):
    with pytest.raises(UserError, match=r"poses\.pkl"):
        open_particles(save(tmp_path, poses(), protocol))


REAL = {"rot_trans": (1000, "<f4", "<f8"), "sta_pose": (219, "<f8", "<f8")}


@pytest.mark.parametrize("name", REAL)
def test_real_poses_are_read_and_parted(tmp_path, name):
    path = shared(f"real/cryodrgn/{name}.pkl")
    n, *dtypes = REAL[name]
    particles = open_particles(path)
    assert len(particles) == particles.n_placed == n
    assert particles.notes == ()
    kept = np.arange(n) % 4 != 0
    particles.table.write(tmp_path / "kept", kept)
    before, after = (pickle.loads(file.read_bytes()) for file in (path, tmp_path / "kept"))
    for whole, part, dtype in zip(before, after, dtypes, strict=True):
        assert part.dtype == dtype
        assert part.tobytes() == whole[kept].tobytes()
    np.testing.assert_allclose(particles.directions, before[0][:, 2], atol=1e-6)


PKL = formats()["cryodrgn-pkl"]
APIX, BOX = 1.25, 256
POINTS = np.random.default_rng(8).normal(size=(20, 3)) * 30


def made_record(n: int = N, **others) -> Record:
    rng = np.random.default_rng(4)
    said = {
        "quaternions": rotation.random(n, rng),
        "origins": rng.normal(size=(n, 2)) * 8,
        "pixel_size": np.full(n, APIX),
        "box": np.full(n, BOX),
    }
    return Record(**(said | others))


def sized(path: Path):
    """The particles of a file, their pixel size and box told by the user."""
    return replace(open_particles(path), pixel_size=APIX, box=BOX)


def in_image(rotations, trans, points):
    """Where points of the map stand in an image whose side is 1: (rot r)_xy - trans."""
    return np.einsum("nij,pj->npi", rotations, points)[..., :2] / (APIX * BOX) - trans[:, None]


def as_cryodrgn(path: Path, n: int) -> tuple[np.ndarray, np.ndarray | None]:
    """What ``cryodrgn/pose.py`` (``PoseTracker.load``) demands of a file."""
    value = pickle.loads(path.read_bytes())
    found = value if isinstance(value, tuple) else (value,)
    assert found[0].shape == (n, 3, 3)
    if len(found) < 2:
        return found[0], None
    assert found[1].shape == (n, 2)
    assert np.all(found[1] <= 1)
    found[1][...] *= 1  # it works in place
    return found[0], found[1]


def test_the_format_says_what_it_can():
    assert isinstance(PKL, Creatable)
    assert isinstance(PKL, Movable)


def test_new_poses_say_the_record_again(tmp_path):
    record = made_record(500)
    made = PKL.create(tmp_path / "new.pkl", record)
    assert made.files == (tmp_path / "new.pkl",)
    back = PKL.record(sized(tmp_path / "new.pkl"))
    turns = rotation.angle_between(back.quaternions, record.quaternions)
    assert turns.max() < PKL.precision.degrees
    errors = np.abs(back.origins - record.origins) / (APIX * BOX)
    assert errors.max() < PKL.precision.shift
    assert (back.box == BOX).all()
    assert (back.pixel_size == APIX).all()
    assert back.taken == set(open_particles(tmp_path / "new.pkl").table.numeric_columns)


def test_cryodrgn_reads_new_poses_as_what_is_meant(tmp_path):
    record = made_record()
    PKL.create(tmp_path / "new.pkl", record)
    rotations, trans = as_cryodrgn(tmp_path / "new.pkl", N)
    a = rotation.to_matrix(record.quaternions)
    truth = np.einsum("nij,pj->npi", a, POINTS)[..., :2] - record.origins[:, None]
    np.testing.assert_allclose(in_image(rotations, trans, POINTS) * APIX * BOX, truth, atol=1e-9)


def test_new_poses_are_those_of_cryodrgns_own_parser(tmp_path):
    vectors = np.load(shared("vectors/orientations.npz"))
    truth = vectors["relion5.0.1__Euler_angles2matrix_A"]
    n = len(truth)
    record = Record(
        rotation.from_matrix(truth),
        origins=vectors["shift_px_relion_origin"] * APIX,
        pixel_size=np.full(n, APIX),
        box=np.full(n, BOX),
    )
    PKL.create(tmp_path / "new.pkl", record)
    rotations, trans = as_cryodrgn(tmp_path / "new.pkl", n)
    np.testing.assert_allclose(rotations, vectors["cryodrgn_R_from_relion"], atol=1e-12)
    np.testing.assert_allclose(trans, vectors["cryodrgn_trans_fraction_of_box"], atol=1e-15)


def test_new_poses_name_nothing_but_arrays_in_the_places_that_every_numpy_has(tmp_path):
    PKL.create(tmp_path / "new.pkl", made_record())
    names = [
        argument
        for word, argument, _ in pickletools.genops((tmp_path / "new.pkl").read_bytes())
        if word.name in ("GLOBAL", "STACK_GLOBAL", "INST")
    ]
    assert names == ["numpy.core.multiarray _reconstruct", "numpy ndarray", "numpy dtype"]


def test_what_poses_cannot_say_is_told(tmp_path):
    record = made_record(
        halves=np.ones(N, np.int8),
        images=Images(np.arange(1, N + 1), Names.of(["a.mrcs"] * N)),
        ctf=Ctf(defocus_u=np.ones(N)),
    )
    made = PKL.create(tmp_path / "new.pkl", record)
    expected = {"pixel size", "box size", "half-sets", "image references", "defocus U"}
    assert set(made.dropped) == expected
    assert made.filled == ()


def test_particles_without_a_pose_stay_in_their_place(tmp_path):
    record = made_record()
    record.quaternions[3] = np.nan
    record.origins[4, 0] = np.nan
    made = PKL.create(tmp_path / "new.pkl", record)
    assert any("1 particle without a pose" in words for words in made.filled)
    assert any("1 particle without a shift" in words for words in made.filled)
    rotations, trans = as_cryodrgn(tmp_path / "new.pkl", N)
    np.testing.assert_array_equal(np.isnan(rotations).any(axis=(1, 2)), np.arange(N) == 3)
    np.testing.assert_array_equal(trans[4], 0)
    np.testing.assert_array_equal(open_particles(tmp_path / "new.pkl").placed, np.arange(N) != 3)


def test_without_shifts_only_rotations_are_written(tmp_path):
    PKL.create(tmp_path / "new.pkl", made_record(origins=None, box=None, pixel_size=None))
    assert as_cryodrgn(tmp_path / "new.pkl", N)[1] is None
    assert PKL.record(open_particles(tmp_path / "new.pkl")).origins is None
    still = made_record(origins=np.zeros((N, 2)), box=None, pixel_size=None)
    PKL.create(tmp_path / "still.pkl", still)
    np.testing.assert_array_equal(PKL.record(open_particles(tmp_path / "still.pkl")).origins, 0)


@pytest.mark.parametrize(
    ("others", "words", "hint"),
    [
        ({"box": None}, "box size", "--box"),
        ({"pixel_size": None}, "pixel size", "--pixel-size"),
        ({"box": np.full(N, 4)}, "larger than the box", "--box"),
        ({"subtomograms": True}, "2-D images only", "format of subtomograms"),
    ],
)
def test_what_is_missing_for_new_poses_is_asked_for(tmp_path, others, words, hint):
    with pytest.raises(UserError, match=words) as caught:
        PKL.create(tmp_path / "new.pkl", made_record(**others))
    assert hint in caught.value.hint
    assert not (tmp_path / "new.pkl").exists()


@pytest.mark.parametrize(
    ("known", "hint"), [({"pixel_size": APIX}, "--box"), ({"box": BOX}, "--pixel-size")]
)
def test_shifts_are_not_read_without_their_unit(tmp_path, known, hint):
    particles = open_particles(save(tmp_path, poses()))
    with pytest.raises(UserError, match="parts of the box") as caught:
        PKL.record(replace(particles, **known))
    assert hint in caught.value.hint
    with pytest.raises(UserError, match="parts of the box"):
        PKL.changes(replace(particles, **known), Motion(shift=np.ones(3)))


def test_shifts_in_pixels_of_old_files_are_not_taken_for_parts_of_the_box(tmp_path):
    rotations, shifts = poses()
    with pytest.raises(UserError, match="pixels of an old file"):
        PKL.record(sized(save(tmp_path, (rotations, shifts * 100))))


def test_the_units_say_what_was_understood(tmp_path):
    rotations, shifts = poses()
    assert set(PKL.units(open_particles(save(tmp_path, rotations)))) == {
        "poses",
        "image references",
    }
    assert "RELION" in PKL.units(open_particles(save(tmp_path, (rotations, shifts))))["shifts"]


TURN = Rotation.from_euler("xyz", [20, -35, 70], degrees=True).as_matrix()
MOTIONS = {
    "turn": Motion(TURN),
    "turn and shift": Motion(TURN, np.array([3.0, -4, 5])),
    "mirror": Motion(mirror("x")),
    "inversion and shift": Motion(mirror("inversion"), np.array([1.0, 2, -3])),
}


def change(path: Path, motion: Motion, target: Path) -> Path:
    particles = sized(path)
    assert isinstance(particles.table, Changeable)
    particles.table.write_changed(target, PKL.changes(particles, motion))
    return target


@pytest.mark.parametrize("name", MOTIONS)
def test_images_of_the_moved_map_are_the_old_images(tmp_path, name):
    motion = MOTIONS[name]
    PKL.create(tmp_path / "old.pkl", made_record())
    change(tmp_path / "old.pkl", motion, tmp_path / "new.pkl")
    before, after = (as_cryodrgn(tmp_path / f"{k}.pkl", N) for k in ("old", "new"))
    moved = POINTS @ motion.matrix.T + motion.shift
    np.testing.assert_allclose(in_image(*after, moved), in_image(*before, POINTS), atol=1e-12)


@pytest.mark.parametrize("protocol", [3, 4, 5])
@pytest.mark.parametrize("dtype", ["<f4", "<f8", ">f4"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_only_the_numbers_change(tmp_path, protocol, dtype, order):
    rotations, shifts = poses(20_000, dtype=dtype)
    rotations = np.array(rotations, order=order)
    rotations[5] = np.nan
    path = save(tmp_path, (rotations, shifts), protocol)
    new = change(path, Motion(TURN), tmp_path / "new.pkl")
    assert words(new) == words(path)
    assert new.stat().st_size == path.stat().st_size
    (turned, same), (whole, _) = (pickle.loads(file.read_bytes()) for file in (new, path))
    assert turned.dtype == whole.dtype
    np.testing.assert_allclose(turned, rotations @ TURN.T, atol=1e-6)
    assert same.tobytes() == shifts.tobytes()
    assert turned[5].tobytes() == whole[5].tobytes()


def test_a_file_without_shifts_cannot_follow_a_shifted_map(tmp_path):
    path = save(tmp_path, poses()[0])
    change(path, Motion(TURN), tmp_path / "turned.pkl")
    with pytest.raises(UserError, match="no shifts"):
        change(path, Motion(shift=np.ones(3)), tmp_path / "new.pkl")


@pytest.mark.parametrize("name", REAL)
def test_real_poses_come_back_from_a_turn_and_a_shift(tmp_path, name):
    path = shared(f"real/cryodrgn/{name}.pkl")
    motion = MOTIONS["turn and shift"]
    there = change(path, motion, tmp_path / "there.pkl")
    again = change(there, Motion(TURN.T, -TURN.T @ motion.shift), tmp_path / "again.pkl")
    for old, new in zip(*(pickle.loads(p.read_bytes()) for p in (path, again)), strict=True):
        np.testing.assert_allclose(new, old, atol=2e-6)
    assert words(again) == words(path)


def test_no_change_leaves_the_file(tmp_path):
    path = save(tmp_path, poses())
    open_particles(path).table.write_changed(tmp_path / "same.pkl", {})
    assert (tmp_path / "same.pkl").read_bytes() == path.read_bytes()


def test_poses_are_never_written_over_their_source(tmp_path):
    path = save(tmp_path, poses())
    with pytest.raises(UserError, match="never written over"):
        change(path, Motion(TURN), path)
