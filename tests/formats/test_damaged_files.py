"""Files of every format, damaged: each is read or refused in one sentence, nothing else.

Whatever is read is the file's own: every number of a column is the one that Python reads in the
text of its cell, and for some formats another reader, plain and slow, gives the same poses.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
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
from evenview.core.reading import Reading
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


def assert_said(error: UserError) -> None:
    sentence = str(error)
    assert error.where
    assert "\n" not in sentence
    assert len(sentence) < 3000


def assert_read_or_refused(path: Path, reading: Reading = Reading()) -> Particles | None:
    """Whatever can be asked of a file ends in an answer or in one sentence."""
    try:
        particles = open_particles(path, reading=reading)
    except UserError as error:
        assert_said(error)
        assert str(path.parent) in str(error)
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
    text = path.read_bytes().decode("latin-1").removeprefix("ï»¿")
    rows = [line.split() for line in text.split("\n")]
    rows = [row for row in rows if row and not row[0].startswith("#")]
    if any(number(row[2]) != number(row[2]) and float_of(row[2]) is None for row in rows[:1]):
        rows = rows[1:]
    angles = np.array([[number(cell) for cell in row[2:5]] for row in rows]).T
    return convention.relion_to_quaternions(*angles)


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
    phi, psi, theta = np.frombuffer(data[512:], order + "f4").reshape(-1, 20)[:, 16:19].T
    return convention.emmotl_to_quaternions(phi, psi, theta)


#: Another reader's rotations of a file, for kinds whose rules fit into a few lines.
PLAIN: dict[str, Callable[[Path], np.ndarray | None]] = {
    "relion_star": plain_relion,
    "plain_text": plain_table,
    "cryosparc_cs": plain_cs,
    "emmotl_em": plain_em,
}
