"""A declared initiative, evidence about it, and one row to judge it by."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from headway.evidence.record import Evidence, Missing, Provenance
from headway.gates.judge import judge
from headway.gates.model import Gate
from headway.gates.requirement import Requirement
from headway.gates.row import typed
from headway.gates.subject import Subject
from headway.gates.verdict import Judged, Verdict
from headway.kernel.diagnostic import Diagnostic, Place
from headway.kernel.estimate import Estimate, Grade
from headway.kernel.identity import Json

AS_OF = datetime(2026, 3, 31, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
PILOT: dict[str, Json] = {
    "design": "randomised",
    "metric": "handle_minutes",
    "objective": {"change": "-10 %", "scale": "relative"},
}
PEOPLE: dict[str, Json] = {
    "accountable": "ann",
    "accountable.person": "ann",
    "sponsor": "ben",
    "sponsor.person": "ben",
    "hr": "head-of-people",
}


def subject(
    pilot: Json = PILOT, *, better: str = "lower", facts: dict[str, Json] | None = None, **declared: Json
) -> Subject:
    """An initiative whose pilot promises ten per cent fewer minutes."""
    initiative: dict[str, Json] = {"initiative": "replies", **declared}
    if pilot:
        initiative["pilot"] = pilot
    document: dict[str, Json] = {
        "initiative": initiative,
        "outcome": {"metric": {"name": "handle_minutes", "unit": "minutes"}},
    }
    known: dict[str, Json] = {"people": PEOPLE, "left": False, "findings": {}, "paths": [], "better": better}
    known.update(facts or {})
    return Subject("replies", "piloting", document, known)


def estimate(low: float, high: float, **other: Any) -> Estimate:
    """An interval with its middle as value."""
    middle = (low + high) / 2 if math.isfinite(low + high) else low
    given: dict[str, Any] = {
        "value": middle, "low": low, "high": high, "level": 0.95, "unit": "relative change", "n": 400,
        "method": "means", "grade": Grade.A, "detail": {"role": "outcome", "arm": "assisted"},
    }  # fmt: skip
    return Estimate(**{**given, **other})


def evidence(
    low: float = -0.2, high: float = -0.12, *, ago: timedelta = timedelta(days=1), **other: Any
) -> Evidence:
    """An effect on the pilot's outcome; what is given otherwise goes to the record or to its estimate."""
    own: dict[str, Any] = {
        k: other.pop(k) for k in ("measure", "metric", "valid_until", "closed", "observed") if k in other
    }
    last = AS_OF - ago
    given: dict[str, Any] = {
        "subject": "replies", "measure": "effect", "metric": "handle_minutes",
        "estimate": estimate(low, high, **other), "observed": (last - timedelta(days=30), last),
        "received_at": AS_OF, "valid_until": last + timedelta(days=7), "closed": False,
        "provenance": (Provenance("pilot", "unit", "d" * 64, "r" * 64, 400),),
    }  # fmt: skip
    return Evidence(**{**given, **own})


def arm(name: str, low: float, high: float, **other: Any) -> Evidence:
    """The effect of one of several arms."""
    detail = {"role": "outcome", "arm": name}
    return evidence(low, high, metric=f"handle_minutes [{name}]", detail=detail, **other)


def census(value: float, measure: str, metric: str, unit: str, **other: Any) -> Evidence:
    """A count over everything."""
    return evidence(
        value, value, measure=measure, metric=metric, unit=unit, level=1.0, grade=Grade.C, detail={}, **other
    )


def absent(reason: str = "none", why: str = "no rows yet", metric: str = "handle_minutes") -> Missing:
    """Why an effect is not there."""
    return Missing("replies", "effect", metric, reason, why)


def faults(row: dict[str, Any]) -> list[Diagnostic]:
    """What is wrong with a row; a place is the path that was pointed at."""
    made, found = typed(row, lambda *path: Place(".".join(map(str, path))))
    assert (made is None) == bool(found)
    return found


def requirement(**row: Any) -> Requirement:
    """A sound row."""
    made, found = typed({"id": "scale.value.effect", **row}, lambda *_: Place("row"))
    assert made is not None, found
    return made


def asking(op: str = ">", value: str = "{initiative.pilot.objective.change}", **row: Any) -> Requirement:
    """A row on the effect on the outcome."""
    use = {"use": row.pop("use")} if "use" in row else {}
    return requirement(measure="effect", bound={"op": op, "value": value, **use}, **row)


def gate(*rows: Requirement, mode: str = "block") -> Gate:
    """The gate scale with these rows."""
    return Gate("scale", mode, "starter@1#abc", rows)


def verdict(
    rows: Sequence[Requirement],
    found: Sequence[Evidence] = (),
    missing: Sequence[Missing] = (),
    on: Subject | None = None,
    as_of: datetime = AS_OF,
) -> Verdict:
    """The verdict of the gate on what was found."""
    return judge(gate(*rows), on or subject(), found, missing, as_of)


def judged(
    row: Requirement,
    *found: Evidence,
    missing: Sequence[Missing] = (),
    on: Subject | None = None,
    as_of: datetime = AS_OF,
) -> Judged:
    """The answer of one row."""
    return verdict([row], found, missing, on, as_of).requirements[0]
