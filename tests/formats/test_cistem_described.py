"""What cisTEM's files say of a row, made anew and moved: against files and numbers of cisTEM."""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import made_star
from evenview.core import rotation
from evenview.core.errors import UserError
from evenview.core.motion import Motion
from evenview.core.record import Ctf, Images, Names
from evenview.formats import formats, open_particles
from evenview.tasks.described import record_of
from made_record import N, record, unplaced
from shared_data import shared

BINARY, STAR = formats()["cistem-binary"], formats()["cistem-star"]
POINTS = np.random.default_rng(4).normal(0, 10, (6, 3))

LABELS = (
    *("cisTEMPositionInStack", "cisTEMAnglePsi", "cisTEMAngleTheta", "cisTEMAnglePhi"),
    *("cisTEMXShift", "cisTEMYShift", "cisTEMDefocusAngle", "cisTEMPhaseShift"),
    *("cisTEMPixelSize", "cisTEMStackFilename", "cisTEMOccupancy"),
)
ROWS = (
    "  7  30.00  20.25   10.50  -3.50  2.25  12.50  0.00  1.25000  'a.mrc'  100.00 ",
    "  8 -45.12  90.00   90.00   0.00  1.00 -20.00  0.00  1.25000  'a.mrc'  100.00 ",
    "  9   5.00 110.00 -170.00   4.00 -6.00  70.00  0.00  1.25000  'b.mrc'   90.00 ",
)


def text(rows=ROWS) -> str:
    return "# Written by cisTEM\n \n" + made_star.loop("", LABELS, rows)


@pytest.fixture(params=[BINARY, STAR], ids=["binary", "star"])
def form(request):
    return request.param


def places(a: np.ndarray, origins: np.ndarray) -> np.ndarray:
    return np.einsum("nij,pj->npi", a, POINTS)[..., :2] - origins[:, None]


def test_a_star_file_says_angles_shifts_and_images(tmp_path):
    said = record_of(made_star.opened(tmp_path, text()))
    angles = [(10.5, 20.25, 30), (90, 90, -45.12), (-170, 110, 5)]
    a = Rotation.from_euler("ZYZ", angles, degrees=True).inv().as_matrix()
    np.testing.assert_allclose(rotation.to_matrix(said.quaternions), a, atol=1e-12)
    np.testing.assert_array_equal(said.origins, [[3.5, -2.25], [0, -1], [-4, 6]])
    assert said.images.index.tolist() == [7, 8, 9]
    assert said.images.stacks.texts() == ["a.mrc", "a.mrc", "b.mrc"]
    assert said.halves is None
    assert said.ctf.voltage is None
    assert said.taken == set(LABELS) - {"cisTEMOccupancy"}


def test_units_name_the_columns_and_signs(tmp_path):
    said = STAR.units(made_star.opened(tmp_path, text()))
    assert "cisTEMXShift" in said["shifts"]
    assert "minus RELION's origin" in said["shifts"]
    assert said["pixel size"] == "cisTEMPixelSize, Å"
    assert "half-sets" not in said


def test_phase_shifts_of_star_files_are_sure_only_where_they_are_0(tmp_path):
    sure = record_of(made_star.opened(tmp_path, text()))
    assert sure.ctf.phase_shift.tolist() == [0, 0, 0]
    rows = [row.replace("0.00  1.25000", "1.57  1.25000") for row in ROWS]
    unsure = record_of(made_star.opened(tmp_path, text(rows)))
    assert unsure.ctf.phase_shift is None
    assert "cisTEMPhaseShift" not in unsure.taken
    assert any("phase shifts are left out" in str(note) for note in unsure.notes)


def test_phase_shifts_of_binary_files_are_radians(tmp_path):
    source = replace(record(), ctf=Ctf(phase_shift=np.linspace(0, 170, N)))
    BINARY.create(tmp_path / "made", source)
    particles = open_particles(tmp_path / "made")
    radians = particles.table.numeric("cisTEMPhaseShift")
    np.testing.assert_allclose(radians, np.linspace(0, 170, N) * np.pi / 180, rtol=1e-6)
    np.testing.assert_allclose(record_of(particles).ctf.phase_shift, np.linspace(0, 170, N), 1e-6)


def test_phase_shifts_are_written_into_star_files_in_degrees_which_cistem_reads(tmp_path):
    STAR.create(tmp_path / "made", replace(record(), ctf=Ctf(phase_shift=np.full(N, 90.0))))
    written = open_particles(tmp_path / "made").table.numeric("cisTEMPhaseShift")
    np.testing.assert_array_equal(written, 90)


