"""What the window says instead of options: nothing is left over that no sentence has any more."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import evenview
from evenview.gui.options import _WORDS

ROOT = Path(evenview.__file__).parent
OPTION = re.compile(r"--[a-z][\w-]+")


def sentences() -> Iterator[ast.Constant | ast.JoinedStr]:
    """Every text of the sources that the window and the command line share."""
    for folder in ("core", "formats", "checks", "tasks"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.JoinedStr) or (
                    isinstance(node, ast.Constant) and isinstance(node.value, str)
                ):
                    yield node


SENTENCES = tuple(sentences())


def read(node: ast.Constant | ast.JoinedStr, option: str) -> str:
    """A text as it is told where the numbers and words put into it are an option's name."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "".join(str(p.value) if isinstance(p, ast.Constant) else option for p in node.values)


@pytest.mark.parametrize("words", [words for words, _ in _WORDS])
def test_every_sentence_that_is_said_otherwise_is_one_that_is_said(words: str) -> None:
    option = next(iter(OPTION.findall(words)), "")
    assert any(words in read(node, option) for node in SENTENCES)
    assert not option or any(option in read(node, "") for node in SENTENCES)


def test_in_the_window_no_option_is_left() -> None:
    assert not any(OPTION.search(said) for _, said in _WORDS)
