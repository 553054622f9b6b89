"""Figures by meaning: the right colour in the right place, real text, the size asked for."""

import io
import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from evenview.charts import charts
from evenview.core.errors import UserError
from evenview.core.plan import Plan, Thinning
from evenview.core.progress import Cancelled
from evenview.core.resolve import resolve
from evenview.core.selection import Combine, Cone
from evenview.formats import open_particles
from evenview.strategies.cap import Cap
from evenview.tasks.drawing.views import VIEWS, view_rotation
from evenview.tasks.figure import FigureRequest, draw, run, to_bytes, to_rgba
from made import crowded_angles, write_star

HOT_AZIMUTH, HOT_ELEVATION = 50.0, 40.0
PLAN = Plan(grid="healpix:3", selection=(Combine("replace", Cone((1.0, 0.0, 0.0), 25.0)),))


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A third of the particles in one spot, the rest uniform."""
    angles = crowded_angles(4000, np.random.default_rng(5), crowd=0.0)
    angles[:1300, 0] = HOT_AZIMUTH
    angles[:1300, 1] = 90 - HOT_ELEVATION
    return write_star(tmp_path_factory.mktemp("figure") / "spot & crowd.star", angles)


@pytest.fixture(scope="module")
def particles(source):
    return open_particles(source)


@pytest.fixture(scope="module")
def display(particles):
    return resolve(particles, PLAN)


@pytest.fixture(scope="module")
def thinned(particles):
    return resolve(particles, replace(PLAN, thinning=Thinning(Cap(10))))


def hot_direction():
    azimuth, elevation = np.radians([HOT_AZIMUTH, HOT_ELEVATION])
    return np.array(
        [
            np.cos(elevation) * np.cos(azimuth),
            np.cos(elevation) * np.sin(azimuth),
            np.sin(elevation),
        ]
    )


def hot_color(display):
    """The colour of the fullest bin, which is the top of the colour map."""
    return display.colors[int(np.argmax(display.binning.counts))]


def pixel_at(figure, picture, x, y):
    """The pixel that shows a point of the first axes of a figure."""
    across, up = figure.axes[0].transData.transform((x, y))
    return picture[int(picture.shape[0] - up), int(across)]


@pytest.mark.parametrize("name", list(charts()))
def test_the_crowded_direction_has_the_hot_colour_on_every_chart(display, name):
    request = FigureRequest(chart=name, dpi=200, outline=False)
    picture = to_rgba(display, request)
    x, y = charts()[name].forward(hot_direction()[None])[0]
    assert (pixel_at(draw(display, request), picture, x, y) == hot_color(display)).all()
    hot = (picture[..., :3] == hot_color(display)[:3]).all(axis=2)
    assert 0 < hot.mean() < 0.03


@pytest.mark.parametrize("view", [view for view in VIEWS if view not in ("bottom", "-x", "-y")])
def test_the_crowded_direction_has_the_hot_colour_on_the_sphere(display, view):
    request = FigureRequest(what="sphere", view=view, dpi=200, pins=False)
    x, y, toward = view_rotation(view) @ hot_direction()
    assert toward > 0
    found = pixel_at(draw(display, request), to_rgba(display, request), x, y).astype(float)
    hot = hot_color(display).astype(float)
    assert found[:3] == pytest.approx(hot[:3], rel=0.06, abs=2)


def test_seen_from_the_crowded_direction_the_middle_of_the_sphere_is_hot(display):
    towards = hot_direction()
    right = np.cross([0, 0, 1.0], towards) / np.hypot(*towards[:2])
    rows = (right, np.cross(towards, right), towards)
    view = tuple(tuple(row.tolist()) for row in rows)
    request = FigureRequest(what="sphere", view=view, pins=False, dpi=201)
    picture = to_rgba(display, request)
    assert (pixel_at(draw(display, request), picture, 0.02, 0.02) == hot_color(display)).all()


def test_from_behind_the_crowded_direction_is_not_to_be_seen(display):
    away = tuple(tuple(row.tolist()) for row in view_rotation("top") @ np.diag([1, -1, -1.0]))
    picture = to_rgba(display, FigureRequest(what="sphere", view=away, pins=False, dpi=100))
    axes_only = picture[:, : int(picture.shape[1] * 0.75)]
    assert not (axes_only[..., :3] == hot_color(display)[:3]).all(axis=2).any()


def accent(picture):
    """Pixels of the selection's outline: much red, little green, some blue."""
    red, green, blue = np.moveaxis(picture[..., :3].astype(int), 2, 0)
    return (red > 230) & (green < 80) & (blue > 100)


@pytest.mark.parametrize("what", ["chart", "sphere"])
def test_the_selection_is_outlined_if_asked_for(display, what):
    request = FigureRequest(what=what, dpi=150, view="+x")
    assert accent(to_rgba(display, request)).any()
    assert not accent(to_rgba(display, replace(request, outline=False))).any()


