"""Selections are descriptions: regions of the sphere and how they combine, tested on unit vectors.

A region is a frozen value of plain numbers, so that a plan with selections hashes, compares and
becomes JSON, and so that a selection outlives a change of grid or chart. A bin belongs to a region
when its centre does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenview.core.errors import UserError

Mode = Literal["replace", "add", "subtract", "intersect"]
MODES: tuple[Mode, ...] = ("replace", "add", "subtract", "intersect")
Vector: TypeAlias = tuple[float, float, float]

#: Degrees; a centre this close to a border is inside: a typed 42.5° takes the bins at 42.5°.
_SLACK = 1e-9


class BinsOfSphere(Protocol):
    """What a region may ask of the cut and filled sphere."""

    @property
    def centers(self) -> NDArray[np.float64]:
        """(B, 3) unit vectors."""
        ...

    @property
    def density(self) -> NDArray[np.float64]:
        """(B,) multiples of uniform, NaN where a bin has no area."""
        ...

    @property
    def counts(self) -> NDArray[np.int64]:
        """(B,)"""
        ...

    @property
    def grid_name(self) -> str:
        """As in `Plan.grid`."""
        ...

    @property
    def neighbors(self) -> Sequence[NDArray[np.int64]]:
        """For each bin, the bins that share an edge with it."""
        ...


class Region(Protocol):
    """A part of the sphere."""

    def mask(self, sphere: BinsOfSphere) -> NDArray[np.bool_]:
        """(B,) true for the bins whose centre lies inside."""
        ...


@dataclass(frozen=True)
class Cone:
    """All directions within `angle` degrees of `axis` (map frame, any length but 0)."""

    axis: Vector
    angle: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "axis", as_vector(self.axis))
        if not 0 <= self.angle <= 180:
            raise UserError(
                f"The half-angle of a cone lies between 0° and 180°, not {self.angle:g}°"
            )

    def mask(self, sphere: BinsOfSphere) -> NDArray[np.bool_]:
        axis = _unit(self.axis)
        # The cosine alone is blind to angles under 1e-6°.
        sine = np.linalg.norm(np.cross(sphere.centers, axis), axis=1)
        away = np.degrees(np.arctan2(sine, sphere.centers @ axis))
        inside: NDArray[np.bool_] = away <= self.angle + _SLACK
        return inside


@dataclass(frozen=True)
class Band:
    """All directions with an elevation from `low` to `high`, degrees."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise UserError(
                f"A band of elevation goes from low to high, not {self.low:g}° to {self.high:g}°"
            )

    def mask(self, sphere: BinsOfSphere) -> NDArray[np.bool_]:
        x, y, z = sphere.centers.T
        middle, half = (self.low + self.high) / 2, (self.high - self.low) / 2
        elevation = np.degrees(np.arctan2(z, np.hypot(x, y)))
        inside: NDArray[np.bool_] = np.abs(elevation - middle) <= half + _SLACK
        return inside


@dataclass(frozen=True)
class Polygon:
    """The side of a closed line on the sphere on which `inside` lies.

    The line goes from vertex to vertex along great circles and back to the first; it may cross
    the seam of a chart, circle a pole, enclose more than half the sphere, cross itself, or run
    along one stretch there and back (which then parts nothing). Vertices that repeat are harmless;
    two neighbours that are opposite each other leave the arc open and raise `UserError`, as do
    fewer than three vertices.
    """

    vertices: tuple[Vector, ...]
    inside: Vector

    def __post_init__(self) -> None:
        object.__setattr__(self, "vertices", tuple(as_vector(v) for v in self.vertices))
        object.__setattr__(self, "inside", as_vector(self.inside))
        if len(set(self.vertices)) < 3:
            raise UserError("A lasso needs at least three corners", hint="Draw a wider loop.")
        corners = _unit(self.vertices)
        if np.any(np.einsum("ij,ij->i", corners, np.roll(corners, 1, axis=0)) < -1 + 1e-12):
            raise UserError(
                "Two neighbouring corners of a lasso lie opposite each other on the sphere, "
                "so the line between them could go anywhere",
                hint="Put a corner between them.",
            )

    def mask(self, sphere: BinsOfSphere) -> NDArray[np.bool_]:
        from evenview.core.kernels.polygon import enclosed

        return enclosed(
            np.ascontiguousarray(sphere.centers), _unit(self.vertices), _unit(self.inside)
        )


