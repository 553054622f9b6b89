"""cisTEM's binary files: columns known and unknown, rows of any length, bytes kept."""

from __future__ import annotations

import os
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from evenview.core import rotation
from evenview.core.errors import MalformedFileError, NoOrientationsError, UserError
from evenview.formats import open_particles
from evenview.formats.cistem_binary import FORMAT
from shared_data import shared

INTEGER, FLOAT, BOOL, LONG, DOUBLE, CHAR, TEXT, UNSIGNED = 2, 3, 4, 5, 6, 7, 8, 9
CODES = {INTEGER: "i", FLOAT: "f", LONG: "q", DOUBLE: "d", CHAR: "c", UNSIGNED: "I"}
POSITION, ACTIVE, PSI, PIXEL, THETA, PHI, STACK, HALF = 0, 1, 2, 14, 22, 23, 24, 32
ANGLES = ((10.5, 20.25, 30.0), (90.0, 90.0, -45.125), (-170.0, 110.0, 5.0))
PLAIN = {(PHI, FLOAT): [a[0] for a in ANGLES], (THETA, FLOAT): [a[1] for a in ANGLES]} | {
    (PSI, FLOAT): [a[2] for a in ANGLES]
}
WHOLE = {
    (POSITION, UNSIGNED): [1, 2, 4_000_000_000],
    **PLAIN,
    (STACK, TEXT): [b"a.mrc", b"", "µ.mrc".encode()],
    (ACTIVE, INTEGER): [1, -1, 1],
    (PIXEL, FLOAT): [1.25] * 3,
    (HALF, INTEGER): [1, 2, 1],
}
UNKNOWN = {
    (40, INTEGER): [1, 2, 3],
    (63, LONG): [1 << 60, 2, 3],
    (50, DOUBLE): [0.1, 0.2, 0.3],
    (45, CHAR): [b"a", b"b", b"\0"],
    (44, TEXT): [b"", b"\0\xff", b"long" * 99],
    (41, FLOAT): [1.5, 2.5, 3.5],
}


def cell(kind: int, value) -> bytes:
    if kind == TEXT:
        return struct.pack("<i", len(value)) + value
    return struct.pack("<" + CODES[kind], value)


def row(columns, k: int) -> bytes:
    return b"".join(cell(kind, values[k]) for (_, kind), values in columns.items())


def header(columns, n: int) -> bytes:
    names = b"".join(struct.pack("<Qb", 1 << bit, kind) for bit, kind in columns)
    return struct.pack("<ii", len(columns), n) + names


def binary(columns=WHOLE, kept=(0, 1, 2)) -> bytes:
    return header(columns, len(kept)) + b"".join(row(columns, k) for k in kept)


def save(tmp_path, data: bytes):
    path = tmp_path / "made.cistem"
    path.write_bytes(data)
    return path


def opened(tmp_path, data: bytes):
    return open_particles(save(tmp_path, data))


def test_angles_half_sets_and_pixel_size_are_read(tmp_path):
    particles = opened(tmp_path, binary())
    expected = Rotation.from_euler("ZYZ", ANGLES, degrees=True).inv().as_matrix()
    np.testing.assert_allclose(rotation.to_matrix(particles.quaternions), expected, atol=1e-12)
    np.testing.assert_array_equal(particles.halves, [1, 2, 1])
    assert particles.pixel_size == 1.25
    assert particles.table.format_name == "cisTEM binary"
    (note,) = particles.notes
    assert "1 particle is excluded" in str(note)


def test_cells_are_values_in_words(tmp_path):
    table = opened(tmp_path, binary()).table
    assert table.cells(2) == {
        "cisTEMPositionInStack": "4000000000",
        "cisTEMAnglePhi": "-170.0",
        "cisTEMAngleTheta": "110.0",
        "cisTEMAnglePsi": "5.0",
        "cisTEMStackFilename": "µ.mrc",
        "cisTEMImageActivity": "1",
        "cisTEMPixelSize": "1.25",
        "cisTEMAssignedSubset": "1",
    }
    assert "cisTEMStackFilename" not in table.numeric_columns
    np.testing.assert_array_equal(table.numeric("cisTEMPositionInStack"), [1, 2, 4e9])


