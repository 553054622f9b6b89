"""Texts of files as Python has them and back: names keep their bytes, whatever these stand for.

A name of a file is bytes. Those that are no UTF-8 (a Latin-1 "Å") become lone surrogates here, as
in Python's own names of files (PEP 383), and the same bytes again where the name is written.
"""

from __future__ import annotations

_KEPT = "surrogateescape"


def text_of(cell: bytes) -> str:
    """A text that will be written again or compared: `bytes_of` gives its bytes back."""
    return cell.decode("utf-8", _KEPT)


def bytes_of(text: str) -> bytes:
    """The bytes of a text, in UTF-8 or, where `text_of` found others, those."""
    return text.encode("utf-8", _KEPT)


def shown(cell: bytes | str) -> str:
    r"""A text as people are shown it: a byte that is not UTF-8 as "\xc5"."""
    kept = cell if isinstance(cell, bytes) else bytes_of(cell)
    return kept.decode("utf-8", "backslashreplace")
