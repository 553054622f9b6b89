"""EMAN2's lists and particle parameters: what its own programs wrote, and what older ones did."""

from __future__ import annotations

import json
import pickle
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from evenview.core import rotation
from evenview.core.errors import MalformedFileError, NoOrientationsError, UserError
from evenview.core.motion import Motion, mirror
from evenview.core.record import Ctf, Images, Names, Record
from evenview.formats import find_format, formats, open_particles
from evenview.formats.base import Changeable, Creatable, Described, Movable
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
    assert "1 line is not of the length" in particles.notes[0].text


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


LST = formats()["eman2-lst"]
APIX = 1.25
POINTS = np.random.default_rng(8).normal(size=(20, 3)) * 30


def made_record(n: int = 40, subtomograms: bool = False, **others) -> Record:
    rng = np.random.default_rng(4)
    said = {
        "quaternions": rotation.random(n, rng),
        "origins": rng.normal(size=(n, 3 if subtomograms else 2)) * 12,
        "subtomograms": subtomograms,
        "pixel_size": np.full(n, APIX),
        "halves": (np.arange(n) % 2 + 1).astype(np.int8),
        "images": Images(
            np.arange(n) % 7 + 1,
            Names.of("particles/m0.hdf" if k < 9 else "m1.mrcs" for k in range(n)),
        ),
    }
    return Record(**(said | others))


def sized(path: Path):
    """The particles of a file, their pixel size told by the user."""
    return replace(open_particles(path), pixel_size=APIX)


def described(path: Path) -> Record:
    return find_format(path).record(sized(path))


def seen(q, origins, points=POINTS):
    """Where points of the map, Å, stand in the image or the subtomogram: A r - o."""
    turned = np.einsum("nij,pj->npi", rotation.to_matrix(q), points)
    return turned[..., : origins.shape[1]] - origins[:, None]


def eman_matrices(path: Path, key: str) -> np.ndarray:
    """(N, 3, 4), read by nothing but a reader of JSON."""
    thirds = (line.split("\t")[2] for line in path.read_text().splitlines()[3:])
    numbers = [json.loads(json.loads(third)[key]["matrix"]) for third in thirds]
    return np.array(numbers).reshape(-1, 3, 4)


def test_the_formats_say_what_they_can():
    assert isinstance(LST, Described)
    assert isinstance(LST, Creatable)
    assert isinstance(LST, Movable)
    other = formats()["eman2-json"]
    assert isinstance(other, Described)
    assert isinstance(other, Movable)
    assert not isinstance(other, Creatable)


@pytest.mark.parametrize("subtomograms", [False, True])
def test_a_new_list_says_the_record_again(tmp_path, subtomograms):
    record = made_record(400, subtomograms)
    made = LST.create(tmp_path / "new.lst", record)
    assert made.files == (tmp_path / "new.lst",)
    assert made.dropped == ("pixel size",)
    back = described(tmp_path / "new.lst")
    assert back.subtomograms == subtomograms
    turns = rotation.angle_between(back.quaternions, record.quaternions)
    assert turns.max() < LST.precision.degrees
    shifts = np.abs(back.origins - record.origins).max() / APIX
    assert shifts < LST.precision.shift
    np.testing.assert_array_equal(back.halves, record.halves)
    np.testing.assert_array_equal(back.images.index, record.images.index)
    assert back.images.stacks.texts() == record.images.stacks.texts()
    assert back.taken == {
        "idx",
        "src",
        "class",
        "xform.align3d" if subtomograms else "xform.projection",
    }


def test_a_new_list_of_many_rows_has_pythons_numbers_and_one_length(tmp_path):
    """Also where its rows are written in more than one piece, and whatever they lack."""
    record = made_record(40_000)
    record.quaternions[::1001] = np.nan
    record.quaternions[1:500] = (1, 0, 0, 0)
    record.origins[500:600] *= 1e7
    LST.create(tmp_path / "new.lst", record)
    lines = (tmp_path / "new.lst").read_text().splitlines()[3:]
    assert len({len(line) for line in lines}) == 1
    turns = rotation.to_matrix(record.quaternions)
    names = record.images.stacks.texts()
    for row in (*range(700), *range(32_700, 32_800), 39_999):
        index, stack, third = lines[row].split("\t")
        value = {"class": row % 2}
        if row % 1001:
            shift = [*(-record.origins[row] / APIX), 0.0]
            numbers = np.column_stack([turns[row], shift]).ravel() + 0.0
            matrix = f"[{','.join(f'{x:.6g}' for x in numbers)}]"
            value["xform.projection"] = {"__class__": "Transform", "matrix": matrix}
        assert (int(index), stack) == (record.images.index[row] - 1, names[row])
        assert third.rstrip() == compact(value)
    images = described(tmp_path / "new.lst").images
    assert images.stacks.texts() == names


