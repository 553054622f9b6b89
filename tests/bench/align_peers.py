"""Other programs that align maps, each in a Python of its own, where they are installed.

`EVENVIEW_PEERS` names Python interpreters (as PATH names folders) that may have them besides the
one that runs this: emalign 1.0.5 fails with numpy 2. For example

    python -m venv peers && peers/bin/pip install emalign "numpy<2" "scipy<1.14"
    EVENVIEW_PEERS=peers/bin/python python tests/bench/bench_align.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

PEERS = "EVENVIEW_PEERS"
_HERE = Path(__file__).resolve().parent
_VERSION = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"
_MOST_SECONDS = 1800


@dataclass(frozen=True)
class Peer:
    """A program of a `package` that `script` runs.

    Attributes
    ----------
    name
        What to call it.
    searches
        Whether it finds hand and shift, too.
    """

    name: str
    package: str
    script: Path
    searches: bool

    def python(self) -> str | None:
        """The interpreter that has it."""
        return next((path for path in _pythons() if _version(path, self.package)), None)

    @property
    def title(self) -> str:
        """Name and version."""
        return f"{self.name} {_version(self.python() or '', self.package)}"

    def lay(
        self, reference: np.ndarray, moving: np.ndarray, clean: np.ndarray
    ) -> tuple[np.ndarray, float, float]:
        """The clean map where the program takes it; seconds and CPU-seconds. All (Z, Y, X)."""
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / f"{i}.npy" for i in range(4)]
            for path, values in zip(paths, (reference, moving, clean), strict=False):
                np.save(path, values.astype(np.float32))
            command = [self.python() or "", str(self.script), *map(str, paths)]
            done = subprocess.run(command, capture_output=True, timeout=_MOST_SECONDS, text=True)
            if done.returncode:
                raise RuntimeError(f"{self.title} failed: {done.stderr.strip()[-500:]}")
            seconds, cpu = json.loads(done.stdout.splitlines()[-1])
            return np.load(paths[3]), seconds, cpu


EMALIGN = Peer("emalign", "emalign", _HERE / "peer_emalign.py", searches=True)
BOTALIGN = Peer("BOTalign (ASPIRE)", "aspire", _HERE / "peer_aspire.py", searches=False)


def installed() -> list[Peer]:
    """Those that some interpreter has."""
    return [peer for peer in (EMALIGN, BOTALIGN) if peer.python()]


def _pythons() -> list[str]:
    return [*filter(None, os.environ.get(PEERS, "").split(os.pathsep)), sys.executable]


@cache
def _version(python: str, package: str) -> str:
    """ "" where it is not there."""
    command = [python, "-c", _VERSION, package]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
