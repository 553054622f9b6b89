"""The options of the scores of half-maps, and what they ask for."""

from __future__ import annotations

import argparse
from pathlib import Path

from evenview.core.errors import UserError
from evenview.core.halfmaps import AXES, HALF_ANGLE, THRESHOLD, Settings
from evenview.tasks.half_maps import HalfMapsRequest

#: Options that say nothing without --half-maps.
_OTHERS = ("mask", "pixel_size", "curves", "fsc_volume", "cone", "axes", "fsc")


def add_options(parser: argparse.ArgumentParser) -> None:
    """How alike two half-maps are by direction, beside the scores of the views."""
    group = parser.add_argument_group("scores of the half-maps")
    group.add_argument(
        "--half-maps",
        nargs=2,
        type=Path,
        metavar=("A.mrc", "B.mrc"),
        help="conical and toroidal FSC, cFAR, tFAR, resolution by direction, 3DFSC and its "
        "sphericity of the two unfiltered half-maps",
    )
    group.add_argument(
        "--mask", type=Path, metavar="M.mrc", help="a soft mask that both are multiplied by"
    )
    group.add_argument(
        "--pixel-size", type=float, metavar="Å", help="of the maps, where they say it wrongly"
    )
    group.add_argument(
        "--cone",
        type=float,
        metavar="DEGREES",
        help=f"half the opening of the cones (default {HALF_ANGLE:g})",
    )
    group.add_argument(
        "--axes", type=int, metavar="N", help=f"how many cones and toruses (default {AXES})"
    )
    group.add_argument(
        "--fsc",
        type=float,
        metavar="F",
        help=f"where areas end and resolutions are read (default {THRESHOLD:g})",
    )
    group.add_argument(
        "--curves", type=Path, metavar="OUT.csv", help="write the FSC curves of all axes"
    )
    group.add_argument(
        "--fsc-volume",
        type=Path,
        metavar="OUT.mrc",
        help="write the 3DFSC: of each voxel of Fourier space the FSC of the cone around it",
    )


def request(options: argparse.Namespace) -> HalfMapsRequest | None:
    """What the options of `add_options` ask for, None where no half-maps are given.

    Raises `UserError` for the other options without them, and for settings that make no sense.
    """
    if options.half_maps is None:
        for name in _OTHERS:
            if getattr(options, name) is not None:
                raise UserError(
                    f"--{name.replace('_', '-')} goes with --half-maps",
                    hint="Give the two half-maps, too.",
                )
        return None
    used = Settings(
        HALF_ANGLE if options.cone is None else options.cone,
        AXES if options.axes is None else options.axes,
        THRESHOLD if options.fsc is None else options.fsc,
    )
    first, second = options.half_maps
    return HalfMapsRequest(
        first,
        second,
        options.mask,
        options.pixel_size,
        used,
        options.curves,
        options.fsc_volume,
    )