def test_a_new_list_puts_points_where_eman2_sees_them(tmp_path):
    record = made_record()
    LST.create(tmp_path / "new.lst", record)
    m = eman_matrices(tmp_path / "new.lst", "xform.projection")
    pixels = np.einsum("nij,pj->npi", m[..., :3], POINTS / APIX) + m[:, None, :, 3]
    expected = seen(record.quaternions, record.origins) / APIX
    np.testing.assert_allclose(pixels[..., :2], expected, atol=1e-3)


def test_a_new_list_of_subtomograms_aligns_them_to_the_reference(tmp_path):
    record = made_record(subtomograms=True)
    LST.create(tmp_path / "new.lst", record)
    m = eman_matrices(tmp_path / "new.lst", "xform.align3d")
    particle = seen(record.quaternions, record.origins) / APIX
    reference = np.einsum("nij,npj->npi", m[..., :3], particle) + m[:, None, :, 3]
    expected = np.broadcast_to(POINTS / APIX, reference.shape)
    np.testing.assert_allclose(reference, expected, atol=1e-3)


def test_a_new_list_has_the_form_of_eman2s(tmp_path):
    theirs = shared("vectors/eman2/ptcls_real_LSXFile.lst")
    LST.create(tmp_path / "new.lst", described(theirs))
    old, new = theirs.read_bytes().splitlines(), (tmp_path / "new.lst").read_bytes().splitlines()
    assert new[:2] == old[:2]
    length = int(new[2].removeprefix(b"# "))
    assert {len(line) + 1 for line in new[3:]} == {length}
    assert max(len(line.rstrip()) for line in new[3:]) == length - 5
    assert new[3].split(b"\t")[:2] == old[3].split(b"\t")[:2]
    first = json.loads(new[3].split(b"\t")[2])
    assert list(first) == sorted(first)
    # The digits are those of EMAN2 but for its 32-bit numbers.
    mine, his = (eman_matrices(path, "xform.projection") for path in (tmp_path / "new.lst", theirs))
    np.testing.assert_allclose(mine, his, atol=3e-6, rtol=2e-6)


def test_what_the_list_cannot_say_or_lacks_is_told(tmp_path):
    n = 5
    record = made_record(
        n,
        origins=None,
        halves=np.array([1, 2, 0, 1, 2], np.int8),
        ctf=Ctf(voltage=np.full(n, 300.0)),
        micrographs=Names.of("abcde"),
    )
    record.quaternions[3] = np.nan
    made = LST.create(tmp_path / "new.lst", record)
    assert set(made.dropped) == {"pixel size", "half-sets", "micrograph names", "voltage"}
    assert any("shifts: 0" in words for words in made.filled)
    assert any("HDF" in words for words in made.filled)
    back = open_particles(tmp_path / "new.lst")
    np.testing.assert_array_equal(back.placed, np.arange(n) != 3)
    assert back.halves is None


@pytest.mark.parametrize(
    "images",
    [
        None,
        Images(np.arange(1, 6)),
        Images(np.arange(5), Names.of("abcde")),
        Images(np.arange(1, 6), Names.of(["a", "b", "", "c", "d"])),
        Images(np.arange(1, 6), Names.of(["a\tb"] * 5)),
    ],
)
def test_no_list_is_made_without_images(tmp_path, images):
    with pytest.raises(UserError, match="list of EMAN2"):
        LST.create(tmp_path / "new.lst", made_record(5, images=images))
    assert not (tmp_path / "new.lst").exists()


