"""Maps that are looked at before they are written: the same numbers and files as in one go."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evenview.core import rotation
from evenview.core.align.settings import Settings
from evenview.core.errors import UserError
from evenview.formats.volume_mrc import open_volume
from evenview.tasks import align, align_look, align_writing
from evenview.tasks.align import AlignRequest, AlignResult, Failed, Moving
from evenview.tasks.transform_file import read_transform
from evenview.tasks.turns import axis_angle
from made_maps import before, chain, density, noisy, write

SHAPE, SIZE = (32, 36, 30), 3.0
(TURN,) = rotation.to_matrix(rotation.from_axis_angle(np.array([[1.0, 2.0, -1.0]]), [7.0]))
SHIFT = np.array([3.0, 5.0, -4.0])


@pytest.fixture(scope="module")
def request_(tmp_path_factory):
    folder = tmp_path_factory.mktemp("maps")
    points, weights = chain(4, 28.0, 200)
    for name, places in (
        ("reference", points),
        ("map", before(points, TURN, SHIFT, True)),
        ("half", before(points, TURN, SHIFT, True)),
    ):
        values = noisy(density(places, weights, SHAPE, SIZE, 4.0), 0.05, len(name))
        write(folder / f"{name}.mrc", values, SIZE)
    moving = Moving(folder / "map.mrc", also=(folder / "half.mrc",))
    return AlignRequest(folder / "reference.mrc", (moving,), settings=Settings(max_angle=12.0))


@pytest.fixture(scope="module")
def found(request_):
    return align_look.find(request_)


def test_finding_writes_nothing(request_, found):
    folder = request_.reference.parent
    assert sorted(path.name for path in folder.iterdir()) == [
        "half.mrc",
        "map.mrc",
        "reference.mrc",
    ]
    assert found.maps[0].outputs is None
    np.testing.assert_allclose(found.maps[0].found.pose.shift, SHIFT, atol=0.2)


def test_writing_afterwards_gives_the_files_of_one_run(request_, found, tmp_path):
    two = align_look.write(replace(request_, folder=tmp_path / "two"), found)
    one = align.run(replace(request_, folder=tmp_path / "one"))
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert sorted(path.name for path in (tmp_path / "two").iterdir()) == names
    into = replace(request_, folder=tmp_path / "two")
    targets = align_look.planned_of(into, found.maps[0]).all()
    assert sorted(path.name for path in targets) == names
    assert set(two.maps[0].outputs.all()) == set(targets)
    for path in one.maps[0].outputs.all():
        if path.suffix == ".mrc":
            first, second = (open_volume(tmp_path / way / path.name) for way in ("one", "two"))
            scale = np.abs(first.values).max()
            np.testing.assert_allclose(first.values, second.values, atol=1e-3 * scale)


def test_what_an_earlier_writing_said_is_forgotten(request_, found, tmp_path, monkeypatch):
    one = align_look.write(replace(request_, folder=tmp_path / "one"), found)
    with monkeypatch.context() as broken:
        broken.setattr(align_writing, "write_transform", full)
        two = align_look.write(replace(request_, folder=tmp_path / "two"), one)
    assert [str(error) for error in two.errors] == ["the disk is full."]
    assert two.maps[0].outputs is None
    assert two.maps[0].found is found.maps[0].found
    three = align_look.write(replace(request_, folder=tmp_path / "one"), two)
    assert three.errors == ()
    assert three.maps[0].outputs == one.maps[0].outputs
    assert set(three.maps[0].replaced) == set(one.maps[0].outputs.all())
    assert three.maps[0].every_note == one.maps[0].every_note


def full(*_anything):
    raise UserError("the disk is full")


def test_a_map_that_was_not_aligned_stays_told_of(request_, found, tmp_path):
    failed = Failed(1, tmp_path / "gone.mrc", UserError("it is gone"))
    asked = replace(request_, folder=tmp_path)
    both = replace(asked, maps=(*asked.maps, Moving(asked.maps[0].also[0])))
    written = align_look.write(both, replace(found, failed=(failed,)))
    assert [one.place for one in written.maps] == [0]
    assert written.failed == (failed,)


def test_what_is_seen_after_is_the_reference_and_the_difference_map(request_, found, tmp_path):
    sight = align_look.see(request_, found.maps[0])
    assert sight.after.shape == SHAPE
    written = align_look.write(replace(request_, folder=tmp_path), found)
    differs = open_volume(written.maps[0].outputs.difference).values
    seen = sight.after - sight.reference
    np.testing.assert_allclose(seen, differs, atol=1e-3 * np.abs(sight.reference).max())
    assert np.abs(sight.before - sight.reference).max() > 4 * np.abs(seen).max()


def test_every_file_is_looked_at_before_the_first_map_is_aligned(request_, tmp_path):
    bad = tmp_path / "bad.mrc"
    bad.write_bytes(b"no map")
    told = []
    for maps in (
        (*request_.maps, Moving(bad)),
        (replace(request_.maps[0], also=(bad,)),),
        (replace(request_.maps[0], particles=(bad,)),),
    ):
        with pytest.raises(UserError):
            align_look.find(replace(request_, maps=maps), lambda _part, words: told.append(words))
    assert not any("rotations" in words for words in told)


HALF_TURN = np.diag([-1.0, -1.0, 1.0])


@pytest.fixture(scope="module")
def twofold(tmp_path_factory):
    """A molecule whose two halves are nearly the same: the other way round fits nearly as well."""
    folder = tmp_path_factory.mktemp("twofold")
    points, weights = chain(4, 28.0, 100)
    points = np.concatenate([points, points @ HALF_TURN.T])
    weights = np.concatenate([weights, weights * np.linspace(0.8, 1.0, len(weights))])
    box, size = (24, 24, 24), 4.0
    for name, places in (
        ("reference", points),
        ("map", before(points, TURN, SHIFT, False)),
    ):
        values = noisy(density(places, weights, box, size, 5.0), 0.1, len(name))
        write(folder / f"{name}.mrc", values, size)
    request = AlignRequest(
        folder / "reference.mrc", (Moving(folder / "map.mrc"),), settings=Settings(hands="same")
    )
    return request, align_look.find(request).maps[0]


def apart(one, other):
    return float(np.degrees(np.arccos(np.clip((np.trace(one.T @ other) - 1.0) / 2.0, -1.0, 1.0))))


def test_a_runner_up_can_be_taken_looked_at_and_written(twofold, tmp_path):
    request, best = twofold
    assert apart(best.found.pose.rotation, TURN) < 0.8
    assert len(best.found.ambiguous) == 1
    taken = align_look.take(request, best, 1)
    assert apart(taken.found.pose.rotation, HALF_TURN @ TURN) < 2.0
    assert 0.85 < taken.found.after < best.found.after
    assert taken.found.before == best.found.before
    assert "Runner-up 1" in " ".join(taken.warnings)
    other = axis_angle(best.found.runners_up[0].pose.rotation)
    (line,) = (words for name, words in best.facts() if name == "Runner-up 1")
    assert f"turned {other.angle:.1f}° about ({other.axis[0]:.2f}" in line
    assert "shifted (" in line
    seen = align_look.see(request, taken)
    shown = np.corrcoef(seen.after.ravel(), seen.reference.ravel())[0, 1]
    assert 0.85 < shown < 0.999
    result = AlignResult(request.reference, (taken,))
    written = align_look.write(replace(request, folder=tmp_path / "two"), result).maps[0]
    motion = read_transform(written.outputs.transform).motion
    np.testing.assert_array_equal(motion.matrix, taken.found.pose.matrix)
    assert align_look.take(request, best, 0) is best
    # the same of one run
    (moving,) = request.maps
    one = align.run(replace(request, maps=(replace(moving, pose=1),), folder=tmp_path / "one"))
    np.testing.assert_allclose(one.maps[0].found.pose.matrix, taken.found.pose.matrix, atol=1e-6)
    assert one.as_json()[0]["pose"] == 1


def test_a_runner_up_that_is_not_there_is_refused(twofold):
    request, best = twofold
    with pytest.raises(UserError, match="no runner-up 99"):
        align_look.take(request, best, 99)


def test_a_result_stays_that_of_fewer_maps(request_, found):
    (moving,), (one,) = request_.maps, found.maps
    other = replace(moving, path=moving.path.with_name("half.mrc"))
    failed = Failed(0, other.path, UserError("it is gone"))
    both = replace(request_, maps=(other, replace(moving, also=())))
    of_both = AlignResult(both.reference, (replace(one, place=1),), (failed,))
    assert align_look.places_of(request_, both) == (1,)
    kept = align_look.of_places(of_both, (1,))
    assert [(one.place, one.path) for one in kept.maps] == [(0, moving.path)]
    assert kept.failed == ()
    assert align_look.places_of(both, request_) is None
    assert align_look.places_of(replace(request_, pixel_size=2.0), both) is None
    resized = replace(moving, pixel_size=2.0)
    assert align_look.places_of(replace(request_, maps=(resized,)), both) is None
