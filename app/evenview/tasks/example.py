"""The file that a strategy takes for an example: opened for a task, and named in its recipe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from evenview.core.beside import NOTHING, Beside
from evenview.core.display import example_of
from evenview.core.plan import Plan
from evenview.core.progress import Progress, silent
from evenview.formats import open_particles
from evenview.strategies import files


def open_example(plan: Plan, progress: Progress = silent) -> Beside:
    """What a plan takes for an example, if anything. Raises `UserError` where it cannot be read."""
    path = example_of(plan.thinning)
    return Beside(examples={path: open_particles(Path(path), progress)}) if path else NOTHING


def sources_of(beside: Beside) -> tuple[Path, ...]:
    """The files that the examples were read from."""
    return tuple(path for one in beside.examples.values() for path in one.table.sources)


def with_example(plan: Plan, change: Callable[[str], str]) -> Plan:
    """The plan with the path of its example changed, as it is where it has none."""
    if plan.thinning is None or not example_of(plan.thinning):
        return plan
    strategy = plan.thinning.strategy
    paths = {about.name: getattr(strategy, about.name) for about in files(strategy)}
    changes: dict[str, Any] = {name: change(path) for name, path in paths.items() if path}
    return replace(plan, thinning=replace(plan.thinning, strategy=replace(strategy, **changes)))