def test_shifts_need_a_pixel_size(tmp_path):
    with pytest.raises(UserError, match="pixel size") as caught:
        LST.create(tmp_path / "new.lst", made_record(5, pixel_size=None))
    assert "--pixel-size" in caught.value.hint
    LST.create(tmp_path / "still.lst", made_record(5, origins=np.zeros((5, 2)), pixel_size=None))
    LST.create(tmp_path / "new.lst", made_record(5))
    with pytest.raises(UserError, match="in pixels") as caught:
        LST.record(open_particles(tmp_path / "new.lst"))
    assert "--pixel-size" in caught.value.hint
    assert LST.record(open_particles(tmp_path / "still.lst")).origins is None


def test_legacy_shifts_are_those_of_eman2s_matrix(tmp_path):
    """Also of mirrored images, whose shift EMAN2 mirrors with them."""
    vectors = json.loads(shared("vectors/eman2/transform_all_types.json").read_text())[:50]
    truth = np.array([row["matrix3x4"] for row in vectors]).reshape(-1, 3, 4)
    for kind in TYPES:
        calls = [f"Transform({ {'type': kind, 'mirror': 0} | row[kind] })" for row in vectors]
        found = described(save(tmp_path, calls)).origins / APIX
        np.testing.assert_allclose(found, -truth[:, :2, 3], atol=1e-5)
    calls = [f"Transform({row['eman'] | {'type': 'eman', 'mirror': True}})" for row in vectors]
    record = described(save(tmp_path, calls))
    m = truth * [[-1.0], [1], [1]]  # set_mirror turns the first row round
    pixels = np.einsum("nij,pj->npi", m[..., :3], POINTS / APIX) + m[:, None, :, 3]
    expected = seen(record.quaternions, record.origins) / APIX
    np.testing.assert_allclose(pixels[..., :2], expected, atol=1e-3)


def test_the_parameters_in_json_name_their_images(tmp_path):
    path = save_json(tmp_path, records(key="xform.align3d"))
    record = described(path)
    np.testing.assert_array_equal(record.images.index, np.arange(N) + 1)
    assert set(record.images.stacks.texts()) == {"particles3d/a.hdf"}
    assert record.subtomograms
    # t = (1, 2, 3) is added to the turned subtomogram.
    turned = np.einsum("nij,nj->ni", A, -record.origins / APIX)
    np.testing.assert_allclose(turned, np.tile([-1, -2, -3], (N, 1)), atol=2e-5)
    said = find_format(path).units(open_particles(path))
    assert set(said) == {"poses", "shifts", "image references"}


def test_the_units_say_what_was_understood(tmp_path):
    LST.create(tmp_path / "new.lst", made_record())
    said = LST.units(open_particles(tmp_path / "new.lst"))
    assert set(said) == {"poses", "shifts", "half-sets", "image references"}
    assert "-t" in said["shifts"]


TURN = Rotation.from_euler("xyz", [20, -35, 70], degrees=True).as_matrix()
MOTIONS = {
    "turn": Motion(TURN),
    "turn and shift": Motion(TURN, np.array([3.0, -4, 5])),
    "mirror": Motion(mirror("z")),
    "inversion and shift": Motion(mirror("inversion"), np.array([1.0, 2, -3])),
    "images": Motion(flip="y", flip_shift=APIX),
}


def change(path: Path, motion: Motion, target: Path) -> Path:
    particles = sized(path)
    assert isinstance(particles.table, Changeable)
    changed = find_format(path).changes(particles, motion)
    assert set(changed) <= set(particles.table.numeric_columns)
    particles.table.write_changed(target, changed)
    return target


@pytest.mark.parametrize("name", MOTIONS)
def test_images_of_the_moved_map_are_the_old_images(tmp_path, name):
    motion = MOTIONS[name]
    LST.create(tmp_path / "old.lst", made_record())
    before = described(tmp_path / "old.lst")
    after = described(change(tmp_path / "old.lst", motion, tmp_path / "new.lst"))
    moved = POINTS @ motion.matrix.T + motion.shift
    expected = seen(before.quaternions, before.origins)
    if motion.flip:  # rows of the image turned round: y of the centre of an even box to -y - 1
        expected = expected * (1, -1) - (0, APIX)
    np.testing.assert_allclose(seen(after.quaternions, after.origins, moved), expected, atol=2e-3)


