"""Ask every source: is it there, how many rows, how new, and does it keep its fact's contract."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from headway.aggregates.engine import Bound
from headway.aggregates.memory import Memory
from headway.app.doctor_finding import Finding, of_diagnostic
from headway.app.doctor_telemetry import rungs_of
from headway.evidence.remarks import remarks_of, twice
from headway.facts import EVENT_FACTS, FACTS, PAST_ESTIMATE
from headway.kernel.errors import SourceFault, scrub
from headway.kernel.identity import Json, instant
from headway.portfolio.load import Portfolio
from headway.sources.base import Context, bind

_PATHS = {
    "HW301": "path",
    "HW303": "columns",
    "HW305": "sql",
    "HW307": "engine",
    "HW310": "engine",
    "HW352": "digest",
}


_WORST = {"wrong": 0, "warning": 1, "note": 2}


@dataclass(frozen=True, slots=True)
class Looked:
    """A source as it answered.

    Attributes:
        name: as declared.
        kind: of system.
        fact: it fills.
        rows: how many it has; None where it did not answer.
        newest: the newest moment of the fact's time; None where nothing dates its rows.
        age_days: whole days from then to now.
        columns: columns of the contract that it has.
        lacks: columns of the contract that it may have and has not.
        more: further columns.
        noted: what a person may want to know of its rows, in words by heading.
        findings: what is to be said of it; the first is the worst.
    """

    name: str
    kind: str
    fact: str
    rows: int | None = None
    newest: datetime | None = None
    age_days: int | None = None
    columns: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    noted: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = field(default=())

    def as_json(self) -> dict[str, Json]:
        """As plain JSON."""
        return {
            "name": self.name,
            "kind": self.kind,
            "fact": self.fact,
            "rows": self.rows,
            "newest": instant(self.newest) if self.newest else None,
            "age_days": self.age_days,
            "columns": list(self.columns),
            "lacks": list(self.lacks),
            "more": list(self.more),
            "noted": dict(self.noted),
            "findings": [f.as_json() for f in self.findings],
        }


def look(
    portfolio: Portfolio,
    at: datetime,
    store: Path,
    memory: Memory,
    progress: Callable[[str, int, int], None] | None = None,
) -> Iterator[Looked]:
    """Ask every declared source, one after the other; one that fails costs no other.

    Args:
        portfolio: what was declared.
        at: now; rows after it are of the future.
        store: where digests of files are remembered.
        memory: what was found out before.
        progress: told of each source as it is asked.
    """
    every = portfolio.sources.items()
    earlier: list[Bound] = []
    with closing(Context(portfolio.root, instant(at), dict(os.environ), store, memory)) as context:
        for index, (name, declared) in enumerate(every):
            if progress:
                progress(name, index, len(every))
            context.folder = portfolio.beside("source", name, "")
            try:
                bound = bind(declared, context)
                yield _looked(portfolio, bound, declared.kind, at, earlier)
                earlier.append(bound)
            except SourceFault as fault:
                yield Looked(name, declared.kind, declared.fact, findings=(_wrong(portfolio, name, fault),))
            except Exception as error:  # noqa: BLE001  every driver raises its own kind; the next source is asked
                first = (str(error).strip().splitlines() or [type(error).__name__])[0]
                said = SourceFault("HW306", name, scrub(first), "see what the engine said")
                yield Looked(name, declared.kind, declared.fact, findings=(_wrong(portfolio, name, said),))


def _wrong(portfolio: Portfolio, name: str, fault: SourceFault) -> Finding:
    path = (_PATHS[fault.code],) if fault.code in _PATHS else ()
    if path == ("engine",) and portfolio.sources[name].url:
        path = ("url",)
    place = str(portfolio.place("source", name, *path))
    return Finding("source", name, "wrong", fault.happened, fault.mend, fault.code, place)


def _looked(portfolio: Portfolio, bound: Bound, kind: str, at: datetime, earlier: Sequence[Bound]) -> Looked:
    contract = [c.name for c in FACTS[bound.fact.name].contract(summed=bound.summed)]
    try:
        rows, newest = bound.rows, bound.newest or _newest(bound)
        rungs = tuple(rungs_of(portfolio, bound))
    except SourceFault:
        raise
    except Exception as error:
        # The source knows how to say it without its secrets.
        raise bound.fault(bound.source, error) from error
    told = (*remarks_of(portfolio, {bound.source: bound}), *twice(portfolio, bound, earlier))
    said = (of_diagnostic("source", bound.source, replace(d, what=d.what.partition(": ")[2])) for d in told)
    return Looked(
        bound.source,
        kind,
        bound.fact.name,
        rows,
        newest,
        (at - newest).days if newest else None,
        tuple(c for c in contract if c in bound.columns),
        tuple(c for c in contract if c not in bound.columns),
        tuple(c for c in bound.columns if c not in contract),
        bound.noted,
        tuple(
            sorted(
                (*rungs, *_findings(portfolio, bound, rows, newest, at), *said),
                key=lambda f: _WORST.get(f.state, len(_WORST)),
            )
        ),
    )


def _newest(bound: Bound) -> datetime | None:
    """The newest moment, asked of the engine where nothing remembers it."""
    time = bound.fact.time
    if not time or time not in bound.columns:
        return None
    from headway.aggregates.read import in_utc

    table = bound.opened.table
    answer = bound.opened.engine.fetch(table.aggregate(newest=table[time].max()))
    found = in_utc(answer.column("newest")[0].as_py())
    return found if isinstance(found, datetime) else None


def _findings(
    portfolio: Portfolio, bound: Bound, rows: int, newest: datetime | None, at: datetime
) -> Iterator[Finding]:
    name, place = bound.source, str(portfolio.place("source", bound.source))
    if newest and newest > at:
        what = f"its newest row is of {newest.date()}, which is to come"
        mend = "see whether the clock and the time zone of the system that writes it are right"
        yield Finding("source", name, "warning", what, mend, "HW312", place)
    if not rows:
        yield Finding(
            "source", name, "warning", "it holds no row", "see whether it is filled, and with what", "", place
        )
    elif not _used(portfolio, name, bound.fact.name):
        yield Finding("source", name, "note", "nothing reads it", _use(bound.fact.name, name), "", place)


def _used(portfolio: Portfolio, name: str, fact: str) -> bool:
    pilots = any(i.pilot and i.pilot.source == name for i in portfolio.initiatives.values())
    if fact in EVENT_FACTS:
        return any(i.pilot and i.pilot.over_events for i in portfolio.initiatives.values())
    if fact == PAST_ESTIMATE.name:
        return any(i.pilot for i in portfolio.initiatives.values())
    return (
        fact in ("cost", "commitment")
        or pilots
        or any(c.usage == name for c in portfolio.components.values())
    )


def _use(fact: str, name: str) -> str:
    if fact == "usage":
        return f"write usage: {name} in the component that it meters"
    if fact == PAST_ESTIMATE.name:
        return "declare a pilot whose effect shall be held against them"
    if fact in EVENT_FACTS:
        return "write window: {length: 14d} under the pilot that shall be read from it, and no source"
    return f"write source: {name} under pilot of the initiative whose units it holds"
