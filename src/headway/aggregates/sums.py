"""Answers that merge: sums by group, added over partitions and rolled up to coarser groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from headway.aggregates.groups import Group, Groups
from headway.aggregates.matching import same, texts
from headway.aggregates.request import Key, Request, Term
from headway.kernel.money import ZERO, add

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
    groups: Sequence[Group]
    values: Mapping[Term, Column]
    shift: Mapping[str, float] = field(default_factory=dict)
    excluded: Mapping[str, int] = field(default_factory=dict)
    strange: Mapping[str, Column] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()
    # One answer is rolled up again by every check and estimate that reads it.
    _rolled: dict[tuple[Key, ...], Sums] = field(default_factory=dict, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Keep the groups as columns, however they were given."""
        object.__setattr__(self, "groups", Groups.of(self.groups, len(self.keys)))

    def __getitem__(self, term: Term) -> Column:
        return self.values[term]

    @property
    def columns(self) -> Groups:
        """The groups as columns of codes, for what reads many of them."""
        return Groups.of(self.groups, len(self.keys))

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
        level = self.columns.levels[at]
        return [level[code] for code in self.columns.codes[at].tolist()]

    def rollup(self, keys: tuple[Key, ...], where: Iterable[tuple[Key, str | tuple[str, ...]]] = ()) -> Sums:
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
            groups=self.columns.take(at),
            values={t: c[at] for t, c in self.values.items()},
            strange={c: n[at] for c, n in self.strange.items()},
        )


class Parted:
    """Sums from which many parts are wanted: where the groups of each value lie is looked up once."""

    def __init__(self, sums: Sums) -> None:
        self._sums = sums
        self._places: dict[int, tuple[Column, Column]] = {}

    def rollup(self, keys: tuple[Key, ...], where: Iterable[tuple[Key, str | tuple[str, ...]]] = ()) -> Sums:
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
        return _gather(keys, part.columns.chosen(positions), part)

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

    def _having(self, position: int, wanted: str | tuple[str, ...]) -> Column:
        """The groups whose key has a value, or one of several."""
        groups = self._sums.columns
        level = groups.levels[position]
        if position not in self._places:
            order = np.argsort(groups.codes[position], kind="stable")
            starts = np.searchsorted(groups.codes[position][order], np.arange(len(level) + 1))
            self._places[position] = (order, starts)
        order, starts = self._places[position]
        names = frozenset(texts(wanted))
        # A text is looked up; a number may be written in many ways, so it is compared.
        has = [v in names if isinstance(v, str) else any(same(v, w) for w in names) for v in level]
        found = [order[starts[i] : starts[i + 1]] for i, here in enumerate(has) if here]
        return np.sort(np.concatenate(found)) if found else np.zeros(0, dtype=np.intp)


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
    gathered = _gather(first.keys, Groups.joined([part.columns for part in all_parts]), whole)
    return replace(gathered, excluded=whole.excluded)


def _strange(part: Sums, column: str) -> Column:
    return part.strange.get(column, np.zeros(len(part.groups), dtype=np.int64))


def _gather(keys: tuple[Key, ...], names: Groups, rows: Sums) -> Sums:
    """Add the rows that have the same name; `rows.values` are in the order of `names`."""
    first, index = names.different()
    if len(first) == len(names):
        excluded = {**rows.excluded, **{c: int(n.sum()) for c, n in rows.strange.items()}}
        return replace(rows, keys=keys, groups=names, excluded=excluded)
    sort = np.argsort(index, kind="stable")
    starts = np.searchsorted(index[sort], np.arange(len(first)))
    values = {t: _reduce(t, c, index, (sort, starts)) for t, c in rows.values.items()}
    strange = {c: _add_up(n, index, len(first)) for c, n in rows.strange.items()}
    excluded = {**rows.excluded, **{c: int(n.sum()) for c, n in strange.items()}}
    groups = names.take(first)
    return replace(rows, keys=keys, groups=groups, values=values, excluded=excluded, strange=strange)


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
            return _ends(column, runs, np.fmin, min)
        case _:
            return _ends(column, runs, np.fmax, max)


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


def _ends(column: Column, runs: tuple[Column, Column], quick: np.ufunc, fold: Callable[..., Any]) -> Column:
    """The ends of runs; those of numbers at once."""
    kinds = {type(v) for v in column.tolist()}
    if kinds != {float}:
        return _by_run(column, runs, lambda values: fold(_known(values), default=None))
    sort, starts = runs
    made = np.empty(len(starts), dtype=object)
    made[:] = quick.reduceat(column.astype(float)[sort], starts).tolist()
    return made


def _known(values: Column) -> list[Any]:
    return [value for value in values if value is not None]
