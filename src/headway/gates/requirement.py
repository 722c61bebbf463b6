"""One row of an operating model: a predicate, how strictly it holds, and whose move it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from headway.kernel.estimate import Grade
from headway.kernel.identity import Json
from headway.kernel.quantity import show_duration

MODES = ("observe", "warn", "block")
GROUPS = ("all", "any", "none", "at_least")
GATES = ("framed", "pilot", "scale", "operate", "keep")
COMPONENTS = ("value", "spend", "data", "people", "process", "risk")


@dataclass(frozen=True, slots=True)
class Requirement:
    """A requirement.

    Attributes:
        id: gate.component.name.
        predicate: the kind of predicate, a registered rule or a group.
        body: the predicate's own settings, plain.
        mode: ``observe``, ``warn`` or ``block``; it may only lower the gate's.
        move: whose move it is while it is not met: a role.
        standing: judged again at every later gate.
        waivable: whether it may be dropped or waived at all.
        grade: least grade of the evidence.
        max_age: how old running evidence may be; it never makes the result of an ended pilot old.
        stands: how long the result of an ended pilot stands under this operating model, instead of the
            validity of its grade. A setting of headway's own: a portfolio of published studies needs years,
            a fast market less than a grade would give.
        min_n: least number of units.
        guidance: which evidence is expected.
        members: what a group is made of, each with the evidence settings (grade, ages, n) that hold in it.
    """

    id: str
    predicate: str
    body: Mapping[str, Any]
    mode: str = "block"
    move: str = "accountable"
    standing: bool = False
    waivable: bool = True
    grade: Grade | None = None
    max_age: timedelta | None = None
    stands: timedelta | None = None
    min_n: int = 0
    guidance: str = ""
    law: str = ""
    why: str = ""
    good_example: str = ""
    members: tuple[Requirement, ...] = ()

    @property
    def gate(self) -> str:
        """The gate it stands at."""
        return self.id.partition(".")[0]

    def as_json(self) -> dict[str, Json]:
        """The row in the form it is written in; `row.typed` reads it back."""
        row: dict[str, Json] = {"id": self.id, **self.body, "mode": self.mode, "move": self.move}
        row |= {"standing": str(self.standing).lower(), "waivable": str(self.waivable).lower()}
        row |= {k: v for k in ("guidance", "law", "why", "good_example") if (v := getattr(self, k))}
        row |= {k: show_duration(v) for k in ("max_age", "stands") if (v := getattr(self, k)) is not None}
        if self.grade:
            row["grade"] = self.grade.value
        if self.min_n:
            row["min_n"] = str(self.min_n)
        return row