def test_a_made_star_file_is_laid_out_for_cistem_s_reader(tmp_path):
    """It knows a label by the blank behind it, parts rows at blanks, and wants single quotes."""
    STAR.create(tmp_path / "made", record())
    lines = (tmp_path / "made").read_text().splitlines()
    labels = [line for line in lines if line.startswith("_")]
    assert all(" #" in label for label in labels)
    assert lines.index("data_") < lines.index("loop_")
    heading = lines[lines.index(labels[-1]) + 1]
    assert heading.startswith("#")
    rows = lines[lines.index(heading) + 1 :]
    assert len(rows) == N
    assert {len(row.split()) for row in rows} == {len(labels)} == {len(heading[1:].split())}
    stack = labels.index("_cisTEMStackFilename #27")
    assert rows[0].split()[stack] == "'Extract/stack_0.mrcs'"


def test_what_is_not_said_is_neutral_and_told(form, tmp_path):
    bare = replace(record(), ctf=Ctf(), images=None, halves=None, coordinates=None, origins=None)
    created = form.create(tmp_path / "made", unplaced(bare, slice(0, 2)))
    table = open_particles(tmp_path / "made").table
    assert table.numeric("cisTEMOccupancy").tolist() == [100] * N
    assert table.numeric("cisTEMSigma").tolist() == [10] * N
    assert table.numeric("cisTEMPositionInStack").tolist() == list(range(1, N + 1))
    assert table.numeric("cisTEMImageActivity").tolist() == [-1, -1] + [1] * (N - 2)
    told = "; ".join(created.filled)
    for words in ("shifts (0)", "defocus U (0)", "occupancy (100)", "the 2 rows without a pose"):
        assert words in told


def test_a_pixel_size_is_needed_and_subtomograms_are_refused(form, tmp_path):
    with pytest.raises(UserError, match=r"need a pixel size.*--pixel-size"):
        form.create(tmp_path / "made", replace(record(), pixel_size=None))
    with pytest.raises(UserError, match="subtomograms"):
        form.create(tmp_path / "made", record(subtomograms=True))
    assert not (tmp_path / "made").exists()


def named(stack: str):
    return replace(record(), images=Images(np.arange(1, N + 1), Names.of([stack] * N)))


@pytest.mark.parametrize("stack", ["plain.mrc", "with space.mrc", "µ.mrc"])
def test_stacks_come_back_whatever_their_name(form, tmp_path, stack):
    created = form.create(tmp_path / "made", named(stack))
    said = record_of(open_particles(tmp_path / "made"))
    assert said.images.stacks.words == (stack,)
    assert any("spaces" in words for words in created.filled) == (form is STAR and " " in stack)


def test_a_quote_in_a_name_goes_into_a_binary_file_only(tmp_path):
    BINARY.create(tmp_path / "made", named("it's.mrc"))
    assert record_of(open_particles(tmp_path / "made")).images.stacks.words == ("it's.mrc",)
    with pytest.raises(UserError, match=r"single quotes.*\.cistem"):
        STAR.create(tmp_path / "star", named("it's.mrc"))
    assert not (tmp_path / "star").exists()


def test_names_that_are_empty_are_none(form, tmp_path):
    form.create(tmp_path / "made", replace(record(), micrographs=None))
    assert record_of(open_particles(tmp_path / "made")).micrographs is None


def test_coordinates_of_an_unknown_pixel_size_are_dropped(form, tmp_path):
    source = record()
    coordinates = replace(source.coordinates, pixel_size=None)
    created = form.create(tmp_path / "made", replace(source, coordinates=coordinates))
    assert "coordinates" in created.dropped


@pytest.mark.parametrize("axis", ["x", "y"])
def test_mirrored_images_turn_shifts_and_the_angle_of_the_defocus(form, tmp_path, axis):
    source = record()
    form.create(tmp_path / "made", source)
    particles = open_particles(tmp_path / "made")
    changes = form.changes(particles, Motion(flip=axis))
    particles.table.write_changed(tmp_path / "flipped", changes)
    after = record_of(open_particles(tmp_path / "flipped"))
    before = places(rotation.to_matrix(source.quaternions), source.origins)
    now = places(rotation.to_matrix(after.quaternions), after.origins)
    sign = np.array([-1, 1] if axis == "x" else [1, -1])
    np.testing.assert_allclose(now, sign * before, atol=1e-4)
    np.testing.assert_allclose(after.ctf.angle, -source.ctf.angle, atol=0.01)
    np.testing.assert_array_equal(after.ctf.defocus_u, record_of(particles).ctf.defocus_u)


