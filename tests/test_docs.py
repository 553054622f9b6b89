"""Pages of docs/ that are made from the program's own tables say what these say."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from evenview.core.conventions import conventions
from evenview.core.settings import PACKAGES

ROOT = Path(__file__).resolve().parents[1]


def generator() -> ModuleType:
    path = ROOT / "packaging" / "make_docs.py"
    spec = importlib.util.spec_from_file_location("make_docs", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAGES = sorted(path.name for path in (ROOT / "packaging" / "docs").glob("*.md"))


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_what_the_tables_give(name: str) -> None:
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert written == generator().page(name), "run: python packaging/make_docs.py"


def test_every_convention_and_package_is_on_the_page() -> None:
    page = (ROOT / "docs" / "conventions.md").read_text(encoding="utf-8")
    for about in conventions().values():
        assert f"`{about.name}`" in page
        assert about.degenerate in page
    for package in PACKAGES.values():
        assert package.title in page


def test_the_worked_example_is_one_rotation_in_every_convention() -> None:
    page = (ROOT / "docs" / "conventions.md").read_text(encoding="utf-8")
    example = page.split("## An example")[1].split("## ")[0]
    angles = [30.0, 60.0, 45.0]
    expected = conventions()["relion"].read([angles])
    for about in conventions().values():
        (row,) = [line for line in example.splitlines() if line.startswith(f"| {about.title} |")]
        words = row.split("|")[2].replace("−", "-").replace("°", "").replace("rad", "").split(",")
        values = [float(word.split()[1]) for word in words]
        np.testing.assert_allclose(about.read([values]), expected, atol=2e-6)
