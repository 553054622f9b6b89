"""Draw the sphere, a chart or the histogram of a particle file as PNG, SVG or PDF.

The picture is the one the window exports. With the recipe of a rebalancing it shows that plan, and
can show the views after thinning.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from evenview.charts import DEFAULT, charts
from evenview.cli import common
from evenview.core.colormap import DIVERGING, NAMES, SEQUENTIAL, suited
from evenview.core.density import DIVERGING_QUANTITIES
from evenview.core.errors import UserError
from evenview.core.plan import Plan
from evenview.core.resolve import resolve
from evenview.formats import open_particles
from evenview.tasks import figure
from evenview.tasks.drawing.picture import STATES
from evenview.tasks.drawing.views import VIEWS
from evenview.tasks.recipe_file import load_recipe

OTHERS = ("sphere", "histogram")


def configure(parser: argparse.ArgumentParser, _arguments: Sequence[str]) -> None:
    """Add the options."""
    common.add_file(parser)
    common.add_reading(parser)
    common.add_output(parser, "OUT.(png|svg|pdf)", "the figure; its suffix says the format")
    parser.add_argument(
        "--chart",
        choices=[*charts(), *OTHERS],
        default=DEFAULT,
        help="a flat chart, the sphere, or the histogram of particles per bin "
        "(default %(default)s: azimuth and elevation)",
    )
    parser.add_argument(
        "--view", choices=VIEWS, default="reset", help="from where the sphere is seen"
    )
    _add_colors(parser)
    _add_page(parser)
    common.add_sphere(parser)
    parser.add_argument("--recipe", type=Path, metavar="R.json", help="show the plan of a recipe")
    parser.add_argument(
        "--state", choices=STATES, default="before", help="before thinning, after it, or both"
    )
    parser.set_defaults(grid=None, symmetry=None, look=None)
    common.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Do it."""
    tell = common.progress()
    request = figure.FigureRequest(
        path=options.output,
        what=options.chart if options.chart in OTHERS else "chart",
        chart=DEFAULT if options.chart in OTHERS else options.chart,
        width_mm=options.width,
        dpi=options.dpi,
        transparent=options.transparent,
        title=options.title,
        view=options.view,
        state=options.state,
    )
    particles = open_particles(options.file, tell, common.reading(options))
    display = resolve(particles, _plan(options), None, tell)
    return common.report(figure.run(display, request, tell), options.json)


def _plan(options: argparse.Namespace) -> Plan:
    """The plan of the recipe, or a fresh one, with what the options say put in its place."""
    plan = load_recipe(options.recipe).plan if options.recipe else Plan()
    names = ("grid", "symmetry", "look", "quantity", "scale", "colormap")
    said = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    chosen = replace(plan, **said)
    if options.quantity and options.quantity.startswith(("field:", "rows:")):
        raise UserError(
            f"A figure cannot show {options.quantity}",
            hint="Such values are known in the window alone; export the figure there.",
        )
    if options.colormap or not options.quantity:
        return chosen
    diverging = chosen.quantity in DIVERGING_QUANTITIES
    return replace(chosen, colormap=suited(chosen.colormap, diverging=diverging))


def _add_colors(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("colours")
    group.add_argument(
        "--quantity",
        metavar="density|count|significance|sampling|value|mean:COLUMN",
        help="what the colours show: density in multiples of uniform (default), Fourier sampling "
        "by direction, the value of one more view, ...",
    )
    group.add_argument("--scale", choices=("linear", "log"), help="of the colours (default log)")
    group.add_argument(
        "--colormap",
        choices=NAMES,
        metavar="NAME",
        help=f"{', '.join(NAMES)} (default {SEQUENTIAL[0]}; {DIVERGING[0]} for significance)",
    )


def _add_page(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the page")
    group.add_argument(
        "--dpi", type=float, default=300.0, metavar="N", help="pixels an inch (default 300)"
    )
    group.add_argument(
        "--width",
        type=float,
        default=figure.TWO_COLUMNS,
        metavar="MM",
        help="width in mm (default %(default)g, two columns of most journals)",
    )
    group.add_argument("--transparent", action="store_true", help="without the white page")
    group.add_argument("--title", metavar="TEXT", help='above the drawing ("" for none)')
