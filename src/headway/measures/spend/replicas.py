"""How many servers a service needs, by replaying its recorded requests with cold starts.

Erlang's formula stands beside it as a check of sanity only: it does not know bursts of requests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from headway.measures.base import Absent
from headway.measures.spend.advice import Interval
from headway.statistics.autoscaling import Autoscaled, Reactive, autoscaled
from headway.statistics.contrast import FloatArray
from headway.statistics.moving_blocks import block_bins, block_interval
from headway.statistics.queueing import fifo_waits, least_servers

HOUR, DAY, WEEK = 3600.0, 86400.0, 7 * 86400.0
REMEMBERS = 8 * DAY
DEFAULT = Reactive(spare=1, factor=1.5)
SETTINGS = tuple(Reactive(spare, factor) for spare in (1, 2, 4, 8) for factor in (1.0, 1.5))
LEAST_REQUESTS = 30
TELLING = 10
"""Late requests that the goal must allow before a share of them is believed."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What the service promises, and what a server needs.

    Attributes:
        patience: seconds that a request may wait.
        late: the share that may wait longer.
        start: seconds until a started server serves.
        batch: requests that one server holds at the speed recorded.
    """

    patience: float = 10.0
    late: float = 0.01
    start: float = 45.0
    batch: int = 1


@dataclass(frozen=True, slots=True)
class Staffing:
    """One way to staff on the part of history that was scored.

    Attributes:
        name: what it is called.
        servers: servers paid for, on average.
        late: share of requests that waited too long.
    """

    name: str
    servers: float
    late: float


@dataclass(frozen=True, slots=True)
class Staffed:
    """What an autoscaler would have needed, scored on the part of history that it had not learned from.

    Attributes:
        servers: servers paid for on average, ready or starting.
        late: share of requests that waited longer than promised.
        setting: the autoscaler at the end of history.
        changed: how often its setting was changed.
        requests: how many were scored.
        hours: over how long.
        load: mean number of requests in service (Erlang), over the whole history.
        load_p95: the same in the hour that 95 % of hours stay below.
        load_peak: the same in the busiest hour.
        beside: the default setting, Erlang's formula at the mean and at the P95 hour, and the fewest servers
            that would have done without a change.
        words: the answer in one line.
    """

    servers: Interval
    late: Interval
    setting: Reactive
    changed: int
    requests: int
    hours: float
    load: float
    load_p95: float
    load_peak: float
    beside: tuple[Staffing, ...]
    words: str


def staff(arrivals: FloatArray, service: FloatArray, goal: Goal | None = None) -> Staffed | Absent:
    """Replay a service's requests under an autoscaler and under what stands beside it.

    Args:
        arrivals: seconds since 1970, in any order.
        service: seconds each request took, in the same order.
        goal: what is promised.

    Returns:
        The replay; Absent where fewer than 30 requests took any time, or all came at once.
    """
    goal = goal or Goal()
    good = np.isfinite(arrivals) & np.isfinite(service) & (service > 0)
    order = np.argsort(arrivals[good], kind="stable")
    at, took = arrivals[good][order], service[good][order]
    if at.size < LEAST_REQUESTS or at[-1] == at[0]:
        return Absent(
            "replicas", "coverage", f"{at.size} requests that took time, {LEAST_REQUESTS} are needed"
        )
    at = at - at[0]
    rules = settings_over_time(at, took, goal)
    made = autoscaled(at, took, rules, relearns_every(float(at[-1])))
    return _scored(at, took, goal, rules, made)


def relearns_every(span: float) -> float:
    """Seconds that a setting stands: a day, or an hour where less than two days are known."""
    return DAY if span >= 2 * DAY else HOUR


def settings_over_time(at: FloatArray, took: FloatArray, goal: Goal) -> list[Reactive]:
    """The setting of each day (or hour, of a short history), from the eight days before it.

    The default stays where it kept the goal and nothing cheaper kept half of it; else the cheapest that kept
    half of the goal is taken. Numbers of servers that never change are tried too.
    """
    period = relearns_every(float(at[-1]))
    default = replace(DEFAULT, start=goal.start, batch=goal.batch)
    runs = [(s, autoscaled(at, took, [s])) for s in _settings(goal)]
    runs += _fixed(at, took, goal, len(runs[0][1].paid))
    rules = [default]
    for now in np.arange(1, int(at[-1] // period) + 1) * period:
        since = max(0.0, now - REMEMBERS)
        past = slice(*np.searchsorted(at, [since, now]))
        looks = slice(int(since // default.every), int(now // default.every))
        if (past.stop - past.start) * goal.late < TELLING:
            rules.append(default)
            continue
        late = {s: float((r.waits[past] > goal.patience).mean()) for s, r in runs}
        cost = {s: float(r.paid[looks].mean()) for s, r in runs}
        rules.append(_chosen(default, late, cost, goal.late))
    return rules


def _settings(goal: Goal) -> list[Reactive]:
    return [replace(s, start=goal.start, batch=goal.batch) for s in SETTINGS]


def _fixed(at: FloatArray, took: FloatArray, goal: Goal, looks: int) -> list[tuple[Reactive, Autoscaled]]:
    """Numbers of servers that never change, in steps of about a third, until nobody is late."""
    made, servers, late = list[tuple[Reactive, Autoscaled]](), 1, True
    while late:
        waits = fifo_waits(at, took, servers * goal.batch)
        paid = np.full(looks, servers, dtype=np.int64)
        made.append((Reactive(servers, 0.0, start=goal.start, batch=goal.batch), Autoscaled(waits, paid, 0)))
        late = bool((waits > goal.patience).any())
        servers += max(1, servers // 3)
    return made


def _chosen(
    default: Reactive, late: Mapping[Reactive, float], cost: Mapping[Reactive, float], goal: float
) -> Reactive:
    """With as many servers as nobody ever waits for, something always keeps half of the goal."""
    kept = [s for s in late if late[s] <= goal / 2]
    if late[default] <= goal:
        kept = [s for s in kept if cost[s] < cost[default]] or [default]
    return min(kept, key=cost.__getitem__)


def scored_from(span: float) -> float:
    """Seconds of history that are only learned from: a week where there are two, else a day, else half.

    >>> scored_from(408 * 3600.0) / 3600, scored_from(50 * 3600.0) / 3600, scored_from(7200.0)
    (168.0, 24.0, 3600.0)
    """
    if span >= 2 * WEEK:
        return WEEK
    return DAY if span >= 2 * DAY else span / 2


def erlang_by_hour(requests: FloatArray, service: float, goal: Goal) -> FloatArray:
    """Servers for each hour by Erlang's formula, at its requests (at least half of one)."""
    found = {
        n: least_servers(n / HOUR * service, service, goal.patience, goal.late)
        for n in np.unique(np.maximum(requests, 0.5)).tolist()
    }
    return np.array([found[n] for n in np.maximum(requests, 0.5).tolist()], dtype=np.float64)


