"""The groups of an answer as columns: millions of them are arrays of integers, not tuples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, overload

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

Group: TypeAlias = tuple[Any, ...]
Codes: TypeAlias = npt.NDArray[np.intp]

# Above this the numbers of two keys cannot be made one.
_LARGEST = 2**62


class Groups(Sequence[Group]):
    """Tuples of key values, kept by key: the different values, and which of them each group has.

    It reads as a sequence of tuples, which are made when the first of them is asked for.

    >>> groups = Groups.of([("a", 1), ("b", 1)], 2)
    >>> groups[1], groups.levels, [codes.tolist() for codes in groups.codes]
    (('b', 1), (['a', 'b'], [1]), [[0, 1], [0, 0]])
    """

    __slots__ = ("_tuples", "codes", "levels", "size")

    def __init__(self, levels: Iterable[list[Any]], codes: Iterable[Codes], size: int) -> None:
        self.levels = tuple(levels)
        self.codes = tuple(codes)
        self.size = size
        self._tuples: tuple[Group, ...] | None = None

    @classmethod
    def of(cls, groups: Sequence[Group], keys: int) -> Groups:
        """The groups of a sequence of tuples; itself where it is of columns already."""
        if isinstance(groups, Groups):
            return groups
        columns = [_coded([g[i] for g in groups]) for i in range(keys)]
        made = cls([level for level, _ in columns], [codes for _, codes in columns], len(groups))
        made._tuples = tuple(groups)
        return made

    @classmethod
    def of_arrow(cls, columns: Sequence[pa.ChunkedArray], size: int) -> Groups:
        """The groups that an engine's columns hold, in their order."""
        made = [_of_arrow(column) for column in columns]
        return cls([level for level, _ in made], [codes for _, codes in made], size)

    @classmethod
    def joined(cls, parts: Sequence[Groups]) -> Groups:
        """The groups of several parts one after another, repeated where they are."""
        levels, codes = [], []
        for key in range(len(parts[0].levels)):
            known: dict[tuple[type, Any], int] = {}
            moved = []
            for part in parts:
                to = [known.setdefault((type(v), v), len(known)) for v in part.levels[key]]
                moved.append(np.array(to, dtype=np.intp)[part.codes[key]] if to else part.codes[key])
            levels.append([value for _, value in known])
            codes.append(np.concatenate(moved))
        return cls(levels, codes, sum(part.size for part in parts))

    def take(self, at: Codes) -> Groups:
        """Some of the groups, in the given order."""
        return Groups(self.levels, [codes[at] for codes in self.codes], len(at))

    def chosen(self, positions: Sequence[int]) -> Groups:
        """The same groups by some of their keys, repeated where these do not tell them apart."""
        return Groups([self.levels[p] for p in positions], [self.codes[p] for p in positions], self.size)

    def different(self) -> tuple[Codes, Codes]:
        """Where each different group stands first, and which of those every group is."""
        if not self.codes:
            return np.zeros(min(self.size, 1), dtype=np.intp), np.zeros(self.size, dtype=np.intp)
        _, first, inverse = np.unique(self._number(), return_index=True, return_inverse=True)
        order = np.argsort(first, kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        return first[order], place[inverse]

    def in_order(self) -> Codes:
        """The order in which groups are told: by the text of each key in turn, empty values first."""
        ranks = []
        for level, codes in zip(self.levels, self.codes, strict=True):
            texts = [(value is not None, str(value)) for value in level]
            place = {text: at for at, text in enumerate(sorted(set(texts)))}
            ranks.append((np.array([place[text] for text in texts], dtype=np.intp)[codes], len(place)))
        return np.argsort(_one_number(ranks), kind="stable") if ranks else np.arange(self.size)

    def _number(self) -> Codes:
        """One number per group, equal where the groups are."""
        return _one_number([(c, len(v)) for v, c in zip(self.levels, self.codes, strict=True)])

    def _made(self) -> tuple[Group, ...]:
        if self._tuples is None:
            columns = [
                [level[i] for i in codes.tolist()]
                for level, codes in zip(self.levels, self.codes, strict=True)
            ]
            self._tuples = tuple(zip(*columns, strict=True)) if columns else ((),) * self.size
        return self._tuples

    def index(self, value: Any, start: int = 0, stop: int | None = None) -> int:
        """Where a group stands first.

        Raises:
            ValueError: it is not in the groups.
        """
        return self._made().index(value, start, self.size if stop is None else stop)

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[Group]:
        return iter(self._made())

    @overload
    def __getitem__(self, at: int) -> Group: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Group, ...]: ...
    def __getitem__(self, at: int | slice) -> Group | tuple[Group, ...]:
        return self._made()[at]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and self._made() == tuple(other)

    def __hash__(self) -> int:
        return hash(self._made())

    def __repr__(self) -> str:
        return repr(self._made())


def _one_number(columns: Sequence[tuple[Codes, int]]) -> Codes:
    """One number per row, in the order of the columns of numbers; each stays below its bound."""
    number, many = columns[0][0], max(1, columns[0][1])
    for codes, wide in columns[1:]:
        if many * max(1, wide) > _LARGEST:
            _, number = np.unique(number, return_inverse=True)
            many = int(number.max(initial=0)) + 1
        number, many = number * max(1, wide) + codes, many * max(1, wide)
    return number


def _coded(values: Sequence[Any]) -> tuple[list[Any], Codes]:
    """The different values in their order, and which of them each is; true is not one."""
    known: dict[tuple[type, Any], int] = {}
    codes = np.array([known.setdefault((type(v), v), len(known)) for v in values], dtype=np.intp)
    return [value for _, value in known], codes


def _of_arrow(column: pa.ChunkedArray) -> tuple[list[Any], Codes]:
    # Imported where an engine answered: remembered sums are read without it.
    import pyarrow as pa

    if pa.types.is_nested(column.type) or pa.types.is_floating(column.type):
        return _coded(column.to_pylist())
    coded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    return coded.dictionary.to_pylist(), coded.indices.to_numpy().astype(np.intp)
