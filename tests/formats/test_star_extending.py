"""Star files with one more column: the new cells and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import made_star
from evenview.core.errors import UserError
from evenview.formats import open_particles
from evenview.formats.base import Extendable
from shared_data import shared

REAL = [
    *(
        "relion/betagal_d2_452.star",
        "relion/t20s_d7_crlf.star",
        "relion/betagal_unfolded_4501.star",
    ),
    *("xmipp/particles.xmd", "cistem/template_matches.star", "warp/m_species.star"),
]
WEIGHTS = np.array([0.25, 1.0, 0.5])


def extended(particles, folder, values=WEIGHTS, label="rlnParticleFigureOfMerit"):
    assert isinstance(particles.table, Extendable)
    (path,) = particles.table.write_extended(folder / "extended.star", label, values)
    return path


def test_a_label_and_a_cell_a_row_are_all_that_is_new(tmp_path):
    text = made_star.optics() + made_star.particles()
    path = extended(made_star.opened(tmp_path, text), tmp_path)
    rows = [f"{row}     {w:f}" for row, w in zip(made_star.ROWS, WEIGHTS, strict=True)]
    labels = (*made_star.LABELS, "rlnParticleFigureOfMerit")
    assert path.read_text() == made_star.optics() + made_star.particles(rows, labels)
    np.testing.assert_array_equal(
        open_particles(path).table.numeric("rlnParticleFigureOfMerit"), WEIGHTS
    )


@pytest.mark.parametrize(
    ("row", "new"),
    [
        (b"1\t2\t3\n", b"1\t2\t3\t0.500000\n"),
        (b"1 2 3 # last\r\n", b"1 2 3     0.500000 # last\r\n"),
        (b'1 2 "3"  \n', b'1 2 "3"     0.500000  \n'),
        (b"1\t2\t'3'\n", b"1\t2\t'3'\t0.500000\n"),
        (b"1 2 3", b"1 2 3     0.500000"),
    ],
)
def test_what_follows_the_last_cell_follows_the_new_one(tmp_path, row, new):
    head = b"data_particles\nloop_\n_rlnAngleRot\n_rlnAngleTilt\n _rlnAnglePsi # degrees\r\n"
    path = extended(made_star.opened(tmp_path, head + row), tmp_path, np.array([0.5]), "rlnWeight")
    written = path.read_bytes()
    assert written.startswith(head)
    assert written.endswith(new)
    assert written[len(head) : -len(new)] == b" _rlnWeight\r\n"


def test_labels_are_numbered_as_the_others_are(tmp_path):
    numbered = extended(made_star.opened(tmp_path, made_star.particles()), tmp_path)
    assert b"\n_rlnParticleFigureOfMerit #7\n" in numbered.read_bytes()
    plain = made_star.loop("particles", made_star.LABELS, made_star.ROWS, numbered=False)
    bare = extended(made_star.opened(tmp_path, plain), tmp_path)
    assert b"\n_rlnParticleFigureOfMerit\n" in bare.read_bytes()


def test_tables_and_rows_behind_stay(tmp_path):
    text = made_star.particles() + "# end\n" + made_star.loop("other", ("a", "b"), ("1 2", "3 4"))
    path = extended(made_star.opened(tmp_path, text), tmp_path)
    end = text[text.index("# end") - 2 :]
    assert path.read_text().endswith(end)


@given(rows=st.integers(1, 3), decimals=st.lists(st.integers(0, 10**6), min_size=3, max_size=3))
def test_any_weights_are_read_back(tmp_path_factory, rows, decimals):
    folder = tmp_path_factory.mktemp("weights")
    particles = made_star.opened(folder, made_star.particles(made_star.ROWS[:rows]))
    values = np.array(decimals[:rows]) / 1e6
    found = open_particles(extended(particles, folder, values)).table
    np.testing.assert_allclose(found.numeric("rlnParticleFigureOfMerit"), values, atol=1e-12)


@pytest.mark.parametrize("name", REAL)
def test_real_files_have_one_more_cell_a_row(tmp_path, name):
    particles = open_particles(shared(f"real/{name}"))
    weights = np.linspace(0.001, 1, len(particles)).round(6)
    path = extended(particles, tmp_path, weights, "evenWeight")
    made = open_particles(path)
    np.testing.assert_array_equal(made.quaternions, particles.quaternions)
    np.testing.assert_array_equal(made.table.numeric("evenWeight"), weights)
    for row in (0, len(made) // 2, len(made) - 1):
        cells = dict(made.table.cells(row))
        assert float(cells.pop("evenWeight")) == weights[row]
        assert cells == particles.table.cells(row)
    old, new = (p.table.path.read_bytes().splitlines() for p in (particles, made))
    assert len(new) == len(old) + 1
    longer = [n for o, n in zip(old, [x for x in new if b"_evenWeight" not in x], strict=True)
              if o != n]  # fmt: skip
    assert len(longer) == len(particles)


@pytest.mark.parametrize("label", ["", "two words", "a#b", 'a"b'])
def test_what_is_no_label_is_refused(tmp_path, label):
    with pytest.raises(UserError, match="name of a column"):
        extended(made_star.opened(tmp_path, made_star.particles()), tmp_path, label=label)
    assert not (tmp_path / "extended.star").exists()


def test_a_source_is_not_written_over(tmp_path):
    particles = made_star.opened(tmp_path, made_star.particles())
    with pytest.raises(UserError, match="never written over"):
        particles.table.write_extended(particles.table.path, "rlnWeight", WEIGHTS)


def test_a_column_that_is_there_is_no_new_one(tmp_path):
    particles = made_star.opened(tmp_path, made_star.particles())
    with pytest.raises(ValueError, match="no new column"):
        extended(particles, tmp_path, label="rlnAngleRot")


def test_a_large_file_is_extended_like_its_lines(tmp_path):
    n = 120_000
    row = "000001@{0:050d}.mrcs {1} 90 45.125 {2} 1"
    rows = [row.format(k, k % 180, 1 + k % 2) for k in range(n)]
    rows[60_000] = "# a comment between rows\n" + rows[60_000]
    particles = made_star.opened(tmp_path, made_star.particles(rows))
    weights = (np.arange(n) % 1000 + 1) / 1000
    path = extended(particles, tmp_path, weights, "rlnWeight")
    lines = particles.table.path.read_text().splitlines()
    new = path.read_text().splitlines()
    assert new[lines.index("_rlnOpticsGroup #6") + 1] == "_rlnWeight #7"
    new.remove("_rlnWeight #7")
    cells = iter(weights)
    assert new == [f"{line}     {next(cells):f}" if "@" in line else line for line in lines]
