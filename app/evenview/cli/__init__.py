"""The command line: one file a sub-command, imported only when it is chosen. No Qt here."""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evenview.core.preview import TablePreview

#: Sub-command to the line that `evenview --help` shows; the module has the same name.
COMMANDS = {
    "info": "what a particle file is: format, particles, half-sets, pixel size, warnings",
    "check": "every rule that a file breaks, what it will cause, and safe fixes",
    "pose": "one rotation, or a table of them, in every package's convention",
    "directions": "every particle's view direction, azimuth, elevation and in-plane angle, as CSV",
    "histogram": "particles in each bin of the sphere, as CSV",
    "score": "how evenly the views fill Fourier space: SCF*, effective particles, E_od, verdict",
    "compare": "which poses of two files agree, and how their frames relate",
    "convert": "write particles in another program's format",
    "transform": "change the poses as the map is turned, shifted or mirrored",
    "tilt": "the tilt axis of a tomogram in every package, and its hand from defocus",
    "align": "lay maps over a reference: turn, shift and hand, with the particles",
    "rebalance": "thin the crowded views and write the kept and the excluded particles",
    "replay": "write the files of a recipe again",
    "figure": "a picture of the sphere, a chart or the histogram as PNG, SVG or PDF",
    "demo": "unpack the demo set and print where it is",
}


def run(command: str, arguments: Sequence[str]) -> int:
    """Run one sub-command and return its exit code."""
    module = importlib.import_module(f"evenview.cli.{command}")
    parser = argparse.ArgumentParser(
        prog=f"evenview {command}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    module.configure(parser, arguments)
    try:
        options = parser.parse_intermixed_args(arguments)  # files after options, too
    except SystemExit as end:  # help was asked for, or argparse has said what is wrong
        return int(end.code or 0)
    # A batch system ends jobs so: what is half-written is to be removed as after Ctrl-C.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        code: int = module.run(options)
    finally:
        signal.signal(signal.SIGTERM, before)
    return code


def overview() -> str:
    """What `evenview --help` prints."""
    lines = [f"  {name:<12}{help_line}" for name, help_line in COMMANDS.items()]
    return "\n".join(
        [
            "usage: evenview [FILE ...]            open the window",
            "       evenview --demo                open the window on the demo set",
            "       evenview COMMAND [...]         work without a window",
            "       evenview --version",
            "",
            "See, select and rebalance the orientation distribution of a cryo-EM data set.",
            "",
            "commands:",
            *lines,
            "",
            "'evenview COMMAND --help' explains a command.",
            "Exit codes: 0 done, 2 something in the input is to be mended, 1 a bug.",
        ]
    )


def show(preview: TablePreview) -> None:
    """Show the beginning of a table whose columns are to be explained."""
    from evenview.cli.preview import table

    if sys.stderr:
        print(table(preview), file=sys.stderr)


def tell(sentence: str) -> None:
    """Say something to the user that is not output."""
    if sys.stderr:  # None where a shell has closed it
        print(f"evenview: {sentence}", file=sys.stderr)
