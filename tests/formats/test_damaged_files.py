"""Files of every format, damaged: each is read or refused in one sentence, nothing else.

Whatever is read is the file's own: every number of a column is the one that Python reads in the
text of its cell, and for some formats another reader, plain and slow, gives the same poses.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from damage import damaged
from evenview.core import convention
from evenview.core.errors import UserError
from evenview.core.motion import Motion, mirror
from evenview.core.particles import Particles
from evenview.core.reading import AS_IT_IS, Reading
from evenview.formats import find_format, open_particles
from evenview.formats.base import ByColumns, Changeable, Described, Movable
from made_examples import example_kinds, open_example

#: Damaged files a kind; EVENVIEW_FUZZ=5000 in the environment looks longer.
BUDGET = int(os.environ.get("EVENVIEW_FUZZ", "40"))
N = 12
MOTIONS = (
    Motion(shift=np.array([3.0, -2, 1])),
    Motion(matrix=mirror("x"), shift=np.array([0.0, 1, 0])),
    Motion(flip="y", flip_shift=1.0),
)


class Whole(NamedTuple):
    """The files of an example, by name; `main` is the one to open."""

    main: str
    reading: Reading
    files: dict[str, bytes]


@cache
def whole(kind: str) -> Whole:
    with TemporaryDirectory() as name:
        particles = open_example(kind, Path(name), N, 5, 1)
        files = {path.name: path.read_bytes() for path in sorted(Path(name).iterdir())}
        return Whole(particles.table.path.name, particles.reading, files)


def assert_said(error: UserError, where: str = "/") -> None:
    sentence = str(error)
    assert where in error.where
    assert "\n" not in sentence
    assert len(sentence) < 3000


def assert_read_or_refused(path: Path, reading: Reading = AS_IT_IS) -> Particles | None:
    """Whatever can be asked of a file ends in an answer or in one sentence."""
    try:
        particles = open_particles(path, reading=reading)
    except UserError as error:
        assert_said(error, str(path.parent))
        return None
    lengths = np.linalg.norm(particles.quaternions[particles.placed], axis=1)
    np.testing.assert_allclose(lengths, 1, atol=1e-9)
    assert len(particles) == len(particles.table)
    try:
        assert_numbers_are_the_texts(particles)
        assert_described(particles, path.with_name("changed"), reading)
    except UserError as error:
        assert_said(error)
    return particles


@np.errstate(over="ignore")
def assert_numbers_are_the_texts(particles: Particles) -> None:
    table = particles.table
    rows = [table.cells(row) for row in range(len(particles))]
    for name in table.numeric_columns:
        numbers = table.numeric(name)
        assert numbers.shape == (len(particles),)
        for row, number in zip(rows, numbers.tolist(), strict=True):
            said = float_of(row.get(name, ""))
            if said is not None and np.isfinite(said) and np.isfinite(number):
                assert number == said or np.float32(number) == np.float32(said), (name, row[name])


def float_of(text: str) -> float | None:
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None


def assert_described(particles: Particles, target: Path, reading: Reading) -> None:
    form = format_of(particles)
    table = particles.table
    table.write(target, np.arange(len(particles)) % 2 == 0)
    if isinstance(form, Described):
        form.units(particles)
        assert len(form.record(particles).quaternions) == len(particles)
    if not isinstance(form, Movable):
        return
    assert isinstance(table, Changeable)
    for motion in MOTIONS:
        try:
            changes = form.changes(particles, motion)
            table.write_changed(target, changes)
        except UserError as error:
            assert_said(error)
            continue
        assert_moved(particles, motion, open_particles(target, reading=reading))


def assert_moved(particles: Particles, motion: Motion, back: Particles) -> None:
    turned = motion.apply(particles.quaternions, None)[0]
    same = np.abs(np.sum(turned * back.quaternions, axis=1))
    placed = particles.placed
    np.testing.assert_array_equal(back.placed, placed)
    np.testing.assert_allclose(same[placed], 1, atol=1e-6)


def format_of(particles: Particles):
    if particles.reading.columns is not None:
        return next(form for form in example_kinds().values() if isinstance(form, ByColumns))
    return find_format(particles.table.path)


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("kind", sorted(example_kinds()))
@settings(
    max_examples=BUDGET, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 1 << 40), times=st.sampled_from([1, 1, 1, 2, 3]), which=st.booleans())
def test_damage_ends_in_particles_or_in_one_sentence(tmp_path, kind, seed, times, which):
    example = whole(kind)
    others = sorted(name for name in example.files if name != example.main)
    hit = others[seed % len(others)] if others and which else example.main
    for old in tmp_path.iterdir():
        old.unlink()
    for name, data in example.files.items():
        (tmp_path / name).write_bytes(damaged(data, seed, times) if name == hit else data)
    assert_damaged_is_sound(tmp_path / example.main, kind, example.reading)


def assert_damaged_is_sound(path: Path, kind: str, reading: Reading) -> None:
    particles = assert_read_or_refused(path, reading)
    if particles is not None and kind in PLAIN:
        with np.errstate(invalid="ignore"):
            expected = PLAIN[kind](path)
        if expected is not None:
            got = comparable(particles.quaternions)
            np.testing.assert_allclose(got, comparable(expected), atol=1e-6)


def comparable(q: np.ndarray) -> np.ndarray:
    """Rotations as matrices, NaN where there is none."""
    w, x, y, z = np.asarray(q, dtype=float).T
    return np.stack([w * w, w * x, w * y, w * z, x * x, x * y, x * z, y * y, y * z, z * z], axis=1)


def plain_star(path: Path, *labels: str) -> np.ndarray:
    """Columns of the first loop with all labels, read as plainly as can be."""
    lines = iter([*path.read_bytes().decode("latin-1").removeprefix("ï»¿").split("\n"), "data_"])
    found: list[str] = []
    rows: list[list[str]] = []
    in_labels = False
    for line in lines:
        cells = star_cells(line)
        if not cells:
            continue
        if len(cells) == 1 and cells[0].lower() == "loop_":
            if set(labels) <= set(found) and rows:
                break
            found, rows, in_labels = [], [], True
        elif len(cells) == 1 and cells[0].lower().startswith("data_"):
            if set(labels) <= set(found) and rows:
                break
            found, rows, in_labels = [], [], False
        elif in_labels and len(cells) == 1 and cells[0].startswith("_") and not rows:
            found.append(cells[0][1:])
        else:
            rows.append(cells)
    columns = [found.index(label) for label in labels]
    return np.array([[number(row[column]) for column in columns] for row in rows]).T


def star_cells(line: str) -> list[str]:
    words = re.findall(
        r"""#.*|"(?:[^"]|"(?=\S))*"(?!\S)|'(?:[^']|'(?=\S))*'(?!\S)|\S+""", line, re.A
    )
    kept: list[str] = []
    for word in words:
        if word.startswith("#"):
            break
        kept.append(word[1:-1] if word[0] in "\"'" and len(word) > 1 else word)
    return kept


