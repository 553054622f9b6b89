"""Checking a file before it hurts: every rule that it breaks, and a safe fix where there is one.

A rule is a module of `evenview.checks.rules` with a ``RULE``; see `evenview.checks.base`.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from evenview.checks import rules as folder
from evenview.checks.base import SEVERITIES, Finding, Rule
from evenview.checks.subject import Subject
from evenview.core.progress import Progress, silent


@cache
def rules() -> dict[str, Rule]:
    """Every rule by its name, the worst first, then by name."""
    names = [f"{folder.__name__}.{module.name}" for module in pkgutil.iter_modules(folder.__path__)]
    found: list[Rule] = [importlib.import_module(name).RULE for name in names]
    return {r.name: r for r in sorted(found, key=lambda r: (SEVERITIES.index(r.severity), r.name))}


def check(
    subject: Subject, program: str | None = None, progress: Progress = silent
) -> tuple[Finding, ...]:
    """Everything that breaks a rule which concerns a program, the worst first.

    `program` is a key of `base.PROGRAMS`, or None for all.
    """
    found = []
    for i, rule in enumerate(rules().values()):
        progress(i / len(rules()), f"looking for {rule.title}")
        if rule.concerns(program):
            found += [rule.finding(one, program) for one in rule.look(subject)]
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))
