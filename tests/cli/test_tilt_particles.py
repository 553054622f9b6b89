"""Particles of one tomogram written for another: every point is seen where it was in every tilt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evenview.core import convention, rotation
from evenview.formats import open_particles
from made_star import loop
from made_tilt import ANGLES, AXIS, info, relion5
from made_tomogram import PIXEL, SHIFT, SIZE, Pair, columns, stars, table
from shared_data import shared
from tilt_command import found, refusal

MIRROR = np.diag([1.0, 1.0, -1.0])
D_Z = {False: np.eye(3), True: MIRROR}


def kinds():
    return pytest.mark.parametrize(
        ("axis", "angles", "mirrors"),
        [(AXIS + 180, ANGLES, False), (AXIS, ANGLES, True), (AXIS + 180, -ANGLES, True)],
    )


POINTS = np.random.default_rng(8).normal(0, 40, (6, 3))


COLUMNS = {
    "dynamo-tbl": (("x", "y", "z"), ("dx", "dy", "dz")),
    "emmotl-em": (("x", "y", "z"), ("shift_x", "shift_y", "shift_z")),
    "stopgap-star": (("orig_x", "orig_y", "orig_z"), ("x_shift", "y_shift", "z_shift")),
}


def in_voxels(path: Path, name: str, points: np.ndarray) -> np.ndarray:
    """Where points of the average are, voxels from the corner (the first is 1): (N, K, 3)."""
    xyz, shifts = COLUMNS[name]
    places = columns(path, xyz) + columns(path, shifts)
    turned = rotation.to_matrix(open_particles(path).quaternions)
    return places[:, None] + np.einsum("nij,kj->nki", turned, points / (2 * PIXEL))


@kinds()
@pytest.mark.parametrize("name", COLUMNS)
def test_tables_of_voxels(capsys, tmp_path, name, axis, angles, mirrors):
    pair = Pair(tmp_path, axis, angles)
    source, out = table(tmp_path / "a.part", name), tmp_path / "b.part"
    words = (*pair.files, "--particles", source, "-o", out, "--size", *SIZE)
    # The EM format and STOPGAP's say no size of their voxels.
    words += () if name == "dynamo-tbl" else ("--voxel-size", 2 * PIXEL)
    report = found(capsys, *words)
    assert report["relations"][0]["mirrored"] == mirrors
    np.testing.assert_allclose(report["relations"][0]["shift_pixels"], SHIFT, atol=1e-4)
    before = 2 * (in_voxels(source, name, POINTS) - 1 - (SIZE - 1) / 2)
    after = 2 * (in_voxels(out, name, POINTS @ D_Z[mirrors]) - 1 - SIZE // 2)
    atol = 1e-4 if name == "emmotl-em" else 2e-5
    np.testing.assert_allclose(pair.seen_second(after), pair.seen_first(before), atol=atol)


def test_a_turn_of_an_even_box_about_the_voxel_is_one_voxel_from_turning_the_array(
    capsys, tmp_path
):
    """Within packages that turn about N // 2: 1 goes to N + 1; np.rot90 twice takes 1 to N."""
    first = info(tmp_path / "a_info.json", AXIS)
    source, out = table(tmp_path / "a.tbl", "dynamo-tbl"), tmp_path / "b.tbl"
    found(capsys, first, "--to", "imod", "--particles", source, "-o", out, "--size", *SIZE)
    # A mirror in z, from EMAN2's centre of the box to IMOD's: half a voxel of it in each axis.
    before, after = (columns(path, ["x", "z"]) for path in (source, out))
    np.testing.assert_allclose(after[:, 0], before[:, 0] - 0.5, atol=1e-6)
    np.testing.assert_allclose(after[:, 1], SIZE[2] + 1.5 - before[:, 1], atol=1e-6)
    relion = relion5(tmp_path)
    out = tmp_path / "c.tbl"
    found(capsys, relion, "--to", "eman2", "--particles", source, "-o", out, "--size", *SIZE)
    np.testing.assert_allclose(columns(out, ["z"]), SIZE[2] + 2 - columns(source, ["z"]), atol=1e-6)


def in_relion(path: Path, points: np.ndarray, pixels: bool, boxes: bool) -> np.ndarray:
    """Where points of the average lie in the tomogram, pixels about its centre: (N, K, 3).

    RELION's formula, written out: coordinate + A_s (A_p r - o).
    """

    def matrices(*names: str) -> np.ndarray:
        return rotation.to_matrix(convention.relion_to_quaternions(*columns(path, names).T))

    own = matrices("rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi")
    box = np.broadcast_to(np.eye(3), own.shape)
    if boxes:
        box = matrices(*(f"rlnTomoSubtomogram{x}" for x in ("Rot", "Tilt", "Psi")))
    origins = columns(path, ("rlnOriginXAngst", "rlnOriginYAngst", "rlnOriginZAngst"))
    if pixels:
        places = columns(path, [f"rlnCoordinate{x}" for x in "XYZ"]) - SIZE / 2
    else:
        places = columns(path, [f"rlnCenteredCoordinate{x}Angst" for x in "XYZ"]) / PIXEL
    inside = np.einsum("nij,kj->nki", own, points) - origins[:, None]
    return places[:, None] + np.einsum("nij,nkj->nki", box, inside) / PIXEL


