"""The Half-maps panel: two maps whose resolution by direction is known, scored and linked."""

from __future__ import annotations

import csv
import gc
import weakref
from dataclasses import replace

import mrcfile
import numpy as np
import pyqtgraph as pg
import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from evenview.formats.volume_mrc import open_volume
from evenview.gui.seen import is_seen
from gui_hands import HOT, answer, choose, press, type_symmetry
from made import uniform_angles, write_star
from made_half_maps import ball, poor_along_z

KEYS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton
BOX, SIZE = 36, 1.5
#: The shells where the FSC falls to 0.143: within 45° of z, and elsewhere.
ALONG, ACROSS = 7, 14


def write(path, values, voxel_size=SIZE, *, stack=False):
    with mrcfile.new(path, overwrite=True) as file:
        file.set_data(values.astype(np.float32))
        if stack:
            file.set_image_stack()
        else:
            file.set_volume()
        file.voxel_size = voxel_size
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("halves")
    first, second = poor_along_z(BOX, ALONG, ACROSS)
    write(found / "run_half1_class001_unfil.mrc", first)
    write(found / "run_half2_class001_unfil.mrc", second)
    write(found / "mask.mrc", ball(BOX, 12))
    return found


@pytest.fixture
def window(kept, hot_star, settle):
    """One window for all, with the made file open and the histogram in front."""
    if kept.document.path != hot_star:
        kept.open(hot_star)
        settle(kept)
    kept.errors.dismiss_all()
    kept.document.edit("Begin", start)
    kept.docks["histogram"].raise_()
    settle(kept)
    return kept


def start(plan):
    return replace(plan, thinning=None, symmetry="C1", quantity="density")


@pytest.fixture
def panel(window, settle, qtbot):
    """The panel with its inputs empty, opened by its key."""
    show(window, qtbot)
    panel = window.half_maps
    panel.scores.clear()
    for field in (panel.inputs.first, panel.inputs.second, panel.inputs.soft_mask):
        field.set_path(None)
    settle(window)
    return panel


@pytest.fixture
def scored(window, folder, settle, qtbot):
    """The panel with the half-maps scored as a hand does it."""
    show(window, qtbot)
    panel, first = window.half_maps, folder / "run_half1_class001_unfil.mrc"
    if panel.scores.result is None:
        panel.inputs.soft_mask.set_path(None)
        panel.inputs.second.set_path(None)
        type_path(panel.inputs.first, first)
        click(panel.start)
        settle(window)
    elif panel.start.isVisible():
        click(panel.back)
    assert panel.scores.result.request.first == first
    return panel


def show(window, qtbot) -> None:
    press(window, Qt.Key.Key_H, KEYS)
    qtbot.waitUntil(lambda: is_seen(window.half_maps))


def type_path(field, path) -> None:
    field.line.setFocus()
    field.line.selectAll()
    QTest.keyClicks(field.line, str(path))


def click(button) -> None:
    assert button.isVisible()
    QTest.mouseClick(button, LEFT)


def place_in_plot(plot, frequency, fsc) -> QPoint:
    view = plot.getPlotItem().getViewBox()
    return plot.mapFromScene(view.mapViewToScene(QPointF(frequency, fsc)))


def test_the_other_half_is_found_by_its_name_and_can_be_changed(panel, folder):
    type_path(panel.inputs.first, folder / "run_half1_class001_unfil.mrc")
    assert panel.inputs.second.path == folder / "run_half2_class001_unfil.mrc"
    assert "Half-map B" in panel.inputs.note.text()
    type_path(panel.inputs.second, folder / "mask.mrc")
    assert panel.inputs.note.text() == ""
    # What was typed is not guessed anew.
    type_path(panel.inputs.first, folder / "run_half1_class001_unfil.mrc")
    assert panel.inputs.second.path == folder / "mask.mrc"


def test_a_missing_map_is_asked_for(window, panel):
    click(panel.start)
    assert "Two half-maps are needed" in window.errors.sentence.text()
    assert not panel.scores.running


