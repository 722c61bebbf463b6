"""One shape of answer for rows and for sums that arrive already summed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Any

import numpy as np

from headway.aggregates.groups import Group
from headway.aggregates.request import Day, Key, Request, Term, count, greatest, least, sum_of, total
from headway.aggregates.sums import Sums
from headway.kernel.identity import instant
from headway.measures.value.effect.base import Setting
from headway.measures.value.effect.registration import first_seen, since_of

ALL = count()
_WITH_VARIANCE = ("sum_xx",)
_N, _X, _XX = (total(c, complete=_WITH_VARIANCE) for c in ("n", "sum_x", "sum_xx"))
_DIGITS = 60


def asked(setting: Setting, keys: tuple[Key, ...], terms: Iterable[Term], days: int = 0) -> Request:
    """The request of a design: its sums by its keys, or the published sums by metric and the same keys.

    Args:
        setting: the pilot over its rows.
        keys: what its estimate is made by.
        terms: the sums it wants.
        days: how many closing days a group of a running pilot holds; 0 for all of them.
    """
    dated = dated_by(setting)
    ends = (least(dated), greatest(dated)) if dated else ()
    firsts = tuple(map(least, first_seen(setting)))
    until = (dated, instant(setting.ask.as_of)) if dated else None
    since = since_of(setting)
    wanted = dict.fromkeys(terms)
    if setting.bound.summed:
        wanted, keys = dict.fromkeys((ALL, count("sum_xx"), _N, _X, _XX)), ("metric", *keys)
    if dated and setting.cumulative:
        keys = (*keys, dated)
    elif dated and days and setting.pilot.looks != "once":
        keys = (*keys, Day(dated, setting.ask.portfolio.settings.time_zone, days))
    return Request(setting.bound.source, keys, (*wanted, *ends, *firsts), setting.where, until, since=since)


def answered(setting: Setting, request: Request, sums: Mapping[Request, Sums]) -> Sums:
    """The answer in the shape that rows would have given it: all closed days, or the newest snapshot."""
    answer = sums[request]
    if setting.cumulative:
        return _unsummed(setting, newest(setting, answer))
    if setting.bound.summed:
        answer = _unsummed(setting, answer)
    day = day_key(answer)
    return answer.rollup(tuple(k for k in answer.keys if k != day)) if day else answer


def by_day(setting: Setting, request: Request, sums: Mapping[Request, Sums]) -> Sums | None:
    """The answer with each closing day apart; None where the rows are not dated, or looked at once."""
    answer = sums[request]
    if day_key(answer) is None:
        return None
    return _unsummed(setting, answer) if setting.bound.summed else answer


def day_key(answer: Sums) -> Day | None:
    """The key that tells closing days apart, where the sums are by one."""
    return next((k for k in answer.keys if isinstance(k, Day)), None)


def dated_by(setting: Setting) -> str | None:
    """The column that dates the rows, where there is one."""
    time = setting.bound.fact.time
    return time if time and time in setting.bound.columns else None


def observed(setting: Setting, request: Request, sums: Mapping[Request, Sums]) -> tuple[Any, Any] | None:
    """First and last moment of the data, where the source dates its rows."""
    time = dated_by(setting)
    if not time:
        return None
    answer = sums[request]
    first = [v for v in answer[least(time)] if v is not None]
    shown = newest(setting, answer) if setting.cumulative else answer
    last = [v for v in shown[greatest(time)] if v is not None]
    return (min(first), max(last)) if first and last else None


def without_variance(setting: Setting, request: Request, sums: Mapping[Request, Sums]) -> int:
    """Summed rows that state no sum of squares; they take no part (HW412)."""
    if not setting.bound.summed:
        return 0
    answer = sums[request]
    return int((answer[ALL] - answer[count("sum_xx")]).sum())


def newest(setting: Setting, answer: Sums) -> Sums:
    """Per metric the newest snapshot that states every arm with its variance: states are never added.

    The moment is no longer a key of what is returned.
    """
    last: dict[str, Any] = {}
    for metric, moments in snapshots(setting, answer).items():
        last[metric] = moments[-1] if moments else None
    kept = [i for i, g in enumerate(answer.groups) if g[-1] is not None and g[-1] == last.get(str(g[0]))]
    part = replace(
        answer,
        groups=tuple(answer.groups[i] for i in kept),
        values={t: c[kept] for t, c in answer.values.items()},
        strange={c: n[kept] for c, n in answer.strange.items()},
    )
    return part.rollup(part.keys[:-1])


def by_moment(setting: Setting, answer: Sums) -> Sums:
    """Every snapshot as rows would have given it, by arm and moment."""
    return _unsummed(setting, answer).rollup(("variant", answer.keys[-1]))


def snapshots(setting: Setting, answer: Sums) -> dict[str, list[Any]]:
    """Per metric of the pilot the moments, in order, at which every arm states its sums."""
    arms, complete = set(setting.pilot.arms), answer[count("sum_xx")]
    seen: dict[str, dict[Any, set[str]]] = {metric: {} for metric, _ in setting.metrics()}
    for at, group in enumerate(answer.groups):
        if complete[at] and group[-1] is not None and str(group[0]) in seen:
            seen[str(group[0])].setdefault(group[-1], set()).add(str(group[1]))
    return {m: sorted(t for t, stated in of.items() if stated >= arms) for m, of in seen.items()}


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