@dataclass(frozen=True)
class Threshold:
    """The crowded bins, or those of redundant views.

    ``kind`` says what ``value`` is: "uniform": density of at least `value` × uniform; "percentile":
    density above the `value`-th percentile of all bins with an area; "fullest": the `value` bins
    of highest density (of equals, those of lower index), empty ones never among them; "redundant":
    bins whose views are worth at most `value` × the mean (`core.fourier_layers`).
    """

    kind: Literal["uniform", "percentile", "fullest", "redundant"]
    value: float

    #: Counts already know of symmetry; spreading the answer to all copies would only smear it.
    knows_symmetry: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.kind not in ("uniform", "percentile", "fullest", "redundant"):
            raise UserError(f"There is no threshold called {self.kind!r}")
        if not (math.isfinite(self.value) and self.value >= 0):
            raise UserError(f"A threshold is a number from 0 up, not {self.value:g}")
        if self.kind == "percentile" and self.value > 100:
            raise UserError(f"A percentile lies between 0 and 100, not at {self.value:g}")

    @property
    def looks_ahead(self) -> bool:
        """Whether it asks what views are worth, which takes a pass over the particles."""
        return self.kind == "redundant"

    def mask_of_worth(self, worth: NDArray[np.float64] | None) -> NDArray[np.bool_]:
        """(B,) true for bins where one more view is worth little, 1 on average (B,).

        Raises `ValueError` without it.
        """
        if worth is None:
            raise ValueError("redundant views are chosen by what views are worth")
        return np.less_equal(worth, self.value * (1 + 1e-12))

    def mask(self, sphere: BinsOfSphere) -> NDArray[np.bool_]:
        if self.looks_ahead:
            return self.mask_of_worth(None)
        density = sphere.density
        known = density[np.isfinite(density)]
        if known.size == 0:
            return np.zeros(len(density), dtype=np.bool_)
        if self.kind == "uniform":
            return np.greater_equal(density, self.value * (1 - 1e-12))
        if self.kind == "percentile":
            return np.greater(density, np.percentile(known, self.value))
        return _fullest(density, int(self.value))


@dataclass(frozen=True)
class BinSet:
    """Bins clicked or painted on one grid; on another grid, the part of the sphere they cover."""

    grid: str
    indices: tuple[int, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "indices", tuple(sorted({int(i) for i in self.indices})))

    def mask(self, sphere: BinsOfSphere) -> NDArray[np.bool_]:
        if sphere.grid_name == self.grid:
            return self._members(len(sphere.centers))
        from evenview.core.grid import parse_grid

        own = parse_grid(self.grid)
        return self._members(own.n)[own.index_of(np.ascontiguousarray(sphere.centers))]

    def _members(self, n: int) -> NDArray[np.bool_]:
        if self.indices and not (self.indices[0] >= 0 and self.indices[-1] < n):
            raise UserError(f"Bin {self.indices[-1]:,} is not among the {n:,} bins of {self.grid}")
        member = np.zeros(n, dtype=np.bool_)
        member[list(self.indices)] = True
        return member


@dataclass(frozen=True)
class Combine:
    """Take a region into the selection."""

    mode: Mode
    region: Region


@dataclass(frozen=True)
class Grow:
    """Add the bins that share an edge with the selection, `rings` times."""

    rings: int = 1


@dataclass(frozen=True)
class Invert:
    """Select what was not selected."""


Step: TypeAlias = Combine | Grow | Invert

REGIONS: tuple[type[Region], ...] = (Cone, Polygon, Band, Threshold, BinSet)
STEPS: tuple[type[Step], ...] = (Combine, Grow, Invert)