def test_subtomograms_show_the_moved_map_where_they_showed_the_old_one(tmp_path):
    LST.create(tmp_path / "old.lst", made_record(subtomograms=True))
    before = described(tmp_path / "old.lst")
    motion = MOTIONS["turn and shift"]
    after = described(change(tmp_path / "old.lst", motion, tmp_path / "new.lst"))
    moved = POINTS @ motion.matrix.T + motion.shift
    expected = seen(before.quaternions, before.origins)
    np.testing.assert_allclose(seen(after.quaternions, after.origins, moved), expected, atol=2e-3)
    for wrong in (MOTIONS["mirror"], MOTIONS["images"]):
        with pytest.raises(UserError, match="cannot be mirrored"):
            change(tmp_path / "old.lst", wrong, tmp_path / "wrong.lst")


def test_mirrored_and_scaled_images_stay_so(tmp_path):
    m = 1.5 * np.diag([-1.0, 1, 1]) @ A
    path = save(tmp_path, [compact(record) for record in records(m)])
    new = eman_matrices(change(path, Motion(TURN), tmp_path / "new.lst"), "xform.projection")
    np.testing.assert_allclose(new[..., :3], m @ TURN.T, atol=2e-5)
    np.testing.assert_array_equal(new[..., 3], np.tile([1, 2, 3], (N, 1)))


@pytest.mark.parametrize("real", ["real/eman2/align3d.lst", "vectors/eman2/ptcls_real_LSXFile.lst"])
def test_there_and_back_is_the_real_file_to_its_digits(tmp_path, real):
    path = shared(real)
    motion = Motion(TURN, np.array([3.0, -4, 5]))
    there = change(path, motion, tmp_path / "there.lst")
    again = change(there, Motion(TURN.T, -TURN.T @ motion.shift), tmp_path / "again.lst")
    before, after = described(path), described(again)
    assert rotation.angle_between(before.quaternions, after.quaternions).max() < 3e-4
    np.testing.assert_allclose(after.origins, before.origins, atol=1e-3)
    plain = [json.loads(line.split("\t")[2]) for line in path.read_text().splitlines()[3:]]
    moved = [json.loads(line.split("\t")[2]) for line in there.read_text().splitlines()[3:]]
    for old, new in zip(plain, moved, strict=True):
        assert {k: v for k, v in old.items() if k[:5] != "xform"} == {
            k: v for k, v in new.items() if k[:5] != "xform"
        }


def without_matrices(text: str) -> str:
    return re.sub(r"\[[^\[\]]*\]|# \d+\n| +(?=\n)", "", text)


@pytest.mark.parametrize("spare", [0, 100])
def test_every_other_byte_of_a_list_stays_and_lines_have_one_length(tmp_path, spare):
    """Lines that are too short for the new numbers all become longer, as EMAN2 does it."""
    turned = records(np.tile(np.eye(3)[[1, 2, 0]], (N, 1, 1)))
    path = save(tmp_path, [compact(record) for record in turned])
    lines = path.read_text().splitlines()
    lines[3:] = [line.rstrip().ljust(len(line) + spare) for line in lines[3:]]
    lines[2] = f"# {len(lines[3]) + 1}"
    path.write_text("\n".join([*lines, ""]))
    new = change(path, Motion(TURN, np.ones(3)), tmp_path / "new.lst")
    old_text, new_text = path.read_text(), new.read_text()
    assert without_matrices(new_text) == without_matrices(old_text)
    told = int(new_text.splitlines()[2].removeprefix("# "))
    assert {len(line) + 1 for line in new_text.splitlines()[3:]} == {told}
    assert (told == len(lines[3]) + 1) == bool(spare)
    assert open_particles(new).notes == ()


def test_rows_without_a_pose_and_other_numbers_stay(tmp_path):
    thirds = [compact(record) for record in records()]
    thirds[2] = compact({"score": 0.123456789012, "other": [1, 2]})
    path = save(tmp_path, thirds)
    new = change(path, Motion(TURN), tmp_path / "new.lst")
    assert new.read_text().splitlines()[5].rstrip() == path.read_text().splitlines()[5].rstrip()
    assert np.isfinite(open_particles(new).placed).all()
    scores = np.where(np.arange(N) == 3, 0.5, np.nan)
    open_particles(path).table.write_changed(tmp_path / "scored.lst", {"score": scores})
    expected = open_particles(path).table.numeric("score")
    expected[3] = 0.5
    back = open_particles(tmp_path / "scored.lst").table.numeric("score")
    np.testing.assert_array_equal(back, expected)


