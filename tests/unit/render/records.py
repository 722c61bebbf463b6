"""Reviews as plain data, made up: what `headway review --format json` would say of some portfolios."""

from __future__ import annotations

from copy import deepcopy
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
        "problem": "One claim in five is reopened, and customers wait eleven days more for their money.",
        "outcome": "reopened-claims",
        "accountable": "ann",
        "sponsor": "bob",
        "stage": "piloting",
        "status": "active",
        "gate": "scale",
        "verdict": "missing",
        "enforced": "missing",
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
    return {"subject": "somebody", "measure": measure, "metric": metric, "reason": reason, "why": why}


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
        "totals": {"initiatives": len(initiatives), "states": dict(sorted(states.items())), "bill": {}},
        "moves": [],
        "outcomes": [],
        "initiatives": initiatives,
        "diagnostics": [],
    }
    return {**made, **more}


def rich() -> Record:
    """Six initiatives in all five states, one retired: several arms, proxies, use, money and findings."""
    made = portfolio([_claims(), _tutor(), _assistant(), _images(), _chat(), _gone()])
    names = [i["name"] for i in made["initiatives"]]
    made["outcomes"] = [
        outcome("reopened-claims", names[:3]),
        outcome("exam-grade", [names[1]], statement="maximize what pupils know without help", customer=None,
                metric={"name": "exam_grade", "unit": "points", "better": "higher"},
                baseline={"value": 58.1, "low": None, "high": None}),
        outcome("answer-time", names[3:], target=None, baseline=None, owner=None, drives=["reopened-claims"]),
        outcome("claims-cost", [], line="cost", metric=None, baseline=None, target=None, statement="",
                drives=[]),
    ]  # fmt: skip
    made["moves"] = [
        move("bob", "finance", "scale.spend.reconciled", names[2:5], 5961.54),
        move("ann", "accountable", "scale.value.effect", [names[1]], 0.0, "missed"),
        move("dpo", "dpo", "scale.risk.tier", [names[4]], 250.0, "inconclusive"),
    ]
    made["totals"]["bill"] = {"EUR": bill()}
    made["diagnostics"] = [
        finding(),
        finding(
            "HW301", "error", what="source 'usage' cannot be read: no such file", see=[], mend="put it back"
        ),
        finding("HW120", "note", what="a note about something small", see=[], mend="nothing need be done"),
    ]
    return made


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
        "by_grade": {"A": "52000.12", "none": "102310.15416448666"},
        "from": "2025-10-01",
        "to": "2025-12-31",
    }


def _claims() -> dict[str, Any]:
    said = (
        "moved: reopened −15.2 % (−19.1 % to −11.3 %, 95 %, valid at every look), beyond the −10 % asked; "
        "n 5,210, 212 clusters, df 180.2, grade A"
    )
    first = effect(
        "reopened", "outcome", -0.152, -0.191, -0.113, n=5210, clusters=212, sentence=said, method="CR2"
    )
    rows = [
        first,
        effect("minutes_per_claim", "proxy", -0.31, -0.35, -0.27, n=5210),
        effect(
            "complaints", "guardrail", 0.004, -0.02, 0.028, n=5210, grade="C", reasons=("not registered",)
        ),
        cost("52000.12"),
        *returns(612000.0, 340000.0, 905000.0, 0.9997),
    ]
    return initiative(
        "claims-triage",
        verdict="met",
        enforced="met",
        evidence=rows,
        forecast={"line": "claims-cost", "per_year": ["120000", "310000", "520000"], "currency": "EUR"},
        requirements=[
            requirement("scale.value.effect", "met", said, "effect > −10 %", evidence_ids=[first["id"]]),
            requirement(
                "scale.risk.review", "waived", "waived by the board until 30 June", "four signatures"
            ),
        ],
    )


def _tutor() -> dict[str, Any]:
    said = (
        "does not reach the objective: exam_grade at best −2.1 %, needs +5.0 %: −16.8 % (−31.2 % to −2.1 %, "
        "95 %, looked at once); n 943, 44 clusters, df 10.9, grade A"
    )
    rows = [
        effect("practice_grade [tutor]", "proxy", 1.269, 1.03, 1.51, n=943),
        effect("exam_grade [base]", "outcome", -0.168, -0.312, -0.021, n=943, sentence=said),
        effect("practice_grade [base]", "proxy", 0.481, 0.23, 0.73, n=943),
        effect(
            "exam_grade [tutor]",
            "outcome",
            -0.004,
            -0.14,
            0.13,
            n=943,
            sentence="not decided: exam_grade −0.4 %",
        ),
        *returns(-41000.0, -88000.0, 12000.0, 0.06, "tutor"),
        *returns(-87585.4, -129307.62, -56454.47, 0.0, "base"),
    ]
    needs = [
        requirement("scale.value.effect", "missed", said, "effect > +5 %", evidence_ids=[rows[1]["id"]]),
        requirement("scale.value.return", "missing", "return_probability 6.0 %", "return probability >= 90 %",
                    reason="grade", who="bob", move="finance", mode="warn"),
        requirement("framed.value.problem"),
    ]  # fmt: skip
    return initiative(
        "maths-tutor", verdict="missed", enforced="missed", evidence=rows, requirements=needs,
        outcome="exam-grade",
        objective={"change": 0.05, "scale": "relative", "good": 1, "metric": "exam_grade"}, citation=CITATION,
    )  # fmt: skip


