"""Usage from Prometheus, or whatever speaks its API: whole days are asked for once, then kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from headway.aggregates.engine import Bound
from headway.facts import FACTS
from headway.facts.rungs import RAISE
from headway.kernel.clock import now
from headway.kernel.diagnostic import Remark
from headway.kernel.errors import SourceFault
from headway.kernel.identity import Json, digest
from headway.portfolio.source import Source
from headway.sources.base import Context
from headway.sources.kept_days import KeptDay, KeptDays, days_folder
from headway.sources.secrets import Revealed, reveal

if TYPE_CHECKING:
    from headway.sources.telemetry_rows import Reader, Rows

_DAY = 86_400
_SHOWN = 8
# The server refuses more than 11,000 points of a series.
_MOST_POINTS = 10_000
# Bytes of an answer from which on days are asked for one by one.
_SMALL = 4_000_000
_PURGE = "run `headway purge --older-than 0d`, then review again"


@dataclass(frozen=True, slots=True)
class _Span:
    """A day, or what there is of it: the seconds at which it starts and ends, and whether it is over."""

    start: int
    end: int
    over: bool

    @property
    def day(self) -> str:
        return datetime.fromtimestamp(self.start, UTC).date().isoformat()


@dataclass(frozen=True, slots=True)
class _Said:
    """What the server said beside its answers, and the labels of series that name no workload."""

    warnings: tuple[str, ...] = ()
    unlabelled: tuple[str, ...] = ()


def bind_prometheus(declared: Source, context: Context) -> Bound:
    """Bind a window of a Prometheus server.

    Raises:
        SourceFault: HW306 it does not answer; HW307, HW310 a secret; HW347 a query is refused, or an answer
            is not whole.
    """
    url = reveal(declared.url or "", declared.source, context.environment)
    token = reveal(declared.token, declared.source, context.environment) if declared.token else None
    asked = _asked(declared, url)
    folder = days_folder(context.store)
    days = KeptDays(folder / digest(asked)[:24] if folder else None)
    held: dict[Path, KeptDay] = {}
    said = _Said()
    missing: list[_Span] = []
    for span in spans(declared, datetime.fromisoformat(context.as_of), now()):
        kept = days.get(span.day) if span.over and not context.memory.blind else None
        if kept:
            held[kept[0]] = kept[1]
        else:
            missing.append(span)
    with closing(days):
        if missing:
            with closing(_Fetching(declared, context, days, url, token)) as fetching:
                held |= dict(fetching.fetched(missing))
                said = fetching.said
    return _bound(declared, context, asked, dict(sorted(held.items(), key=lambda one: one[0].name)), said)


def spans(declared: Source, as_of: datetime, today: datetime) -> Iterator[_Span]:
    """The days of the window of a source, the oldest first; the last may not be over.

    A day that is over is asked for whole, whatever moment is judged: rows after it are left out later.
    """
    step, clock = int(declared.step.total_seconds()), int(today.timestamp())
    last = min(int(as_of.timestamp()), clock)
    first = declared.since or (as_of - declared.history).astimezone(UTC).date()
    start = int(datetime.combine(first, time.min, UTC).timestamp())
    while start < last:
        over = start + _DAY + int(declared.lag.total_seconds()) <= clock
        end = start + _DAY if over else min(start + _DAY, last // step * step)
        if end > start:
            yield _Span(start, end, over)
        start += _DAY


def _in_a_row(spans: Sequence[_Span], most: int) -> list[_Span]:
    """The first of them and those that follow it without a gap, up to so many."""
    found = [spans[0]]
    for span in spans[1:most]:
        if span.start != found[-1].end:
            break
        found.append(span)
    return found


def _asked(declared: Source, url: Revealed) -> dict[str, Json]:
    """What names the question: who is asked, and for what."""
    from headway.sources.profiles import profile_of

    profile = profile_of(declared.profile).model_dump(mode="json") if declared.profile else None
    return {
        "url": digest(url.text),
        "profile": profile,
        "queries": [q.model_dump(mode="json") for q in declared.queries],
        "step": int(declared.step.total_seconds()),
        "match": dict(declared.match),
        "workload": list(declared.workload),
        "holder": declared.holder,
        "watts": [declared.watts.idle, declared.watts.full],
        "input_includes_cache": declared.input_includes_cache,
    }


class _Fetching:
    """Asks for the days that are not kept, over one connection."""

    def __init__(
        self, declared: Source, context: Context, days: KeptDays, url: Revealed, token: Revealed | None
    ) -> None:
        from headway.sources.http_json import Server
        from headway.sources.profiles import profile_of
        from headway.sources.prometheus_client import Prometheus
        from headway.sources.telemetry_rows import Reader

        self._declared, self._context, self._days = declared, context, days
        self._step = int(declared.step.total_seconds())
        self._server = Server(declared.source, url, token)
        profile = profile_of(declared.profile) if declared.profile else None
        self._reader: Reader = Reader(declared, profile, Prometheus(self._server).query_range)

    def fetched(self, spans: Sequence[_Span]) -> Iterator[tuple[Path, KeptDay]]:
        """The file of each day with what is in it; none of a day without rows, which is asked for again.

        Days are asked for together while answers stay small: each question costs its way there and back.
        """
        left, together = list(spans), 1
        most = max(1, _MOST_POINTS * self._step // _DAY)
        while left:
            batch = _in_a_row(left, min(together, most))
            left = left[len(batch) :]
            yield from self._batch(batch)
            together = together * 4 if self._server.largest < _SMALL else 1

    def _batch(self, batch: Sequence[_Span]) -> Iterator[tuple[Path, KeptDay]]:
        from headway.sources.http_json import TooMuch
        from headway.sources.telemetry_rows import Bins

        self._reader.bare = self._reader.warned = False
        try:
            rows = self._reader.rows(
                Bins(batch[0].start, self._step, self._bins(batch[0].start, batch[-1].end))
            )
        except TooMuch:
            what = f"one bin of {batch[0].day} is more than one answer may hold"
            mend = "narrow `match`, or declare one source per cluster"
            raise SourceFault("HW347", self._declared.source, what, mend) from None
        for span in batch:
            bins = Bins(span.start, self._step, self._bins(span.start, span.end))
            found = [part for one in rows if not (part := one.within(bins)).is_empty]
            if found:
                yield self._written(span, found)

    def _written(self, span: _Span, rows: list[Rows]) -> tuple[Path, KeptDay]:
        from headway.sources.usage_table import write

        file = self._context.scratch / f"{span.day}-{digest(self._declared.source)[:12]}.parquet"
        found = write(rows, file, held=bool(self._declared.holder))
        found = replace(found, unlabelled=self._reader.others if self._reader.bare else ())
        # A server that warns may have left something out.
        whole = span.over and not self._reader.warned
        return self._days.put(span.day, found, file) if whole else file, found

    def _bins(self, start: int, end: int) -> int:
        return (end - start) // self._step

    @property
    def said(self) -> _Said:
        """What was said beside the answers."""
        return _Said(tuple(self._reader.warnings), self._reader.others)

    def close(self) -> None:
        """Let go of the connection."""
        self._server.close()


def _bound(declared: Source, context: Context, asked: Json, held: dict[Path, KeptDay], said: _Said) -> Bound:
    from headway.sources.usage_table import PRESENT, TYPES, Opening, chosen, moment

    rungs = chosen(held.values())
    dropped = sorted({one for day in held.values() for one in _dropped(day, rungs)})
    parts = {str(file): digest([day.digest, sorted(_dropped(day, rungs))]) for file, day in held.items()}
    files = list(held) or [_nothing(declared, context)]
    types = {**TYPES, "holder": "string"} if declared.holder else TYPES
    newest = max((day.newest for day in held.values()), default=0)
    return Bound(
        source=declared.source,
        fact=FACTS[declared.fact],
        summed=False,
        types=types,
        digest=digest([asked, list(parts.values())]),
        opening=Opening(declared, files, context, dropped),
        present=PRESENT,
        counted=None if dropped else sum(day.rows for day in held.values()),
        newest=moment(newest) if newest else None,
        parts=parts,
        fault=_fault,
        remarks=tuple(_remarks(declared, held.values(), said)),
    )


def _dropped(day: KeptDay, rungs: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Workloads of a day with the rungs that they are not read by: series of two rungs are never joined."""
    for rung, workloads in day.rungs.items():
        yield from ((workload, rung) for workload in workloads if rungs[workload] != rung)


