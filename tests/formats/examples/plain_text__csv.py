"""Made tables of text with headings, quotes and semicolons, in radians."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evenview.core.columns_word import parse_columns
from evenview.core.reading import Reading

READING = Reading(
    columns=parse_columns('phi="Winkel 1",theta=3,psi=4,half=half,angles=radians', "cistem")
)


def make(folder: Path, n: int, seed: int, unplaced: int = 0) -> Path:
    """A table of `n` uniform random orientations, the first `unplaced` of them missing."""
    rng = np.random.default_rng(seed)
    phi, psi = rng.uniform(-np.pi, np.pi, (2, n))
    theta = np.arccos(rng.uniform(-1, 1, n))
    lines = ['"name";"Winkel 1";"Winkel 2";"Winkel 3";"half"\r\n']
    for k in range(n):
        angle = "NaN" if k < unplaced else f"{phi[k]:.6f}"
        lines.append(f'"particle {k}";{angle};{theta[k]:.6f};"{psi[k]:.6f}";{1 + k % 2}\r\n')
    path = folder / f"table_{seed}.csv"
    path.write_text("".join(lines), newline="")
    return path
