"""A star file that cannot be shown is refused in one sentence: what, where, and what to do."""

from __future__ import annotations

import os

import numpy as np
import pytest

import made_star as made
from evenview.core.errors import MalformedFileError, NoOrientationsError, UserError
from evenview.core.progress import Cancelled
from evenview.formats import open_particles
from shared_data import shared

WHOLE = made.optics() + made.particles()
LAST = made.ROWS[2]


def line_of(text: str, beginning: str) -> int:
    return [line.startswith(beginning) for line in text.split("\n")].index(True) + 1


def refused(folder, text, error=UserError) -> str:
    path = made.save(folder, text)
    with pytest.raises(error) as caught:
        open_particles(path)
    sentence = str(caught.value)
    assert sentence.startswith(str(path))
    assert "\n" not in sentence
    assert caught.value.hint
    return sentence


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("000003@a.mrcs -170 110 5 1", "5 cells for 6 columns: it ends before column 6"),
        (LAST + " 99", '7 cells for 6 columns: "99" has no column'),
        ("000003@my own.mrcs -170 110 5 1 1", "7 cells for 6 columns"),
        ("'000003@a.mrcs -170 110 5 1 1", "quoted value is not closed"),
    ],
)
def test_a_ragged_row_is_named_by_its_line(tmp_path, row, words):
    text = WHOLE.replace(LAST, row + "\n" + LAST)
    sentence = refused(tmp_path, text, MalformedFileError)
    assert words in sentence
    assert f"line {line_of(text, row)}" in sentence


def test_the_line_is_right_in_a_file_of_many_chunks(tmp_path):
    rows = [*made.ROWS] * 150_000
    rows[400_000] = "short"
    text = made.particles(rows)
    line = text[: text.index("short")].count("\n") + 1
    assert f"line {line:,}" in refused(tmp_path, text, MalformedFileError)


@pytest.mark.parametrize("cut", [8, 12, 20])
def test_a_file_that_was_cut_off_is_said_to_be(tmp_path, cut):
    text = WHOLE.rstrip("\n")[:-cut]
    assert "cut off" in refused(tmp_path, text, MalformedFileError)


def test_zeros_at_the_end_are_a_sign_of_a_file_cut_off(tmp_path):
    assert "cut off" in refused(
        tmp_path, WHOLE.encode() + bytes(300) + b"\n1 2", MalformedFileError
    )


@pytest.mark.parametrize("cell", ["12.3.4", "1_000", "abc", "--3", "0x10", "1e", "12,5"])
def test_an_angle_that_is_no_number_is_named_by_line_and_column(tmp_path, cell):
    text = WHOLE.replace(" 110 ", f" {cell} ")
    sentence = refused(tmp_path, text, MalformedFileError)
    assert f'"{cell}" is not a number' in sentence
    assert f"line {line_of(text, '000003@')}, column 3 (rlnAngleTilt)" in sentence


@pytest.mark.parametrize("cell", ["inf", "-inf", "1e300", "20000"])
def test_one_wild_angle_is_refused(tmp_path, cell):
    text = WHOLE.replace(" 110 ", f" {cell} ")
    assert f"line {line_of(text, '000003@')}, column 3" in refused(tmp_path, text)


def test_degrees_converted_twice_are_recognised(tmp_path):
    rng = np.random.default_rng(0)
    angles = np.degrees(np.vstack([[67.5, 67.5, 67.5], rng.uniform(0, 180, (50, 3))]))
    sentence = refused(tmp_path, made.angled(*np.round(angles, 3).tolist()))
    assert "converted from radians to degrees twice" in sentence


def test_a_column_of_something_else_is_out_of_range(tmp_path):
    angles = [(k * 100.0, 10, 20) for k in range(100)]
    assert "in the right place" in refused(tmp_path, made.angled(*angles))