def _assistant() -> dict[str, Any]:
    rows = [
        effect("minutes", "outcome", -12.4, -54.346, 29.5, unit="minutes", grade="C", n=61, observed=None,
               valid_until="2025-09-28T00:00:00.000000Z", sentence="not decided: minutes −12.4 minutes",
               reasons=("before and after, no comparison group",)),
        effect("rework", "proxy", 0.02, -0.05, 0.09, unit="share", grade="C", n=0, valid_until=None),
    ]  # fmt: skip
    needs = [
        requirement(
            "scale.value.effect", "inconclusive", "not decided: minutes −12.4 minutes", "effect > −20"
        )
    ]
    gaps = [
        missing("cost", "the initiative declares no key into the bill (cost.select)"),
        missing("return", "no slope is declared from minutes to a P&L line", measure="returns"),
    ]
    return initiative(
        "assistant-study", verdict="inconclusive", enforced="inconclusive", evidence=rows, requirements=needs,
        objective={"change": -20.0, "scale": "absolute", "good": -1, "metric": "minutes"}, missing=gaps,
    )  # fmt: skip


def _images() -> dict[str, Any]:
    rows = [
        cost("68109.88"),
        evidence(
            "cost", "unallocated_share", estimate(0.144, 0.144, 0.144, "share", level=1.0, exact="22200"), "C"
        ),
        *use("gpu", (0.312, 0.28, 0.341), (0.22, 0.18, 0.27)),
        *use("memory", (0.71, 0.71, 0.71), (0.0, 0.0, 0.0)),
    ]
    needs = [
        requirement(
            "operate.value.effect", "missing", "the effect is from 2 May, 30 d is the most", reason="stale"
        ),
        requirement(
            "operate.spend.reconciled", "missing", "unallocated share 14.4 %", reason="source_failed"
        ),
        requirement("framed.people.owner"),
    ]
    return initiative(
        "image-generation", stage="scaling", gate="operate", evidence=rows, requirements=needs,
        objective=None, outcome="answer-time",
        missing=[missing("effect", "no pilot is declared", measure="effect")],
    )  # fmt: skip


def _chat() -> dict[str, Any]:
    gaps = [
        missing("effect", "no pilot is declared", measure="effect"),
        missing("used_share", "source 'usage' cannot be read: no such file", "source_failed", "utilisation"),
        missing("cost", "the initiative declares no key into the bill (cost.select)"),
    ]
    return initiative("llm-chat", stage="proposed", gate="framed", missing=gaps, problem="", objective=None)


def _gone() -> dict[str, Any]:
    return initiative(
        "old-pilot", stage="retired", status="rejected", gate=None, verdict=None, enforced=None,
        requirements=[],
        outcome=None, accountable=None, sponsor=None,
    )  # fmt: skip


def hostile() -> Record:
    """Text that would break a careless page: markup, scripts, right-to-left, long words, long numbers."""
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{ 7*7 }}{% raw %}"
    record = deepcopy(rich())
    one = record["initiatives"][0]
    one.update(
        name='"><b id="x">',
        title="עוזר חכם למוקד השירות " * 6,
        problem=evil * 3,
        accountable="x" * 300,
        citation=evil,
    )
    one["evidence"][0].update(metric="متوسط_زمن_المعالجة" * 8, sentence=evil, grade_reasons=[evil])
    one["evidence"][3]["estimate"]["detail"]["exact"] = "12345678901234567890.12345678901234567890"
    record["initiatives"][1].update(title="Donaudampfschifffahrtsgesellschaft" * 5)
    record["portfolio"]["title"] = evil
    record["moves"][0].update(who=evil, what=evil)
    record["outcomes"][0].update(title=evil, statement=evil, owner=evil)
    record["diagnostics"][0].update(what=evil, mend=evil)
    whole = record["totals"]["bill"]["EUR"]
    whole["bill"] = "12345678901234567890.12345678901234567890"
    whole["initiatives"][evil] = "99999999999999999999"
    return record


def many(n: int = 60) -> Record:
    """A large portfolio: the same few initiatives over and over."""
    few = rich()["initiatives"]
    made = [{**deepcopy(few[i % 5]), "name": f"no-{i}", "title": f"Initiative {i}"} for i in range(n)]
    return portfolio(made)


def single() -> Record:
    """One initiative, just declared."""
    return portfolio([initiative("first")])


def empty() -> Record:
    """Nothing declared yet."""
    return portfolio([])
