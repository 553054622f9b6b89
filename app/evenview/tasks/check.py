"""Check a particle file against every rule, and write it with the safe fixes done."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evenview.checks import check
from evenview.checks.base import PROGRAMS, Finding
from evenview.checks.edits import write_edited
from evenview.checks.subject import Subject, open_subject, subject_of
from evenview.core.errors import UserError
from evenview.core.particles import Particles
from evenview.core.progress import Progress, silent

_SERIOUS = ("error", "warning")


@dataclass(frozen=True)
class CheckRequest:
    """What to check, for which program (a key of `PROGRAMS`, None for all), and where a mended
    file goes.

    `source` is a path, or particles that are already open.
    """

    source: Path | Particles
    program: str | None = None
    fix: Path | None = None


@dataclass(frozen=True)
class CheckResult:
    """Everything that was found, the worst first, and the mended file if one was written."""

    path: Path
    program: str | None
    findings: tuple[Finding, ...]
    fixed: Path | None = None
    fix_asked: bool = False

    @property
    def ok(self) -> bool:
        """Whether there is neither an error nor a warning."""
        return not any(finding.severity in _SERIOUS for finding in self.findings)

    @property
    def warnings(self) -> tuple[str, ...]:
        """The errors and warnings, a sentence or two each."""
        return tuple(
            f"{finding.what}, {finding.where}. {finding.causes}"
            for finding in self.findings
            if finding.severity in _SERIOUS
        )

    def summary(self) -> str:
        wanted = f" for {PROGRAMS[self.program]}" if self.program else ""
        lines = [f"{self.path}: {_counted(self.findings)}{wanted}"]
        for finding in self.findings:
            lines += ["", *_in_words(finding)]
        return "\n".join([*lines, *self._fix_lines()])

    def _fix_lines(self) -> list[str]:
        if self.fixed:
            done = ", ".join(finding.rule for finding in self.findings if finding.fixable)
            return ["", f"Wrote {self.fixed} with these fixed: {done}"]
        if self.fix_asked:
            return ["", "Nothing was found that can be fixed safely, and no file was written."]
        if any(finding.fixable for finding in self.findings):
            return ["", "--fix OUT writes a new file with what is marked as fixable mended."]
        return []

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "file": str(self.path),
            "for": self.program,
            "findings": [finding.as_json() for finding in self.findings],
            "ok": self.ok,
        }
        if self.fix_asked:
            told["fixed"] = str(self.fixed) if self.fixed else None
        return told


def run(request: CheckRequest, progress: Progress = silent) -> CheckResult:
    """Check a file; write the mended one if asked to and if anything can be mended.

    Raises
    ------
    UserError
        The file cannot be read at all, the program is not known, or the mended file cannot be
        written.
    """
    if request.program not in (None, *PROGRAMS):
        known = ", ".join(PROGRAMS)
        raise UserError(f"{request.program!r} is no program known here", hint=f"Known: {known}.")
    subject = _subject(request.source, progress)
    findings = check(subject, request.program, progress)
    fixed = _fix(subject, findings, request.fix, progress) if request.fix else None
    return CheckResult(subject.path, request.program, findings, fixed, request.fix is not None)


def _subject(source: Path | Particles, progress: Progress) -> Subject:
    if isinstance(source, Particles):
        return subject_of(source, progress)
    return open_subject(source, progress)


def _fix(
    subject: Subject, findings: tuple[Finding, ...], path: Path, progress: Progress
) -> Path | None:
    changes = [finding.fix for finding in findings if finding.fix is not None]
    if not changes or subject.star is None:
        return None
    write_edited(subject.star.source, changes, path, progress)
    return path


def _counted(findings: tuple[Finding, ...]) -> str:
    counts = {
        word: sum(finding.severity == word for finding in findings)
        for word in ("error", "warning", "note")
    }
    words = [f"{n} {word}{'s' if n > 1 else ''}" for word, n in counts.items() if n]
    return ", ".join(words) or "nothing found"


def _in_words(finding: Finding) -> list[str]:
    head = f"{finding.severity.upper()} {finding.rule}{' (fixable)' if finding.fixable else ''}"
    told = [
        f"{finding.what[0].upper()}{finding.what[1:]}.",
        f"Where: {finding.where}",
        f"Causes: {finding.causes}",
        f"To do: {finding.mend}",
    ]
    return [
        head,
        *(
            textwrap.fill(
                line,
                96,
                initial_indent="  ",
                subsequent_indent="    ",
                break_long_words=False,
                break_on_hyphens=False,
            )
            for line in told
        ),
    ]
