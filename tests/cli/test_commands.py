"""The command line as a user meets it: keys, columns, exit codes, and no Qt."""

from __future__ import annotations

import csv
import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from evenview.__main__ import main
from evenview.cli import common
from made import crowded_angles, particle_lines, uniform_angles, write_star


@pytest.fixture
def crowded(tmp_path: Path) -> Path:
    rng = np.random.default_rng(3)
    return write_star(tmp_path / "crowded.star", crowded_angles(5000, rng))


def table(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def test_info_has_its_keys(crowded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(crowded), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["particles"] == told["placed"] == 5000
    assert told["half_sets"] == {"1": 2500, "2": 2500}
    assert told["pixel_size"] == 1.25
    assert told["warnings"] == []
    assert "RELION 3.1" in told["format"]


def test_info_in_words(crowded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(crowded)]) == 0
    words = capsys.readouterr().out
    assert "5,000" in words
    assert "1.25 Å" in words


def test_directions_are_rot_and_ninety_minus_tilt(tmp_path: Path) -> None:
    angles = uniform_angles(200, np.random.default_rng(4))
    source = write_star(tmp_path / "u.star", angles)
    out = tmp_path / "d.csv"
    assert main(["directions", str(source), "-o", str(out)]) == 0
    rows = table(out)
    assert list(rows[0]) == ["row", "x", "y", "z", "azimuth", "elevation", "inplane"]
    assert [int(r["row"]) for r in rows] == list(range(200))
    for name, expected in (
        ("azimuth", angles[:, 0]),
        ("elevation", 90 - angles[:, 1]),
        ("inplane", angles[:, 2]),
    ):
        np.testing.assert_allclose([float(r[name]) for r in rows], expected, atol=2e-6)


@pytest.mark.parametrize("grid", ["healpix:2", "fibonacci:192", "azel:15"])
def test_histogram_counts_everybody(tmp_path: Path, crowded: Path, grid: str) -> None:
    out = tmp_path / "h.csv"
    assert main(["histogram", str(crowded), "--grid", grid, "-o", str(out)]) == 0
    rows = table(out)
    assert list(rows[0]) == ["bin", "x", "y", "z", "area", "count", "density"]
    assert sum(int(r["count"]) for r in rows) == 5000
    assert sum(float(r["area"]) for r in rows) == pytest.approx(4 * np.pi, rel=1e-6)
    mean = sum(float(r["density"]) * float(r["area"]) for r in rows) / (4 * np.pi)
    assert mean == pytest.approx(1, rel=1e-4)


def test_expanded_counts_every_copy(tmp_path: Path, crowded: Path) -> None:
    out = tmp_path / "h.csv"
    words = ["histogram", str(crowded), "--symmetry", "D3", "--look", "expanded", "-o", str(out)]
    assert main(words) == 0
    assert sum(int(r["count"]) for r in table(out)) == 6 * 5000


def test_rebalance_and_replay(crowded: Path, tmp_path: Path) -> None:
    kept, recipe = tmp_path / "kept.star", tmp_path / "r.json"
    words = ["rebalance", str(crowded), "-o", str(kept), "--strategy", "percentile"]
    words += ["--percentile", "80", "--grid", "fibonacci:192", "--recipe", str(recipe)]
    assert main(words) == 0
    first = kept.read_bytes()
    assert 0 < len(particle_lines(kept)) < 5000
    kept.unlink()
    assert main(["replay", str(recipe)]) == 0
    assert kept.read_bytes() == first


def test_weights_keep_every_particle(
    crowded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, recipe = tmp_path / "w.star", tmp_path / "r.json"
    words = ["rebalance", str(crowded), "-o", str(out), "--strategy", "flatten", "--least", "5"]
    words += ["--grid", "fibonacci:192", "--as-weights", "--recipe", str(recipe)]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["weights"]["least"] == pytest.approx(0.05)
    assert len(particle_lines(out)) == len(particle_lines(crowded))
    first = out.read_bytes()
    assert main(["replay", str(recipe), "--overwrite"]) == 0
    assert out.read_bytes() == first
    capsys.readouterr()
    assert main([*words, "--excluded", str(tmp_path / "x.star")]) == 2
    assert "--excluded" in capsys.readouterr().err
    words[1] = str(out)
    words[3] = str(tmp_path / "twice.star")
    assert main(words) == 2
    assert "--column-there" in capsys.readouterr().err
    assert main([*words, "--column-there", "multiply"]) == 0


def test_options_of_weights_need_weights(
    crowded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["rebalance", str(crowded), "-o", str(tmp_path / "k.star"), "--weight-column", "w"]
    assert main(words) == 2
    assert "--as-weights" in capsys.readouterr().err


def test_options_of_a_strategy_belong_to_it(
    crowded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["rebalance", str(crowded), "-o", str(tmp_path / "k.star"), "--strategy", "cap"]
    assert main([*words, "--percentile", "80"]) == 2
    assert "--percentile" in capsys.readouterr().err


def test_user_errors_exit_2_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty.star"
    empty.touch()
    for name in (empty, tmp_path / "none.star", tmp_path):
        assert main(["info", str(name)]) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert "Traceback" not in told.err
        assert len(told.err.strip().splitlines()) == 1


def test_bad_grid_and_group_are_said(crowded: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "h.csv")
    assert main(["histogram", str(crowded), "--grid", "cube:3", "-o", out]) == 2
    assert main(["histogram", str(crowded), "--symmetry", "Q9", "-o", out]) == 2


def test_unknown_option_of_the_window(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--nonsense"]) == 2
    assert "--nonsense" in capsys.readouterr().err


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    words = capsys.readouterr().out
    for command in ("info", "directions", "histogram", "rebalance", "replay", "figure", "demo"):
        assert f"  {command} " in words


@pytest.mark.parametrize("command", ["info", "directions", "histogram", "rebalance", "figure"])
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    assert "FILE" in capsys.readouterr().out


def test_no_qt_and_no_gl_on_the_command_line(crowded: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from evenview.__main__ import main;"
        f"assert main(['info', {str(crowded)!r}]) == 0;"
        f"assert main(['figure', {str(crowded)!r}, '-o', {str(tmp_path / 'f.png')!r}]) == 0;"
        "loaded = {name.split('.')[0] for name in sys.modules};"
        "assert not loaded & {'PyQt6', 'vispy', 'pyqtgraph', 'OpenGL'}, loaded"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=240)


def test_window_without_a_display_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert main([]) == 2
    assert "display" in capsys.readouterr().err


def evenview(words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run in a shell of its own; `evenview` in the words is the program."""
    program = f"{shlex.quote(sys.executable)} -m evenview"
    return subprocess.run(
        words.replace("evenview", program),
        shell=True,
        executable="/bin/bash",
        env={key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
        | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("words", ["info {file}", "--help", "rebalance --help"])
def test_a_reader_that_goes_away_is_no_error(crowded: Path, words: str) -> None:
    command = "evenview " + words.format(file=shlex.quote(str(crowded)))
    told = evenview(f"set -o pipefail; (sleep 0.2; {command}) | true")
    assert (told.returncode, told.stderr) == (0, "")


def test_letters_that_the_terminal_lacks_are_escaped(crowded: Path) -> None:
    told = evenview(f"evenview info {shlex.quote(str(crowded))}", PYTHONIOENCODING="ascii")
    assert told.returncode == 0
    assert "1.25 \\xc5" in told.stdout


def test_closed_and_full_outputs_are_no_bug(crowded: Path) -> None:
    file = shlex.quote(str(crowded))
    assert evenview(f"evenview info {file} 2>&-").returncode == 0
    assert evenview("evenview info nowhere 2>&- ").returncode == 2
    full = evenview(f"evenview info {file} >/dev/full")
    assert full.returncode == 2
    assert "Traceback" not in full.stderr


def test_a_home_that_cannot_be_written_is_no_obstacle(crowded: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("a file, where no folder can be made")
    home_settings = dict.fromkeys(("HOME", "XDG_CACHE_HOME"), str(home))
    told = evenview(
        f"unset NUMBA_CACHE_DIR; evenview info {shlex.quote(str(crowded))}",
        TMPDIR=str(tmp_path),
        **home_settings,
    )
    assert told.returncode == 0, told.stderr
    assert not list(tmp_path.glob("evenview-numba-*"))


def test_a_job_that_is_ended_leaves_nothing_half_written(
    crowded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(fraction: float, phrase: str) -> None:
        if phrase.startswith("Writing"):
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(common, "progress", lambda: end)
    out = tmp_path / "out"
    out.mkdir()
    handler = signal.getsignal(signal.SIGTERM)
    assert main(["rebalance", str(crowded), "-o", str(out / "kept.star")]) == 2
    assert not list(out.iterdir())
    assert signal.getsignal(signal.SIGTERM) is handler
