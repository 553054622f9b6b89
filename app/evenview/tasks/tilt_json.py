"""What is found of tilt series as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evenview.core.tilt.compared import Compared
from evenview.core.tilt.hand import Hand
from evenview.core.tilt.packages import PACKAGES
from evenview.core.tilt.relation import Combination, Relation
from evenview.core.tilt.series import TiltSeries
from evenview.tasks.tilt_hand_words import right_in
from evenview.tasks.tilt_particles import Moved
from evenview.tasks.tilt_relation_words import RELATIONS, relation_words


def series_json(series: TiltSeries) -> dict[str, Any]:
    """A series."""
    defocus = None if series.defocus is None else series.defocus.tolist()
    return {
        "name": series.name,
        "files": [str(file) for file in series.files],
        "package": series.package,
        "tilts": len(series),
        "angles": series.angles.tolist(),
        "axis": series.axis,
        "axes": series.axes.tolist(),
        "x_tilts": series.x_tilts.tolist(),
        "shifts": None if series.shifts is None else series.shifts.tolist(),
        "shift_unit": series.shift_unit,
        "defocus": defocus,
        "pixel_size": series.pixel_size,
        "size": None if series.size is None else list(series.size),
        "hand": series.hand,
        "nominal": series.nominal,
        "notes": [str(note) for note in series.notes],
    }


def combination_json(found: Combination) -> dict[str, Any]:
    """What a package makes of a series."""
    package = PACKAGES[found.package]
    return {
        "package": found.package,
        **_setting(found),
        "labels": [package.axis, package.angle],
        "remark": package.remark,
        **plain(found.relation),
    }


def plain(found: Relation) -> dict[str, Any]:
    """A relation by itself."""
    return {
        "relation": found.kind,
        "mirrored": found.mirrors,
        "matrix": (np.round(found.matrix, 12) + 0.0).tolist(),
        "words": RELATIONS[found.kind],
    }


def relation_json(first: TiltSeries, compared: Compared) -> dict[str, Any]:
    """How a further series relates to the first."""
    found, offset = compared.relation, compared.offset
    shift = None if offset is None or not offset.explained else offset.pixels.tolist()
    known = compared.is_known
    return {
        **plain(found),
        "first": first.name,
        "second": compared.second.name,
        "relation": _relation(compared),
        "mirrored": found.mirrors if known else None,
        "matrix": None if compared.is_open else plain(found)["matrix"],
        "readings": [
            {"matched_by": each.by, **plain(each.relation), "further_turn": each.relation.rest}
            for each in compared.readings
        ],
        "further_turn": None if compared.is_open else found.rest,
        "axis_difference": found.axis_difference,
        "misfit_rms": found.rms,
        "tilts_in_both": compared.in_both,
        "matched_by": "shift" if compared.told_by_shifts else compared.by,
        "matched_by_order": compared.by in ("order", "reverse") and not compared.told_by_shifts,
        "shift_pixels": shift,
        "shift_rms": None if offset is None else offset.rms,
        "words": " ".join(relation_words(first, compared)),
    }


def _relation(compared: Compared) -> str:
    """A kind, or what it is where there is none."""
    relation = compared.relation
    if not relation.fits:
        return "none"
    if compared.is_open:
        return "open"
    return "rotated" if relation.kind == "same" and relation.turns_further else relation.kind


def hand_json(found: Hand, combinations: Sequence[Combination]) -> dict[str, Any]:
    """What defocus says of the hand, which is None in all terms where it is undecided."""
    slope, sign = found.slope, found.depth_sign
    right = {
        name: None if sign is None else [_setting(c) for c in right_in(name, sign, combinations)]
        for name in ("eman2", "imod")
    }
    return {
        "slope": None if slope is None else slope.value,
        "error": None if slope is None else slope.error,
        "values": None if slope is None else slope.n,
        "left_out": None if slope is None else slope.outliers,
        "edge_on": found.edge_on,
        "errors_needed": found.needed,
        "undecided_because": found.doubt or None,
        "tilts": found.tilts,
        "scaled": found.scaled,
        "decided": sign is not None,
        "relion": sign,
        "warp": None if sign is None else PACKAGES["warp"].flag(sign),
        "aretomo": sign,
        **right,
    }


def _setting(found: Combination) -> dict[str, Any]:
    angles = "negated" if found.negated else "as they are"
    return {"axis": found.axis, "angles": angles}


def moved_json(moved: Moved) -> dict[str, Any]:
    """The particles written."""
    return {
        "files": [str(file) for file in moved.files],
        "particles": moved.particles,
        "changed": list(moved.changed),
        "notes": list(moved.notes),
    }
