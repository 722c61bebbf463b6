"""An autoscaler that looks at what is busy and waiting, replayed on recorded requests with cold starts."""

from __future__ import annotations

import heapq
import math
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
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


def autoscaled(
    arrivals: FloatArray, service: FloatArray, rules: Sequence[Reactive], period: float = math.inf
) -> Autoscaled:
    """Replay an autoscaler, first come, first served, service as recorded.

    Args:
        arrivals: seconds since the first look, ascending and not negative.
        service: seconds that each request takes.
        rules: its settings, one for each period; the last stands for what follows. All look equally often.
            It begins with the spare servers of the first ready.
        period: seconds that one setting holds.

    Returns:
        Waits, and what was paid for at each look.

    Example:
        >>> made = autoscaled(np.array([0.0, 0.0]), np.array([60.0, 1.0]), [Reactive(1, 1.0)])
        >>> made.waits.tolist(), made.starts
        ([0.0, 45.0], 2)

    """
    run = _Run(arrivals.tolist(), service.tolist(), rules[0].spare, rules[0].batch)
    every = rules[0].every
    looks = int(arrivals[-1] // every) + 1 if len(arrivals) else 0
    paid: list[int] = []
    while run.begun < len(run.arrivals):
        rule = rules[min(int(len(paid) * every // period), len(rules) - 1)]
        ahead = run.next_look(len(paid), every, rule)
        paid.extend([run.ready] * (ahead - len(paid)))
        run.serve_until(ahead * every)
        run.decide(ahead * every, rules[min(int(ahead * every // period), len(rules) - 1)])
        paid.append(run.ready + len(run.starting))
    return Autoscaled(np.array(run.waits), np.array(paid[:looks], dtype=np.int64), run.starts)


@dataclass(slots=True)
class _Run:
    """The state of a replay. Requests begin in the order in which they came: two counts are the queue."""

    arrivals: list[float]
    service: list[float]
    ready: int
    batch: int = 1
    starts: int = 0
    begun: int = 0
    arrived: int = 0
    since: float = 0.0
    below_since: float = math.inf
    waits: list[float] = field(default_factory=list)
    starting: deque[float] = field(default_factory=deque)
    busy: list[float] = field(default_factory=list)

    def next_look(self, look: int, every: float, rule: Reactive) -> int:
        """The next look that can change anything: none does while nothing runs and none is to be dropped."""
        still = not self.busy and not self.starting and self.arrived == self.begun
        if not still or self.ready != rule.spare:
            return look
        return max(look, math.ceil(self.arrivals[self.begun] / every))

    def serve_until(self, moment: float) -> None:
        """Begin what can begin up to a look; the number of servers changes only when one gets ready."""
        while self.starting and self.starting[0] <= moment:
            self._begin_until(self.starting[0])
            self.since = self.starting.popleft()
            self.ready += 1
        self._begin_until(moment)
        self.since = moment

    def _begin_until(self, moment: float) -> None:
        busy, places = self.busy, self.ready * self.batch
        while self.begun < len(self.arrivals) and places:
            came = self.arrivals[self.begun]
            # What waited so far could not begin before the number of servers changed.
            begins = max(came, self.since)
            if begins > moment:
                return
            while busy and busy[0] <= begins:
                heapq.heappop(busy)
            if len(busy) >= places:
                begins = busy[0]
            if begins > moment:
                return
            if len(busy) >= places:
                heapq.heappop(busy)
            self.waits.append(begins - came)
            heapq.heappush(busy, begins + self.service[self.begun])
            self.begun += 1

    def decide(self, now: float, rule: Reactive) -> None:
        """Start what is wanted at once; drop one a look after fewer were wanted for long enough."""
        self.batch = rule.batch
        while self.busy and self.busy[0] <= now:
            heapq.heappop(self.busy)
        self.arrived = bisect_right(self.arrivals, now, self.begun)
        queued = self.arrived - self.begun
        wanted = rule.spare + math.ceil(rule.factor * (len(self.busy) + queued) / rule.batch)
        lacking = wanted - self.ready - len(self.starting)
        if lacking > 0:
            self.starting.extend([now + rule.start] * lacking)
            self.starts += lacking
        if wanted >= self.ready:
            self.below_since = math.inf
            return
        self.below_since = min(self.below_since, now)
        held = math.ceil(len(self.busy) / rule.batch)
        if now - self.below_since >= rule.patience and self.ready > max(held, rule.spare):
            self.ready -= 1
