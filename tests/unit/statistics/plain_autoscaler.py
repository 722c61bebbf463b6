"""The autoscaler of `statistics.autoscaling` once more, event by event and slowly, as it is described."""

from __future__ import annotations

import heapq
import math

from headway.statistics.autoscaling import Reactive


def plain(arrivals: list[float], service: list[float], rule: Reactive) -> tuple[list[float], list[int]]:
    """Waits, and servers paid for at each look up to the last arrival."""
    ready, starting, busy, queue = rule.spare, list[float](), list[float](), list[int]()
    waits, paid = [0.0] * len(arrivals), list[int]()
    below, look, at = math.inf, 0.0, 0
    while at < len(arrivals) or queue:
        now = min([look, *busy[:1], *starting[:1], *arrivals[at : at + 1]])
        while busy and busy[0] <= now:
            heapq.heappop(busy)
        while starting and starting[0] <= now:
            starting.pop(0)
            ready += 1
        while at < len(arrivals) and arrivals[at] <= now:
            queue.append(at)
            at += 1
        while queue and len(busy) < ready * rule.batch:
            first = queue.pop(0)
            waits[first] = now - arrivals[first]
            heapq.heappush(busy, now + service[first])
        if now < look:
            continue
        wanted = rule.spare + math.ceil(rule.factor * (len(busy) + len(queue)) / rule.batch)
        lacking = wanted - ready - len(starting)
        starting += [now + rule.start] * max(0, lacking)
        below = min(below, now) if wanted < ready else math.inf
        if now - below >= rule.patience and ready > max(math.ceil(len(busy) / rule.batch), rule.spare):
            ready -= 1
        if now <= arrivals[-1]:
            paid.append(ready + len(starting))
        look += rule.every
    return waits, paid
