"""RELION star files of a million particles against the starfile package: time and peak memory."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from bench.common import Row

N_ROWS = 1_000_000
_APP = Path(__file__).resolve().parents[2] / "app"

_OPTICS = """
# version 30001

data_optics

loop_
_rlnOpticsGroupName #1
_rlnOpticsGroup #2
_rlnMicrographOriginalPixelSize #3
_rlnVoltage #4
_rlnSphericalAberration #5
_rlnAmplitudeContrast #6
_rlnImagePixelSize #7
_rlnImageSize #8
_rlnImageDimensionality #9
opticsGroup1 1 0.850000 300.000000 2.700000 0.100000 1.244531 256 2


# version 30001

data_particles

loop_
"""

_LABELS = (
    "CoordinateX",
    "CoordinateY",
    "ClassNumber",
    "AutopickFigureOfMerit",
    "AnglePsi",
    "ImageName",
    "MicrographName",
    "OpticsGroup",
    "CtfMaxResolution",
    "CtfFigureOfMerit",
    "DefocusU",
    "DefocusV",
    "DefocusAngle",
    "CtfBfactor",
    "CtfScalefactor",
    "PhaseShift",
    "GroupNumber",
    "AngleRot",
    "AngleTilt",
    "OriginXAngst",
    "OriginYAngst",
    "NormCorrection",
    "LogLikeliContribution",
    "MaxValueProbDistribution",
    "NrOfSignificantSamples",
    "RandomSubset",
)

# Each runs in a process of its own, so that its peak memory is its own; the faster of two runs
# counts, because the first one also loads compiled code and fills the disk cache.
_OURS = """
from evenview.formats import open_particles
read = open_particles
def write(particles):
    particles.table.write(out, np.random.default_rng(1).random(len(particles)) < 0.5)
"""
_PEER = """
import starfile
read = starfile.read
def write(blocks):
    kept = np.random.default_rng(1).random(len(blocks["particles"])) < 0.5
    starfile.write({**blocks, "particles": blocks["particles"][kept]}, out)
"""
_READ = "work = lambda: read(path)"
_WRITE = "content = read(path); work = lambda: write(content)"
_FRAME = """
import json, resource, sys, time
from pathlib import Path
import numpy as np
path, out = Path(sys.argv[1]), Path(sys.argv[2])
def timed(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
"""
# Linux's ru_maxrss begins at what the parent had when it forked; VmHWM is of this process alone.
_REPORT = """
seconds = min(timed(work) for _ in range(2))
status = Path("/proc/self/status")
if status.exists():
    peak = int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([seconds, peak]))
"""


def rows() -> list[Row]:
    """Reading, its peak memory, and writing a random half of the rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "particles.star"
        write_example(path, N_ROWS)
        _measure(_OURS + _READ, path)  # compiles
        seconds, megabytes = _measure(_OURS + _READ, path)
        peer_seconds, peer_megabytes = _measure(_PEER + _READ, path)
        write_seconds, _ = _measure(_OURS + _WRITE, path)
        peer_write_seconds, _ = _measure(_PEER + _WRITE, path)
    return [
        Row("star: read 1M rows x 26", seconds, peer_seconds, "starfile.read", 8.0),
        Row("star: peak memory of it", megabytes, peer_megabytes, "starfile.read", 2.0, "MB"),
        Row("star: write half of it", write_seconds, peer_write_seconds, "starfile.write", 10.0),
    ]


def write_example(path: Path, n: int) -> None:
    """A RELION 3.1 file of `n` rows and 26 columns, aligned as RELION aligns them."""
    labels = "".join(f"_rln{label} #{k}\n" for k, label in enumerate(_LABELS, 1))
    block = "".join(_row(k, values) for k, values in enumerate(_values(min(n, 10_000))))
    lines = block.encode().splitlines(keepends=True)
    with path.open("wb") as file:
        file.write((_OPTICS + labels).encode())
        for done in range(0, n, len(lines)):
            file.write(b"".join(lines[: n - done]))
        file.write(b"\n")


def _values(n: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    shape = [4e3, 4e3, 1, 1, 180, 8, 0.1, 2e4, 2e4, 90, 1, 1, 0.1, 180, 90, 5, 5, 1, 1e5, 1]
    spread = np.array(shape)
    return rng.uniform(-1, 1, (n, len(spread))) * spread


def _row(k: int, v: np.ndarray) -> str:
    stack = f"{k % 500 + 1:06d}@Extract/job018/Movies/20170629_{k // 500:05d}_frameImage.mrcs"
    micrograph = f"MotionCorr/job002/Movies/20170629_{k // 500:05d}_frameImage.mrc"
    head = f"{_n(v[0])} {_n(v[1])} {1:12d} {_n(v[3])} {_n(v[4])} {stack} {micrograph} {1:12d}"
    middle = " ".join(_n(x) for x in v[5:13])
    return (
        f"{head} {middle} {k % 90:12d} {_n(v[13])} {_n(v[14] + 90)} {_n(v[15])} {_n(v[16])} "
        f"{_n(v[17])} {_n(v[18])} {_n(v[19])} {k % 30:12d} {k % 2 + 1:12d} \n"
    )


def _n(value: float) -> str:
    return f"{value:12.6f}" if value >= 0 else f"{value:12.5f}"


def _measure(body: str, path: Path) -> tuple[float, float]:
    """Seconds and MB of a fresh process."""
    out = path.with_name("out.star")
    code = f"import sys; sys.path.insert(0, {str(_APP)!r})\n" + _FRAME + body + _REPORT
    command = [sys.executable, "-c", code, str(path), str(out)]
    seconds, megabytes = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return seconds, megabytes


if __name__ == "__main__":
    for row in rows():
        print(row, f"{row.ratio:.1f}x", "met" if row.met else "NOT MET")
