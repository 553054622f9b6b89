"""Say one rotation in every package's convention, with the formulas, or convert a file of them.

    evenview pose --from relion 30 -60 45
    evenview pose --from cryosparc --file poses.csv -o out.csv

NAME and the numbers it expects, in this order:
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from evenview.cli import common
from evenview.core.conventions import conventions
from evenview.tasks import pose
from evenview.tasks.pose_file import cells, numbers


def configure(parser: argparse.ArgumentParser, _arguments: Sequence[str]) -> None:
    """Add the options."""
    parser.description = f"{parser.description}{_table()}"
    # Argparse takes -1e-5 for an option (it knows -1 and -1.5 alone), and there is no public way
    # to tell it better. Commas join pasted numbers: -1,2,3.
    parser._negative_number_matcher = re.compile(r"-[\d.]|-(inf|nan)", re.IGNORECASE)
    parser.add_argument(
        "numbers", metavar="NUMBER", nargs="*", help="of one rotation, in the order of NAME"
    )
    parser.add_argument(
        "--from", dest="source", metavar="NAME", required=True, help="the convention they are in"
    )
    parser.add_argument(
        "--file",
        type=Path,
        metavar="POSES",
        help="a text file, one rotation a line, between commas, blanks or tabs; a first line that "
        "names the columns may choose them",
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="OUT.csv", help="write every convention as a table"
    )
    common.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Do it."""
    words = cells(" ".join(options.numbers))
    request = pose.PoseRequest(options.source, tuple(numbers(words)), options.file, options.output)
    return common.report(pose.run(request, common.progress()), options.json)


def _table() -> str:
    rows = (
        f"  {name:<17}{about.order}"
        + (f"   (also {', '.join(about.aliases)})" * bool(about.aliases))
        for name, about in conventions().items()
    )
    return "\n".join(rows)
