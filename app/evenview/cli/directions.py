"""Write every particle's view direction as CSV: row,x,y,z,azimuth,elevation,inplane.

Rows count from 0 in file order; angles are in degrees. azimuth = atan2(y, x) = rlnAngleRot,
elevation = asin(z) = 90 - rlnAngleTilt, inplane = rlnAnglePsi, whatever the file's own convention.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from evenview.cli import common
from evenview.tasks import directions


def configure(parser: argparse.ArgumentParser, _arguments: Sequence[str]) -> None:
    """Add the options."""
    common.add_file(parser)
    common.add_reading(parser)
    common.add_output(parser, "OUT.csv", "where the table goes")
    common.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Do it."""
    request = directions.DirectionsRequest(options.file, options.output, common.reading(options))
    return common.report(directions.run(request, common.progress()), options.json)
