"""What is foretold of a conversion is what comes of it."""

from __future__ import annotations

import numpy as np
import pytest

import made_record
from evenview.core.errors import UserError
from evenview.formats import formats, open_particles
from evenview.tasks import convert, foresee
from made import uniform_angles, write_star


@pytest.fixture(scope="module")
def star(tmp_path_factory):
    path = tmp_path_factory.mktemp("foresee") / "run_data.star"
    formats()["relion-star"].create(path, made_record.record())
    return path


@pytest.mark.parametrize("name", sorted(convert.creatable()))
def test_what_is_foretold_comes_true(star, tmp_path, name):
    particles = open_particles(star)
    some = foresee.sample(particles)
    told = foresee.foresee(some, convert.creatable()[name])
    target = tmp_path / f"new{convert.creatable()[name].suffixes[0]}"
    result = convert.run(convert.ConvertRequest(particles, target, name))
    assert some.is_whole
    assert told.taken_along == result.taken_along
    assert told.dropped == result.created.dropped
    assert told.filled == result.created.filled
    assert some.left_behind == result.left_behind
    assert told.notes == result.notes
    assert set(some.warnings) <= set(result.warnings)


def test_of_a_long_file_some_rows_from_first_to_last_are_tried(tmp_path):
    n = foresee.ROWS + 500
    angles = uniform_angles(n, np.random.default_rng(2))
    particles = open_particles(write_star(tmp_path / "long.star", angles))
    some = foresee.sample(particles)
    assert not some.is_whole
    assert (some.particles, some.placed, len(some.record)) == (n, n, foresee.ROWS)
    np.testing.assert_array_equal(some.record.quaternions[[0, -1]], particles.quaternions[[0, -1]])
    assert len(some.record.micrographs) == len(some.record.ctf.defocus_u) == foresee.ROWS
    assert (some.pixel_sizes, some.boxes) == ((1.25,), (256.0,))


def test_nothing_is_left_on_the_disk(star, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    foresee.foresee(foresee.sample(open_particles(star)), convert.creatable()["cryosparc-cs"])
    assert list(tmp_path.iterdir()) == []


def test_what_a_format_needs_is_asked_for_beforehand(tmp_path):
    angles = uniform_angles(9, np.random.default_rng(2))
    some = foresee.sample(open_particles(write_star(tmp_path / "few.star", angles)))
    with pytest.raises(UserError, match="positions"):
        foresee.foresee(some, convert.creatable()["warp-star"])
