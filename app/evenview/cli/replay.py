"""Write the files of a recipe again, and say whether they are the same bytes."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from evenview.cli import common
from evenview.tasks import replay


def configure(parser: argparse.ArgumentParser, _arguments: Sequence[str]) -> None:
    """Add the options."""
    parser.add_argument("recipe", metavar="RECIPE", type=Path, help="recipe written by rebalance")
    parser.add_argument(
        "--overwrite", action="store_true", help="replace outputs that were changed since"
    )
    common.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Do it."""
    result = replay.run(replay.ReplayRequest(options.recipe, options.overwrite), common.progress())
    return common.report(result, options.json)
