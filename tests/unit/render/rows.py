"""The rows that a review's record is made of, made up."""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]

AS_OF = "2026-03-31T21:59:59.999999Z"
CITATION = "Example, A. (2025). A made-up trial. Journal of Examples 1(2)"


def estimate(
    value: float, low: float, high: float, unit: str = "relative change", **more: Any
) -> dict[str, Any]:
    """An estimate; keywords that are not its own become details."""
    own: dict[str, Any] = {k: more.pop(k) for k in ("level", "n", "method") if k in more}
    made: dict[str, Any] = {
        "value": value,
        "low": low,
        "high": high,
        "level": 0.95,
        "unit": unit,
        "n": 246,
        "method": "CR2",
    }
    return {**made, **own, "detail": more}


def evidence(
    measure: str,
    metric: str,
    of: dict[str, Any],
    grade: str = "A",
    reasons: tuple[str, ...] = (),
    **more: Any,
) -> dict[str, Any]:
    """An evidence row; its id is made of what it is about."""
    made: dict[str, Any] = {
        "id": f"{abs(hash_of(measure + metric + str(of['value']))):064x}",
        "subject": "somebody",
        "measure": measure,
        "metric": metric,
        "estimate": of,
        "grade": grade,
        "grade_reasons": list(reasons),
        "observed": {"from": "2025-02-01T00:00:00.000000Z", "to": "2025-06-30T00:00:00.000000Z"},
        "received_at": "2026-03-31T22:00:00.000000Z",
        "valid_until": "2026-06-30T00:00:00.000000Z",
        "closed": True,
        "provenance": [
            {
                "source": "trial",
                "fact": "unit",
                "digest": "13ce352111dd2fcf2437b2992db41d5c1366cf669fb4131642a71b40e69323c5",
                "request": "54e6558c92a1175e41a48c227b11fc056ff01ffc17ad46d6b1a6bfd3c49ba475",
                "rows": 12345,
                "citation": CITATION,
                "licence": "CC BY 4.0",
            }
        ],
        "asked": {"measure_version": "1"},
        "sentence": "",
    }
    return {**made, **more}


def hash_of(text: str) -> int:
    """A number that is the same in every run, unlike `hash`."""
    return int.from_bytes(text.encode(), "big") % 2**250


def requirement(name: str, state: str = "met", saw: str = "", need: str = "", **more: Any) -> dict[str, Any]:
    """A judged requirement."""
    made: dict[str, Any] = {
        "id": name,
        "state": state,
        "saw": saw or f"what {name} saw",
        "need": need or f"what {name} needs",
        "reason": "none" if state == "missing" else "",
        "evidence_ids": [],
        "mode": "block",
        "move": "accountable",
        "who": "ann",
        "guidance": f"what is expected of {name.rpartition('.')[2]}",
    }
    return {**made, **more}


def initiative(name: str, **more: Any) -> dict[str, Any]:
    """An initiative about which nothing is known yet."""
    made: dict[str, Any] = {
        "name": name,
        "title": name.replace("-", " ").capitalize(),
        "place": {"file": f"initiatives/{name}.yaml", "line": 1, "column": 1},
        "problem": "One claim in five is reopened, and customers wait eleven days more for their money.",
        "outcome": "reopened-claims",
        "outcome_title": "Reopened claims",
        "accountable": "ann",
        "sponsor": "bob",
        "stage": "piloting",
        "status": "active",
        "gate": "scale",
        "verdict": "missing",
        "enforced": "missing",
        "decision": None,
        "objective": {"change": -0.1, "scale": "relative", "good": -1, "metric": "reopened"},
        "forecast": None,
        "citation": "",
        "requirements": [requirement("scale.value.effect", "missing", "no effect has been measured")],
        "evidence": [],
        "missing": [],
    }
    return {**made, **more}


def missing(metric: str, why: str, reason: str = "none", measure: str = "cost") -> dict[str, Any]:
    """Evidence that is not there."""
    made = {"subject": "somebody", "measure": measure, "metric": metric, "reason": reason, "why": why}
    more: dict[str, Any] = {
        "settled_by": "a bill",
        "source": None,
        "fact": "cost",
        "mend": "bind a bill",
        "would_settle": [],
    }
    return {**made, **more}


