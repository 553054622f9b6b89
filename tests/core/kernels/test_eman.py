"""The compiled reader of EMAN2's JSON against Python's own."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from evenview.core.kernels import decimals, eman

SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-99, 99), st.text(max_size=6))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from(["a", "score", 'q"', "\\", "{"]), VALUES)
SEPARATORS = st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " :\t")])


def numbers(texts: list[str], key: str) -> tuple[np.ndarray, np.ndarray]:
    joined = "".join(texts).encode()
    ends = np.cumsum([len(text.encode()) for text in texts])
    begins = np.concatenate([[0], ends[:-1]])
    values, codes = np.empty(len(texts)), np.empty(len(texts), np.uint8)
    data, word = (np.frombuffer(part, np.uint8) for part in (joined, json.dumps(key).encode()))
    eman.read_numbers(data, begins, ends, word, values, codes)
    return values, codes


@given(OBJECTS, SEPARATORS, st.booleans())
def test_a_number_that_is_read_is_the_one_of_the_key(value, separators, plain):
    text = json.dumps(value, separators=separators, ensure_ascii=plain)
    values, codes = numbers([text], "score")
    found = value.get("score")
    if isinstance(found, int) and not isinstance(found, bool):
        assert values[0] == found
    else:
        assert np.isnan(values[0])
    assert (codes[0] == decimals.MISSING) == ("score" not in value)


@given(st.binary(max_size=60))
@example(b'{"score":1}')
@example(b'{"score":1,"score":2}')
@example(b'{"score":1}}')
@example(b'{"score":[1}')
def test_what_is_not_json_is_never_read_as_a_number(junk):
    data = np.frombuffer(b'{"score":1,' + junk + b"}", np.uint8)
    values, codes = np.empty(1), np.empty(1, np.uint8)
    word = np.frombuffer(b'"score"', np.uint8)
    eman.read_numbers(data, np.zeros(1, np.int64), np.array([data.size]), word, values, codes)
    assert values[0] in (1, 2) or np.isnan(values[0])


@given(st.dictionaries(st.text(max_size=8), VALUES), st.sampled_from([None, 0, 2]))
def test_the_entries_of_an_object_are_found(value, indent):
    text = json.dumps(value, indent=indent)
    data = np.frombuffer(text.encode(), np.uint8)
    room = eman.count_entries(data)
    starts, begins, ends = (np.empty(room, np.int64) for _ in range(3))
    n, wrong = eman.find_entries(data, 0, starts, begins, ends)
    assert (n, wrong) == (len(value), -1)
    found = [json.loads(text[a:b]) for a, b in zip(begins[:n], ends[:n], strict=True)]
    assert found == list(value.values())


@given(st.binary(max_size=80))
@example(b'{"a":{')
@example(b'{"a":1,}')
@example(b'{"a" 1}')
def test_any_bytes_have_an_end(junk):
    data = np.frombuffer(junk or b" ", np.uint8)
    room = eman.count_entries(data)
    starts, begins, ends = (np.empty(room, np.int64) for _ in range(3))
    n, _ = eman.find_entries(data, 0, starts, begins, ends)
    assert 0 <= n <= room
