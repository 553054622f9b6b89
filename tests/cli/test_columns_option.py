"""--columns: the commands that read a file read a table of text by them, and a recipe remembers."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from evenview.__main__ import main
from evenview.core.columns_word import parse_columns
from evenview.core.reading import Reading
from evenview.formats import open_particles
from evenview.tasks.recipe_file import load_recipe, save_recipe
from made import uniform_angles

ANGLES = uniform_angles(300, np.random.default_rng(4))
COLUMNS = ["--columns", "rot=2,tilt=tilt,psi=4,half=5"]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    lines = [
        f"mic_{k // 9}.mrc,{rot:.5f},{tilt:.5f},{psi:.5f},{1 + k % 2}"
        for k, (rot, tilt, psi) in enumerate(ANGLES.tolist())
    ]
    path = tmp_path / "table.csv"
    path.write_text("\n".join(["name,phi,tilt,psi,half", *lines]) + "\n")
    return path


@pytest.mark.parametrize("command", ["info", "check"])
def test_without_columns_the_table_is_shown_with_numbers_and_the_way_out(
    table: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert main([command, str(table)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    lines = told.err.splitlines()
    assert lines[0].split() == ["column", "heading", "row", "1", "row", "2", "row", "3", "row", "4"]
    third = next(line for line in lines if line.split()[:2] == ["3", "tilt"])
    assert third.split()[2] == f"{ANGLES[0, 1]:.5f}"
    assert len({len(line) for line in lines[:6]}) == 1
    assert "--columns" in lines[-1]
    assert str(table) in lines[-1]


def test_wide_and_long_cells_stay_in_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "table.txt"
    row = " ".join(["a/very/long/name/of/a/micrograph.mrc", *map(str, range(40))])
    path.write_text(f"{row}\n" * 3)
    assert main(["info", str(path)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 43
    assert max(map(len, lines[:-1])) < 80


def test_info_reads_by_the_columns(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(table), *COLUMNS, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["format"] == "Plain text table"
    assert told["half_sets"] == {"1": 150, "2": 150}


def test_directions_are_those_of_the_columns(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert main(["directions", str(table), *COLUMNS, "-o", str(out)]) == 0
    with out.open() as file:
        found = [(float(row["azimuth"]), float(row["elevation"])) for row in csv.DictReader(file)]
    np.testing.assert_allclose(found, ANGLES[:, :2] * [1, -1] + [0, 90], atol=2e-5)


def test_the_convention_is_asked_for_where_the_names_leave_it_open(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["info", str(table), "--columns", "phi=2,theta=3,psi=4"]
    assert main(words) == 2
    assert "--convention cistem" in capsys.readouterr().err
    assert main([*words, "--convention", "emmotl"]) == 0
    assert main(["info", str(table), "--convention", "emmotl"]) == 2
    assert "goes with --columns" in capsys.readouterr().err


def test_a_recipe_remembers_the_columns(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, excluded, recipe = (tmp_path / name for name in ("kept.csv", "rest.csv", "r.json"))
    words = ["rebalance", str(table), "-o", str(kept), "--excluded", str(excluded)]
    words += ["--recipe", str(recipe), "--strategy", "cap", "--cap", "3", "--grid", "fibonacci:48"]
    assert main([*words, *COLUMNS]) == 0
    said = "convention=relion,rot=2,tilt=tilt,psi=4,half=5"
    assert json.loads(recipe.read_text())["columns"] == said
    head = table.read_text().splitlines()[0]
    written = [kept.read_text().splitlines(), excluded.read_text().splitlines()]
    assert [lines[0] for lines in written] == [head, head]
    assert sorted(written[0][1:] + written[1][1:]) == sorted(table.read_text().splitlines()[1:])
    before = kept.read_bytes()
    kept.unlink()
    capsys.readouterr()
    assert main(["replay", str(recipe), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["identical"]
    assert kept.read_bytes() == before
    assert main(["figure", str(kept), *COLUMNS, "-o", str(tmp_path / "a.png"), "--dpi", "50"]) == 0


def test_a_recipe_with_columns_comes_back_the_same(table: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "r.json"
    words = ["rebalance", str(table), "-o", str(tmp_path / "kept.csv"), "--recipe", str(recipe)]
    assert main([*words, *COLUMNS, "--strategy", "cap", "--cap", "3"]) == 0
    loaded = load_recipe(recipe)
    save_recipe(loaded, tmp_path / "again.json")
    assert load_recipe(tmp_path / "again.json") == loaded
    content = json.loads(recipe.read_text())
    recipe.write_text(json.dumps(content | {"columns": "rot=2"}))
    assert main(["replay", str(recipe)]) == 2
    recipe.write_text(json.dumps(content | {"columns": 3}))
    assert main(["replay", str(recipe)]) == 2


def test_a_table_can_be_converted(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.star"
    assert main(["convert", str(table), str(out), "--columns", f"{COLUMNS[1]},apix=1.5"]) == 0
    found, source = open_particles(out), open_particles(table, reading=load(COLUMNS[1]))
    np.testing.assert_allclose(found.directions, source.directions, atol=1e-6)
    np.testing.assert_array_equal(found.halves, source.halves)
    assert found.pixel_size == 1.5


def load(word: str) -> Reading:
    return Reading(columns=parse_columns(word))
