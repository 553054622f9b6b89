"""Sentences of the task, which name options of the command line, as the window says them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evenview.core.errors import UserError
from evenview.core.words import counted
from evenview.gui.files import by_folder
from evenview.gui.options import in_fields, sentence
from evenview.gui.text import significant, typeset
from evenview.tasks.align import AlignRequest

LOWPASS, SHIFT, ANGLE, HAND = "Low-pass", "Largest shift", "Largest turn", "Hand"

_WORDS = (
    ("(--lowpass)", f"({LOWPASS})"),
    ("(--pixel-size)", "(Pixel size)"),
    ("Give another folder with -o.", "Choose another folder."),
)


def here(words: str) -> str:
    """Words with the names of the fields that stand for options."""
    for option, said in _WORDS:
        words = words.replace(option, said)
    return typeset(in_fields(words))


def told(error: Exception) -> str:
    """What went wrong, and what to do in this window."""
    return here(sentence(error)) if isinstance(error, UserError) else sentence(error)


def in_one(errors: Sequence[Exception], done: str) -> Exception:
    """The first of some errors, one a map; of several it says how many could not be `done`."""
    first = errors[0]
    if len(errors) == 1 or not isinstance(first, UserError):
        return first
    maps = counted(len(errors), "map")
    return UserError(f"{maps} could not be {done}; the first: {here(str(first))}")


def not_written(written: Sequence[Path]) -> str:
    """What there is where writing was stopped: files are whole or not there."""
    if not written:
        return "Writing stopped. Nothing was written."
    there = counted(len(written), "file was", "files were")
    return f"Writing stopped. By then {there} written, whole: {by_folder(list(written))}."


def asked_words(request: AlignRequest) -> str:
    """The reference, the masks and the limits that maps were aligned with."""
    masks = [f"mask {request.mask.name}"] if request.mask else []
    masks += [f"{one.mask.name} for {one.path.name}" for one in request.maps if one.mask]
    settings = request.settings
    parts = [
        f"Laid over {request.reference.name}",
        ", ".join(masks) if request.mask or not masks else f"mask {', '.join(masks)}",
        f"low-pass {settings.lowpass:g} Å" if settings.lowpass else "",
        f"shift up to {settings.max_shift:g} Å" if settings.max_shift else "",
        f"turn up to {settings.max_angle:g}°" if settings.max_angle < 180.0 else "",
        "hand kept" if settings.hands == "same" else "",
    ]
    if not masks:
        parts.insert(1, "no masks")
    return typeset("; ".join(filter(None, parts)) + ".").replace(" Å", "\N{NO-BREAK SPACE}Å")


def angstroms(resolution: float) -> str:
    """A resolution."""
    return f"{significant(resolution)}\N{NO-BREAK SPACE}Å"
