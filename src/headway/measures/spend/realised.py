"""Advice that was applied: what saving it promised, and what became of it."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import numpy as np

from headway.facts.act import Act
from headway.kernel.identity import Json
from headway.measures.spend.advice import Advice, Interval
from headway.measures.spend.load import Load
from headway.measures.spend.timeline import timeline

ACT = "advice_applied"
"""The act by which an advice that was applied enters the ledger; its subject is the component."""

OURS = "headway"
LEAST_PRESENT = 0.9
"""The share of the bins after it that must be there, or the saving is not measured."""

State = Literal["open", "closed", "superseded"]


@dataclass(frozen=True, slots=True)
class Applied:
    """An advice as it was applied.

    Attributes:
        component: whose workload it is.
        workload: its name.
        resource: of which the grant is.
        unit: of the grants.
        granted: the grant before.
        proposed: the grant from then on.
        promised: the saving promised; None where nobody said an interval.
        season_hours: for how long after it the saving is measured.
        recommender: who advised: headway, krr, vpa, or a person.
        randomised: whether the workloads that got it first were drawn by lot.
        at: when it was recorded.
        seq: the entry of the ledger; 0 before it is one.
    """

    component: str
    workload: str
    resource: str
    unit: str
    granted: float
    proposed: float
    promised: Interval | None
    season_hours: int
    recommender: str
    randomised: bool
    at: datetime
    seq: int = 0

    @classmethod
    def of_advice(
        cls, component: str, advice: Advice, at: datetime, by: str = OURS, *, randomised: bool = False
    ) -> Applied:
        """What is recorded of an advice.

        Raises:
            ValueError: it proposes nothing.
        """
        if advice.proposed is None:
            msg = f"nothing is proposed for {advice.workload}"
            raise ValueError(msg)
        return cls(
            component,
            advice.workload,
            advice.resource,
            advice.unit,
            advice.granted,
            advice.proposed,
            advice.promised,
            advice.coverage.season_hours,
            by,
            randomised,
            at,
        )

    @property
    def due(self) -> datetime:
        """When its saving can be measured."""
        return self.at + timedelta(hours=self.season_hours)

    def as_body(self) -> dict[str, Json]:
        """The act's own fields."""
        promised = self.promised
        return {
            "workload": self.workload,
            "resource": self.resource,
            "unit": self.unit,
            "granted": self.granted,
            "proposed": self.proposed,
            "promised": [promised.value, promised.low, promised.high] if promised else None,
            "season_hours": self.season_hours,
            "recommender": self.recommender,
            "randomised": self.randomised,
        }

    @classmethod
    def of_act(cls, act: Act) -> Applied | None:
        """What an entry says; None where it is no such act, or says it in another way."""
        body: Mapping[str, Any] = act.body
        try:
            promised = body["promised"]
            return cls(
                act.subject,
                str(body["workload"]),
                str(body["resource"]),
                str(body["unit"]),
                float(body["granted"]),
                float(body["proposed"]),
                Interval(*map(float, promised)) if promised else None,
                int(body["season_hours"]),
                str(body["recommender"]),
                body["randomised"] is True,
                act.at,
                act.seq,
            )
        except (KeyError, TypeError, ValueError):
            return None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an applied advice.

    Attributes:
        applied: the advice.
        state: open until its saving is measured over one season; superseded where another came before that.
        realised: the share of the earlier grant that was not granted any more; None while it is open.
        why: what an open one waits for.
    """

    applied: Applied
    state: State
    realised: float | None = None
    why: str = ""

    @property
    def inside(self) -> bool | None:
        """Whether the saving was found in the promised interval; None where either is not there."""
        promised = self.applied.promised
        if promised is None or self.realised is None:
            return None
        return promised.low - 1e-9 <= self.realised <= promised.high + 1e-9


@dataclass(frozen=True, slots=True)
class Record:
    """How one recommender's promises were kept.

    Attributes:
        recommender: who.
        open: advices whose saving is not measured yet.
        closed: those whose saving was.
        promised: mean saving promised, over the closed ones with a promise; None without any.
        realised: mean saving realised, over all closed ones; None without any.
        inside: how many were found inside their interval.
        judged: of how many.
    """

    recommender: str
    open: int
    closed: int
    promised: float | None
    realised: float | None
    inside: int
    judged: int


def applied_to(acts: Iterable[Act], components: Collection[str], as_of: datetime) -> tuple[Applied, ...]:
    """The advices that were applied to components up to a moment, in the order of the ledger."""
    mine = (a for a in acts if a.act == ACT and a.subject in components and a.at <= as_of)
    return tuple(found for act in mine if (found := Applied.of_act(act)))


def outcomes(applied: Sequence[Applied], loads: Sequence[Load], as_of: datetime) -> tuple[Outcome, ...]:
    """Set what was realised beside what was promised, one season after each advice.

    What is measured is one season and no more, so that a closed entry says the same for ever.

    Args:
        applied: in the order of the ledger.
        loads: of their components.
        as_of: the moment of the review.
    """
    by = {(load.workload, load.resource): load for load in loads}
    return tuple(_outcome(one, applied[i + 1 :], by, as_of) for i, one in enumerate(applied))


def _outcome(
    one: Applied, later: Sequence[Applied], loads: Mapping[tuple[str, str], Load], as_of: datetime
) -> Outcome:
    same = [a for a in later if _of(a) == _of(one) and a.at < one.due]
    if same:
        return Outcome(one, "superseded", why=f"another advice was applied on {same[0].at.date()}")
    load = loads.get((one.workload, one.resource))
    if as_of < one.due:
        return Outcome(one, "open", why=f"its saving is measured on {one.due.date()}")
    if load is None:
        return Outcome(one, "open", why="its use is not metered")
    part = load.between(one.at.timestamp(), one.due.timestamp())
    line = timeline([part])
    seen = line.present * line.hours / one.season_hours if line else 0.0
    if seen < LEAST_PRESENT:
        return Outcome(one, "open", why=f"{100 * seen:.0f} % of its bins after it are there, 90 % are needed")
    held = float(part.count @ part.granted) / part.bins
    return Outcome(one, "closed", 1 - held / one.granted if one.granted > 0 else 0.0)


def _of(one: Applied) -> tuple[str, str, str]:
    return one.component, one.workload, one.resource


def records(found: Iterable[Outcome]) -> tuple[Record, ...]:
    """How each recommender's promises were kept, by name."""
    by: dict[str, list[Outcome]] = {}
    for one in found:
        by.setdefault(one.applied.recommender, []).append(one)
    return tuple(_record(name, by[name]) for name in sorted(by))


def _record(name: str, found: Sequence[Outcome]) -> Record:
    closed = [one for one in found if one.realised is not None]
    promised = [one.applied.promised.value for one in closed if one.applied.promised]
    realised = [one.realised for one in closed if one.realised is not None]
    judged = [one.inside for one in closed if one.inside is not None]
    return Record(
        name,
        sum(one.state == "open" for one in found),
        len(closed),
        float(np.mean(promised)) if promised else None,
        float(np.mean(realised)) if realised else None,
        sum(judged),
        len(judged),
    )


def share_interval(kept: int, of: int) -> Interval:
    """A share with its 95 % interval (Wilson, JASA 22, 1927).

    Example:
        >>> share_interval(9, 10)
        Interval(value=0.9, low=0.5958499732047615, high=0.9821237869049271)

    """
    z, share = 1.959963984540054, kept / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    reach = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return Interval(share, max(0.0, middle - reach), min(1.0, middle + reach))
