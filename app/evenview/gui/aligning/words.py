"""Sentences of the task, which name options of the command line, as the window says them."""

from __future__ import annotations

from evenview.core.errors import UserError
from evenview.gui.options import in_fields, sentence
from evenview.gui.text import significant, typeset

LOWPASS, SHIFT, ANGLE, HAND = "Low-pass", "Largest shift", "Largest turn", "Hand"
NOT_WRITTEN = "Writing stopped; files that were written before are whole."

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


def angstroms(resolution: float | None) -> str:
    """A resolution; None is nowhere."""
    return "nowhere" if resolution is None else f"{significant(resolution)} Å"
