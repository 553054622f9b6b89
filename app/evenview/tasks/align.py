"""Lay maps over a reference, and carry everything that belongs to them along."""

from __future__ import annotations

from evenview.core.progress import Progress, silent
from evenview.tasks.align_apply import ApplyRequest, ApplyResult, apply, apply_targets
from evenview.tasks.align_outputs import Outputs
from evenview.tasks.align_request import AlignRequest, Moving
from evenview.tasks.align_result import AlignResult, Failed, MapResult
from evenview.tasks.align_work import checked

__all__ = [
    "AlignRequest",
    "AlignResult",
    "ApplyRequest",
    "ApplyResult",
    "Failed",
    "MapResult",
    "Moving",
    "Outputs",
    "apply",
    "apply_targets",
    "run",
]


def run(request: AlignRequest, progress: Progress = silent) -> AlignResult:
    """Align every map, several at a time, and write what the request wants written.

    Everything that can be refused is refused before the first map is aligned. A map that fails
    later is told of in the result, beside those that did not. What is written is whole or not
    there; maps that were done before a cancel stay.

    Raises
    ------
    UserError
        A file cannot be read or is no map, maps cannot be compared, poses cannot be written again,
        or nothing says where.
    """
    work = checked(request, progress)
    return work.each(work.found_and_written, range(len(request.maps)), progress)
