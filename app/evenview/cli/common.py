"""What the sub-commands share: options for grid and symmetry, printing results, progress."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from evenview.core.plan import LOOKS
from evenview.core.progress import Progress, silent
from evenview.tasks.result import Result


def add_file(parser: argparse.ArgumentParser) -> None:
    """The particle file, always the first word."""
    about = "particle file, such as a RELION .star or a cryoSPARC .cs"
    parser.add_argument("file", metavar="FILE", type=Path, help=about)


def add_class(parser: argparse.ArgumentParser) -> None:
    """Which of several poses of each particle."""
    parser.add_argument(
        "--class",
        dest="chosen_class",
        metavar="K",
        type=int,
        help="where FILE has poses for several classes: those of class K, as cryoSPARC numbers "
        "them from 0 (default: of each particle's most probable class)",
    )


def add_output(parser: argparse.ArgumentParser, metavar: str, what: str) -> None:
    """Where the main result goes."""
    parser.add_argument("-o", "--output", metavar=metavar, type=Path, required=True, help=what)


def add_json(parser: argparse.ArgumentParser) -> None:
    """Machine-readable report."""
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


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
