"""Answers that merge: sums by group, added over partitions and rolled up to coarser groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from headway.aggregates.matching import same
from headway.aggregates.request import Key, Request, Term
from headway.kernel.money import ZERO, add

Group: TypeAlias = tuple[Any, ...]
Column: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums by group.

    Attributes:
        keys: what the groups are by.
        groups: one tuple of key values per group, no two equal.
        values: per term an array in the order of `groups`: floats for ``sum``, integers for ``count``,
            objects (Decimal, moments in UTC) for ``total``, ``min`` and ``max``.
        shift: the constant each column was shifted by before its sums.
        excluded: per column, how many values were not finite numbers and were left out.
        strange: the same by group, where the engine counted them.
        lost: columns whose values hold too few digits for their variance, whatever the shift (HW410).
    """

    keys: tuple[Key, ...]
    groups: tuple[Group, ...]
    values: Mapping[Term, Column]
    shift: Mapping[str, float] = field(default_factory=dict)
    excluded: Mapping[str, int] = field(default_factory=dict)
    strange: Mapping[str, Column] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()
    # One answer is rolled up again by every check and estimate that reads it.
    _rolled: dict[tuple[Key, ...], Sums] = field(default_factory=dict, init=False, compare=False, repr=False)

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
        """The same sums by fewer keys, over the groups whose keys have the wanted values.

        Raises:
            ValueError: a key that these sums are not by.
        """
        wanted = tuple(where)
        if wanted:
            return Parted(self).rollup(keys, wanted)
        if keys not in self._rolled:
            self._rolled[keys] = Parted(self).rollup(keys)
        return self._rolled[keys]

    def answer(self, request: Request) -> Sums:
        """The part of these sums that one request asked for."""
        return Parted(self).answer(request)

    def rows(self, at: Column) -> Sums:
        """Some of the groups, in the given order."""
        return replace(
            self,
            groups=tuple(self.groups[i] for i in at.tolist()),
            values={t: c[at] for t, c in self.values.items()},
            strange={c: n[at] for c, n in self.strange.items()},
        )


class Parted:
    """Sums from which many parts are wanted: where the groups of each value lie is looked up once."""

    def __init__(self, sums: Sums) -> None:
        self._sums = sums
        self._places: dict[int, dict[Any, Column]] = {}

    def rollup(self, keys: tuple[Key, ...], where: Iterable[tuple[Key, str]] = ()) -> Sums:
        """As `Sums.rollup`."""
        sums, kept = self._sums, None
        for key, value in where:
            found = self._having(sums.keys.index(key), value)
            kept = found if kept is None else np.intersect1d(kept, found, assume_unique=True)
        positions = [sums.keys.index(key) for key in keys]
        whole = kept is None or len(kept) == len(sums.groups)
        if whole and positions == list(range(len(sums.keys))):
            return sums
        part = sums if kept is None or whole else sums.rows(kept)
        return _gather(keys, [tuple(g[p] for p in positions) for g in part.groups], part)

    def answer(self, request: Request) -> Sums:
        """As `Sums.answer`."""
        sums = self._sums
        columns = {column for term in request.terms for column in term.columns}
        part = Parted(
            replace(
                sums,
                values={t: sums.values[t] for t in request.terms},
                excluded={c: n for c, n in sums.excluded.items() if c in columns},
                strange={c: n for c, n in sums.strange.items() if c in columns},
                lost=sums.lost & columns,
            )
        )
        part._places = self._places
        return part.rollup(request.keys, request.where)

    def _having(self, position: int, wanted: str) -> Column:
        """The groups whose key has a value."""
        if position not in self._places:
            rows: dict[Any, list[int]] = {}
            for i, group in enumerate(self._sums.groups):
                rows.setdefault(_told_apart(group[position]), []).append(i)
            self._places[position] = {v: np.array(at, dtype=np.intp) for v, at in rows.items()}
        known = self._places[position]
        # A text is found by itself; the others are compared one by one.
        found = [at for (kind, v), at in known.items() if kind is not str and same(v, wanted)]
        found += [known[str, wanted]] if (str, wanted) in known else []
        return np.sort(np.concatenate(found)) if found else np.zeros(0, dtype=np.intp)


def _told_apart(value: Any) -> tuple[type, Any]:
    """A value that no other kind of value equals: true is not one."""
    return type(value), value


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
    columns = sorted({c for p in all_parts for c in (*p.excluded, *p.strange)})
    whole = replace(
        first,
        values={t: np.concatenate([p.values[t] for p in all_parts]) for t in first.values},
        excluded={c: sum(p.excluded.get(c, 0) for p in all_parts) for c in columns},
        strange={c: np.concatenate([_strange(p, c) for p in all_parts]) for c in columns},
        lost=frozenset(c for p in all_parts for c in p.lost),
    )
    gathered = _gather(first.keys, [group for part in all_parts for group in part.groups], whole)
    return replace(gathered, excluded=whole.excluded)


def _strange(part: Sums, column: str) -> Column:
    return part.strange.get(column, np.zeros(len(part.groups), dtype=np.int64))


def _gather(keys: tuple[Key, ...], names: Sequence[Group], rows: Sums) -> Sums:
    """Add the rows that have the same name; `rows.values` are in the order of `names`."""
    order: dict[Group, int] = {}
    index = np.array([order.setdefault(name, len(order)) for name in names], dtype=np.intp)
    if len(order) == len(names):
        excluded = {**rows.excluded, **{c: int(n.sum()) for c, n in rows.strange.items()}}
        return replace(rows, keys=keys, groups=tuple(order), excluded=excluded)
    sort = np.argsort(index, kind="stable")
    starts = np.searchsorted(index[sort], np.arange(len(order)))
    values = {t: _reduce(t, c, index, (sort, starts)) for t, c in rows.values.items()}
    strange = {c: _add_up(n, index, len(order)) for c, n in rows.strange.items()}
    excluded = {**rows.excluded, **{c: int(n.sum()) for c, n in strange.items()}}
    return replace(rows, keys=keys, groups=tuple(order), values=values, excluded=excluded, strange=strange)


def _reduce(term: Term, column: Column, index: npt.NDArray[np.intp], runs: tuple[Column, Column]) -> Column:
    size = len(runs[1])
    match term.kind:
        case "count":
            return _add_up(column, index, size)
        case "sum":
            return np.bincount(index, weights=column, minlength=size)
        case "total":
            return _by_run(column, runs, lambda values: add(*values))
        case "min":
            return _by_run(column, runs, lambda values: min(_known(values), default=None))
        case _:
            return _by_run(column, runs, lambda values: max(_known(values), default=None))


def _add_up(column: Column, index: npt.NDArray[np.intp], size: int) -> Column:
    counts = np.zeros(size, dtype=np.int64)
    np.add.at(counts, index, column.astype(np.int64, copy=False))
    return counts


def _by_run(column: Column, runs: tuple[Column, Column], fold: Callable[[Any], Any]) -> Column:
    sort, starts = runs
    made = np.full(len(starts), ZERO, dtype=object)
    for at, values in enumerate(np.split(column[sort], starts[1:]) if len(starts) else ()):
        made[at] = fold(values)
    return made


def _known(values: Column) -> list[Any]:
    return [value for value in values if value is not None]
