"""`evenview tilt` run in this process: what it prints, its JSON, or its refusal."""

from __future__ import annotations

import json
from typing import Any

from evenview.__main__ import main


def told(capsys, *words: object) -> str:
    assert main(["tilt", *map(str, words)]) == 0
    return " ".join(capsys.readouterr().out.split())


def found(capsys, *words: object) -> dict[str, Any]:
    assert main(["tilt", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refusal(capsys, *words: object) -> str:
    assert main(["tilt", *map(str, words)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err
