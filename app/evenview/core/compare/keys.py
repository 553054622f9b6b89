"""Keys that two files have in common: names read more or less strictly, and rows of equal keys."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core.record import Names
from evenview.core.words import counted

Whole = NDArray[np.int64]

_NUMBER = re.compile(r"^\d{5,}_")
_DIGITS = re.compile(r"\d+")


def _plain(name: str) -> str:
    """A name with slashes one way, without cryoSPARC's ">" and a leading "./"."""
    return name.replace("\\", "/").lstrip(">").removeprefix("./")


def _last(name: str) -> str:
    return _plain(name).rpartition("/")[2]


def _stem(name: str) -> str:
    return _last(name).rpartition(".")[0] or _last(name)


@dataclass(frozen=True)
class Reading:
    """A way to read names: what is compared of them, and that in words.

    `one_to_one` says that it is no way to read names of which two would become one.
    """

    words: str
    short: Callable[[str], str]
    one_to_one: bool = False

    def is_one_to_one(self, names: Names) -> bool:
        """Whether the names that rows have stay as many."""
        used = {_stem(names.words[code]) for code in np.unique(names.codes[names.codes >= 0])}
        return len({self.short(name) for name in used}) == len(used)


def _number_at(place: int) -> Callable[[str], str]:
    def short(name: str) -> str:
        numbers = _DIGITS.findall(_stem(name))
        return str(int(numbers[place])) if numbers else ""

    return short


#: How names are read, the strictest first.
READINGS = (
    Reading("the full name", _plain),
    Reading("folder and name", lambda name: "/".join(_plain(name).split("/")[-2:])),
    Reading("the name without folders", _last),
    Reading("the name without folders and suffix", _stem),
    Reading(
        "the name without folders, suffix and leading number",
        lambda name: _NUMBER.sub("", _stem(name)),
    ),
)
#: Of micrographs and tomograms, whose particles' places tell besides: numbers in names, which some
#: programs have instead of names.
PLACE_READINGS = (
    *READINGS,
    Reading("the last number in the name", _number_at(-1), one_to_one=True),
    Reading("the first number in the name", _number_at(0), one_to_one=True),
)


def codes_of(a: Names, b: Names, short: Callable[[str], str]) -> tuple[Whole, Whole]:
    """Numbers of names (N,) that are the same in both files, -1 for none."""
    places: dict[str, int] = {}

    def coded(names: Names) -> Whole:
        short_words = map(short, names.words)
        words = [places.setdefault(word, len(places)) if word else -1 for word in short_words]
        return np.array([*words, -1], dtype=np.int64)[names.codes]

    return coded(a), coded(b)


def most_in_common(a: Names, b: Names) -> int:
    """How many rows match at most, however the names are read."""
    return int(min(np.count_nonzero(names.codes >= 0) for names in (a, b)))


def in_common(a: Whole, b: Whole) -> int:
    """How many rows of the one could be in the other by their names: at most so many match."""
    return int(min(np.isin(a, b[b >= 0]).sum(), np.isin(b, a[a >= 0]).sum()))


def paired(a: NDArray[Any], b: NDArray[Any], what: str) -> tuple[Whole, Whole, tuple[str, ...]]:
    """Rows (M,) of equal keys in both; keys that come again are paired in order.

    Keys below 0 are none.
    """
    rows_a, rows_b = _having(a), _having(b)
    _, codes = np.unique(np.concatenate([a[rows_a], b[rows_b]]), return_inverse=True)
    codes_a, codes_b = codes[: len(rows_a)], codes[len(rows_a) :]
    rank_a, rank_b = _rank(codes_a), _rank(codes_b)
    most = 1 + max(int(rank_a.max(initial=0)), int(rank_b.max(initial=0)))
    _, in_a, in_b = np.intersect1d(
        codes_a * most + rank_a, codes_b * most + rank_b, assume_unique=True, return_indices=True
    )
    order = np.argsort(in_a)
    again = (int(np.count_nonzero(rank_a)), int(np.count_nonzero(rank_b)))
    return rows_a[in_a[order]], rows_b[in_b[order]], _told_again(again, what)


def _having(keys: NDArray[Any]) -> Whole:
    if keys.dtype.kind == "u":
        return np.arange(len(keys))
    return np.flatnonzero(keys >= 0)


def _rank(codes: Whole) -> Whole:
    """How many rows before each have its code (N,)."""
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    begins = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(codes) else codes
    first = np.repeat(begins, np.diff(np.r_[begins, len(codes)]))
    rank = np.empty(len(codes), dtype=np.int64)
    rank[order] = np.arange(len(codes)) - first
    return rank


def _told_again(again: tuple[int, int], what: str) -> tuple[str, ...]:
    told = [
        f"{counted(n, 'row')} of {name} {'has' if n == 1 else 'have'} the {what} of an earlier row"
        for name, n in zip("AB", again, strict=True)
        if n
    ]
    if not told:
        return ()
    both = "; of these the first is matched with the first, the second with the second, and so on."
    return (" and ".join(told) + both,)
