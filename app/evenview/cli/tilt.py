"""Say how packages see a tilt series, how two descriptions of one relate, and which hand it has.

    evenview tilt TS_01.tlt TS_01.xf
    evenview tilt TS_01.tlt TS_01.xf info/TS_01_info.json
    evenview tilt tomograms.star --tomogram TS_01 --defocus halves.csv
    evenview tilt --axis 85.3 --tilts -40 -20 0 20 40 --left 3.9 3.4 3.0 2.6 2.1 \\
        --right 2.1 2.6 3.0 3.4 3.9 --defocus-unit um
    evenview tilt TS_01.tlt --axis 85.3 --to eman2 --particles run_data.star -o eman.star

Files: IMOD .tlt or .rawtlt with the .xf (and what tilt.com beside it adds), AreTomo .aln, SerialEM
.mdoc, Warp .tomostar or .xml, star files of RELION's tilt series (the global one too, with
--tomogram), EMAN2's info .json. Of several series each is compared with the first. Left and right
are of images turned so that the axis points up. docs/tilt.md has the formulas, the keys of --json,
and says what is not certain.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evenview.cli import common
from evenview.core.errors import UserError
from evenview.core.tilt.packages import PACKAGES
from evenview.formats.star.cells import number_of
from evenview.formats.tilt import Given
from evenview.tasks import tilt
from evenview.tasks.tilt_particles import ParticlesRequest
from evenview.tasks.tilt_request import TiltRequest, Typed, TypedSeries


def configure(parser: argparse.ArgumentParser, _arguments: Sequence[str]) -> None:
    """Add the options."""
    # As in pose: -1e-5 and nan are numbers, not options.
    parser._negative_number_matcher = re.compile(r"-[\d.]|-(inf|nan)", re.IGNORECASE)
    about = "of one tilt series, or of several that describe the same images"
    parser.add_argument("files", metavar="FILE", type=Path, nargs="*", help=about)
    group = parser.add_argument_group("where the files leave it open")
    group.add_argument(
        "--axis",
        metavar="DEGREES",
        type=float,
        help="of the tilt axis, from +y of the image counter-clockwise",
    )
    group.add_argument(
        "--axis-of",
        metavar=("FILE", "DEGREES"),
        nargs=2,
        action="append",
        default=[],
        help="the same of one of several series",
    )
    group.add_argument("--tomogram", metavar="NAME", help="which of several series of a file")
    group.add_argument("--pixel-size", metavar="Å", type=float, help="of the tilt images")
    group.add_argument(
        "--of",
        choices=tuple(PACKAGES),
        help="whose axis and angles --axis and --tilts are, without a file; default imod",
    )
    _add_defocus(parser)
    _add_particles(parser)
    common.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Do it."""
    _require_finite("--axis", options.axis, above=None)
    _require_finite("--pixel-size", options.pixel_size)
    _require_finite("--apart", options.apart)
    request = TiltRequest(
        files=tuple(options.files),
        given=Given(
            options.axis if options.files else None,
            options.tomogram,
            options.pixel_size,
            axes=_axes(options),
        ),
        made=_made(options),
        typed=_typed(options),
        defocus=options.defocus,
        apart=None if options.defocus is None else options.apart,
        micrometres=options.defocus_unit == "um",
        particles=_particles(options),
        package=options.to,
    )
    return common.report(tilt.run(request, common.progress()), options.json)


