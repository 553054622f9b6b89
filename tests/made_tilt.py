"""Files of one tilt series as each package writes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from made_star import loop

ANGLES = np.arange(-60.0, 61.0, 6.0)
AXIS = 85.3


def rot(axis: str, degrees: float) -> np.ndarray:
    """An active right-handed rotation, written out."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return {
        "x": np.array([[1, 0, 0], [0, c, -s], [0, s, c]]),
        "y": np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]),
        "z": np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]),
    }[axis]


def tlt(path: Path, angles: Sequence[float] = ANGLES) -> Path:
    path.write_text("".join(f"{x:8.2f}\n" for x in angles))
    return path


def xf(
    path: Path, axis: float = AXIS, n: int = len(ANGLES), shifts: np.ndarray | None = None
) -> Path:
    """The .xf turns images by minus the axis."""
    a = "".join(f"{x:12.7f}" for x in rot("z", -axis)[:2, :2].ravel())
    moved = np.tile((1.5, -2.0), (n, 1)) if shifts is None else shifts
    path.write_text("".join(f"{a}{x:14.6f}{y:14.6f}\n" for x, y in moved))
    return path


def aln(path: Path, axis: float = AXIS, angles: Sequence[float] = ANGLES, dark: int = 0) -> Path:
    lines = ["# AreTomo Alignment / Priims bprmMn", f"# RawSize = 400 400 {len(angles) + dark}"]
    lines += ["# NumPatches = 1", *(f"# DarkFrame = {k + 1:5d} 0 -70.00" for k in range(dark))]
    lines += ["# AlphaOffset =     0.00", "# BetaOffset =     0.00"]
    lines += [
        "# SEC     ROT         GMAG       TX          TY      SMEAN     SFIT    SCALE     BASE"
    ]
    lines[-1] += "     TILT"
    for k, tilt in enumerate(angles, 1):
        lines.append(f"{k:5d} {axis:9.4f} 1.0 {k / 10:9.3f} -1.5 1.0 1.0 1.0 0.0 {tilt:8.2f}")
    lines += ["# Local Alignment", "   0   0  -558.42   -802.00   -100.07     24.43   1.0"]
    path.write_text("\n".join(lines) + "\n")
    return path


def tomostar(path: Path, axis: float = AXIS, angles: Sequence[float] = ANGLES) -> Path:
    labels = ("wrpMovieName", "wrpAngleTilt", "wrpAxisAngle", "wrpAxisOffsetX", "wrpAxisOffsetY")
    rows = [f"../frames/TS_{k:02d}.eer {x:.3f} {axis} 1.5 -2" for k, x in enumerate(angles)]
    path.write_text(loop("", labels, rows))
    return path


def info(
    path: Path,
    axis: float = AXIS,
    angles: Sequence[float] = ANGLES,
    x: float = 0.0,
    shifts: np.ndarray | None = None,
) -> Path:
    """EMAN2 writes the axis with the opposite sign."""
    moved = np.tile((1.0, -2.0), (len(angles), 1)) if shifts is None else shifts
    rows = [[*map(float, t), -axis, float(tilt), x] for t, tilt in zip(moved, angles, strict=True)]
    made = {"tlt_params": rows, "apix_unbin": 1.35, "defocus": [3.25] * len(rows)}
    path.write_text(json.dumps(made))
    return path