def test_dpi_and_millimetres_set_the_size_in_pixels(display, tmp_path):
    for dpi in (100, 254):
        request = FigureRequest(tmp_path / "a.png", width_mm=100, height_mm=80, dpi=dpi)
        result = run(display, request)
        height, width = imread(request.path).shape[:2]
        assert (width, height) == result.size_pixels
        assert (width, height) == pytest.approx((dpi / 0.254, dpi * 0.8 / 0.254), abs=1)
        assert result.size_mm == pytest.approx((100, 80), abs=0.2)
        assert f"{width:,} × {height:,} pixels" in result.summary()
        assert result.as_json()["size_pixels"] == [width, height]


def test_the_page_is_white_or_transparent(display):
    for transparent in (False, True):
        picture = to_rgba(display, FigureRequest(transparent=transparent, dpi=60))
        assert picture[0, 0, 3] == (0 if transparent else 255)
        assert transparent or (picture[0, 0] == 255).all()
        middle = picture[picture.shape[0] // 2, picture.shape[1] // 3]
        assert middle[3] == 255


@pytest.mark.parametrize("what", ["chart", "sphere", "histogram"])
def test_svg_has_real_text(display, tmp_path, what):
    path = tmp_path / "figure.svg"
    run(display, FigureRequest(path, what=what))
    svg = path.read_text(encoding="utf-8")
    text = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert "spot &amp; crowd.star" in text
    assert any("N = 4,000" in line and "HEALPix order 3" in line for line in text)
    assert "particles per bin" in text if what == "histogram" else "× uniform" in text
    if what == "chart":
        assert {"azimuth (°)", "elevation (°)", "−180", "90"} <= set(text)
    if what == "sphere":
        assert {"X", "Y", "Z"} <= set(text)


@pytest.mark.parametrize("name", list(charts()))
def test_texts_of_every_chart_stay_text_in_svg(display, name):
    svg = to_bytes(display, FigureRequest(Path("x.svg"), chart=name)).decode()
    text = set(re.findall(r"<text[^>]*>([^<]*)</text>", svg))
    assert {tick.text for tick in (*charts()[name].ticks, *charts()[name].captions)} <= text


def test_pdf_has_embedded_truetype_and_text_that_can_be_copied(display, tmp_path):
    path = tmp_path / "figure.pdf"
    run(display, FigureRequest(path, chart="mollweide"))
    assert b"/FontFile2" in path.read_bytes()
    if shutil.which("pdftotext"):
        text = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True).stdout
        assert "× uniform" in text.decode()
        assert "spot & crowd.star" in text.decode()


def test_heat_maps_in_vector_files_have_300_pixels_an_inch(display):
    svg = to_bytes(display, FigureRequest(Path("x.svg"), dpi=72, width_mm=170)).decode()
    widths = [float(width) for width in re.findall(r'<image[^>]* width="([\d.]+)', svg)]
    assert max(widths) > 1000


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_the_same_figure_is_the_same_bytes(display, suffix):
    request = FigureRequest(Path(f"x.{suffix}"), dpi=72)
    assert to_bytes(display, request) == to_bytes(display, request)


def test_the_file_and_the_picture_in_memory_are_the_same(display, tmp_path):
    request = FigureRequest(tmp_path / "a.png", dpi=80)
    run(display, request)
    written = np.rint(imread(request.path) * 255).astype(np.uint8)
    assert (written == to_rgba(display, request)).all()
    assert (written == np.rint(imread(io.BytesIO(to_bytes(display, request))) * 255)).all()


def test_before_and_after_stand_side_by_side_with_their_numbers(thinned):
    figure = draw(thinned, FigureRequest(state="both", title="Two states"))
    words = {text.get_text() for text in figure.texts}
    after = thinned.summary.after.particles
    assert after < 4000
    assert {"Two states", "Before: 4,000 particles", f"After: {after:,} particles"} <= words
    assert any(f"N = 4,000 before, {after:,} after" in word for word in words)


def test_the_picture_after_thinning_has_lost_the_hot_spot(thinned):
    request = FigureRequest(dpi=100, outline=False)
    x, y = charts()["azel"].forward(hot_direction()[None])[0]
    for state in ("before", "after"):
        shown = replace(request, state=state)
        found = pixel_at(draw(thinned, shown), to_rgba(thinned, shown), x, y)
        assert (found == hot_color(thinned)).all() == (state == "before")


@pytest.mark.parametrize("what", ["chart", "sphere", "histogram"])
def test_after_needs_a_thinning(display, what):
    with pytest.raises(UserError, match="Nothing is thinned"):
        draw(display, FigureRequest(what=what, state="after"))


