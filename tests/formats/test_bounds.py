"""Huge, odd and vanishing files: an answer within seconds and bounded memory, in words."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import evenview
from evenview.core.errors import UserError
from evenview.formats import open_particles
from made_examples import open_example

APP = Path(evenview.__file__).parents[1]
SIZE = 100_000_000
STAR = b"data_\n\nloop_\n_rlnAngleRot\n_rlnAngleTilt\n_rlnAnglePsi\n"
NUMPY = b"\x93NUMPY\x02\x00"

#: A beginning, and what it is followed by, over and over.
HUGE = {
    "zeros": (b"", b"\0"),
    "blank lines": (b"", b"\n"),
    "blanks": (b"", b" "),
    "one line": (b"", b"x"),
    "one line of cells": (b"", b"1 "),
    "one line of columns": (b"", b"1,"),
    "nested brackets": (b'{"a":', b'{"a":'),
    "star, zeros": (STAR + b"1 2 3\n", b"\0"),
    "star, one word": (STAR + b"1 2 3\n", b"x"),
    "star, one row": (STAR + b"1 2 3\n", b"1 "),
    "star, open quotes": (STAR + b"1 2 3\n", b'"a '),
    "star, open quotes in a label": (STAR + b"_rlnX ", b'"a '),
    "star, blank lines before a table": (b"data_\n_rlnVersion 5\n", b"\n"),
    "star, blanks before a table": (b"data_\n_rlnVersion 5\n", b" "),
    "star, labels": (STAR, b"_rlnX\n"),
    "star, keys": (b"data_\n", b"_rlnAngleRot 1\n"),
    "star, tables": (b"data_\n", b"loop_\n_rlnAngleRot\n"),
    "numpy, nested header": (NUMPY + b"\xf0\xff\xff\x00", b"["),
    "numpy, long header": (NUMPY + b"\xf0\xff\x0f\x00{", b"'descr':1,"),
    "stream, nested header": (b"\x94CSDAT\xff\xff\xff\x00", b"["),
    "EMAN2 list": (b"#LSX\n# x\n# 10\n", b"x"),
    "Frealign comments": (b"C PSI THETA PHI\n", b"C\n"),
}

_CHILD = """
import sys
from pathlib import Path
from evenview.core.errors import UserError
from evenview.formats import formats, open_particles

def peak():
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) // 1024

formats()
before = peak()
for line in sys.stdin:
    try:
        answer = f"{len(open_particles(Path(line.strip())))} rows of {line.strip()}"
    except UserError as error:
        answer = str(error)
    print(peak() - before, answer, flush=True)
"""


@pytest.fixture(scope="module")
def reader():
    """Asks a process of its own what a file is: the MB that it took at most, and its sentence."""
    with subprocess.Popen(
        [sys.executable, "-c", _CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(APP)},
    ) as child:

        def ask(path: Path) -> tuple[int, str]:
            print(path, file=child.stdin, flush=True)
            megabytes, _, sentence = child.stdout.readline().partition(" ")
            return int(megabytes), sentence

        yield ask
        child.stdin.close()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("what", HUGE)
def test_a_hundred_megabytes_of_nonsense_are_refused_soon_and_in_little_memory(
    tmp_path, reader, what
):
    path = tmp_path / "huge"
    head, again = HUGE[what]
    with path.open("wb") as file:
        file.write(head)
        if again == b"\0":
            file.truncate(SIZE)  # a file of holes
        else:
            block = again * (1_000_000 // len(again))
            file.writelines(block for _ in range(SIZE // len(block)))
    megabytes, sentence = reader(path)
    path.unlink()
    assert str(path) in sentence
    assert megabytes < 600


def test_a_folder_a_pipe_and_a_device_are_named(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, word in (
        (tmp_path, "folder"),
        (pipe, "pipe"),
        (Path("/dev/zero"), "device"),
        (tmp_path / "none", "no such file"),
        (tmp_path / ("x" * 300), "could not be read"),
        (tmp_path / "nul\0", "could not be read"),
        (tmp_path / "none" / "none", "no such file"),
    ):
        with pytest.raises(UserError, match=word):
            open_particles(path)


@pytest.mark.parametrize(
    ("trouble", "words"), [(PermissionError(13, "no"), "may not"), (OSError(5, "I/O"), "I/O")]
)
def test_a_file_that_cannot_be_opened_is_said(tmp_path, monkeypatch, trouble, words):
    path = open_example("relion_star", tmp_path, 12, 1).table.path

    def refuse(*_args, **_options):
        raise trouble

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UserError, match=words):
        open_particles(path)


def long_star(path: Path, rows: int = 400_000) -> Path:
    """A file of many chunks."""
    path.write_bytes(STAR + b"".join(b"%6d 90.000000 12.345678\n" % (k % 360) for k in range(rows)))
    return path


def test_a_file_cut_short_while_it_is_read_is_said(tmp_path):
    path = long_star(tmp_path / "cut.star", 1_000_000)

    def cut(fraction: float, phrase: str) -> None:
        os.truncate(path, 1000)

    with pytest.raises(UserError, match="has changed"):
        open_particles(path, cut)


@pytest.mark.parametrize("write", ["write", "write_changed"])
def test_a_file_cut_short_while_it_is_written_again_is_said(tmp_path, write):
    path, target = long_star(tmp_path / "cut.star"), tmp_path / "new.star"
    table = open_particles(path).table
    n = len(table)
    what = np.arange(n) % 2 == 0 if write == "write" else {"rlnAngleRot": np.zeros(n)}

    def cut(fraction: float, phrase: str) -> None:
        os.truncate(path, 1000)

    with pytest.raises(UserError, match="has changed"):
        getattr(table, write)(target, what, cut)
    assert not target.exists()


def test_a_disk_that_fails_is_said(tmp_path, monkeypatch):
    particles = open_particles(long_star(tmp_path / "particles.star", 50_000))

    def fail(*_args):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "preadv", fail)
    with pytest.raises(UserError, match="could not be read"):
        particles.table.write(tmp_path / "new.star", np.arange(len(particles)) % 2 == 0)
    assert not (tmp_path / "new.star").exists()


def test_a_file_that_is_gone_or_was_replaced_is_said(tmp_path):
    for kind in ("relion_star", "cryosparc_cs", "emmotl_em", "cryodrgn_pkl"):
        particles = open_example(kind, tmp_path, 12, 1)
        path = particles.table.path
        path.rename(path.with_name("moved"))
        for again in (None, b"other"):
            if again is not None:
                path.write_bytes(again)
            with pytest.raises(UserError):
                particles.table.write(tmp_path / "new", np.ones(12, dtype=bool))
            assert not (tmp_path / "new").exists()