def test_many_rows_are_changed_each_in_its_place(tmp_path):
    """Keys in another order from row to row, and rows that are copied in more than one piece."""
    n = 33_000
    record = {"a": 1, "score": 0.25, "xform.projection": transform(A[0])}
    turned = dict(reversed(record.items()))
    thirds = [compact(turned if k % 3 else record) for k in range(n)]
    path = save(tmp_path, thirds)
    table = open_particles(path).table
    changes = {"xform.projection[7]": np.arange(n) / 7, "score": np.arange(n) * 1e-7}
    changes["score"][::5] = np.nan
    table.write_changed(tmp_path / "new.lst", changes)
    lines = (tmp_path / "new.lst").read_text().splitlines()[3:]
    assert len({len(line) for line in lines}) == 1
    for row in (*range(40), *range(32_740, 32_790), n - 1):
        value = json.loads(lines[row].split("\t")[2])
        old = json.loads(thirds[row])
        assert list(value) == list(old)
        assert value["score"] == (0.25 if row % 5 == 0 else float(f"{row * 1e-7:.6g}"))
        numbers, before = (json.loads(v["xform.projection"]["matrix"]) for v in (value, old))
        assert numbers[7] == float(f"{row / 7:.6g}")
        assert numbers[:7] + numbers[8:] == before[:7] + before[8:]


@pytest.mark.parametrize("indent", [None, 1])
def test_parameters_in_json_are_changed_in_place(tmp_path, indent):
    path = save_json(tmp_path, records(key="xform.align3d"), indent)
    text = path.read_text()
    new = change(path, Motion(TURN), tmp_path / "new.json")
    assert without_matrices(new.read_text()) == without_matrices(text)
    np.testing.assert_allclose(
        matrices(open_particles(new)), matrices(open_particles(path)) @ TURN.T, atol=5e-6
    )


def test_lists_of_all_digits_keep_them(tmp_path):
    """Older EMAN2s wrote the matrix as a list of numbers, not as a text."""
    exact = [
        {
            "xform.projection": {
                "__class__": "Transform",
                "matrix": np.column_stack([a, a[0]]).ravel().tolist(),
            }
        }
        for a in A
    ]
    path = save(tmp_path, [compact(record) for record in exact])
    new = change(path, Motion(TURN), tmp_path / "new.lst")
    np.testing.assert_allclose(matrices(open_particles(new)), A @ TURN.T, atol=1e-14)


@pytest.mark.parametrize("real", ["real/eman2/align3d.lst", "vectors/eman2/ptcls_real_LSXFile.lst"])
def test_no_change_leaves_the_file(tmp_path, real):
    path = shared(real)
    open_particles(path).table.write_changed(tmp_path / "same.lst", {})
    assert (tmp_path / "same.lst").read_bytes() == path.read_bytes()


def test_plain_lists_are_changed_without_filling_lines(tmp_path):
    path = tmp_path / "ptcls.lst"
    rows = [f"{k}\ta.hdf\t{compact(record)}\n" for k, record in enumerate(records())]
    path.write_text("#LST\n" + "".join(rows))
    new = change(path, Motion(TURN), tmp_path / "new.lst")
    assert without_matrices(new.read_text()) == without_matrices(path.read_text())
    assert not any(line.endswith(" ") for line in new.read_text().splitlines())
    np.testing.assert_allclose(matrices(open_particles(new)), A @ TURN.T, atol=6e-6)


def test_legacy_transforms_are_not_changed_in_place(tmp_path):
    path = save(tmp_path, ["0.5;Transform({'type':'eman','az':10,'alt':20,'phi':30,'tx':1})"])
    with pytest.raises(UserError, match="line 4") as caught:
        change(path, Motion(TURN), tmp_path / "new.lst")
    assert "new list" in caught.value.hint
    assert not (tmp_path / "new.lst").exists()


def test_moving_by_angstroms_needs_a_pixel_size(tmp_path):
    path = save(tmp_path, [compact(record) for record in records()])
    with pytest.raises(UserError, match="Å") as caught:
        LST.changes(open_particles(path), Motion(shift=np.ones(3)))
    assert "--pixel-size" in caught.value.hint
    assert "xform.projection[3]" not in LST.changes(open_particles(path), Motion(TURN))
