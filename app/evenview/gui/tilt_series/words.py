"""Sentences of the task, which name options of the command line, as the window says them."""

from __future__ import annotations

from evenview.core.errors import UserError
from evenview.gui.options import in_fields, sentence
from evenview.gui.text import typeset

TOMOGRAM, UNIT, SIZE = "Tomogram", "Unit", "Tomogram size"
PIXEL, VOXEL = "of the tilts", "of the coordinates"
ALL_TOMOGRAMS = "Move all tomograms alike"
MEASURE = "Type or paste measured defocus at Defocus and hand to decide it."

_WORDS = (
    ("or the angle of the axis with --axis.", "or type the angle of the axis here."),
    ("Give the angle of the axis with --axis.", "Type the angle of the axis here."),
    ("Choose one with --tomogram:", f"Type one of them at {TOMOGRAM}:"),
    ("Give them with --particles, beside the files of the series.", "Give them at Particles."),
    ("Say --defocus-unit A if", f"Choose Å at {UNIT} if"),
    ("Say --defocus-unit um if", f"Choose µm at {UNIT} if"),
    ("Say --all-tomograms if", f"Tick {ALL_TOMOGRAMS} if"),
    ("Give it with --size X Y Z,", f"Type it at {SIZE}, three numbers"),
    ("Give it with --voxel-size, in Å.", f"Type it at Pixels, {VOXEL}."),
    ("Give it with --pixel-size, in Å.", f"Type it at Pixels, {PIXEL}."),
    ("Leave out --apart.", "Leave the distance between left and right empty."),
    ("or say --to PACKAGE.", "or choose what a package makes of these numbers."),
    ("Give measured defocus (--left and --right, or --defocus) to decide it.", MEASURE),
)


def here(words: str) -> str:
    """Words with the names of the fields that stand for options."""
    for option, said in _WORDS:
        words = words.replace(option, said)
    return typeset(in_fields(words))


def told(error: Exception, without: str = "") -> str:
    """What went wrong, as one sentence, without the name of a file that it stands beside."""
    if not isinstance(error, UserError):
        return sentence(error)
    where = "" if error.where == without else error.where.removeprefix(f"{without}, ")
    said = str(UserError(error.what, where=where, hint=error.hint))
    return here(said[:1].upper() + said[1:] if not where.startswith("/") else said)
