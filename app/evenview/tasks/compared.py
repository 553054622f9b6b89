"""Numbers before and after, side by side: as lines of a table and as plain values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evenview.core.density import Evenness
from evenview.core.display import Numbers, Summary
from evenview.tasks.outcome import Outcome, Scored

#: A difference of SCF* that is told.
_SEEN = 0.005


def heading() -> str:
    """The line above the others."""
    return row("", "before", "after")


def row(name: str, before: str, after: str) -> str:
    """One line."""
    return f"{name:<22}{before:>14}{after:>14}"


def half_rows(numbers: Summary) -> list[str]:
    """The half-sets, where there are any."""
    before, after = numbers.before.halves, numbers.after.halves
    if before is None or after is None:
        return []
    pairs = zip(before, after, strict=True)
    return [row(f"half {i}", f"{b:,}", f"{a:,}") for i, (b, a) in enumerate(pairs, start=1)]


def evenness_rows(numbers: Summary) -> list[str]:
    """How even the bins are."""
    before, after = numbers.before.evenness, numbers.after.evenness

    def line(name: str, show: Callable[[Evenness], str]) -> str:
        return row(name, show(before), show(after))

    return [
        line("entropy of bins", lambda e: f"{e.entropy:.4f}"),
        line("Gini of bins", lambda e: f"{e.gini:.4f}"),
        line("empty bins", lambda e: f"{e.empty_fraction:.1%}"),
        line("fullest bin, ×", lambda e: f"{e.max_density:.1f}"),
    ]


def spread_row(scores: Outcome) -> str:
    """E_od."""
    before, after = (
        "-" if one.e_od is None else f"{one.e_od:.3f}" for one in (scores.before, scores.after)
    )
    return row("E_od", before, after)


def fourier_rows(scores: Outcome) -> list[str]:
    """How Fourier space is sampled, and in the last line what that depends on."""
    before, after = scores.before, scores.after

    def line(name: str, show: Callable[[Scored], str]) -> str:
        return row(name, show(before), show(after))

    def least(one: Scored) -> str:
        return f"{one.least[0]:.0f}°, {one.least[1]:.0f}°"

    by_itself = row("SCF* by itself", "", f"{after.alone:.3f}") + "  (what 'score' will say)"
    alone = [by_itself] if _differ(after) else []
    return [
        line("SCF*", lambda one: f"{one.fourier.scf_star:.3f}"),
        *alone,
        line("effective, N·SCF*", lambda one: f"{one.fourier.effective_particles:,.0f}")
        + f"  ({1.0 - scores.lost:.1%})",
        line("empty Fourier space", lambda one: f"{one.fourier.empty_fraction:.1%}"),
        line("least sampled at", least),
        line("its sampling, × mean", lambda one: f"{one.part:.2f}"),
        settings_line(scores),
    ]


def _differ(one: Scored) -> bool:
    """Whether SCF* of views by themselves is another than that of as many as there were."""
    return abs(one.alone - one.fourier.scf_star) >= _SEEN


def settings_line(scores: Outcome) -> str:
    """What the scores depend on."""
    settings = scores.settings()
    return (
        f"SCF* of {settings['reference']:,} views, k = {settings['radius']}, "
        f"s0 = {settings['s0']:g}, symmetry {settings['symmetry']}"
    )


def numbers_as_json(numbers: Numbers) -> dict[str, Any]:
    """As plain values."""
    return {
        "particles": numbers.particles,
        "half_sets": (
            None
            if numbers.halves is None
            else {str(i): n for i, n in enumerate(numbers.halves, start=1)}
        ),
        "entropy": numbers.evenness.entropy,
        "gini": numbers.evenness.gini,
        "empty_fraction": numbers.evenness.empty_fraction,
        "max_density": numbers.evenness.max_density,
    }