def gap(settled_by: str, initiatives: list[str], **more: Any) -> dict[str, Any]:
    """What would settle a requirement of some initiatives."""
    made: dict[str, Any] = {
        "settled_by": settled_by,
        "fact": "unit",
        "source": None,
        "keys": ["pilot"],
        "mend": "declare `pilot:` and bind its table",
        "who": ["ann"],
        "initiatives": initiatives,
        "requirements": [{"id": "scale.value.effect", "initiatives": initiatives}],
    }
    return {**made, **more}


def base(basis: str, amount: str, by_grade: dict[str, str], **more: Any) -> dict[str, Any]:
    """Spend of one kind by the grade behind it."""
    made: dict[str, Any] = {
        "basis": basis,
        "per": {"metered": "window", "declared": "year", "budget": "once"}[basis],
        "currency": "EUR",
        "amount": amount,
        "by_grade": by_grade,
        "by_return_grade": {"D": amount},
        "initiatives": {},
        "from": None,
        "to": None,
    }
    return {**made, **more}


def changes(**more: Any) -> dict[str, Any]:
    """What changed: nothing."""
    made: dict[str, Any] = {
        "since": "2026-03-01",
        "revision": None,
        "as_of": "2026-03-01T22:59:59.999999Z",
        "rules": {"before": "starter@1#1d3beb925bcf", "after": "starter@1#1d3beb925bcf"},
        "initiatives": {"new": [], "removed": []},
    }
    kinds = ("stages", "verdicts", "requirements", "effects", "spend", "decisions", "expired")
    return {**made, **{kind: [] for kind in kinds}, **more}


def decision(initiative: str, kind: str = "approve", **more: Any) -> dict[str, Any]:
    """A decision of the ledger."""
    made: dict[str, Any] = {
        "seq": 1,
        "at": "2026-03-15T10:00:00.000000Z",
        "initiative": initiative,
        "actor": "bob",
        "kind": kind,
        "gate": "scale",
        "state": "met",
        "against": False,
    }
    return {**made, **more}


def outcome(name: str, initiatives: list[str], **more: Any) -> dict[str, Any]:
    """An outcome that leads to a P&L line."""
    made: dict[str, Any] = {
        "name": name,
        "title": name.replace("-", " ").capitalize(),
        "statement": "minimize the share of claims that are reopened",
        "customer": "policy holders",
        "line": None,
        "metric": {"name": "reopened", "unit": "% of claims", "better": "lower"},
        "baseline": {"value": 19.2, "low": 18.7, "high": 19.7},
        "target": {"value": 14.0, "by": "2026-12-31"},
        "owner": "head-of-claims",
        "initiatives": initiatives,
        "drives": ["claims-cost"],
        "latest_effect": None,
    }
    return {**made, **more}


def finding(code: str = "HW429", severity: str = "warning", **more: Any) -> dict[str, Any]:
    """A diagnostic."""
    made: dict[str, Any] = {
        "code": code,
        "severity": severity,
        "what": "the proxy practice_grade moved +48.1 %, the outcome it stands for did not",
        "place": {"file": "initiatives/maths-tutor.yaml", "line": 21, "column": 3},
        "mend": "let the gate read the outcome, not the proxy",
        "see": [{"place": "outcomes/exam.yaml:4:1", "word": "the outcome is declared here"}],
        "subject": "maths-tutor",
    }
    return {**made, **more}


def effect(metric: str, role: str, value: float, low: float, high: float, **more: Any) -> dict[str, Any]:
    """An effect."""
    keys = ("grade", "reasons", "sentence", "id", "valid_until", "observed", "provenance")
    own = {k: more.pop(k) for k in keys if k in more}
    unit = more.pop("unit", "relative change")
    arm = metric.partition("[")[2].rstrip("]") or "ai"
    return evidence("effect", metric, estimate(value, low, high, unit, role=role, arm=arm, **more), **own)


