"""Say what a particle file is: format, particles, half-sets, pixel size, units, warnings."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from evenview.cli import common
from evenview.tasks import info


def configure(parser: argparse.ArgumentParser, _arguments: Sequence[str]) -> None:
    """Add the options."""
    common.add_file(parser)
    common.add_reading(parser)
    parser.add_argument(
        "--symmetry",
        metavar="GROUP",
        help="tell which setting of this point group fits, from views that RELION has folded to "
        "one asymmetric unit; 'evenview transform --setting' changes it",
    )
    common.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Do it."""
    request = info.InfoRequest(options.file, common.reading(options), options.symmetry)
    return common.report(info.run(request, common.progress()), options.json)
