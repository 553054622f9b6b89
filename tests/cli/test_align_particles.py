"""`evenview align --particles`: the new map seen by the new poses is the old one by the old poses.

Maps are sums of Gaussians and so are their images, by a formula that knows nothing of the program:
at u = (A r)_xy - o of each point r (conventions.md, section 0).
"""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import made_maps as made
import made_star
from evenview.__main__ import INPUT, main
from evenview.core import rotation
from evenview.core.motion import mirror
from evenview.formats import open_particles
from evenview.formats.volume_mrc import open_volume

PIXEL, SIGMA = 4.0, 5.0
POSES, SHIFTS = made_star.LABELS[1:4], ("rlnOriginXAngst", "rlnOriginYAngst", "rlnOriginZAngst")
BOXES = ("rlnTomoSubtomogramRot", "rlnTomoSubtomogramTilt", "rlnTomoSubtomogramPsi")
TURN = Rotation.from_rotvec([3.0, -4.0, 2.0], degrees=True).as_matrix()
SHIFT = np.array([5.0, -3.0, 6.0])
POINTS, WEIGHTS = made.chain(2, 40.0, 120)


def matrices(table, labels):
    angles = np.column_stack([table.numeric(label) for label in labels])
    return Rotation.from_euler("ZYZ", angles, degrees=True).inv().as_matrix()


def columns(table, labels):
    return np.column_stack([table.numeric(label) for label in labels])


def write_map(path, points, box):
    return made.write(
        path, made.density(points, WEIGHTS, (box,) * 3, PIXEL, SIGMA).astype(np.float32), PIXEL
    )


def write_star(path, labels, n=5):
    """Random angles and shifts, and columns that nothing may change."""
    rng = np.random.default_rng(3)
    rows = []
    for i in range(n):
        numbers = [
            rng.uniform(-30, 80) if "Angle" in name or "Subto" in name else rng.normal(0, 4)
            for name in labels
        ]
        words = " ".join(f"{x:.9f}" for x in numbers)
        rows.append(f"{i + 1:06d}@a.mrcs 15000.50 ts_{i % 2} {10 * i}.250 {words} 1")
    tomogram = "rlnTomoName" if SHIFTS[2] in labels else "rlnMicrographName"
    names = ("rlnImageName", "rlnDefocusU", tomogram, "rlnCoordinateX")
    text = made_star.loop("particles", (*names, *labels, "rlnOpticsGroup"), rows)
    path.write_text(made_star.optics((1, PIXEL)) + text)
    return path


def align(capsys, *words):
    code = main(["align", *map(str, words), "--max-angle", "15", "--json"])
    said = capsys.readouterr()
    return code, said.err if code else json.loads(said.out)[0]


