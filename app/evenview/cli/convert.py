"""Write particles in another program's format: poses, shifts and all else that both formats say.

    evenview convert run_data.star particles.cs
    evenview convert J20_particles.cs run_data.star --to relion
    evenview convert particles.par run_data.star --pixel-size 1.06 --box 256

Signs and units are changed to those of the format; what it cannot say is left behind, and the
report names it. The input is never written over. An output that is there already is replaced.

FORMAT, and the suffixes it has:
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from evenview.cli import common
from evenview.tasks import convert


def configure(parser: argparse.ArgumentParser, _arguments: Sequence[str]) -> None:
    """Add the options."""
    parser.description = f"{parser.description}{_table()}"
    parser.add_argument("file", metavar="IN", type=Path, help="particle file of any known format")
    parser.add_argument("output", metavar="OUT", type=Path, help="the file to write")
    parser.add_argument(
        "--to",
        metavar="FORMAT",
        help="one of the names above or the beginning of one, such as relion (default: by the "
        "suffix of OUT; .star is RELION's)",
    )
    common.add_reading(parser)
    common.add_sampling(parser)
    parser.add_argument(
        "--coordinate-pixel-size",
        metavar="Å",
        type=float,
        help="of the pixels that coordinates are in, where IN does not say it (default: what its "
        "format usually means, which the report says)",
    )
    common.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Do it."""
    request = convert.ConvertRequest(
        options.file,
        options.output,
        options.to,
        common.reading(options),
        options.pixel_size,
        options.box,
        options.coordinate_pixel_size,
    )
    return common.report(convert.run(request, common.progress()), options.json)


def _table() -> str:
    rows = (
        f"  {name:<16}{form.title:<24}{' '.join(form.suffixes)}"
        for name, form in convert.creatable().items()
    )
    return "\n".join(rows)
