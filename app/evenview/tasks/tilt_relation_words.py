"""How the tomograms of two descriptions of a tilt series lie to each other, in words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenview.core.tilt.compared import Compared, Difference, Reading
from evenview.core.tilt.matching import NEAR, By
from evenview.core.tilt.offset import Offset
from evenview.core.tilt.packages import PACKAGES
from evenview.core.tilt.relation import Kind, Relation
from evenview.core.tilt.series import TiltSeries
from evenview.core.words import decimal, listed
from evenview.tasks.tilt_words import SEEN, degrees

#: Pixels: tomograms shifted by less are one.
SAME_PIXELS = 1.0
UNREAD_SHIFTS = (
    "How far the two tomograms are shifted is not known: the shifts of RELION 4's matrices are not "
    "read."
)
OPEN = (
    "Which tilts of the two are the same images is open, and with it the hand: two readings fit, "
    "and neither sections nor names of images tell."
)
GUESSED = (
    "A tilt more or less in one of the files would turn it so as well: no particles are taken "
    "along by such a turn."
)
#: Said where nothing in the files tells which tilts are the same images.
BY_ORDER = (
    "The {:,} tilts of each were taken as the same images by their order alone: neither sections "
    "nor names of images tell. Make sure that both files list them in one order."
)
BY_ANGLE = (
    "{} were taken as the same images by their angles alone{}, which agree to within {}°: neither "
    "sections nor names of images tell."
)
BY_SHIFTS = (
    "{} were taken as the same images by their {}, as the shifts of the tilts agree in this "
    "reading only."
)
_IF: dict[By, str] = {
    "order": "If both files list the tilts in one order",
    "reverse": "If one of them lists the tilts in the reverse order",
    "angle": "If tilts of the same angle are the same images",
    "opposite angle": "If tilts of opposite angles are the same images",
}

RELATIONS: dict[Kind, str] = {
    "same": "the same tomogram",
    "turned": "the tomogram turned by 180° about z, with the same hand",
    "mirrored": "the tomogram mirrored in z, with the other hand",
    "mirrored and turned": "the tomogram mirrored in z and turned by 180° about z, with the other "
    "hand",
}
_AGAINST: dict[Kind, str] = {
    "same": "Same geometry: both describe the same tomogram",
    "turned": "The second tomogram is the first turned by 180° about z; the hand is the same",
    "mirrored": "The second tomogram is the first mirrored in z; the hands differ",
    "mirrored and turned": "The second tomogram is the first mirrored in z and turned by 180° "
    "about z; the hands differ",
}


def is_same(found: Relation, offset: Offset | None) -> bool:
    """Whether the second tomogram is the first, neither turned nor shifted by a pixel."""
    shifted = offset is not None and offset.explained and _length(offset) >= SAME_PIXELS
    return found.kind == "same" and not found.turns_further and not shifted


def offset_words(offset: Offset | None) -> str:
    """How far the second tomogram is shifted, by the shifts of the tilts."""
    if offset is None:
        return (
            "How far the two tomograms are shifted is not in the files (shifts, and the size of "
            "their pixels), and taken to be 0."
        )
    if not offset.explained:
        return (
            "No shift of the tomogram explains how the shifts of the tilts differ "
            f"({offset.rms:.1f} pixels rms are left), so none is taken: are they of images of one "
            "pixel size?"
        )
    if _length(offset) < SEEN:
        return (
            "The two tomograms are not shifted, by the shifts of the tilts, which agree to "
            f"{offset.rms:.2f} pixels (rms)."
        )
    shift = ", ".join(f"{round(x, 2) + 0.0:.2f}" for x in offset.pixels.tolist())
    return (
        f"The second tomogram is shifted besides by {shift} pixels of the tilt images (x, y, z), "
        f"by the shifts of the tilts, which agree to {offset.rms:.2f} pixels (rms)."
    )


def _length(offset: Offset) -> float:
    return float(np.linalg.norm(offset.pixels))


def relation_words(first: TiltSeries, found: Compared) -> list[str]:
    """How the tomogram of a further series lies to that of the first, and why, a sentence each."""
    second, relation = found.second, found.relation
    if not relation.fits:
        return [
            f"No turn and no mirror takes {first.name} to {second.name}: at best the tilts still "
            f"differ by {relation.rms:.1f}° (rms). Are the tilts in the same order, and of one "
            "series?",
            BY_ORDER.format(found.in_both)
            if found.by == "order"
            else f"{found.in_both:,} tilts of each were compared.",
        ]
    if found.is_open:
        return [OPEN, *(_if(each) for each in found.readings)]
    words = [f"{_lies(relation)}."]
    if found.difference is not None:
        words += _reason(first, second, found.difference)
    if relation.turns_further and relation.kind != "same":
        words.append(f"It is also turned by another {degrees(relation.rest)} as a whole.")
    if found.guesses_a_turn:
        words.append(GUESSED)
    if abs(relation.axis_difference) >= SEEN:
        words.append(f"The axis differs by {degrees(relation.axis_difference)}.")
    if relation.rms >= SEEN:
        words.append(f"Beyond that the tilts differ by {degrees(relation.rms)} (rms).")
    offset = found.offset
    if offset is not None and not (offset.explained and _length(offset) < SAME_PIXELS):
        words.append(offset_words(offset))
    if found.unread(first):
        words.append(UNREAD_SHIFTS)
    return [*words, *matching_words(first, found)]


def in_short(found: Compared) -> str:
    """What the second tomogram is against the first, in a few words."""
    relation = found.relation
    if not relation.fits:
        return "no turn and no mirror takes the tilts of the one to those of the other"
    if found.is_open:
        kinds = ", or ".join(RELATIONS[each.relation.kind] for each in found.readings)
        return f"open: {kinds}"
    if not relation.turns_further:
        return RELATIONS[relation.kind]
    further = f"turned by {degrees(relation.rest)} as a whole"
    if relation.kind == "same":
        return f"the tomogram {further}, with the same hand"
    return f"{RELATIONS[relation.kind]}, and {further}"


def matching_words(first: TiltSeries, found: Compared) -> list[str]:
    """How many tilts all this is of, and what tells which are the same, a sentence each."""
    most, least = sorted((len(first), len(found.second)), reverse=True)
    tilts = f"All {most:,} tilts" if least == most else f"{found.in_both:,} of {most:,} tilts"
    if found.told_by_shifts:
        return [BY_SHIFTS.format(tilts, "order" if found.by in ("order", "reverse") else "angles")]
    if found.by == "order":
        other = [] if found.rival is None else [_if(found.rival)]
        return [BY_ORDER.format(found.in_both), *other]
    if not found.is_sure:
        how = ", those of one file negated" if found.by == "opposite angle" else ""
        return [BY_ANGLE.format(tilts, how, decimal(NEAR)), *_unsorted(first, found.second)]
    if found.in_both == most:
        return [f"All {most:,} tilts are in both."]
    words = f"{found.in_both:,} of {most:,} tilts are in both"
    words += f" (the smaller series has {least:,})." if least < most else "."
    if 2 * found.in_both < most:
        return [f"Only {words} The relation rests on these alone: are the files of one series?"]
    return [words]


def _if(reading: Reading) -> str:
    said = _lies(reading.relation).removeprefix("Same geometry: ")
    return f"{_IF[reading.by]}, {said[:1].lower()}{said[1:]}."


def _lies(relation: Relation) -> str:
    """How the second tomogram lies, without what is turned beside a mirror or half a turn."""
    if relation.kind == "same" and relation.turns_further:
        return (
            f"The second tomogram is the first turned by {degrees(relation.rest)} as a whole; the "
            "hand is the same"
        )
    return _AGAINST[relation.kind]


def _unsorted(*series: TiltSeries) -> list[str]:
    """Which of two series does not list its tilts by angle, if the other one does."""
    odd = [one for one in series if not _is_sorted(one.angles)]
    if len(odd) != 1:
        return []
    name = odd[0].files[0].name if odd[0].files else odd[0].name
    return [
        f"In order of angle they agree: {name} lists them in another order, such as that of "
        "acquisition."
    ]


def _is_sorted(angles: NDArray[np.float64]) -> bool:
    steps = np.diff(angles)
    return bool((steps >= 0).all() or (steps <= 0).all())


def _reason(first: TiltSeries, second: TiltSeries, found: Difference) -> list[str]:
    """Why the tomograms of two descriptions lie so: what these say differently."""
    said = []
    if found.senses:
        packages = [PACKAGES[series.package] for series in (first, second)]
        minus, plus = sorted(packages, key=lambda package: package.sign)
        said.append(f"{minus.title} tilts by minus the angle where {plus.title} tilts by the angle")
    if found.angles:
        said.append("the angles of one file are minus those of the other")
    if found.axis:
        said.append("the axes are 180° apart")
    if not said:
        return []
    if found.kind == "same":
        return [f"Both are right: {listed(said)}, and these two cancel."]
    if found.kind == "turned":
        return [f"Both are right: {listed(said)}, which together only turns the tomogram."]
    return [f"What differs: {listed(said)}."]
