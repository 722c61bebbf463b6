"""Fuse many requests into as few reads as can answer them all: one per source and chain of grains."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from headway.aggregates.matching import texts
from headway.aggregates.request import Bucket, Key, Request, Term


@dataclass(frozen=True, slots=True)
class Query:
    """One read of one source: the finest grain asked for, and every sum any request wants."""

    source: str
    keys: tuple[Key, ...]
    terms: tuple[Term, ...]
    where: tuple[tuple[str, tuple[str, ...]], ...]
    until: tuple[str, str] | None
    answers: tuple[Request, ...]
    since: tuple[str, str] | None = None
    each: str = ""

    @property
    def serves(self) -> tuple[str, ...]:
        """Who asked, without repeats."""
        return tuple(dict.fromkeys(r.serves for r in self.answers))


def fuse(requests: Iterable[Request]) -> tuple[Query, ...]:
    """Group requests so that each source is read once per chain of nested grains.

    A request whose keys are a subset of another's is answered by rolling the finer answer up, since
    sums merge. Rows are restricted in the engine to the values that everybody asked for; a column that
    restricts any request becomes a key, so that its rows can be told apart afterwards.
    """
    by_source: dict[tuple[object, ...], list[Request]] = {}
    for request in requests:
        home = (request.source, request.until, request.since, request.each)
        by_source.setdefault(home, []).append(request)
    return tuple(_query(chain) for home in sorted(by_source, key=repr) for chain in _chains(by_source[home]))


def _chains(requests: Sequence[Request]) -> list[list[Request]]:
    """Requests that one read can answer, the finest first."""
    chains: list[list[Request]] = []
    for request in sorted(requests, key=lambda r: (-len(set(r.keys)), r.digest)):
        home = next((c for c in chains if set(request.keys) <= _grain(c) and _alike(request, c[0])), None)
        if home is None:
            chains.append([request])
        else:
            home.append(request)
    return chains


def _grain(members: Iterable[Request]) -> set[Key]:
    return {key for r in members for key in (*r.keys, *(column for column, _ in r.where))}


def _alike(one: Request, other: Request) -> bool:
    """Histograms are answered apart: plain sums rolled up from thousands of buckets would cost their time."""
    return any(isinstance(k, Bucket) for k in one.keys) == any(isinstance(k, Bucket) for k in other.keys)


def _query(members: list[Request]) -> Query:
    wanted = [dict(r.where) for r in members]
    shared = sorted(set.intersection(*(set(w) for w in wanted)))
    return Query(
        source=members[0].source,
        keys=tuple(sorted(_grain(members), key=repr)),
        terms=tuple(sorted({t for r in members for t in r.terms})),
        where=tuple(
            (column, tuple(sorted({v for w in wanted for v in texts(w[column])}))) for column in shared
        ),
        until=members[0].until,
        answers=tuple(members),
        since=members[0].since,
        each=members[0].each,
    )
