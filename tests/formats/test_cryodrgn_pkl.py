"""cryoDRGN's pickles: read as data, whatever they ask for."""

from __future__ import annotations

import os
import pickle
import pickletools
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from evenview.core import rotation
from evenview.core.errors import MalformedFileError, NoOrientationsError, UserError
from evenview.formats import open_particles
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
