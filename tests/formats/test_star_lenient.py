"""Star files read past their faults."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from evenview.core.progress import silent
from evenview.formats.star.lenient import MOST_FAULTS, read_past_faults
from evenview.formats.star.outline import read_tables
from evenview.formats.star.source import Source
from made_star import LABELS, ROWS, optics, particles, save

WANTED = frozenset(LABELS[1:4])


def test_a_sound_file_reads_as_ever(tmp_path: Path) -> None:
    source = Source.open(save(tmp_path, optics((1, 1.0), (2, 2.0)) + particles()))
    plain = read_tables(source, WANTED, silent)
    for known in (None, plain[1]):
        tables, faults = read_past_faults(source, WANTED, known)
        assert faults == ()
        for ours, theirs in zip(tables, plain, strict=True):
            assert (ours.block, ours.labels, ours.offset) == (
                theirs.block,
                theirs.labels,
                theirs.offset,
            )
            assert ours.rows is not None
            assert theirs.rows is not None
            np.testing.assert_array_equal(ours.rows.starts, theirs.rows.starts)
            assert ours.rows.stop == theirs.rows.stop
            for column, numbers in theirs.rows.numbers.items():
                np.testing.assert_array_equal(ours.rows.numbers[column], numbers)


@given(st.lists(st.sampled_from([*ROWS, "a b", "1 2 3 4 5 6 7", "'x 1 2 3 4 5", "", "# c"])))
def test_what_is_no_fault_is_a_row(tmp_path_factory: object, lines: list[str]) -> None:
    folder = tmp_path_factory.mktemp("lenient")  # type: ignore[attr-defined]
    source = Source.open(save(folder, optics() + particles(lines)))
    tables, faults = read_past_faults(source, WANTED)
    assert len(tables[-1]) == sum(line in ROWS for line in lines)
    assert len(faults) == sum(line not in (*ROWS, "", "# c") for line in lines)


def test_faults_are_counted_to_a_bound(tmp_path: Path) -> None:
    source = Source.open(save(tmp_path, particles(["a b"] * (2 * MOST_FAULTS))))
    _, faults = read_past_faults(source, WANTED)
    assert len(faults) == MOST_FAULTS
    assert {(fault.cells, fault.columns) for fault in faults} == {(2, len(LABELS))}
