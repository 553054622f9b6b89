"""--class: the commands that read a file show the poses of one class, and a recipe remembers it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import made_cs
from evenview.__main__ import main
from evenview.formats import open_particles


@pytest.fixture
def several(tmp_path: Path) -> Path:
    rows, _ = made_cs.classes(300)
    rows["alignments3D_multi/pose"][:, 2] = [0.0, 0.4, 0.0]  # class 2 is seen from one side only
    return made_cs.write(tmp_path / "J9_particles.cs", rows)


def test_info_tells_the_class(several: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(several), "--class", "2", "--json"]) == 0
    assert "class 2" in json.loads(capsys.readouterr().out)["warnings"][0]
    assert main(["info", str(several)]) == 0
    assert "most probable class" in capsys.readouterr().out
    assert main(["info", str(several), "--class", "5"]) != 0
    assert "Choose one of: 0, 1, 2" in capsys.readouterr().err


def test_directions_and_histogram_are_those_of_the_class(several: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert main(["directions", str(several), "--class", "2", "-o", str(out)]) == 0
    with out.open() as file:
        seen = {(row["x"], row["y"], row["z"]) for row in csv.DictReader(file)}
    assert len(seen) == 1
    assert main(["histogram", str(several), "--class", "2", "-o", str(out)]) == 0
    with out.open() as file:
        assert sorted(int(row["count"]) for row in csv.DictReader(file))[-2:] == [0, 300]


def test_a_recipe_remembers_the_class(
    several: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, recipe = tmp_path / "kept.cs", tmp_path / "r.json"
    words = ["rebalance", str(several), "-o", str(kept), "--recipe", str(recipe)]
    words += ["--strategy", "cap", "--cap", "40", "--grid", "fibonacci:48"]
    assert main([*words, "--class", "2"]) == 0
    n = len(np.load(kept))
    assert n <= 40
    assert json.loads(recipe.read_text())["class"] == 2
    kept.unlink()
    assert "no half-sets" not in capsys.readouterr().out
    assert main(["replay", str(recipe), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["identical"]
    assert len(open_particles(kept)) == n
    assert main(words) == 0
    assert "class" not in json.loads(recipe.read_text())
    assert len(np.load(kept)) > 40


def test_a_figure_can_be_of_one_class(several: Path, tmp_path: Path) -> None:
    pictures = []
    for words in ([], ["--class", "2"]):
        path = tmp_path / f"{len(pictures)}.png"
        assert main(["figure", str(several), "-o", str(path), "--dpi", "60", *words]) == 0
        pictures.append(path.read_bytes())
    assert pictures[0] != pictures[1]


def test_a_group_is_rebalanced_and_replayed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, _ = made_cs.write_group(tmp_path)
    out = tmp_path / "out"
    out.mkdir()
    words = ["rebalance", str(path), "-o", str(out / "kept.csg"), "--recipe", str(out / "r.json")]
    words += ["--excluded", str(out / "excluded.csg"), "--strategy", "cap", "--cap", "2"]
    assert main([*words, "--grid", "fibonacci:48", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [Path(name).name for name in told["kept"]] == [
        "kept.csg",
        "kept_passthrough.cs",
        "kept_particles.cs",
    ]
    sizes = [len(open_particles(out / name)) for name in ("kept.csg", "excluded.csg")]
    assert sum(sizes) == 200
    assert main(["replay", str(out / "r.json"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["identical"]
    assert main(["check", str(out / "kept.csg"), "--json"]) == 0
