"""Views of known distribution: (n, 3) unit vectors, and particles that have them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention, rotation
from evenview.core.particles import Particles

Views = NDArray[np.float64]


class NoColumns:
    """The table of particles that have views alone."""

    numeric_columns = ()


def at(height: NDArray[np.float64], rng: np.random.Generator) -> Views:
    """At these heights z, with random azimuths."""
    azimuth = rng.uniform(-np.pi, np.pi, len(height))
    across = np.sqrt(1.0 - height * height)
    return np.column_stack([across * np.cos(azimuth), across * np.sin(azimuth), height])


def even(n: int, rng: np.random.Generator) -> Views:
    """Uniform over the sphere."""
    return at(rng.uniform(-1, 1, n), rng)


def side(n: int, rng: np.random.Generator) -> Views:
    """Evenly about the equator."""
    return at(np.zeros(n), rng)


def ring(n: int, degrees: float, rng: np.random.Generator) -> Views:
    """At this angle from +Z."""
    return at(np.full(n, np.cos(np.radians(degrees))), rng)


def cone(n: int, degrees: float, rng: np.random.Generator) -> Views:
    """Within this angle of +Z."""
    return at(rng.uniform(np.cos(np.radians(degrees)), 1, n), rng)


def skewed(n: int, rng: np.random.Generator) -> Views:
    """Half within 25° of +Z, half anywhere."""
    return np.concatenate([cone(n // 2, 25, rng), even(n - n // 2, rng)])


def turned(v: Views, rng: np.random.Generator) -> Views:
    """All by one random rotation."""
    return v @ rotation.to_matrix(rotation.random(1, rng))[0]


def particles_of(v: Views) -> Particles:
    """Particles seen along (n, 3) views, at any in-plane angle."""
    rot, tilt = np.degrees(np.arctan2(v[:, 1], v[:, 0])), np.degrees(np.arccos(v[:, 2].clip(-1, 1)))
    psi = np.random.default_rng(9).uniform(-180, 180, len(v))
    q = convention.relion_to_quaternions(rot, tilt, psi)
    return Particles(NoColumns(), q)  # type: ignore[arg-type]
