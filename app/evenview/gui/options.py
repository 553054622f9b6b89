"""Sentences of tasks, which name options of the command line, as the window says them."""

from __future__ import annotations

from evenview.core.errors import UserError
from evenview.gui.errors import in_words
from evenview.gui.text import typeset

#: What the fields are called that stand for options.
PIXEL_SIZE, BOX, MAP = "Pixel size", "Box", "Map"
MIRROR, IMAGES = "Mirror the map", "Images mirrored"
NUMBERS_THERE = "Numbers there"
MATCHED = "Match by"

_WORDS = (
    # who does which is told where it is chosen
    (" (RELION's --invert_hand)", ""),
    (" (an array turned round: np.flip, RELION's --flipX, cryoDRGN's flip_hand)", ""),
    ("Say --mirror-about voxel or --mirror-about box.", f"Choose one of the two at {MIRROR}."),
    ("Say --images-about voxel or --images-about box.", f"Choose one of the two at {IMAGES}."),
    (", such as --rotate z 90", ""),
    ("Give it with --pixel-size", f"Give it at {PIXEL_SIZE}"),
    ("Give it with --box", f"Give it at {BOX}"),
    ("Give the map with --map", f"Give it at {MAP}"),
    ("It is given with --box", f"It is given at {BOX}"),
    ("with --pixel-size", f"at {PIXEL_SIZE}"),
    ("Leave --pixel-size out", f"Leave {PIXEL_SIZE} empty"),
    ("Leave --box out", f"Leave {BOX} empty"),
    ("--pixel-size says", "the number given is"),
    ("--box says", "the number given is"),
    (" (--mask)", ""),
    ("say --symmetry to see", "set another Symmetry in Data to see"),
    ("say --symmetry", "set Symmetry in Data to"),
    ("Choose another way with --match", f"Choose another way at {MATCHED}"),
    ("say --match row", f"choose rows at {MATCHED}"),
    (
        "Say --column-there multiply where they are weights that are to count, too, or "
        "--column-there replace.",
        f"Choose at {NUMBERS_THERE} what becomes of them.",
    ),
)


def sentence(error: Exception) -> str:
    """What went wrong and what to do in this window."""
    if not isinstance(error, UserError):
        return in_words(error).sentence
    said = in_fields(str(UserError(error.what, where=error.where, hint=error.hint)))
    return typeset(said[:1].upper() + said[1:]) if not error.where else said


def in_fields(said: str) -> str:
    """Words that name options, by the names of the fields that stand for them."""
    for option, words in _WORDS:
        said = said.replace(option, words)
    return said


def in_this_window(error: Exception) -> Exception:
    """The same error, to be told where there are fields and no options."""
    if not isinstance(error, UserError):
        return error
    return UserError(in_fields(error.what), where=error.where, hint=in_fields(error.hint))


def asks_for(error: Exception, option: str) -> bool:
    """Whether a value would help that the command line takes by an option."""
    return isinstance(error, UserError) and option in error.hint and "Leave" not in error.hint
