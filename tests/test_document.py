from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from evenview.core.errors import UserError
from evenview.core.plan import ColorRange, Thinning
from evenview.core.progress import Cancelled, silent
from evenview.core.selection import Band, Combine
from evenview.document import Document
from evenview.strategies.cap import Cap
from made import crowded_angles, write_star


@pytest.fixture
def star(tmp_path):
    return write_star(tmp_path / "a.star", crowded_angles(2000, np.random.default_rng(0)))


@pytest.fixture
def document(star):
    document = Document()
    document.open(star)
    return document


def heard(signal) -> list[tuple[Any, ...]]:
    told: list[tuple[Any, ...]] = []
    signal.connect(lambda *arguments: told.append(arguments), check_nargs=False)
    return told


@dataclass
class Later:
    """A runner whose work is done when the test says so."""

    waiting: list[Any] = field(default_factory=list)

    def run(self, slot, title, work, done, failed):
        self.waiting.append((work, done, failed))

    def drop(self, slot):
        """The work is beyond recall: its end comes all the same."""

    def finish(self, index=0):
        work, done, failed = self.waiting.pop(index)
        try:
            result = work(silent)
        except Exception as error:
            failed(error)
        else:
            done(result)


def grid(name):
    return lambda plan: replace(plan, grid=name)


def colormap(name):
    return lambda plan: replace(plan, colormap=name)


def north(plan):
    return replace(plan, selection=(Combine("replace", Band(60, 90)),))


def test_opening_shows_every_particle(document):
    assert document.display.binning.counts.sum() == 2000
    assert document.display.plan is document.plan
    assert document.undo_label is None


def test_an_edit_keeps_the_arrays_it_does_not_touch(document):
    told = heard(document.display_changed)
    document.edit("Select", north)
    ((before, after),) = told
    assert after.colors is before.colors
    assert after.binning is before.binning
    assert after.selected is not before.selected


def test_undo_and_redo_have_names_and_come_back(document):
    document.edit("Select the north", north)
    chosen = document.display.selected
    document.edit("Colour map", colormap("magma"))
    assert (document.undo_label, document.redo_label) == ("Colour map", None)
    document.undo()
    document.undo()
    assert document.redo_label == "Select the north"
    assert not document.display.selected.any()
    document.redo()
    np.testing.assert_array_equal(document.display.selected, chosen)


def test_a_moving_slider_is_one_step(document):
    for most in (50, 40, 30):
        thinning = Thinning(Cap(cap=most))
        document.edit("Cap", lambda plan, t=thinning: replace(plan, thinning=t), transient=True)
    assert document.display.quotas.max() <= 30
    document.undo()
    assert document.display.quotas is None


def test_a_file_that_cannot_be_read_leaves_the_open_one(document, tmp_path):
    broken = tmp_path / "broken.star"
    broken.write_text("data_\n\nloop_\n_rlnImageName #1\n1@a.mrcs\n")
    told, shown = heard(document.failed), document.display
    document.open(broken)
    assert isinstance(told[0][0], UserError)
    assert document.display is shown
    assert document.path.name == "a.star"


def test_an_edit_that_cannot_be_is_refused_and_leaves_no_step(document):
    told, shown = heard(document.refused), document.display
    document.edit("Grid", grid("healpix:99"))
    document.edit("Colour map", colormap("no such map"))
    assert len(told) == 2
    assert document.undo_label is None
    assert document.plan == shown.plan
    assert document.display is shown


def test_another_file_begins_a_new_history_but_keeps_the_looks(document, tmp_path):
    other = write_star(tmp_path / "b.star", crowded_angles(100, np.random.default_rng(1)))
    document.edit("Select", north)
    document.edit("Colour map", colormap("cividis"))
    document.open(other)
    assert document.undo_label is None
    assert document.plan.colormap == "cividis"
    assert document.plan.selection == ()


def test_a_late_answer_is_dropped(star):
    runner = Later()
    document = Document(runner)
    document.open(star)
    runner.finish()
    told = heard(document.display_changed)
    document.edit("Grid", grid("healpix:2"))
    document.edit("Grid", grid("healpix:3"))
    runner.finish(1)
    runner.finish(0)
    assert [after.binning.grid.name for _, after in told] == ["healpix:3"]


