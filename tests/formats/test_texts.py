"""Names keep their bytes from one file to the next, whatever these are; people read all of them."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import made_star as made
from evenview.core.errors import UserError
from evenview.formats import open_particles
from evenview.formats.cistem_binary import FORMAT as CISTEM
from evenview.formats.cryosparc_cs import FORMAT as CRYOSPARC
from evenview.formats.eman2_lst import FORMAT as EMAN
from evenview.formats.relion_star import FORMAT as RELION
from evenview.formats.texts import bytes_of, shown, text_of
from evenview.formats.xmipp_xmd import FORMAT as XMIPP
from evenview.tasks import convert
from evenview.tasks.described import record_of

NAME = b"\xc5se/stack.mrcs"  # Latin-1
FORMATS = {
    "a.star": RELION,
    "a.xmd": XMIPP,
    "a.lst": EMAN,
    "a.cistem": CISTEM,
    "a.cs": CRYOSPARC,
}


@given(st.binary())
def test_bytes_come_back_and_can_be_shown(cell):
    assert bytes_of(text_of(cell)) == cell
    assert shown(cell) == shown(text_of(cell))
    shown(cell).encode()


def test_a_text_is_that_of_a_path():
    assert text_of(NAME) == os.fsdecode(NAME)
    assert text_of("Åse".encode()) == shown("Åse".encode()) == "Åse"
    assert shown(NAME) == r"\xc5se/stack.mrcs"


def test_an_error_quotes_a_name_readably():
    assert str(UserError(f"no {text_of(NAME)}")) == r"no \xc5se/stack.mrcs."


@pytest.mark.parametrize("name", FORMATS)
def test_a_new_file_names_the_same_stack(tmp_path, name):
    rows = [f"{k}@NAME 10 20 {k} 1 -1 1".encode().replace(b"NAME", NAME) for k in (1, 2)]
    labels = (*made.LABELS[:4], "rlnOriginXAngst", "rlnOriginYAngst", "rlnOpticsGroup")
    table = made.particles(["ROWS"], labels).encode().replace(b"ROWS", b"\n".join(rows))
    source = made.save(tmp_path, made.optics().encode() + table)
    convert.run(convert.ConvertRequest(source, tmp_path / name, FORMATS[name].name, box=64))
    assert NAME in (tmp_path / name).read_bytes()
    made_again = record_of(open_particles(tmp_path / name), pixel_size=1.25)
    assert made_again.images.stacks.words == (text_of(NAME),)
    np.testing.assert_array_equal(made_again.images.index, [1, 2])