def warp_xml(
    path: Path,
    axis: float = AXIS,
    angles: Sequence[float] = -ANGLES,
    level: tuple[float, float] = (0.0, 0.0),
    flip: str = "True",
) -> Path:
    """As `SaveMeta` of Warp's TiltSeries.cs lays it out."""
    n = len(angles)
    columns = {
        "Angles": [f"{x:g}" for x in angles],
        "Dose": [f"{3 * k}" for k in range(n)],
        "UseTilt": ["False", *["True"] * (n - 1)],
        "AxisAngle": [f"{axis:g}"] * n,
        "AxisOffsetX": ["1.5"] * n,
        "AxisOffsetY": ["-2"] * n,
        "MoviePath": [f"../warp_frameseries/TS_{k:02d}.eer" for k in range(n)],
    }
    lines = ['<?xml version="1.0" encoding="utf-16"?>'.replace("utf-16", "utf-8")]
    lines += [
        f'<TiltSeries DataDirectory="" AreAnglesInverted="{flip}" PlaneNormal="0, 0, 0" '
        f'LevelAngleX="{level[0]}" LevelAngleY="{level[1]}" Bfactor="0" '
        'VolumeDimensionsAngstrom="5400, 5400, 2700" UnselectManual="null">'
    ]
    lines += [f"  <{name}>" + "\n".join(x) + f"</{name}>" for name, x in columns.items()]
    nodes = "".join(f'<Node X="0" Y="0" Z="{k}" Value="{3 + k / 10}" />' for k in range(n))
    lines += [f'  <GridCTF Width="1" Height="1" Depth="{n}">{nodes}</GridCTF>']
    lines += ['  <CTF><Param Name="PixelSize" Value="1.35" /></CTF>', "</TiltSeries>"]
    path.write_text("\n".join(lines) + "\n")
    return path


def tilt_com(path: Path, tilt_file: str = "TS.tlt", *lines: str) -> Path:
    """IMOD's command file of the reconstruction."""
    head = ["# Command file to run Tilt", "$tilt -StandardInput", f"TILTFILE {tilt_file}"]
    path.write_text("\n".join([*head, *lines, "$if (-e ./savework) ./savework"]) + "\n")
    return path


def mdoc(path: Path, angles: Sequence[float] = ANGLES, title: bool = True) -> Path:
    lines = ["PixelSpacing = 1.35", "Voltage = 300", ""]
    if title:
        lines += [f"[T =     Tilt axis angle = {AXIS}, binning = 1  spot = 8  camera = 0]", ""]
    for k, tilt in enumerate(angles):
        lines += [f"[ZValue = {k}]", f"TiltAngle = {tilt}", f"RotationAngle = {AXIS + 90}"]
        lines += ["Defocus = -3.5", f"SubFramePath = X:\\frames\\TS_{k:02d}.eer", ""]
    path.write_text("\n".join(lines))
    return path


def relion5(
    folder: Path, axis: float = AXIS, hand: int = -1, names: Sequence[str] = ("TS_01",)
) -> Path:
    """tomograms.star and a star a series, below the project."""
    labels = (
        *("rlnMicrographName", "rlnTomoXTilt", "rlnTomoYTilt", "rlnTomoZRot"),
        *("rlnTomoXShiftAngst", "rlnTomoYShiftAngst", "rlnDefocusU", "rlnDefocusV"),
    )
    (folder / "job1" / "tilt_series").mkdir(parents=True, exist_ok=True)
    for name in names:
        rows = [
            f"a/TS_{k:02d}.mrc 0 {tilt} {axis} 1.5 -2 30000 31000" for k, tilt in enumerate(ANGLES)
        ]
        (folder / "job1" / "tilt_series" / f"{name}.star").write_text(loop(name, labels, rows))
    labels = (
        *("rlnTomoName", "rlnTomoHand", "rlnTomoTiltSeriesPixelSize", "rlnTomoSizeX"),
        *("rlnTomoSizeY", "rlnTomoSizeZ", "rlnTomoTiltSeriesStarFile"),
    )
    rows = [f"{name} {hand} 1.35 4000 4000 2000 job1/tilt_series/{name}.star" for name in names]
    path = folder / "job1" / "tomograms.star"
    path.write_text(loop("global", labels, rows))
    return path


def relion4(path: Path, matrices: np.ndarray) -> Path:
    labels = ("rlnTomoName", "rlnTomoHand", "rlnTomoTiltSeriesPixelSize")
    text = loop("global", labels, ["TS_01 -1 1.35"])
    rows = []
    for m in matrices:
        cells = ["[" + ",".join(f"{x:.9g}" for x in (*row, 100.0)) + "]" for row in m]
        rows.append(" ".join([*cells, "[0,0,0,1]"]))
    labels = ("rlnTomoProjX", "rlnTomoProjY", "rlnTomoProjZ", "rlnTomoProjW")
    path.write_text(text + loop("TS_01", labels, rows))
    return path
