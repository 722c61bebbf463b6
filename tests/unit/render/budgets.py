"""A promotion budget as a review would tell it, made up."""

from __future__ import annotations

import math
from typing import Any


def standing(accepted: bool, alone: str = "50", needed: str = "25", beside: int = 1) -> dict[str, Any]:
    """In or not, and what it needs."""
    logs = {"log_alone": 3.912023005, "log_needed": 3.218875825}
    return {"accepted": accepted, "alone": alone, "needed": needed, "beside": beside, **logs}


def asking(name: str, e: float, **more: Any) -> dict[str, Any]:
    """An e-value that is frozen and in."""
    made = {
        "initiative": name, "approach": "assisted", "approaches": 1, "metric": "reopened", "slot": 1,
        "frozen": True, "look_at": "2026-03-30T12:00:00.000000Z", "n": 400, "log_e": math.log(e),
        "e": f"{e:,.3g}", "cost": "900000", "by_count": standing(accepted=True),
        "by_money": standing(accepted=True, beside=0),
    }  # fmt: skip
    return {**made, **more}


def budget(
    rows: list[dict[str, Any]], b_rows: list[dict[str, Any]] | None = None, **more: Any
) -> dict[str, Any]:
    """The budget of a year with its two lists."""
    made = {
        "year": 2026, "share": 0.1, "of": "initiatives", "slots": 5, "used": 2, "held": 3, "free": 2,
        "waiting": [], "envelope": "2000000", "asked": "1900000", "currency": "EUR", "shared": [],
        "not_compared": [], "without": [],
        "lists": [
            {"grade": "A", "holds": "holds by design", "accepted": {"by_count": 1, "by_money": 1},
             "promoted": "900000", "rows": rows},
            {"grade": "B", "holds": "holds only if the assumption of its comparisons does",
             "accepted": {"by_count": 0, "by_money": 0}, "promoted": "0", "rows": b_rows or []},
        ],
    }  # fmt: skip
    return {**made, **more}


def full(names: list[str]) -> dict[str, Any]:
    """Every part of it: frozen and not, in and out, several approaches, grade B, shared units, who waits."""
    out = standing(accepted=False, beside=2)
    rows = [
        asking(names[0], 609),
        asking(names[1], 35.7, slot=2, by_count=out, by_money=None, cost=None, look_at=None),
        asking(
            names[2], 0.02, slot=3, frozen=False, approaches=2, by_count=out,
            by_money=standing(accepted=False),
        ),
    ]  # fmt: skip
    b_rows = [asking(names[3], 80, frozen=False, by_count=standing(accepted=True, beside=0))]
    cells = [
        {"arms": ["control", "old"], "units": 12, "means": [0.2, 4.5]},
        {"arms": ["assisted", "new"], "units": 3, "means": [None, None]},
    ]
    return budget(
        rows,
        b_rows,
        waiting=names[4:6],
        shared=[{"initiatives": names[:2], "units": 15, "share": 0.05, "cells": cells}],
        not_compared=[{"initiative": names[2], "why": "source 'x' is summed already"}],
        without=[{"initiative": names[4], "why": "no e-value: no pilot is declared"}],
    )
