"""What a YAML document is made of here: text, lists and mappings, each of which knows where it stands."""

from __future__ import annotations

from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass
from typing import TypeAlias

from headway.kernel.diagnostic import Place

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain]"
Path: TypeAlias = SequenceOf[str | int]


# Line and column share one integer: a portfolio has millions of values, and few are ever pointed at.
_COLUMN_BITS = 24


def packed(line: int, column: int) -> int:
    """A line and a column, both from 1, as one number."""
    return line << _COLUMN_BITS | column


def unpacked(file: str, at: int) -> Place:
    """The place that a packed line and column stand for."""
    return Place(file, at >> _COLUMN_BITS, at & ((1 << _COLUMN_BITS) - 1))


@dataclass(slots=True)
class Scalar:
    """One value, always text; `plain` says that it was written without quotes."""

    text: str
    file: str
    at: int
    plain: bool = True

    @property
    def place(self) -> Place:
        """Where it stands."""
        return unpacked(self.file, self.at)


@dataclass(slots=True)
class Sequence:
    """A list, in the order written."""

    items: list[Node]
    file: str
    at: int

    @property
    def place(self) -> Place:
        """Where its first item, or its bracket, stands."""
        return unpacked(self.file, self.at)


@dataclass(slots=True)
class Mapping:
    """Keys and values, in the order written; `keys` holds the packed place of each key."""

    entries: dict[str, Node]
    keys: dict[str, int]
    file: str
    at: int

    @property
    def place(self) -> Place:
        """Where its first key, or its brace, stands."""
        return unpacked(self.file, self.at)

    def key_place(self, key: str) -> Place:
        """Where a key stands."""
        return unpacked(self.file, self.keys[key])


Node: TypeAlias = Scalar | Sequence | Mapping


def to_plain(node: Node) -> Plain:
    """The same content as nested dicts, lists and text, without places.

    >>> to_plain(Sequence([Scalar("a", "f.yaml", packed(1, 3))], "f.yaml", packed(1, 1)))
    ['a']
    """
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Mapping):
        return {key: to_plain(value) for key, value in node.entries.items()}
    return [to_plain(item) for item in node.items]


def place_of(node: Node, path: Path) -> Place:
    """Where the value at a path stands; where the path ends early, the nearest value on the way to it."""
    for step in path:
        child = _child(node, step)
        if child is None:
            break
        node = child
    return node.place


def key_place_of(node: Node, path: Path) -> Place:
    """Where the key of the value at a path stands; for an item of a list, the item."""
    for step in path[:-1]:
        child = _child(node, step)
        if child is None:
            return node.place
        node = child
    if path and isinstance(node, Mapping) and path[-1] in node.keys:
        return node.key_place(str(path[-1]))
    return place_of(node, path[-1:])


def at(plain: object, path: Path) -> object:
    """The value at a path of a plain document, or None where the path leads nowhere."""
    for step in path:
        match plain:
            case dict() if step in plain:
                plain = plain[step]
            case list() if isinstance(step, int) and step < len(plain):
                plain = plain[step]
            case _:
                return None
    return plain


def _child(node: Node, step: str | int) -> Node | None:
    if isinstance(node, Mapping):
        return node.entries.get(str(step))
    if isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step]
    return None
