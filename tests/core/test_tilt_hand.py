"""The hand from defocus, of data made by each package's own rule."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evenview.core.tilt.hand import (
    Measured,
    Sides,
    depth_sign_of,
    hand_of,
    points_of,
    right_side,
)
from evenview.core.tilt.packages import PACKAGES, across_axis, matrices_of
from evenview.core.tilt.relation import combinations
from evenview.core.tilt.series import TiltSeries
from evenview.core.tilt.slope import robust_slope
from made_tilt import ANGLES, AXIS
from shared_data import shared


def series(
    package: str = "imod", axis: float = AXIS, n: int = len(ANGLES), most: float = ANGLES[-1]
) -> TiltSeries:
    angles = np.linspace(-most, most, n)
    return TiltSeries("TS", (Path("TS"),), package, angles, np.full(n, axis), np.zeros(n))


def sides(right_more: bool, noise: float = 0.0, apart: float | None = 2000.0) -> Sides:
    """Halves of IMOD's aligned images: the right one more (or less) underfocused at + tilt."""
    rng = np.random.default_rng(7)
    half = (1 if right_more else -1) * 1000 * np.tan(np.radians(ANGLES))
    centre = 30_000 + rng.normal(0, 500, len(ANGLES))
    left, right = (centre + s * half + rng.normal(0, noise, len(ANGLES)) for s in (-1, 1))
    return Sides(np.arange(len(ANGLES)), left, right, apart)


def test_imods_rule_is_relions_hand_minus_1_and_warps_flip():
    found = hand_of(series(), sides(right_more=True, noise=100))
    assert found.slope.value == pytest.approx(1, abs=0.05)
    assert found.depth_sign == -1
    assert not found.odd
    assert PACKAGES["relion"].flags[1] == "rlnTomoHand -1"
    assert PACKAGES["warp"].flags[1] == "flip"


def test_the_opposite_gradient_is_the_opposite_hand():
    found = hand_of(series(), sides(right_more=False, noise=100))
    assert found.slope.value == pytest.approx(-1, abs=0.05)
    assert found.depth_sign == 1


def test_eman2_is_right_at_the_axis_plus_180_for_imods_rule():
    sign = hand_of(series(), sides(right_more=True)).depth_sign
    right = {
        (c.turned_axis, c.negated)
        for c in combinations(series())
        if c.package == "eman2" and depth_sign_of(c, sign) == PACKAGES["eman2"].focus
    }
    assert right == {(True, False), (False, True)}


def test_without_lengths_only_the_sign_counts():
    found = hand_of(series(), sides(right_more=True, noise=50, apart=None))
    assert found.depth_sign == -1
    assert not found.scaled
    assert not found.odd


@pytest.mark.parametrize("most", [90.0, 89.97])
def test_a_plane_that_is_seen_from_its_edge_tells_no_depth(most):
    """Rods are tilted by all of 180°: at the ends the slab that is asked about is a line."""
    whole, n = series(most=most), len(ANGLES)
    rng = np.random.default_rng(3)
    half = 1000 * np.tan(np.radians(np.clip(whole.angles, -85, 85)))
    found = Sides(np.arange(n), 3e4 - half, 3e4 + half + rng.normal(0, 50, n), 2000.0)
    points = points_of(whole, found)
    assert points.edge_on == 2
    np.testing.assert_array_equal(points.tilts, np.arange(1, n - 1))
    hand = hand_of(whole, found)
    assert (hand.depth_sign, hand.tilts, hand.edge_on) == (-1, n - 2, 2)
    ends = Sides(found.tilts[[0, -1]], found.left[[0, -1]], found.right[[0, -1]])
    assert hand_of(whole, ends).slope is None
    assert hand_of(whole, ends).edge_on == 2


@pytest.mark.parametrize("sign", [1, -1])
def test_places_in_the_tomogram_have_a_depth_at_every_tilt(sign):
    whole = series(most=90.0)
    rng = np.random.default_rng(4)
    tilts = np.repeat(np.arange(len(whole)), 6)
    places = rng.uniform(-500, 500, (len(tilts), 3))
    depths = np.einsum("ni,ni->n", matrices_of(whole)[tilts, 2], places)
    hand = hand_of(whole, Measured(tilts, places, 3e4 + sign * 2.0 * depths, 2.0))
    assert (hand.depth_sign, hand.tilts, hand.edge_on) == (sign, len(whole), 0)
    assert hand.slope is not None
    assert hand.slope.value == pytest.approx(-sign, abs=1e-6)


