"""The expressions that a profile's metrics become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headway.portfolio.telemetry import Watts
from headway.sources.profiles import Metric, Resource

# Between these rungs a better one does not make the next needless: history may begin before the better one.
KEPT_BESIDE = frozenset({"R1", "R2", None})
# How far back a look at labels goes, in seconds.
_WEEK = 7 * 86_400


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes expressions over one set of labels and one step.

    Attributes:
        match: labels that every series has; a value that begins with ~ is a regular expression.
        by: labels that name a workload and its holder.
        step: length of a bin in seconds.
        watts: power between which a device's work is read off.
    """

    match: Mapping[str, str]
    by: Sequence[str]
    step: int
    watts: Watts

    def mean(self, resource: Resource, at: int) -> str:
        """Mean use by the resource's name at a place, without workloads that a better rung shows."""
        metric = resource.names[at]
        match resource.reads:
            case "gauge":
                made = self._sum(self._work(metric, "avg_over_time"))
            case "rate":
                made = self._sum(f"rate({self._range(metric)})")
            case "amount":
                made = self._sum(f"increase({self._range(metric)})")
            case _:
                total, times = (f"rate({self._range(metric, end)})" for end in ("_sum", "_count"))
                made = f"({self._sum(total)} / {self._sum(times)})"
        return self._less(self._scaled(made, metric), resource, at)

    def peak(self, resource: Resource, at: int) -> str | None:
        """Peak use inside a bin; None for what a counter or a histogram tells."""
        if resource.reads != "gauge":
            return None
        metric = resource.names[at]
        made = self._scaled(self._sum(self._work(metric, "max_over_time")), metric)
        return self._less(made, resource, at)

    def devices(self, resource: Resource, at: int) -> str:
        """How many series there are."""
        of = f"last_over_time({self._range(resource.names[at])})"
        return self._less(f"count by ({self._by}) ({of})", resource, at)

    def samples(self, resource: Resource, at: int) -> str:
        """How many readings a bin is made of."""
        name = "_count" if resource.reads == "mean" else ""
        return self._less(
            self._sum(f"count_over_time({self._range(resource.names[at], name)})"), resource, at
        )

    def held(self, metric: Metric) -> str:
        """The mean of a metric that says what is held."""
        return self._scaled(self._sum(f"avg_over_time({self._range(metric)})"), metric)

    def some(self, resource: Resource, at: int, seconds: int) -> str:
        """A few series of a metric as they stand, with all their labels, of the last so many seconds."""
        end = "_count" if resource.reads == "mean" else ""
        over = self._range(resource.names[at], end, min(seconds, _WEEK))
        return f"topk(3, last_over_time({over}))"

    @property
    def _by(self) -> str:
        return ", ".join(self.by)

    def _sum(self, of: str) -> str:
        return f"sum by ({self._by}) ({of})"

    def _range(self, metric: Metric, end: str = "", seconds: int = 0) -> str:
        matchers = [*metric.where, *(_matcher(label, value) for label, value in self.match.items())]
        chosen = f"{{{','.join(matchers)}}}" if matchers else ""
        return f"{metric.name}{end}{chosen}[{seconds or self.step}s]"

    def _work(self, metric: Metric, function: str) -> str:
        over = f"{function}({self._range(metric)})"
        if not metric.between_watts:
            return over
        idle, full = self.watts.idle, self.watts.full
        return f"clamp(({over} - {idle:g}) / {full - idle:g}, 0, 1)"

    def _scaled(self, made: str, metric: Metric) -> str:
        return made if metric.scale == 1 else f"{made} * {metric.scale!r}"

    def _less(self, made: str, resource: Resource, at: int) -> str:
        """A poor signal is read only where no better one shows the workload."""
        if resource.names[at].rung in KEPT_BESIDE:
            return made
        better = [f"last_over_time({self._range(m)})" for m in resource.names[:at]]
        return made + "".join(f" unless on ({self._by}) {self._sum(one)}" for one in better)


def _matcher(label: str, value: str) -> str:
    expression = value.startswith("~")
    text = value.removeprefix("~").replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{label}{"=~" if expression else "="}"{text}"'