@pytest.mark.parametrize(("boxes", "pixels"), [(True, False), (False, True)])
@kinds()
def test_relions_subtomograms(capsys, tmp_path, axis, angles, mirrors, pixels, boxes):
    pair = Pair(tmp_path, axis, angles)
    source, out = stars(tmp_path / "particles.star", boxes, pixels), tmp_path / "moved.star"
    size = ("--size", *SIZE) if pixels else ()
    report = found(capsys, *pair.files, "--particles", source, "-o", out, *size)
    assert report["particles"]["particles"] == 12
    before = in_relion(source, POINTS, pixels, boxes)
    after = in_relion(out, POINTS @ D_Z[mirrors], pixels, boxes)
    np.testing.assert_allclose(pair.seen_second(after), pair.seen_first(before), atol=5e-5)


def test_relions_own_numbers_of_boxes(capsys, tmp_path):
    """A_total and the position as RELION made them: turned by 180° about z, M A and M X."""
    numbers = np.load(shared("vectors/relion5_subtomo.npz"))
    labels = [f"rlnTomoSubtomogram{x}" for x in ("Rot", "Tilt", "Psi")]
    labels += ["rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi"]
    labels += [f"rlnCenteredCoordinate{x}Angst" for x in "XYZ"]
    labels += [f"rlnOrigin{x}Angst" for x in "XYZ"]
    parts = (
        *("rlnTomoSubtomogramRot_Tilt_Psi", "rlnAngleRot_Tilt_Psi"),
        *("rlnCenteredCoordinateXYZAngst", "rlnOriginXYZAngst"),
    )
    rows = np.column_stack([numbers[name] for name in parts])
    source, out = tmp_path / "a.star", tmp_path / "b.star"
    lines = [" ".join(["TS", *(f"{x:.9f}" for x in row)]) for row in rows]
    groups = loop("optics", ("rlnOpticsGroup", "rlnImagePixelSize"), ["1 2.0"])
    source.write_text(groups + loop("particles", ["rlnTomoName", *labels], lines))
    # Angles that are not symmetric about 0: those negated are not those in reverse order.
    angles, none = ANGLES[1:], np.zeros((len(ANGLES) - 1, 2))
    first = info(tmp_path / "a_info.json", AXIS, angles, shifts=none)
    second = info(tmp_path / "b_info.json", AXIS + 180, -angles, shifts=none)
    found(capsys, first, second, "--particles", source, "-o", out)
    turn = np.diag([-1.0, -1, 1])
    moved = columns(out, labels)
    own, box = (
        rotation.to_matrix(convention.relion_to_quaternions(*angles.T))
        for angles in (moved[:, 3:6], moved[:, :3])
    )
    np.testing.assert_allclose(box @ own, turn @ numbers["A_total"], atol=1e-7)
    position = moved[:, 6:9] - np.einsum("nij,nj->ni", box, moved[:, 9:12])
    expected = numbers["position_Angst_from_tomo_centre"] @ turn
    np.testing.assert_allclose(position, expected, atol=1e-6)


@kinds()
def test_ms_particles_at_every_point_in_time(capsys, tmp_path, axis, angles, mirrors):
    """Å from the corner; Warp's tomogram turns about half its size."""
    rng = np.random.default_rng(6)
    labels, rows = [], np.zeros((7, 0))
    for t in (1, 2):
        labels += [f"wrpCoordinate{x}{t}" for x in "XYZ"]
        labels += [f"wrpAngle{x}{t}" for x in ("Rot", "Tilt", "Psi")]
        rows = np.column_stack([rows, rng.uniform(50, 500, (7, 3)), rng.uniform(10, 80, (7, 3))])
    labels += ["wrpRandomSubset", "wrpSourceName"]
    source, out = tmp_path / "m.star", tmp_path / "moved.star"
    text = [" ".join([*(f"{x:.6f}" for x in row), "1", "TS_01.tomostar"]) for row in rows]
    source.write_text(loop("", labels, text))
    pair = Pair(tmp_path, axis, angles)
    size = ("--size", *SIZE, "--pixel-size", PIXEL)
    found(capsys, *pair.files, "--particles", source, "-o", out, *size)

    def at(path: Path, t: int, points: np.ndarray) -> np.ndarray:
        places = columns(path, [f"wrpCoordinate{x}{t}" for x in "XYZ"]) / PIXEL - SIZE / 2
        turns = columns(path, [f"wrpAngle{x}{t}" for x in ("Rot", "Tilt", "Psi")])
        turned = rotation.to_matrix(convention.relion_to_quaternions(*turns.T))
        return places[:, None] + np.einsum("nij,kj->nki", turned, points)

    for t in (1, 2):
        seen = pair.seen_first(at(source, t, POINTS))
        there = pair.seen_second(at(out, t, POINTS @ D_Z[mirrors]))
        np.testing.assert_allclose(there, seen, atol=5e-5)
    flat = tmp_path / "flat.star"
    flat.write_text(loop("", labels[3:6], ["1 2 3"]))
    words = (*pair.files, "--particles", flat, "-o", tmp_path / "x.star", *size)
    assert "no particles with places" in refusal(capsys, *words)