def test_noise_alone_decides_nothing():
    flat = sides(right_more=True, noise=400)
    noise = np.random.default_rng(1).normal(0, 400, (2, len(ANGLES)))
    found = hand_of(series(), Sides(flat.tilts, 3e4 + noise[0], 3e4 + noise[1], 2000.0))
    assert found.depth_sign is None


@pytest.mark.parametrize("seed", range(10))
def test_failed_fits_do_not_count(seed):
    rng = np.random.default_rng(seed)
    good = sides(right_more=True, noise=100)
    wild = rng.choice(len(ANGLES), 4, replace=False)
    right = good.right.copy()
    right[wild] += rng.choice([-1, 1], 4) * rng.uniform(5_000, 60_000, 4)
    found = hand_of(series(), Sides(good.tilts, good.left, right, 2000.0))
    assert found.depth_sign == -1
    assert found.slope.value == pytest.approx(1, abs=0.15)
    assert found.slope.outliers >= 4


@pytest.mark.parametrize(("tilts", "wild"), [(4, 0.0), (11, 0.0), (11, 0.1), (31, 0.0)])
def test_noise_alone_decides_less_than_1_time_in_100(tilts, wild):
    """Of 300 series without a hand; at 3 standard errors chance decides 1 in 370."""
    rng = np.random.default_rng(tilts)
    one, rows = series(n=tilts), np.arange(tilts)
    decided = 0
    for _ in range(300):
        left, right = 3e4 + rng.normal(0, 300, (2, tilts))
        right = right + (rng.random(tilts) < wild) * rng.normal(0, 8000, tilts)
        decided += hand_of(one, Sides(rows, left, right, 2000.0)).depth_sign is not None
    assert decided < 3


@pytest.mark.parametrize(("tilts", "each"), [(4, 5), (8, 5), (21, 2)])
def test_tilts_whose_values_err_together_decide_no_more(tilts, each):
    """Each tilt has a gradient of its own, as astigmatism or a bad fit makes it."""
    rng = np.random.default_rng(each)
    one, rows = series(n=tilts), np.repeat(np.arange(tilts), each)
    decided = 0
    for _ in range(100):
        places = rng.uniform(-1500, 1500, (len(rows), 2))
        wrong = rng.normal(0, 0.05, tilts)[rows] * places[:, 0]
        found = Measured(rows, places, 3e4 + wrong + rng.normal(0, 100, len(rows)), 1.0)
        decided += hand_of(one, found).depth_sign is not None
    assert decided < 2


def test_differences_that_nobody_can_measure_decide_nothing():
    """10 Å on a perfect line, and rounding to 1 Å."""
    for n in (4, 21):
        one, rows = series(n=n), np.arange(n)
        tangent = np.tan(np.radians(one.angles))
        for apart in (None, 10.0):
            found = hand_of(one, Sides(rows, 3e4 - 5 * tangent, 3e4 + 5 * tangent, apart))
            assert found.depth_sign is None
            assert found.slope.value > 0


def test_three_tilts_decide_nothing_however_many_values():
    one = series(n=3)
    rows = np.repeat(np.arange(3), 200)
    rng = np.random.default_rng(1)
    places = rng.uniform(-2000, 2000, (600, 2))
    across = places @ across_axis(AXIS)[0]
    defocus = 3e4 + across * np.tan(np.radians(one.angles))[rows]
    found = hand_of(one, Measured(rows, places, defocus, 1.0))
    assert found.slope.value == pytest.approx(1, abs=1e-6)
    assert found.doubt == "tilts"
    assert found.depth_sign is None


def test_a_slope_of_neither_hand_decides_nothing():
    found = hand_of(series(), sides(right_more=True, noise=1, apart=40_000.0))
    assert found.slope.value == pytest.approx(0.05, abs=0.01)
    assert found.doubt == "flat"
    assert found.depth_sign is None


def test_missing_values_are_left_out_and_few_decide_nothing():
    good = sides(right_more=True, noise=50)
    left = good.left.copy()
    left[::2] = np.nan
    assert hand_of(series(), Sides(good.tilts, left, good.right, 2000.0)).depth_sign == -1
    left[3:] = np.nan
    assert hand_of(series(), Sides(good.tilts, left, good.right, 2000.0)).depth_sign is None
    assert hand_of(series(), Sides(good.tilts, left * np.nan, good.right)).slope is None


