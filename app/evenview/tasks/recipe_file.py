"""Recipes: a small JSON file that says what was done to which bytes, and makes them again."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evenview import __version__
from evenview.core.columns_word import columns_word, parse_columns
from evenview.core.errors import MalformedFileError, UserError
from evenview.core.plan import Plan
from evenview.core.reading import AS_IT_IS, Reading
from evenview.core.recipe import plan_from_json, plan_to_json
from evenview.formats.output import atomic_writer
from evenview.strategies import strategies
from evenview.tasks.example import with_example
from evenview.tasks.weight_column import PRESENT, Weighting

#: A recipe of weights has a kind of its own: who does not know of them would remove particles.
KIND, WEIGHTS_KIND = "evenview rebalance", "evenview weights"


@dataclass(frozen=True)
class HashedFile:
    """A file and the SHA-256 of its bytes."""

    path: Path
    sha256: str

    @classmethod
    def of(cls, path: Path) -> HashedFile:
        """Hash a file as it is now."""
        with path.open("rb") as file:
            return cls(path, hashlib.file_digest(file, "sha256").hexdigest())

    def unchanged(self) -> bool:
        """Whether the file is there with the same bytes."""
        return self.path.is_file() and HashedFile.of(self.path).sha256 == self.sha256


@dataclass(frozen=True)
class Recipe:
    """One rebalancing: the sources (the particle file first, what its plan takes for an example
    last), the plan, the files written.

    `reading` is what was said of the particle file where it leaves something open. With `weighting`
    all particles are kept, with weights in a column.
    """

    sources: tuple[HashedFile, ...]
    plan: Plan
    kept: tuple[HashedFile, ...]
    excluded: tuple[HashedFile, ...]
    version: str = __version__
    reading: Reading = AS_IT_IS
    weighting: Weighting | None = None

    @classmethod
    def of(
        cls,
        sources: Sequence[Path],
        plan: Plan,
        kept: Sequence[Path],
        excluded: Sequence[Path],
        reading: Reading = AS_IT_IS,
        weighting: Weighting | None = None,
    ) -> Recipe:
        """The recipe of a rebalancing that has just been written."""
        hashed = [tuple(map(HashedFile.of, files)) for files in (sources, kept, excluded)]
        return cls(hashed[0], plan, hashed[1], hashed[2], reading=reading, weighting=weighting)


def save_recipe(recipe: Recipe, path: Path) -> None:
    """Write a recipe; its paths are relative to its own folder, so that the folder can move."""
    folder = path.resolve().parent
    content: dict[str, Any] = {
        "kind": KIND if recipe.weighting is None else WEIGHTS_KIND,
        "version": recipe.version,
        "sources": [_file_to_json(file, folder) for file in recipe.sources],
        "plan": plan_to_json(with_example(recipe.plan, lambda file: _shown(Path(file), folder))),
        "kept": [_file_to_json(file, folder) for file in recipe.kept],
        "excluded": [_file_to_json(file, folder) for file in recipe.excluded],
    }
    content |= _reading_to_json(recipe.reading) | _weighting_to_json(recipe.weighting)
    with atomic_writer(path, [file.path for file in recipe.sources]) as out:
        text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        # A name that is not UTF-8 has half characters in it; escaped as JSON does, they come back.
        out.write(text.encode(errors="backslashreplace"))


def load_recipe(path: Path) -> Recipe:
    """Read a recipe. Raises `UserError` if it is missing, not a recipe, or not understood."""
    content = _json_object(path)
    if content.get("kind") not in (KIND, WEIGHTS_KIND):
        raise MalformedFileError(
            "This is not a recipe of Evenview",
            where=str(path),
            hint="A recipe is written by 'evenview rebalance --recipe' or by Export in the window.",
        )
    folder = path.resolve().parent
    try:
        sources, kept, excluded = (
            tuple(_file_from_json(item, folder) for item in content[part])
            for part in ("sources", "kept", "excluded")
        )
        plan = plan_from_json(content["plan"], strategies())
        plan = with_example(plan, lambda file: str(_found(file, folder)))
        version = str(content["version"])
        reading = _reading_from_json(content)
        weighting = _weighting_from_json(content)
    except UserError as error:
        where = f"{path}, {error.where}"
        raise MalformedFileError(error.what, where=where, hint=error.hint) from error
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedFileError(
            f"The recipe is damaged or of another version ({error!r})", where=str(path)
        ) from error
    if not sources or not kept:
        raise MalformedFileError("The recipe names no source or no output", where=str(path))
    return Recipe(sources, plan, kept, excluded, version, reading, weighting)


def check_sources(recipe: Recipe) -> None:
    """Raise `UserError` unless every source is there with the bytes the recipe saw."""
    for source in recipe.sources:
        if not source.path.is_file():
            raise UserError(
                "The recipe needs this file, and it is not there",
                where=str(source.path),
                hint="Put it back, or move the recipe to where its files are.",
            )
        if not source.unchanged():
            raise UserError(
                "The file has changed since the recipe was written, so the result would differ",
                where=str(source.path),
                hint="Restore the original, or rebalance the present file anew.",
            )


def _json_object(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError("There is no such file", where=str(path)) from None
    except OSError as error:
        raise UserError(
            f"The recipe could not be read ({error.strerror})", where=str(path)
        ) from error
    except (ValueError, RecursionError) as error:
        raise MalformedFileError(f"This is not a recipe ({error})", where=str(path)) from error
    return content if isinstance(content, dict) else {}


def _reading_to_json(reading: Reading) -> dict[str, Any]:
    """What was said of the file, if anything was."""
    content: dict[str, Any] = {}
    if reading.chosen_class is not None:
        content["class"] = reading.chosen_class
    if reading.columns is not None:
        content["columns"] = columns_word(reading.columns)
    return content


def _reading_from_json(content: dict[str, Any]) -> Reading:
    chosen, columns = content.get("class"), content.get("columns")
    if chosen is not None and type(chosen) is not int:
        raise TypeError(f"the class {chosen!r:.40}")
    if columns is not None and type(columns) is not str:
        raise TypeError(f"the columns {columns!r:.40}")
    return Reading(chosen, None if columns is None else parse_columns(columns))


def _weighting_to_json(weighting: Weighting | None) -> dict[str, Any]:
    if weighting is None:
        return {}
    return {"weights": {"column": weighting.column, "column_there": weighting.present}}


def _weighting_from_json(content: dict[str, Any]) -> Weighting | None:
    if content["kind"] != WEIGHTS_KIND:
        return None
    column, present = content["weights"]["column"], content["weights"]["column_there"]
    if type(column) is not str or present not in PRESENT:
        raise ValueError(f"weights in {column!r:.40}, {present!r:.40}")
    return Weighting(column, present)


def _file_from_json(item: dict[str, str], folder: Path) -> HashedFile:
    return HashedFile(_found(item["path"], folder), item["sha256"])


def _file_to_json(file: HashedFile, folder: Path) -> dict[str, str]:
    return {"path": _shown(file.path, folder), "sha256": file.sha256}


def _found(name: str, folder: Path) -> Path:
    """The file that `_shown` names."""
    if "\0" in name:
        raise ValueError("a file name with a zero byte")
    return folder / name


def _shown(path: Path, folder: Path) -> str:
    """A path as seen from the folder of a recipe."""
    real = path.resolve()
    try:
        return Path(os.path.relpath(real, folder)).as_posix()
    except ValueError:  # another drive, on Windows
        return str(real)