def test_cancel_stops_and_leaves_all_as_it_was(window, panel, folder, settle):
    type_path(panel.inputs.first, folder / "run_half1_class001_unfil.mrc")
    click(panel.start)
    click(panel.stop)
    settle(window)
    assert panel.scores.result is None
    assert panel.start.isVisible()
    assert not window.errors.isVisible()


def test_the_resolutions_are_those_that_the_maps_were_made_with(scored):
    scores, numbers = scored.scores.result.scores, scored.numbers
    height = np.abs(scores.axes[:, 2])
    across = np.median(scores.resolutions[height < 0.3])
    along = np.median(scores.resolutions[height > 0.95])
    assert across == pytest.approx(BOX * SIZE / ACROSS, rel=0.1)
    assert along == pytest.approx(BOX * SIZE / ALONG, rel=0.15)
    finest, coarsest = (float(numbers.now[name].text()) for name in ("Finest", "Coarsest"))
    assert finest < across < along < coarsest
    assert float(numbers.now["Robust cFAR"].text()) < 0.3
    assert "cone and torus of 20°" in numbers.settings.text().lower()
    assert "--" not in numbers.notes.text()
    assert not numbers.now["Without mask"].isVisible()


def test_the_verdict_and_what_must_not_be_missed_are_in_sight(window, scored, settle):
    words, scores = scored.verdict, scored.scores.result.scores
    assert "depends on direction" in words.verdict.text()
    assert f"{scores.resolutions.max():.2f} Å along az" in words.extremes.text()
    assert "mask is advised" in words.warning.text()
    assert "--" not in words.warning.text()
    assert scored.numbers.gauge.value == scores.cfar_robust
    for part in (words.verdict, words.extremes, words.warning):
        assert part.isVisible()
        assert not part.visibleRegion().isEmpty()


@pytest.mark.parametrize(
    ("box", "pixel_size", "warned"),
    [(36, 1.5, False), (18, 3.0, False), (72, 1.5, False), (100, 1.5, True), (None, 1.5, False)],
)
def test_maps_that_cannot_be_of_the_particles_are_warned_of(
    window, scored, box, pixel_size, warned
):
    particles = replace(window.document.particles, box=box, pixel_size=pixel_size)
    scored.verdict.show_result(scored.scores.result, particles)
    assert ("of 54 Å a side" in scored.verdict.warning.text()) == warned


def test_pointing_at_the_sphere_brings_out_the_nearest_cone(window, scored):
    up = np.array([0.0, 0.0, 1.0])
    window.desk.point(up)
    axes = scored.scores.result.scores.axes
    assert abs(axes[scored.plot.chosen] @ up) == np.abs(axes @ up).max()
    assert f"{scored.scores.result.scores.resolutions[scored.plot.chosen]:.2f}"[:3] in (
        scored.pointed.text()
    )
    window.desk.point(None)
    assert scored.plot.chosen is None


@pytest.fixture
def every_move():
    """pyqtgraph drops moves that follow each other faster than a hand."""
    rate = pg.getConfigOption("mouseRateLimit")
    pg.setConfigOption("mouseRateLimit", 0)
    yield
    pg.setConfigOption("mouseRateLimit", rate)


@pytest.mark.usefixtures("every_move")
def test_a_curve_under_the_pointer_points_to_its_axis(window, scored, qtbot):
    plot, scores = scored.plot, scored.scores.result.scores
    shell = ACROSS - 3
    index = int(scores.cones[:, shell].argmax())
    spot = place_in_plot(plot, shell / scores.side, scores.cones[index, shell])
    best = scores.cones[index, shell]
    QTest.mouseMove(plot.viewport(), spot + QPoint(30, 30))
    QTest.mouseMove(plot.viewport(), spot)
    qtbot.waitUntil(
        lambda: plot.chosen is not None and abs(scores.cones[plot.chosen, shell] - best) < 0.15
    )
    chosen = plot.chosen
    np.testing.assert_allclose(window.desk.direction, scores.axes[chosen])
    # Good shells are only to be had across z.
    assert abs(scores.axes[chosen][2]) < np.cos(np.radians(45))
    QTest.mouseClick(plot.viewport(), LEFT, pos=spot)
    scene = window.stage.sphere.scene
    qtbot.waitUntil(lambda: scene.camera_direction @ scores.axes[chosen] > 1.0 - 1e-3)