@pytest.mark.parametrize(("column", "hand"), [("relion_hand_minus1", -1), ("relion_hand_plus1", 1)])
@pytest.mark.parametrize("package", ["relion", "eman2", "warp"])
def test_relions_defocus_gives_relions_hand(column, hand, package):
    """RELION's own numbers of defocus at places in the tomogram, read in other geometries."""
    numbers = np.load(shared("vectors/tomo_defocus.npz"))
    tilts, axes = numbers["tilt_axis"].T
    angles = tilts * PACKAGES[package].sign
    one = TiltSeries("TS", (Path("TS"),), package, angles, axes, np.zeros(len(tilts)))
    points, defocus = numbers["points_px"], numbers[column]
    rows = np.repeat(np.arange(len(tilts)), len(points))
    places = np.tile(points, (len(tilts), 1))
    found = hand_of(one, Measured(rows, places, defocus.ravel(), float(numbers["apix"])))
    assert found.depth_sign == hand
    assert found.slope.value == pytest.approx(-hand, abs=1e-6)


def particles(sign: int, noise: float, wild: float, axis: float = AXIS) -> Measured:
    """Defocus of particles in images, about a corner, by the depth of a specimen of one plane."""
    rng = np.random.default_rng(11)
    tilts = np.repeat(np.arange(len(ANGLES)), 60)
    across, along = rng.uniform(-400, 400, (2, len(tilts)))
    tangent = np.tan(np.radians(ANGLES))[tilts]
    centre = rng.normal(3e4, 1e3, len(ANGLES))[tilts]
    defocus = centre - sign * 2.0 * across * tangent + rng.normal(0, noise, len(tilts))
    lost = rng.random(len(tilts)) < wild
    defocus[lost] = rng.uniform(5e3, 8e4, lost.sum())
    right, up = across_axis(axis)[0], across_axis(axis + 90)[0]
    places = across[:, None] * right + along[:, None] * up + (2000, 1800)
    return Measured(tilts, places, defocus, 2.0)


@pytest.mark.parametrize("sign", [1, -1])
def test_defocus_of_particles_in_images(sign):
    found = hand_of(series(), particles(sign, noise=300, wild=0.2))
    assert found.depth_sign == sign
    assert found.slope.value == pytest.approx(-sign, abs=0.05)
    assert found.tilts == len(ANGLES)


def test_a_wrong_pixel_size_is_odd():
    made = particles(-1, 100, 0.0)
    found = hand_of(series(), Measured(made.tilts, made.places, made.defocus, 10.0))
    assert found.depth_sign == -1
    assert found.odd


def test_a_wrong_axis_decides_nothing():
    made = particles(-1, 300, 0.0, axis=AXIS + 90)
    assert hand_of(series(), made).depth_sign is None


@pytest.mark.parametrize("package", PACKAGES)
def test_which_side_is_more_underfocused(package):
    more_at_plus = {-1: "more", 1: "less"}
    if PACKAGES[package].sign < 0:
        more_at_plus = {-1: "less", 1: "more"}
    assert {sign: right_side(package, sign) for sign in (-1, 1)} == more_at_plus


def test_errors_are_those_of_the_scatter():
    """The spread of slopes over many data sets is what each of them says."""
    rng = np.random.default_rng(2)
    x = np.tile(np.linspace(-1, 1, 30), 2)
    groups = np.repeat([0, 1], 30)
    found = [robust_slope(x, 2 * x + groups + rng.normal(0, 0.2, 60), groups) for _ in range(150)]
    values, errors = np.array([(s.value, s.error) for s in found]).T
    assert values.mean() == pytest.approx(2, abs=0.02)
    assert errors.mean() == pytest.approx(values.std(), rel=0.15)


def test_tilts_that_err_together_widen_the_error():
    rng = np.random.default_rng(4)
    groups = np.repeat(np.arange(8), 200)
    x = rng.uniform(-1, 1, len(groups))
    wrong = rng.normal(0, 0.3, 8)[groups]  # each group has a slope of its own
    y = (1 + wrong) * x + rng.normal(0, 0.1, len(x))
    assert robust_slope(x, y, groups).error > 0.05


def test_a_vertical_line_has_no_slope():
    assert robust_slope(np.zeros(9), np.arange(9.0), np.zeros(9, int)) is None
    assert robust_slope(np.arange(9.0), np.arange(9.0), np.arange(9)) is None
