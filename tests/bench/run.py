"""Measure every claim of speed in one run: ``python tests/bench/run.py [NAME ...]``.

Each `bench_*.py` beside this file gives rows that hold this program against a named peer. The exit
code is 1 if a ratio falls short of its target.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))


def main(wanted: Sequence[str]) -> int:
    """Run the benchmarks whose names contain one of `wanted` (all if there are none)."""
    names = sorted(path.stem for path in HERE.glob("bench_*.py"))
    chosen = [n for n in names if not wanted or any(word in n for word in wanted)]
    print(f"{'what':<58}{'ours':>12}{'peer':>12}{'ratio':>9}{'target':>9}")
    met = True
    for name in chosen:
        for row in importlib.import_module(f"bench.{name}").rows():
            mark = "" if row.met else "  MISSED"
            ours, peer = (f"{value:.4g} {row.unit}" for value in (row.ours, row.peer))
            print(
                f"{row.name:<58}{ours:>12}{peer:>12}{row.ratio:>8.2f}×{row.target:>8.2f}×{mark}"
                f"\n    peer: {row.peer_name}",
                flush=True,
            )
            met = met and row.met
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
