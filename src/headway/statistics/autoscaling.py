"""An autoscaler that looks at what is busy and waiting, replayed on recorded requests with cold starts."""

from __future__ import annotations

import heapq
import math
from collections import deque
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from headway.statistics.contrast import FloatArray


@dataclass(frozen=True, slots=True)
class Reactive:
    """Wanted servers = spare + ⌈factor · (busy + queued) / batch⌉, looked at every few seconds.

    Attributes:
        spare: servers kept free.
        factor: servers wanted for one that is busy or waited for.
        every: seconds between two looks.
        start: seconds until a started server serves.
        patience: seconds that fewer must have been wanted before one is dropped; then one a look.
        batch: requests that one server holds at the speed recorded.
    """

    spare: int
    factor: float
    every: float = 15.0
    start: float = 45.0
    patience: float = 300.0
    batch: int = 1


@dataclass(frozen=True, slots=True)
class Autoscaled:
    """What an autoscaler would have done.

    Attributes:
        waits: seconds that each request waits, in the order of arrival.
        paid: servers ready or starting at each look, up to the last arrival.
        starts: servers that were started.
    """

    waits: FloatArray
    paid: npt.NDArray[np.int64]
    starts: int


def autoscaled(arrivals: FloatArray, service: FloatArray, rule: Reactive) -> Autoscaled:
    """Replay an autoscaler, first come, first served, service as recorded.

    Args:
        arrivals: seconds since the first look, ascending and not negative.
        service: seconds that each request takes.
        rule: the autoscaler; it begins with its spare servers ready.

    Returns:
        Waits, and what was paid for at each look.

    Example:
        >>> made = autoscaled(np.array([0.0, 0.0]), np.array([60.0, 1.0]), Reactive(1, 1.0))
        >>> made.waits.tolist(), made.starts
        ([0.0, 45.0], 2)

    """
    run = _Run(rule, arrivals.tolist(), service.tolist())
    looks = int(arrivals[-1] // rule.every) + 1 if len(arrivals) else 0
    paid = np.full(looks, rule.spare, dtype=np.int64)
    look = 0
    while run.waiting_or_to_come:
        look = run.next_look(look)
        run.serve_until(look * rule.every)
        run.decide(look * rule.every)
        if look < looks:
            paid[look] = run.ready + len(run.starting)
        look += 1
    return Autoscaled(np.array(run.waits), paid, run.starts)


@dataclass(slots=True)
class _Run:
    """The state of a replay: what is ready, starting, busy and queued."""

    rule: Reactive
    arrivals: list[float]
    service: list[float]
    ready: int = field(init=False)
    starts: int = 0
    at: int = 0
    below_since: float = math.inf
    waits: list[float] = field(init=False)
    starting: deque[float] = field(default_factory=deque)
    queue: deque[int] = field(default_factory=deque)
    busy: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ready = self.rule.spare
        self.waits = [0.0] * len(self.arrivals)

    @property
    def waiting_or_to_come(self) -> bool:
        return bool(self.queue) or self.at < len(self.arrivals)

    def next_look(self, look: int) -> int:
        """Looks at which nothing runs and nothing is to be dropped change nothing: pass over them."""
        still = not (self.busy or self.queue or self.starting) and self.ready == self.rule.spare
        if not still or self.at == len(self.arrivals):
            return look
        return max(look, math.ceil(self.arrivals[self.at] / self.rule.every))

    def serve_until(self, moment: float) -> None:
        """Take everything that happens up to a look, in order of time; at the same time service ends first."""
        while True:
            ends = self.busy[0] if self.busy else math.inf
            ready = self.starting[0] if self.starting else math.inf
            comes = self.arrivals[self.at] if self.at < len(self.arrivals) else math.inf
            now = min(ends, ready, comes)
            if now > moment:
                return
            if ends <= now:
                heapq.heappop(self.busy)
            elif ready <= now:
                self.starting.popleft()
                self.ready += 1
            else:
                self.queue.append(self.at)
                self.at += 1
            self._begin(now)

    def decide(self, now: float) -> None:
        """Start what is wanted at once; drop one a look after fewer were wanted for long enough."""
        rule = self.rule
        held = math.ceil(len(self.busy) / rule.batch)
        wanted = rule.spare + math.ceil(rule.factor * (len(self.busy) + len(self.queue)) / rule.batch)
        lacking = wanted - self.ready - len(self.starting)
        if lacking > 0:
            self.starting.extend([now + rule.start] * lacking)
            self.starts += lacking
        if wanted >= self.ready:
            self.below_since = math.inf
            return
        self.below_since = min(self.below_since, now)
        if now - self.below_since >= rule.patience and self.ready > max(held, rule.spare):
            self.ready -= 1

    def _begin(self, now: float) -> None:
        while self.queue and len(self.busy) < self.ready * self.rule.batch:
            first = self.queue.popleft()
            self.waits[first] = now - self.arrivals[first]
            heapq.heappush(self.busy, now + self.service[first])
