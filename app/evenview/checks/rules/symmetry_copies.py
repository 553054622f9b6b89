"""Particles that were symmetry-expanded."""

from __future__ import annotations

from collections.abc import Iterator

from evenview.checks.base import ANY, WHOLE_FILE, Found, Rule
from evenview.checks.subject import Subject


def _look(subject: Subject) -> Iterator[Found]:
    copies = subject.copies
    if copies and copies.group:
        yield Found(
            f"{copies.n_images:,} images stand more than once, with poses related by the point "
            f"group {copies.group}: the particles were symmetry-expanded",
            subject.where(copies.extra, copies.name),
            len(copies.extra),
        )
    elif subject.cs is not None and any(
        name.startswith("sym_expand/") for name in _fields(subject)
    ):
        yield Found(
            "the particles were symmetry-expanded (the file has the fields sym_expand/...)",
            WHOLE_FILE,
            len(subject.cs),
        )


def _fields(subject: Subject) -> tuple[str, ...]:
    return subject.cs.table.dataset.names if subject.cs is not None else ()


RULE = Rule(
    name="symmetry-copies",
    title="symmetry-expanded particles",
    severity="warning",
    causes={
        ANY: "Refined with symmetry, or shown expanded, every copy is copied again; refined over "
        "all angles, copies of one image count as particles of their own and the FSC is too good. "
        "Thinning can leave some copies of an image and drop others."
    },
    mend="Use C1 and local searches with expanded particles, or go back to the file from before "
    "the expansion to look at its views.",
    look=_look,
)