def number(text: str) -> float:
    said = float_of(text) if text.isascii() else None
    return said if said is not None and np.isfinite(said) else np.nan


def plain_relion(path: Path) -> np.ndarray:
    angles = plain_star(path, "rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi")
    return convention.relion_to_quaternions(*angles)


def plain_table(path: Path) -> np.ndarray:
    return convention.relion_to_quaternions(*plain_columns(path, "#%", 2, 3, 4))


def plain_columns(path: Path, comments: str, *columns: int) -> np.ndarray:
    """Columns of a table parted by blanks."""
    text = path.read_bytes().decode("latin-1").removeprefix("\u00ef\u00bb\u00bf")
    rows = [line.split() for line in re.sub(r"[\x1c-\x1f\x85\xa0]", "?", text).split("\n")]
    rows = [row for row in rows if row and row[0][0] not in comments]
    if all(float_of(rows[0][column]) is None for column in columns):
        rows = rows[1:]  # a heading
    return np.array([[number(row[column]) for column in columns] for row in rows]).T


def plain_dynamo(path: Path) -> np.ndarray:
    return convention.dynamo_to_quaternions(*plain_columns(path, "", 6, 7, 8))


def plain_frealign(path: Path) -> np.ndarray:
    return convention.relion_to_quaternions(*plain_columns(path, "C", 3, 2, 1))


def plain_cs(path: Path) -> np.ndarray | None:
    try:
        rows = np.load(path, allow_pickle=False)
    except ValueError:  # stricter than need be: a header with a word of another name
        return None
    pose = rows["alignments3D/pose"].astype(float)
    pose[~np.isfinite(pose).all(axis=1)] = np.nan
    return convention.cryosparc_to_quaternions(pose)


def plain_em(path: Path) -> np.ndarray:
    data = path.read_bytes()
    order = ">" if data[0] in (3, 4, 5) else "<"
    angles = np.frombuffer(data[512:], order + "f4").reshape(-1, 20)[:, 16:19]
    phi, psi, theta = np.where(np.isfinite(angles), angles, np.nan).T
    return convention.emmotl_to_quaternions(phi, psi, theta)


