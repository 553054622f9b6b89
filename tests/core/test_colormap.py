from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest

from evenview.core.colormap import DIVERGING, EMPTY, NAMES, colorize, lut
from evenview.core.errors import UserError


@pytest.mark.parametrize("name", NAMES)
def test_the_maps_are_those_that_matplotlib_has_under_the_same_name(name):
    theirs = mpl.colormaps[name](np.linspace(0, 1, 256)) * 255
    assert np.abs(lut(name).astype(float) - theirs).max() < 4


@pytest.mark.parametrize("name", NAMES)
def test_empty_is_a_colour_that_no_value_has(name):
    distance = np.abs(lut(name).astype(int) - np.array(EMPTY)).sum(axis=1)
    assert distance.min() > 8
    assert distance[0] > 100


@pytest.mark.parametrize("name", DIVERGING)
def test_the_middle_of_a_diverging_map_is_pale(name):
    middle = lut(name)[127:129, :3].astype(int)
    assert middle.min() > 200
    assert np.ptp(middle, axis=1).max() < 12


def test_ends_and_beyond():
    colors = colorize(np.array([-5, 0, 10, 99.0, np.nan]), 0, 10, "linear", "gray", (1, 2, 3, 4))
    np.testing.assert_array_equal(colors[:, 0], [0, 0, 255, 255, 1])
    np.testing.assert_array_equal(colors[4], [1, 2, 3, 4])


def test_a_log_scale_gives_equal_ratios_equal_steps():
    values = np.array([0.1, 1, 10])
    low, middle, high = colorize(values, 0.1, 10, "log", "gray")[:, 0].tolist()
    assert (low, high) == (0, 255)
    assert middle in (127, 128)
    assert colorize(np.array([0.0, -1.0]), 0.1, 10, "log", "gray")[:, 0].tolist() == [0, 0]


def test_unknown_names_are_told_what_there_is():
    with pytest.raises(UserError, match="viridis"):
        lut("heat")
