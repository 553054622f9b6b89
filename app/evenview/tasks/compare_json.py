"""A comparison of two sets of poses as plain values, for other programs."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import numpy as np

from evenview.core import rotation
from evenview.core.compare import agreement, comparison
from evenview.core.compare.changes import NONE, Change
from evenview.core.compare.comparison import Comparison
from evenview.core.compare.hypotheses import Trial
from evenview.core.compare.judgement import Judged
from evenview.core.compare.shifts import Shifts
from evenview.tasks import compare_turning

if TYPE_CHECKING:
    from evenview.tasks.compare_result import CompareResult

#: Where the bins of the histograms end, degrees.
_SIZES = (0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30, 45, 60, 90, 120, 150, 180)
_EDGES = {
    "angle": (0.0, *_SIZES),
    "direction_error": (0.0, *_SIZES),
    "inplane_error": (*(-size for size in reversed(_SIZES)), 0.0, *_SIZES),
}


def whole(result: CompareResult) -> dict[str, Any]:
    """All of it."""
    found = result.found
    return {
        "a": str(result.a.table.path),
        "b": str(result.b.table.path),
        "matched": result.matched,
        "matched_by": result.matches.words,
        "matched_why": result.matches.why,
        "compared": len(result.matches),
        "unmatched_a": len(result.a) - result.matched,
        "unmatched_b": len(result.b) - result.matched,
        "relation": result.relation.words,
        "related": found.related,
        "loose": result.relation.loose,
        "significance": found.significance,
        "agreeing_by_chance": found.by_chance,
        **_frame(result),
        "sigma_degrees": found.sigma,
        "agreeing_fraction": found.mixture.share,
        "agreeing": int(result.agrees.sum()),
        "disagreeing": int((~result.agrees).sum()),
        "to_turn_a": shlex.join(compare_turning.options(result)),
        "to_turn_a_why_not": compare_turning.why_none(result) or None,
        "errors": result.errors,
        "histograms": _histograms(result),
        "averages": {
            "all": result.averages.as_json(),
            "agreeing": result.averages_of_agreeing.as_json(),
        },
        "shifts": _shifts(result.shifts),
        "alternatives": [_trial(trial) for trial in result.alternatives],
        "truth": _truth(result.given, result.fitted),
        "settings": settings(result),
        "notes": list(result.notes),
        "written": [str(path) for path in result.written],
    }


def _frame(result: CompareResult) -> dict[str, Any]:
    """How the maps relate, and the operators of A's."""
    found, change = result.found, result.found.hypothesis.change
    return {
        "rotation": found.matrix.tolist(),
        "quaternion": result.quaternion,
        "rotation_error_degrees": found.uncertainty,
        "flipped": found.hypothesis.flipped,
        "told_by_shifts": found.by_shifts,
        "changed": None if change is NONE else _change(change),
        "symmetry": found.hypothesis.group.name,
        "symmetry_in": result.relation.symmetry_in,
        "operators": _operators(found),
    }


def settings(result: CompareResult) -> dict[str, Any]:
    """All that the numbers depend on."""
    request = result.request
    return {
        "symmetry": result.group.name,
        "symmetry_from": result.group_told,
        "match": result.matches.way,
        "match_asked": request.way,
        "tolerance": request.tolerance,
        "truth": request.truth,
        "over": request.outputs.over,
        "metric": request.metric,
        "sample": comparison.SAMPLE,
        "tries": agreement.TRIES,
        "soft_count_width_degrees": float(np.degrees(agreement.WIDTH)),
        "smallest_sigma_degrees": float(np.degrees(agreement.SMALLEST)),
        "largest_sigma_degrees": float(np.degrees(agreement.LARGEST)),
        "related_from": comparison.SURE,
    }


def _histograms(result: CompareResult) -> dict[str, dict[str, list[float]]]:
    """How many particles have which errors: edges in degrees and counts between them."""
    told = {}
    for name, values in result.per_particle.items():
        edges = np.array(_EDGES[name], dtype=np.float64)
        counts, _ = np.histogram(values, edges)
        told[name] = {"edges": edges.tolist(), "counts": counts.tolist()}
    return told


def _change(change: Change) -> dict[str, Any]:
    return {"file": change.of, "change": change.kind, "offset_degrees": change.offset}


def _operators(found: Comparison) -> list[dict[str, Any]]:
    """The operators S in the order of their numbers, and how many particles have each."""
    matrices = rotation.to_matrix(found.operators)
    counts = np.bincount(found.operator, minlength=len(matrices))
    return [
        {"matrix": matrix.tolist(), "particles": count}
        for matrix, count in zip(matrices, counts.tolist(), strict=True)
    ]


def _shifts(shifts: Shifts | None) -> dict[str, Any] | None:
    if shifts is None:
        return None
    return {
        "translation_angstrom": shifts.translation.tolist(),
        "translation_error_angstrom": shifts.translation_error,
        "image_offset_angstrom": shifts.offset.tolist(),
        "image_offset_error_angstrom": shifts.offset_error,
        "median_error_angstrom": shifts.median,
        "factor": shifts.factor,
        "factor_error": shifts.factor_error if np.isfinite(shifts.factor_error) else None,
    }


def _trial(trial: Trial) -> dict[str, Any]:
    tried = trial.hypothesis
    return {
        "change": tried.change.kind,
        "offset_degrees": tried.change.offset,
        "flipped": tried.flipped,
        "symmetry": tried.group.name,
        "agreeing_fraction": trial.share,
        "sigma_degrees": float(np.degrees(trial.fit.mixture.sigma)),
        "nats_a_particle": trial.fit.gain,
    }


def _truth(
    given: dict[str, Judged] | None, fitted: dict[str, Judged] | None
) -> dict[str, Any] | None:
    if given is None or fitted is None:
        return None
    return {
        "as_given": {name: judged.as_json() for name, judged in given.items()},
        "after_frame_fit": {name: judged.as_json() for name, judged in fitted.items()},
    }
