"""The fields of a .cs file that say poses: one for each particle, or one for each of its classes.

``alignments3D`` has one. ``alignments3D_multi`` (cryoSPARC 4.5 and later) has K side by side in one
field; ``alignments_class3D_0``, ``_1``, ... (3-D classification) and ``alignments_class_0``, ...
(ab-initio and heterogeneous refinement) of earlier versions have a set of fields for each class.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

POSE = "alignments3D/pose"
SPLIT = "alignments3D/split"

_MULTI = "alignments3D_multi"
_ANY_POSE = re.compile(r"(alignments3D(_multi)?|alignments_class(3D)?_\d+)/pose")
_OF_CLASS = re.compile(r"(alignments_class(?:3D)?)_(\d+)/pose")


@dataclass(frozen=True)
class ClassFields:
    """The fields of poses for several classes.

    Attributes
    ----------
    prefixes
        What stands before the "/": one word with all classes in it, or one for each class.
    numbers
        The class of each prefix; empty where one word has all classes.
    """

    prefixes: tuple[str, ...]
    numbers: tuple[int, ...] = ()

    @property
    def title(self) -> str:
        """What to call them, such as "alignments_class_*"."""
        return f"{self.prefixes[0].rpartition('_')[0]}_*" if self.numbers else self.prefixes[0]

    def names(self, leaf: str) -> tuple[str, ...]:
        """The fields of one kind, such as "pose"."""
        return tuple(f"{prefix}/{leaf}" for prefix in self.prefixes)


def class_fields(names: Collection[str]) -> ClassFields | None:
    """The poses for several classes among the fields of a file; the newest way where there are
    several."""
    if f"{_MULTI}/pose" in names:
        return ClassFields((_MULTI,))
    found = sorted(
        (match[1] == "alignments_class", int(match[2]), f"{match[1]}_{match[2]}")
        for match in map(_OF_CLASS.fullmatch, names)
        if match
    )
    of_one_kind = [(number, prefix) for kind, number, prefix in found if kind == found[0][0]]
    if not of_one_kind:
        return None
    return ClassFields(
        tuple(prefix for _, prefix in of_one_kind), tuple(number for number, _ in of_one_kind)
    )


def pose_groups(names: Collection[str]) -> tuple[str, ...]:
    """All groups of fields with 3-D poses, of one class or several, such as "alignments3D"."""
    found = (name.removesuffix("/pose") for name in names if _ANY_POSE.fullmatch(name))
    return tuple(sorted(found))


def has_poses(names: Collection[str]) -> bool:
    """Whether a file with these fields says 3-D poses, of one class or several."""
    return POSE in names or class_fields(names) is not None
