"""What every strategy in the folder must keep to, whoever adds it."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from evenview.core.errors import UserError
from evenview.core.foresight import Foresight
from evenview.core.grid import parse_grid
from evenview.core.plan import Plan, Thinning
from evenview.core.recipe import plan_from_json, plan_to_json
from evenview.core.sampling import ORDER, half_bins, shell
from evenview.core.thinning import BinTable, Strategy
from evenview.strategies import DEFAULT, family, files, parameters, strategies


def every(kinds):
    return pytest.mark.parametrize("strategy", kinds, ids=[kind.name for kind in kinds])


ALL = every(list(strategies().values()))
IDEMPOTENT = every([kind for kind in strategies().values() if kind.idempotent])
#: For the others a fuller bin may be worth less.
BY_COUNT = every([kind for kind in strategies().values() if not kind.looks_ahead])


@st.composite
def tables(draw):
    """Bins of all sorts: empty, without area, a thousand times fuller than the next."""
    n = draw(st.integers(1, 40))
    counts = draw(
        st.lists(
            st.one_of(st.just(0), st.integers(0, 30), st.integers(0, 5000)), min_size=n, max_size=n
        )
    )
    areas = draw(st.lists(st.sampled_from([0.0, 0.01, 0.5, 1.0, 1.0, 1.7]), min_size=n, max_size=n))
    selected = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    counts, areas = np.array(counts, np.int64), np.array(areas)
    ahead = foreseen(counts, areas)
    return BinTable(counts, areas, np.array(selected, np.bool_), ahead)


def foreseen(counts, areas):
    """Foresight of views that lie at the centres of HEALPix bins."""
    at = half_bins(ORDER).index_of(parse_grid("healpix:1").centers[: len(counts)])
    pairs = (counts.astype(float), (at, np.arange(len(counts))))
    fine = csr_array(pairs, shape=(len(half_bins(ORDER).centers), len(counts)))
    return Foresight(counts, areas, fine, shell("C1", 10))


def settings_of(strategy):
    """Instances with every parameter anywhere in its range."""

    def values(about):
        if about.whole:
            return st.integers(about.low, min(about.high, about.low + 20_000))
        return st.floats(about.low, about.high)

    return st.builds(strategy, **{about.name: values(about) for about in parameters(strategy)})


def quotas_or_none(strategy, bins):
    try:
        return strategy.quotas(bins)
    except UserError:
        return None


@ALL
@settings(max_examples=25, deadline=None)
@given(data=st.data(), bins=tables())
def test_quotas_only_ever_take_from_what_may_be_thinned(strategy, data, bins):
    before = bins.counts.copy()
    quotas = quotas_or_none(data.draw(settings_of(strategy)), bins)
    np.testing.assert_array_equal(bins.counts, before)
    if quotas is None:
        return
    assert quotas.shape == bins.counts.shape
    assert quotas.dtype == np.int64
    assert np.all(quotas >= 0)
    assert np.all(quotas <= bins.counts)
    untouched = ~bins.selected | (bins.areas == 0) | (bins.counts == 0)
    np.testing.assert_array_equal(quotas[untouched], bins.counts[untouched])


@ALL
@settings(max_examples=20, deadline=None)
@given(data=st.data(), bins=tables())
def test_the_same_bins_give_the_same_quotas(strategy, data, bins):
    chosen = data.draw(settings_of(strategy))
    one, two = (quotas_or_none(chosen, bins) for _ in range(2))
    assert (one is None) == (two is None)
    if one is not None:
        np.testing.assert_array_equal(one, two)


@IDEMPOTENT
@settings(max_examples=25, deadline=None)
@given(data=st.data(), bins=tables())
def test_thinning_twice_changes_nothing_where_that_is_promised(strategy, data, bins):
    chosen = data.draw(settings_of(strategy))
    once = quotas_or_none(chosen, bins)
    if once is not None:
        twice = chosen.quotas(dataclasses.replace(bins, counts=once))
        np.testing.assert_array_equal(twice, once)


@BY_COUNT
@settings(max_examples=25, deadline=None)
@given(data=st.data(), bins=tables())
def test_a_fuller_bin_of_equal_area_keeps_no_less(strategy, data, bins):
    even = BinTable(bins.counts, np.ones(len(bins.counts)), np.ones(len(bins.counts), np.bool_))
    quotas = quotas_or_none(data.draw(settings_of(strategy)), even)
    if quotas is not None:
        order = np.argsort(bins.counts, kind="stable")
        # A particle left over may go to either of two equally full bins.
        assert np.all(np.diff(quotas[order]) >= -1)


@ALL
def test_a_strategy_can_be_shown_and_steered(strategy):
    assert isinstance(strategy(), Strategy)
    assert strategy.title
    assert strategy.help.endswith(".")
    assert dataclasses.is_dataclass(strategy)
    shown = (*files(strategy), *parameters(strategy))
    assert {f.name for f in dataclasses.fields(strategy)} == {about.name for about in shown}
    assert all(about.title and about.help and about.none for about in files(strategy))
    for about in parameters(strategy):
        assert about.title
        assert about.help
        assert about.unit
        assert about.low <= about.default <= about.high
        assert 0 < about.step <= about.high - about.low
        assert {type(about.default), type(about.step)} in ({int}, {float})


@ALL
def test_the_example_is_the_one_file_whatever_it_is_called(strategy):
    assert strategy().example == ""
    for about in files(strategy):
        assert strategy(**{about.name: "a/b.star"}).example == "a/b.star"
    assert len(files(strategy)) <= 1


@ALL
def test_a_strategy_is_a_value(strategy):
    assert strategy() == strategy()
    assert hash(strategy()) == hash(strategy())
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(strategy(), parameters(strategy)[0].name, 1)


@ALL
def test_no_parameter_leaves_its_range(strategy):
    for about in parameters(strategy):
        beyond = [about.low - about.step, about.high + about.step, float("nan"), "many", True]
        for value in [*beyond, *([about.low + 0.5] if about.whole else [])]:
            with pytest.raises(UserError, match=about.title):
                strategy(**{about.name: value})
        for value in (about.low, about.high):
            assert getattr(strategy(**{about.name: value}), about.name) == value


@ALL
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_strategy_survives_a_recipe(strategy, data):
    plan = Plan(thinning=Thinning(data.draw(settings_of(strategy))))
    text = json.dumps(plan_to_json(plan))
    assert plan_from_json(json.loads(text), strategies()) == plan


def test_strategies_are_found_by_folder_under_their_names():
    assert all(name == strategy.name for name, strategy in strategies().items())
    assert {"percentile", "cap", "times_uniform", "mean_sd", "target"} <= set(strategies())
    ahead = {name for name, strategy in strategies().items() if strategy.looks_ahead}
    assert {"redundancy", "redundancy_number", "redundancy_loss", "best_trade"} <= ahead
    assert next(iter(strategies())) == DEFAULT


@ALL
def test_of_a_family_each_has_a_parameter_of_its_own(strategy):
    kin = family(strategy.name)
    assert kin[0] is strategy
    own = [{about.name for about in parameters(one)} for one in kin]
    assert all(len(mine - other) for mine in own for other in own if mine is not other)
