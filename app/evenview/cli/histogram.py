"""Write the particles in each bin of the sphere as CSV: bin,x,y,z,area,count,density.

The centre x, y, z is a unit vector, the area is in steradian, the density in multiples of uniform.
HEALPix bins are numbered in the RING scheme.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from evenview.cli import common
from evenview.tasks import histogram


def configure(parser: argparse.ArgumentParser, _arguments: Sequence[str]) -> None:
    """Add the options."""
    common.add_file(parser)
    common.add_reading(parser)
    common.add_output(parser, "OUT.csv", "where the table goes")
    common.add_sphere(parser)
    common.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Do it."""
    request = histogram.HistogramRequest(
        options.file,
        options.output,
        options.grid,
        options.symmetry,
        options.look,
        common.reading(options),
    )
    return common.report(histogram.run(request, common.progress()), options.json)
