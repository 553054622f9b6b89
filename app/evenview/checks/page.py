"""The page of all rules: ``python -m evenview.checks.page > docs/checks.md`` writes it anew."""

from __future__ import annotations

from evenview.checks import rules
from evenview.checks.base import ANY, PROGRAMS, Rule
from evenview.core.words import sentence

_HEAD = """# What `evenview check` looks for

`evenview check FILE` tests a particle file against every rule below and reports all it breaks:
what, where, what it will cause, how to mend it. It works on files that do not open as well. With
`--for relion` or `--for cryosparc` only what matters to that program is said; `--json` prints the
report for other programs. `--fix OUT` writes a new file with every safe fix done, all other bytes
the same; the input is never changed.

An *error* stops a program or makes its result wrong, a *warning* does so in some uses, a *note* is
good to know. The exit code is 0 when the file could be checked, whatever was found, and 2 when it
could not be read at all.
"""


def page() -> str:
    """The page as Markdown, one section a rule."""
    return "\n".join([_HEAD, *(_section(rule) for rule in rules().values())])


def _section(rule: Rule) -> str:
    lines = [
        f"## {rule.name}",
        "",
        f"{sentence(rule.title)}. *{rule.severity}*",
        "",
    ]
    lines += [f"- {_who(key)}: {text}" for key, text in rule.causes.items()]
    lines.append(f"- To do: {rule.mend}")
    if rule.fix:
        lines.append(f"- `--fix`: {rule.fix}.")
    return "\n".join([*lines, ""])


def _who(key: str) -> str:
    return "Everywhere" if key == ANY else PROGRAMS[key]


if __name__ == "__main__":
    print(page(), end="")
