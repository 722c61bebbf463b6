"""The measure ``utilisation``: how much of what was granted is used, and how much of the time nothing is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np

from headway.aggregates.engine import Bound
from headway.aggregates.request import (
    UNDERFLOW_BUCKET,
    ZERO_BUCKET,
    Bucket,
    Request,
    count,
    greatest,
    least,
    total,
)
from headway.aggregates.sums import Sums
from headway.facts.rungs import grade_by, lowest
from headway.kernel.estimate import Estimate
from headway.kernel.identity import instant
from headway.measures.base import Absent, Ask, Finding, Given, Result
from headway.measures.spend.loads import history_of, metered
from headway.measures.spend.usage_checks import DEVICES, checked, ends_of, is_above
from headway.measures.value.effect.base import at_midnight
from headway.statistics.log_histogram import LogHistogram

# Below this share of the grant a bin counts as idle (spend-and-capacity.md 6.1).
IDLE_BELOW = 0.05
UNDERFLOW_BELOW = 1e-4
STANDS = timedelta(days=30)
_RESAMPLES = 2000
_SEED = 7
_ENDS = (0.025, 0.975)
_OBSERVED = "observed use; what it held may have shaped what it used"


class UtilisationMeasure:
    """Share of granted capacity used, and share of bins idle, per resource over the initiative's workloads.

    The workloads are those of the sources that meter the components the initiative uses (`usage:` of a
    component); where such a source says who holds a workload, only those the initiative holds. Use counts
    from as far back as the component's `capacity.history` says, in whole weeks.
    """

    name = "utilisation"
    version = "3"
    after: tuple[str, ...] = ()

    def needs(self, ask: Ask) -> tuple[Request, ...]:
        """Histograms of used/granted by workload, with the sums of both."""
        return tuple(_request(ask, b) for b in usage_of(ask))

    def estimate(self, ask: Ask, given: Given) -> Result:
        """Two shares per resource, intervals by resampling workloads."""
        failed = [s for s in usage_sources(ask) if s in given.failed]
        if failed:
            return Result(absent=(Absent("used_share", "source_failed", given.failed[failed[0]]),))
        requests = [_request(ask, b) for b in usage_of(ask)]
        odd = tuple(
            d
            for r in requests
            if r.terms[0].kind == "count"
            for d in checked(ask.portfolio, r, given.sums[r])
        )
        findings = [f for r in requests for f in _findings(r, given.sums)]
        if findings:
            return Result(tuple(findings), diagnostics=odd)
        return Result(
            absent=(
                Absent("used_share", "none", "no component it uses is metered (`usage:` of a component)"),
            ),
            diagnostics=odd,
        )


def usage_sources(ask: Ask) -> tuple[str, ...]:
    """Names of the usage sources an initiative uses."""
    components = ask.portfolio.components
    named = [usage for c in ask.initiative.uses if c in components and (usage := components[c].usage)]
    declared = ask.portfolio.sources
    return tuple(dict.fromkeys(s for s in named if s in declared and declared[s].fact == "usage"))


def usage_of(ask: Ask) -> tuple[Bound, ...]:
    """Those of them that could be bound."""
    return tuple(ask.bound[s] for s in usage_sources(ask) if s in ask.bound)


def _request(ask: Ask, bound: Bound) -> Request:
    until = ("ts", instant(ask.as_of)) if "ts" in bound.columns else None
    ends = (least("ts"), greatest("ts")) if until else ()
    held = (("holder", ask.initiative.initiative),) if "holder" in bound.columns else ()
    if bound.summed:
        rung = (greatest("rung"),) if "rung" in bound.columns else ()
        terms = (total("n"), total("sum_used"), total("sum_granted"), *ends, *rung)
        return Request(bound.source, ("resource", "workload", "bucket"), terms, held, until)
    bucket = Bucket("used", "granted", UNDERFLOW_BELOW)
    terms = (count("used", "granted"), total("used"), total("granted"), *ends, *ends_of(bound.columns))
    return Request(
        bound.source, ("resource", "workload", bucket), terms, held, until, since=_since(ask, bound)
    )


def _since(ask: Ask, bound: Bound) -> tuple[str, str]:
    """The moment from which use counts: that of the advice, so that one share needs no year of rows."""
    (of,) = [m for m in metered(ask) if m.bound.source == bound.source]
    return ("ts", instant(history_of(ask, of)))


def _findings(request: Request, sums: Mapping[Request, Sums]) -> list[Finding]:
    answer = sums[request]
    n, used, granted = (answer[t] for t in request.terms[:3])
    made = []
    for resource in sorted({str(g[0]) for g in answer.groups}):
        workloads: dict[str, _Workload] = {}
        for i, (name, workload, bucket) in enumerate(answer.groups):
            if str(name) == resource and bucket is not None:
                top = float(granted[i]) if resource in DEVICES and is_above(bucket) else math.inf
                workloads.setdefault(str(workload), _Workload()).add(
                    _bucket(bucket), int(n[i]), min(max(float(used[i]), 0.0), top), float(granted[i])
                )
        window, rung = _window(answer), _rung(answer, resource)
        made += [
            Finding(f"{metric} [{resource}]", estimate, window, STANDS, (request,))
            for metric, estimate in _estimates(list(workloads.values()), rung)
        ]
    return made


def _bucket(text: object) -> int:
    named = {"zero": ZERO_BUCKET, "underflow": UNDERFLOW_BUCKET}
    return named[str(text)] if str(text) in named else int(str(text))


def _rung(answer: Sums, resource: str) -> str:
    """The lowest rung that a resource was read by; none where the source says none."""
    term = greatest("rung")
    said = answer.values.get(term, ())
    return lowest(str(r) for r, group in zip(said, answer.groups, strict=False) if str(group[0]) == resource)


def _window(answer: Sums) -> tuple[datetime, datetime] | None:
    if least("ts") not in answer.values:
        return None
    first = [v for v in answer[least("ts")] if v is not None]
    last = [v for v in answer[greatest("ts")] if v is not None]
    ends = (at_midnight(min(first)), at_midnight(max(last))) if first else (None, None)
    return (ends[0], ends[1]) if ends[0] and ends[1] else None


class _Workload:
    """Sums of one workload: its histogram of used/granted, and the two totals."""

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.used = 0.0
        self.granted = 0.0

    def add(self, bucket: int, n: int, used: float, granted: float) -> None:
        self.counts[bucket] = self.counts.get(bucket, 0) + n
        self.used += used
        self.granted += granted

    @property
    def bins(self) -> int:
        return sum(self.counts.values())

    @property
    def idle(self) -> float:
        counts = dict(self.counts)
        zero, under = counts.pop(ZERO_BUCKET, 0), counts.pop(UNDERFLOW_BUCKET, 0)
        return LogHistogram(counts, zero, under, UNDERFLOW_BELOW).share_below(IDLE_BELOW) * self.bins


def _estimates(workloads: list[_Workload], rung: str) -> list[tuple[str, Estimate]]:
    used = np.array([w.used for w in workloads])
    granted = np.array([w.granted for w in workloads])
    idle, bins = np.array([w.idle for w in workloads]), np.array([float(w.bins) for w in workloads])
    if not bins.sum() or not granted.sum():
        return []
    drawn = np.random.default_rng(_SEED).integers(0, len(workloads), (_RESAMPLES, len(workloads)))
    made = []
    for metric, top, bottom in (("used_share", used, granted), ("idle_share", idle, bins)):
        shares = top[drawn].sum(axis=1) / bottom[drawn].sum(axis=1)
        one = len(workloads) == 1
        low, high = (math.nan, math.nan) if one else tuple(float(x) for x in np.quantile(shares, _ENDS))
        value = float(top.sum() / bottom.sum())
        grade, reason = grade_by(rung, sizing=metric == "used_share")
        reasons = tuple(r for r in (_OBSERVED, reason) if r)
        estimate = Estimate(
            value=value,
            low=value if one else low,
            high=value if one else high,
            level=1.0 if one else 0.95,
            unit="share",
            n=int(bins.sum()),
            method="one workload, all its bins counted"
            if one
            else f"{len(workloads)} workloads resampled {_RESAMPLES} times",
            grade=grade,
            grade_reasons=reasons,
            detail={
                "workloads": len(workloads),
                "idle_below": IDLE_BELOW,
                **({"rung": rung} if rung else {}),
            },
        )
        made.append((metric, estimate))
    return made