@pytest.mark.parametrize("place", [0, 3, 9])
def test_columns_of_a_later_cistem_are_passed_over_and_kept(tmp_path, place):
    items = list(WHOLE.items())
    columns = dict([*items[:place], *UNKNOWN.items(), *items[place:]])
    particles = opened(tmp_path, binary(columns))
    plain = opened(tmp_path, binary())
    np.testing.assert_array_equal(particles.quaternions, plain.quaternions)
    particles = opened(tmp_path, binary(columns))
    np.testing.assert_array_equal(particles.table.numeric("cisTEMColumn2^50"), [0.1, 0.2, 0.3])
    particles.table.write(tmp_path / "kept", np.array([True, False, True]))
    assert (tmp_path / "kept").read_bytes() == binary(columns, (0, 2))


@given(st.lists(st.booleans(), min_size=3, max_size=3), st.binary(max_size=9))
def test_any_rows_are_kept_byte_for_byte_and_counted(tmp_path_factory, kept, trailing):
    folder = tmp_path_factory.mktemp("t")
    particles = opened(folder, binary() + trailing)
    particles.table.write(folder / "kept", np.array(kept))
    rows = np.flatnonzero(kept)
    assert (folder / "kept").read_bytes() == binary(WHOLE, rows) + trailing
    told = any(f"{len(trailing)} bytes follow" in str(note) for note in particles.notes)
    assert told == bool(trailing)


def test_rows_of_many_lengths_beyond_one_block(tmp_path):
    n = 300_000
    rng = np.random.default_rng(3)
    texts = [b"x" * int(size) for size in rng.integers(0, 9, n)]
    angles = rng.uniform(-180, 180, (n, 3)).astype(np.float32)
    columns = {(STACK, TEXT): texts} | {
        (bit, FLOAT): angles[:, k] for k, bit in enumerate((PHI, THETA, PSI))
    }
    data = header(columns, n) + b"".join(
        struct.pack("<i", len(text)) + text + three.tobytes()
        for text, three in zip(texts, angles, strict=True)
    )
    table = opened(tmp_path, data).table
    for k, name in enumerate(("Phi", "Theta", "Psi")):
        np.testing.assert_array_equal(table.numeric(f"cisTEMAngle{name}"), angles[:, k])
    assert table.cells(n - 1)["cisTEMStackFilename"] == texts[-1].decode()


def test_columns_the_file_lacks_are_not_invented(tmp_path):
    particles = opened(tmp_path, binary(PLAIN))
    assert particles.halves is None
    assert particles.pixel_size is None
    assert particles.notes == ()


def without(*bits: int) -> dict:
    return {column: values for column, values in WHOLE.items() if column[0] not in bits}


NAN = {**WHOLE, (PHI, FLOAT): [np.nan] * 3}
BROKEN = {
    "cut off in the header": (binary()[:40], "ends inside its header"),
    "cut off in a row": (binary()[:-1], "at most 2 whole ones"),
    "cut off in the first row": (binary()[: len(header(WHOLE, 3)) + 3], "at most 0 whole ones"),
    "more rows than bytes": (header(WHOLE, 2**31 - 1) + binary()[80:], "2,147,483,647 rows"),
    "a text of a negative length": (
        binary().replace(struct.pack("<i", 5) + b"a.mrc", struct.pack("<i", -5) + b"a.mrc"),
        "whole ones",
    ),
    "a text longer than the file": (
        binary().replace(struct.pack("<i", 5) + b"a.mrc", struct.pack("<i", 5000) + b"a.mrc"),
        "whole ones",
    ),
    "a column twice": (
        header({**WHOLE, (PSI, INTEGER): [1] * 3}, 3) + bytes(999),
        "cisTEMAnglePsi is there more than once",
    ),
    "a type without a size": (header({**WHOLE, (40, BOOL): [1] * 3}, 3), "type 4"),
}
EMPTY = {
    "no theta": (binary(without(THETA)), "no column cisTEMAngleTheta"),
    "no angles": (binary(without(PHI, THETA, PSI)), "cisTEMAnglePhi, cisTEMAngleTheta"),
    "no rows": (binary(kept=()), "no rows"),
    "no numbers": (binary(NAN), "no row has its three angles"),
    "an infinite angle": (binary({**WHOLE, (PHI, FLOAT): [0, np.inf, 0]}), "row 2, cisTEMAnglePhi"),
}


