"""Rebalancing a file: a partition of its rows, byte for byte, that a recipe makes again."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import made_cs
from evenview.core.errors import UserError
from evenview.core.grid import parse_grid
from evenview.core.plan import Order, Plan, Thinning
from evenview.strategies import strategies
from evenview.tasks import rebalance, replay
from evenview.tasks.check import CheckRequest
from evenview.tasks.check import run as run_check
from evenview.tasks.rebalance import RebalanceRequest
from evenview.tasks.replay import ReplayRequest
from made import crowded_angles, particle_lines, write_star


@pytest.fixture
def source(tmp_path: Path) -> Path:
    rng = np.random.default_rng(20)
    return write_star(tmp_path / "run_data.star", crowded_angles(6000, rng))


def percentile_plan(seed: int = 7) -> Plan:
    strategy = strategies()["percentile"](percentile=80)
    return Plan(grid="fibonacci:192", thinning=Thinning(strategy=strategy, seed=seed))


def request(source: Path, plan: Plan, tag: str = "a") -> RebalanceRequest:
    folder = source.parent
    return RebalanceRequest(
        source,
        plan,
        folder / f"kept_{tag}.star",
        folder / f"excluded_{tag}.star",
        folder / f"recipe_{tag}.json",
    )


def test_kept_and_excluded_are_the_input(source: Path) -> None:
    wanted = request(source, percentile_plan())
    result = rebalance.run(wanted)
    rows, kept, gone = map(particle_lines, (source, wanted.kept, wanted.excluded))
    assert Counter(kept) + Counter(gone) == Counter(rows)
    assert kept == [row for row in rows if row in set(kept)]
    assert result.numbers.after.particles == len(kept) < result.numbers.before.particles


def test_again_removes_nothing(source: Path) -> None:
    first = request(source, percentile_plan())
    rebalance.run(first)
    second = request(first.kept, percentile_plan(seed=8), "b")
    rebalance.run(second)
    assert particle_lines(second.kept) == particle_lines(first.kept)


def test_seed_decides(source: Path) -> None:
    outcomes = []
    for tag, seed in (("a", 1), ("b", 1), ("c", 2)):
        wanted = request(source, percentile_plan(seed), tag)
        rebalance.run(wanted)
        outcomes.append(particle_lines(wanted.kept))
    assert outcomes[0] == outcomes[1] != outcomes[2]
    assert len(outcomes[0]) == len(outcomes[2])


def test_best_first_keeps_the_best_of_every_half(source: Path) -> None:
    plan = percentile_plan()
    assert plan.thinning is not None
    order = Order("rlnMaxValueProbDistribution", descending=True)
    wanted = request(source, replace(plan, thinning=replace(plan.thinning, order=order)))
    rebalance.run(wanted)

    def top(path: Path, half: bytes) -> list[float]:
        cells = [line.split() for line in particle_lines(path)]
        return [float(c[8]) for c in cells if c[7] == half and float(c[5]) < 0.2]

    for half in (b"1", b"2"):
        assert min(top(wanted.kept, half)) > max(top(wanted.excluded, half))


def test_halves_stay_balanced_and_unchanged(source: Path) -> None:
    wanted = request(source, percentile_plan())
    result = rebalance.run(wanted)
    halves = Counter(line.split()[7] for line in particle_lines(wanted.kept))
    assert abs(halves[b"1"] - halves[b"2"]) <= 2
    assert result.numbers.after.halves == (halves[b"1"], halves[b"2"])


def test_replay_writes_the_same_bytes(source: Path) -> None:
    wanted = request(source, percentile_plan())
    rebalance.run(wanted)
    before = wanted.kept.read_bytes(), wanted.excluded.read_bytes()
    wanted.kept.unlink()
    wanted.excluded.unlink()
    result = replay.run(ReplayRequest(wanted.recipe))
    assert result.identical
    assert (wanted.kept.read_bytes(), wanted.excluded.read_bytes()) == before


def test_replay_works_where_the_folder_was_moved(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    moved_source = source.rename(folder / source.name)
    wanted = request(moved_source, percentile_plan())
    rebalance.run(wanted)
    elsewhere = folder.rename(tmp_path / "archive")
    assert replay.run(ReplayRequest(elsewhere / wanted.recipe.name)).identical


def test_replay_refuses_a_changed_source(source: Path) -> None:
    wanted = request(source, percentile_plan())
    rebalance.run(wanted)
    source.write_bytes(source.read_bytes() + b"\n")
    with pytest.raises(UserError, match="has changed"):
        replay.run(ReplayRequest(wanted.recipe))


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", '{"kind": "evenview rebalance"}', "\x00", "[" * 100_000]
)
def test_what_is_not_a_recipe_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "r.json"
    path.write_text(text)
    with pytest.raises(UserError, match="recipe"):
        replay.run(ReplayRequest(path))


def test_never_over_the_source(source: Path) -> None:
    bytes_before = source.read_bytes()
    link = source.parent / "link.star"
    link.symlink_to(source)
    for target in (source, link):
        for wanted in (
            RebalanceRequest(source, percentile_plan(), target),
            RebalanceRequest(source, percentile_plan(), source.parent / "k.star", target),
        ):
            with pytest.raises(UserError, match="never written over"):
                rebalance.run(wanted)
    assert source.read_bytes() == bytes_before
    assert not (source.parent / "k.star").exists()


def test_targets_must_differ(source: Path) -> None:
    target = source.parent / "k.star"
    with pytest.raises(UserError, match="same name"):
        rebalance.run(RebalanceRequest(source, percentile_plan(), target, target))
    assert not target.exists()


@pytest.mark.parametrize("trouble", ["excluded", "recipe", "hard link"])
def test_where_one_file_cannot_be_written_none_is(source: Path, trouble: str) -> None:
    wanted = request(source, percentile_plan())
    wanted.kept.write_bytes(b"an older one")
    hard = source.parent / "hard.star"
    hard.hardlink_to(source)
    nowhere = source.parent / "nowhere" / "file"
    change = {"hard link": {"excluded": hard}}.get(trouble, {trouble: nowhere})
    with pytest.raises(UserError):
        rebalance.run(replace(wanted, **change))
    assert wanted.kept.read_bytes() == b"an older one"
    assert sorted(path.name for path in source.parent.iterdir()) == [
        "hard.star",
        "kept_a.star",
        "run_data.star",
    ]


def test_the_excluded_file_may_not_be_the_passthrough_of_the_kept(tmp_path: Path) -> None:
    particles, *_ = made_cs.split_pair(tmp_path)
    out = tmp_path / "out"
    out.mkdir()
    thinning = Thinning(strategies()["cap"](cap=1))
    plan = Plan(grid="fibonacci:12", thinning=thinning)
    wanted = RebalanceRequest(particles, plan, out / "kept.cs", out / "kept_passthrough.cs")
    with pytest.raises(UserError, match="same name"):
        rebalance.run(wanted)
    assert not list(out.iterdir())


def test_a_name_that_is_not_utf8_is_found_again_by_its_recipe(source: Path) -> None:
    odd = source.rename(source.parent / os.fsdecode(b"d\xe9j\xe0.star"))
    wanted = request(odd, percentile_plan())
    rebalance.run(wanted)
    wanted.recipe.read_bytes().decode("utf-8")
    assert replay.run(ReplayRequest(wanted.recipe)).identical


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("plan", "thinning", "strategy", "percentile"), 120),
        (("plan", "thinning", "minimum"), -3),
        (("plan", "look"), "sideways"),
        (("class",), "two"),
        (("kept", 0, "path"), 5),
        (("kept", 0, "path"), "zero\0byte"),
    ],
)
def test_an_edited_recipe_is_named_and_writes_nothing(
    source: Path, place: tuple[str | int, ...], value: object
) -> None:
    wanted = request(source, percentile_plan())
    rebalance.run(wanted)
    content = json.loads(wanted.recipe.read_text())
    inner = content
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    wanted.recipe.write_text(json.dumps(content))
    before = wanted.kept.stat().st_mtime_ns
    with pytest.raises(UserError, match=str(wanted.recipe)):
        replay.run(ReplayRequest(wanted.recipe))
    assert wanted.kept.stat().st_mtime_ns == before


def test_without_a_strategy_there_is_nothing_to_do(source: Path) -> None:
    with pytest.raises(UserError, match="strategy"):
        rebalance.run(request(source, Plan()))


def test_recipe_names_no_absolute_path(source: Path) -> None:
    wanted = request(source, percentile_plan())
    rebalance.run(wanted)
    content = json.loads(wanted.recipe.read_text())
    paths = [f["path"] for part in ("sources", "kept", "excluded") for f in content[part]]
    assert paths == ["run_data.star", "kept_a.star", "excluded_a.star"]


def test_an_export_warns_of_what_the_next_program_stumbles_on(source: Path) -> None:
    assert rebalance.run(request(source, percentile_plan())).warnings == ()
    windows = source.with_name("windows.star")
    windows.write_bytes(source.read_bytes().replace(b"\n", b"\r\n"))
    result = rebalance.run(request(windows, percentile_plan(), "w"))
    assert any("CR+LF" in warning for warning in result.warnings)
    assert "CR+LF" in result.summary()


def test_numbers_print_as_words_and_json(source: Path) -> None:
    result = rebalance.run(request(source, percentile_plan()))
    assert "6,000" in result.summary()
    told = result.as_json()
    assert told["before"]["particles"] == 6000
    assert (
        told["after"]["half_sets"]["1"] + told["after"]["half_sets"]["2"]
        == (told["after"]["particles"])
    )


def test_what_was_replaced_is_said(source: Path) -> None:
    wanted = request(source, percentile_plan())
    assert "Replaced" not in rebalance.run(wanted).summary()
    assert rebalance.run(wanted).replaced == (wanted.kept, wanted.excluded, wanted.recipe)


def test_the_warnings_are_about_the_file_that_was_written(source: Path) -> None:
    wanted = request(source, percentile_plan())
    told = rebalance.run(wanted).warnings
    assert set(run_check(CheckRequest(wanted.kept)).warnings) <= set(told)


def test_the_scores_are_told_before_and_after(source: Path) -> None:
    strategy = strategies()["redundancy"](target_scf=0.6)
    plan = Plan(grid="healpix:2", thinning=Thinning(strategy=strategy))
    result = rebalance.run(request(source, plan))
    told = result.as_json()
    before, after = told["before"], told["after"]
    assert before["scf_star"] < 0.6
    assert after["scf_star"] == pytest.approx(0.6, abs=0.03)
    assert after["effective_particles"] < before["effective_particles"]
    assert after["e_od"] > before["e_od"]
    assert told["settings"]["reference"] == before["particles"] > after["particles"]
    assert "N·SCF*" in result.summary()


def test_a_great_loss_is_warned_of(source: Path) -> None:
    strategy = strategies()["redundancy_loss"](loss=47.0)
    plan = Plan(grid="healpix:3", thinning=Thinning(strategy=strategy))
    warnings = rebalance.run(request(source, plan)).warnings
    assert any("of the effective particles" in words for words in warnings)
    assert any("this thins noise" in words for words in warnings)


def searched_angles(order: int, n: int) -> np.ndarray:
    """(n, 3) of a search over a HEALPix grid, half of them at one of its directions."""
    rng = np.random.default_rng(8)
    rot, tilt = to_relion(parse_grid(f"healpix:{order}").centers)
    at = np.where(rng.random(n) < 0.5, 40, rng.integers(len(rot), size=n))
    return np.column_stack([rot[at], tilt[at], rng.uniform(-180, 180, n)])


def to_relion(views: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.degrees(np.arctan2(views[:, 1], views[:, 0])), np.degrees(np.arccos(views[:, 2]))


def test_a_search_grid_that_shows_in_the_bins_is_warned_of_once(tmp_path: Path) -> None:
    source = write_star(tmp_path / "search.star", searched_angles(3, 20_000))
    strategy = strategies()["cap"](cap=50)
    for grid, told in (("healpix:4", 1), ("healpix:2", 0)):
        plan = Plan(grid=grid, thinning=Thinning(strategy))
        warnings = rebalance.run(request(source, plan)).warnings
        assert sum("search grid" in words for words in warnings) == told
        assert sum("healpix:2" in words for words in warnings) == told
