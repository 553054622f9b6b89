"""Weights instead of fewer particles: a column, everything else as it was, and what it is worth."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenview.core.errors import UserError
from evenview.core.plan import Plan, Thinning
from evenview.formats import formats, open_particles
from evenview.formats.base import Weighted
from evenview.strategies import strategies
from evenview.tasks import replay, score, weigh
from evenview.tasks.described import format_of
from evenview.tasks.outcome import weighted_outcome
from evenview.tasks.recipe_file import load_recipe
from evenview.tasks.replay import ReplayRequest
from evenview.tasks.score import ScoreRequest
from evenview.tasks.weigh import WeighRequest
from evenview.tasks.weight_column import Weighting, column_of, is_there, write
from made import crowded_angles, particle_lines, write_star
from made_examples import example_kinds, open_example
from made_views import cone, even, particles_of
from shared_data import shared

FOM = "rlnParticleFigureOfMerit"
OWN = {
    "relion_star": (FOM, 1.0),
    "cistem_star": ("cisTEMOccupancy", 100.0),
    "frealign_par": ("OCC", 100.0),
    "xmipp_xmd": ("weight", 1.0),
}
N = 40


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_star(tmp_path / "run_data.star", crowded_angles(6000, np.random.default_rng(20)))


def flat(strength: float = 100.0, least: float = 1.0) -> Plan:
    strategy = strategies()["flatten"](strength=strength, least=least)
    return Plan(grid="fibonacci:192", thinning=Thinning(strategy=strategy))


def request(source: Path, plan: Plan | None = None, **more) -> WeighRequest:
    return WeighRequest(source, plan or flat(), source.parent / "weighted.star", **more)


def test_only_the_column_is_new(source: Path) -> None:
    weigh.run(request(source))
    rows, weighted = map(particle_lines, (source, source.parent / "weighted.star"))
    assert [line.rsplit(maxsplit=1)[0] for line in weighted] == [line.rstrip() for line in rows]


def test_a_score_that_counts_every_particle_alike_says_so(source: Path) -> None:
    weigh.run(request(source))
    scored = [score.run(ScoreRequest(p)) for p in (source, source.parent / "weighted.star")]
    plain, weighted = (" ".join(found.verdict.warnings) for found in scored)
    assert FOM not in plain
    assert FOM in weighted


def test_crowded_bins_weigh_as_much_as_others(source: Path) -> None:
    result = weigh.run(request(source))
    made = open_particles(result.kept[0])
    weights = made.table.numeric(FOM)
    crowd = made.directions[:, 2] > np.cos(np.radians(2))
    assert weights[crowd].max() < 0.05
    assert weights[~crowd].max() == 1
    assert result.weights.total == pytest.approx(weights.sum(), abs=0.01)
    assert result.weights.worth == pytest.approx(weights.sum() ** 2 / (weights**2).sum(), rel=1e-4)


def test_the_sampling_is_more_even_and_counts_less(source: Path) -> None:
    told = weigh.run(request(source)).as_json()
    before, after = told["before"], told["after"]
    assert after["particles"] == before["particles"] == 6000
    assert after["half_sets"] == before["half_sets"]
    assert after["scf_star"] > before["scf_star"] + 0.1
    assert after["gini"] < before["gini"] - 0.2
    assert after["effective_particles"] < before["effective_particles"]
    assert "Kish" in told["after_is_of"]["fourier"]
    assert told["after_is_of"]["evenness"] == "sum of weights"
    assert told["weights"]["sum"] < told["weights"]["worth"] < 6000
    assert told["weights"]["column"] == FOM


def test_weights_of_one_change_no_score(source: Path) -> None:
    told = weigh.run(request(source, flat(strength=0.0))).as_json()
    for name in ("scf_star", "effective_particles", "e_od", "gini", "max_density"):
        assert told["after"][name] == pytest.approx(told["before"][name])
    assert told["weights"]["sum"] == told["weights"]["worth"] == 6000


@pytest.mark.parametrize("symmetry", ["C1", "D2"])
def test_weights_that_are_alike_change_no_score_of_fourier_space(symmetry: str) -> None:
    views = particles_of(even(5000, np.random.default_rng(1)))
    found = weighted_outcome(views, np.full(5000, 0.3), symmetry)
    for name in ("scf_star", "effective_particles", "empty_fraction", "particles"):
        before, after = (getattr(one.fourier, name) for one in (found.before, found.after))
        assert after == pytest.approx(before)
    assert found.after.part == pytest.approx(found.before.part)
    assert found.after.e_od == pytest.approx(found.before.e_od)


def test_two_groups_spread_evenly_are_worth_their_effective_number() -> None:
    """Of a half with w = 1 and one with w = 0.1, everywhere: (1.1/2)²/(1.01/2) of all."""
    views = particles_of(even(20_000, np.random.default_rng(2)))
    found = weighted_outcome(views, np.where(np.arange(20_000) % 2, 1.0, 0.1), "C1")
    part = found.after.fourier.effective_particles / found.before.fourier.effective_particles
    assert part == pytest.approx(1.1**2 / (2 * 1.01), rel=0.01)
    assert found.after.fourier.scf_star == pytest.approx(found.before.fourier.scf_star, abs=0.01)


def test_a_crowd_of_no_use_can_be_weighted_down_but_never_for_more_than_all() -> None:
    """A crowd about +Z adds its own great circle: without it the even views alone are left."""
    rng = np.random.default_rng(3)
    views = particles_of(np.concatenate([even(3000, rng), cone(20_000, 5.0, rng)]))
    worth = {}
    for weight in (1.0, 0.3, 0.05, 0.001):
        weights = np.where(np.arange(23_000) < 3000, 1.0, weight)
        found = weighted_outcome(views, weights, "C1")
        assert found.lost >= -1e-3
        worth[weight] = found.after
    values = [one.fourier.effective_particles for one in worth.values()]
    assert values == sorted(values, reverse=True)
    alone = weighted_outcome(
        particles_of(even(3000, np.random.default_rng(3))), np.ones(3000), "C1"
    )
    assert values[-1] == pytest.approx(alone.before.fourier.effective_particles, rel=0.02)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.001, 1.0))
def test_no_weights_make_the_particles_worth_more(seed: int, least: float) -> None:
    rng = np.random.default_rng(seed)
    views = particles_of(np.concatenate([even(4000, rng), cone(2000, 20.0, rng)]))
    assert weighted_outcome(views, rng.uniform(least, 1.0, 6000), "C1").lost >= -1e-3


@pytest.mark.parametrize("name", ["percentile", "cap", "redundancy_loss"])
def test_any_strategy_can_be_written_as_weights(source: Path, name: str) -> None:
    plan = Plan(grid="fibonacci:192", thinning=Thinning(strategies()[name]()))
    result = weigh.run(request(source, plan))
    assert 0 < result.weights.least < result.weights.largest == 1


def test_words_say_the_column_and_what_weights_cannot_do(source: Path) -> None:
    words = weigh.run(request(source)).summary()
    of = ("denominators", "effective number per direction", "Kish 1965")
    for said in ("sum of weights", FOM, "--fom_weighting", "add no signal", "N·SCF*", *of):
        assert said in words


def test_replay_writes_the_same_bytes(source: Path) -> None:
    recipe = source.parent / "r.json"
    (made,) = weigh.run(request(source, recipe=recipe)).kept
    before = made.read_bytes()
    assert json.loads(recipe.read_text())["kind"] != "evenview rebalance"
    made.unlink()
    assert replay.run(ReplayRequest(recipe)).identical
    assert made.read_bytes() == before


@pytest.mark.parametrize(
    "weights",
    [None, {}, {"column": 3, "column_there": "refuse"}, {"column": "", "column_there": 1}],
)
def test_damaged_recipes_of_weights_are_refused(source: Path, weights) -> None:
    recipe = source.parent / "r.json"
    weigh.run(request(source, recipe=recipe))
    content = json.loads(recipe.read_text())
    content.pop("weights")
    recipe.write_text(json.dumps(content | ({} if weights is None else {"weights": weights})))
    with pytest.raises(UserError, match="damaged"):
        load_recipe(recipe)


def test_weights_that_are_there_are_multiplied_or_replaced_only_when_asked(source: Path) -> None:
    (once,) = weigh.run(request(source)).kept
    first = open_particles(once).table.numeric(FOM)
    with pytest.raises(UserError, match="there already"):
        weigh.run(WeighRequest(once, flat(), source.parent / "again.star"))
    assert not (source.parent / "again.star").exists()
    found = {}
    for present in ("multiply", "replace"):
        asked = Weighting(present=present)
        result = weigh.run(WeighRequest(once, flat(), source.parent / "again.star", asked))
        found[present] = open_particles(result.kept[0]).table.numeric(FOM)
        assert present[:6] in result.became
    np.testing.assert_allclose(found["replace"], first, atol=1e-6)
    np.testing.assert_allclose(found["multiply"], first**2, atol=2e-6)


def test_a_column_of_another_name_can_be_asked_for(source: Path) -> None:
    result = weigh.run(request(source, weighting=Weighting("_myWeight")))
    assert "myWeight" in open_particles(result.kept[0]).table.numeric_columns
    for taken in ("rlnImageName", "rlnAngleRot"):
        with pytest.raises(UserError, match=taken):
            weigh.run(request(source, weighting=Weighting(taken)))


def test_without_a_strategy_there_is_nothing_to_do(source: Path) -> None:
    with pytest.raises(UserError, match="strategy"):
        weigh.run(request(source, Plan()))


def test_never_over_the_source(source: Path) -> None:
    with pytest.raises(UserError, match="never written over"):
        weigh.run(WeighRequest(source, flat(), source))


@pytest.mark.parametrize("kind", example_kinds())
def test_weights_go_where_the_format_s_programs_read_them(tmp_path: Path, kind: str) -> None:
    particles = open_example(kind, tmp_path, N, 5, 2)
    if kind == "cistem_binary":  # the example has no occupancies
        with pytest.raises(UserError, match="no column cisTEMOccupancy"):
            column_of(particles)
        return
    if kind not in OWN:
        assert not isinstance(example_kinds()[kind], Weighted)
        with pytest.raises(UserError, match="to take a weight per particle") as refused:
            column_of(particles)
        assert "thin instead" in refused.value.hint
        return
    name, whole = OWN[kind]
    column = column_of(particles)
    assert (column.name, column.whole) == (name, whole)
    weights = np.linspace(0.01, 1, N).round(2)
    output = tmp_path / f"weighted{particles.table.path.suffix}"
    write(particles, column, weights, "replace", output)
    made = open_particles(output)
    placed = particles.placed
    np.testing.assert_allclose(made.table.numeric(name)[placed], whole * weights[placed], rtol=1e-6)
    np.testing.assert_array_equal(made.quaternions, particles.quaternions)
    for k in range(N):
        old, new = dict(particles.table.cells(k)), dict(made.table.cells(k))
        assert is_there(particles, column) == (old.pop(name, None) is not None)
        del new[name]
        assert new == old


@pytest.mark.parametrize("form", ["cistem-binary", "cistem-star"])
def test_occupancies_of_cistem_are_weighted_in_place(source: Path, form: str) -> None:
    original = open_particles(source)
    path = source.parent / f"made{formats()[form].suffixes[0]}"
    formats()[form].create(path, format_of(original).record(original))
    result = weigh.run(WeighRequest(path, flat(), source.parent / f"out{path.suffix}"))
    made, before = open_particles(result.kept[0]), open_particles(path)
    if form == "cistem-binary":
        assert path.stat().st_size == result.kept[0].stat().st_size
    np.testing.assert_array_equal(made.quaternions, before.quaternions)
    np.testing.assert_array_equal(made.halves, before.halves)
    occupancies = made.table.numeric("cisTEMOccupancy")
    assert occupancies.max() == 100
    assert occupancies.sum() == pytest.approx(100 * result.weights.total, rel=1e-5)


def test_a_column_of_whole_numbers_takes_no_parts(source: Path) -> None:
    original = open_particles(source)
    path = source.parent / "made.cistem"
    formats()["cistem-binary"].create(path, format_of(original).record(original))
    whole = Weighting("cisTEMPositionInStack", "replace")
    out = source.parent / "out.cistem"
    with pytest.raises(UserError, match=r"cisTEMPositionInStack cannot be 0.*whole numbers"):
        weigh.run(WeighRequest(path, flat(), out, whole))
    assert not out.exists()


def test_occupancies_of_100_are_no_weights_and_rows_without_a_pose_stay(tmp_path: Path) -> None:
    lines = ["C           PSI   THETA     PHI       SHX       SHY     MAG  FILM      DF1      DF2"
             "  ANGAST     OCC      LogP      SIGMA   SCORE  CHANGE"]  # fmt: skip
    for k, (phi, occupancy) in enumerate((("10.00", 100.0), ("90.00", 100.0), ("nan", 0.0)), 1):
        lines.append(
            f"{k:7d}{30:8.2f}{20:8.2f}{phi:>8}{0:10.2f}{0:10.2f}{10000:8d}{1:6d}{15000:9.1f}"
            f"{14000:9.1f}{45:8.2f}{occupancy:8.2f}{-500:10d}{0.5:11.4f}{20:8.2f}{0:8.2f}"
        )
    path = tmp_path / "a.par"
    path.write_text("\n".join(lines) + "\n")
    particles = open_particles(path)
    became = write(
        particles, column_of(particles), np.array([0.25, 1, 1]), "refuse", tmp_path / "b.par"
    )
    assert "100" in became
    old, new = path.read_text().splitlines(), (tmp_path / "b.par").read_text().splitlines()
    assert new[1] == old[1].replace("  100.00", "   25.00")
    assert new[2:] == old[2:]


def test_columns_that_cannot_be_added_are_said(tmp_path: Path) -> None:
    particles = open_particles(shared("real/frealign/old_12col.par"))
    with pytest.raises(UserError, match="no column OCC"):
        column_of(particles)


def test_subtomograms_of_relion_have_no_reader(tmp_path: Path) -> None:
    particles = open_particles(shared("real/relion/tomo_40.star"))
    with pytest.raises(UserError, match="to take a weight per particle") as refused:
        column_of(particles)
    assert "--weight-column" in refused.value.hint
    assert column_of(particles, "anything").name == "anything"
