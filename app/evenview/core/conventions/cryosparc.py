"""cryoSPARC's rotation vectors."""

from __future__ import annotations

from evenview.core import convention
from evenview.core.conventions.base import Convention, Number

CONVENTION = Convention(
    name="cryosparc",
    title="cryoSPARC",
    packages=("cryoSPARC",),
    numbers=tuple(Number(name, "rad") for name in "xyz"),
    formula="A = exp(−[p]×) = Rodrigues(p)ᵀ  (p = (x, y, z))",
    degenerate=(
        "Lengths above π occur in files and are read as they are; shown, p is at most π long. At "
        "exactly π, p and −p are the same rotation."
    ),
    precision="32-bit: about 1e-5° of rotation.",
    source="cryoSPARC's own expmap, given to pyem by its authors (pyem pull request 5, "
    "geom/convert.py)",
    to_quaternions=convention.cryosparc_to_quaternions,
    from_quaternions=convention.quaternions_to_cryosparc,
    place=2,
)