EMPTY = {
    "no rows": (WHOLE.replace("\n".join(made.ROWS), ""), "no rows"),
    "every pose is missing": (made.angled(("nan", 1, 2), (1, 2, "nan")), "no row has"),
    "all angles zero": (made.angled((0, 0, 0), (0, 0, 0)), "never aligned"),
    "a 2-D classification with zeros": (made.angled((0, 0, 10), (0, 0, 20)), "2-D classification"),
    "a 2-D classification": (made.particles(["5"], ["rlnAnglePsi"]), "2-D classification"),
    "picks": (made.particles(["5 6"], ["rlnCoordinateX", "rlnCoordinateY"]), "picked"),
    "extracted": (made.particles(["1@a 5"], ["rlnImageName", "rlnDefocusU"]), "extracted"),
    "micrographs": (made.loop("micrographs", ["rlnMicrographName"], ["a.mrc"]), "micrographs"),
    "only optics": (made.optics(), "no table of particles"),
    "an optimiser": (
        "data_optimiser_general\n_rlnExperimentalDataStarFile R/run_it025_data.star\n",
        "open R/run_it025_data.star",
    ),
    "a model": (made.loop("model_classes", ["rlnReferenceImage"], ["a.mrc"]), "model file"),
    "two of three angles": (made.particles(["1 2"], made.LABELS[1:3]), "only some"),
    "angles as keys": ("data_p\n_rlnAngleRot 1\n_rlnAngleTilt 2\n_rlnAnglePsi 3\n", "one loop_"),
}


@pytest.mark.parametrize(("text", "words"), EMPTY.values(), ids=EMPTY.keys())
def test_a_file_without_orientations_is_told_by_its_kind(tmp_path, text, words):
    assert words in refused(tmp_path, text, NoOrientationsError)


def test_two_tables_of_particles_are_not_chosen_between(tmp_path):
    for text in (
        made.particles() * 2,
        made.loop("a", made.LABELS, made.ROWS) + made.particles()[15:],
    ):
        assert "several tables" in refused(tmp_path, text, MalformedFileError)


def test_an_angle_column_twice_is_refused(tmp_path):
    text = WHOLE.replace("rlnRandomSubset", "rlnAngleRot")
    assert "more than once" in refused(tmp_path, text, MalformedFileError)


def test_half_sets_said_twice_are_not_chosen_between(tmp_path):
    text = WHOLE.replace("rlnOpticsGroup #6", "rlnRandomSubset #6")
    assert text != WHOLE
    assert "rlnRandomSubset is there more than once" in refused(tmp_path, text, MalformedFileError)


def test_rows_without_a_loop_are_refused(tmp_path):
    text = WHOLE.replace("loop_\n_rlnImageName", "_rlnImageName")
    assert '"loop_" line missing' in refused(tmp_path, text, MalformedFileError)


OTHERS = {
    "MRC stack": (np.array([64, 64, 10, 2], "<i4").tobytes().ljust(2048, b"\0"), "MRC image stack"),
    "new MRC stack": (bytes(208) + b"MAP " + bytes(2000), "MRC image stack"),
    "gzip": (b"\x1f\x8b" + bytes(20), "gzip"),
    "mmCIF": (b"data_1ABC\n#\n_entry.id 1ABC\n", "mmCIF"),
    "prose": (b"Dear colleague,\n", "not a particle file"),
    "nothing": (b"", "empty"),
    "a blank line": (b"\n", "not a particle file"),
}


@pytest.mark.parametrize(("content", "words"), OTHERS.values(), ids=OTHERS.keys())
def test_what_is_no_relion_file_is_named(tmp_path, content, words):
    assert words in refused(tmp_path, content)


def test_what_is_no_file_is_named(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, words in (
        (tmp_path / "nowhere.star", "no such file"),
        (tmp_path, "a folder"),
        (pipe, "a pipe"),
        (tmp_path / "x" / "y.star", "no such file"),
    ):
        with pytest.raises(UserError, match=words):
            open_particles(path)


def test_reading_can_be_cancelled(tmp_path):
    def cancel(fraction: float, phrase: str) -> None:
        raise Cancelled

    path = made.save(tmp_path, made.particles([*made.ROWS] * 100_000))
    with pytest.raises(Cancelled):
        open_particles(path, cancel)


@pytest.mark.parametrize("name", ["duplicate_block_names.star", "two_loops_same_labels.star"])
def test_real_broken_files_are_refused_in_words(name):
    with pytest.raises(UserError, match=name):
        open_particles(shared(f"real/broken/{name}"))
