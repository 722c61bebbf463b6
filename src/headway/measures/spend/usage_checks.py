"""What is odd about a source of usage, told from the sums that a measure has asked for anyway."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from headway.aggregates.request import Request, Term, greatest, least, total
from headway.aggregates.sums import Sums
from headway.facts.rungs import POOR, RAISE, RUNGS
from headway.kernel.diagnostic import Diagnostic
from headway.portfolio.load import Portfolio

# Of these nobody can use more than there is; of a processor or of memory more than was asked for may be used.
DEVICES = ("gpu", "gpu.memory", "kv_cache")
# A ratio of use to grant in this bucket or above is more than all of it (statistics/log_histogram.py).
ABOVE_ALL = 1
# Below this share of capacity a negative use is no rounding.
_NEGATIVE = 1e-3
_PERCENT = frozenset({"percent", "%", "per cent"})
_CACHED = ("tokens.cache_read", "tokens.cache_write")


def ends_of(columns: tuple[str, ...]) -> tuple[Term, ...]:
    """The terms that the checks need, of the columns that a source has."""
    texts = [t for c in ("rung", "unit") if c in columns for t in (least(c), greatest(c))]
    return (least("used"), greatest("used"), greatest("granted"), *texts)


def checked(portfolio: Portfolio, request: Request, answer: Sums) -> Iterator[Diagnostic]:
    """Findings on the usage that a request with `ends_of` was answered by (HW348, HW349, HW350, HW353).

    Args:
        portfolio: what was declared.
        request: by resource, workload and the bucket of used/granted, in that order.
        answer: its sums.
    """
    place = portfolio.place("source", request.source)

    def told(code: str, what: str, mend: str) -> Diagnostic:
        said = f"source '{request.source}': {what}"
        return Diagnostic(code, said, place, mend, subject=request.source)

    resources = np.array([str(g[0]) for g in answer.groups], dtype=object)
    for resource in sorted(set(resources.tolist())):
        at = np.flatnonzero(resources == resource)
        if resource == "gpu" and (poor := _poor(answer, at)):
            seen = f"rung {poor[0]} only: {RUNGS[poor[0]]}"
            what = f"how busy a GPU is shows on {_counted(poor[1], 'workload')} by {seen}"
            yield told("HW348", what, RAISE)
        if resource in DEVICES and (bins := _above(request, answer, at)):
            what = f"{_counted(bins, 'bin')} of {resource} above what was granted, counted as all of it"
            yield told("HW349", what, "see whether `granted` is whole, and whether `used` is in its unit")
        if odd := _unit(answer, at):
            yield told("HW350", f"{resource}: {odd}", "declare its unit, or put the column right in `sql`")
    declared = portfolio.sources.get(request.source)
    if (declared is None or declared.rows_include_cache) and (cached := _cached(answer, resources)):
        what = f"{cached} took more tokens from the cache than went in"
        yield told("HW353", what, "write input_includes_cache: no, if its input leaves out what was cached")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _poor(answer: Sums, at: Any) -> tuple[str, int] | None:
    """The lowest rung, where it is a poor one, and how many workloads have a poor one."""
    rung = greatest("rung")
    if rung not in answer.values:
        return None
    found = {str(answer.groups[i][1]): str(answer[rung][i]) for i in at if answer[rung][i] in POOR}
    return (max(found.values()), len(found)) if found else None


def _above(request: Request, answer: Sums, at: Any) -> int:
    counted = answer[request.terms[0]]
    return sum(int(counted[i]) for i in at if is_above(answer.groups[i][2]))


def is_above(bucket: object) -> bool:
    """Whether a bucket of used/granted holds use above the whole grant."""
    text = str(bucket)
    return text.removeprefix("-").isdigit() and int(text) >= ABOVE_ALL


def _unit(answer: Sums, at: Any) -> str:
    """Why the numbers cannot be in the unit that they are said to be in."""
    low, high, most = (
        _end(answer, term, at) for term in (least("used"), greatest("used"), greatest("granted"))
    )
    if low is None or high is None:
        return ""
    if most and low < -_NEGATIVE * most:
        return f"a use of {low:g} is below nothing, by more than a thousandth of {most:g}"
    units = {str(answer[least("unit")][i]) for i in at} if least("unit") in answer.values else set()
    if units & _PERCENT and 0 < high <= 1:
        return f"its unit is {min(units & _PERCENT)}, and no use is above {high:g}: it seems to be a share"
    return ""


def _end(answer: Sums, term: Term, at: Any) -> float | None:
    values = [float(answer[term][i]) for i in at if answer[term][i] is not None]
    if not values:
        return None
    return min(values) if term.kind == "min" else max(values)


def _cached(answer: Sums, resources: Any) -> str:
    """The first workload whose cache gave more tokens than went in."""
    used = answer[total("used")]
    went: dict[str, float] = {}
    cached: dict[str, float] = {}
    for i, resource in enumerate(resources):
        into = went if resource == "tokens.input" else cached if resource in _CACHED else None
        if into is not None:
            workload = str(answer.groups[i][1])
            into[workload] = into.get(workload, 0.0) + float(used[i])
    return next((w for w in sorted(cached) if w in went and cached[w] > went[w]), "")
