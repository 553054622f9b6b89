"""EMAN2's lists and particle parameters: what its own programs wrote, and what older ones did."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from evenview.core import rotation
from evenview.core.errors import MalformedFileError, NoOrientationsError, UserError
from evenview.formats import find_format, open_particles
from shared_data import shared

N = 12
A = Rotation.random(N, np.random.default_rng(3)).as_matrix()
PLAIN = "# made\n"

#: Where EMAN2's own getters lose more than its float32: near the poles and half turns.
ROUNDED_BY_EMAN2 = ("near", "neg_tilt_small", "pose_tiny", "tilt180", "pose_pi", "pose_almost_pi")


def transform(matrix: np.ndarray) -> dict[str, str]:
    numbers = np.column_stack([matrix, (1, 2, 3)]).ravel()
    return {"__class__": "Transform", "matrix": f"[{','.join(f'{x:.6g}' for x in numbers)}]"}


def records(matrices: np.ndarray = A, key: str = "xform.projection") -> list[dict]:
    return [{"score": -k / 7, key: transform(matrix)} for k, matrix in enumerate(matrices)]


def save(folder: Path, thirds: list[str], heading: str = "# made") -> Path:
    rows = [f"{k}\tparticles/a.hdf\t{third}" for k, third in enumerate(thirds)]
    length = max(map(len, rows)) + 5
    path = folder / "ptcls.lst"
    lines = ["#LSX", heading, f"# {length}", *(row.ljust(length - 1) for row in rows), ""]
    path.write_text("\n".join(lines), newline="\n")
    return path


def compact(values: object) -> str:
    return json.dumps(values, separators=(",", ":"))


def save_json(folder: Path, values: list[dict], indent: int | None = None) -> Path:
    entries = {f"('particles3d/a.hdf', {k})": value for k, value in enumerate(values)}
    path = folder / "particle_parms_01.json"
    path.write_text(json.dumps(entries, indent=indent))
    return path


def matrices(particles) -> np.ndarray:
    return rotation.to_matrix(particles.quaternions)


def test_a_projection_is_a_itself_to_six_digits(tmp_path):
    particles = open_particles(save(tmp_path, [compact(record) for record in records()]))
    np.testing.assert_allclose(matrices(particles), A, atol=3e-6)
    assert particles.notes == ()
    assert particles.halves is None
    np.testing.assert_allclose(particles.table.numeric("score"), -np.arange(N) / 7)
    np.testing.assert_array_equal(particles.table.numeric("idx"), np.arange(N))


def test_an_alignment_of_subtomograms_is_the_inverse_of_a(tmp_path):
    thirds = [compact(record) for record in records(key="xform.align3d")]
    particles = open_particles(save(tmp_path, thirds))
    np.testing.assert_allclose(matrices(particles), np.swapaxes(A, 1, 2), atol=3e-6)


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" , ", " : ")])
def test_json_with_blanks_is_the_same(tmp_path, separators):
    thirds = [json.dumps(record, separators=separators) for record in records()]
    np.testing.assert_allclose(matrices(open_particles(save(tmp_path, thirds))), A, atol=3e-6)


def test_text_that_looks_like_a_transform_is_none(tmp_path):
    """The key in a string, in an inner object, or in the name of the file."""
    fake = compact({"xform.projection": transform(np.eye(3))})
    extra = {"note": fake, "inner": {"xform.projection": transform(np.eye(3))}, "}{": "{"}
    thirds = [compact(extra | record) for record in records()]
    path = save(tmp_path, thirds)
    path.write_text(path.read_text().replace("particles/a.hdf", 'p{"x":{/a.hdf'))
    np.testing.assert_allclose(matrices(open_particles(path)), A, atol=3e-6)


def test_rounded_matrices_are_used_as_rotations(tmp_path):
    particles = open_particles(save(tmp_path, [compact(record) for record in records()]))
    exact = matrices(particles) @ np.swapaxes(matrices(particles), 1, 2)
    np.testing.assert_allclose(exact, np.tile(np.eye(3), (N, 1, 1)), atol=1e-12)


def test_scale_is_taken_out_and_mirrored_images_have_the_mirrored_direction(tmp_path):
    mirror = np.diag([-1.0, 1, 1])
    particles = open_particles(save(tmp_path, [compact(r) for r in records(1.3 * mirror @ A)]))
    np.testing.assert_allclose(particles.directions, -A[:, 2], atol=1e-5)


TYPES = ("eman", "spider", "imagic", "mrc", "quaternion", "spin", "sgirot", "matrix")


@pytest.mark.parametrize("kind", TYPES)
def test_legacy_transforms_of_every_type_mean_eman2s_matrix(tmp_path, kind):
    names = np.load(shared("vectors/orientations.npz"))["names"]
    vectors = json.loads(shared("vectors/eman2/transform_all_types.json").read_text())
    fair = [
        row
        for name, row in zip(names, vectors, strict=False)
        if not name.startswith(ROUNDED_BY_EMAN2)
    ]
    calls = [f"0.5;Transform({ {'type': kind, 'mirror': 0} | row[kind] })" for row in fair]
    particles = open_particles(save(tmp_path, calls))
    truth = np.array([row["matrix3x4"] for row in fair]).reshape(-1, 3, 4)[:, :, :3]
    np.testing.assert_allclose(matrices(particles), truth, atol=2e-5)


def test_the_other_legacy_spellings(tmp_path):
    call = "Transform({'az':10.0,'alt':20.0,'phi':30.0,'mirror':False,'type':'eman'})"
    folders = [tmp_path / name for name in ("alone", "scored", "keyed")]
    for folder in folders:
        folder.mkdir()
    alone = open_particles(save(folders[0], [call]))
    scored = open_particles(save(folders[1], [f"-0.25;{call}"]))
    keyed = open_particles(
        save(folders[2], [f"-0.25;{call};7"], "#keys: score;xform.projection;class")
    )
    for particles in (scored, keyed):
        np.testing.assert_array_equal(particles.quaternions, alone.quaternions)
    assert scored.table.numeric("score_align").tolist() == [-0.25]
    assert keyed.table.numeric("score").tolist() == [-0.25]
    assert keyed.table.cells(0)["class"] == "7"


def evil(trace: Path) -> list[str]:
    touch = f"__import__('pathlib').Path({str(trace)!r}).touch()"
    pickled = pickle.dumps(Path(trace), protocol=0).decode()
    return [
        f"0.5;Transform({touch})",
        f"Transform({touch})",
        f"0.5;Transform({{'type':'eman','az':{touch}}})",
        f"0.5;Transform([1,0,0,0,0,1,0,0,0,0,1,{touch}])",
        compact({"xform.projection": {"__pickle__": pickled}}),
        compact({"xform.projection": {"__class__": "Transform", "matrix": touch}}),
    ]


@pytest.mark.parametrize("which", range(6))
def test_nothing_in_a_list_is_run(tmp_path, which):
    trace = tmp_path / "trace"
    sound = compact(records()[0])
    with pytest.raises(MalformedFileError, match="line 5"):
        open_particles(save(tmp_path, [sound, evil(trace)[which]]))
    assert not trace.exists()


def test_keys_are_not_run_either(tmp_path):
    trace = tmp_path / "trace"
    touch = f"__import__('pathlib').Path({str(trace)!r}).touch()"
    call = "Transform({'type':'eman','az':10,'alt':20,'phi':30})"
    path = save(tmp_path, [f"{touch};{call}"], "#keys: score;xform.projection")
    particles = open_particles(path)
    assert "score" not in particles.table.numeric_columns
    assert not trace.exists()


def test_classes_0_and_1_are_the_halves_and_it_is_told(tmp_path):
    thirds = [compact(record | {"class": k % 2}) for k, record in enumerate(records())]
    particles = open_particles(save(tmp_path, thirds))
    np.testing.assert_array_equal(particles.halves, np.arange(N) % 2 + 1)
    assert "even and the odd half" in particles.notes[0].text
    more = [compact(record | {"class": k % 3}) for k, record in enumerate(records())]
    assert open_particles(save(tmp_path, more)).halves is None


def test_plain_lists_are_read_too(tmp_path):
    path = tmp_path / "ptcls.lst"
    rows = [f"{k}\ta.hdf\t{compact(record)}\n" for k, record in enumerate(records())]
    path.write_text("#LST\n" + "".join(rows))
    np.testing.assert_allclose(matrices(open_particles(path)), A, atol=3e-6)


def test_lines_of_another_length_are_told(tmp_path):
    path = save(tmp_path, [compact(record) for record in records()])
    path.write_text(path.read_text().rstrip() + "\n")
    particles = open_particles(path)
    assert len(particles) == N
    assert "1 lines are not of the length" in particles.notes[0].text


@pytest.mark.parametrize(
    ("thirds", "words"),
    [
        ([""] * 3, "no particle has an orientation"),
        (["a comment"] * 3, "no particle has an orientation"),
        ([compact({"score": 1.0})] * 3, "no particle has an orientation"),
        ([compact({"xform.projection": transform(np.eye(3))})] * 3, "never aligned"),
    ],
)
def test_lists_without_orientations_are_said_to_be(tmp_path, thirds, words):
    with pytest.raises(NoOrientationsError, match=words):
        open_particles(save(tmp_path, thirds))


@pytest.mark.parametrize("matrix", [np.zeros((3, 3)), np.diag([1.0, 2, 3]), np.full((3, 3), 1e200)])
def test_a_matrix_that_is_no_rotation_is_named_by_its_line(tmp_path, matrix):
    bad = A.copy()
    bad[4] = matrix
    with pytest.raises(MalformedFileError, match=r"line 8: .*not a rotation"):
        open_particles(save(tmp_path, [compact(record) for record in records(bad)]))


@pytest.mark.parametrize("indent", [None, 0, 4])
def test_parameters_in_json_are_read_and_parted(tmp_path, indent):
    values = records(key="xform.align3d")
    path = save_json(tmp_path, values, indent)
    assert find_format(path).name == "eman2-json"
    particles = open_particles(path)
    np.testing.assert_allclose(matrices(particles), np.swapaxes(A, 1, 2), atol=3e-6)
    assert particles.table.cells(2)["particle"] == "('particles3d/a.hdf', 2)"
    for kept in (np.arange(N) % 2 == 0, np.arange(N) < 3, np.arange(N) > 8, np.arange(N) == 5):
        particles.table.write(tmp_path / "kept", kept)
        back = json.loads((tmp_path / "kept").read_text())
        assert list(back.values()) == [values[k] for k in np.flatnonzero(kept)]


def test_json_that_is_nested_beyond_reason_is_refused_in_words(tmp_path):
    path = tmp_path / "parms.json"
    sound = compact({"xform.align3d": transform(A[0])})
    deep = '{"xform.align3d":' + "[" * 200_000 + "]" * 200_000 + "}"
    path.write_text(f'{{"a":{sound},"b":{deep}}}')
    with pytest.raises(MalformedFileError, match="line 1"):
        open_particles(path)


@pytest.mark.parametrize("cut", [1, 2, 40, 200])
def test_json_that_is_cut_off_is_said_to_be(tmp_path, cut):
    path = save_json(tmp_path, records(), 1)
    path.write_text(path.read_text()[:-cut])
    with pytest.raises(MalformedFileError, match="cut off"):
        open_particles(path)


def test_other_json_is_no_particle_file(tmp_path):
    path = tmp_path / "info.json"
    path.write_text('{"boxes": [[1, 2, 3]]}')
    with pytest.raises(UserError, match=r"info\.json"):
        find_format(path)


def test_a_real_list_of_subtomograms(tmp_path):
    path = shared("real/eman2/align3d.lst")
    particles = open_particles(path)
    assert len(particles) == particles.n_placed == 2
    # The third columns of the two matrices as they are printed in the file.
    expected = [(0.987244, -0.119294, 0.105441), (-0.839364, 0.504364, -0.202693)]
    np.testing.assert_allclose(particles.directions, expected, atol=3e-6)
    particles.table.write(tmp_path / "kept", np.array([False, True]))
    lines = path.read_bytes().splitlines(keepends=True)
    assert (tmp_path / "kept").read_bytes() == b"".join([*lines[:3], lines[4]])


def test_what_eman2_wrote_has_relions_directions(tmp_path):
    path = shared("vectors/eman2/ptcls_real_LSXFile.lst")
    vectors = json.loads(shared("vectors/eman2/transform_all_types.json").read_text())
    particles = open_particles(path)
    truth = np.array([row["matrix3x4"] for row in vectors]).reshape(-1, 3, 4)[:, :, :3]
    np.testing.assert_allclose(matrices(particles), truth, atol=3e-6)
    few = np.load(shared("vectors/orientations.npz"))["relion5.0.1__Euler_angles2direction"][:120]
    np.testing.assert_allclose(particles.directions[:120], few, atol=3e-6)
