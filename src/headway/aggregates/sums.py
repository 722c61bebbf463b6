"""Answers that merge: sums by group, added over partitions and rolled up to coarser groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from headway.aggregates.request import Key, Request, Term
from headway.kernel.money import add

Group: TypeAlias = tuple[Any, ...]
Column: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums by group.

    Attributes:
        keys: what the groups are by.
        groups: one tuple of key values per group, no two equal.
        values: per term an array in the order of `groups`: floats for ``sum``, integers for ``count``,
            objects (Decimal, moments) for ``total``, ``min`` and ``max``.
        shift: the constant each column was shifted by before its sums.
        excluded: values of a column that were not finite numbers, and were left out.
    """

    keys: tuple[Key, ...]
    groups: tuple[Group, ...]
    values: Mapping[Term, Column]
    shift: Mapping[str, float] = field(default_factory=dict)
    excluded: Mapping[str, int] = field(default_factory=dict)

    def __getitem__(self, term: Term) -> Column:
        return self.values[term]

    def row(self, group: Group) -> dict[Term, Any]:
        """All sums of one group.

        Raises:
            ValueError: no such group.
        """
        at = self.groups.index(group)
        return {term: column[at] for term, column in self.values.items()}

    def column(self, key: Key) -> list[Any]:
        """The value of one key in every group."""
        at = self.keys.index(key)
        return [group[at] for group in self.groups]

    def rollup(self, keys: tuple[Key, ...], where: Iterable[tuple[Key, str]] = ()) -> Sums:
        """The same sums by fewer keys, over the groups whose keys have the wanted values."""
        wanted = [(self.keys.index(key), value) for key, value in where]
        kept = [i for i, g in enumerate(self.groups) if all(str(g[at]) == value for at, value in wanted)]
        positions = [self.keys.index(key) for key in keys]
        if len(kept) == len(self.groups) and positions == list(range(len(self.keys))):
            return self
        names = [tuple(self.groups[i][p] for p in positions) for i in kept]
        return _gather(keys, names, {t: c[kept] for t, c in self.values.items()}, self)

    def answer(self, request: Request) -> Sums:
        """The part of these sums that one request asked for."""
        rolled = self.rollup(request.keys, request.where)
        return Sums(
            rolled.keys,
            rolled.groups,
            {t: rolled.values[t] for t in request.terms},
            self.shift,
            self.excluded,
        )


def merge(parts: Iterable[Sums]) -> Sums:
    """Add the sums of disjoint sets of rows.

    Raises:
        ValueError: no part, or parts with different keys, terms or shifts (they do not add).
    """
    all_parts = list(parts)
    if not all_parts:
        message = "nothing to merge"
        raise ValueError(message)
    first = all_parts[0]
    for part in all_parts[1:]:
        if part.keys != first.keys or set(part.values) != set(first.values) or part.shift != first.shift:
            message = "sums by other keys, of other terms or with another shift do not add"
            raise ValueError(message)
    names = [group for part in all_parts for group in part.groups]
    values = {t: np.concatenate([p.values[t] for p in all_parts]) for t in first.values}
    excluded = {
        c: sum(p.excluded.get(c, 0) for p in all_parts)
        for c in sorted({c for p in all_parts for c in p.excluded})
    }
    gathered = _gather(first.keys, names, values, first)
    return Sums(gathered.keys, gathered.groups, gathered.values, first.shift, excluded)


def _gather(keys: tuple[Key, ...], names: list[Group], values: Mapping[Term, Column], like: Sums) -> Sums:
    order: dict[Group, int] = {}
    index = np.array([order.setdefault(name, len(order)) for name in names], dtype=np.intp)
    size = len(order)
    return Sums(
        keys,
        tuple(order),
        {t: _reduce(t, c, index, size) for t, c in values.items()},
        like.shift,
        like.excluded,
    )


def _reduce(term: Term, column: Column, index: npt.NDArray[np.intp], size: int) -> Column:
    match term.kind:
        case "count":
            counts = np.zeros(size, dtype=np.int64)
            np.add.at(counts, index, column)
            return counts
        case "sum":
            return np.bincount(index, weights=column, minlength=size)
        case "total":
            totals: list[Decimal] = [Decimal(0)] * size
            for at, value in zip(index, column, strict=True):
                totals[at] = add(totals[at], value)
            return np.array(totals, dtype=object)
        case _:
            pick = min if term.kind == "min" else max
            ends: list[Any] = [None] * size
            for at, value in zip(index, column, strict=True):
                if value is not None:
                    ends[at] = value if ends[at] is None else pick(ends[at], value)
            return np.array(ends, dtype=object)
