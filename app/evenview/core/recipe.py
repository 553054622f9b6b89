"""Plans to JSON and back. A plan read is as good as one made by hand, or there is a `UserError`."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from evenview.core.errors import MalformedFileError, UserError
from evenview.core.plan import Plan
from evenview.core.selection import REGIONS, STEPS, Region, Step
from evenview.core.thinning import Strategy

Strategies = Mapping[str, type[Strategy]]


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """A plan as plain JSON values.

    Regions, steps and strategies say what they are under "type" ("cone", "combine", "percentile");
    everything else goes by the names of the fields.
    """
    return {item.name: _encoded(getattr(plan, item.name)) for item in fields(plan)}


def plan_from_json(content: Mapping[str, Any], strategies: Strategies) -> Plan:
    """The plan of `plan_to_json`; fields that are left out have their defaults.

    Parameters
    ----------
    strategies
        By name, as `evenview.strategies.strategies` finds them.

    Raises `UserError`, which says where, for names nobody knows, missing or ill-typed values and
    numbers out of range.
    """
    plan = _Reader(strategies).read(Plan, content, "plan")
    assert isinstance(plan, Plan)
    return plan


@cache
def kinds() -> dict[type, str]:
    """What regions and steps are called in JSON: their class names in small letters."""
    return {cls: cls.__name__.lower() for cls in (*REGIONS, *STEPS)}


def _encoded(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_encoded(item) for item in value]
    if not is_dataclass(value):
        return value
    content = {item.name: _encoded(getattr(value, item.name)) for item in fields(value)}
    kind = kinds().get(type(value)) or getattr(value, "name", None)
    return {"type": kind, **content} if kind else content


class _Reader:
    """Builds values of annotated types from JSON; `where` is the path to a value, for messages."""

    def __init__(self, strategies: Strategies) -> None:
        by_kind = {kind: cls for cls, kind in kinds().items()}
        self._families: dict[Any, tuple[str, Mapping[str, type]]] = {
            Region: ("region", {k: c for k, c in by_kind.items() if c in REGIONS}),
            Step: ("step of a selection", {k: c for k, c in by_kind.items() if c in STEPS}),
            Strategy: ("strategy", strategies),
        }

    def read(self, wanted: Any, value: Any, where: str) -> Any:
        """`value` as a `wanted` (a type as annotations have it)."""
        if wanted in self._families:
            return self._of_family(wanted, value, where)
        origin = get_origin(wanted)
        if origin is tuple:
            return self._tuple(wanted, value, where)
        if origin is Literal:
            return _checked(value in get_args(wanted), value, where)
        if origin in (Union, types.UnionType):
            (inner,) = (part for part in get_args(wanted) if part is not type(None))
            return None if value is None else self.read(inner, value, where)
        if is_dataclass(wanted):
            return self._record(wanted, _mapping(value, where), where)
        return _scalar(wanted, value, where)

    def _of_family(self, wanted: Any, value: Any, where: str) -> Any:
        title, members = self._families[wanted]
        content = dict(_mapping(value, where))
        kind = content.pop("type", None)
        if kind not in members:
            raise MalformedFileError(
                f"There is no {title} called {kind!r}",
                where=where,
                hint=f"Known are {', '.join(sorted(members))}.",
            )
        return self._record(members[kind], content, where)

    def _tuple(self, wanted: Any, value: Any, where: str) -> tuple[Any, ...]:
        inner = get_args(wanted)
        _checked(isinstance(value, list | tuple), value, where)
        if inner[-1] is Ellipsis:
            inner = (inner[0],) * len(value)
        _checked(len(value) == len(inner), value, where)
        return tuple(
            self.read(part, item, f"{where}[{i}]")
            for i, (part, item) in enumerate(zip(inner, value, strict=True))
        )

    def _record(self, cls: Any, content: Mapping[str, Any], where: str) -> Any:
        hints = get_type_hints(cls)
        known = {item.name for item in fields(cls)}
        needed = {
            item.name
            for item in fields(cls)
            if item.default is MISSING and item.default_factory is MISSING
        }
        for problem, names in (
            ("unknown", content.keys() - known),
            ("no", needed - content.keys()),
        ):
            if names:
                raise MalformedFileError(f"There is {problem} {sorted(names)[0]!r}", where=where)
        values = {
            name: self.read(hints[name], value, f"{where}.{name}")
            for name, value in content.items()
        }
        try:
            return cls(**values)
        except UserError as error:
            raise MalformedFileError(error.what, where=where, hint=error.hint) from error


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    return _checked(isinstance(value, Mapping), value, where)  # type: ignore[no-any-return]


def _scalar(wanted: Any, value: Any, where: str) -> Any:
    allowed = (int, float) if wanted is float else wanted
    fits = isinstance(value, allowed) and isinstance(value, bool) == (wanted is bool)
    return _checked(fits, value, where)


def _checked(fits: bool, value: Any, where: str) -> Any:
    if not fits:
        raise MalformedFileError(f"{value!r} does not belong here", where=where)
    return value
