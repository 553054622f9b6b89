from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenview.core import rotation
from evenview.core.binning import bin_particles
from evenview.core.errors import UserError
from evenview.core.grid import parse_grid
from evenview.core.keep import bin_quotas, choose_rows, count_halves, half_quotas
from evenview.core.particles import Particles
from evenview.core.plan import Order, Thinning
from evenview.core.symmetry import parse_group
from evenview.strategies.cap import Cap


class Columns:
    def __init__(self, score):
        self.score = score

    def numeric(self, name):
        if name != "score":
            raise UserError(f"There is no column {name}")
        return self.score


def particles(n=4000, seed=0, halves=True, unplaced=25, score=None):
    rng = np.random.default_rng(seed)
    q = rotation.random(n, rng)
    q[: n // 2, 1:3] *= 0.1
    q /= np.linalg.norm(q, axis=1, keepdims=True)
    q[rng.permutation(n)[:unplaced]] = np.nan
    codes = rng.integers(1, 3, n).astype(np.int8) if halves else None
    return Particles(Columns(rng.standard_normal(n) if score is None else score), q, codes)


def binned(rows, grid="healpix:1", look="stored", group="C1"):
    return bin_particles(rows, parse_grid(grid), parse_group(group), look)


@st.composite
def halves_and_quotas(draw):
    n = draw(st.integers(1, 60))
    top = draw(st.sampled_from([3, 50, 3000]))
    rows = [draw(st.lists(st.integers(0, top), min_size=n, max_size=n)) for _ in range(3)]
    half_counts = np.array(rows, np.int64)
    if draw(st.booleans()):
        half_counts[0] = 0
    shares = np.array(draw(st.lists(st.floats(0, 1), min_size=n, max_size=n)))
    return half_counts, np.rint(half_counts.sum(axis=0) * shares).astype(np.int64)


@settings(max_examples=300)
@given(halves_and_quotas(), st.booleans())
def test_halves_share_a_quota_out_without_loss(case, keep_halves):
    half_counts, quotas = case
    shared = half_quotas(half_counts, quotas, keep_halves)
    assert shared.dtype == np.int64
    np.testing.assert_array_equal(shared.sum(axis=0), quotas)
    assert np.all(shared >= 0)
    assert np.all(shared <= half_counts)


@settings(max_examples=100)
@given(st.integers(0, 10_000), st.floats(0.35, 0.65), st.integers(1, 200))
def test_random_halves_stand_as_before_to_within_a_particle(seed, share, cap):
    rng = np.random.default_rng(seed)
    totals = rng.integers(0, 400, 192)
    first = rng.binomial(totals, share)
    half_counts = np.stack([np.zeros(192, np.int64), first, totals - first])
    quotas = np.minimum(totals, cap)
    _, one, two = half_quotas(half_counts, quotas).sum(axis=1)
    wanted = quotas.sum() * first.sum() / totals.sum()
    assert abs(one - wanted) <= 1
    assert abs(two - (quotas.sum() - wanted)) <= 1


def test_in_each_bin_the_halves_are_thinned_alike():
    rng = np.random.default_rng(3)
    totals = rng.integers(200, 4000, 500)
    first = rng.binomial(totals, 0.5)
    half_counts = np.stack([np.zeros(500, np.int64), first, totals - first])
    quotas = totals // 3
    shared = half_quotas(half_counts, quotas)
    expected = half_counts * (quotas / totals)
    assert np.abs(shared - expected).max() < 2


def test_nothing_is_moved_where_nothing_is_thinned():
    half_counts = np.array([[0, 0], [10, 0], [0, 30]])
    np.testing.assert_array_equal(half_quotas(half_counts, half_counts.sum(axis=0)), half_counts)


def test_the_minimum_holds_and_nothing_is_made_up_for_it():
    rows = particles()
    binning = binned(rows)
    everywhere = np.ones(binning.grid.n, np.bool_)
    quotas = bin_quotas(binning, Thinning(Cap(5), minimum=20), everywhere)
    np.testing.assert_array_equal(quotas, np.minimum(binning.decision_counts, 20))


def test_only_the_selection_is_thinned_if_that_is_asked():
    binning = binned(particles())
    selected = np.zeros(binning.grid.n, np.bool_)
    selected[3] = True
    quotas = bin_quotas(binning, Thinning(Cap(5), only_selected=True), selected)
    changed = np.flatnonzero(quotas != binning.decision_counts)
    np.testing.assert_array_equal(changed, [3])
    assert np.all(bin_quotas(binning, Thinning(Cap(5)), selected) <= 5)


@pytest.mark.parametrize("keep_halves", [True, False])
@pytest.mark.parametrize("order", [Order(), Order("score"), Order("score", descending=False)])
@pytest.mark.parametrize("halves", [True, False])
def test_as_many_rows_stay_as_the_quotas_say(keep_halves, order, halves):
    rows = particles(halves=halves)
    binning = binned(rows)
    thinning = Thinning(Cap(30), keep_halves=keep_halves, order=order)
    quotas = bin_quotas(binning, thinning, np.ones(binning.grid.n, np.bool_))
    kept = choose_rows(rows, binning, quotas, thinning)
    assert kept.shape == (len(rows),)
    assert kept[~rows.placed].all()
    left = np.bincount(binning.bin_of_row[kept & rows.placed], minlength=binning.grid.n)
    np.testing.assert_array_equal(left, quotas)
    if halves and keep_halves:
        wanted = half_quotas(binning.half_counts, quotas)
        for code in (1, 2):
            mine = kept & rows.placed & (rows.halves == code)
            left = np.bincount(binning.bin_of_row[mine], minlength=binning.grid.n)
            np.testing.assert_array_equal(left, wanted[code])


@pytest.mark.parametrize("descending", [True, False])
def test_the_best_stay_and_what_is_not_a_number_goes_first(descending):
    score = np.random.default_rng(1).standard_normal(4000)
    score[::7] = np.nan
    score[5] = np.inf
    rows = particles(halves=False, score=score)
    binning = binned(rows)
    thinning = Thinning(Cap(40), order=Order("score", descending))
    quotas = bin_quotas(binning, thinning, np.ones(binning.grid.n, np.bool_))
    kept = choose_rows(rows, binning, quotas, thinning)
    worth = score if descending else -score
    for bin_ in np.flatnonzero(quotas < binning.decision_counts):
        mine = binning.bin_of_row == bin_
        stay, go = worth[mine & kept], worth[mine & ~kept]
        if np.isfinite(go).any():
            assert not np.isnan(stay).any()
            assert np.nanmin(stay) >= np.nanmax(go)


def test_the_seed_decides_and_nothing_else():
    rows = particles()
    binning = binned(rows)
    quotas = np.minimum(binning.decision_counts, 30)

    def kept(seed, cap=30):
        return choose_rows(rows, binning, quotas, Thinning(Cap(cap), seed=seed))

    np.testing.assert_array_equal(kept(1), kept(1, cap=99))
    assert (kept(1) != kept(2)).any()


def test_a_lower_quota_keeps_a_part_of_what_a_higher_one_keeps():
    rows = particles(halves=False)
    binning = binned(rows)
    few, many = (
        choose_rows(rows, binning, np.minimum(binning.decision_counts, n), Thinning(Cap(n)))
        for n in (10, 50)
    )
    assert np.all(many[few])


def test_equals_are_not_taken_in_file_order():
    rows = particles(halves=False, score=np.zeros(4000))
    binning = binned(rows)
    quotas = np.minimum(binning.decision_counts, 100)
    kept = choose_rows(rows, binning, quotas, Thinning(Cap(100), order=Order("score")))
    fullest = np.flatnonzero(binning.bin_of_row == binning.decision_counts.argmax())
    first_half = fullest[: len(fullest) // 2]
    assert 25 < kept[first_half].sum() < 75


def test_the_draw_is_numpys_raw_pcg64():
    # Of one bin the row of the lowest draw stays: written down from the generator's own stream.
    q = np.tile([1.0, 0, 0, 0], (5, 1))
    rows = Particles(None, q)
    binning = binned(rows, "healpix:0")
    quotas = np.minimum(binning.decision_counts, 1)
    kept = choose_rows(rows, binning, quotas, Thinning(Cap(1), seed=42))
    np.testing.assert_array_equal(kept, np.arange(5) == LOWEST_OF_FIVE_SEED_42)


#: The raw stream of PCG64(42) begins 0xc621…, 0x705a…, 0xdbcd…, 0xb286…, 0x181c….
LOWEST_OF_FIVE_SEED_42 = 4


def test_a_column_that_is_not_there_is_told():
    rows = particles()
    binning = binned(rows)
    with pytest.raises(UserError, match="no column"):
        choose_rows(rows, binning, binning.decision_counts // 2, Thinning(Cap(1), order=Order("x")))


def test_halves_are_counted_over_all_rows():
    rows = particles(unplaced=100)
    one, two = count_halves(rows)
    assert one + two == len(rows)
    kept = np.zeros(len(rows), np.bool_)
    kept[:10] = True
    assert sum(count_halves(rows, kept)) == 10
    assert count_halves(particles(halves=False)) is None
