"""New star files say what they were given, to this reader and to starfile."""

from __future__ import annotations

import numpy as np
import pytest
import starfile
from hypothesis import given
from hypothesis import strategies as st

from evenview.core.errors import UserError
from evenview.core.progress import Cancelled, silent
from evenview.core.record import Images, Names
from evenview.formats.star.outline import read_tables
from evenview.formats.star.source import Source
from evenview.formats.star.writing import Block, Fixed, write_blocks

WORDS = ["a.mrcs", "my own.mrcs", "", "_x", "#1", "it's", 'a "b"', "data_x", "é", "loop_", "nan"]


def read(path) -> dict:
    return {table.block: table for table in read_tables(Source.open(path), (), silent)}


def test_numbers_and_texts_are_read_back(tmp_path):
    n = len(WORDS)
    values = np.linspace(-200, 1e7, n)
    values[1] = np.nan
    columns = {"t": Names.of(WORDS), "v": Fixed(values), "i": np.arange(n) - 3}
    path = tmp_path / "new.star"
    write_blocks(path, [Block("p", columns)], "# version 30001")
    table = read(path)["p"]
    assert table.labels == ("t", "v", "i")
    assert table.texts("t") == WORDS
    assert table.texts("v") == [f"{value:.6f}" for value in values]
    assert table.texts("i") == [str(k - 3) for k in range(n)]
    assert path.read_text().startswith("\n# version 30001\n\ndata_p\n\nloop_\n_t #1\n")


def test_starfile_reads_the_same(tmp_path):
    words = ["a.mrcs", "my own.mrcs", "_x", "#1"]
    columns = {"t": Names.of(words), "v": Fixed(np.array([-1.5, 0, 1e-7, 4e5])), "i": np.arange(4)}
    one = {"rlnTomoSubTomosAre2DStacks": np.array([0])}
    path = tmp_path / "new.star"
    write_blocks(path, [Block("general", one, loop=False), Block("p", columns)], "# version 50001")
    blocks = starfile.read(path, always_dict=True)
    assert blocks["general"] == {"rlnTomoSubTomosAre2DStacks": 0}
    assert blocks["p"]["t"].tolist() == words
    assert blocks["p"]["v"].tolist() == [-1.5, 0, 0, 4e5]
    assert blocks["p"]["i"].tolist() == [0, 1, 2, 3]


def test_a_row_never_begins_like_a_table(tmp_path):
    """Many readers take any line that begins with data_ or loop_ for a new table."""
    words = ["data_x/a.mrcs", "DATA_", "loop_x", "loop_"]
    images = Images(np.array([0, 1, 0, 2]), Names.of(words))
    path = tmp_path / "new.star"
    tables = [
        Block("p", {"t": Names.of(words), "i": np.arange(4)}),
        Block("q", {"t": images, "i": np.arange(4)}),
    ]
    write_blocks(path, tables)
    lines = path.read_text().lower().split()
    assert sum(line.startswith(("data_", "loop_")) for line in lines) == 2 + 2
    assert read(path)["p"].texts("t") == words
    assert read(path)["q"].texts("t") == [words[0], "000001@DATA_", words[2], "000002@loop_"]
    assert starfile.read(path, always_dict=True)["p"]["t"].tolist() == words


@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\"'"))))
def test_any_text_without_quotes_is_read_back(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("t") / "new.star"
    write_blocks(path, [Block("p", {"t": Names.of(texts), "i": np.arange(len(texts))})])
    assert read(path)["p"].texts("t") == texts


def test_a_text_with_an_end_of_line_is_refused(tmp_path):
    with pytest.raises(UserError, match="star file"):
        write_blocks(tmp_path / "new.star", [Block("p", {"t": Names.of(["a\nb"])})])
    assert not list(tmp_path.iterdir())


def test_images_are_named_by_place_and_stack(tmp_path):
    images = Images(np.array([1, 1234567, 0]), Names.of(["a.mrcs", "b/c.mrcs", "d.mrc"]))
    blank = Images(np.array([7, 8]), Names.of(["my own.mrcs", ""]))
    path = tmp_path / "new.star"
    write_blocks(path, [Block("a", {"i": images}), Block("b", {"i": blank, "j": np.zeros(2, int)})])
    tables = read(path)
    assert tables["a"].texts("i") == ["000001@a.mrcs", "1234567@b/c.mrcs", "d.mrc"]
    assert tables["b"].texts("i") == ["000007@my own.mrcs", ""]


def test_many_rows_are_what_python_would_write(tmp_path):
    n = 40_000
    rng = np.random.default_rng(0)
    values, codes = rng.normal(size=n) * 100, rng.integers(0, 50, n)
    names = Names(tuple(f"stack{k}" for k in range(50)), codes)
    path = tmp_path / "new.star"
    write_blocks(path, [Block("p", {"a": Fixed(values, 3), "b": names, "c": codes})])
    rows = [f"{v:12.3f} stack{c} {c:12d}" for v, c in zip(values, codes, strict=True)]
    assert path.read_text().split("\n")[7:-2] == [row.replace("-0.000", " 0.000") for row in rows]


def test_numbers_beyond_the_compiled_writer_are_written_by_python(tmp_path):
    path = tmp_path / "new.star"
    write_blocks(path, [Block("p", {"v": Fixed(np.array([1e300, -np.inf, 1.5]))})])
    assert read(path)["p"].texts("v") == ["1e+300", "-inf", "1.500000"]


def test_a_cancelled_file_is_not_there(tmp_path):
    def stop(fraction, phrase):
        raise Cancelled

    with pytest.raises(Cancelled):
        write_blocks(tmp_path / "n.star", [Block("p", {"i": np.arange(9)})], progress=stop)
    assert not list(tmp_path.iterdir())


def test_a_source_is_not_written_over(tmp_path):
    path = tmp_path / "a.star"
    path.write_text("x")
    with pytest.raises(UserError, match="never written over"):
        write_blocks(path, [Block("p", {"i": np.arange(9)})], sources=[path])
    assert path.read_text() == "x"


def test_columns_of_unlike_length_are_a_mistake(tmp_path):
    with pytest.raises(ValueError, match="rows"):
        write_blocks(tmp_path / "n.star", [Block("p", {"a": np.arange(2), "b": np.arange(3)})])