def returns(value: float, low: float, high: float, chance: float, arm: str = "") -> list[dict[str, Any]]:
    """A return and its probability."""
    detail = {
        "arm": arm or "ai",
        "p10": low / 2,
        "p90": high / 2,
        "worth_by_grade": {"A": value * 0.7, "C": value * 0.3 + 57000},
        "cost_per_year": "57000.00",
        "cost_parts": {"people": "45000.00", "bill": "12000.00"},
        "draws": 20000,
    }
    suffix, reasons = (f" [{arm}]" if arm else ""), ("effect grade A", "path to claims-cost grade C")
    money = estimate(value, low, high, "EUR per year", method="20,000 draws", **detail)
    near = estimate(chance, max(0, chance - 0.01), min(1, chance + 0.01), "probability", **detail)
    return [
        evidence("returns", f"return{suffix}", money, "C", reasons),
        evidence("returns", f"return_probability{suffix}", near, "C", reasons),
    ]


def cost(exact: str) -> dict[str, Any]:
    """A cost from the bill, to the last digit."""
    of = estimate(
        float(exact), float(exact), float(exact), "EUR", level=1.0, method="sum of BilledCost", exact=exact
    )
    return evidence("cost", "cost", of, "C", ("a count of the whole bill",))


def use(
    resource: str, used: tuple[float, float, float], idle: tuple[float, float, float]
) -> list[dict[str, Any]]:
    """Used and idle shares of a resource."""
    more: dict[str, Any] = {"n": 86400, "method": "12 workloads resampled 2000 times", "workloads": 12}
    return [
        evidence("utilisation", f"used_share [{resource}]", estimate(*used, unit="share", **more), "C"),
        evidence("utilisation", f"idle_share [{resource}]", estimate(*idle, unit="share", **more), "C"),
    ]


def portfolio(initiatives: list[dict[str, Any]], **more: Any) -> Record:
    """A review of some initiatives."""
    states: dict[str, int] = {}
    for one in initiatives:
        if one["verdict"]:
            states[one["verdict"]] = states.get(one["verdict"], 0) + 1
    stages: dict[str, int] = {}
    for one in initiatives:
        stages[one["stage"]] = stages.get(one["stage"], 0) + 1
    made: Record = {
        "schema": "headway.review/1",
        "as_of": AS_OF,
        "portfolio": {
            "name": "house",
            "title": "AI at the house",
            "currency": "EUR",
            "time_zone": "Europe/Berlin",
            "rules": "starter@1#1d3beb925bcf",
            "mode": "observe",
        },
        "people": {},
        "totals": {
            "initiatives": len(initiatives),
            "stages": stages,
            "claimed": {},
            "states": dict(sorted(states.items())),
            "bill": {},
        },
        "coverage": {"bases": [], "uncounted": []},
        "promotion": None,
        "changes": None,
        "moves": [],
        "gaps": [],
        "wins": [],
        "outcomes": [],
        "initiatives": initiatives,
        "diagnostics": [],
    }
    return {**made, **more}


def move(
    who: str, role: str, what: str, settles: list[str], week: float, state: str = "missing"
) -> dict[str, Any]:
    """A next move."""
    return {
        "who": who,
        "role": role,
        "requirement": what,
        "state": state,
        "what": "tags or columns of the bill that give nearly all of it to an initiative",
        "saw": "no source fills the fact cost",
        "settles": settles,
        "waiting_per_week": week,
        "waiting_basis": {"cost_of_delay": week} if week else {},
    }


def bill() -> dict[str, Any]:
    """A bill that adds up to the last of twelve decimals."""
    return {
        "bill": "154310.274164486660",
        "allocated": "132110.274164486660",
        "unallocated": "22200",
        "initiatives": {
            "claims-triage": "52000.12",
            "image-generation": "68109.88",
            "llm-chat": "12000.274164486660",
        },
        "billed": "154310.274164486660",
        "basis": {"BilledCost": "154310.274164486660"},
        "paths": {},
        "components": {},
        "unclaimed": "22200",
        "rounded": {
            "bill": "154310.27",
            "initiatives": {
                "claims-triage": "52000.12",
                "image-generation": "68109.88",
                "llm-chat": "12000.27",
            },
            "platform": {},
            "unclaimed": "22200.00",
        },
        "by_grade": {"A": "52000.12", "none": "102310.15416448666"},
        "from": "2025-10-01",
        "to": "2025-12-31",
    }
