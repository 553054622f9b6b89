"""Say what a particle file is: format, particles, half-sets, pixel size, warnings."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from evenview.cli import common
from evenview.tasks import info


def configure(parser: argparse.ArgumentParser, _arguments: Sequence[str]) -> None:
    """Add the options."""
    common.add_file(parser)
    common.add_class(parser)
    common.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Do it."""
    result = info.run(info.InfoRequest(options.file, options.chosen_class), common.progress())
    return common.report(result, options.json)
