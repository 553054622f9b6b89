from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenview.core import colormap
from evenview.core.thinning import BinTable
from evenview.gui import text
from evenview.gui.fields import Scale
from evenview.gui.form import ParameterForm
from evenview.gui.level import level_of, strategy_at
from evenview.gui.panels.scene import with_empty
from evenview.render.theme import DARK, LIGHT
from evenview.strategies import parameters, strategies


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (text.whole(131442), "131,442"),
        (text.share(1, 8), "12.5 %"),
        (text.share(1, 0), "–"),
        (text.change(131442, 82190), "−37.5 %"),
        (text.change(5, 5), "0.0 %"),
        (text.significant(0.01234), "0.0123"),
        (text.significant(12345.6), "12,346"),
        (text.significant(math.nan), "–"),
        (text.degrees(-0.04), "0.0°"),
        (text.degrees(-0.06), "−0.1°"),
        (text.times_uniform(27.31), "27.3 × uniform"),
        (text.counted(1, "bin"), "1 bin"),
        (text.counted(1204, "bin"), "1,204 bins"),
    ],
)
def test_numbers_read_as_people_write_them(said, meant):
    assert said == meant


@given(st.floats(0.01, 5), st.integers(1, 6))
def test_a_slider_over_decades_goes_there_and_back(low, decades):
    scale = Scale(low, low * 10**decades, low)
    for position in (0, scale.positions // 2, scale.positions):
        number = scale.number(position)
        assert low <= number <= scale.high
        assert scale.number(scale.position(number)) == pytest.approx(number, rel=0.1)


@pytest.mark.parametrize("name", strategies())
def test_a_form_shows_every_parameter_and_tells_a_change(qtbot, name):
    form, told = ParameterForm(), []
    qtbot.addWidget(form)
    form.changed.connect(lambda value, moving: told.append((value, moving)))
    strategy = strategies()[name]()
    form.show_value(strategy)
    for about in parameters(strategy):
        field = form.inputs[about.name]
        assert field.value == pytest.approx(getattr(strategy, about.name))
        assert field.toolTip() == about.help
        field.box.setValue(field.box.value() + field.box.singleStep())
        changed, moving = told[-1]
        assert getattr(changed, about.name) == pytest.approx(field.value)
        assert not moving


def test_showing_a_value_tells_nobody(qtbot):
    form, told = ParameterForm(), []
    qtbot.addWidget(form)
    form.changed.connect(lambda *what: told.append(what))
    for kind in strategies().values():
        form.show_value(kind())
    assert told == []


@pytest.mark.parametrize("name", ["cap", "percentile", "times_uniform", "target"])
@pytest.mark.parametrize("level", [3, 10, 40])
def test_the_found_parameter_cuts_to_no_more_than_the_level(name, level):
    counts = np.random.default_rng(3).poisson(np.linspace(1, 60, 400)).astype(np.int64) + 1
    bins = BinTable(counts, np.full(400, 4 * np.pi / 400), np.ones(400, dtype=bool))
    found = strategy_at(strategies()[name](), level, bins)
    quotas = found.quotas(bins)
    assert level - 2 <= level_of(counts, quotas) <= level


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_empty_bins_take_the_themes_neutral_and_others_stay(theme):
    colors = np.array([colormap.EMPTY, (10, 20, 30, 255), colormap.OUTSIDE], dtype=np.uint8)
    painted = with_empty(colors, theme)
    assert tuple(painted[0]) == theme.empty_bytes
    assert tuple(painted[1]) == (10, 20, 30, 255)
    ground, empty = 255 * np.array(theme.background[:3]), np.array(theme.empty_bytes[:3])
    assert (np.abs(painted[2, :3] - ground) < np.abs(painted[2, :3] - empty)).all()