def test_the_names_of_extremes_point_to_their_axes(window, scored):
    scores = scored.scores.result.scores
    click(scored.numbers.links["Coarsest"])
    np.testing.assert_allclose(window.desk.direction, scores.axes[scores.resolutions.argmax()])


def test_curves_and_volume_are_saved_from_what_was_computed(window, scored, tmp_path, settle):
    answer(str(tmp_path / "curves.csv"))
    scored.save_curves.trigger()
    settle(window)
    with (tmp_path / "curves.csv").open() as file:
        rows = list(csv.DictReader(file))
    fsc = scored.scores.result.scores.fsc
    np.testing.assert_allclose([float(row["fsc"]) for row in rows], fsc[1:], rtol=1e-4)
    answer(str(tmp_path / "fsc.mrc"))
    scored.save_volume.trigger()
    settle(window)
    assert open_volume(tmp_path / "fsc.mrc").voxel_size == SIZE


def test_a_source_is_never_written_over(window, scored, folder, settle):
    source = folder / "run_half1_class001_unfil.mrc"
    before = source.read_bytes()
    scored.scores.write_volume(source)
    settle(window)
    assert "never written over" in window.errors.sentence.text()
    assert source.read_bytes() == before


def test_the_scores_are_copied_as_text(scored):
    click(scored.copy)
    text = QApplication.clipboard().text()
    assert "cFAR" in text
    assert "Settings:" in text


def spoiled(values, kind):
    if kind == "box":
        return values[:24, :24, :24], SIZE
    if kind == "cuboid":
        return values[:24], SIZE
    return values, 0.0 if kind == "size" else SIZE


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("box", "different boxes"),
        ("cuboid", "not a cube"),
        ("size", "at Pixel size"),
        ("same", "the same map"),
        ("stack", "stack"),
    ],
)
def test_errors_are_told_and_nothing_is_lost(window, scored, folder, tmp_path, settle, kind, words):
    before = scored.scores.result
    first = folder / "run_half1_class001_unfil.mrc"
    values, size = spoiled(open_volume(first).values, kind)
    bad = write(tmp_path / "bad.mrc", values, size, stack=kind == "stack")
    click(scored.again)
    type_path(scored.inputs.second, bad)
    click(scored.start)
    settle(window)
    assert words in window.errors.sentence.text()
    assert "--" not in window.errors.sentence.text()
    assert scored.scores.result is before
    click(scored.back)
    assert scored.plot.isVisible()


def test_a_thinning_is_foretold_and_marked_as_a_prediction(window, scored, settle):
    assert scored.scores.prediction is None
    assert not scored.numbers.then["Robust cFAR"].isVisible()
    choose(window.rebalance.strategy, "percentile")
    settle(window)
    prediction = scored.scores.prediction
    assert prediction is not None
    assert scored.numbers.then["Coarsest"].isVisible()
    assert "Predicted, not measured" in scored.numbers.assumptions.text()
    assert "alignment does not change" in scored.numbers.assumptions.text()
    assert "symmetry of the plan, C1." in scored.numbers.assumptions.text()
    assert "predicted" in scored.plot.key.text()
    # Fewer particles: on average no direction gains.
    known = scored.scores.result.scores.mean[3:12]
    assert (prediction.mean[3:12] <= known + 1e-9).all()
    # Directions across the crowd's plane lose next to nothing: the crowd did not sample them.
    resolutions, axes = scored.scores.result.scores.resolutions, scored.scores.result.scores.axes
    loss = prediction.resolutions / resolutions
    seen_by_the_crowd = np.abs(axes @ HOT) < 0.3
    assert loss[seen_by_the_crowd].mean() > loss[np.abs(axes @ HOT) > 0.8].mean()
    choose(window.rebalance.strategy, "")
    settle(window)
    assert scored.scores.prediction is None
    assert not scored.numbers.assumptions.isVisible()


