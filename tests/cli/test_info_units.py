"""`evenview info` says how the columns were understood, and which setting of a group fits."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import made_cs
from evenview.__main__ import main
from evenview.core.symmetry import parse_group
from evenview.core.unit_hint import relion_unit
from made import uniform_angles, write_star
from made_star import optics, particles, save


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return made_cs.write(tmp_path / "J20_particles.cs", made_cs.particles(50))


@pytest.fixture
def folded(tmp_path: Path) -> Path:
    """Views in RELION's asymmetric unit of D7."""
    angles = uniform_angles(20_000, np.random.default_rng(5))
    rot, tilt = np.radians(angles[:, 0]), np.radians(angles[:, 1])
    v = np.column_stack([np.sin(tilt) * np.cos(rot), np.sin(tilt) * np.sin(rot), np.cos(tilt)])
    inside = (v @ relion_unit(parse_group("D7")).T >= 0).all(axis=1)
    return write_star(tmp_path / "d7.star", angles[inside])


def test_units_are_said_in_json_and_in_aligned_lines(dataset, capsys):
    assert main(["info", str(dataset), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert "alignments3D/pose" in told["units"]["poses"]
    assert "radians" in told["units"]["poses"]
    assert "alignments3D/psize_A" in told["units"]["shifts"]
    assert told["settings"] is None
    assert main(["info", str(dataset)]) == 0
    words = capsys.readouterr().out.splitlines()
    rows = words[words.index("Understood as:") + 1 :]
    assert len(rows) == len(told["units"])
    starts = {row.index(meaning) for row, meaning in zip(rows, told["units"].values(), strict=True)}
    assert len(starts) == 1


def test_a_setting_is_suggested_where_the_views_are_folded(folded, capsys):
    assert main(["info", str(folded), "--symmetry", "D7", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["settings"]
    assert told["suggested"] == "D7"
    assert told["shares"]["D7"] == 1.0
    assert main(["info", str(folded), "--symmetry", "D7"]) == 0
    assert "that fits D7" in capsys.readouterr().out


def test_a_file_turned_to_another_setting_suggests_that(folded, tmp_path, capsys):
    out = tmp_path / "turned.star"
    words = ["transform", str(folded), "-o", str(out), "--setting", "relion:D7", "cryosparc:D7"]
    assert main(words) == 0
    capsys.readouterr()
    assert main(["info", str(out), "--symmetry", "D7", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["settings"]["suggested"] == "D7y"


def test_spread_views_suggest_nothing(dataset, capsys):
    assert main(["info", str(dataset), "--symmetry", "T", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["settings"]["suggested"] is None


def test_an_unknown_group_is_one_sentence(dataset, capsys):
    assert main(["info", str(dataset), "--symmetry", "Q"]) == 2
    assert "is not a known point group" in capsys.readouterr().err


def test_halves_that_are_all_one_are_none(tmp_path, capsys):
    rows = [f"{k}@a.mrcs {k}.5 20 30 1 1" for k in range(1, 4)]
    source = save(tmp_path, optics() + particles(rows))
    assert main(["info", str(source)]) == 0
    said = capsys.readouterr().out
    assert said.count("rlnRandomSubset: all 1, so there are no halves") == 2
    assert "1 or 2" not in said
