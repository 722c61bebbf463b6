"""Ask every source once: fuse the requests, run the queries, hand each request its part of the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from headway.aggregates.engine import Bound, Read, run
from headway.aggregates.fuse import Query, fuse
from headway.aggregates.request import Request
from headway.aggregates.sums import Sums
from headway.kernel.errors import SourceFault

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Answers:
    """What came back: sums per request, the fault of each source that failed, and every query sent."""

    sums: Mapping[Request, Sums]
    faults: Mapping[str, SourceFault]
    reads: tuple[Read, ...]


def ask(requests: Iterable[Request], bound: Mapping[str, Bound], progress: Progress | None = None) -> Answers:
    """Run all requests over the sources that are bound.

    A source that fails loses its own answers only; its fault is kept under its name.
    """
    queries = fuse(r for r in requests if r.source in bound)
    sums: dict[Request, Sums] = {}
    faults: dict[str, SourceFault] = {}
    reads: list[Read] = []
    for at, query in enumerate(queries):
        if progress:
            progress(query.source, at, len(queries))
        if query.source in faults:
            continue
        try:
            answer, read = run(bound[query.source], query)
        except Exception as error:  # noqa: BLE001  every driver raises its own kind; the review must go on
            faults[query.source] = SourceFault(
                "HW306", query.source, _first_line(error), "see what the engine said"
            )
            continue
        reads.append(read)
        _hand_out(query, answer, sums)
    return Answers({r: s for r, s in sums.items() if r.source not in faults}, faults, tuple(reads))


def _hand_out(query: Query, answer: Sums, sums: dict[Request, Sums]) -> None:
    for request in query.answers:
        here = tuple(t for t in request.terms if t in answer.values)
        part = answer.answer(replace(request, terms=here))
        if request in sums:
            part = Sums(
                part.keys, part.groups, {**sums[request].values, **part.values}, part.shift, part.excluded
            )
        sums[request] = part


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
