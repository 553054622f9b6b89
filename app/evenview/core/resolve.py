"""From particles and a plan to what is drawn: pure, in stages, each kept while its inputs stay.

Binning looks at rows and takes seconds at ten million of them; everything after it is a matter of
bins, so that a slider that moves, a selection that grows or another colour map cost milliseconds.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenview.core import colormap, copies
from evenview.core.beside import NOTHING, Beside
from evenview.core.binning import Binning, bin_particles, relative_density
from evenview.core.density import Layer, Scale, color_limits, evenness
from evenview.core.display import Display, Numbers, Summary, example_of
from evenview.core.errors import UserError
from evenview.core.foresight import Foresight, foresee
from evenview.core.fourier_layers import fourier_bins
from evenview.core.grid import parse_grid
from evenview.core.keep import bin_quotas, count_halves, half_quotas
from evenview.core.layers import at_hand, layer, layer_after, looks_ahead
from evenview.core.particles import Particles
from evenview.core.plan import Plan, Thinning
from evenview.core.progress import Progress, silent
from evenview.core.selection import by_worth, evaluate
from evenview.core.symmetry import parse_group


def resolve(
    particles: Particles,
    plan: Plan,
    previous: Display | None = None,
    progress: Progress = silent,
    beside: Beside = NOTHING,
) -> Display:
    """Work out what a plan looks like.

    Parameters
    ----------
    previous
        The display before, whose arrays are used again wherever they still hold.
    progress
        Told while rows are binned and, where the plan looks ahead, counted; that is skipped when
        particles, grid, symmetry and look are those of `previous`.
    beside
        What the plan may name besides the file's own columns.

    Raises `UserError` for a grid, group, column, colour map or colour range that does not exist. A
    strategy that makes no sense on these bins is told in `Display.problem` instead, so that a
    slider can be moved on to where it does.
    """
    old = previous if previous is not None and previous.particles is particles else None
    binning = _binning(particles, plan, old, progress)
    if old is not None and old.binning is not binning:
        old = None
    foresight = foresee(particles, binning, progress) if needs_foresight(plan) else None
    quantity = at_hand(plan.quantity, particles, beside)
    source = _Source(particles, beside, binning, foresight, quantity)
    picture = _picture(source, plan, old)
    chosen = _chosen(source, plan, old)
    thinned = _thinned(source, plan, chosen, old)
    after = _after_picture(source, plan, picture, thinned, old)
    before_numbers = old.summary.before if old else _numbers_before(particles, binning)
    after_numbers = _numbers_after(plan, binning, before_numbers, thinned, old)
    return Display(
        particles=particles,
        plan=plan,
        beside=beside,
        binning=binning,
        quantity=source.quantity,
        layer=picture.layer,
        scale=picture.scale,
        limits=picture.limits,
        colors=picture.colors,
        selected=chosen.selected,
        decision_selected=chosen.decision_selected,
        problem=thinned.problem,
        quotas=thinned.quotas,
        after_counts=thinned.after_counts,
        after_density=thinned.after_density,
        after_values=after.values,
        after_colors=after.colors,
        summary=Summary(before_numbers, after_numbers),
    )


def needs_foresight(plan: Plan) -> bool:
    """Whether a plan asks what thinning does to the scores, or what views are worth."""
    ahead = plan.thinning is not None and plan.thinning.strategy.looks_ahead
    return ahead or needs_fourier_bins(plan)


def needs_fourier_bins(plan: Plan) -> bool:
    """Whether a plan shows Fourier space, or selects by what views are worth."""
    return looks_ahead(plan.quantity) or by_worth(plan.selection)


class _Source(NamedTuple):
    """What all stages are made from."""

    particles: Particles
    beside: Beside
    binning: Binning
    foresight: Foresight | None
    quantity: str


class _Picture(NamedTuple):
    layer: Layer
    scale: Scale
    limits: tuple[float, float]
    colors: NDArray[np.uint8]


class _Chosen(NamedTuple):
    selected: NDArray[np.bool_]
    decision_selected: NDArray[np.bool_]


class _Thinned(NamedTuple):
    problem: UserError | None
    quotas: NDArray[np.int64] | None
    after_counts: NDArray[np.float64]
    after_density: NDArray[np.float64]


class _AfterPicture(NamedTuple):
    values: NDArray[np.float64]
    colors: NDArray[np.uint8]


def _binning(particles: Particles, plan: Plan, old: Display | None, progress: Progress) -> Binning:
    wanted = (plan.grid, plan.symmetry, plan.look)
    if old is not None and wanted == (old.plan.grid, old.plan.symmetry, old.plan.look):
        return old.binning
    binning = bin_particles(
        particles, parse_grid(plan.grid), parse_group(plan.symmetry), plan.look, progress
    )
    if copies.differ(binning):
        copies.flow(binning, particles)
    return binning


def _picture(source: _Source, plan: Plan, old: Display | None) -> _Picture:
    if old is not None and _shows_alike(old, source):
        shown = old.layer
    else:
        shown = layer(
            source.quantity, source.particles, source.beside, source.binning, source.foresight
        )
    if old is not None and old.layer is shown and _colored_alike(old.plan, plan):
        return _Picture(shown, old.scale, old.limits, old.colors)
    scale = shown.scale(plan.scale)
    limits = shown.span if plan.colors.kind == "auto" else None
    limits = limits or color_limits(
        shown.values, scale, plan.colors, diverging=shown.diverging, trimmed=shown.trimmed
    )
    colors = _colors(plan, source.binning, shown.values, scale, limits)
    return _Picture(shown, scale, limits, colors)


def _shows_alike(old: Display, source: _Source) -> bool:
    key = source.quantity.partition(":")[2]
    same_field = old.beside.fields.get(key) is source.beside.fields.get(key)
    same_rows = old.beside.rows.get(key) is source.beside.rows.get(key)
    return old.quantity == source.quantity and same_field and same_rows


def _colored_alike(one: Plan, other: Plan) -> bool:
    return (one.scale, one.colors, one.colormap) == (other.scale, other.colors, other.colormap)


def _colors(
    plan: Plan,
    binning: Binning,
    values: NDArray[np.float64],
    scale: Scale,
    limits: tuple[float, float],
) -> NDArray[np.uint8]:
    colors = colormap.colorize(values, *limits, scale, plan.colormap)
    colors[binning.areas == 0] = colormap.OUTSIDE
    return colors


def _chosen(source: _Source, plan: Plan, old: Display | None) -> _Chosen:
    if old is not None and old.plan.selection == plan.selection:
        return _Chosen(old.selected, old.decision_selected)
    binning = source.binning
    alike = None if plan.look == "stored" or binning.group.order == 1 else binning.orbits
    worth = fourier_bins(source.foresight, binning).worth if by_worth(plan.selection) else None
    mask = evaluate(plan.selection, binning, alike, worth)
    return _Chosen(mask & (binning.areas > 0), mask & (binning.decision_areas > 0))


def _thinned(source: _Source, plan: Plan, chosen: _Chosen, old: Display | None) -> _Thinned:
    if old is not None and _thinned_alike(old, plan.thinning, chosen, source.beside):
        return _Thinned(old.problem, old.quotas, old.after_counts, old.after_density)
    particles, beside, binning, foresight, _ = source
    quotas, problem = None, None
    if plan.thinning is not None:
        wanted = beside.wanted(example_of(plan.thinning), binning)
        selected = chosen.decision_selected
        try:
            quotas = bin_quotas(binning, plan.thinning, selected, foresight, wanted)
        except UserError as error:
            problem = error
    if quotas is None:
        counts = binning.counts.astype(np.float64)
        return _Thinned(problem, None, counts, binning.density)
    counts = copies.after_thinning(binning, particles, quotas)
    return _Thinned(None, quotas, counts, relative_density(counts, binning.areas))


def _thinned_alike(
    old: Display, thinning: Thinning | None, chosen: _Chosen, beside: Beside
) -> bool:
    """Whether the quotas stay: seed, order and halves only say which rows fill them."""
    before = old.plan.thinning
    if before is None or thinning is None:
        return before is thinning
    same_rule = (before.strategy, before.only_selected, before.minimum) == (
        thinning.strategy,
        thinning.only_selected,
        thinning.minimum,
    )
    same_bins = not thinning.only_selected or old.decision_selected is chosen.decision_selected
    like = example_of(thinning)
    return same_rule and same_bins and old.beside.examples.get(like) is beside.examples.get(like)


def _after_picture(
    source: _Source, plan: Plan, picture: _Picture, thinned: _Thinned, old: Display | None
) -> _AfterPicture:
    if thinned.quotas is None:
        return _AfterPicture(picture.layer.values, picture.colors)
    same_values = (
        old is not None and old.layer is picture.layer and old.after_counts is thinned.after_counts
    )
    if old is not None and same_values:
        if old.colors is picture.colors:
            return _AfterPicture(old.after_values, old.after_colors)
        values = old.after_values
    else:
        values = layer_after(
            source.quantity,
            picture.layer,
            thinned.after_counts,
            thinned.quotas,
            source.binning,
            source.foresight,
        )
    colors = _colors(plan, source.binning, values, picture.scale, picture.limits)
    return _AfterPicture(values, colors)


def _numbers_before(particles: Particles, binning: Binning) -> Numbers:
    return Numbers(
        particles=len(particles),
        halves=count_halves(particles),
        unplaced=len(particles) - int(binning.decision_counts.sum()),
        evenness=evenness(binning.counts, binning.areas),
    )


def _numbers_after(
    plan: Plan, binning: Binning, before: Numbers, thinned: _Thinned, old: Display | None
) -> Numbers:
    if thinned.quotas is None or plan.thinning is None:
        return before
    keep_halves = plan.thinning.keep_halves
    if old is not None and old.quotas is thinned.quotas and old.plan.thinning is not None:
        if old.plan.thinning.keep_halves == keep_halves:
            return old.summary.after
        even = old.summary.after.evenness
    else:
        even = evenness(thinned.after_counts, binning.areas)
    return Numbers(
        particles=int(thinned.quotas.sum()) + before.unplaced,
        halves=_halves_after(binning, before, thinned.quotas, keep_halves),
        unplaced=before.unplaced,
        evenness=even,
        halves_expected=before.halves is not None and not keep_halves,
        evenness_expected=copies.differ(binning),
    )


def _halves_after(
    binning: Binning, before: Numbers, quotas: NDArray[np.int64], keep_halves: bool
) -> tuple[int, int] | None:
    """Half 1 and half 2 of the rows that stay, those without a pose included."""
    if before.halves is None:
        return None
    leaving = binning.half_counts - half_quotas(binning.half_counts, quotas, keep_halves)
    _, one, two = leaving.sum(axis=1).tolist()
    return before.halves[0] - one, before.halves[1] - two
