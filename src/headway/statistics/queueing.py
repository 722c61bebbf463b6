"""Waiting lines: Erlang's formula as a check of sanity, and first come, first served as it would have run."""

from __future__ import annotations

import heapq
import math

import numpy as np
from scipy.special import log_ndtr

from headway.statistics.contrast import FloatArray


def erlang_b(servers: int, load: float) -> float:
    """Chance that every server is busy where nobody waits.

    Erlang (1917), by the recursion B(0) = 1, B(k) = aB(k-1) / (k + aB(k-1)), which neither overflows nor
    cancels.

    Args:
        servers: how many there are.
        load: arrivals per second times seconds of service, in Erlang; not negative.

    Returns:
        A probability.

    Example:
        >>> round(erlang_b(10, 5.0), 6)
        0.018385

    """
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """Chance that an arrival has to wait, where arrivals and service are memoryless.

    Args:
        servers: how many there are.
        load: in Erlang.

    Returns:
        A probability; 1 where the load is not below the servers, since the line then grows for ever.

    Example:
        >>> round(erlang_c(10, 5.0), 6), erlang_c(3, 3.0)
        (0.036105, 1.0)

    """
    if load >= servers:
        return 1.0
    blocked = erlang_b(servers, load)
    return blocked / (1 - load / servers * (1 - blocked))


def waits_longer(servers: int, load: float, service: float, patience: float) -> float:
    """Chance of waiting longer than `patience`: C(c, a)·exp(-(c - a)·t/s).

    Args:
        servers: how many there are.
        load: in Erlang.
        service: mean seconds of service.
        patience: seconds.

    Returns:
        A probability.

    Example:
        >>> round(waits_longer(3, 0.489, 29.17, 10.0), 4)
        0.006

    """
    if load >= servers:
        return 1.0
    return erlang_c(servers, load) * math.exp(-(servers - load) * patience / service)


def least_servers(load: float, service: float, patience: float, share: float) -> int:
    """The fewest servers with which no larger share waits longer than `patience`, by Erlang's formula.

    Args:
        load: in Erlang.
        service: mean seconds of service.
        patience: seconds.
        share: the share allowed to wait longer, above 0.

    Returns:
        Servers, at least 1.

    Example:
        >>> least_servers(2.08, 29.17, 10.0, 0.01)
        6

    """
    servers = max(1, math.floor(load) + 1)
    while waits_longer(servers, load, service, patience) > share:
        servers += 1
    return servers


def halfin_whitt(load: float, share: float) -> int:
    """The servers to begin a search with: c = a + β√a, where a given share has to wait at all.

    β solves 1 / (1 + βΦ(β)/φ(β)) = share (Halfin, Whitt, "Heavy-traffic limits for queues with many
    exponential servers", Operations Research 29, 1981).

    Args:
        load: in Erlang.
        share: the share that may have to wait, between 0 and 1.

    Returns:
        Servers, at least 1.

    Example:
        >>> halfin_whitt(100.0, 0.2)
        111

    """
    low, high = 0.0, 40.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _must_wait(middle) > share else (low, middle)
    return max(1, math.ceil(load + high * math.sqrt(load)))


def _must_wait(beta: float) -> float:
    # Φ(β)/φ(β) overflows beyond β = 38; its logarithm does not.
    log_ratio = float(log_ndtr(beta)) + beta * beta / 2 + math.log(2 * math.pi) / 2
    return 1 / (1 + beta * math.exp(min(log_ratio, 700.0)))


def fifo_waits(arrivals: FloatArray, service: FloatArray, servers: int) -> FloatArray:
    """Seconds that each request waits, first come, first served.

    Args:
        arrivals: seconds, ascending.
        service: seconds that each takes, as recorded.
        servers: how many serve, at least 1.

    Returns:
        Waits in the order of arrival.

    Example:
        >>> fifo_waits(np.array([0.0, 1.0, 2.0]), np.array([5.0, 5.0, 5.0]), 2).tolist()
        [0.0, 0.0, 3.0]

    """
    return staffed_waits(arrivals, service, np.array([servers]), math.inf)


def staffed_waits(
    arrivals: FloatArray, service: FloatArray, servers: FloatArray, period: float
) -> FloatArray:
    """The same with another number of servers in each period.

    Who is added serves from the start of the period; who is taken away ends what was begun.

    Args:
        arrivals: seconds since the first period began, ascending.
        service: seconds.
        servers: one number per period, at least 1 each; the last stands for what follows.
        period: its length in seconds.

    Returns:
        Waits in the order of arrival.

    """
    staff = [int(n) for n in servers]
    free, period_now = [0.0] * staff[0], 0
    waits = np.empty(len(arrivals))
    for i, (arrival, seconds) in enumerate(zip(arrivals.tolist(), service.tolist(), strict=True)):
        last = min(int(arrival // period), len(staff) - 1)
        while period_now < last:
            period_now += 1
            _restaff(free, staff[period_now], period_now * period)
        begins = max(arrival, free[0])
        waits[i] = begins - arrival
        heapq.heapreplace(free, begins + seconds)
    return waits


def _restaff(free: list[float], servers: int, moment: float) -> None:
    while len(free) < servers:
        heapq.heappush(free, moment)
    while len(free) > servers:
        # Whoever is free first goes first.
        heapq.heappop(free)