def test_an_edit_while_binning_is_drawn_with_the_new_bins(star):
    runner = Later()
    document = Document(runner)
    document.open(star)
    runner.finish()
    document.edit("Grid", grid("healpix:2"))
    document.edit("Select", north)
    for _ in range(2):
        runner.finish()
    assert document.display.plan == document.plan
    assert len(document.display.selected) == document.display.binning.grid.n


def test_cancelling_goes_back_to_what_is_drawn(star):
    runner = Later()
    document = Document(runner)
    document.open(star)
    runner.finish()
    failed = heard(document.failed)
    document.edit("Grid", grid("healpix:2"))
    _, _, fail = runner.waiting.pop()
    fail(Cancelled())
    assert document.plan.grid == "healpix:4"
    assert document.undo_label is None
    assert failed == []


def opened(runner, star):
    document = Document(runner)
    document.open(star)
    runner.finish()
    return document


def test_an_edit_does_not_stop_another_file_from_opening(star, tmp_path):
    runner = Later()
    document = opened(runner, star)
    other = write_star(tmp_path / "b.star", crowded_angles(100, np.random.default_rng(1)))
    document.open(other)
    document.edit("Select", north)
    document.edit("Grid", grid("healpix:2"))
    runner.finish(0)
    assert document.path == other
    runner.finish(0)
    assert document.path == other
    assert document.display.particles is document.particles
    assert document.display.plan == document.plan


def test_of_two_files_opened_in_a_row_the_second_stays(star, tmp_path):
    runner = Later()
    document = Document(runner)
    other = write_star(tmp_path / "b.star", crowded_angles(100, np.random.default_rng(1)))
    document.open(star)
    document.open(other)
    runner.finish(1)
    runner.finish(0)
    assert document.path == other


def test_an_edit_that_cannot_be_leaves_one_under_way_alone(star):
    runner = Later()
    document = opened(runner, star)
    document.edit("Grid", grid("healpix:2"))

    def impossible(_plan):
        raise UserError("no")

    document.edit("Nonsense", impossible)
    runner.finish()
    assert document.plan.grid == document.display.plan.grid == "healpix:2"
    assert document.undo_label == "Grid"


def test_what_looks_at_rows_is_left_to_the_runner_and_what_looks_at_bins_is_not(star):
    runner = Later()
    document = opened(runner, star)
    document.edit("Select", north)
    document.edit("Cap", lambda plan: replace(plan, thinning=Thinning(Cap(cap=5))))
    assert runner.waiting == []
    mean = "mean:rlnMaxValueProbDistribution"
    document.edit("Colour by", lambda plan: replace(plan, quantity=mean))
    assert len(runner.waiting) == 1
    runner.finish()
    assert document.display.plan.quantity == mean
    document.edit("Colour map", colormap("magma"))
    document.edit("Colour by", lambda plan: replace(plan, quantity="count"))
    assert runner.waiting == []


def test_a_colour_range_of_a_column_does_not_outlive_the_column(document, tmp_path):
    """A range from -5 to 5 means nothing for densities on a log scale."""
    mean, colors = "mean:rlnMaxValueProbDistribution", ColorRange("fixed", -5.0, 5.0)
    document.edit("Colour by", lambda plan: replace(plan, quantity=mean, colors=colors))
    plain = tmp_path / "plain.star"
    plain.write_text(
        "data_\n\nloop_\n_rlnAngleRot #1\n_rlnAngleTilt #2\n_rlnAnglePsi #3\n1 2 3\n40 50 60\n"
    )
    told = heard(document.failed)
    document.open(plain)
    assert told == []
    assert document.path == plain


def test_a_map_that_is_not_wanted_any_more_does_not_come_back(star, tmp_path):
    runner = Later()
    document = opened(runner, star)
    document.open_volume(tmp_path / "late.mrc")
    document.close_volume()
    told = heard(document.failed)
    runner.finish()
    assert document.volume is None
    assert told == []


def test_a_broken_listener_is_told_by_its_own_error(document):
    def listen(_before, _after):
        raise ValueError("listener")

    document.display_changed.connect(listen)
    with pytest.raises(Exception, match="listener"):
        document.edit("Select", north)
