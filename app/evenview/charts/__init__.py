"""Ways of laying the sphere flat: one file each, found by folder."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from evenview.charts.base import Chart
from evenview.core.errors import UserError

DEFAULT = "azel"


@cache
def charts() -> MappingProxyType[str, Chart]:
    """Every chart by its name, in the order of their keys.

    A chart is a module of this package with a `CHART` in it.
    """
    modules = (import_module(f"{__name__}.{entry.name}") for entry in iter_modules(__path__))
    found = [module.CHART for module in modules if hasattr(module, "CHART")]
    return MappingProxyType({chart.name: chart for chart in sorted(found, key=lambda c: c.key)})


def chart_named(name: str) -> Chart:
    """The chart of that name; `UserError` with the list of names if there is none."""
    try:
        return charts()[name]
    except KeyError:
        known = ", ".join(charts())
        raise UserError(f"There is no chart “{name}”", hint=f"Charts are: {known}.") from None
