"""Arrays of numpy in a pickle, read as data: nothing that a pickle asks for is ever called.

A pickle is a small program (``Lib/pickletools.py`` of Python lists its words). The few words that
build tuples of arrays are followed here, on stand-ins; any other word, and any function but those
that make arrays, is refused. Where the shape and the numbers of each array stand is kept, so that a
subset is the same pickle with other numbers in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

#: What a pickle of arrays may name, by what it is here. Old and new numpy have it in other places.
_ALLOWED = {
    ("numpy", "ndarray"): "ndarray",
    ("numpy", "dtype"): "dtype",
    ("numpy.core.multiarray", "_reconstruct"): "reconstruct",
    ("numpy._core.multiarray", "_reconstruct"): "reconstruct",
    ("numpy.core.numeric", "_frombuffer"): "frombuffer",
    ("numpy._core.numeric", "_frombuffer"): "frombuffer",
}

#: The words for the size of a frame and for a whole number of any length.
FRAME, LONG = b"\x95", b"\x8a"

_OLDEST, _NEWEST = 3, 5
_MOST_WORDS = 4096
_LONGEST_NAME = 256


class RefusedPickleError(ValueError):
    """The pickle holds more than arrays, or is not one; said in words."""


@dataclass(frozen=True)
class Named:
    """A function or class that the pickle names: which of `_ALLOWED`."""

    kind: str


@dataclass(frozen=True)
class Whole:
    """A whole number, and where the word that says it stands."""

    value: int
    start: int
    stop: int


@dataclass(frozen=True)
class Raw:
    """Bytes, where the word that holds them stands, and where they themselves begin."""

    start: int
    stop: int
    data: int

    @property
    def size(self) -> int:
        return self.stop - self.data


@dataclass
class Kind:
    """The type of an array's numbers, such as "f4", and their byte order."""

    code: str
    order: str = "="


@dataclass
class Array:
    """An array: its shape, type, whether the first index runs fastest, and its bytes."""

    shape: tuple[Whole, ...] = ()
    kind: Kind | None = None
    fortran: bool = False
    raw: Raw | None = None


@dataclass(frozen=True)
class Frame:
    """A word that says how many of the bytes behind it belong together (protocol 4)."""

    start: int
    begin: int
    end: int


_MARK = object()


@dataclass
class Reader:
    """Follows the words of a pickle; `load` gives its value and fills `frames` and `protocol`."""

    data: bytes
    at: int = 0
    start: int = 0  # of the word at work
    protocol: int = 0
    stack: list[Any] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)
    frames: list[Frame] = field(default_factory=list)

    def load(self) -> object:
        """The value: tuples of `Array`, `Whole`, text, None, True and False.

        Raises `RefusedPickleError`.
        """
        for _ in range(_MOST_WORDS):
            self.start = self.at
            word = self._take(1)
            if word == b".":
                return self._pop()
            action = _WORDS.get(word)
            if action is None:
                raise RefusedPickleError(
                    f"it holds more than arrays (the word {word!r} at byte {self.start:,})"
                )
            action(self)
        raise RefusedPickleError("it holds far more than two arrays")

    def _take(self, size: int) -> bytes:
        taken = self.data[self.at : self.at + size]
        if len(taken) < size:
            raise RefusedPickleError("it is cut off")
        self.at += size
        return taken

    def _number(self, size: int, *, signed: bool = False) -> int:
        return int.from_bytes(self._take(size), "little", signed=signed)

    def _pop(self) -> Any:
        if not self.stack or self.stack[-1] is _MARK:
            raise RefusedPickleError("its words do not fit together")
        return self.stack.pop()

    def _pop_tuple(self, size: int) -> tuple[Any, ...]:
        return tuple(reversed([self._pop() for _ in range(size)]))

    def read_protocol(self) -> None:
        self.protocol = self._number(1)
        if not _OLDEST <= self.protocol <= _NEWEST:
            raise RefusedPickleError(
                f"it is of protocol {self.protocol}, and only {_OLDEST} to {_NEWEST} are read"
            )

    def read_frame(self) -> None:
        size = self._number(8)
        if size > len(self.data) - self.at:
            raise RefusedPickleError("it is cut off")
        self.frames.append(Frame(self.start, self.at, self.at + size))

    def read_line_name(self) -> None:
        module, name = (self._line() for _ in range(2))
        self.stack.append(_named(module, name))

    def _line(self) -> str:
        end = self.data.find(b"\n", self.at, self.at + _LONGEST_NAME)
        if end < 0:
            raise RefusedPickleError("it names something without an end")
        line = self.data[self.at : end].decode("utf-8", errors="replace")
        self.at = end + 1
        return line

    def read_stack_name(self) -> None:
        module, name = self._pop_tuple(2)
        self.stack.append(_named(module, name))

    def read_text(self, width: int) -> None:
        size = self._number(width)
        if size > _LONGEST_NAME:
            raise RefusedPickleError("it holds a text, which poses have not")
        self.stack.append(self._take(size).decode("utf-8", errors="replace"))

    def read_bytes(self, width: int) -> None:
        size = self._number(width)
        if size > len(self.data) - self.at:
            raise RefusedPickleError("it is cut off")
        raw = Raw(self.start, self.at + size, self.at)
        self.at = raw.stop
        self.stack.append(raw)

    def read_whole(self, width: int, *, signed: bool = False) -> None:
        value = self._number(width, signed=signed)
        self.stack.append(Whole(value, self.start, self.at))

    def read_long(self) -> None:
        size = self._number(1)
        value = self._number(size, signed=True)
        self.stack.append(Whole(value, self.start, self.at))

    def put(self, index: int) -> None:
        self.memo[index] = self._peek()

    def _peek(self) -> Any:
        value = self._pop()
        self.stack.append(value)
        return value

    def get(self, index: int) -> None:
        if index not in self.memo:
            raise RefusedPickleError("its words do not fit together")
        self.stack.append(self.memo[index])

    def close_tuple(self) -> None:
        items = []
        while self.stack and self.stack[-1] is not _MARK:
            items.append(self.stack.pop())
        if not self.stack:
            raise RefusedPickleError("its words do not fit together")
        self.stack[-1] = tuple(reversed(items))

    def reduce(self) -> None:
        named, arguments = self._pop_tuple(2)
        if not isinstance(named, Named) or not isinstance(arguments, tuple):
            _not_arrays()
        self.stack.append(_make(named.kind, arguments))

    def build(self) -> None:
        state = self._pop()
        value = self._peek()
        if isinstance(value, Array):
            _fill(value, state)
        elif isinstance(value, Kind):
            _set_order(value, state)
        else:
            _not_arrays()


