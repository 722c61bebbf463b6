"""An initiative before the promotion budget of a year, and others whose e-values are frozen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tests.unit.gates.scenes import evidence, judged, requirement, subject

from headway.evidence.frozen import Budget, FrozenE
from headway.evidence.record import Evidence
from headway.gates.subject import Subject
from headway.gates.verdict import Judged
from headway.kernel.estimate import Grade
from headway.kernel.identity import Json

YEAR, REGISTERED = 2026, "d" * 64
BUDGET = Budget(year=YEAR, share=0.1, of="initiatives", slots=20, envelope="1000", currency="EUR")


def frozen(name: str, e: float, slot: int = 2, **other: Any) -> FrozenE:
    """The frozen e-value of another initiative."""
    given: dict[str, Any] = {
        "initiative": name, "approach": "assisted", "approaches": 1, "metric": "handle_minutes", "null": 0.0,
        "side": "less", "log_e": math.log(e), "look_at": "2026-03-30T12:00:00.000000Z", "n": 400, "r": 7.9,
        "method": "means", "grade": "A", "registration": REGISTERED, "evidence": "e" * 64, "slot": slot,
        "cost": "10",
    }  # fmt: skip
    return FrozenE(**{**given, **other})


def others(*e_values: float, **more: Any) -> list[FrozenE]:
    """One frozen row per e-value, each of an initiative of its own."""
    return [frozen(f"other-{at}", e, at + 2, **more) for at, e in enumerate(e_values)]


def effect(e: float | None, grade: Grade = Grade.A, arm: str = "assisted", **other: Any) -> Evidence:
    """An effect on the outcome with an e-value, or with none."""
    known: Json = None
    if e is not None:
        known = {
            "log_one_sided": math.log(e), "log_two_sided": math.log(e), "null": 0.0, "side": "less", "r": 7.9,
            "f": 1.0, "form": "t",
        }  # fmt: skip
    return evidence(grade=grade, detail={"role": "outcome", "arm": arm, "e": known}, **other)


def before(budget: Budget = BUDGET, rows: Sequence[FrozenE] = (), **fact: Json) -> Subject:
    """The initiative as the gate sees it, with its place in the budget."""
    known: dict[str, Json] = {
        "budget": budget.as_json(), "judged": YEAR, "slot": 1, "approaches": 1, "registration": REGISTERED,
        "cost": "10", "within": True, "shares_units_with": [], "frozen": [r.as_json() for r in rows],
    }  # fmt: skip
    return subject(facts={"promotion": {**known, **fact}})


def asked(*found: Evidence, on: Subject | None = None, of: Json = "10 %", **row: Any) -> Judged:
    """The answer of the row that asks for the promotion budget."""
    made = requirement(id="scale.value.promotion_budget", promotion_budget=of, **row)
    missing = row.pop("missing", ())
    return judged(made, *found, on=on or before(), missing=missing)


DAY = timedelta(days=1)
