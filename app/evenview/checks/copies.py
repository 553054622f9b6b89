"""Rows of one image, and whether a point group relates their poses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from evenview.checks.sheet import Floats, Images
from evenview.core import rotation
from evenview.core.axes import turn
from evenview.core.symmetry import parse_group

Places = NDArray[np.int64]

#: Turns smaller than this (degrees) are none: text of two decimals and 32-bit poses are finer.
_SAME = 0.25
_LOOKED_AT = 400
_MOST_FOLD = 24


@dataclass(frozen=True, eq=False)
class Copies:
    """Rows that share their image with another row.

    Attributes
    ----------
    name
        What names the image, in words.
    rows
        (M,) int64: these rows, image by image and in file order within one.
    first
        (M,) int64: for each, the first row of its image.
    turns
        (M, 4): the rotation S from the pose of the first to its own, ``A = A_first S``, in the
        map's frame; None where the file has no poses.
    """

    name: str
    rows: Places
    first: Places
    turns: Floats | None

    @classmethod
    def of(cls, images: Images, poses: Floats | None) -> Copies:
        """Find the rows of images (N,) that are there more than once, with poses (N, 4)."""
        order = np.argsort(images.keys, kind="stable")
        keys = images.keys[order]
        new = np.ones(len(keys), dtype=np.bool_)
        new[1:] = keys[1:] != keys[:-1]
        begins = np.flatnonzero(new)
        sizes = np.diff(begins, append=len(keys))
        many = np.repeat(sizes > 1, sizes)
        rows, first = order[many], np.repeat(order[begins], sizes)[many]
        turns = None
        if poses is not None:
            turns = rotation.compose(rotation.invert(poses[first]), poses[rows])
        return cls(images.name, rows, first, turns)

    def __bool__(self) -> bool:
        return len(self.rows) > 0

    @property
    def extra(self) -> Places:
        """The rows behind the first of their image, in file order."""
        return np.sort(self.rows[self.rows != self.first])

    @property
    def n_images(self) -> int:
        """How many images there are more than once."""
        return int(np.count_nonzero(self.rows == self.first))

    @cached_property
    def same_pose(self) -> Places:
        """The rows of the same image and the same pose as an earlier row, in file order."""
        if self.turns is None:
            return self.extra
        with np.errstate(invalid="ignore"):
            still = (self._degrees < _SAME) & (self.rows != self.first)
        return np.sort(self.rows[still])

    @property
    def _degrees(self) -> Floats:
        assert self.turns is not None
        half: Floats = np.arctan2(
            np.linalg.norm(self.turns[:, 1:], axis=1), np.abs(self.turns[:, 0])
        )
        return np.degrees(2 * half)

    @cached_property
    def group(self) -> str | None:
        """The smallest point group, in words, whose turns relate the copies; None if none does."""
        if self.turns is None:
            return None
        with np.errstate(invalid="ignore"):
            turned = self.turns[self._degrees >= _SAME]
        if not len(turned) or len(turned) < len(self.extra) / 2:
            return None
        step = max(1, len(turned) // _LOOKED_AT)
        sample = rotation.to_matrix(turned[::step][:_LOOKED_AT])
        return next((words for words, ops in _groups() if _all_in(sample, ops)), None)


def _all_in(sample: Floats, operators: Floats) -> bool:
    """Whether every matrix (M, 3, 3) is one of the operators (G, 3, 3), nearly."""
    traces = np.einsum("mij,gij->mg", sample, operators)
    limit = 1.0 + 2.0 * np.cos(np.radians(_SAME))
    return bool((traces.max(axis=1) >= limit).all())


@cache
def _groups() -> tuple[tuple[str, Floats], ...]:
    """Point groups in words and their operators but the identity, the smallest first."""
    names = [f"{kind}{n}" for n in range(2, _MOST_FOLD + 1) for kind in "CD"]
    names += ["D1", "T", "O", "I1", "I2", "I3", "I4"]
    groups = [(parse_group(name).title, parse_group(name).matrices) for name in names]
    quarter = turn((0.0, 0.0, 1.0), 1, 4)
    groups += [
        (f"D{n} with its 2-fold axis on Y, as in cryoSPARC", quarter @ operators @ quarter.T)
        for n in range(3, _MOST_FOLD + 1, 2)
        for operators in [parse_group(f"D{n}").matrices]
    ]
    ordered = sorted(groups, key=lambda group: len(group[1]))
    return tuple((words, operators[1:]) for words, operators in ordered)