def test_a_shift_without_columns_for_it_is_refused(tmp_path):
    rows = [" ".join(row.split()[1:4]) for row in ROWS]
    particles = made_star.opened(tmp_path, made_star.loop("", LABELS[1:4], rows))
    with pytest.raises(UserError, match="no shifts"):
        STAR.changes(particles, Motion(shift=np.array([1.0, 0, 0])))
    assert set(STAR.changes(particles, Motion(flip="y"))) == set(LABELS[1:4])


def test_other_bytes_of_a_binary_file_stay_when_poses_change(tmp_path):
    """Columns of later versions, texts of any length, rows without a pose, bytes at the end."""
    columns = ((44, 8), (23, 3), (22, 3), (2, 3), (50, 6))
    head = struct.pack("<ii", len(columns), 3)
    head += b"".join(struct.pack("<Qb", 1 << bit, kind) for bit, kind in columns)
    texts, angles = (b"", b"\0\xff", b"long" * 99), ((10, 20, 30), (np.nan, 1, 2), (40, 50, 60))
    rows = [
        struct.pack("<i", len(some)) + some + struct.pack("<3f", *three) + struct.pack("<d", k)
        for k, (some, three) in enumerate(zip(texts, angles, strict=True))
    ]
    path = tmp_path / "made.cistem"
    path.write_bytes(head + b"".join(rows) + b"tail")
    particles = open_particles(path)
    turn = Rotation.from_euler("z", 25, degrees=True).as_matrix()
    particles.table.write_changed(tmp_path / "out", BINARY.changes(particles, Motion(turn)))
    found = (tmp_path / "out").read_bytes()
    assert len(found) == path.stat().st_size
    assert found.startswith(head)
    assert found.endswith(b"tail")
    expected = [rows[0][:4] + struct.pack("<3f", 35, 20, 30) + rows[0][16:], rows[1]]
    assert found[len(head) :].startswith(b"".join(expected))
    table = open_particles(tmp_path / "out").table
    assert table.numeric("cisTEMAnglePhi")[2] == pytest.approx(65, abs=1e-5)


def test_cistem_s_own_numbers_are_the_origins_and_its_file_is_made_anew(tmp_path):
    """x_shift is minus RELION's origin in Å (185 of the rows are in the vectors)."""
    path = shared("vectors/cistem/written_by_cistem.cistem")
    particles = open_particles(path)
    said = record_of(particles)
    rows = np.arange(185) + np.where(np.arange(185) < 120, 0, 80)
    with np.load(shared("vectors/orientations.npz")) as archive:
        shifts = archive["cistem__xshift_yshift_A"]
        origins = 1.25 * archive["shift_px_relion_origin"]
    np.testing.assert_array_equal(said.origins[rows], -shifts.astype(np.float32))
    np.testing.assert_allclose(said.origins[rows], origins, atol=1e-5)
    assert said.coordinates.values[:2].tolist() == [[80, 160], [80.8, 160.8]]
    BINARY.create(tmp_path / "made", said)
    made = open_particles(tmp_path / "made")
    header = 8 + 9 * 35
    assert (tmp_path / "made").read_bytes()[:header] == path.read_bytes()[:header]
    angles = rotation.angle_between(made.quaternions, particles.quaternions)
    assert angles.max() < BINARY.precision.degrees
    same = set(made.table.cells(0)) - {"cisTEMSigma", "cisTEMReference3DFilename"}
    for name in same - {"cisTEMAnglePhi", "cisTEMAngleTheta", "cisTEMAnglePsi"}:
        assert made.table.cells(9)[name] == particles.table.cells(9)[name]


def test_cistem_s_text_and_binary_files_say_the_same():
    text, binary = (
        record_of(open_particles(shared(f"vectors/cistem/written_by_cistem.{suffix}")))
        for suffix in ("star", "cistem")
    )
    assert text.said() == binary.said()
    np.testing.assert_allclose(text.origins, binary.origins, atol=0.006)
    assert text.images.stacks.texts() == binary.images.stacks.texts()
    assert text.taken == binary.taken


def test_template_matches_say_what_they_have_and_convert(tmp_path):
    said = record_of(open_particles(shared("real/cistem/template_matches.star")))
    assert said.origins is None
    assert said.images is None
    assert said.micrographs.words[0].endswith(".mrc")
    created = STAR.create(tmp_path / "made", said)
    assert "shifts (0)" in created.filled
    back = record_of(open_particles(tmp_path / "made"))
    assert rotation.angle_between(said.quaternions, back.quaternions).max() < 2e-6
    np.testing.assert_allclose(back.coordinates.values, said.coordinates.values, atol=1e-3)