def test_a_prediction_is_made_for_those_who_see_it(window, scored, settle, qtbot):
    press(window, Qt.Key.Key_T, Qt.KeyboardModifier.ShiftModifier)  # the trade, in front of it
    qtbot.waitUntil(lambda: not is_seen(scored))
    type_symmetry(window, "D2")
    choose(window.rebalance.strategy, "percentile")
    settle(window)
    assert scored.scores.prediction is None
    show(window, qtbot)
    qtbot.waitUntil(lambda: scored.scores.prediction is not None)
    assert "symmetry of the plan, D2." in scored.numbers.assumptions.text()


def test_another_file_is_not_taken_for_that_of_the_half_maps(window, scored, tmp_path, settle):
    choose(window.rebalance.strategy, "percentile")
    settle(window)
    assert "scored before" not in scored.numbers.notes.text()
    particles = weakref.ref(window.document.particles)
    angles = uniform_angles(500, np.random.default_rng(1))
    window.open(write_star(tmp_path / "other.star", angles, 1 + np.arange(500) % 2))
    settle(window)
    assert "scored before the open file was opened" in scored.numbers.notes.text()
    assert scored.scores.prediction is None
    assert scored.scores.result is not None
    gc.collect()
    assert particles() is None


def test_two_files_that_are_asked_for_at_once_are_both_written(window, scored, tmp_path, settle):
    paths = [tmp_path / name for name in ("a.csv", "b.csv", "c.mrc")]
    for path in paths[:2]:
        scored.scores.write_curves(path)
    scored.scores.write_volume(paths[2])
    settle(window)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert paths[2].is_file()


def test_two_half_maps_that_are_dropped_open_the_panel(window, folder, qtbot):
    paths = [folder / f"run_half{i}_class001_unfil.mrc" for i in (2, 1)]
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    drop = QDropEvent(
        QPointF(100, 100),
        Qt.DropAction.CopyAction,
        mime,
        LEFT,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(drop)
    qtbot.waitUntil(lambda: is_seen(window.half_maps))
    assert window.half_maps.inputs.first.path == paths[1]
    assert window.half_maps.inputs.second.path == paths[0]
    assert window.document.volume is None


def test_half_maps_are_scored_without_particles_and_with_a_mask(empty, folder, settle):
    empty.commands.show_half_maps()
    panel = empty.half_maps
    panel.take(*(folder / f"run_half{i}_class001_unfil.mrc" for i in (1, 2)))
    type_path(panel.inputs.soft_mask, folder / "mask.mrc")
    click(panel.start)
    settle(empty)
    assert panel.plot.isVisible()
    assert panel.scores.result is not None
    assert "no mask" in panel.plot.key.text().replace("&nbsp;", " ")
    assert float(panel.numbers.now["Without mask"].text()) > 0
    assert panel.numbers.now["Without mask"].isVisibleTo(panel.numbers)
    assert not panel.verdict.warning.isVisible()
    assert panel.plot.unmasked.getData()[0] is not None


def test_resolution_and_signal_can_colour_the_sphere(window, scored, settle):
    colors = window.stage.colors
    choose(colors.quantity, "field:resolution")
    settle(window)
    display = window.document.display
    values, centers = display.layer.values, display.binning.centers
    middle = BOX * SIZE / np.sqrt(ALONG * ACROSS)
    assert np.median(values[np.abs(centers[:, 2]) > 0.95]) > middle
    assert np.median(values[np.abs(centers[:, 2]) < 0.2]) < middle
    assert "direction of Fourier space" in window.stage.bar.toolTip()
    assert colors.scale.isEnabled()
    low, high = display.limits
    assert values.min() <= low < high <= values.max()
    click(scored.clear)
    settle(window)
    assert window.document.display.quantity == "density"
    assert colors.quantity.findData("field:signal") < 0
    assert scored.scores.result is None
    assert scored.start.isVisible()
