"""What a rule is: one module of `evenview.checks.rules` that says ``RULE = Rule(...)``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from evenview.checks.edits import Edits

if TYPE_CHECKING:
    from evenview.checks.subject import Subject

Severity: TypeAlias = Literal["error", "warning", "note"]

#: The worst first.
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")

#: The place of what is nowhere in particular.
WHOLE_FILE = "whole file"

#: Programs a file can be checked for, by the word in options, and the key for all of them.
PROGRAMS = {"relion": "RELION", "cryosparc": "cryoSPARC"}
ANY = "any"


@dataclass(frozen=True)
class Found:
    """One way in which a file breaks a rule; `severity` and `mend` take the place of the rule's."""

    what: str
    where: str
    count: int
    severity: Severity | None = None
    mend: str = ""
    fix: Edits | None = None


@dataclass(frozen=True)
class Rule:
    """A rule that a file can break.

    Attributes
    ----------
    name
        The word for it in reports, such as "blank-line".
    title
        The fault in a few words.
    severity
        How bad it is, where a `Found` does not say otherwise.
    causes
        What will happen, by program (`PROGRAMS`) or for `ANY`: one sentence each.
    mend
        What to do.
    look
        Every way in which a file breaks the rule.
    fix
        What ``--fix`` does, "" where no fix is safe.
    """

    name: str
    title: str
    severity: Severity
    causes: Mapping[str, str]
    mend: str
    look: Callable[[Subject], Iterator[Found]]
    fix: str = ""

    def concerns(self, program: str | None) -> bool:
        """Whether the rule matters to a program; None is all of them."""
        return program is None or program in self.causes or ANY in self.causes

    def finding(self, found: Found, program: str | None) -> Finding:
        """What was found, with the rule's own words."""
        wanted = [key for key in self.causes if program in (None, key) or key == ANY]
        return Finding(
            rule=self.name,
            severity=found.severity or self.severity,
            what=found.what,
            where=found.where,
            causes=" ".join(self.causes[key] for key in wanted),
            mend=found.mend or self.mend,
            count=found.count,
            fix=found.fix,
        )


@dataclass(frozen=True)
class Finding:
    """A rule that a file breaks: what, where, what it will cause, how to mend it.

    `count` is in the unit that `what` names (rows, lines, images); `fix` is the safe change of the
    file that mends it, or None.
    """

    rule: str
    severity: Severity
    what: str
    where: str
    causes: str
    mend: str
    count: int
    fix: Edits | None = None

    @property
    def fixable(self) -> bool:
        """Whether a safe fix is known."""
        return self.fix is not None

    def __str__(self) -> str:
        return f"{self.what} ({self.where}). {self.causes} {self.mend}"

    def as_json(self) -> dict[str, Any]:
        """The finding as plain values."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "what": self.what,
            "where": self.where,
            "causes": self.causes,
            "mend": self.mend,
            "count": self.count,
            "fixable": self.fixable,
        }
