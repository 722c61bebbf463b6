"""What changed between two reviews of a portfolio, from their records alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from headway.app.coverage import exact
from headway.kernel.identity import Json
from headway.kernel.money import ZERO, add

Record = Mapping[str, Any]
# Beyond the digits that every machine agrees on (DESIGN 6.1), a number has not moved.
_SAME = 1e-9
_SHOWN = ("value", "low", "high", "unit")


def changes_of(before: Record, after: Record, since: str, revision: str | None) -> dict[str, Json]:
    """Everything that moved from one record of a review to the next.

    Args:
        before: the earlier record.
        after: the record of now.
        since: what was asked for, as written.
        revision: the Git revision the files of the earlier one came from, where they did.
    """
    old = {i["name"]: i for i in before["initiatives"]}
    new = {i["name"]: i for i in after["initiatives"]}
    both = [(old[n], new[n]) for n in new if n in old]
    return {
        "since": since,
        "revision": revision,
        "as_of": before["as_of"],
        "rules": {"before": before["portfolio"]["rules"], "after": after["portfolio"]["rules"]},
        "initiatives": {
            "new": [n for n in new if n not in old],
            "removed": [n for n in old if n not in new],
        },
        "stages": [*_moved(both, "stage"), *_moved(both, "status")],
        "verdicts": [
            {"initiative": b["name"], "gate": b["gate"], "before": a["verdict"], "after": b["verdict"]}
            for a, b in both
            if a["gate"] == b["gate"] and a["verdict"] != b["verdict"]
        ],
        "requirements": [row for a, b in both for row in _flipped(a, b)],
        "effects": [row for a, b in both for row in _effects(a, b)],
        "spend": list(_spend(before, after)),
        "decisions": [],
        "expired": [row for _, b in both for row in _expired(b, before["as_of"], after["as_of"])],
    }


def _moved(both: list[tuple[Record, Record]], key: str) -> Iterator[dict[str, Json]]:
    for a, b in both:
        if a[key] != b[key]:
            yield {"initiative": b["name"], "what": key, "before": a[key], "after": b[key]}


def _flipped(a: Record, b: Record) -> Iterator[dict[str, Json]]:
    """Requirements whose state is another one; a row that is asked for the first time has none before."""
    old = {r["id"]: r for r in a["requirements"]}
    for row in b["requirements"]:
        was = old.get(row["id"])
        if was is not None and was["state"] != row["state"]:
            yield {
                "initiative": b["name"],
                "id": row["id"],
                "before": was["state"],
                "after": row["state"],
                "saw_before": was["saw"],
                "saw_after": row["saw"],
            }


def _effects(a: Record, b: Record) -> Iterator[dict[str, Json]]:
    old, new = _outcomes(a), _outcomes(b)
    for metric in dict.fromkeys((*old, *new)):
        was, now = old.get(metric), new.get(metric)
        if was is None or now is None or _differs(was, now):
            yield {
                "initiative": b["name"],
                "metric": metric,
                "before": _numbers(was) if was else None,
                "after": _numbers(now) if now else None,
            }


def _outcomes(one: Record) -> dict[str, Record]:
    return {
        e["metric"]: e
        for e in one["evidence"]
        if e["measure"] == "effect" and e["estimate"]["detail"].get("role") == "outcome"
    }


def _differs(was: Record, now: Record) -> bool:
    if (was["grade"], was["estimate"]["unit"]) != (now["grade"], now["estimate"]["unit"]):
        return True
    return any(
        abs(was["estimate"][k] - now["estimate"][k])
        > _SAME * max(abs(was["estimate"][k]), abs(now["estimate"][k]))
        for k in ("value", "low", "high")
    )


def _numbers(row: Record) -> dict[str, Json]:
    return {**{k: row["estimate"][k] for k in _SHOWN}, "grade": row["grade"]}


def _expired(b: Record, since: str, now: str) -> Iterator[dict[str, Json]]:
    """Evidence that still stood then and does not now."""
    for row in b["evidence"]:
        until = row["valid_until"]
        if until is not None and since <= until < now:
            yield {
                "initiative": b["name"],
                "measure": row["measure"],
                "metric": row["metric"],
                "valid_until": until,
            }


def _spend(before: Record, after: Record) -> Iterator[dict[str, Json]]:
    old, new = _amounts(before), _amounts(after)
    for basis, currency in dict.fromkeys((*old, *new)):
        was, now = old.get((basis, currency), ZERO), new.get((basis, currency), ZERO)
        if was != now:
            yield {
                "basis": basis,
                "currency": currency,
                "before": exact(was),
                "after": exact(now),
                "added": exact(add(now, -was)),
            }


def _amounts(record: Record) -> dict[tuple[str, str], Decimal]:
    return {(b["basis"], b["currency"]): Decimal(b["amount"]) for b in record["coverage"]["bases"]}