def evaluate(
    steps: Sequence[Step],
    sphere: BinsOfSphere,
    orbits: NDArray[np.int32] | None = None,
    worth: NDArray[np.float64] | None = None,
) -> NDArray[np.bool_]:
    """The bins that a sequence of steps ends in.

    Parameters
    ----------
    steps
        Taken one after the other, from an empty selection.
    sphere
        The bins as shown.
    orbits
        (B, G) bins that are symmetry copies of a bin; given, whatever is selected is selected in
        all its copies at once. It has to happen step by step: the inverse of one copy is not the
        inverse of all.
    worth
        (B,) what one more view is worth; only for steps that look ahead (`by_worth`).

    Returns
    -------
    (B,) bool
    """
    mask = np.zeros(len(sphere.centers), dtype=np.bool_)
    for step in steps:
        match step:
            case Combine(mode, region):
                own = _region_mask(region, sphere, orbits, worth)
                mask = _combined(mask, mode, own)
            case Grow(rings):
                mask = _everywhere(_grown(mask, rings, sphere.neighbors), orbits)
            case Invert():
                mask = ~mask
    return mask


def by_worth(steps: Sequence[Step]) -> bool:
    """Whether steps ask what views are worth."""
    regions = (step.region for step in steps if isinstance(step, Combine))
    return any(isinstance(region, Threshold) and region.looks_ahead for region in regions)


def as_vector(values: ArrayLike) -> Vector:
    """Three finite numbers, not all 0, as a plain tuple. Raises `UserError` for anything else."""
    array = np.asarray(values, dtype=np.float64)
    if array.shape != (3,) or not np.isfinite(array).all() or not array.any():
        raise UserError(f"A direction is three numbers that are not all 0, not {values!r}")
    x, y, z = array.tolist()
    return (x, y, z)


def _unit(vectors: ArrayLike) -> NDArray[np.float64]:
    array = np.asarray(vectors, dtype=np.float64)
    unit: NDArray[np.float64] = array / np.linalg.norm(array, axis=-1, keepdims=True)
    return unit


def _fullest(density: NDArray[np.float64], n: int) -> NDArray[np.bool_]:
    occupied = np.flatnonzero(density > 0)
    chosen = occupied[np.argsort(-density[occupied], kind="stable")[:n]]
    mask = np.zeros(len(density), dtype=np.bool_)
    mask[chosen] = True
    return mask


def _region_mask(
    region: Region,
    sphere: BinsOfSphere,
    orbits: NDArray[np.int32] | None,
    worth: NDArray[np.float64] | None,
) -> NDArray[np.bool_]:
    if isinstance(region, Threshold) and region.looks_ahead:
        mask = region.mask_of_worth(worth)
    else:
        mask = region.mask(sphere)
    return mask if getattr(region, "knows_symmetry", False) else _everywhere(mask, orbits)


def _combined(before: NDArray[np.bool_], mode: Mode, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    match mode:
        case "replace":
            return mask
        case "add":
            return before | mask
        case "subtract":
            return before & ~mask
        case "intersect":
            return before & mask


def _everywhere(mask: NDArray[np.bool_], orbits: NDArray[np.int32] | None) -> NDArray[np.bool_]:
    """A bin is selected when a copy of it is, or when it is the copy of one that is.

    Copies of bins are not bins unless grid and group fit each other: the first rule leaves no
    holes in a copy, the second makes sure that a single bin has a copy at all.
    """
    if orbits is None:
        return mask
    spread = np.logical_or(mask, mask[orbits].any(axis=1))
    spread[orbits[mask].ravel()] = True
    return spread


def _grown(
    mask: NDArray[np.bool_], rings: int, neighbors: Sequence[NDArray[np.int64]]
) -> NDArray[np.bool_]:
    mask = mask.copy()
    border = np.flatnonzero(mask)
    for _ in range(rings):
        if border.size == 0:
            break
        reached = np.unique(np.concatenate([neighbors[b] for b in border.tolist()]))
        border = reached[~mask[reached]]
        mask[border] = True
    return mask
