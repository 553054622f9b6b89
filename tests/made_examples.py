"""The example files of the formats' contract (`tests/formats/examples`), by name."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from evenview.core.particles import Particles
from evenview.core.reading import AS_IT_IS
from evenview.formats import Format, formats, open_particles

_FOLDER = Path(__file__).parent / "formats" / "examples"


def example_kinds() -> dict[str, Format]:
    """Every kind of example file and its format."""
    modules = {type(form).__module__.rpartition(".")[2]: form for form in formats().values()}
    kinds = sorted(path.stem for path in _FOLDER.glob("*.py"))
    return {
        kind: modules[kind.partition("__")[0]]
        for kind in kinds
        if kind.partition("__")[0] in modules
    }


def open_example(kind: str, folder: Path, n: int, seed: int, unplaced: int = 0) -> Particles:
    """An example file with `n` particles, opened; the first `unplaced` have no pose."""
    module = _module(kind)
    path = module.make(folder, n, seed, unplaced)
    return open_particles(path, reading=getattr(module, "READING", AS_IT_IS))


def _module(kind: str) -> ModuleType:
    spec = spec_from_file_location(f"example_{kind}", _FOLDER / f"{kind}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
