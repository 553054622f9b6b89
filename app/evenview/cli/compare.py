"""Compare the poses of the same particles in two files: which agree, and how the frames relate.

    evenview compare run_data.star J20_particles.cs --symmetry D7
    evenview compare before.star after.star -o differences.csv --disagreeing odd.star
    evenview compare predicted.pkl truth.star --match row --truth

Finds which particles match, the turn G of the map, whether its hand is flipped, the symmetry
operator S of each particle and the share that agrees, whatever the others do: the pose of B is
about A S Gᵀ (where flipped, of D A D with D = diag(1, 1, -1)). Known relations are named: a z flip,
another setting of the group, transposed angles, mirrored images, an in-plane offset, radians.
docs/comparing.md explains the numbers.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from evenview.cli import common
from evenview.core.compare.matching import TOLERANCE, WAYS
from evenview.core.means import METRICS
from evenview.core.reading import Reading
from evenview.tasks import compare


def configure(parser: argparse.ArgumentParser, _arguments: Sequence[str]) -> None:
    """Add the options."""
    about = "particle file of any known format"
    parser.add_argument("a", metavar="A", type=Path, help=about)
    parser.add_argument("b", metavar="B", type=Path, help=f"{about} with the same particles")
    parser.add_argument(
        "--symmetry",
        metavar="GROUP",
        help="point group of the maps, in RELION's setting: Cn, Dn, T, O, I1, I2, I3, I4; or D7y, "
        "T222, T-eman (default: what a file names, or C1); its other settings are tried, too, and "
        "that its axes stand so in only one of the maps",
    )
    parser.add_argument(
        "--truth",
        action="store_true",
        help="B is the truth: judge A's orientations by it, in the frame as given and fitted",
    )
    _add_metric(parser)
    _add_matching(parser)
    _add_outputs(parser)
    for side in ("a", "b"):
        _add_reading(parser, side)
    common.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Do it."""
    outputs = compare.Outputs(
        options.output, options.disagreeing, options.agreeing, options.of, options.over
    )
    request = compare.CompareRequest(
        options.a,
        options.b,
        options.symmetry,
        options.match,
        options.tolerance,
        options.truth,
        options.pixel_size,
        options.box,
        _reading(options, "a"),
        _reading(options, "b"),
        outputs,
        metric=options.metric,
    )
    return common.report(compare.run(request, common.progress()), options.json)


def _add_matching(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("which particles are the same")
    group.add_argument(
        "--match",
        choices=WAYS,
        help="by cryoSPARC's uid; by the number and stack of the image, whose folders and suffix "
        "may differ; by micrograph and coordinates; or row by row (default: the first of these "
        "that both files allow and that finds half of the particles)",
    )
    group.add_argument(
        "--tolerance",
        type=float,
        default=TOLERANCE,
        metavar="Å",
        help="between coordinates of the same particle; pixels where these have no size "
        "(default %(default)g)",
    )
    group.add_argument(
        "--pixel-size", metavar="Å", type=float, help="of the images, where a file does not say it"
    )
    group.add_argument(
        "--box", metavar="PX", type=int, help="side of the images, where a file does not say it"
    )


def _add_outputs(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what is written")
    group.add_argument(
        "-o",
        "--output",
        metavar="OUT.csv",
        type=Path,
        help="a line for each matched particle: rows, errors, symmetry operator, probability",
    )
    group.add_argument(
        "--disagreeing", metavar="OUT", type=Path, help="the particles that do not agree"
    )
    group.add_argument("--agreeing", metavar="OUT", type=Path, help="the particles that agree")
    group.add_argument(
        "--of",
        choices=("A", "B"),
        default="A",
        help="whose rows these are, byte for byte and in its format (default %(default)s)",
    )
    group.add_argument(
        "--over",
        metavar="DEGREES",
        type=float,
        help="particles disagree whose angle is larger (default: whose probability to agree is "
        "not above 0.5)",
    )


def _add_metric(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--metric",
        choices=tuple(METRICS),
        help="tell the distances by this metric and the means by it, and put a column of it into "
        "the table, where the geodesic distance, the angle, is already",
    )


def _add_reading(parser: argparse.ArgumentParser, side: str) -> None:
    """As `common.add_reading`, of one of the files."""
    group = parser.add_argument_group(f"where {side.upper()} leaves it open, as in other commands")
    group.add_argument(f"--class-{side}", metavar="K", type=int, help="the poses of class K")
    group.add_argument(
        f"--columns-{side}", metavar="NAME=COLUMN,...", help="the columns of a table of text"
    )
    group.add_argument(f"--convention-{side}", metavar="NAME", help="whose numbers these are")


def _reading(options: argparse.Namespace, side: str) -> Reading:
    names = {"chosen_class": "class", "columns": "columns", "convention": "convention"}
    own = {name: getattr(options, f"{option}_{side}") for name, option in names.items()}
    return common.reading(argparse.Namespace(**own))
