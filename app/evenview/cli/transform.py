"""Rewrite poses and shifts as the map is turned, shifted or mirrored; the images stay.

    evenview transform run_data.star -o turned.star --rotate z 90
    evenview transform J20_particles.cs -o d7.cs --setting cryosparc:D7 relion:D7
    evenview transform run_data.star -o fitted.star --frame chimerax --map run_class001.mrc \\
        --matrix "0.5 -0.866 0 12.1  0.866 0.5 0 -3.4  0 0 1 0"
    evenview transform run_data.star -o hand.star --mirror z --mirror-about box

The turn is that of the map: r_new = R r_old, right-handed, in degrees, so views turn with it. Steps
are done in the order mirror, turn, shift. Every column that says neither pose nor shift stays byte
for byte; the input is never written over. 'evenview info FILE --symmetry GROUP' says which setting
of a group the views of a RELION refinement fit.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from evenview.cli import common
from evenview.core.errors import UserError
from evenview.core.settings import PACKAGES
from evenview.tasks import transform, turns


def configure(parser: argparse.ArgumentParser, _arguments: Sequence[str]) -> None:
    """Add the options."""
    # As in pose: -1e-5 and -1,0,0 are numbers, not options.
    parser._negative_number_matcher = re.compile(r"-[\d.]|-(inf|nan)", re.IGNORECASE)
    common.add_file(parser)
    common.add_output(parser, "OUT", "the file to write, in the format of FILE")
    _add_turn(parser)
    _add_mirror(parser)
    group = parser.add_argument_group("where the map and its images are")
    group.add_argument(
        "--frame",
        choices=("centre", "chimerax"),
        help="what turn and shift are about: the voxel N // 2 (default), or the origin of the "
        "map's coordinates, as the matrices that ChimeraX prints are; this needs --map, or the box "
        "and the pixel size",
    )
    group.add_argument(
        "--map", metavar="MAP.mrc", type=Path, help="gives box, voxel size and origin of the map"
    )
    common.add_sampling(group)
    common.add_reading(parser)
    common.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Do it."""
    request = transform.TransformRequest(
        options.file,
        options.output,
        steps(options),
        options.pixel_size,
        options.box,
        options.map,
        common.reading(options),
    )
    return common.report(transform.run(request, common.progress()), options.json)


def steps(options: argparse.Namespace) -> transform.Steps:
    """What the options say. Raises `UserError` where they do not go together."""
    turn = _turn(options)
    shift = turns.shift_of(" ".join(options.shift)) if options.shift else None
    if turn is not None and turn.shift is not None:
        if shift is not None:
            raise UserError(
                "a matrix of 12 numbers has a shift, and --shift is given", hint="Give one of them."
            )
        if options.frame is None:
            raise UserError(
                "a matrix of 12 numbers does not say what it turns about",
                hint="Say --frame chimerax where ChimeraX gave it, or --frame centre.",
            )
        shift = turn.shift
    _require_with(options.mirror, options.mirror_about, "--mirror-about", "--mirror")
    _require_with(options.images, options.images_about, "--images-about", "--images")
    return transform.Steps(
        mirror=options.mirror,
        mirror_about=options.mirror_about,
        turn=None if turn is None else turn.matrix,
        shift=shift,
        frame=options.frame or "centre",
        images=options.images.removeprefix("flip-") if options.images else None,
        images_about=options.images_about,
    )


def _turn(options: argparse.Namespace) -> turns.Turn | None:
    if options.rotate:
        return turns.about_axis(*options.rotate)
    if options.matrix:
        return turns.of_matrix(" ".join(options.matrix))
    if options.quaternion:
        return turns.of_quaternion(" ".join(options.quaternion))
    if options.setting:
        return turns.Turn(turns.between_settings(*options.setting).matrix)
    return None


def _require_with(main: str | None, about: str | None, option: str, needed: str) -> None:
    if about and not main:
        raise UserError(f"{option} is given without {needed}", hint=f"Say {needed}, too.")


def _add_turn(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how the map is turned and shifted")
    one = group.add_mutually_exclusive_group()
    one.add_argument(
        "--rotate", nargs=2, metavar=("AXIS", "ANGLE"), help="about x, y, z or an axis like 1,1,0"
    )
    one.add_argument(
        "--matrix",
        nargs="+",
        metavar="NUMBER",
        help="9 numbers, row by row, or 12 with a shift in Å at the end of each row; a matrix that "
        "mirrors is taken, one that scales is not",
    )
    one.add_argument("--quaternion", nargs="+", metavar="NUMBER", help="w x y z")
    one.add_argument(
        "--setting",
        nargs=2,
        metavar=("OLD", "NEW"),
        help="from one setting of a point group to another: D7 D7y, or what packages call them: "
        f"relion:D7 cryosparc:D7 ({', '.join(PACKAGES)})",
    )
    group.add_argument("--shift", nargs="+", metavar="NUMBER", help="x y z in Å, after the turn")


def _add_mirror(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("mirrors (in an even box each can be meant in two ways)")
    about = "about the voxel N // 2 (RELION's --invert_hand), or about the middle of the box"
    group.add_argument(
        "--mirror",
        choices=("x", "y", "z", "inversion"),
        help="the map, which changes its hand: this axis turned round, or all three",
    )
    group.add_argument(
        "--mirror-about",
        choices=("voxel", "box"),
        help=f"{about} (an array turned round, as by RELION's --flipX or cryoDRGN's flip_hand)",
    )
    group.add_argument(
        "--images",
        choices=("flip-x", "flip-y"),
        help="the images were mirrored, columns or rows turned round; the map keeps its hand",
    )
    group.add_argument("--images-about", choices=("voxel", "box"), help=f"{about}, as of arrays")
