"""cryoSPARC's stream form: the same table as the numpy form, read and written."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import made_cs
from evenview.core.errors import MalformedFileError, NoOrientationsError, UserError
from evenview.formats import open_particles
from evenview.formats.cs.dataset import open_dataset
from shared_data import shared


def table_of(path):
    """Every field by its name, as the numbers and texts of the file."""
    dataset = open_dataset(path)
    return dataset.numbers(dataset.names)


def same(found, rows):
    return all(np.array_equal(found[name], rows[name]) for name in rows.dtype.names)


def header_of(path):
    data = path.read_bytes()
    length = int.from_bytes(data[6:10], "little")
    return json.loads(data[10 : 10 + length]), data[10 + length :]


def with_header(path, header, rest):
    text = json.dumps(header).encode()
    path.write_bytes(b"\x95CSDAT" + len(text).to_bytes(4, "little") + text + rest)
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_a_stream_is_the_same_table_as_numpy(tmp_path, packed):
    rows = made_cs.particles(300)
    path = made_cs.write_stream(tmp_path / "J3_particles.cs", rows, packed)
    plain = open_particles(made_cs.write(tmp_path / "J4_particles.cs", rows))
    found = open_particles(path)
    assert same(table_of(path), rows)
    assert np.array_equal(found.quaternions, plain.quaternions)
    assert np.array_equal(found.halves, plain.halves)
    assert found.pixel_size == plain.pixel_size
    assert found.table.numeric_columns == plain.table.numeric_columns
    assert [found.table.cells(i) for i in (0, 1, 299)] == [
        plain.table.cells(i) for i in (0, 1, 299)
    ]
    assert found.table.format_name == "cryoSPARC .cs (stream form)"


def test_the_vector_is_what_the_package_saved_as_numpy():
    stream = shared("vectors/cs_star/J20_particles.tools_csdat.cs")
    rows = np.load(shared("vectors/cs_star/J20_particles.tools_numpy.cs"))
    assert same(table_of(stream), rows)
    truth = json.loads(shared("vectors/cs_star/truth.json").read_text())
    found = open_particles(stream)
    assert [found.table.cells(i)["uid"] for i in range(265)] == truth["uid"]
    assert "location/center_x_frac" in found.table.numeric_columns  # the numpy passthrough's
    plain = open_particles(shared("vectors/cs_star/J20_particles.cs"))
    assert np.array_equal(found.quaternions, plain.quaternions)


def test_the_vector_is_written_back(tmp_path):
    source = shared("vectors/cs_star/J20_particles.tools_csdat.cs")
    rows = np.load(shared("vectors/cs_star/J20_particles.tools_numpy.cs"))
    table = open_particles(source).table
    kept = np.random.default_rng(2).random(265) < 0.4
    table.write(tmp_path / "kept.cs", kept)
    table.write(tmp_path / "all.cs", np.ones(265, bool))
    assert same(table_of(tmp_path / "kept.cs"), rows[kept])
    assert (tmp_path / "all.cs").read_bytes() == source.read_bytes()
    # what cryosparc-tools reads: its own header, columns of their plain size, then the texts
    header, _ = header_of(tmp_path / "kept.cs")
    theirs, _ = header_of(source)
    assert header["dtype"] == theirs["dtype"]
    assert list(header) == list(theirs)
    assert (header["length"], header["compression"]) == (kept.sum(), None)
    assert header["compressed_fields"] == []


@given(data=st.data())
def test_kept_and_excluded_are_the_input(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("stream")
    n = data.draw(st.integers(2, 60))
    kept = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    rows = made_cs.particles(n)
    path = made_cs.write_stream(folder / "in.cs", rows, data.draw(st.booleans()))
    table = open_particles(path).table
    for name, mask in (("kept.cs", kept), ("excluded.cs", ~kept)):
        table.write(folder / name, mask)
        if mask.any():
            assert same(table_of(folder / name), rows[mask])
        else:
            with pytest.raises(NoOrientationsError, match="0 rows"):
                open_dataset(folder / name)


def test_a_part_of_a_part_is_the_same_as_at_once(tmp_path):
    rows = made_cs.particles(100)
    table = open_particles(made_cs.write_stream(tmp_path / "in.cs", rows)).table
    table.write(tmp_path / "half.cs", np.arange(100) < 50)
    table.write(tmp_path / "ten.cs", np.arange(100) < 10)
    open_particles(tmp_path / "half.cs").table.write(tmp_path / "again.cs", np.arange(50) < 10)
    assert (tmp_path / "again.cs").read_bytes() == (tmp_path / "ten.cs").read_bytes()


@pytest.mark.parametrize("streams", [(0,), (1,), (0, 1)])
def test_a_stream_and_a_numpy_file_are_a_pair(tmp_path, streams):
    *pair, whole = made_cs.split_pair(tmp_path)
    for i in streams:
        made_cs.write_stream(pair[i], np.load(pair[i]))
    plain_folder = tmp_path / "plain"
    plain_folder.mkdir()
    plain = open_particles(made_cs.split_pair(plain_folder)[0])
    found = open_particles(pair[0])
    assert np.array_equal(found.quaternions, plain.quaternions)
    assert found.table.cells(5) == plain.table.cells(5)
    out = tmp_path / "out"
    out.mkdir()
    kept = np.arange(len(whole)) % 3 == 0
    written = found.table.write(out / "kept.cs", kept)
    for target, source in zip(written, pair, strict=True):
        assert target.read_bytes()[:6] == source.read_bytes()[:6]
    after = open_particles(out / "kept.cs")
    assert np.array_equal(after.quaternions, found.quaternions[kept])
    assert after.table.sources == written


def test_texts_may_be_empty_and_of_any_letters(tmp_path):
    rows = made_cs.particles(4)
    rows["blob/path"] = ["", "a b.mrc", "é".encode(), "x" * 40]
    path = made_cs.write_stream(tmp_path / "in.cs", rows)
    table = open_particles(path).table
    assert [table.cells(i)["blob/path"] for i in range(4)] == ["", "a b.mrc", "é", "x" * 40]
    table.write(tmp_path / "kept.cs", np.array([True, False, True, True]))
    assert same(table_of(tmp_path / "kept.cs"), rows[[0, 2, 3]])


def test_a_stream_that_changed_is_not_copied_from(tmp_path):
    path = made_cs.write_stream(tmp_path / "a.cs", made_cs.particles(50))
    table = open_particles(path).table
    table.cells(3)
    made_cs.write_stream(path, made_cs.particles(40))
    with pytest.raises(UserError, match="has changed since"):
        table.write(tmp_path / "kept.cs", np.ones(50, bool))
    path.unlink()
    with pytest.raises(UserError, match="has gone since"):
        table.cells(3)
    assert list(tmp_path.iterdir()) == []


# --- what is refused


def sentence(path):
    with pytest.raises(MalformedFileError) as error:
        open_particles(path)
    text = str(error.value)
    assert str(path) in text
    assert "\n" not in text
    return text


def test_snappy_names_the_version_that_reads_it(tmp_path):
    path = made_cs.write_stream(tmp_path / "a.cs", made_cs.particles(5))
    header, rest = header_of(path)
    with_header(path, header | {"compression": "snap"}, rest)
    assert "snappy" in sentence(path)
    assert "4.3" in sentence(path)
    with_header(path, header | {"compression": "zstd"}, rest)
    assert "'zstd'" in sentence(path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"length": 10**12}, "for 1,000,000,000,000 rows"),
        ({"length": -1}, "how many rows"),
        ({"length": 5.0}, "how many rows"),
        ({"length": True}, "how many rows"),
        ({"length": 6}, "bytes for 6 rows"),
        ({"dtype": [["uid", "|V8"]]}, "fields and rows"),
        ({"dtype": [["uid", "<u8", [-1]]]}, "fields and rows"),
        ({"dtype": [["uid", "<u8", [10**9, 10**9]]]}, "fields and rows"),
        ({"dtype": [["uid", "<u8"], ["uid", "<u8"]]}, "two fields of one name"),
        ({"dtype": 7}, "fields and rows"),
        ({"compressed_fields": None}, "fields and rows"),
    ],
)
def test_a_header_that_cannot_be_says_so(tmp_path, change, words):
    path = made_cs.write_stream(tmp_path / "a.cs", made_cs.particles(5), packed=False)
    header, rest = header_of(path)
    with_header(path, header | change, rest)
    text = sentence(path)
    assert words in text or "too large" in text


def test_a_field_that_cannot_be_unpacked_is_named(tmp_path):
    rows = made_cs.particles(500)
    path = made_cs.write_stream(tmp_path / "J1_particles.cs", rows)
    pose = rows["alignments3D/pose"].tobytes()
    at = path.read_bytes().index(made_cs.lz4_block(pose))
    spoilt = bytearray(path.read_bytes())
    spoilt[at] = 0xFF
    spoilt[at + 1] = 0
    path.write_bytes(spoilt)
    assert "alignments3D/pose cannot be unpacked" in sentence(path)


def test_texts_that_were_cut_off(tmp_path):
    path = made_cs.write_stream(tmp_path / "a.cs", made_cs.particles(500))
    path.write_bytes(path.read_bytes()[:-3])
    assert "texts of the field blob/path are missing" in sentence(path)


def test_any_damage_is_an_error_in_words_or_harmless(tmp_path):
    path = made_cs.write_stream(tmp_path / "a.cs", made_cs.particles(20))
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(400):
        spoilt = bytearray(whole)
        for place in rng.integers(0, len(whole), rng.integers(1, 4)):
            spoilt[place] = rng.integers(0, 256)
        path.write_bytes(spoilt[: rng.integers(6, len(whole) + 1)])
        try:
            particles = open_particles(path)
            particles.table.cells(0)
        except UserError:
            continue
        assert len(particles) <= 20
