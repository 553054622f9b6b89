"""One name for a strategy, and whichever of its options the user has a number for."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evenview.__main__ import main
from made import crowded_angles, particle_lines, uniform_angles, write_star

N = 4000


@pytest.fixture
def crowded(tmp_path: Path) -> Path:
    return write_star(tmp_path / "a.star", crowded_angles(N, np.random.default_rng(3), crowd=0.6))


def words(file: Path, *more: str) -> list[str]:
    kept = str(file.with_name("kept.star"))
    return ["rebalance", str(file), "-o", kept, "--grid", "healpix:2", "--json", *more]


@pytest.mark.parametrize("name", ["redundancy", "redundancy-number"])
def test_redundancy_to_a_number(crowded: Path, name: str) -> None:
    assert main(words(crowded, "--strategy", name, "--particles", "1700")) == 0
    assert len(particle_lines(crowded.with_name("kept.star"))) == 1700


@pytest.mark.parametrize("name", ["redundancy", "redundancy_loss"])
def test_redundancy_to_a_loss(crowded: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words(crowded, "--strategy", name, "--loss", "10")) == 0
    told = json.loads(capsys.readouterr().out)
    left = told["after"]["effective_particles"] / told["before"]["effective_particles"]
    assert left == pytest.approx(0.9, abs=0.02)


def test_redundancy_to_an_scf(crowded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words(crowded, "--strategy", "redundancy", "--target-scf", "0.7")) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["before"]["scf_star"] < 0.6
    assert told["after"]["scf_star"] == pytest.approx(0.7, abs=0.03)


@pytest.mark.parametrize(
    ("name", "given", "named"),
    [
        ("redundancy", ["--loss", "5", "--particles", "900"], ["--loss", "--particles"]),
        ("redundancy", ["--target-scf", "0.8", "--loss", "5"], ["--target-scf", "--loss"]),
        ("like", ["--short", "5", "--particles", "900"], ["--short", "--particles"]),
    ],
)
def test_two_ends_cannot_be_reached_at_once(
    crowded: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    given: list[str],
    named: list[str],
) -> None:
    assert main(words(crowded, "--strategy", name, *given)) == 2
    told = capsys.readouterr().err
    assert "Only one of" in told
    assert all(option in told for option in named)
    assert not crowded.with_name("kept.star").exists()


def test_a_name_of_one_has_no_option_of_the_others(
    crowded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(crowded, "--strategy", "redundancy-loss", "--particles", "900")) == 2
    assert "--particles" in capsys.readouterr().err


@pytest.mark.parametrize("more", [[], ["--particles", "900"]])
def test_like_another_file(crowded: Path, more: list[str]) -> None:
    angles = uniform_angles(2000, np.random.default_rng(4))
    other = write_star(crowded.with_name("other.star"), angles)
    assert main(words(crowded, "--strategy", "like", "--like", str(other), *more)) == 0
    kept = particle_lines(crowded.with_name("kept.star"))
    on_top = sum(float(line.split()[5]) < 5 for line in kept)
    assert on_top < 0.02 * len(kept)
    assert not more or len(kept) == 900


def test_like_a_file_that_is_not_there(crowded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words(crowded, "--strategy", "like", "--like", "none.star")) == 2
    assert "none.star" in capsys.readouterr().err


def test_help_explains_options_that_several_strategies_share_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["rebalance", "--help"]) == 0
    told = capsys.readouterr().out
    assert told.count("  --particles N") == 1
    assert "It takes --particles, as above." in told
