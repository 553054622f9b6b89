"""Do again what a recipe says, on the same bytes, to the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evenview.core.errors import UserError
from evenview.core.progress import Progress, silent
from evenview.tasks import rebalance, weigh
from evenview.tasks.recipe_file import Recipe, check_sources, load_recipe


@dataclass(frozen=True)
class ReplayRequest:
    """Which recipe, and whether files that changed since may be replaced."""

    recipe: Path
    overwrite: bool = False


@dataclass(frozen=True)
class ReplayResult:
    """What was written, and whether it is byte for byte what the recipe recorded."""

    rebalanced: rebalance.RebalanceResult | weigh.WeighResult
    identical: bool
    recorded_version: str

    def summary(self) -> str:
        verdict = (
            "The files are byte for byte those of the recipe."
            if self.identical
            else f"The files differ from those recorded by version {self.recorded_version}."
        )
        return f"{self.rebalanced.summary()}\n{verdict}"

    def as_json(self) -> dict[str, Any]:
        return self.rebalanced.as_json() | {"identical": self.identical}


def run(request: ReplayRequest, progress: Progress = silent) -> ReplayResult:
    """Write a recipe's files again.

    Raises `UserError` if a source is missing or has changed, and, unless `overwrite`, if a file
    stands where one is to be written and is not the one the recipe wrote.
    """
    recipe = load_recipe(request.recipe)
    check_sources(recipe)
    if not request.overwrite:
        _check_outputs(recipe)
    done = _done_again(recipe, progress)
    same = all(file.unchanged() for file in (*recipe.kept, *recipe.excluded))
    return ReplayResult(done, same, recipe.version)


def _check_outputs(recipe: Recipe) -> None:
    for file in (*recipe.kept, *recipe.excluded):
        if file.path.exists() and not file.unchanged():
            raise UserError(
                "This file is no longer the one the recipe wrote, and would be replaced",
                where=str(file.path),
                hint="Move it away, or say --overwrite.",
            )


def _done_again(
    recipe: Recipe, progress: Progress
) -> rebalance.RebalanceResult | weigh.WeighResult:
    source, kept = recipe.sources[0].path, recipe.kept[0].path
    if recipe.weighting is not None:
        weighting = recipe.weighting
        request = weigh.WeighRequest(source, recipe.plan, kept, weighting, reading=recipe.reading)
        return weigh.run(request, progress)
    excluded = recipe.excluded[0].path if recipe.excluded else None
    return rebalance.run(
        rebalance.RebalanceRequest(source, recipe.plan, kept, excluded, reading=recipe.reading),
        progress,
    )
