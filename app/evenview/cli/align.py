"""Lay maps over a reference: turn, shift and hand, with particles and other maps carried along.

    evenview align reference.mrc moving.mrc -o aligned
    evenview align ref.mrc class1.mrc class2.mrc --particles one.star two.star -o aligned
    evenview align ref.mrc map.mrc --also half1.mrc half2.mrc mask.mrc -o aligned
    evenview align --apply aligned/map_transform.json sharpened.mrc run_data.star -o aligned

A point x of the map, in Å about its voxel N // 2 and mirrored in z first where the hand is changed,
lies at G x + t in the reference. Nothing is written without -o, and nothing is aligned before every
file was looked at. docs/aligning.md has the rest.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from evenview.cli import common, tell
from evenview.core.align.settings import Settings
from evenview.core.errors import UserError
from evenview.core.words import counted
from evenview.tasks import align

_NONE = "-"
#: The exit code where some of it was not done: as for all that the user can mend.
_SOME_FAILED = 2
#: What says how maps are aligned, or what goes with each: nothing of that is asked with --apply.
_NOT_APPLIED = (
    "mask",
    "masks",
    "lowpass",
    "max_shift",
    "max_angle",
    "hand",
    "pose",
    "also",
    "particles",
)


def configure(parser: argparse.ArgumentParser, _arguments: Sequence[str]) -> None:
    """Add the options."""
    parser.add_argument(
        "reference",
        metavar="REFERENCE",
        type=Path,
        nargs="?",
        help="the map that stays where it is; with --apply, a file to be moved like the others",
    )
    parser.add_argument("maps", metavar="MAP", type=Path, nargs="*", help="maps that are moved")
    parser.add_argument(
        "-o", "--output", metavar="DIR", type=Path, help="folder for everything that is written"
    )
    _add_companions(parser)
    _add_limits(parser)
    parser.add_argument(
        "--apply",
        metavar="T.json",
        type=Path,
        help="find nothing, but move all maps and particle files that are given as this file says",
    )
    common.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Do it."""
    if options.apply is not None:
        result = align.apply(_apply_request(options), common.progress())
        return common.report(result, options.json)
    done = align.run(request(options), common.progress())
    common.report(done if options.json else done.without_errors(), options.json)
    for error in done.errors:
        tell(str(error))
    return _SOME_FAILED if done.errors else 0


def request(options: argparse.Namespace) -> align.AlignRequest:
    """What the options ask for. Raises `UserError` where they do not go together."""
    maps: list[Path] = options.maps
    if not maps:
        raise UserError("no map is given to be moved", hint="Give REFERENCE and at least one MAP.")
    sizes = _sizes(options.pixel_size, 1 + len(maps))
    masks = _each(options.masks, len(maps), "--masks")
    also = _groups(options.also, len(maps), "--also")
    particles = _groups(options.particles, len(maps), "--particles")
    poses = _poses(options.pose, len(maps))
    moving = tuple(
        align.Moving(*of_one)
        for of_one in zip(maps, masks, sizes[1:], also, particles, poses, strict=True)
    )
    settings = _settings(options)
    return align.AlignRequest(
        options.reference,
        moving,
        options.mask,
        sizes[0],
        settings,
        options.output,
        options.even_so,
    )


def _settings(options: argparse.Namespace) -> Settings:
    limits: dict[str, Any] = {
        "lowpass": options.lowpass,
        "max_shift": options.max_shift,
        "max_angle": options.max_angle,
        "hands": options.hand,
    }
    return Settings(**{name: said for name, said in limits.items() if said is not None})


def _apply_request(options: argparse.Namespace) -> align.ApplyRequest:
    given = [name for name in _NOT_APPLIED if getattr(options, name) is not None]
    if given:
        raise UserError(
            f"--{given[0].replace('_', '-')} says nothing together with --apply",
            hint="Give the maps and particle files that are to be moved, and -o.",
        )
    if options.output is None:
        raise UserError("nothing says where the files go", hint="Give a folder with -o.")
    sizes = options.pixel_size or [None]
    if len(sizes) > 1:
        raise UserError(
            f"--pixel-size has {len(sizes)} numbers for --apply", hint="Give one for all files."
        )
    files = (*filter(None, [options.reference]), *options.maps)
    return align.ApplyRequest(
        options.apply, files, options.output, sizes[0], even_so=options.even_so
    )


