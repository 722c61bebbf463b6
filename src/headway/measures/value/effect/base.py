"""The port of every pilot design, and the setting an estimate is made in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, Protocol

from headway.aggregates.engine import Bound
from headway.aggregates.request import Request
from headway.aggregates.sums import Sums
from headway.kernel.diagnostic import Diagnostic
from headway.kernel.estimate import Grade
from headway.kernel.identity import Json
from headway.measures.base import Ask
from headway.portfolio.guardrail import Guardrail, Margin
from headway.portfolio.pilot import Pilot
from headway.statistics.contrast import Contrast, Degenerate

Role = Literal["outcome", "proxy", "guardrail"]
Scale = Literal["absolute", "relative", "log"]
Form = Literal["t", "normal", "calibrator", "none"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One pilot over one bound source."""

    ask: Ask
    pilot: Pilot
    bound: Bound
    key: str | None

    @property
    def control(self) -> str:
        """The arm that the others are compared with."""
        return self.pilot.control

    @property
    def treated(self) -> tuple[str, ...]:
        """The other arms."""
        return self.pilot.treatments

    @property
    def scale(self) -> Scale:
        """The scale the objective is stated on."""
        return self.pilot.objective.scale

    @property
    def where(self) -> tuple[tuple[str, str], ...]:
        """What picks this pilot's rows out of a table that holds several."""
        return (("key", self.key),) if self.key else ()

    @property
    def cumulative(self) -> bool:
        """Whether the rows are snapshots: each states all that was there by then."""
        declared = self.ask.portfolio.sources.get(self.bound.source)
        return declared is not None and declared.cumulative

    def metrics(self) -> tuple[tuple[str, Role], ...]:
        """Every metric whose units are compared, the outcome first, each once.

        Guardrails that count errors or watch a series are not among them: they have their own comparison.
        """
        named: dict[str, Role] = {self.pilot.metric: "outcome"}
        named |= {p: "proxy" for p in self.pilot.proxies if p not in named}
        means = (g.metric for g in self.pilot.guardrails if g.kind == "mean")
        named |= {m: "guardrail" for m in means if m not in named}
        return tuple(named.items())

    def guardrail(self, metric: str) -> Guardrail | None:
        """The guardrail on a metric that is not itself the outcome or a proxy."""
        if metric == self.pilot.metric or metric in self.pilot.proxies:
            return None
        return next((g for g in self.pilot.guardrails if g.metric == metric), None)

    def scale_of(self, metric: str) -> Scale:
        """The scale a metric is compared on: that of its own margin, else that of the objective."""
        rail = self.guardrail(metric)
        if rail is None or rail.margin == Margin():
            return self.scale
        return "relative" if rail.relative else "absolute"


@dataclass(frozen=True, slots=True)
class Arm:
    """What integrity needs to know of an arm: units seen, units with an outcome, and the same of clusters."""

    units: int
    measured: int
    clusters: int | None = None
    measured_clusters: int | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """One treated arm against control on one metric.

    Attributes:
        metric: the metric.
        arm: the treated arm.
        contrast: the difference with its standard error, on `scale`.
        scale: ``absolute``, ``log`` (of the ratio, or of a metric that is a logarithm already), or
            ``relative`` (a coefficient over the control mean).
        control_mean: mean (or median) of the control arm, where it is known.
        arms: counts per arm.
        note: words that belong beside the number.
        beside: further figures for `headway explain`, such as what another standard error would say.
        form: how its e-value is made: from t with df, from the normal limit, by calibrating one p-value of a
            registered look, or not at all where nothing but an assumption stands behind it.
        p_one_sided: that p-value, of the good direction; only for ``calibrator``.
        ends: its interval, on `scale`, where that does not follow from t (placebo, conformal).
        notes: what a reader is warned of beside the number.
        planned: the size at the planned end, in the unit of its contrast's n, where that is not the plan's.
    """

    metric: str
    arm: str
    contrast: Contrast
    scale: Scale
    control_mean: float | None
    arms: Mapping[str, Arm]
    note: str = ""
    beside: Mapping[str, Json] = field(default_factory=dict)
    form: Form = "t"
    p_one_sided: float | None = None
    ends: tuple[float, float] | None = None
    notes: tuple[Diagnostic, ...] = ()
    planned: float | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """One treated arm on one metric that allows no estimate.

    Attributes:
        metric: the metric.
        arm: the treated arm.
        fault: why there is none.
        mend: what mends it, where that depends on the data; else the words of its code stand.
        found: the finding that says so, where the design knows it better than the fault's reason does.
    """

    metric: str
    arm: str
    fault: Degenerate
    mend: str = ""
    found: Diagnostic | None = None


class Design(Protocol):
    """A pilot design: pure but for its setting."""

    def needs(self, setting: Setting) -> tuple[Request, ...]:
        """The sums the design wants."""
        ...

    def compare(self, setting: Setting, sums: Mapping[Request, Sums]) -> Sequence[Compared | Refused]:
        """Every treated arm against control on every metric."""
        ...

    def arms(self, setting: Setting, sums: Mapping[Request, Sums]) -> Mapping[str, Arm]:
        """Counts per arm as the source has them, declared or not; none where nothing has arms."""
        ...

    def grade(self, setting: Setting, sums: Mapping[Request, Sums]) -> tuple[Grade, tuple[str, ...]]:
        """The best grade that the design and its checks allow, and why it is not better."""
        ...


def diagnostic(setting: Setting, code: str, what: str, mend: str, *path: str | int) -> Diagnostic:
    """A finding about one pilot, placed at its declaration."""
    name = setting.ask.initiative.initiative
    place = setting.ask.portfolio.place("initiative", name, "pilot", *path)
    return Diagnostic(code, what, place, mend, subject=name)


def randomised_grade(setting: Setting) -> tuple[Grade, tuple[str, ...]]:
    """A by design; whether it was registered in time is asked of every design of grade A alike."""
    return Grade.A, ("clusters randomised" if setting.pilot.design == "clusters" else "randomised",)


def at_midnight(day: object) -> datetime | None:
    """A moment from a date or moment that an engine returned, in UTC."""
    if isinstance(day, datetime):
        return day if day.tzinfo else day.replace(tzinfo=UTC)
    return datetime.fromisoformat(str(day)).replace(tzinfo=UTC) if day is not None else None
