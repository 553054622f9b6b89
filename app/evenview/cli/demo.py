"""Unpack the demo set (a made-up C3 trimer that prefers top views) and print where it is."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from evenview import resources


def configure(parser: argparse.ArgumentParser, _arguments: Sequence[str]) -> None:
    """Add the options."""
    parser.add_argument(
        "what",
        nargs="?",
        choices=sorted(resources.DEMO_FILES),
        default="star",
        help="which of its files (default %(default)s)",
    )


def run(options: argparse.Namespace) -> int:
    """Do it."""
    print(resources.demo(options.what))
    return 0
