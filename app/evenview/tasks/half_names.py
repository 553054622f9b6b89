"""The names that programs give to half-maps, by which one says where the other is."""

from __future__ import annotations

import re
from pathlib import Path

_OTHER = {"1": "2", "2": "1", "a": "b", "b": "a", "even": "odd", "odd": "even"}
#: ``run_half1_class001_unfil.mrc`` of RELION, ``J12_map_half_A.mrc`` of cryoSPARC,
#: ``emd_1234_half_map_1.map`` of the EMDB, ``threed_05_even.mrc`` of EMAN2.
_WORD = re.compile(
    r"(?:(?<=half)|(?<=half[-_])|(?<=halfmap)|(?<=halfmap[-_])|(?<=half[-_]map)"
    r"|(?<=half[-_]map[-_]))[12ab](?![a-z0-9])|(?<![a-z0-9])(?:even|odd)(?![a-z0-9])",
    re.IGNORECASE,
)


def other_half(path: Path) -> Path | None:
    """The name that the other half-map has, None where this is not a half-map's name."""
    found = list(_WORD.finditer(path.name))
    if not found:
        return None
    start, end = found[-1].span()
    said = path.name[start:end]
    other = _OTHER[said.lower()]
    cased = other.upper() if said.isupper() else other.title() if said[0].isupper() else other
    return path.with_name(path.name[:start] + cased + path.name[end:])


def in_order(first: Path, second: Path) -> tuple[Path, Path] | None:
    """Two files whose names say that they are the half-maps of one refinement, the first one first;
    None where they do not."""
    if other_half(first) != second:
        return None
    one, two = sorted((first, second), key=_is_second)
    return one, two


def _is_second(path: Path) -> bool:
    last = list(_WORD.finditer(path.name))[-1]
    return last[0].lower() in ("2", "b", "odd")