def _not_arrays() -> NoReturn:
    raise RefusedPickleError("it holds other things than plain arrays of numbers")


def _named(module: Any, name: Any) -> Named:
    kind = (
        _ALLOWED.get((module, name)) if isinstance(module, str) and isinstance(name, str) else None
    )
    if kind is None:
        raise RefusedPickleError(
            f"it asks for {str(module)[:60]}.{str(name)[:60]}, which no poses need; "
            "nothing in it was run"
        )
    return Named(kind)


def _make(kind: str, arguments: tuple[Any, ...]) -> Array | Kind:
    match kind, arguments:
        case "reconstruct", (Named("ndarray"), tuple(), Raw()):
            return Array()
        case "dtype", (str(code), *_):
            return Kind(code)
        case "frombuffer", (Raw() as raw, Kind() as number, tuple() as shape, "C" | "F" as order):
            return Array(_shape(shape), number, order == "F", raw)
    _not_arrays()


def _fill(array: Array, state: Any) -> None:
    match state:
        case (Whole(), tuple() as shape, Kind() as kind, bool(fortran), Raw() as raw):
            array.shape, array.kind, array.fortran, array.raw = _shape(shape), kind, fortran, raw
        case _:
            _not_arrays()


def _shape(shape: tuple[Any, ...]) -> tuple[Whole, ...]:
    if not all(isinstance(size, Whole) and size.value >= 0 for size in shape):
        _not_arrays()
    return shape


def _set_order(kind: Kind, state: Any) -> None:
    match state:
        case (Whole(), "<" | ">" | "=" | "|" as order, None, None, None, *_):
            kind.order = order
        case _:
            _not_arrays()


def _push(value: object) -> Callable[[Reader], None]:
    return lambda reader: reader.stack.append(value)


def _tuple_of(size: int) -> Callable[[Reader], None]:
    return lambda reader: reader.stack.append(reader._pop_tuple(size))


_WORDS: dict[bytes, Callable[[Reader], None]] = {
    b"\x80": Reader.read_protocol,
    FRAME: Reader.read_frame,
    b"c": Reader.read_line_name,
    b"\x93": Reader.read_stack_name,
    b"X": lambda reader: reader.read_text(4),
    b"\x8c": lambda reader: reader.read_text(1),
    b"C": lambda reader: reader.read_bytes(1),
    b"B": lambda reader: reader.read_bytes(4),
    b"\x8e": lambda reader: reader.read_bytes(8),
    b"\x96": lambda reader: reader.read_bytes(8),
    b"K": lambda reader: reader.read_whole(1),
    b"M": lambda reader: reader.read_whole(2),
    b"J": lambda reader: reader.read_whole(4, signed=True),
    LONG: Reader.read_long,
    b"N": _push(None),
    b"\x88": _push(True),
    b"\x89": _push(False),
    b")": _push(()),
    b"(": _push(_MARK),
    b"t": Reader.close_tuple,
    b"\x85": _tuple_of(1),
    b"\x86": _tuple_of(2),
    b"\x87": _tuple_of(3),
    b"\x94": lambda reader: reader.put(len(reader.memo)),
    b"q": lambda reader: reader.put(reader._number(1)),
    b"r": lambda reader: reader.put(reader._number(4)),
    b"h": lambda reader: reader.get(reader._number(1)),
    b"j": lambda reader: reader.get(reader._number(4)),
    b"R": Reader.reduce,
    b"b": Reader.build,
}
