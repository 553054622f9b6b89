"""Which tilts of two descriptions are the same images, where the files hardly tell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evenview.core.errors import UserError
from evenview.core.tilt.compared import compared
from evenview.core.tilt.matching import matched
from evenview.core.tilt.series import TiltSeries

STEPS = np.arange(-60.0, 61.0, 3.0)
#: As a dose-symmetric scheme acquires them: 0, 3, -3, 6, ...
ACQUIRED = np.array(sorted(range(len(STEPS)), key=lambda k: (abs(STEPS[k]), -STEPS[k])))


def lines(angles: np.ndarray, package: str = "imod", axis: float = 85.3) -> TiltSeries:
    """A file that has no more than its lines."""
    n, path = len(angles), (Path("TS.tlt"),)
    axes, rows = np.full(n, axis), np.arange(1, n + 1)
    return TiltSeries("TS", path, package, angles, axes, np.zeros(n), rows, by_line=True)


@pytest.mark.parametrize("gone", [[0], [0, 1, 2], [20], [5, 30], [40]])
def test_views_that_are_missing_are_found_by_the_angles(gone):
    kept = np.delete(np.arange(41), gone)
    noise = np.random.default_rng(1).uniform(-0.4, 0.4, len(kept))
    found = matched(lines(STEPS), lines(STEPS[kept] + noise))
    np.testing.assert_array_equal(found.pairs, np.column_stack([kept, np.arange(len(kept))]))
    assert found.by == "angle"
    back = matched(lines(STEPS[kept] + noise), lines(STEPS))
    np.testing.assert_array_equal(back.pairs, found.pairs[:, ::-1])


@pytest.mark.parametrize("off", [0.6, 1.5, -1.4])
def test_angles_that_are_others_tell_nothing(off):
    with pytest.raises(UserError, match="nothing tells which of them belong together"):
        matched(lines(STEPS), lines(STEPS[3:] + off))
    twice = np.sort(np.r_[STEPS[5:], 0.0])
    with pytest.raises(UserError, match="nothing tells"):
        matched(lines(STEPS), lines(twice))


@pytest.mark.parametrize("order", [ACQUIRED, np.random.default_rng(5).permutation(41)])
@pytest.mark.parametrize("said", [False, True])
def test_another_order_is_found_by_the_angles(order, said):
    """Whether or not the other file counts sections, which are of a stack in its own order."""
    other = replace(lines(STEPS[order]), by_line=not said)
    for one in (lines(STEPS), replace(lines(STEPS), by_line=False)):
        found = compared(one, other)
        assert found.by == "angle"
        assert found.relation.kind == "same"
        assert found.relation.rms < 1e-9
        assert found.is_known


def test_a_list_that_is_reversed_or_negated_leaves_the_hand_open():
    found = compared(lines(STEPS), lines(STEPS[::-1]))
    assert found.is_open
    assert [(each.by, each.relation.kind) for each in found.readings] == [
        ("order", "mirrored"),
        ("reverse", "same"),
    ]
    # Not of angles that are not symmetric: each is told by them.
    for angles in (STEPS[3:], STEPS + 1.0):
        negated, turned = (compared(lines(angles), lines(x)) for x in (-angles, angles[::-1]))
        assert negated.is_known
        assert negated.relation.kind == "mirrored"
        assert turned.is_known
        assert turned.relation.kind == "same"


@pytest.mark.parametrize("package", ["eman2", "warp"])
def test_a_package_of_the_other_sense_has_either_sign_in_the_same_order(package):
    raw = compared(lines(STEPS), lines(STEPS, package))
    negated = compared(lines(STEPS), lines(-STEPS, package))
    assert (raw.relation.kind, negated.relation.kind) == ("mirrored", "same")
    for found in (raw, negated):
        assert found.by == "order"
        assert found.is_known
    # In another order nothing tells the one from the other.
    assert compared(lines(STEPS), lines(STEPS[ACQUIRED], package)).is_open


def test_shifts_of_the_tilts_tell_a_reversed_list_from_a_negated_one():
    shifts = np.random.default_rng(2).normal(0, 10, (41, 2))
    one = replace(lines(STEPS, "relion"), shifts=shifts)
    near = shifts + np.random.default_rng(3).normal(0, 1, (41, 2))
    for angles, moved, kind in (
        (STEPS[::-1], near[::-1], "same"),
        (-STEPS, near, "mirrored"),
    ):
        found = compared(one, replace(lines(angles, "relion"), shifts=moved))
        assert found.told_by_shifts
        assert found.is_known
        assert found.relation.kind == kind
    unlike = replace(one, angles=-STEPS, shifts=shifts[::-1] * [1, -1] + near)
    assert compared(one, unlike).is_open


def test_sections_of_another_number_of_tilts_count_only_where_some_are_missing():
    whole = replace(lines(STEPS), by_line=False)
    aligned = STEPS + 9.0  # three steps: the angles alone would tell another story
    dark = replace(lines(aligned[3:]), sections=np.arange(4, 42), by_line=False)
    found = compared(whole, dark)
    assert found.by == "section"
    assert found.relation.rest == pytest.approx(9.0)
    with pytest.raises(UserError, match="nothing tells"):
        compared(whole, replace(lines(aligned[3:]), by_line=False))
