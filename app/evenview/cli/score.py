"""Say how evenly the views of a file fill Fourier space: SCF*, effective particles, E_od and more.

SCF* is 1 for views spread evenly and 0.81 for ideal side views; N · SCF* are the effective
particles. Where Fourier space has holes SCF* depends on the number of particles, so it is said for
10,000 of them. docs/scores.md explains every number.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from evenview.cli import common, half_maps
from evenview.core.sampling import EMPTY_SAMPLING, RADIUS
from evenview.tasks import score
from evenview.tasks.half_maps import Together
from evenview.tasks.half_maps import run as compare


def configure(parser: argparse.ArgumentParser, _arguments: Sequence[str]) -> None:
    """Add the options."""
    common.add_file(parser)
    common.add_reading(parser)
    _add_views(parser)
    half_maps.add_options(parser)
    common.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Do it."""
    wanted = half_maps.request(options)
    request = score.ScoreRequest(
        options.file,
        options.symmetry,
        options.radius,
        options.s0,
        options.tilt,
        common.reading(options),
    )
    views = score.run(request, common.progress())
    if wanted is None:
        return common.report(views, options.json)
    maps = compare(wanted, common.progress())
    return common.report(Together(views, maps), options.json)


def _add_views(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("scores of the views")
    group.add_argument(
        "--symmetry",
        default="C1",
        metavar="GROUP",
        help="point group of the map, all copies of which count (default %(default)s)",
    )
    group.add_argument(
        "--radius",
        type=int,
        default=RADIUS,
        metavar="K",
        help="of the shell that is looked at, Fourier voxels (default %(default)s)",
    )
    group.add_argument(
        "--s0",
        type=float,
        default=EMPTY_SAMPLING,
        metavar="VIEWS",
        help="what an empty direction counts as (default %(default)g)",
    )
    group.add_argument(
        "--tilt", action="store_true", help="the scores at other angles of the stage, too"
    )
