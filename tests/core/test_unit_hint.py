"""RELION's asymmetric units and what views in them say of a group's setting."""

from __future__ import annotations

import numpy as np
import pytest

from evenview.core.symmetry import parse_group
from evenview.core.unit_hint import relion_unit, suggest_setting
from evenview.formats import open_particles
from shared_data import shared

SETTINGS = ("D3", "D3y", "D7", "D7y", "T", "T-eman", "T222", "I1", "I2", "I3", "I4")


def uniform(n: int) -> np.ndarray:
    v = np.random.default_rng(4).normal(size=(n, 3))
    return v / np.linalg.norm(v, axis=1, keepdims=True)


def inside(v, name):
    return (v @ relion_unit(parse_group(name)).T >= 0).all(axis=1)


@pytest.mark.parametrize("name", ["D1", "D1y", *SETTINGS])
def test_every_view_has_exactly_one_equivalent_in_the_unit(name):
    copies = parse_group(name).expand(uniform(3000))
    assert (sum(inside(v, name).astype(int) for v in copies) == 1).all()


@pytest.mark.parametrize("name", SETTINGS)
def test_views_that_fill_the_unit_of_a_setting_suggest_it(name):
    v = uniform(60_000)
    hint = suggest_setting(v[inside(v, name)], parse_group(name))
    assert hint.suggested == name
    assert f"fits {name}" in hint.words
    assert set(hint.shares) >= {name}


@pytest.mark.parametrize("name", SETTINGS)
def test_views_all_around_suggest_nothing(name):
    hint = suggest_setting(uniform(3000), parse_group(name))
    assert hint.suggested is None
    assert "cannot be told" in hint.words


@pytest.mark.parametrize("name", ["C1", "C7", "D2", "D8", "O"])
def test_groups_with_one_setting_have_nothing_to_tell(name):
    hint = suggest_setting(uniform(10), parse_group(name))
    assert hint.suggested is None
    assert "one setting" in hint.words


def test_views_that_both_settings_hold_suggest_neither():
    assert suggest_setting(np.array([[0.0, 0.0, 1.0]] * 5), parse_group("D7")).suggested is None
    assert suggest_setting(np.full((4, 3), np.nan), parse_group("D7")).suggested is None


def test_a_real_refinement_of_the_proteasome_is_in_relions_setting():
    """Its views lie about +Y, where `PointGroup.fold` would put those of D7y."""
    particles = open_particles(shared("real/relion/t20s_d7_crlf.star"))
    hint = suggest_setting(particles.directions, parse_group("D7y"))
    assert hint.suggested == "D7"
    assert hint.shares["D7"] == 1.0
    assert hint.shares["D7y"] < 0.05


def test_a_real_refinement_that_was_not_folded_tells_nothing():
    particles = open_particles(shared("real/relion/betagal_unfolded_4501.star"))
    assert suggest_setting(particles.directions, parse_group("D3")).suggested is None