def _scored(
    at: FloatArray, took: FloatArray, goal: Goal, rules: Sequence[Reactive], made: Autoscaled
) -> Staffed:
    start = scored_from(float(at[-1]))
    every = rules[0].every
    scored = at >= start
    late = (made.waits > goal.patience)[scored]
    first = int(start // every)
    rows = _hourly(at[scored] - start, late.astype(np.float64), made.paid[first:].astype(np.float64), every)
    servers, share = float(made.paid[first:].mean()), float(late.mean())
    block = block_bins(len(rows), HOUR)
    hours = np.bincount((at // HOUR).astype(np.int64)) * float(took.mean()) / HOUR
    load = float(took.sum() / at[-1])
    p95 = float(np.quantile(hours[: max(1, int(at[-1] // HOUR))], 0.95))
    setting = rules[-1]
    words = (
        f"{servers:.2f} servers on average with {setting.spare} spare and {setting.factor:g} for one busy;"
        f" {100 * share:.2f} % of requests wait longer than {goal.patience:g} s"
    )
    return Staffed(
        servers=Interval(servers, *block_interval(rows, lambda s: s[:, 0] / s[:, 1], block)),
        late=Interval(share, *block_interval(rows, lambda s: s[:, 2] / np.maximum(s[:, 3], 1), block)),
        setting=setting,
        changed=sum(a != b for a, b in pairwise(rules)),
        requests=int(scored.sum()),
        hours=float(at[-1] - start) / HOUR,
        load=load,
        load_p95=p95,
        load_peak=float(hours.max()),
        beside=tuple(_beside(at, took, goal, start, (load, p95))),
        words=words,
    )


def _beside(
    at: FloatArray, took: FloatArray, goal: Goal, start: float, loads: tuple[float, float]
) -> list[Staffing]:
    """Others on the same part: the default setting, Erlang's formula, and the fewest fixed servers."""
    scored = at >= start
    default = autoscaled(at, took, [replace(DEFAULT, start=goal.start, batch=goal.batch)])
    paid = default.paid[int(start // DEFAULT.every) :]
    made = [
        Staffing("default setting", float(paid.mean()), float((default.waits[scored] > goal.patience).mean()))
    ]

    def fixed(name: str, servers: int) -> Staffing:
        late = fifo_waits(at, took, servers * goal.batch)[scored] > goal.patience
        return Staffing(name, float(servers), float(late.mean()))

    service = float(took.mean())
    for name, load in zip(("Erlang C, mean load", "Erlang C, P95 hour"), loads, strict=True):
        made.append(fixed(name, -(-least_servers(load, service, goal.patience, goal.late) // goal.batch)))
    servers = max(1, int(np.ceil(loads[0] / goal.batch)))
    while (least := fixed("fewest fixed", servers)).late > goal.late:
        servers += max(1, servers // 20)
    return [*made, least]


def _hourly(at: FloatArray, late: FloatArray, paid: FloatArray, every: float) -> FloatArray:
    """Per hour: servers summed over looks, looks, late requests, requests."""
    look = (np.arange(len(paid)) * every // HOUR).astype(np.int64)
    hour = (at // HOUR).astype(np.int64)
    size = int(max(look[-1], hour[-1])) + 1
    columns = (
        np.bincount(look, paid, size),
        np.bincount(look, minlength=size),
        np.bincount(hour, late, size),
        np.bincount(hour, minlength=size),
    )
    return np.column_stack(columns).astype(np.float64)
