"""What holds for every particle format; nobody edits this file to add one.

A format in ``formats/NAME.py`` comes with ``tests/formats/examples/NAME.py``, whose
``make(folder, n, seed, unplaced=0)`` writes a file of `n` particles with half-sets, the first
`unplaced` of them without a pose, and gives its path. A format that cannot say half-sets has
``HALVES = False`` there, one whose first file names the others and so changes when written under
another name ``NAMES_OTHERS = True``, one that only a user can explain a ``READING``. A second kind
of file of the same format has a maker of its own, ``examples/NAME__KIND.py``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from evenview.core.errors import NoOrientationsError, UserError
from evenview.core.particles import Particles
from evenview.core.progress import Cancelled
from evenview.core.reading import AS_IT_IS
from evenview.formats import Format, find_format, formats, open_particles, recognising

Maker = Callable[..., Path]
N, SEED, UNPLACED = 60, 7, 3


EXAMPLES = Path(__file__).parent / "examples"


def module_name(form: Format) -> str:
    return type(form).__module__.rpartition(".")[2]


def kinds() -> list[str]:
    """The makers of examples: one for every format, and those of its other kinds of file."""
    names = {module_name(form) for form in formats().values()}
    others = {path.stem for path in EXAMPLES.glob("*__*.py")}
    return sorted(names | {kind for kind in others if kind.partition("__")[0] in names})


@pytest.fixture(params=kinds())
def example_module(request) -> ModuleType:
    path = EXAMPLES / f"{request.param}.py"
    assert path.exists(), f"the format {request.param} has no example maker: add {path.name}"
    spec = spec_from_file_location(f"example_{request.param}", path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def form(example_module) -> Format:
    name = Path(example_module.__file__).stem.partition("__")[0]
    return next(form for form in formats().values() if module_name(form) == name)


@pytest.fixture
def make(example_module) -> Maker:
    return example_module.make


@pytest.fixture
def example(make, tmp_path) -> Path:
    folder = tmp_path / "input"
    folder.mkdir()
    return make(folder, N, SEED, UNPLACED)


@pytest.fixture
def opened(example_module) -> Callable[[Path], Particles]:
    """Opens a file of the example's kind, with what a user says of it."""
    reading = getattr(example_module, "READING", AS_IT_IS)
    return lambda path: open_particles(path, reading=reading)


@pytest.fixture
def particles(example, opened) -> Particles:
    return opened(example)


def half_of(n: int) -> np.ndarray:
    return np.random.default_rng(1).random(n) < 0.5


def cells(particles: Particles, rows=None) -> list[dict[str, str]]:
    rows = range(len(particles)) if rows is None else rows
    return [dict(particles.table.cells(int(row))) for row in rows]


def test_the_format_says_what_it_is(form):
    assert isinstance(form, Format)
    assert form.name == form.name.lower()
    assert form.title
    assert form.suffixes
    assert all(suffix.startswith(".") for suffix in form.suffixes)


def test_exactly_one_format_recognises_the_example(form, example):
    head = example.read_bytes()[: 1 << 16]
    assert [other.name for other in recognising(head, example)] == [form.name]


def test_the_content_tells_the_format_whatever_the_suffix(form, example):
    renamed = example.with_name("particles.txt")
    example.rename(renamed)
    assert find_format(renamed) is form


def test_reading_gives_unit_quaternions_and_counts_what_has_no_pose(example_module, particles):
    assert len(particles) == len(particles.table) == N
    assert particles.n_placed == N - UNPLACED
    assert not particles.placed[:UNPLACED].any()
    lengths = np.linalg.norm(particles.quaternions[particles.placed], axis=1)
    np.testing.assert_allclose(lengths, 1, atol=1e-12)
    if getattr(example_module, "HALVES", True):
        assert set(np.unique(particles.halves)) == {1, 2}
    else:
        assert particles.halves is None
    assert any(str(UNPLACED) in note.text for note in particles.notes)


