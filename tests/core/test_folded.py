"""Which group's asymmetric unit views fill."""

from __future__ import annotations

import numpy as np
import pytest

from evenview.core.folded import suggest_group
from evenview.core.symmetry import parse_group
from evenview.core.unit_hint import relion_unit
from evenview.formats import open_particles
from made_views import cone, even, side, skewed, turned
from shared_data import shared


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("name", ["D3", "D5", "D7", "T", "T222", "I1", "I2", "I3", "I4"])
def test_views_that_fill_a_unit_suggest_its_group(name):
    v = even(60_000 if name[0] == "I" else 20_000, rng())
    inside = (v @ relion_unit(parse_group(name)).T >= 0).all(axis=1)
    hint = suggest_group(v[inside])
    assert hint is not None
    assert hint.group == name
    assert name in hint.words


@pytest.mark.parametrize("n", [2, 3, 4, 6])
def test_rings_of_axes_are_told_by_their_azimuths(n):
    v = even(20_000, rng())
    azimuth = np.degrees(np.arctan2(v[:, 1], v[:, 0]))
    wedge = suggest_group(v[np.abs(azimuth) < 180 / n])
    lune = suggest_group(v[(np.abs(azimuth - 90) < 180 / n) & (v[:, 2] > 0)])
    assert wedge is not None
    assert lune is not None
    assert (wedge.group, lune.group) == (f"C{n}", f"D{n}")


@pytest.mark.parametrize(
    "make",
    [
        even,
        side,
        skewed,
        lambda n, r: cone(n, 20, r),
        lambda n, r: cone(n, 60, r),
        lambda n, r: cone(n, 90, r),
        lambda n, r: turned(cone(n, 30, r), r),
    ],
)
def test_preferred_views_suggest_none(make):
    for seed in range(3):
        assert suggest_group(make(4_000, rng(seed))) is None


def test_too_few_views_suggest_none():
    assert suggest_group(np.array([[0.0, 0.0, 1.0]] * 50)) is None
    assert suggest_group(np.full((1_000, 3), np.nan)) is None


@pytest.mark.parametrize(
    ("name", "group"),
    [("t20s_d7_crlf", "D7"), ("betagal_d2_452", "D2"), ("betagal_unfolded_4501", None)],
)
def test_real_refinements(name, group):
    hint = suggest_group(open_particles(shared(f"real/relion/{name}.star")).directions)
    assert (hint and hint.group) == group
