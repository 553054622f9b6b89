"""What the sub-commands share: options for grid and symmetry, printing results, progress."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from evenview.core.columns_word import parse_columns
from evenview.core.errors import UserError
from evenview.core.plan import LOOKS
from evenview.core.progress import Progress, silent
from evenview.core.reading import Reading
from evenview.tasks.result import Result


def add_file(parser: argparse.ArgumentParser) -> None:
    """The particle file, always the first word."""
    about = "particle file, such as a RELION .star or a cryoSPARC .cs"
    parser.add_argument("file", metavar="FILE", type=Path, help=about)


def add_reading(parser: argparse.ArgumentParser) -> None:
    """What FILE may leave open: which of several poses of each particle, which columns."""
    group = parser.add_argument_group("where FILE leaves it open")
    group.add_argument(
        "--class",
        dest="chosen_class",
        metavar="K",
        type=int,
        help="of poses for several classes: those of class K, as cryoSPARC numbers them from 0 "
        "(default: of each particle's most probable class)",
    )
    group.add_argument(
        "--columns",
        metavar="NAME=COLUMN,...",
        help="of a table of text: the number (from 1) or heading of each column that counts, such "
        "as rot=3,tilt=4,psi=5,half=8. The names of the numbers tell the convention; 'evenview "
        "pose --help' lists them. Others: half; dx, dy and dz with shift=px or shift=A and "
        "sign=origin (RELION's) or sign=position; apix=1.2; angles=radians",
    )
    group.add_argument(
        "--convention",
        metavar="NAME",
        help="with --columns: whose numbers these are, where the names leave it open (phi, theta "
        "and psi are cistem's and emmotl's)",
    )


def reading(options: argparse.Namespace) -> Reading:
    """What the options of `add_reading` say. Raises `UserError` where that is not understood."""
    if options.columns is None:
        if options.convention is not None:
            raise UserError(
                "--convention goes with --columns", hint="Say which columns hold the numbers, too."
            )
        return Reading(options.chosen_class)
    return Reading(options.chosen_class, parse_columns(options.columns, options.convention))


def add_output(parser: argparse.ArgumentParser, metavar: str, what: str) -> None:
    """Where the main result goes."""
    parser.add_argument("-o", "--output", metavar=metavar, type=Path, required=True, help=what)


def add_json(parser: argparse.ArgumentParser) -> None:
    """Machine-readable report."""
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def add_sampling(parser: argparse._ActionsContainer) -> None:
    """What some files do not say of their images."""
    parser.add_argument(
        "--pixel-size", metavar="Å", type=float, help="of the images, where FILE does not say it"
    )
    parser.add_argument(
        "--box", metavar="PX", type=int, help="side of the images, where FILE does not say it"
    )


def add_sphere(parser: argparse.ArgumentParser) -> None:
    """How the sphere is cut and which copies of a view count."""
    group = parser.add_argument_group("the sphere")
    group.add_argument(
        "--grid",
        default="healpix:4",
        metavar="GRID",
        help="healpix:ORDER, fibonacci:BINS or azel:DEGREES (default %(default)s)",
    )
    group.add_argument(
        "--symmetry",
        default="C1",
        metavar="GROUP",
        help="point group in RELION's setting: Cn, Dn, T, O, I1, I2, I3, I4; or, of other "
        "packages, D7y, T222, T-eman (default %(default)s)",
    )
    group.add_argument(
        "--look",
        choices=LOOKS,
        default="stored",
        help="directions as stored, expanded to all symmetry copies, or folded to one "
        "asymmetric unit (default %(default)s)",
    )


def report(result: Result, as_json: bool) -> int:
    """Print a result on standard output and return exit code 0."""
    print(json.dumps(result.as_json(), indent=2) if as_json else result.summary())
    return 0


def progress() -> Progress:
    """Show progress on standard error if somebody is looking, else keep quiet."""
    return _on_terminal if sys.stderr and sys.stderr.isatty() else silent


def _on_terminal(fraction: float, phrase: str) -> None:
    end = "\n" if fraction >= 1 else ""
    print(f"\r\033[K{phrase} {fraction:4.0%}", end=end, file=sys.stderr, flush=True)