@pytest.mark.parametrize(("data", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_damage_is_said_in_words(tmp_path, data, words):
    with pytest.raises(MalformedFileError, match=words):
        opened(tmp_path, data)


@pytest.mark.parametrize(("data", "words"), EMPTY.values(), ids=EMPTY.keys())
def test_files_without_orientations_are_said_to_be_so(tmp_path, data, words):
    with pytest.raises(UserError, match=words) as caught:
        opened(tmp_path, data)
    assert isinstance(caught.value, NoOrientationsError) or "inf" in str(caught.value)


OTHERS = {
    "nothing but zeros": bytes(2000),
    "an MRC header": struct.pack("<4i", 64, 64, 10, 2).ljust(1024, b"\0") + bytes(1000),
    "an EM header": struct.pack("<4i", 0x05000006, 20, 100, 1).ljust(512, b"\0"),
    "two bits in a name": header(WHOLE, 3).replace(
        struct.pack("<Q", 1 << PSI), struct.pack("<Q", 5), 1
    ),
    "too short": b"\3\0\0\0\1",
}


@pytest.mark.parametrize("data", OTHERS.values(), ids=OTHERS.keys())
def test_what_is_not_cistem_s_is_left_to_others(tmp_path, data):
    assert not FORMAT.sniff(data, tmp_path)


@given(st.binary(min_size=1, max_size=12), st.integers(0, 200))
def test_damaged_bytes_end_in_particles_or_a_sentence(tmp_path_factory, noise, at):
    data = bytearray(binary())
    data[at : at + len(noise)] = noise
    try:
        particles = opened(tmp_path_factory.mktemp("t"), bytes(data))
        particles.table.cells(len(particles) - 1)
    except UserError:
        return
    assert len(particles) <= 3


def test_a_file_cut_short_while_open_is_an_error_in_words(tmp_path):
    particles = opened(tmp_path, binary())
    os.truncate(particles.table.path, 100)
    table = particles.table
    for look in (lambda: table.cells(2), lambda: table.numeric("cisTEMAnglePsi")):
        with pytest.raises(UserError, match="changed"):
            look()


def test_cistem_s_own_file_gives_relion_s_and_its_own_matrices():
    """To 32 bits, of which 1e5 degrees takes most; the vectors have 185 of the file's rows."""
    particles = open_particles(shared("vectors/cistem/written_by_cistem.cistem"))
    matrices = rotation.to_matrix(particles.quaternions)
    rows = np.arange(185) + np.where(np.arange(185) < 120, 0, 80)
    with np.load(shared("vectors/orientations.npz")) as archive:
        relion = archive["relion5.0.1__Euler_angles2matrix_A"]
        cistem = archive["cistem__RotateCoords_matrix_image_to_volume"]
        shifts = archive["cistem__xshift_yshift_A"]
    np.testing.assert_allclose(matrices[rows], relion, atol=4e-6)
    np.testing.assert_allclose(matrices[rows].transpose(0, 2, 1), cistem, atol=2e-5)
    table = particles.table
    for k, axis in enumerate("XY"):
        np.testing.assert_allclose(table.numeric(f"cisTEM{axis}Shift")[rows], shifts[:, k], 1e-6)
    assert len(particles) == particles.n_placed == 265
    assert np.bincount(particles.halves).tolist() == [0, 133, 132]
    assert particles.pixel_size == 1.25


def test_the_text_and_binary_files_of_cistem_say_the_same():
    text = open_particles(shared("vectors/cistem/written_by_cistem.star"))
    binary = open_particles(shared("vectors/cistem/written_by_cistem.cistem"))
    assert set(text.table.cells(0)) == set(binary.table.cells(0))
    for name in ("cisTEMDefocus1", "cisTEMOriginalXPosition", "cisTEMAnglePsi"):
        ours, other = binary.table.numeric(name), text.table.numeric(name)
        np.testing.assert_allclose(ours, other, atol=0.0051)
    assert text.table.cells(7)["cisTEMStackFilename"] == "stack with space.mrc"
    assert binary.table.cells(7)["cisTEMStackFilename"] == "stack with space.mrc"
    np.testing.assert_array_equal(text.halves, binary.halves)
