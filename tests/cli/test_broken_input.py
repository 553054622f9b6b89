"""Broken files on the command line: one line of words and exit code 2, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import evenview
from made_examples import open_example

APP = Path(evenview.__file__).parents[1]


def folder(path: Path) -> None:
    path.mkdir()


def zeros(path: Path) -> None:
    path.write_bytes(bytes(5000))


def cut_short(path: Path) -> None:
    whole = open_example("cryosparc_cs", path.parent, 12, 1).table.path.read_bytes()
    path.write_bytes(whole[:-7])


def odd_letters(path: Path) -> None:
    path.write_bytes(
        b"data_\nloop_\n_rlnAngleRot\n_rlnAngleTilt\n_rlnAnglePsi\n1 2\x0b3\xff\x1b[31m\n"
    )


@pytest.mark.parametrize("broken", [folder, zeros, cut_short, odd_letters])
def test_a_broken_file_ends_in_one_line(tmp_path, broken):
    path = tmp_path / "broken"
    broken(path)
    done = subprocess.run(
        [sys.executable, "-m", "evenview", "info", str(path)],
        capture_output=True,
        check=False,
        timeout=60,
        env=os.environ | {"PYTHONPATH": str(APP)},
    )
    assert done.returncode == 2
    assert done.stdout == b""
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1
    assert str(path) in lines[0]
    assert "\x1b" not in lines[0]
