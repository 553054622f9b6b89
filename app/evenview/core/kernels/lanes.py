"""Eight numbers at a time, for compiled loops over short rows.

The compiler uses the wide registers of a processor only for loops that are longer than the four or
six neighbours of an interpolation. `Lanes` are such a register by name: eight float32, which stay
in it as long as they are only given to the functions here. Processors with narrower ones use two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, models, register_model

COUNT = 8
_VECTOR = ir.VectorType(ir.FloatType(), COUNT)
_FAST = ("fast",)


class Lanes(types.Type):
    """The type of eight float32."""


@register_model(Lanes)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Lanes) -> None:
        super().__init__(manager, kind, _VECTOR)  # type: ignore[no-untyped-call]


_LANES = Lanes("Lanes")


def _instruction(rule: Callable[..., Any]) -> Any:
    """What compiled code calls by a name: `rule` gives its type, and writes it."""
    return intrinsic(rule)


@_instruction
def nothing(typing: Any) -> Any:
    """Eight zeros."""
    return _LANES(), lambda *_: ir.Constant(_VECTOR, None)


@_instruction
def added(typing: Any, total: Any, weight: Any, values: Any, at: Any) -> Any:
    """``total + weight * values[at : at + 8]`` of a row (N,) float32 without gaps."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        total, weight, values, at = args
        row = builder.load(_eight(context, builder, signature.args[2], values, at), align=4)
        return _plus(builder, total, weight, row)

    return _LANES(_LANES, types.float32, _row(values), types.intp), build


@_instruction
def joined(typing: Any, total: Any, weight: Any, lanes: Any) -> Any:
    """``total + weight * lanes``."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _plus(builder, *args)

    return _LANES(_LANES, types.float32, _LANES), build


@_instruction
def stored(typing: Any, lanes: Any, values: Any, at: Any) -> Any:
    """Write lanes to ``values[at : at + 8]``."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        lanes, values, at = args
        builder.store(lanes, _eight(context, builder, signature.args[1], values, at), align=4)
        return context.get_dummy_value()

    return types.void(_LANES, _row(values), types.intp), build


def _row(values: Any) -> Any:
    """The type of an array, if it is one that lanes can be read from."""
    row = isinstance(values, types.Array) and values.ndim == 1 and values.layout == "C"
    if not (row and values.dtype == types.float32):
        raise TypeError(f"lanes are read from a row of float32 without gaps, not from {values}")
    return values


def _eight(context: Any, builder: Any, kind: Any, values: Any, at: Any) -> Any:
    """Where the eight begin."""
    data = context.make_array(kind)(context, builder, values).data
    return builder.bitcast(builder.gep(data, [at]), _VECTOR.as_pointer())


def _plus(builder: Any, total: Any, weight: Any, values: Any) -> Any:
    none, first = ir.Constant(_VECTOR, ir.Undefined), ir.Constant(ir.IntType(32), 0)
    one = builder.insert_element(none, weight, first)
    every = ir.Constant(ir.VectorType(ir.IntType(32), COUNT), [0] * COUNT)
    product = builder.fmul(builder.shuffle_vector(one, none, every), values, flags=_FAST)
    return builder.fadd(total, product, flags=_FAST)