def test_every_bin_is_in_the_histogram(thinned):
    figure = draw(thinned, FigureRequest(what="histogram", state="both"))
    for bars in figure.axes[0].containers:
        assert sum(bar.get_height() for bar in bars) == thinned.binning.grid.n


def test_the_histogram_marks_the_uniform_expectation(display):
    figure = draw(display, FigureRequest(what="histogram"))
    (line,) = figure.axes[0].get_lines()
    assert line.get_xdata()[0] == pytest.approx(4000 / 768)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"quantity": "count"}, "particles per bin"),
        ({"quantity": "significance"}, "σ above shot noise"),
        ({"quantity": "mean:rlnDefocusU"}, "mean of rlnDefocusU"),
        ({"scale": "linear"}, "× uniform"),
        ({"symmetry": "D2", "look": "folded"}, "outside unit"),
        ({"symmetry": "C3", "look": "expanded"}, "C3, all copies"),
    ],
)
def test_figures_say_what_they_show(particles, change, words):
    plan = replace(PLAN, selection=(), **change)
    figure = draw(resolve(particles, plan), FigureRequest(chart="mollweide"))
    assert words in "\n".join(text.get_text() for text in figure.texts)


@pytest.mark.parametrize("width", [60, 85, 170])
@pytest.mark.parametrize("name", [*charts(), "sphere"])
def test_no_text_lies_on_another_or_off_the_page(particles, name, width):
    display = resolve(particles, Plan(symmetry="C3", look="expanded"))
    what = {"what": "sphere"} if name == "sphere" else {"chart": name}
    figure = draw(display, FigureRequest(width_mm=width, dpi=200, **what))
    figure.canvas.draw()
    page = figure.bbox.padded(0.5)
    texts = [*figure.texts, *(t for axes in figure.axes for t in axes.texts)]
    boxes = {t.get_text(): t.get_window_extent() for t in texts if t.get_text()}
    for box in boxes.values():
        assert page.x0 <= box.x0 <= box.x1 <= page.x1
        assert page.y0 <= box.y0 <= box.y1 <= page.y1
    named = list(boxes.items())
    for i, (one, box) in enumerate(named):
        for other, there in named[i + 1 :]:
            shared = np.minimum(box.max, there.max) - np.maximum(box.min, there.min)
            assert not (shared > 1.5).all(), (one, other)


def test_a_suffix_that_cannot_be_written_is_answered_with_those_that_can(display, tmp_path):
    for name in ("figure.gif", "figure"):
        with pytest.raises(UserError, match="png, svg, pdf"):
            run(display, FigureRequest(tmp_path / name))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"chart": "robinson"}, "azel, mollweide"),
        ({"what": "sphere", "view": "left"}, "top, bottom"),
        ({"what": "sphere", "view": ((1, 0, 0), (0, 1, 0), (0, 0, 2))}, "not a rotation"),
        ({"dpi": 0}, "dpi of a figure"),
        ({"width_mm": 5}, "width of a figure"),
        ({"height_mm": 40, "chart": "lambert"}, "no room"),
        ({"what": "plot"}, "sphere, chart, histogram"),
    ],
)
def test_requests_that_make_no_sense_are_refused_in_words(display, tmp_path, change, words):
    with pytest.raises(UserError, match=words):
        run(display, FigureRequest(tmp_path / "a.png", **change))
    assert not list(tmp_path.iterdir())


def test_a_missing_folder_is_told_and_the_particle_file_is_never_replaced(display, source):
    with pytest.raises(UserError, match="no folder"):
        run(display, FigureRequest(source.parent / "nowhere" / "a.png", dpi=50))
    link = source.parent / "figure.png"
    link.symlink_to(source)
    before = source.read_bytes()
    with pytest.raises(UserError, match="never written over"):
        run(display, FigureRequest(link, dpi=50))
    assert source.read_bytes() == before


def test_cancelling_leaves_nothing(display, tmp_path):
    def stop(fraction, phrase):
        if fraction > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        run(display, FigureRequest(tmp_path / "a.png", dpi=50), stop)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a$b$.star", r"a$\frac{$.star"])
def test_a_dollar_in_a_name_is_a_dollar(source, tmp_path, name):
    copy = shutil.copy(source, tmp_path / name)
    figure = tmp_path / "figure.svg"
    run(resolve(open_particles(copy), PLAN), FigureRequest(figure))
    assert name in figure.read_text()


def test_a_name_that_is_not_utf8_can_be_drawn(source, tmp_path):
    copy = shutil.copy(source, tmp_path / os.fsdecode(b"d\xe9j\xe0.star"))
    assert to_bytes(resolve(open_particles(copy), PLAN), FigureRequest(dpi=50))
