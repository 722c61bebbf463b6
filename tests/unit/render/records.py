"""Reviews as plain data, made up: what `headway review --format json` would say of some portfolios."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tests.unit.render.budgets import full
from tests.unit.render.rows import (
    AS_OF,
    CITATION,
    Record,
    base,
    bill,
    changes,
    cost,
    decision,
    effect,
    estimate,
    evidence,
    finding,
    gap,
    hash_of,
    initiative,
    missing,
    move,
    outcome,
    portfolio,
    requirement,
    returns,
    use,
)

__all__ = [
    "AS_OF",
    "CITATION",
    "Record",
    "base",
    "bill",
    "changes",
    "cost",
    "decision",
    "effect",
    "empty",
    "estimate",
    "evidence",
    "finding",
    "gap",
    "hash_of",
    "hostile",
    "initiative",
    "many",
    "missing",
    "move",
    "outcome",
    "portfolio",
    "requirement",
    "returns",
    "rich",
    "single",
    "use",
]


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
    made["people"] = {"bob": {"name": "Bob Lee", "person": "bob"}, "dpo": {"name": None, "person": None}}
    made["coverage"]["bases"] = [
        base(
            "metered",
            "154310.274164486660",
            {"A": "52000.12", "none": "102310.15416448666"},
            initiatives=bill()["initiatives"],
            **{"from": "2025-10-01", "to": "2025-12-31"},
        ),
        base("declared", "45000", {"A": "11250", "C": "33750"}, initiatives={"maths-tutor": "11250"}),
    ]
    made["changes"] = changes(decisions=[decision(names[0])], stages=[])
    made["gaps"] = [
        gap("a bill", names[2:5], fact="cost", mend="bind a billing export"),
        gap("a pilot with a table of its units", names[3:5]),
    ]
    made["promotion"] = full(names)
    made["diagnostics"] = [
        finding(),
        finding(
            "HW301", "error", what="source 'usage' cannot be read: no such file", see=[], mend="put it back"
        ),
        finding("HW120", "note", what="a note about something small", see=[], mend="nothing need be done"),
    ]
    return made


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
    whole["rounded"]["initiatives"][evil] = "99999999999999999999.00"
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
