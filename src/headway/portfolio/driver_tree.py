"""The tree from outcomes to the lines of the P&L, and how well each path of it is founded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from headway.kernel.estimate import Grade, worst
from headway.portfolio.load import Portfolio
from headway.portfolio.outcome import Drive, Outcome

# A longer chain of claims is told as a story, not walked as arithmetic.
MOST_EDGES = 6


@dataclass(frozen=True, slots=True)
class Edge:
    """One step: from an outcome along one of its drives (the `index`-th as written)."""

    outcome: str
    index: int
    drive: Drive

    @property
    def grade(self) -> Grade:
        """A for arithmetic; C for a causal claim that finance attested; D for any other."""
        if self.drive.kind == "identity":
            return Grade.A
        attested = self.drive.kind == "causal" and self.drive.attested_by is not None
        return Grade.C if attested else Grade.D


@dataclass(frozen=True, slots=True)
class DriverPath:
    """A way from an outcome to a P&L line; it is as good as its worst edge."""

    edges: tuple[Edge, ...]
    line: str
    grade: Grade


def paths_to_lines(portfolio: Portfolio, outcome: str) -> tuple[DriverPath, ...]:
    """Every way from an outcome to a P&L line in at most six edges, no outcome twice, best grade first."""
    found = (
        DriverPath(edges, line, worst(Grade.A, *(e.grade for e in edges)))
        for edges, line in _walk(portfolio.outcomes, outcome, ())
    )
    return tuple(sorted(found, key=lambda p: (p.grade, len(p.edges), p.line)))


def edges_of(outcomes: Mapping[str, Outcome], name: str) -> tuple[Edge, ...]:
    """The drives of an outcome, as edges."""
    known = outcomes.get(name)
    return tuple(Edge(name, i, d) for i, d in enumerate(known.drives)) if known else ()


def shortest(
    outcomes: Mapping[str, Outcome], start: str, usable: Callable[[Edge], bool] = lambda _: True
) -> tuple[Edge, ...] | None:
    """The shortest way to a P&L line over usable edges, at most six; None when there is none."""
    ways: dict[str, tuple[Edge, ...]] = {start: ()}
    queue = [start]
    for name in queue:
        known, way = outcomes.get(name), ways[name]
        if known and known.line is not None:
            return way
        for edge in edges_of(outcomes, name) if len(way) < MOST_EDGES else ():
            if edge.drive.to not in ways and usable(edge):
                ways[edge.drive.to] = (*way, edge)
                queue.append(edge.drive.to)
    return None


def reachable(outcomes: Mapping[str, Outcome], start: str) -> frozenset[str]:
    """Every name that an outcome leads to, itself included, declared or not."""
    seen, queue = {start}, [start]
    for name in queue:
        new = {edge.drive.to for edge in edges_of(outcomes, name)} - seen
        seen |= new
        queue += sorted(new)
    return frozenset(seen)


def _walk(
    outcomes: Mapping[str, Outcome], name: str, edges: tuple[Edge, ...]
) -> Iterator[tuple[tuple[Edge, ...], str]]:
    known = outcomes.get(name)
    if known is None:
        return
    if known.line is not None:
        yield edges, name
    if len(edges) == MOST_EDGES:
        return
    passed = {name, *(e.outcome for e in edges)}
    for edge in edges_of(outcomes, name):
        if edge.drive.to not in passed:
            yield from _walk(outcomes, edge.drive.to, (*edges, edge))