def _nothing(declared: Source, context: Context) -> Path:
    """A file without rows: a table needs its columns."""
    from headway.sources.usage_table import write

    file = context.scratch / f"none-{digest(declared.source)[:12]}.parquet"
    write([], file, held=bool(declared.holder))
    return file


def _remarks(declared: Source, days: Collection[KeptDay], said: _Said) -> Iterator[Remark]:
    from headway.sources.profiles import profile_of
    from headway.sources.telemetry_rows import NAME

    unlabelled = sorted({label for day in days for label in day.unlabelled} | set(said.unlabelled))
    if unlabelled:
        labels = declared.workload or (profile_of(declared.profile).workload if declared.profile else ())
        near = [f"exported_{one}" if f"exported_{one}" in unlabelled else one for one in labels]
        shown = [label for label in unlabelled if label != NAME]
        theirs = f"; theirs are: {_few(shown)}" if shown else ""
        what = f"series without the labels {', '.join(labels)} are left out{theirs}"
        mend = f"write workload: [{', '.join(near)}], or other labels that name what holds it"
        yield Remark("HW370", what, mend)
    for warning in said.warnings:
        yield Remark("HW371", f"it says: {warning}", "see whether a store behind it is down")
    clipped = sum(day.clipped for day in days)
    if clipped:
        what = f"more use than there is, as under MIG, in {clipped} bins; each counts as all of it"
        yield Remark("HW349", what, "none is needed, unless a unit is not what it should be")
    if declared.profile == "dcgm" and not unlabelled and not any("gpu" in day.names for day in days):
        yield Remark("HW348", "no metric of the ladder R1 to R4 tells how busy a GPU is", RAISE)


def _few(words: list[str]) -> str:
    return ", ".join(words[:_SHOWN]) + (" ..." if len(words) > _SHOWN else "")


def _fault(source: str, error: Exception) -> SourceFault:
    """What DuckDB says of the days that are kept; it names paths of this machine, which are not repeated."""
    what = f"what is kept of its earlier days cannot be read ({type(error).__name__})"
    return SourceFault("HW302", source, what, _PURGE)
