"""What programs will stumble on in a file that was just written."""

from __future__ import annotations

from evenview.checks.base import PROGRAMS
from evenview.core.particles import Particles
from evenview.core.progress import Progress, silent
from evenview.tasks import check
from evenview.tasks.described import format_of


def warnings_of(written: Particles, progress: Progress = silent) -> tuple[str, ...]:
    """Those of the program that the file's format belongs to; none where its rules are not known.

    `written` are the particles of the new file.
    """
    program = format_of(written).name.partition("-")[0]
    if program not in PROGRAMS:
        return ()
    return check.run(check.CheckRequest(written, program), progress).warnings
