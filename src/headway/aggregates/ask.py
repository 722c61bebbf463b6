"""Ask every source once: fuse the requests, run the queries, hand each request its part of the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from headway.aggregates.digits import far_off
from headway.aggregates.engine import Bound, Read
from headway.aggregates.fuse import Query, fuse
from headway.aggregates.memory import Memory
from headway.aggregates.remember import remembered
from headway.aggregates.request import Request
from headway.aggregates.sums import Parted, Sums
from headway.kernel.errors import SourceFault

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Answers:
    """What came back: sums per request, the fault of each source that failed, and every query sent."""

    sums: Mapping[Request, Sums]
    faults: Mapping[str, SourceFault]
    reads: tuple[Read, ...]

    def and_more(self, later: Answers) -> Answers:
        """These answers and later ones; a source that failed later loses its earlier answers too."""
        faults = {**self.faults, **later.faults}
        sums = {r: s for r, s in {**self.sums, **later.sums}.items() if r.source not in faults}
        return Answers(sums, faults, (*self.reads, *later.reads))


def ask(
    requests: Iterable[Request],
    bound: Mapping[str, Bound],
    progress: Progress | None = None,
    memory: Memory | None = None,
) -> Answers:
    """Run all requests over the sources that are bound.

    What was asked of the same content before is remembered, and not read again. A source that fails, or
    changes while it is read, loses its own answers only; its fault is kept under its name.
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
        source = bound[query.source]
        try:
            for answers, read in _answered(source, query, memory or Memory()):
                sums |= answers
                reads.append(read)
            source.unchanged()
        except SourceFault as fault:
            faults[query.source] = fault
        except Exception as error:  # noqa: BLE001  every driver raises its own kind; the review must go on
            faults[query.source] = source.fault(query.source, error)
    return Answers({r: s for r, s in sums.items() if r.source not in faults}, faults, tuple(reads))


def _answered(bound: Bound, query: Query, memory: Memory) -> Iterator[tuple[dict[Request, Sums], Read]]:
    """The answers to a query; a request whose rows lie far from all the others' is asked again, alone."""
    whole, read = remembered(bound, query, memory)
    parted = Parted(whole)
    answers = {request: parted.answer(request) for request in dict.fromkeys(query.answers)}
    yield answers, read
    apart = [request for request, sums in answers.items() if request.where and far_off(sums)]
    if len(answers) > 1:
        for request in apart:
            (alone,) = fuse([request])
            own, read = remembered(bound, alone, memory)
            yield {request: own.answer(request)}, read
