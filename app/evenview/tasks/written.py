"""What is found on reading a file that was just written."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from pathlib import Path

from evenview.checks.base import PROGRAMS
from evenview.core.errors import UserError
from evenview.core.particles import Particles
from evenview.core.progress import Cancelled, Progress, silent
from evenview.core.reading import AS_IT_IS, Reading
from evenview.formats import open_particles
from evenview.tasks import check
from evenview.tasks.described import format_of


def read_again(
    path: Path,
    reading: Reading = AS_IT_IS,
    progress: Progress = silent,
    without: Collection[str] = (),
) -> tuple[Particles | None, tuple[str, ...]]:
    """The particles of a new file, None where it cannot be read, and the warnings about it.

    `without` are rules that what was done has no bearing on.
    The file is there whatever comes of this, so that nothing that the user can mend is raised.
    """
    return _looked_through(path, reading, progress, partial(warnings_of, without=without))


def all_warnings(
    path: Path, reading: Reading = AS_IT_IS, progress: Progress = silent
) -> tuple[str, ...]:
    """The warnings about a new file for every program; nothing is raised, as by `read_again`."""
    return _looked_through(path, reading, progress, _warnings_for_all)[1]


def _warnings_for_all(written: Particles, progress: Progress) -> tuple[str, ...]:
    """Without those of a search grid: `outcome.warnings` knows the bins that it matters to."""
    return _without(check.run(check.CheckRequest(written), progress), ("coarse-search",))


def _looked_through(
    path: Path,
    reading: Reading,
    progress: Progress,
    warnings: Callable[[Particles, Progress], tuple[str, ...]],
) -> tuple[Particles | None, tuple[str, ...]]:
    made = None
    try:
        made = open_particles(path, progress, reading)
        return made, warnings(made, progress)
    except UserError as error:
        return made, (f"The file is written, but it cannot be read here: {error}",)
    except Cancelled:
        return made, ("The file is written, but it was not looked through.",)


def warnings_of(
    written: Particles, progress: Progress = silent, without: Collection[str] = ()
) -> tuple[str, ...]:
    """Those of the program that the file's format belongs to; none where its rules are not known.

    `written` are the particles of the new file.
    """
    program = format_of(written).name.partition("-")[0]
    if program not in PROGRAMS:
        return ()
    return _without(check.run(check.CheckRequest(written, program), progress), without)


def _without(found: check.CheckResult, rules: Collection[str]) -> tuple[str, ...]:
    """The warnings but for those of some rules."""
    findings = tuple(one for one in found.findings if one.rule not in rules)
    return replace(found, findings=findings).warnings
