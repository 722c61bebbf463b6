"""What is advised on the capacity of a workload, with what a replay says that it would have done."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from headway.kernel.estimate import Grade
from headway.kernel.identity import Json

Direction = Literal["up", "down", "keep"]
Level = Literal["none", "rolling", "static"]


@dataclass(frozen=True, slots=True)
class Interval:
    """A share or an amount with its ends, at 95 % unless told."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whether the history suffices for advice (spend-and-capacity.md 5).

    Attributes:
        level: what the history allows: no advice, policies that refit at least daily, or a standing grant.
        code: HW440 to HW443 where something lacks; none where nothing does.
        reason: what lacks, in one line.
        sufficient_on: the day on which the next level is reached, where time alone will do.
        shift: the ratio of the mean of the last fifth to that of the rest, with its interval.
        saturated: whether use lies at the grant so often that demand is not known.
        season_hours: the cycle that the history shows: 24 or 168.
        codes: every code of what lacks, `code` first.
        reasons: what lacks by each of them.
    """

    level: Level
    code: str = ""
    reason: str = ""
    sufficient_on: date | None = None
    shift: Interval | None = None
    saturated: bool = False
    season_hours: int = 24
    codes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a policy would have done on the part of history that it had not seen.

    Attributes:
        saving: share of what was granted that it would not have granted; negative where it grants more.
        violation: share of samples in which use exceeded its grant.
        unserved: share of use above its grant.
        slack: share of its grant that was not used.
        above: share of workloads with more violations than are allowed.
        samples: how many samples were scored.
        workloads: how many workloads were scored.
    """

    saving: Interval
    violation: Interval
    unserved: Interval
    slack: float
    above: float
    samples: int
    workloads: int


@dataclass(frozen=True, slots=True)
class Advice:
    """Advice on one workload and resource; without `proposed` where history does not suffice (HW440).

    Attributes:
        granted: the grant now, in `unit`.
        proposed: the grant advised, in `unit`.
        direction: more, less, or as it is. More outranks less, over all resources of the workload.
        replayed: the held-out replay of the policy on this workload.
        promised: the saving promised, with the interval in which it is to be found again.
        saving_per_day: what the saving is worth, in the portfolio's currency; None without a price.
        policy: its name; `parameters` are what it was run with.
        binds: the resource that decides, where several are advised together.
        grade: C at best: what is observed was shaped by what was granted.
    """

    workload: str
    resource: str
    unit: str
    granted: float
    proposed: float | None
    direction: Direction
    coverage: Coverage
    window: tuple[datetime, datetime]
    valid_until: datetime
    replayed: Replayed | None = None
    promised: Interval | None = None
    saving_per_day: float | None = None
    policy: str = ""
    parameters: dict[str, Json] = field(default_factory=dict)
    binds: str = ""
    rung: str = ""
    grade: Grade = Grade.C
    grade_reasons: tuple[str, ...] = ()
