"""Fuse many requests into as few reads as can answer them all: one per source and chain of grains."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from headway.aggregates.request import Bucket, Key, Request, Term

# Some engines refuse wider answers; the rest of the columns take a second read.
MAX_TERMS = 1600


@dataclass(frozen=True, slots=True)
class Query:
    """One read of one source: the finest grain asked for, and every sum any request wants."""

    source: str
    keys: tuple[Key, ...]
    terms: tuple[Term, ...]
    where: tuple[tuple[str, tuple[str, ...]], ...]
    until: tuple[str, str] | None
    answers: tuple[Request, ...]

    @property
    def serves(self) -> tuple[str, ...]:
        """Who asked, without repeats."""
        return tuple(dict.fromkeys(r.serves for r in self.answers))


def fuse(requests: Iterable[Request]) -> tuple[Query, ...]:
    """Group requests so that each source is read once per chain of nested grains.

    A request whose keys are a subset of another's is answered by rolling the finer answer up, since
    sums merge. Rows are restricted in the engine to the values that anybody asked for; a column that
    restricts one request only becomes a key, so that its rows can be told apart afterwards.
    """
    by_source: dict[tuple[str, tuple[str, str] | None], list[Request]] = {}
    for request in requests:
        by_source.setdefault((request.source, request.until), []).append(request)
    return tuple(
        query for home in sorted(by_source, key=repr) for query in _one_source(home[0], by_source[home])
    )


def _one_source(source: str, requests: Sequence[Request]) -> list[Query]:
    restricting = {column for r in requests for column, _ in r.where}
    chains: list[tuple[frozenset[Key], list[Request]]] = []
    for request in sorted(requests, key=lambda r: (-len(_grain(r)), r.digest)):
        grain = _grain(request)
        home = next((members for keys, members in chains if grain <= keys and _like(grain, keys)), None)
        if home is None:
            chains.append((grain, [request]))
        else:
            home.append(request)
    return [q for keys, members in chains for q in _queries(source, keys, members, restricting)]


def _like(grain: frozenset[Key], keys: frozenset[Key]) -> bool:
    """Histograms are answered apart: rolled up from their buckets, plain sums would lose nothing but time."""
    return any(isinstance(k, Bucket) for k in grain) == any(isinstance(k, Bucket) for k in keys)


def _grain(request: Request) -> frozenset[Key]:
    return frozenset(request.keys) | frozenset(column for column, _ in request.where)


def _queries(source: str, keys: frozenset[Key], members: list[Request], restricting: set[str]) -> list[Query]:
    wanted: dict[str, set[str]] = {}
    for column in restricting:
        if all(column in dict(r.where) for r in members):
            wanted[column] = {dict(r.where)[column] for r in members}
    where = tuple((column, tuple(sorted(values))) for column, values in sorted(wanted.items()))
    terms = tuple(sorted({t for r in members for t in r.terms}))
    ordered = tuple(sorted(keys, key=repr))
    chunks = [terms[i : i + MAX_TERMS] for i in range(0, len(terms), MAX_TERMS)] or [()]
    return [Query(source, ordered, chunk, where, members[0].until, tuple(members)) for chunk in chunks]
