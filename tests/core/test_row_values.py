"""Numbers of each particle that are in no column, shown as means over bins."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evenview.core.beside import Beside, RowValues
from evenview.core.density import mean_layer
from evenview.core.errors import UserError
from evenview.core.layers import layer
from evenview.core.plan import Plan
from evenview.core.resolve import resolve
from evenview.document import Document
from evenview.formats import open_particles
from made import uniform_angles, write_star

N = 4000
COLUMN = "rlnMaxValueProbDistribution"
PLAN = Plan(grid="healpix:2", quantity="rows:error")


@pytest.fixture(scope="module")
def star(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("rows") / "a.star"
    return write_star(path, uniform_angles(N, np.random.default_rng(1)))


def rows(values: np.ndarray) -> RowValues:
    return RowValues("error", "Error", "degrees", values)


def of(values: np.ndarray) -> Beside:
    return Beside(rows={"error": rows(values)})


@pytest.mark.parametrize("look", ["stored", "expanded", "folded"])
def test_the_numbers_of_a_column_give_the_means_of_that_column(star, look):
    particles = open_particles(star)
    beside = of(particles.table.numeric(COLUMN))
    display = resolve(particles, replace(PLAN, symmetry="D2", look=look), beside=beside)
    expected = mean_layer(display.binning, COLUMN, particles).values
    np.testing.assert_array_equal(display.layer.values, expected)
    assert (display.layer.title, display.layer.unit) == ("Error", "degrees")


def test_particles_without_a_number_count_for_nothing(star):
    particles = open_particles(star)
    binning = resolve(particles, Plan(grid="healpix:2")).binning
    bins = binning.bin_of_row
    values = np.where(bins == 7, np.nan, 2.0)
    values[np.flatnonzero(bins == 8)[0]] = np.nan
    found = layer("rows:error", particles, of(values), binning).values
    assert np.isnan(found[7])
    assert (np.delete(found, 7) == 2.0).all()


def test_numbers_of_other_particles_are_refused(star):
    particles = open_particles(star)
    binning = resolve(particles, Plan(grid="healpix:2")).binning
    with pytest.raises(UserError, match="no values"):
        layer("rows:error", particles, of(np.zeros(3)), binning)
    with pytest.raises(UserError, match="no values"):
        layer("rows:other", particles, of(np.zeros(N)), binning)


def test_what_is_shown_follows_the_numbers_and_goes_with_the_file(star, tmp_path):
    document = Document()
    document.open(star)
    first = document.particles
    document.set_rows(first, rows(np.full(N, 1.0)))
    document.edit("Colour by", lambda plan: replace(plan, quantity="rows:error"))
    assert np.nanmax(document.display.layer.values) == 1.0
    document.set_rows(first, rows(np.full(N, 5.0)))
    assert np.nanmin(document.display.layer.values) == 5.0
    document.open(write_star(tmp_path / "b.star", uniform_angles(N, np.random.default_rng(2))))
    assert not document.beside.rows
    assert document.display.quantity == document.plan.quantity == "density"
    document.set_rows(first, rows(np.zeros(N)))  # a comparison that ended too late
    assert not document.beside.rows


def test_taking_the_numbers_away_shows_density(star):
    document = Document()
    document.open(star)
    document.set_rows(document.particles, rows(np.zeros(N)))
    document.edit("Colour by", lambda plan: replace(plan, quantity="rows:error"))
    document.set_rows(document.particles)
    assert document.display.quantity == "density"
