"""evenview score."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evenview.__main__ import main
from evenview.formats import open_particles
from evenview.tasks import score
from evenview.tasks.score import ScoreRequest
from made import crowded_angles, uniform_angles, write_star

KEYS = "particles scf scf_star effective_particles empty_fraction e_od gini entropy tensor settings"


@pytest.fixture
def uniform(tmp_path: Path) -> Path:
    return write_star(tmp_path / "even.star", uniform_angles(4_000, np.random.default_rng(0)))


def as_json(capsys, *words):
    assert main(["score", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_json_has_every_score_and_its_settings(uniform, capsys):
    found = as_json(capsys, uniform)
    assert set(KEYS.split()) <= set(found)
    assert found["particles"] == 4_000
    assert found["scf_star"] == pytest.approx(0.97, abs=0.015)
    assert found["effective_particles"] == pytest.approx(4_000 * found["scf_star"])
    assert found["settings"] == {
        "k": 50,
        "s0": 2.0,
        "reference": 4_000,
        "B": 160.0,
        "bins": 48,
        "symmetry": "C1",
    }
    assert found["verdict"]["grade"] == "good"
    assert found["tilt"] is None


def test_the_summary_prints_the_settings_and_the_limits(uniform, capsys):
    assert main(["score", str(uniform)]) == 0
    out = capsys.readouterr().out
    for words in ("k = 50", "s0 = 2", "4,000 particles", "Empty directions", "junk", "E_od"):
        assert words in out
    assert "\nSCF:" in out


def test_scf_without_the_star_is_not_shown_where_there_are_holes(tmp_path, capsys):
    angles = crowded_angles(3_000, np.random.default_rng(1), crowd=1.0)
    assert main(["score", str(write_star(tmp_path / "top.star", angles))]) == 0
    out = capsys.readouterr().out
    assert "\nSCF:" not in out
    assert "SCF*:" in out
    assert "(counts as 0)" in out
    assert "\nEmpty at radius k:   10 " in out


def test_holes_grow_with_the_radius(tmp_path, capsys):
    angles = crowded_angles(3_000, np.random.default_rng(1), crowd=1.0)
    found = as_json(capsys, write_star(tmp_path / "top.star", angles))
    shells = found["empty_by_radius"]
    assert [shell["k"] for shell in shells] == sorted(shell["k"] for shell in shells)
    parts = {shell["k"]: shell["empty_fraction"] for shell in shells}
    assert parts[4] < parts[50] < parts[400]
    assert parts[50] == pytest.approx(found["empty_fraction"], abs=0.02)


def test_particles_that_are_open_are_not_read_again(uniform):
    particles = open_particles(uniform)
    uniform.unlink()
    assert score.run(ScoreRequest(particles)).scores.fourier.particles == 4_000


def test_a_tilt_is_looked_for(tmp_path, capsys):
    rng = np.random.default_rng(2)
    angles = uniform_angles(3_000, rng)
    angles[:, 1] = rng.uniform(55, 65, len(angles))
    found = as_json(capsys, write_star(tmp_path / "ring.star", angles), "--tilt")["tilt"]
    assert found["threshold"] == 0.81
    assert 5 < found["smallest"] < 45
    assert [point["tilt"] for point in found["curve"]][:2] == [0.0, 1.0]
    assert found["curve"][-1]["scf_star"] > found["curve"][0]["scf_star"]


def test_options_change_what_they_say(uniform, capsys):
    plain = as_json(capsys, uniform)
    other = as_json(capsys, uniform, "--radius", 25, "--s0", 1, "--symmetry", "d3")
    assert other["settings"]["k"] == 25
    assert other["settings"]["s0"] == 1
    assert other["settings"]["symmetry"] == "D3"
    assert other["scf_star"] > plain["scf_star"]


@pytest.mark.parametrize(
    "words", [("--radius", "1"), ("--s0", "0"), ("--s0", "nan"), ("--symmetry", "Q9")]
)
def test_settings_that_make_no_sense_are_refused(uniform, words, capsys):
    assert main(["score", str(uniform), *words]) == 2
    assert capsys.readouterr().err


def test_a_file_without_poses_is_refused(tmp_path, capsys):
    angles = np.full((3, 3), np.nan)
    assert main(["score", str(write_star(tmp_path / "none.star", angles))]) == 2
    assert capsys.readouterr().err.startswith("evenview:")


def test_a_folded_file_suggests_its_symmetry(tmp_path, capsys):
    rng = np.random.default_rng(4)
    angles = uniform_angles(3_000, rng)
    angles[:, 0] = 90 + rng.uniform(-60, 60, len(angles))
    angles[:, 1] = np.minimum(angles[:, 1], 180 - angles[:, 1])
    found = as_json(capsys, write_star(tmp_path / "folded.star", angles))
    assert found["verdict"]["suggested_symmetry"] == "D3"
