"""Check a particle file against every rule, and write it with the safe fixes done."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evenview.checks import check, rules
from evenview.checks.base import PROGRAMS, SEVERITIES, WHOLE_FILE, Finding
from evenview.checks.edits import write_edited
from evenview.checks.subject import Subject, open_subject, subject_of
from evenview.core.errors import UserError
from evenview.core.particles import Particles
from evenview.core.progress import Progress, silent
from evenview.core.reading import AS_IT_IS, Reading
from evenview.core.words import counted, sentence

_SERIOUS = ("error", "warning")


@dataclass(frozen=True)
class CheckRequest:
    """What to check, for which program (a key of `PROGRAMS`, None for all), and where a mended
    file goes.

    `source` is a path, or particles that are already open; `reading` says what a path leaves open.
    `only` are the rules whose fixes are done; every safe fix is where it is empty.
    """

    source: Path | Particles
    program: str | None = None
    fix: Path | None = None
    only: tuple[str, ...] = ()
    reading: Reading = AS_IT_IS


@dataclass(frozen=True)
class CheckResult:
    """Everything that was found, the worst first, and the mended file if one was written.

    `mended` are the rules that were mended in the file at `fixed`, `left` what is found in that.
    """

    path: Path
    program: str | None
    findings: tuple[Finding, ...]
    fixed: Path | None = None
    fix_asked: bool = False
    mended: tuple[str, ...] = ()
    left: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is neither an error nor a warning."""
        return not any(finding.severity in _SERIOUS for finding in self.findings)

    @property
    def warnings(self) -> tuple[str, ...]:
        """The errors and warnings, a sentence or two each."""
        return tuple(
            f"{finding.what}{_at(finding.where)}. {finding.causes}"
            for finding in self.findings
            if finding.severity in _SERIOUS
        )

    @property
    def counts(self) -> str:
        """How many errors, warnings and notes: "1 error, 2 notes"."""
        return _counts(self.findings)

    def summary(self) -> str:
        wanted = f" for {PROGRAMS[self.program]}" if self.program else ""
        lines = [f"{self.path}: {self.counts}{wanted}"]
        for finding in self.findings:
            lines += ["", *_in_words(finding)]
        return "\n".join([*lines, *self._fix_lines()])

    def _fix_lines(self) -> list[str]:
        if self.fixed:
            wrote = f"Wrote {self.fixed} with these fixed: {', '.join(self.mended)}"
            return ["", wrote, *self._left_lines(self.fixed)]
        if self.fix_asked:
            return ["", "Nothing was found that can be fixed safely, and no file was written."]
        if any(finding.fixable for finding in self.findings):
            return ["", "--fix OUT writes a new file with what is marked as fixable mended."]
        return []

    def _left_lines(self, fixed: Path) -> list[str]:
        if not self.left:
            return [f"Nothing is left to mend in {fixed}."]
        found = (f"  {_head(f)}: {f.what} ({f.where})" for f in self.left)
        return [f"Left in {fixed}: {_counts(self.left)}", *found]

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "file": str(self.path),
            "for": self.program,
            "findings": [finding.as_json() for finding in self.findings],
            "ok": self.ok,
        }
        if self.fix_asked:
            told["fixed"] = str(self.fixed) if self.fixed else None
            told["left"] = [finding.as_json() for finding in self.left]
        return told


def run(request: CheckRequest, progress: Progress = silent) -> CheckResult:
    """Check a file; write the mended one if asked to and if anything can be mended.

    Raises
    ------
    UserError
        The file cannot be read at all, the program or a rule is not known, or the mended file
        cannot be written.
    """
    if request.program not in (None, *PROGRAMS):
        known = ", ".join(PROGRAMS)
        raise UserError(f"{request.program!r} is no program known here", hint=f"Known: {known}.")
    unknown = [rule for rule in request.only if rule not in rules()]
    if unknown:
        raise UserError(f"{unknown[0]!r} is no rule", hint=f"Known: {', '.join(rules())}.")
    subject = _subject(request, progress)
    findings = check(subject, request.program, progress)
    result = CheckResult(subject.path, request.program, findings)
    return result if request.fix is None else _fixed(subject, result, request, progress)


def _subject(request: CheckRequest, progress: Progress) -> Subject:
    if isinstance(request.source, Particles):
        return subject_of(request.source, progress)
    return open_subject(request.source, progress, request.reading)


def _fixed(
    subject: Subject, result: CheckResult, request: CheckRequest, progress: Progress
) -> CheckResult:
    """The result, and the mended file if there is anything to mend."""
    wanted = request.only or rules()
    found = [finding for finding in result.findings if finding.rule in wanted]
    changes = [finding.fix for finding in found if finding.fix is not None]
    if request.fix is None or not changes or subject.star is None:
        return replace(result, fix_asked=True)
    write_edited(subject.star.source, changes, request.fix, progress)
    mended = dict.fromkeys(finding.rule for finding in found if finding.fixable)
    new = open_subject(request.fix, progress, request.reading)
    left = check(new, request.program, progress)
    return replace(result, fix_asked=True, fixed=request.fix, mended=tuple(mended), left=left)


def _counts(findings: tuple[Finding, ...]) -> str:
    found = [finding.severity for finding in findings]
    words = [counted(found.count(word), word) for word in SEVERITIES if word in found]
    return ", ".join(words) or "nothing found"


def _head(finding: Finding) -> str:
    fixable = " (fixable)" if finding.fixable else ""
    return f"{finding.severity.upper()} {finding.rule}{fixable}"


def _at(where: str) -> str:
    """The place, as it ends a sentence; that of the whole file goes without saying."""
    return "" if where == WHOLE_FILE else f", {where}"


def _in_words(finding: Finding) -> list[str]:
    told = [
        f"{sentence(finding.what)}.",
        f"Where: {finding.where}",
        f"Causes: {finding.causes}",
        f"To do: {finding.mend}",
    ]
    return [
        _head(finding),
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
