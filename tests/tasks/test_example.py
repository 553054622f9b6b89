"""Thinning a file to the distribution of another one, and a recipe that remembers which."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evenview.core.errors import UserError
from evenview.core.foresight import foresee
from evenview.core.grid import parse_grid
from evenview.core.plan import Plan, Thinning
from evenview.core.resolve import resolve
from evenview.core.symmetry import parse_group
from evenview.formats import open_particles
from evenview.strategies.like import Like
from evenview.strategies.like_number import LikeNumber
from evenview.tasks import rebalance, replay
from evenview.tasks.example import open_example
from evenview.tasks.forecast import Forecast
from evenview.tasks.rebalance import RebalanceRequest
from evenview.tasks.replay import ReplayRequest
from made import crowded_angles, uniform_angles, write_star

N = 8000


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    """A uniform file, and one with 40 % at +Z."""
    rng = np.random.default_rng(4)
    one = write_star(tmp_path / "one.star", uniform_angles(N, rng))
    return one, write_star(tmp_path / "other.star", crowded_angles(N // 2, rng, crowd=0.4))


def request(source: Path, strategy: Like | LikeNumber, **plan: str) -> RebalanceRequest:
    wanted = Plan(**{"grid": "healpix:1", **plan}, thinning=Thinning(strategy))
    kept, recipe = source.with_name("kept.star"), source.with_name("r.json")
    return RebalanceRequest(source, wanted, kept, recipe=recipe)


def shares(path: Path, group: str = "C1") -> np.ndarray:
    grid, views = parse_grid("healpix:1"), open_particles(path).directions
    counts = np.bincount(grid.index_of(parse_group(group).fold(views)), minlength=grid.n)
    return counts / counts.sum()


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """The part of one distribution that would have to move to make the other."""
    return float(np.abs(one - other).sum()) / 2


def test_the_kept_are_spread_as_the_other_file_is(two: tuple[Path, Path]) -> None:
    one, other = two
    wanted = request(one, Like(str(other), short=0.0))
    rebalance.run(wanted)
    assert apart(shares(one), shares(other)) > 0.3
    assert apart(shares(wanted.kept), shares(other)) < 0.02


def test_exactly_as_many_as_asked_for_and_near_to_the_other_file(two: tuple[Path, Path]) -> None:
    one, other = two
    wanted = request(one, LikeNumber(str(other), 3000))
    assert rebalance.run(wanted).numbers.after.particles == 3000
    assert apart(shares(wanted.kept), shares(other)) < apart(shares(one), shares(other)) - 0.1


def test_an_example_of_too_few_particles_is_warned_of(
    two: tuple[Path, Path], tmp_path: Path
) -> None:
    one, other = two
    few = write_star(tmp_path / "few.star", uniform_angles(300, np.random.default_rng(6)))
    wanted = {path: request(one, Like(str(path)), grid="healpix:3") for path in (few, other)}
    told = " ".join(rebalance.run(wanted[few]).warnings)
    assert "The file to follow has about 1 particle a bin" in told
    assert "where it has none" in told
    display = resolve(open_particles(one), wanted[few].plan, beside=open_example(wanted[few].plan))
    live = Forecast(foresee(display.particles, display.binning)).of(display.quotas, display.wanted)
    assert any("The file to follow" in sentence for sentence in live.warnings)
    plan = request(one, Like(str(other))).plan
    again = rebalance.run(RebalanceRequest(one, plan, tmp_path / "again.star"))
    assert "to follow" not in " ".join(again.warnings)


def test_what_has_no_particle_here_is_warned_of_and_the_rest_is_followed(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    angles = crowded_angles(N, rng, crowd=0.4)
    one = write_star(tmp_path / "one.star", angles[angles[:, 1] < 95])
    other = write_star(tmp_path / "other.star", uniform_angles(N, rng))
    wanted = request(one, Like(str(other)), grid="healpix:2")
    (told,) = (each for each in rebalance.run(wanted).warnings if "have none here" in each)
    assert 35 < float(told.split("%")[0]) < 50
    counts, aim = shares(wanted.kept), shares(other)
    ratio = counts[counts > 0] / aim[counts > 0]
    # Bins that straddle the border fall short; the crowd is none any more.
    assert ratio.max() < 1.25 * np.median(ratio)
    display = resolve(open_particles(one), wanted.plan, beside=open_example(wanted.plan))
    live = Forecast(foresee(display.particles, display.binning)).of(display.quotas, display.wanted)
    assert told in live.warnings


def test_views_are_compared_in_one_asymmetric_unit(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    group = parse_group("D7")
    one = write_star(tmp_path / "one.star", crowded_angles(N, rng, crowd=0.5))
    folded = group.fold(open_particles(one).directions)
    rot = np.degrees(np.arctan2(folded[:, 1], folded[:, 0]))
    tilt = np.degrees(np.arccos(folded[:, 2].clip(-1, 1)))
    other = write_star(tmp_path / "other.star", np.column_stack([rot, tilt, rot]))
    strategy = Like(str(other), short=0.0)
    alike = rebalance.run(request(one, strategy, symmetry="D7", look="folded"))
    # To within what the file's decimals move over the border of a bin.
    assert alike.numbers.after.particles >= 0.99 * N
    assert rebalance.run(request(one, strategy)).numbers.after.particles < 0.5 * N


def test_a_recipe_finds_both_files_where_the_folder_was_moved(
    two: tuple[Path, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    one, other = (path.rename(folder / path.name) for path in two)
    wanted = request(one, Like(str(other)))
    rebalance.run(wanted)
    told = json.loads(wanted.recipe.read_text())
    assert told["plan"]["thinning"]["strategy"]["like"] == "other.star"
    assert [source["path"] for source in told["sources"]] == ["one.star", "other.star"]
    elsewhere = folder.rename(tmp_path / "archive")
    assert replay.run(ReplayRequest(elsewhere / "r.json")).identical


def test_an_edited_recipe_is_told_and_no_traceback(two: tuple[Path, Path]) -> None:
    one, other = two
    wanted = request(one, Like(str(other)))
    rebalance.run(wanted)
    for name in ("zero\0byte", "none.star", 5):
        content = json.loads(wanted.recipe.read_text())
        content["plan"]["thinning"]["strategy"]["like"] = name
        edited = wanted.recipe.with_name("edited.json")
        edited.write_text(json.dumps(content))
        with pytest.raises(UserError):
            replay.run(ReplayRequest(edited))


@pytest.mark.parametrize("change", ["gone", "changed"])
def test_a_recipe_needs_the_other_file_as_it_was(two: tuple[Path, Path], change: str) -> None:
    one, other = two
    wanted = request(one, Like(str(other)))
    rebalance.run(wanted)
    if change == "gone":
        other.unlink()
    else:
        other.write_bytes(other.read_bytes() + b"\n")
    with pytest.raises(UserError, match=r"not there|has changed") as told:
        replay.run(ReplayRequest(wanted.recipe))
    assert "other.star" in str(told.value)


def test_the_other_file_is_never_written_over_and_must_be_there(two: tuple[Path, Path]) -> None:
    one, other = two
    before = other.read_bytes()
    plan = request(one, Like(str(other))).plan
    with pytest.raises(UserError, match="never written over"):
        rebalance.run(RebalanceRequest(one, plan, other))
    assert other.read_bytes() == before
    missing = request(one, Like(str(other.with_name("none.star"))))
    with pytest.raises(UserError) as told:
        rebalance.run(missing)
    assert "none.star" in str(told.value)
    assert not missing.kept.exists()
