"""One shape of answer for rows and for sums that arrive already summed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, localcontext
from typing import Any

import numpy as np

from headway.aggregates.request import Key, Request, Term, count, greatest, least, sum_of, total
from headway.aggregates.sums import Group, Sums
from headway.kernel.identity import instant
from headway.measures.value.effect.base import Setting
from headway.measures.value.effect.registration import first_seen, since_of

ALL = count()
_WITH_VARIANCE = ("sum_xx",)
_N, _X, _XX = (total(c, complete=_WITH_VARIANCE) for c in ("n", "sum_x", "sum_xx"))
_DIGITS = 60


def asked(setting: Setting, keys: tuple[Key, ...], terms: Iterable[Term]) -> Request:
    """The request of a design: its sums by its keys, or the published sums by metric and the same keys."""
    time = setting.bound.fact.time
    dated = time if time and time in setting.bound.columns else None
    ends = (least(dated), greatest(dated)) if dated else ()
    firsts = tuple(map(least, first_seen(setting)))
    until = (dated, instant(setting.ask.as_of)) if dated else None
    since = since_of(setting)
    wanted = dict.fromkeys(terms)
    if setting.bound.summed:
        wanted, keys = dict.fromkeys((ALL, count("sum_xx"), _N, _X, _XX)), ("metric", *keys)
    return Request(setting.bound.source, keys, (*wanted, *ends, *firsts), setting.where, until, since=since)


def answered(setting: Setting, request: Request, sums: Mapping[Request, Sums]) -> Sums:
    """The answer in the shape that rows would have given it."""
    answer = sums[request]
    return _unsummed(setting, answer) if setting.bound.summed else answer


def observed(setting: Setting, request: Request, sums: Mapping[Request, Sums]) -> tuple[Any, Any] | None:
    """First and last moment of the data, where the source dates its rows."""
    time = setting.bound.fact.time
    if not time or time not in setting.bound.columns:
        return None
    answer = sums[request]
    first = [v for v in answer[least(time)] if v is not None]
    last = [v for v in answer[greatest(time)] if v is not None]
    return (min(first), max(last)) if first else None


def without_variance(setting: Setting, request: Request, sums: Mapping[Request, Sums]) -> int:
    """Summed rows that state no sum of squares; they take no part (HW412)."""
    if not setting.bound.summed:
        return 0
    answer = sums[request]
    return int((answer[ALL] - answer[count("sum_xx")]).sum())


def _unsummed(setting: Setting, answer: Sums) -> Sums:
    groups: list[Group] = list(dict.fromkeys(g[1:] for g in answer.groups))
    at = {group: i for i, group in enumerate(groups)}
    values: dict[Term, Any] = {ALL: np.zeros(len(groups), dtype=np.int64)}
    shift: dict[str, float] = {}
    for metric, _ in setting.metrics():
        here = [i for i, g in enumerate(answer.groups) if str(g[0]) == metric]
        n, first, second, centre = _shifted(answer, here)
        shift[metric] = centre
        # With one metric and no covariate, sums over complete rows are the sums themselves.
        firsts = [sum_of(metric, complete=c) for c in ((), (metric,))]
        seconds = [sum_of(metric, metric, complete=c) for c in ((), (metric,))]
        for term in (count(metric), *firsts, *seconds):
            values[term] = np.zeros(len(groups), dtype=np.int64 if term.kind == "count" else float)
        for i, row in enumerate(here):
            to = at[answer.groups[row][1:]]
            values[count(metric)][to] = n[i]
            values[ALL][to] = max(values[ALL][to], n[i])
            for term in firsts:
                values[term][to] = first[i]
            for term in seconds:
                values[term][to] = second[i]
    return Sums(answer.keys[1:], tuple(groups), values, shift)


def _shifted(answer: Sums, rows: list[int]) -> tuple[list[int], list[float], list[float], float]:
    """Counts and sums about the pooled mean, in decimals: raw squares of large values lose their digits."""
    with localcontext() as context:
        context.prec = _DIGITS
        n = [Decimal(answer[_N][i]) for i in rows]
        x = [Decimal(answer[_X][i]) for i in rows]
        xx = [Decimal(answer[_XX][i]) for i in rows]
        centre = float(sum(x) / sum(n)) if sum(n) else 0.0
        c = Decimal(centre)
        first = [float(b - c * a) for a, b in zip(n, x, strict=True)]
        second = [float(s - 2 * c * b + c * c * a) for a, b, s in zip(n, x, xx, strict=True)]
        return [int(a) for a in n], first, second, centre