#: Another reader's rotations of a file, for kinds whose rules fit into a few lines.
PLAIN: dict[str, Callable[[Path], np.ndarray | None]] = {
    "relion_star": plain_relion,
    "plain_text": plain_table,
    "cryosparc_cs": plain_cs,
    "emmotl_em": plain_em,
    "dynamo_tbl": plain_dynamo,
    "frealign_par": plain_frealign,
}


STAR = "data_optics\nloop_\n_rlnOpticsGroup\n{optics}\ndata_particles\nloop_\n{labels}\n{row}\n"
ANGLES = ("_rlnAngleRot", "_rlnAngleTilt", "_rlnAnglePsi", "_rlnOpticsGroup", "_rlnClassNumber")


def star(path: Path, row: str, optics: str = "1", labels: tuple[str, ...] = ANGLES) -> Particles:
    path.write_text(STAR.format(optics=optics, labels="\n".join(labels), row=row))
    return open_particles(path)


def test_a_class_that_no_whole_number_stands_for_is_no_other_class(tmp_path):
    particles = star(tmp_path / "a.star", "10 20 30 1 1e30\n10 20 30 1 2")
    assert find_format(particles.table.path).record(particles).classes.tolist() == [0, 2]


def test_optics_without_a_group_are_understood(tmp_path):
    particles = star(tmp_path / "a.star", "10 20 30 1 1", optics="")
    form = find_format(particles.table.path)
    assert form.units(particles)
    assert form.record(particles).pixel_size is None


def test_of_two_columns_of_one_name_cells_and_numbers_are_the_same_one(tmp_path):
    particles = star(tmp_path / "a.star", "1 2 3 4 5 6", labels=(*ANGLES, "_rlnClassNumber"))
    assert particles.table.cells(0)["rlnClassNumber"] == "5"
    assert particles.table.numeric("rlnClassNumber").tolist() == [5]


def test_a_table_of_ten_thousand_tables_is_refused(tmp_path):
    path = tmp_path / "a.star"
    path.write_text("data_\n" + "loop_\n_rlnAngleRot\n1\n" * 20_000)
    with pytest.raises(UserError, match="more than 10,000 tables"):
        open_particles(path)


def test_a_cell_of_any_length_and_letters_is_quoted_in_one_short_line(tmp_path):
    with pytest.raises(UserError) as caught:
        star(tmp_path / "a.star", "1 2 \u2028\x1b" + "x" * 90_000 + " 1 1")
    assert len(str(caught.value)) < 3000
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("shape", ["(1e400,)", "(-3,)", "(12.5,)", "(9999999999999999999,)", "()"])
def test_rows_that_cannot_be_counted_are_refused(tmp_path, shape):
    example = whole("cryosparc_cs")
    (old,) = re.findall(rb"\(12,\), } *", example.files[example.main])
    path = tmp_path / "a.cs"
    new = f"{shape}, }}".encode().ljust(len(old))
    path.write_bytes(example.files[example.main].replace(old, new))
    with pytest.raises(UserError):
        open_particles(path)


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("kind", ["cryosparc_cs", "cryodrgn_pkl", "emmotl_em", "cistem_binary"])
def test_a_number_that_signals_is_missing_and_nothing_is_printed(tmp_path, kind):
    """Bytes of a float32 with bit 22 clear: arithmetic with it makes numpy warn."""
    example = whole(kind)
    path = tmp_path / example.main
    whole_bytes = example.files[example.main]
    signals = b"\x01\x00\x80\x7f"
    for at in range(len(whole_bytes) - 200, len(whole_bytes) - 4, 4):
        path.write_bytes(whole_bytes[:at] + signals + whole_bytes[at + 4 :])
        assert_damaged_is_sound(path, kind, example.reading)


def test_an_image_of_a_number_that_no_stack_has_is_no_image(tmp_path):
    example = whole("eman2_json")
    text = example.files[example.main]
    path = tmp_path / "a.json"
    path.write_bytes(re.sub(rb", ?3\)", b", " + b"9" * 30 + b")", text, count=1))
    assert path.read_bytes() != text
    assert assert_read_or_refused(path) is not None


def test_a_shift_that_no_cell_has_room_for_is_said_when_it_is_moved(tmp_path):
    particles = star(
        tmp_path / "a.star", "10 20 30 1 1e15", labels=(*ANGLES[:4], "_rlnOriginXAngst")
    )
    for shift in (1e15, np.inf):
        changes = {"rlnOriginXAngst": np.full(1, shift)}
        with pytest.raises(UserError, match="too large"):
            particles.table.write_changed(tmp_path / "b.star", changes)
    assert not (tmp_path / "b.star").exists()