def _sizes(given: list[float] | None, n: int) -> list[float | None]:
    if given is None:
        return [None] * n
    if len(given) == 1:
        return list(given * n)
    if len(given) != n:
        raise UserError(
            f"{counted(len(given), 'pixel size is', 'pixel sizes are')} given for {n} maps",
            hint="Give one for all, or one each, that of REFERENCE first.",
        )
    return list(given)


def _poses(given: list[int] | None, n: int) -> list[int]:
    poses = given or [0]
    if len(poses) not in (1, n):
        raise UserError(
            f"--pose has {counted(len(poses), 'number')} for {counted(n, 'map')}",
            hint="Give one for all, or one each.",
        )
    if min(poses) < 0:
        raise UserError(
            f"there is no pose {min(poses)}",
            hint="Give 0 for the best one, or the number of a runner-up.",
        )
    return poses * n if len(poses) == 1 else poses


def _each(given: list[Path] | None, n: int, option: str) -> list[Path | None]:
    """One for all maps, or one each; "-" is none."""
    if given is None:
        return [None] * n
    if len(given) not in (1, n):
        raise UserError(
            f"{option} has {counted(len(given), 'file')} for {counted(n, 'map')}",
            hint="Give one for all, or one each.",
        )
    files = [None if str(path) == _NONE else path for path in given]
    return files * n if len(files) == 1 else files


def _groups(given: list[list[Path]] | None, n: int, option: str) -> list[tuple[Path, ...]]:
    """The files of each map: all of one map, one each, or the option once for each; "-" is none."""
    if given is None:
        return [()] * n
    files = list(chain.from_iterable(given))
    if n == 1:
        groups = [files]
    elif len(given) == n:
        groups = given
    elif len(given) == 1 and len(files) == n:
        groups = [[path] for path in files]
    else:
        raise UserError(
            f"{option} does not say which of {n} maps its files belong to",
            hint=f"Give one file a map ({_NONE} for none), or {option} once for each map.",
        )
    return [tuple(path for path in group if str(path) != _NONE) for group in groups]


def _add_companions(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what goes with the maps")
    group.add_argument(
        "--particles",
        metavar="FILE",
        type=Path,
        nargs="+",
        action="append",
        help="particle files whose poses go with the map: all with a single MAP, else one each "
        "(- for none) or the option once for each",
    )
    group.add_argument(
        "--also",
        metavar="MAP",
        type=Path,
        nargs="+",
        action="append",
        help="other maps of the group (sharpened, half-maps, mask), moved alike; as --particles",
    )


def _add_limits(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what is compared, and how far maps may move")
    group.add_argument("--mask", metavar="M.mrc", type=Path, help="soft mask of REFERENCE")
    group.add_argument(
        "--masks",
        metavar="M.mrc",
        type=Path,
        nargs="+",
        help="of the maps: one for all or one each",
    )
    group.add_argument(
        "--lowpass", metavar="Å", type=float, help="compare nothing finer (default: all there is)"
    )
    group.add_argument(
        "--max-shift",
        metavar="Å",
        type=float,
        help="between the centre voxels (default: a quarter of the larger box)",
    )
    group.add_argument(
        "--max-angle",
        metavar="DEGREES",
        type=float,
        help="of the turn (default 180)",
    )
    group.add_argument(
        "--hand",
        choices=("both", "same"),
        help="try the mirrored map, too, or not (default both)",
    )
    group.add_argument(
        "--pose",
        metavar="N",
        type=int,
        nargs="+",
        help="take runner-up N, as it is listed, instead of the best pose (0): one for all maps, "
        "or one each",
    )
    group.add_argument(
        "--even-so",
        action="store_true",
        help="write particles, too, where there is no reliable answer; also with --apply",
    )
    group.add_argument(
        "--pixel-size",
        metavar="Å",
        type=float,
        nargs="+",
        help="instead of what headers say: one for all maps, or one each, that of REFERENCE first; "
        "with --apply also of particle files that say none",
    )
