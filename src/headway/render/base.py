"""The port of every face, and how all of them read the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

Record = Mapping[str, Any]

# Beyond, the arithmetic of an axis overflows; no measured number is so large.
LARGEST = 1e300
_ROLES = {"outcome": 0, "proxy": 1, "guardrail": 2}
_OPEN = {"missed": 0, "inconclusive": 1, "missing": 2}


class Renderer(Protocol):
    """A face: the review's record and the width of the place it is shown in, to text."""

    def __call__(self, record: Record, width: int) -> str:
        """Draw the record."""
        ...


def role_of(row: Record) -> str:
    """What an effect is to its initiative: its outcome, a proxy for it, or a guardrail."""
    return str(row["estimate"]["detail"].get("role", ""))


def effects_of(initiative: Record) -> list[Record]:
    """The effects of an initiative, outcomes before proxies."""
    found = [e for e in initiative["evidence"] if e["measure"] == "effect"]
    return sorted(found, key=lambda e: _ROLES.get(role_of(e), len(_ROLES)))


def outcome_effects(initiative: Record) -> list[Record]:
    """The effects on the outcome alone, one per arm."""
    return [e for e in effects_of(initiative) if role_of(e) == "outcome"]


def judged_guardrails(initiative: Record) -> list[Record]:
    """The guardrails that were judged against a margin, one per arm."""
    return [e for e in effects_of(initiative) if "guardrail" in e["estimate"]["detail"]]


def other_evidence(initiative: Record) -> list[Record]:
    """Everything measured that is not an effect; what one outcome costs first, beside the effect."""
    found = [e for e in initiative["evidence"] if e["measure"] != "effect"]
    return sorted(found, key=lambda e: e["measure"] != "unit_cost")


def named(initiative: Record, metric: str) -> list[Record]:
    """The evidence of one metric: one row per arm or resource."""
    return [e for e in initiative["evidence"] if e["metric"].partition(" [")[0] == metric]


def open_rows(initiative: Record) -> list[Record]:
    """Requirements that are neither met nor waived: missed, then undecided, then missing."""
    rows = [r for r in initiative["requirements"] if r["state"] in _OPEN]
    return sorted(rows, key=lambda r: _OPEN[r["state"]])


def settled_rows(initiative: Record) -> list[Record]:
    """Requirements that are met or waived."""
    return [r for r in initiative["requirements"] if r["state"] not in _OPEN]


def state_of(initiative: Record) -> str:
    """The verdict, or the status where nothing was judged."""
    return str(initiative["verdict"] or initiative["status"])


def saw(row: Record) -> str:
    """What a requirement saw, and in front of it why that is no evidence."""
    if row["reason"] in ("", "none"):
        return str(row["saw"])
    return f"{row['reason'].replace('_', ' ')}: {row['saw']}"


def below(folder: str, place: Record) -> str:
    """The path of a file from where a command ran, whose portfolio lies in a folder."""
    return f"{folder}/{place['file']}" if folder else str(place["file"])


def drawable(estimate: Record) -> bool:
    """Whether value and both ends are numbers that have a place on an axis."""
    ends = (estimate["value"], estimate["low"], estimate["high"])
    return all(isinstance(x, int | float) and abs(x) <= LARGEST for x in ends)


def standing(row: Record, objective: Record | None) -> str:
    """Where an effect on the outcome lies: ``reached``, ``short``, ``wrong`` or ``undecided``."""
    good = objective["good"] if objective else 1
    asked = good * objective["change"] if objective else 0.0
    estimate = row["estimate"]
    low, high = sorted((good * estimate["low"], good * estimate["high"]))
    if low > asked:
        return "reached"
    if high < 0:
        return "wrong"
    return "short" if high <= asked else "undecided"


def best_standing(initiative: Record) -> str:
    """The best that any arm shows; ``unmeasured`` without an effect on the outcome."""
    found = {standing(e, initiative["objective"]) for e in outcome_effects(initiative)}
    return next((s for s in ("reached", "undecided", "short", "wrong") if s in found), "unmeasured")
