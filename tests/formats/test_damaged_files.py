"""Files of every format, damaged: each is read or refused in one sentence, nothing else."""

from __future__ import annotations

import os
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evenview.core.errors import UserError
from evenview.core.particles import Particles
from evenview.formats import formats, open_particles

#: Damaged files a format; EVENVIEW_FUZZ=5000 in the environment looks longer.
BUDGET = int(os.environ.get("EVENVIEW_FUZZ", "40"))
N = 12
INSERTS = [
    b"\0",
    b"\xff\xfe",
    b"\n\n",
    b"nan",
    b"1e999",
    b"9" * 400,
    b'"',
    b"{",
    b",,",
    b"\xef\xbb\xbf",
]


def example_of(form) -> ModuleType:
    name = type(form).__module__.rpartition(".")[2]
    path = Path(__file__).parent / "examples" / f"{name}.py"
    spec = spec_from_file_location(f"damaged_{name}", path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def outcome(path: Path) -> tuple[Particles | None, str]:
    try:
        return open_particles(path), ""
    except UserError as error:
        return None, str(error)


def assert_read_or_refused(path: Path) -> None:
    particles, sentence = outcome(path)
    if particles is None:
        assert str(path) in sentence
        assert "\n" not in sentence
        return
    lengths = np.linalg.norm(particles.quaternions[particles.placed], axis=1)
    np.testing.assert_allclose(lengths, 1, atol=1e-9)
    assert len(particles) == len(particles.table)
    for name in particles.table.numeric_columns:
        assert particles.table.numeric(name).shape == (len(particles),)
    particles.table.cells(len(particles) - 1)


@pytest.mark.parametrize("name", sorted(formats()))
@settings(
    max_examples=BUDGET, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damage_ends_in_particles_or_in_one_sentence(tmp_path, name, data):
    whole = example_of(formats()[name]).make(tmp_path, N, 5).read_bytes()
    places = st.integers(0, len(whole) - 1)
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(0, 3))):
        damaged[data.draw(places)] ^= data.draw(st.integers(1, 255))
    if data.draw(st.booleans()):
        place = data.draw(places)
        damaged[place:place] = data.draw(st.sampled_from(INSERTS))
    if data.draw(st.booleans()):
        damaged = damaged[: data.draw(places)]
    path = tmp_path / "damaged"
    path.unlink(missing_ok=True)
    path.write_bytes(bytes(damaged))
    assert_read_or_refused(path)
