"""The winner's curse: an effect beside earlier ones, and what they leave of it (measurement.md 5.10)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from headway.aggregates.engine import Bound
from headway.aggregates.request import Day, Key, Request, count, total
from headway.aggregates.sums import Sums
from headway.facts.past_estimate import PAST_ESTIMATE, PastEstimate
from headway.kernel.diagnostic import Diagnostic
from headway.kernel.estimate import Estimate
from headway.kernel.identity import Json, instant
from headway.kernel.quantity import parse_share
from headway.measures.base import Ask, Finding, Given, Result
from headway.measures.value.effect.wording import good_sign
from headway.statistics.contrast import Degenerate
from headway.statistics.shrinkage import FEW, Past, paule_mandel, shrink

# Fewer past effects than this say nothing of a spread (planning.md 3).
LEAST = 5
_Z95 = 1.959963984540054
_FIGURES = ("claimed", "se")


@dataclass(frozen=True, slots=True)
class Earlier:
    """One past effect as a relative change, turned so that good is positive."""

    subject: str
    metric: str
    kind: str
    value: float
    se: float

    @property
    def usable(self) -> bool:
        """Whether it is a number with an error."""
        return self.se > 0 and math.isfinite(self.se) and math.isfinite(self.value)


@dataclass(frozen=True, slots=True)
class Pool:
    """The past effects that one is held against, and in words which they are."""

    past: Past
    basis: str


def past_requests(ask: Ask) -> tuple[Request, ...]:
    """The rows of every source that fills the fact: grouped by all that names a row, each is a group."""
    return tuple(_request(ask, bound) for _, bound in sorted(ask.bound.items()) if _is_past(bound))


def shrunk(ask: Ask, given: Given, result: Result) -> Result:
    """The same effects, each on the outcome with its shrunk value, and HW424 where the past is thin.

    Absolute effects are left alone: values of different scales have no common spread, and shrinking them
    makes them worse (measurement.md 10).
    """
    if not any(_relative(f.estimate) for f in result.findings):
        return result
    earlier, left_out = _earlier(ask, given)
    others = [e for e in earlier if e.subject != ask.initiative.initiative]
    pool, told = _pool(ask, others)
    found = (*result.diagnostics, *left_out, *told)
    if pool is None:
        return replace(result, diagnostics=found)
    good = _good(ask)
    findings = tuple(_with(f, pool, good) if _relative(f.estimate) else f for f in result.findings)
    return replace(result, findings=findings, diagnostics=found)


def _relative(estimate: Estimate) -> bool:
    detail = estimate.detail
    return detail.get("role") == "outcome" and detail.get("scale") in ("relative", "log")


def _good(ask: Ask) -> int:
    pilot, outcome = ask.initiative.pilot, ask.portfolio.outcomes.get(ask.initiative.outcome)
    better = outcome.metric.better if outcome and outcome.metric else "higher"
    return good_sign(pilot.objective.value if pilot else 0.0, better)


def relative_error(estimate: Estimate) -> float:
    """The standard error of a relative change: its own, or read off its interval where that is all there is.

    >>> from headway.kernel.estimate import Grade
    >>> about = dict(level=0.95, unit="relative change", n=9, method="", grade=Grade.A)
    >>> e = Estimate(
    ...     value=0.1, low=0.0, high=0.2, detail={"scale": "log", "theta": 0.0953, "se": 0.02}, **about
    ... )
    >>> round(relative_error(e), 4), round(relative_error(replace(e, detail={})), 4)
    (0.022, 0.051)
    """
    theta, se = estimate.detail.get("theta"), estimate.detail.get("se")
    if isinstance(theta, float) and isinstance(se, float):
        return se * (1 + estimate.value) if estimate.detail.get("scale") == "log" else se
    return (estimate.high - estimate.low) / (2 * _Z95)


def _with(finding: Finding, pool: Pool, good: int) -> Finding:
    estimate = finding.estimate
    try:
        found = shrink(good * estimate.value, relative_error(estimate), pool.past)
    except Degenerate:
        return finding
    low, high = sorted((good * found.low, good * found.high))
    past: dict[str, Json] = {"m": good * pool.past.mean, "tau": pool.past.tau, "n_past": pool.past.n}
    made: dict[str, Json] = {
        "value": good * found.value,
        "low": low,
        "high": high,
        "sd": found.sd,
        **past,
        "basis": pool.basis,
        "fat_tails": found.fat,
    }
    return replace(
        finding,
        estimate=replace(estimate, detail={**estimate.detail, "shrunk": made}),
        parameters={**finding.parameters, "past": past},
    )


def _pool(ask: Ask, earlier: list[Earlier]) -> tuple[Pool | None, tuple[Diagnostic, ...]]:
    """The class where it has five, else the portfolio; below ten a declared prior goes before both."""
    kind = ask.initiative.class_ or ""
    alike = [e for e in earlier if kind and e.kind == kind]
    chosen, basis = (alike, f"class {kind}") if len(alike) >= LEAST else (earlier, "portfolio")
    prior = ask.portfolio.settings.prior
    if len(chosen) < FEW and prior is not None:
        declared = Past(parse_share(prior.mean), parse_share(prior.sd), 0)
        return Pool(declared, "assumed: the declared prior"), ()
    told = (_few(ask, len(chosen)),) if 0 < len(chosen) < FEW else ()
    if len(chosen) < LEAST:
        return None, told
    past = paule_mandel(np.array([e.value for e in chosen]), np.array([e.se for e in chosen]))
    return Pool(past, basis), told


def _few(ask: Ask, n: int) -> Diagnostic:
    how = "their spread is hardly known" if n >= LEAST else "too few to shrink by"
    what = f"{n} past effect{'s' if n > 1 else ''} to hold this one against: few, {how}"
    mend = "declare what effects of this kind usually are, in portfolio.yaml, prior: {mean: 1 %, sd: 3 %}"
    name = ask.initiative.initiative
    return Diagnostic("HW424", what, ask.portfolio.place("initiative", name, "pilot"), mend, subject=name)


def _earlier(ask: Ask, given: Given) -> tuple[list[Earlier], list[Diagnostic]]:
    """Past effects of the ledger and of declared sources, the newest of each subject and metric."""
    declared = {(e.subject, e.metric): e for e in _declared_rows(ask, given.sums)}
    recorded = {(e.subject, e.metric): e for e in _recorded(ask, ask.past)}
    usable = [e for e in {**declared, **recorded}.values() if e.usable]
    lost = sum(not e.usable for e in declared.values())
    if not lost:
        return usable, []
    what = (
        f"{lost} past effect{'s' if lost > 1 else ''} left out: no number, or no standard error above nought"
    )
    source = next(b.source for _, b in sorted(ask.bound.items()) if _is_past(b))
    place = ask.portfolio.place("source", source)
    return usable, [Diagnostic("HW458", what, place, "give each its standard error", subject=source)]


def _recorded(ask: Ask, rows: Iterable[PastEstimate]) -> Iterator[Earlier]:
    for row in rows:
        initiative = ask.portfolio.initiatives.get(row.subject)
        if row.received_at > ask.as_of or not _relative(row.estimate) or initiative is None:
            continue
        good = _good(replace(ask, initiative=initiative))
        yield Earlier(
            row.subject,
            row.metric,
            initiative.class_ or "",
            good * row.estimate.value,
            relative_error(row.estimate),
        )


def _declared_rows(ask: Ask, sums: Mapping[Request, Sums]) -> Iterator[Earlier]:
    for request in past_requests(ask):
        answer = sums.get(request)
        if answer is None:
            continue
        days = [k for k in answer.keys if isinstance(k, Day)]
        order = list(range(len(answer.groups)))
        if days:
            told = answer.column(days[0])
            order = sorted(order, key=lambda i: told[i] if told[i] is not None else -math.inf)
        for i in order:
            n = int(answer[count(*_FIGURES)][i])
            cell = {k: g for k, g in zip(answer.keys, answer.groups[i], strict=True) if isinstance(k, str)}
            claimed, se = (_mean(answer[total(c, _FIGURES)][i], n) for c in _FIGURES)
            sign = -1 if str(cell.get("better") or "").strip().lower() == "lower" else 1
            yield Earlier(
                str(cell["subject"]), str(cell["metric"]), str(cell.get("class") or ""), sign * claimed, se
            )


def _mean(summed: Any, n: int) -> float:
    """Of a row told twice on one day, the middle; NaN where there is no number."""
    return float(summed) / n if n else math.nan


def _is_past(bound: Bound) -> bool:
    return bound.fact.name == PAST_ESTIMATE.name


def _request(ask: Ask, bound: Bound) -> Request:
    time = PAST_ESTIMATE.time or ""
    dated = time in bound.columns
    named: tuple[Key, ...] = tuple(c for c in ("subject", "metric", "class", "better") if c in bound.columns)
    keys = (*named, Day(time)) if dated else named
    until = (time, instant(ask.as_of)) if dated else None
    return Request(
        bound.source, keys, (count(), count(*_FIGURES), *(total(c, _FIGURES) for c in _FIGURES)), until=until
    )