def image(points, a, origin, n=30):
    at = points @ a.T
    x = (np.arange(n) - n // 2) * PIXEL
    wx, wy = (
        np.exp(-((x[None] - (at[:, i, None] - origin[i])) ** 2) / (2 * SIGMA**2)) for i in (0, 1)
    )
    return np.einsum("p,py,px->yx", WEIGHTS, wy, wx)


def motion(found):
    matrix = np.array(found["rotation"]) @ (mirror("z") if found["flipped"] else np.eye(3))
    return matrix, np.array(found["shift_angstrom"])


@pytest.mark.parametrize(
    ("box", "way"), [(32, "turned"), (33, "mirrored"), (32, "reversed"), (33, "reversed")]
)
def test_images_are_the_same_before_and_after(tmp_path, capsys, box, way):
    """Sections in the reverse order are a mirror in z, and in an even box a shift by a voxel."""
    was = made.before(POINTS, TURN, SHIFT, flipped=way == "mirrored")
    shift = SHIFT
    if way == "reversed":
        shift = np.array([0.0, 0.0, -PIXEL if box % 2 == 0 else 0.0])
        was = made.before(POINTS, np.eye(3), shift, flipped=True)
    write_map(tmp_path / "ref.mrc", POINTS, box)
    path = write_map(tmp_path / "map.mrc", was, box)
    if way == "reversed":
        turned_round = open_volume(tmp_path / "ref.mrc").values[::-1]
        np.testing.assert_allclose(open_volume(path).values, turned_round, atol=1e-4)
    star = write_star(tmp_path / "run.star", (*POSES, *SHIFTS[:2]))
    _, found = align(capsys, tmp_path / "ref.mrc", path, "--particles", star, "-o", tmp_path / "o")
    assert found["flipped"] == (way != "turned")
    m, t = motion(found)
    assert np.linalg.norm(t - shift) < 0.05 * PIXEL
    old, new = (open_particles(p).table for p in (star, found["outputs"]["particles"][0]))
    before, after = (
        zip(matrices(table, POSES), columns(table, SHIFTS[:2]), strict=True) for table in (old, new)
    )
    for (a, o), (new_a, new_o) in zip(before, after, strict=True):
        seen, now = image(was, a, o), image(was @ m.T + t, new_a, new_o)
        assert np.abs(seen - now).max() < 1e-5 * seen.max()
    for row in range(len(old)):
        cells, then = old.cells(row), new.cells(row)
        changed = {name for name in cells if cells[name] != then[name]}
        assert changed == {*POSES, *SHIFTS[:2]}


@pytest.mark.parametrize("boxes", [(), BOXES], ids=["plain", "boxed"])
def test_subtomograms_stay_where_they_are_in_the_tomogram(tmp_path, capsys, boxes):
    """x = coordinate + A_box (A r - o) of each point r of the map (RELION's particle_set.cpp)."""
    write_map(tmp_path / "ref.mrc", POINTS, 32)
    was = made.before(POINTS, TURN, SHIFT, False)
    path = write_map(tmp_path / "map.mrc", was, 32)
    star = write_star(tmp_path / "tomo.star", (*POSES, *SHIFTS, *boxes))
    _, found = align(capsys, tmp_path / "ref.mrc", path, "--particles", star, "-o", tmp_path / "o")
    m, t = motion(found)
    old, new = (open_particles(p).table for p in (star, found["outputs"]["particles"][0]))
    for table, points in ((old, was), (new, was @ m.T + t)):
        inner = np.einsum("nij,pj->npi", matrices(table, POSES), points)
        inner -= columns(table, SHIFTS)[:, None]
        if boxes:
            inner = np.einsum("nij,npj->npi", matrices(table, boxes), inner)
        if table is old:
            places = inner
    np.testing.assert_allclose(inner, places, atol=1e-4)
    for row in range(len(old)):
        cells, then = old.cells(row), new.cells(row)
        assert {n for n in cells if cells[n] != then[n]} == {*POSES, *SHIFTS}


def test_subtomograms_of_the_other_hand_are_refused(tmp_path, capsys):
    write_map(tmp_path / "ref.mrc", POINTS, 32)
    path = write_map(tmp_path / "map.mrc", made.before(POINTS, TURN, SHIFT, True), 32)
    second = write_map(tmp_path / "same.mrc", made.before(POINTS, TURN, SHIFT, False), 32)
    star = write_star(tmp_path / "tomo.star", (*POSES, *SHIFTS, *BOXES))
    words = (tmp_path / "ref.mrc", path, second, "--particles", star, "-", "-o", tmp_path / "o")
    assert main(["align", *map(str, words), "--max-angle", "15", "--json"]) == INPUT
    done = capsys.readouterr()
    first, kept = json.loads(done.out)
    refused = "the hand of the map changes, and subtomograms cannot be mirrored"
    assert refused in first["error"]
    assert refused in done.err
    assert done.err.count("\n") == 1
    assert kept["flipped"] is False
    assert (tmp_path / "o" / "same_aligned.mrc").exists()
    assert not list((tmp_path / "o").glob("map*"))


def test_there_and_back_gives_the_poses_back(tmp_path, capsys):
    write_map(tmp_path / "ref.mrc", POINTS, 32)
    path = write_map(tmp_path / "map.mrc", made.before(POINTS, TURN, SHIFT, False), 32)
    star = write_star(tmp_path / "run.star", (*POSES, *SHIFTS[:2]))
    _, there = align(capsys, tmp_path / "ref.mrc", path, "--particles", star, "-o", tmp_path / "o")
    moved = there["outputs"]["particles"][0]
    said = json.loads((tmp_path / "o" / "map_transform.json").read_text())
    g, t = np.array(said["rotation"]), np.array(said["shift_angstrom"])
    said |= {"rotation": g.T.tolist(), "shift_angstrom": (-g.T @ t).tolist()}
    (tmp_path / "back.json").write_text(json.dumps(said))
    assert main(["align", "--apply", str(tmp_path / "back.json"), moved, "-o", str(tmp_path)]) == 0
    capsys.readouterr()
    old, new = (open_particles(p) for p in (star, tmp_path / "run_aligned_aligned.star"))
    assert rotation.angle_between(old.quaternions, new.quaternions).max() < 1e-5
    before, after = (columns(p.table, SHIFTS[:2]) for p in (old, new))
    np.testing.assert_allclose(after, before, atol=1e-4)
