"""Check a particle file before it hurts: every rule that it breaks, where, what it will cause, and
how to mend it. Works on files that do not open, too. docs/checks.md lists the rules.

The exit code is 0 when the file could be checked, whatever was found; --json has "ok", which is
true when there is no error and no warning.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from evenview.checks.base import PROGRAMS
from evenview.cli import common
from evenview.tasks import check


def configure(parser: argparse.ArgumentParser, _arguments: Sequence[str]) -> None:
    """Add the options."""
    common.add_file(parser)
    common.add_reading(parser)
    parser.add_argument(
        "--for",
        dest="program",
        choices=list(PROGRAMS),
        help="only what matters to this program (default: everything)",
    )
    parser.add_argument(
        "--fix",
        metavar="OUT",
        type=Path,
        help="write a new file with every safe fix done, all other bytes the same",
    )
    common.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Do it."""
    request = check.CheckRequest(
        options.file, options.program, options.fix, reading=common.reading(options)
    )
    return common.report(check.run(request, common.progress()), options.json)
