"""Sentences of the task, which name options of the command line, as the window says them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evenview.core.errors import UserError
from evenview.core.words import counted
from evenview.gui.files import by_folder
from evenview.gui.options import in_fields, sentence
from evenview.gui.text import significant, typeset

LOWPASS, SHIFT, ANGLE, HAND = "Low-pass", "Largest shift", "Largest turn", "Hand"

_WORDS = (
    ("(--lowpass)", f"({LOWPASS})"),
    ("(--pixel-size)", "(Pixel size)"),
)


def here(words: str) -> str:
    """Words with the names of the fields that stand for options."""
    for option, said in _WORDS:
        words = words.replace(option, said)
    return typeset(in_fields(words))


def told(error: Exception) -> str:
    """What went wrong, and what to do in this window."""
    return here(sentence(error)) if isinstance(error, UserError) else sentence(error)


def not_written(written: Sequence[Path]) -> str:
    """What there is where writing was stopped: files are whole or not there."""
    if not written:
        return "Writing stopped. Nothing was written."
    there = counted(len(written), "file was", "files were")
    return f"Writing stopped. By then {there} written, whole: {by_folder(list(written))}."


def angstroms(resolution: float) -> str:
    """A resolution."""
    return f"{significant(resolution)} Å"
