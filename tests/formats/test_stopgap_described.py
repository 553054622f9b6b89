"""What STOPGAP's motive lists say of a row, and new ones as STOPGAP reads them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from evenview.core.errors import UserError
from evenview.core.motion import Motion, mirror
from evenview.core.record import Names
from evenview.formats import formats, open_particles
from evenview.tasks.described import completed, record_of
from made_record import PIXEL, N, record

FORM = formats()["stopgap-star"]
POINTS = np.random.default_rng(4).normal(0, 10, (6, 3))
TURN = Rotation.from_euler("xyz", [20, 50, -70], degrees=True).as_matrix()
SHIFT = np.array([4.0, -3.0, 2.0])

LABELS = (
    *("motl_idx", "tomo_num", "object", "subtomo_num", "halfset", "orig_x", "orig_y", "orig_z"),
    *("score", "x_shift", "y_shift", "z_shift", "phi", "psi", "the", "class"),
)
ROWS = (
    "1 4 1 11 A 10 20 30 0.5 1.0 -2.0 0.5 10 20 30 1",
    "2 4 1 12 B 40 50 60 0.5 0.0 0.0 0.0 -170 60 95 2",
    "3 5 1 13 A 70 80 90 0.5 -1.5 2.0 3.0 90 0 90 1",
)


def opened(folder, rows=ROWS, labels=LABELS):
    text = "\ndata_stopgap_motivelist\n\nloop_\n" + "".join(f"_{label}\n" for label in labels)
    path = folder / "motl.star"
    path.write_text(text + "\n" + "\n".join(rows) + "\n", newline="\n")
    return open_particles(path)


def places(table, points: np.ndarray) -> np.ndarray:
    """Where points of the reference stand, Å: turned by Rz(psi) Rx(the) Rz(phi), then shifted."""
    angles = np.column_stack([table.numeric(name) for name in ("phi", "the", "psi")])
    a = Rotation.from_euler("zxz", angles, degrees=True).as_matrix()
    shifts = np.column_stack([table.numeric(f"{x}_shift") for x in "xyz"])
    return np.einsum("nij,pj->npi", a, points) + PIXEL * shifts[:, None]


def test_a_row_says_where_the_reference_stands(tmp_path):
    particles = completed(opened(tmp_path), PIXEL)
    said = record_of(particles)
    assert said.subtomograms
    np.testing.assert_allclose(
        said.origins, -PIXEL * np.array([[1, -2, 0.5], [0] * 3, [-1.5, 2, 3]])
    )
    assert said.halves.tolist() == [1, 2, 1]
    assert said.classes.tolist() == [1, 2, 1]
    assert said.images.index.tolist() == [11, 12, 13]
    assert said.tomograms.texts() == ["4", "4", "5"]
    assert said.coordinates.values[1].tolist() == [40, 50, 60]
    assert said.taken == set(LABELS) - {"motl_idx", "object", "score"}


def test_shifts_need_a_pixel_size_and_half_sets_may_be_one(tmp_path):
    with pytest.raises(UserError, match=r"--pixel-size"):
        record_of(opened(tmp_path))
    alone = completed(opened(tmp_path, [ROWS[0], ROWS[2]]), PIXEL)
    assert record_of(alone).halves.tolist() == [1, 1]


def test_columns_that_are_missing_are_not_said(tmp_path):
    rows = [" ".join(row.split()[12:15]) for row in ROWS]
    particles = opened(tmp_path, rows, LABELS[12:15])
    said = record_of(particles)
    assert said.said() == {}
    assert said.taken == {"phi", "psi", "the"}
    with pytest.raises(UserError, match="has no shifts"):
        FORM.changes(particles, Motion(shift=SHIFT))


def test_the_moved_map_stands_where_it_was(tmp_path):
    particles = completed(opened(tmp_path), PIXEL)
    particles.table.write_changed(tmp_path / "out", FORM.changes(particles, Motion(TURN, SHIFT)))
    after = open_particles(tmp_path / "out").table
    now = places(after, POINTS @ TURN.T + SHIFT)
    np.testing.assert_allclose(now, places(particles.table, POINTS), atol=1e-4)
    with pytest.raises(UserError, match="mirrored"):
        FORM.changes(particles, Motion(mirror("x")))


def test_a_new_list_has_stopgap_s_columns_in_its_order_and_nothing_beside_them(tmp_path):
    FORM.create(tmp_path / "made", record(subtomograms=True))
    lines = (tmp_path / "made").read_text().splitlines()
    start = lines.index("loop_") + 1
    assert lines[start : start + len(LABELS)] == [f"_{label}" for label in LABELS]
    rows = [line.split() for line in lines[start + len(LABELS) :] if line]
    assert {len(row) for row in rows} == {len(LABELS)}
    assert [row[4] for row in rows] == ["A", "B"] * (N // 2)
    assert all(cell.isdecimal() for row in rows for cell in (row[0], row[1], row[3], row[15]))


def test_a_new_list_puts_the_reference_where_it_stands(tmp_path):
    source = record(subtomograms=True)
    FORM.create(tmp_path / "made", source)
    a = Rotation.from_quat(source.quaternions, scalar_first=True).as_matrix()
    expected = np.einsum("nij,pj->npi", a, POINTS) - source.origins[:, None]
    found = places(open_particles(tmp_path / "made").table, POINTS)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_what_is_not_said_stands_there_neutral_and_is_told(tmp_path):
    bare = replace(record(subtomograms=True), halves=None, coordinates=None, classes=None)
    created = FORM.create(tmp_path / "made", bare)
    told = "; ".join(created.filled)
    for words in ("halfset: A", "orig_x: 0", "class: 1", "motl_idx"):
        assert words in told
    named = replace(bare, tomograms=Names.of(["one", "two"] * (N // 2)))
    assert "one, two" in "; ".join(FORM.create(tmp_path / "named", named).filled)