def _add_defocus(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the hand of the first series, from measured defocus")
    group.add_argument(
        "--defocus",
        metavar="TABLE",
        type=Path,
        help="with headings tilt,left,right or tilt,x,y,defocus (x and y in pixels of the image), "
        "or a star file with rlnDefocusU, rlnCoordinateX, ...",
    )
    group.add_argument(
        "--tilts",
        nargs="+",
        type=float,
        metavar="DEGREES",
        help="default: those of FILE; without a file, with --axis, the series itself",
    )
    for side in ("left", "right"):
        about = f"defocus of what lies {side} of the axis, a value a tilt; nan for none"
        group.add_argument(f"--{side}", nargs="+", type=float, metavar="VALUE", help=about)
    group.add_argument(
        "--apart",
        metavar="Å",
        type=float,
        help="between the middles of the left and the right part, in the image: then the slope is "
        "1 or -1; also for left and right of TABLE",
    )
    group.add_argument(
        "--defocus-unit",
        choices=("A", "um"),
        default="A",
        help="of the values typed or in TABLE: Å or µm; default %(default)s",
    )


def _add_particles(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("particles of the first tomogram, written for another")
    group.add_argument(
        "--to",
        choices=tuple(PACKAGES),
        help="the tomogram that this package makes of the same axis and angles as they are; "
        "without it, that of the second series",
    )
    group.add_argument(
        "--particles",
        metavar="FILE",
        type=Path,
        help="subtomograms of RELION, M, Dynamo, AV3 or STOPGAP, with their places",
    )
    group.add_argument("-o", "--output", metavar="OUT", type=Path, help="the file to write")
    group.add_argument(
        "--size",
        nargs=3,
        type=float,
        metavar=("X", "Y", "Z"),
        help="of the tomogram in the pixels of the coordinates, where these count from its corner",
    )
    group.add_argument(
        "--voxel-size",
        metavar="Å",
        type=float,
        help="of those pixels, where they are not those of the tilt series and no file says it",
    )
    group.add_argument(
        "--all-tomograms", action="store_true", help="particles of several tomograms move alike"
    )


def _made(options: argparse.Namespace) -> TypedSeries | None:
    """The series, where there are no files."""
    if options.files:
        if options.of is not None:
            raise UserError("--of is given with files", hint="These say themselves what they are.")
        return None
    if options.tilts is None or options.axis is None:
        return None
    _require_angles(options.tilts)
    return TypedSeries(options.of or "imod", options.axis, tuple(options.tilts))


def _require_angles(angles: Sequence[float]) -> None:
    if not np.isfinite(angles).all():
        raise UserError("an angle of --tilts is infinite or no number")


def _typed(options: argparse.Namespace) -> Typed | None:
    sides = (options.left, options.right)
    if all(side is None for side in sides):
        needed = ["tilts"] if options.files else []
        needed += ["apart"] if options.defocus is None else []
        for name in needed:
            if getattr(options, name) is not None:
                raise UserError(
                    f"--{name} is given without --left and --right", hint="Say these, too."
                )
        return None
    if any(side is None for side in sides):
        raise UserError("defocus of one side only is given", hint="Say --left and --right.")
    tilts = None if options.tilts is None or not options.files else tuple(options.tilts)
    if tilts is not None:
        _require_angles(tilts)
    return Typed(tuple(options.left), tuple(options.right), tilts, options.apart)


def _axes(options: argparse.Namespace) -> dict[Path, float]:
    """The axes of single files."""
    found = {}
    for name, said in options.axis_of:
        path, axis = Path(name), number_of(said.encode("utf-8", "replace"))
        if path not in options.files:
            raise UserError(
                f"--axis-of names {name}, which is not among the files",
                hint="Give the file itself, too; of a .tlt and an .xf the .tlt counts.",
            )
        _require_finite("--axis-of", np.nan if axis is None else axis, above=None)
        found[path] = axis or 0.0
    return found


def _particles(options: argparse.Namespace) -> ParticlesRequest | None:
    if (options.particles is None) != (options.output is None):
        one, other = ("--particles", "-o") if options.output is None else ("-o", "--particles")
        raise UserError(f"{one} is given without {other}", hint=f"Say {other}, too.")
    if options.particles is None:
        for option in ("size", "voxel_size", "all_tomograms"):
            if getattr(options, option):
                name = option.replace("_", "-")
                raise UserError(f"--{name} is given without --particles", hint="Say both.")
        return None
    size = None if options.size is None else tuple(options.size)
    if size is not None and not (np.isfinite(size).all() and min(size) > 0):
        raise UserError("the size of a tomogram is three numbers above 0")
    _require_finite("--voxel-size", options.voxel_size)
    return ParticlesRequest(
        options.particles, options.output, size, options.voxel_size, options.all_tomograms
    )


def _require_finite(name: str, value: float | None, above: float | None = 0.0) -> None:
    sound = value is None or (np.isfinite(value) and (above is None or value > above))
    if not sound:
        what = "a number" if above is None else "a number above 0"
        raise UserError(f"{name} is to be {what}, and {value:g} is not")
