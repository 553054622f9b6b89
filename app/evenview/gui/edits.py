"""What the window does to a plan: small pure functions, Plan in, Plan out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from evenview.core.colormap import suited
from evenview.core.density import DIVERGING_QUANTITIES
from evenview.core.plan import ColorRange, Plan, Thinning
from evenview.core.selection import Combine, Grow, Invert, Mode, Region, Step
from evenview.core.symmetry import parse_group
from evenview.core.thinning import Strategy

_VERBS = {
    "replace": "Select",
    "add": "Add to selection:",
    "subtract": "Remove from selection:",
    "intersect": "Keep of selection:",
}


def select_label(region: Region, mode: Mode) -> str:
    """The name of a selection in the Edit menu: "Select cone", "Add to selection: lasso"."""
    names = {"BinSet": "bins", "Polygon": "outline", "Threshold": "above threshold"}
    kind = type(region).__name__
    return f"{_VERBS[mode]} {names.get(kind, kind.lower())}"


def select(plan: Plan, region: Region, mode: Mode, base: tuple[Step, ...] | None = None) -> Plan:
    """Combine a region with the selection, or with the one that a gesture began with."""
    before = plan.selection if base is None else base
    kept = () if mode == "replace" else before
    return replace(plan, selection=(*kept, Combine(mode, region)))


def select_again(plan: Plan, base: tuple[Step, ...]) -> Plan:
    """The selection that was there before a gesture."""
    return replace(plan, selection=base)


def grow(plan: Plan) -> Plan:
    """One ring of bins more."""
    return replace(plan, selection=(*plan.selection, Grow(1)))


def invert(plan: Plan) -> Plan:
    """What was not selected; twice is nothing."""
    if plan.selection and isinstance(plan.selection[-1], Invert):
        return replace(plan, selection=plan.selection[:-1])
    return replace(plan, selection=(*plan.selection, Invert()))


def clear(plan: Plan) -> Plan:
    """Nothing selected."""
    return replace(plan, selection=())


def symmetry(plan: Plan, name: str) -> Plan:
    """Another point group; without one directions are shown as stored.

    Raises `UserError` for one that is not known.
    """
    group = parse_group(name.strip()).name
    return replace(plan, symmetry=group, look=plan.look if group != "C1" else "stored")


def color_by(plan: Plan, quantity: str) -> Plan:
    """Another quantity; limits that were set for the one before mean nothing for it.

    A quantity with a middle gets a colour map with one, and any other one without.
    """
    colors = ColorRange() if plan.colors.kind == "fixed" else plan.colors
    name = suited(plan.colormap, diverging=quantity in DIVERGING_QUANTITIES)
    return replace(plan, quantity=quantity, colors=colors, colormap=name)


def thin(plan: Plan, strategy: Strategy) -> Plan:
    """Thin by a strategy, the other wishes kept."""
    old = plan.thinning
    return replace(plan, thinning=replace(old, strategy=strategy) if old else Thinning(strategy))


def thin_with(plan: Plan, **wishes: Any) -> Plan:
    """Change wishes about the thinning there is."""
    return replace(plan, thinning=replace(plan.thinning, **wishes)) if plan.thinning else plan


def leave_all(plan: Plan) -> Plan:
    """Thin nothing."""
    return replace(plan, thinning=None)
