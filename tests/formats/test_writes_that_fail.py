"""A write that fails, wherever it does, or is killed leaves the old file or none."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import evenview
from evenview.core.errors import UserError
from evenview.core.motion import Motion
from evenview.formats import formats, output
from evenview.formats.base import Creatable, Movable
from evenview.formats.output import atomic_writer, atomic_writers
from made_examples import example_kinds, open_example
from made_record import record

APP = Path(evenview.__file__).parents[1]
N = 40
CREATABLE = sorted(name for name, form in formats().items() if isinstance(form, Creatable))
Write = Callable[[Path], object]


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """The system itself refuses every byte of a file behind `size`, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def assert_all_or_none(write: Write, folder: Path) -> None:
    """With a disk that is full after some bytes: in words, and the folder as it was."""
    folder.mkdir()
    write(folder / "whole")
    files = contents(folder)
    assert files
    largest = max(map(len, files.values()))
    for old in (None, b"old"):
        for path in folder.iterdir():
            path.unlink()
        if old is not None:
            for name in files:
                (folder / name).write_bytes(old)
        before = contents(folder)
        for room in {0, 1, largest // 2, largest - 1} - {largest}:
            with no_file_larger_than(room), pytest.raises(UserError, match="disk is full"):
                write(folder / "whole")
            assert contents(folder) == before
    write(folder / "whole")
    assert contents(folder) == files


@pytest.mark.parametrize("kind", sorted(example_kinds()))
def test_rows_are_written_whole_or_not_at_all(tmp_path, kind):
    (tmp_path / "in").mkdir()
    particles = open_example(kind, tmp_path / "in", N, 3)
    kept = np.arange(N) % 3 != 0
    assert_all_or_none(lambda path: particles.table.write(path, kept), tmp_path / "out")


@pytest.mark.parametrize(
    "kind", sorted(kind for kind, form in example_kinds().items() if isinstance(form, Movable))
)
def test_other_poses_are_written_whole_or_not_at_all(tmp_path, kind):
    (tmp_path / "in").mkdir()
    form = example_kinds()[kind]
    particles = open_example(kind, tmp_path / "in", N, 3)
    turn = Motion(matrix=np.diag([-1.0, -1, 1]))
    changes = form.changes(particles, turn)
    assert_all_or_none(lambda path: particles.table.write_changed(path, changes), tmp_path / "out")


@pytest.mark.parametrize("name", CREATABLE)
def test_a_new_file_is_made_whole_or_not_at_all(tmp_path, name):
    form = formats()[name]
    for number, subtomograms in enumerate((False, True)):
        write = partial(form.create, record=record(subtomograms=subtomograms))
        try:
            write(tmp_path / "try")
        except UserError:  # it has no subtomograms, or nothing else
            continue
        assert_all_or_none(write, tmp_path / f"out{number}")


def write_both(paths: list[Path]) -> None:
    with atomic_writers(paths) as files:
        for file in files:
            file.write(b"new")


@pytest.mark.parametrize("old", [True, False])
@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("step", [0, 1, 2])
def test_of_files_that_belong_together_none_is_new_where_one_cannot_be(
    tmp_path, monkeypatch, old, links, step
):
    paths = [tmp_path / name for name in ("one", "two", "three")]
    for path in paths[: 2 if old else 0]:
        path.write_bytes(b"old " + path.name.encode())
    before, replace, calls = contents(tmp_path), Path.replace, []

    def fail_once(self, target):
        calls.append(target)
        if len(calls) == step + 1:
            raise OSError(errno.EIO, "Input/output error")
        return replace(self, target)

    def no_links(self, target):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "replace", fail_once)
    if not links:
        monkeypatch.setattr(Path, "hardlink_to", no_links)
    with pytest.raises(UserError, match="could not be written"):
        write_both(paths)
    assert contents(tmp_path) == before


def test_a_system_that_refuses_any_step_leaves_the_folder_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "out"
    path.write_bytes(b"old")

    def refuse(*_args, **_options):
        raise OSError(errno.EROFS, "Read-only file system")

    for owner, step in ((output.os, "fsync"), (Path, "replace"), (output._Output, "__init__")):
        with monkeypatch.context() as patch:
            patch.setattr(owner, step, refuse)
            with pytest.raises(UserError, match="read-only"), atomic_writer(path) as file:
                file.write(b"new")
        assert contents(tmp_path) == {"out": b"old"}


def test_the_file_that_cannot_be_written_is_the_one_that_is_named(tmp_path):
    paths = [tmp_path / "first", tmp_path / "second"]

    def write() -> None:
        with no_file_larger_than(100), atomic_writers(paths) as files:
            files[0].write(bytes(100_000))

    with pytest.raises(UserError, match=r"first: the disk is full"):
        write()
    assert contents(tmp_path) == {}


def test_a_name_that_is_too_long_is_said(tmp_path):
    with pytest.raises(UserError), atomic_writer(tmp_path / ("x" * 300)) as file:
        file.write(b"new")
    assert contents(tmp_path) == {}


_KILLED = """
import sys
from pathlib import Path
from evenview.formats.output import atomic_writers
paths = [Path(word) for word in sys.argv[1:]]
for turn in range(1_000_000):
    with atomic_writers(paths) as files:
        for file in files:
            for _ in range(20):
                file.write(bytes([65 + turn % 26]) * 100_000)
    print("written", flush=True)
"""


@pytest.mark.parametrize("delay", [0.0, 0.003, 0.011, 0.029])
def test_a_killed_writer_leaves_a_whole_file(tmp_path, delay):
    path = tmp_path / "out"
    child = subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(path)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(APP)},
    )
    assert child.stdout is not None
    child.stdout.readline()
    time.sleep(delay)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    whole = path.read_bytes()
    assert len(whole) == 2_000_000
    assert len(set(whole)) == 1
    left = [other for other in tmp_path.iterdir() if other != path]
    assert len(left) <= 1
    for part in left:
        assert part.name.startswith(".evenview-")
        os.utime(part, (0, 0))  # as if it had happened long ago
    with atomic_writer(tmp_path / "other") as file:
        file.write(b"new")
    assert {other.name for other in tmp_path.iterdir()} == {"out", "other"}


def test_what_a_running_program_writes_is_left_alone(tmp_path):
    with atomic_writer(tmp_path / "one") as one:
        with atomic_writer(tmp_path / "two") as two:
            two.write(b"two")
        one.write(b"one")
    assert contents(tmp_path) == {"one": b"one", "two": b"two"}
