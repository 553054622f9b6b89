"""Maps laid over each other: against motions that are exact, since maps are sums of Gaussians."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import made_maps as made
from evenview.core.align.aligning import align
from evenview.core.align.alignment import MODERATELY, NOTHING
from evenview.core.align.grid import grid_of
from evenview.core.align.pose import angle_of
from evenview.core.align.prepare import (
    Frame,
    border_mean,
    brought_in,
    require_given_size,
)
from evenview.core.align.settings import Settings
from evenview.core.align.superpose import Likeness, ball, difference, filtered, moved
from evenview.core.align.words import warnings
from evenview.core.errors import UserError
from evenview.core.motion import Motion, mirror
from evenview.core.progress import Cancelled
from evenview.core.symmetry import parse_group
from evenview.core.volume import Volume
from shared_data import shared

BOX, PIXEL, RADIUS = 48, 3.0, 42.0
SHIFT = np.array([5.0, -7.0, 3.0])
#: For what does not try the search itself, which takes most of the time.
NEAR = Settings(max_angle=30.0)


def two_maps(seed=1, flipped=False, lost=0, noise=0.0, turn=None, shift=SHIFT, sigma=3.6):
    """A reference, a map that the motion (turn, shift, hand) takes to it, and that turn."""
    points, weights = made.chain(seed, RADIUS)
    turn = made.any_turn(seed + 50) if turn is None else turn
    still = made.density(points, weights, (BOX,) * 3, PIXEL, sigma)
    was = made.before(points[lost:], turn, shift, flipped)
    other = made.density(was, weights[lost:], (BOX,) * 3, PIXEL, sigma)
    sd = noise * still.std()
    rng = np.random.default_rng(seed)
    still, other = (v + rng.normal(0.0, sd, v.shape) for v in (still, other))
    return made.as_volume(still, PIXEL, "still"), made.as_volume(other, PIXEL, "other"), turn


def off(found, turn, shift=SHIFT):
    """Degrees and Å by which an answer is wrong."""
    pose = found.pose
    return angle_of(pose.rotation @ turn.T), float(np.linalg.norm(pose.shift - shift))


def test_clean_maps_are_laid_over_exactly():
    still, other, turn = two_maps(flipped=True)
    found = align(still, other)
    angle, shift = off(found, turn)
    assert found.pose.flipped
    assert angle < 0.01
    assert shift < 0.01 * PIXEL
    assert found.hand_margin > 0.3
    assert found.after > 0.999 > found.before
    assert not warnings(found)


@pytest.mark.parametrize(("flipped", "lost"), [(False, 0), (True, 100)])
def test_noisy_maps_and_one_that_misses_a_third(flipped, lost):
    still, other, turn = two_maps(1, flipped, lost, noise=0.05, sigma=3.0)
    found = align(still, other)
    angle, shift = off(found, turn)
    assert found.pose.flipped == flipped
    assert angle < 0.2
    assert shift < 0.05 * PIXEL


@pytest.mark.parametrize("seed", [2, 3])
def test_noisy_maps_that_lie_over_each_other_stay(seed):
    """On one lattice for both, interpolation would push them apart by nearly a degree."""
    still, other, _ = two_maps(seed, noise=0.1, sigma=2.5, turn=np.eye(3), shift=np.zeros(3))
    found = align(still, other, NEAR)
    assert found.pose.angle < 0.15
    assert np.linalg.norm(found.pose.shift) < 0.05 * PIXEL


def test_a_pose_is_that_of_the_part_which_has_not_moved():
    """Nearly two fifths of the mass turn by 20° and 12°: both ends of the molecule."""
    points, weights = made.chain(5, RADIUS)
    turn = made.turn_about([1.0, 2.0, -1.0], 9.0)
    changed = made.bent(points, [0.2, -0.5, 0.8])
    still = made.density(points, weights, (BOX,) * 3, PIXEL)
    other = made.density(made.before(changed, turn, SHIFT, False), weights, (BOX,) * 3, PIXEL)
    first, second = (made.noisy(values, 0.2, seed) for seed, values in enumerate((still, other)))
    found = align(made.as_volume(first, PIXEL), made.as_volume(second, PIXEL), NEAR)
    assert off(found, turn)[0] < 0.6


def test_box_voxels_and_shape_may_differ():
    points, weights = made.chain(4, 40.0)
    turn, shift = made.any_turn(9), np.array([4.0, 2.0, -6.0])
    still = made.density(points, weights, (48, 50, 45), 2.7)
    other = made.density(made.before(points, turn, shift, True), weights, (66, 60, 71), 2.1)
    found = align(made.as_volume(still, 2.7), made.as_volume(other, 2.1))
    angle, error = off(found, turn, shift)
    assert found.pose.flipped
    assert angle < 0.02
    assert error < 0.03


@pytest.mark.parametrize("name", ["D7", "I"])
def test_any_answer_is_right_that_the_symmetry_allows(name):
    group = parse_group(name).matrices
    rng = np.random.default_rng(3)
    unit = rng.normal(size=(10, 3)) * 8.0 + [30.0, 0.0, 12.0]
    points = np.concatenate([unit @ s.T for s in group])
    weights = np.ones(len(points))
    turn = made.any_turn(5)
    still = made.density(points, weights, (BOX,) * 3, PIXEL)
    other = made.density(made.before(points, turn, SHIFT, True), weights, (BOX,) * 3, PIXEL)
    found = align(made.as_volume(still, PIXEL), made.as_volume(other, PIXEL))
    assert found.pose.flipped
    errors = [off(found, s @ turn, s @ SHIFT) for s in group]
    angle, shift = min(errors)
    assert angle < 0.1
    assert shift < 0.1 * PIXEL
    assert len(found.ambiguous) > 3
    assert any("symmetr" in words for words in warnings(found))


@pytest.mark.parametrize(("name", "noise"), [("C2", 1.2), ("C4", 1.2), ("D7", 3.0)])
def test_what_symmetry_repeats_is_no_doubt_in_coarse_and_noisy_maps(name, noise):
    # shells beyond those that decide hold noise alone, and mates fit as well as the best pose
    group = parse_group(name).matrices
    unit = made.chain(6, 30.0, 420 // len(group))[0] + [24.0, 0.0, 12.0]
    points = np.concatenate([unit @ s.T for s in group])
    turn = made.any_turn(5)
    maps = [
        made.noisy(made.density(where, np.ones(len(where)), (BOX,) * 3, PIXEL), noise, seed)
        for seed, where in enumerate((points, made.before(points, turn, SHIFT, True)))
    ]
    found = align(*(made.as_volume(values, PIXEL) for values in maps))
    assert min(off(found, s @ turn, s @ SHIFT)[0] for s in group) < 0.6
    assert found.pose.flipped
    assert found.likeness < MODERATELY
    assert found.beyond < NOTHING
    assert not found.unlike
    assert all(other.same for other in found.ambiguous)
    assert [words for words in warnings(found) if "as much like itself" in words]


def test_a_small_turn_is_found_within_a_small_limit():
    q = made.any_turn(3)
    small = q @ np.array([[0.996194698, -0.087155743, 0], [0.087155743, 0.996194698, 0], [0, 0, 1]])
    still, other, turn = two_maps(turn=small @ q.T)
    found = align(still, other, Settings(max_angle=10.0, max_shift=12.0, hands="same"))
    angle, shift = off(found, turn)
    assert angle < 0.02
    assert shift < 0.05


def test_the_hand_stays_where_it_is_to():
    still, other, _ = two_maps(flipped=True)
    found = align(still, other, replace(NEAR, hands="same"))
    assert not found.pose.flipped


def test_unlike_maps_are_told_of():
    rng = np.random.default_rng(0)
    noise = [made.as_volume(rng.normal(size=(BOX,) * 3), PIXEL) for _ in range(2)]
    found = align(*noise)
    assert found.unlike
    assert any("hardly correlate" in words for words in warnings(found))


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_two_molecules_that_have_nothing_to_do_with_each_other(noise):
    maps = []
    for seed in (21, 22):
        values = made.density(*made.chain(seed, RADIUS), (BOX,) * 3, PIXEL)
        maps.append(made.as_volume(made.noisy(values, noise, seed), PIXEL))
    found = align(*maps)
    assert found.unlike
    assert any("hardly correlate" in words for words in warnings(found))


def test_a_low_pass_leaves_out_what_is_finer():
    still, other, turn = two_maps()
    found = align(still, other, Settings(lowpass=14.0))
    assert found.frame.side / found.frame.limit >= 14.0
    assert off(found, turn)[0] < 0.1


def test_masks_leave_out_what_is_not_the_molecule():
    still, other, turn = two_maps()
    z, y, x = made.axes((BOX,) * 3, np.full(3, PIXEL))
    far = np.exp(-((z[:, None, None] - 60) ** 2 + (y[:, None] - 55) ** 2 + (x - 50) ** 2) / 98.0)
    spoilt = made.as_volume(other.values + 50 * other.values.max() * far, PIXEL, "spoilt")
    soft = np.clip((70.0 - np.sqrt(z[:, None, None] ** 2 + y[:, None] ** 2 + x**2)) / 8.0, 0, 1)
    found = align(still, spoilt, moving_mask=made.as_volume(soft, PIXEL, "mask"))
    assert off(found, turn)[0] < 0.3


def test_cancel_stops_within_a_map():
    still, other, _ = two_maps()

    def stop(fraction, phrase):
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        align(still, other, progress=stop)


@pytest.mark.parametrize(
    ("values", "size", "words"),
    [
        (np.ones((20, 20, 20)), 2.0, "flat"),
        (np.eye(8)[:, :, None] * np.ones(8), 2.0, "too small"),
        (np.random.default_rng(0).normal(size=(20,) * 3), None, "does not say"),
        (np.random.default_rng(0).normal(size=(20,) * 3), 900.0, "cannot be right"),
    ],
)
def test_maps_that_cannot_be_aligned(values, size, words):
    still, _, _ = two_maps()
    with pytest.raises(UserError, match=words):
        align(still, Volume(values.astype(np.float32), size))


@pytest.mark.parametrize("size", [0.0, -1.0, 0.01, 400.0, float("nan")])
def test_a_pixel_size_that_was_given_is_not_said_to_be_the_maps(size):
    with pytest.raises(UserError, match="a pixel size of") as told:
        require_given_size(size, "map.mrc")
    assert told.value.where == "map.mrc"
    require_given_size(1.06, "map.mrc")


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (np.ones((20, 20, 20)), "the mask has"),
        (np.zeros((BOX,) * 3), "empty"),
        (np.full((BOX,) * 3, 7.0), "not a mask"),
    ],
)
def test_masks_that_are_none(mask, words):
    still, other, _ = two_maps()
    with pytest.raises(UserError, match=words):
        align(still, other, reference_mask=made.as_volume(mask, PIXEL))


@pytest.mark.parametrize("which", ["reference_mask", "moving_mask"])
def test_a_mask_over_nothing_but_background(which):
    still, other, _ = two_maps()
    corner = np.zeros((BOX,) * 3)
    corner[:4, :4, :4] = 1.0
    cut = [
        replace(v, values=np.where(v.values < 1e-3, np.float32(0), v.values))
        for v in (still, other)
    ]
    mask = replace(made.as_volume(corner, PIXEL), name="mask.mrc")
    with pytest.raises(UserError, match=r"mask\.mrc: the mask leaves nothing of the map"):
        align(*cut, **{which: mask})


def test_too_few_shells_are_refused():
    still, other, _ = two_maps()
    with pytest.raises(UserError, match="too few"):
        align(still, other, Settings(lowpass=60.0))


@pytest.mark.parametrize(
    "words", [{"lowpass": -1.0}, {"max_shift": -1.0}, {"max_angle": 0.0}, {"max_angle": 200.0}]
)
def test_settings_that_make_no_sense(words):
    with pytest.raises(UserError):
        Settings(**words)


@pytest.mark.parametrize("shape", [(30, 30, 30), (31, 31, 31), (28, 33, 36)])
def test_a_transform_between_its_points_is_the_sum_over_voxels(shape):
    rng = np.random.default_rng(2)
    volume = made.as_volume(made.density(*made.chain(1, 20.0), shape, 3.0), 3.0)
    frame = Frame.of(volume, volume)
    small = brought_in(volume, frame)
    points = rng.uniform(-8, 8, (20, 3))
    found = grid_of(small, frame.limit).sample(points, np.eye(3), np.zeros(3))
    values = volume.values - np.float32(0)
    waves = [
        np.exp(-2j * np.pi * points[:, 2 - i, None] * axis / frame.side)
        for i, axis in enumerate(made.axes(shape, np.full(3, 3.0)))
    ]
    expected = np.einsum("zyx,pz,py,px->p", values, *waves) * 3.0**3 / frame.side**3
    assert np.abs(found - expected).max() < 5e-3 * np.abs(expected).max()


@pytest.mark.parametrize("flipped", [False, True])
def test_a_moved_map_is_the_molecule_moved(flipped):
    points, weights = made.chain(6, 35.0)
    turn, shift = made.any_turn(8), np.array([3.0, -5.0, 2.0])
    onto = made.as_volume(made.density(points, weights, (48, 50, 52), 2.5, 4.5), 2.5)
    was = made.before(points, turn, shift, flipped)
    volume = made.as_volume(made.density(was, weights, (66, 61, 70), 2.0, 4.5), 2.0)
    matrix = turn @ mirror("z") if flipped else turn
    laid = moved(volume, Motion(matrix, shift), onto)
    inner = (slice(6, -6),) * 3
    error = np.abs(laid.values - onto.values)[inner].max()
    assert error < 4e-5 * onto.values.max()


@pytest.mark.parametrize("side", [24, 25])
def test_whole_voxels_and_quarter_turns_move_noise_without_loss(side):
    rng = np.random.default_rng(1)
    volume = made.as_volume(rng.normal(size=(side,) * 3), 2.0)
    laid = moved(volume, Motion(np.eye(3), np.array([4.0, 0.0, -2.0])), volume)
    expected = np.roll(volume.values, (-1, 0, 2), (0, 1, 2))
    inside = (slice(0, -1), slice(None), slice(2, None))
    np.testing.assert_allclose(laid.values[inside], expected[inside], atol=2e-3)
    same = moved(volume, Motion(), volume)
    np.testing.assert_array_equal(same.values, volume.values)


def test_fsc_is_that_of_the_noise_and_the_difference_shows_what_is_missing():
    points, weights = made.chain(7, 40.0)
    whole = made.density(points, weights, (BOX,) * 3, PIXEL)
    part = made.density(points[60:], weights[60:], (BOX,) * 3, PIXEL)
    first, second = made.as_volume(whole, PIXEL), made.as_volume(part, PIXEL)
    likeness = Likeness.of(first, second)
    assert likeness.fsc[1] > 0.9
    lost = -difference(first, second, likeness, 10.0)
    truth = made.density(points[:60], weights[:60], (BOX,) * 3, PIXEL, 5.0)
    assert np.corrcoef(lost.ravel(), truth.ravel())[0, 1] > 0.7
    alike = Likeness.of(first, first)
    assert alike.reaches_the_end(0.5)
    assert alike.crossing(0.143) == pytest.approx(2 * PIXEL)


def test_scale_and_background_are_no_difference():
    values = made.density(*made.chain(7, 40.0), (BOX,) * 3, PIXEL)
    first, second = made.as_volume(values, PIXEL), made.as_volume(0.5 * values + 3.0, PIXEL)
    likeness = Likeness.of(first, second)
    assert np.abs(difference(first, second, likeness, 10.0)).max() < 1e-3 * values.max()


def test_a_filtered_map_has_the_waves_that_are_long_enough_times_their_ratio():
    size, shells, ratio = 32, (3, 6, 14), np.linspace(2.0, 1.0, 17)
    x = np.arange(size) - size // 2
    waves = [np.broadcast_to(np.cos(2 * np.pi * s * x / size), (size,) * 3) for s in shells]
    volume = made.as_volume(np.sum(waves, axis=0) + 5.0, 2.0)
    ground = 5.0 - border_mean(volume.values)
    left = filtered(volume, size * 2.0 / 10.0)
    np.testing.assert_allclose(left, waves[0] + waves[1] + ground, atol=1e-5)
    left = filtered(volume, size * 2.0 / 10.0, ratio)
    expected = ratio[3] * waves[0] + ratio[6] * waves[1] + ratio[1] * ground
    np.testing.assert_allclose(left, expected, atol=1e-5)


@pytest.mark.parametrize("shape", [(24, 24, 24), (25, 25, 25), (20, 22, 24)])
def test_the_fsc_of_every_shell_counts_each_voxel_of_the_transform_once(shape):
    rng = np.random.default_rng(5)
    first, second = (made.as_volume(rng.normal(size=shape), 2.0) for _ in range(2))
    likeness = Likeness.of(first, second)
    inside = ball(first)
    one, two = (
        np.fft.fftn((v.values - np.float32(border_mean(v.values))) * inside)
        for v in (first, second)
    )
    k = [np.fft.fftfreq(n, 1 / n) * max(shape) / n for n in shape]
    radius = np.sqrt(k[0][:, None, None] ** 2 + k[1][:, None] ** 2 + k[2] ** 2)
    shell = np.floor(radius + 0.5)
    for s in range(1, len(likeness.fsc)):
        a, b = one[shell == s], two[shell == s]
        fsc = np.vdot(a, b).real / np.linalg.norm(a) / np.linalg.norm(b)
        assert likeness.fsc[s] == pytest.approx(fsc, abs=1e-5)


@pytest.mark.parametrize("work", [moved, Likeness.of, difference])
def test_what_follows_a_pose_can_be_stopped_on_the_way(work):
    still = made.as_volume(made.density(*made.chain(7, 40.0), (BOX,) * 3, PIXEL), PIXEL)
    given = {
        moved: (still, Motion(made.any_turn(1)), still),
        Likeness.of: (still, still, None),
        difference: (still, still, Likeness.of(still, still), 10.0),
    }[work]
    told = []
    work(*given, lambda part, _words: told.append(part))
    assert len(told) > 3
    assert told == sorted(told)
    assert 0.0 <= told[0] <= told[-1] <= 1.0

    def stop(part, _words):
        if part >= told[-1]:
            raise Cancelled

    with pytest.raises(Cancelled):
        work(*given, stop)


@pytest.mark.parametrize("name", ["align_same_12.0_1", "align_lost30_12.0_1"])
def test_molecules_turned_by_another_program(name):
    """The vectors say v2 = v1 moved by R after a mirror in z; this is the way back."""
    data = np.load(shared(f"vectors/{name}.npz"))
    pixel, flipped = float(data["apix"]), bool(data["flip"])
    found = align(made.as_volume(data["v1"], pixel), made.as_volume(data["v2"], pixel))
    hand = mirror("z") if flipped else np.eye(3)
    back = (data["R"] @ hand).T
    angle, shift = off(found, back @ hand, -back @ data["t"] * pixel)
    assert found.pose.flipped == flipped
    assert angle < 0.5
    assert shift < 0.05 * pixel


def test_real_maps_of_two_classes():
    """They were refined together, so that little turn is likely; how much is not known."""
    from evenview.formats.volume_mrc import open_volume

    first, second = (open_volume(shared(f"real/maps/50S_class{c}_32.mrc")) for c in "DE")
    found = align(first, second, NEAR)
    assert not found.pose.flipped
    assert found.pose.angle < 0.8
    turned = Volume(first.values[::-1].copy(), first.voxel_size)
    found = align(turned, second, NEAR)
    assert found.pose.flipped
    assert found.pose.angle < 0.8
    one_voxel = np.array([0.0, 0.0, -first.voxel_size])
    assert np.abs(found.pose.shift - one_voxel).max() < 0.1 * first.voxel_size
