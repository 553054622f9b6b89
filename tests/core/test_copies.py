from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evenview.core import copies, rotation
from evenview.core.binning import bin_particles
from evenview.core.grid import parse_grid
from evenview.core.keep import choose_rows
from evenview.core.particles import Particles
from evenview.core.plan import Thinning
from evenview.core.symmetry import parse_group
from evenview.strategies.cap import Cap

CASES = [("healpix:3", "C4"), ("healpix:3", "C3"), ("fibonacci:192", "D2"), ("azel:10", "O")]


def crowded(n=60_000):
    rng = np.random.default_rng(4)
    q = rotation.random(n, rng)
    q[: n // 2, 1:3] *= 0.3
    return Particles(None, q / np.linalg.norm(q, axis=1, keepdims=True))


def binned(rows, grid, group, look="expanded"):
    return bin_particles(rows, parse_grid(grid), parse_group(group), look)


@pytest.mark.parametrize(("grid", "group"), CASES)
def test_the_flow_accounts_for_every_copy(grid, group):
    rows = crowded()
    binning = binned(rows, grid, group)
    flow = copies.flow(binning, rows)
    np.testing.assert_allclose(flow.sum(axis=1), binning.counts)
    np.testing.assert_allclose(flow.sum(axis=0), binning.group.order * binning.decision_counts)


@pytest.mark.parametrize(("grid", "group"), CASES)
def test_what_is_foretold_is_what_the_kept_rows_show(grid, group):
    rows = crowded()
    binning = binned(rows, grid, group)
    quotas = np.minimum(binning.decision_counts, 60)
    foretold = copies.after_thinning(binning, rows, quotas)
    kept = choose_rows(rows, binning, quotas, Thinning(Cap(60)))
    counted = binned(replace(rows, quaternions=rows.quaternions[kept]), grid, group).counts
    assert foretold.sum() == pytest.approx(counted.sum())
    # Chance decides which particles of a bin stay: at most its shot noise, 60 at a time.
    shot = np.sqrt(np.maximum(foretold, 1) * binning.group.order)
    assert np.abs((foretold - counted) / shot).max() < 5


def test_bins_that_map_onto_bins_are_foretold_exactly():
    rows = crowded()
    binning = binned(rows, "healpix:3", "C4")
    quotas = np.minimum(binning.decision_counts, 60)
    kept = choose_rows(rows, binning, quotas, Thinning(Cap(60)))
    counted = binned(replace(rows, quaternions=rows.quaternions[kept]), "healpix:3", "C4").counts
    np.testing.assert_allclose(copies.after_thinning(binning, rows, quotas), counted, atol=0.5)


def test_a_sample_of_the_copies_tells_nearly_the_same(monkeypatch):
    rows = crowded()
    whole = binned(rows, "healpix:2", "C3")
    quotas = np.minimum(whole.decision_counts, 60)
    exact = copies.after_thinning(whole, rows, quotas)
    monkeypatch.setattr(copies, "SAMPLE", 60_000)
    sampled = copies.after_thinning(binned(rows, "healpix:2", "C3"), rows, quotas)
    assert sampled.sum() == pytest.approx(exact.sum(), rel=0.002)
    assert np.abs(sampled - exact).max() < 0.15 * exact.max()


@pytest.mark.parametrize("look", ["stored", "folded", "expanded"])
def test_without_thinning_nothing_changes(look):
    rows = crowded(5000)
    binning = binned(rows, "healpix:2", "D7", look)
    after = copies.after_thinning(binning, rows, binning.decision_counts)
    np.testing.assert_array_equal(after, binning.counts)


def test_dropping_everything_leaves_nothing():
    rows = crowded(5000)
    binning = binned(rows, "healpix:2", "D7")
    after = copies.after_thinning(binning, rows, np.zeros_like(binning.decision_counts))
    np.testing.assert_allclose(after, 0, atol=1e-9)