def test_every_numeric_column_can_be_read_and_no_other(particles):
    assert particles.table.numeric_columns
    for name in particles.table.numeric_columns:
        assert particles.table.numeric(name).shape == (N,)
    with pytest.raises(UserError):
        particles.table.numeric("no such column")


def test_kept_and_excluded_part_the_rows_and_each_reads_back(particles, opened, tmp_path):
    kept = half_of(N)
    particles.table.write(tmp_path / "kept", kept)
    particles.table.write(tmp_path / "excluded", ~kept)
    for name, rows in (("kept", kept), ("excluded", ~kept)):
        back = opened(tmp_path / name)
        assert cells(back) == cells(particles, np.flatnonzero(rows))
        np.testing.assert_array_equal(back.quaternions, particles.quaternions[rows])
        if particles.halves is not None:
            np.testing.assert_array_equal(back.halves, particles.halves[rows])


def test_keeping_all_writes_the_same_bytes(example_module, particles, tmp_path):
    written = particles.table.write(tmp_path / "all", np.ones(N, dtype=bool))
    assert written[0] == tmp_path / "all"
    pairs = list(zip(written, particles.table.sources, strict=True))
    for copy, source in pairs[getattr(example_module, "NAMES_OTHERS", False) :]:
        assert copy.read_bytes() == source.read_bytes()


def test_keeping_none_writes_a_sound_file_without_particles(particles, opened, tmp_path):
    particles.table.write(tmp_path / "none", np.zeros(N, dtype=bool))
    has_heading = (tmp_path / "none").stat().st_size > 0
    with pytest.raises(NoOrientationsError if has_heading else UserError):
        opened(tmp_path / "none")


def test_particles_without_a_pose_are_not_lost(particles, opened, tmp_path):
    particles.table.write(tmp_path / "kept", ~particles.placed | half_of(N))
    assert np.count_nonzero(~opened(tmp_path / "kept").placed) == UNPLACED


@pytest.mark.parametrize("link", [None, os.symlink, os.link], ids=["itself", "symlink", "hardlink"])
def test_the_source_is_never_written_over(particles, example, tmp_path, link):
    target = example
    if link is not None:
        target = tmp_path / "another name"
        link(example, target)
    before = example.read_bytes()
    with pytest.raises(UserError, match="never written over"):
        particles.table.write(target, half_of(N))
    assert example.read_bytes() == before


def test_a_cancelled_write_leaves_nothing_behind(particles, tmp_path):
    def cancel(fraction: float, phrase: str) -> None:
        raise Cancelled

    folder = tmp_path / "output"
    folder.mkdir()
    (folder / "kept").write_bytes(b"an older file")
    with pytest.raises(Cancelled):
        particles.table.write(folder / "kept", half_of(N), cancel)
    assert [path.name for path in folder.iterdir()] == ["kept"]
    assert (folder / "kept").read_bytes() == b"an older file"


def test_files_written_together_are_all_there_or_none(particles, tmp_path):
    def cancel(fraction: float, phrase: str) -> None:
        if fraction >= 0.5:  # the first of two is written
            raise Cancelled

    folder = tmp_path / "output"
    folder.mkdir()
    parts = [(folder / "kept", half_of(N)), (folder / "excluded", ~half_of(N))]
    with pytest.raises(Cancelled):
        particles.table.write_parts(parts, cancel)
    assert list(folder.iterdir()) == []
    particles.table.write_parts(parts)
    assert set(folder.iterdir()) == {
        target for path, _ in parts for target in particles.table.targets(path)
    }


def test_a_truncated_file_is_said_to_be_one_or_has_fewer_rows(opened, example):
    """Cut anywhere in its last half: one clear sentence, never another exception."""
    whole = example.read_bytes()
    for size in range(len(whole) // 2, len(whole) - 2, max(1, len(whole) // 97)):
        example.write_bytes(whole[:size])
        assert outcome(opened, example) < N


def outcome(opened: Callable[[Path], Particles], path: Path) -> int:
    """How many particles a file gives; -1 for a refusal in words."""
    try:
        return len(opened(path))
    except UserError as error:
        return -1 if str(path) in str(error) else N
