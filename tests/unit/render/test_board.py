"""What a board reads first: coverage, what changed, and what the evidence says to do."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.render import records

from headway.render import board, changes, cover
from headway.render.people import person


def covered(*bases: dict[str, Any], uncounted: int = 0) -> dict[str, Any]:
    """A record of one initiative with some spend."""
    made = records.single()
    made["coverage"] = {"bases": list(bases), "uncounted": [f"i{n}" for n in range(uncounted)]}
    return made


@pytest.mark.parametrize(
    ("by_grade", "said"),
    [
        ({"none": "100"}, "nothing has a measured outcome behind it."),
        ({"A": "100"}, "100 % has a measured outcome of grade A behind it."),
        (
            {"A": "20", "C": "30", "none": "50"},
            "20 % has a measured outcome of grade A behind it, 30 % one of grade C; 50 % has none.",
        ),
        (
            {"C": "60", "none": "40"},
            "nothing has a measured outcome of grade A or B behind it; 60 % one of grade C; 40 % has none.",
        ),
    ],
)
def test_coverage_lists_grades_and_never_adds_them(by_grade: dict[str, str], said: str) -> None:
    """One sentence per kind of spend."""
    record = covered(records.base("declared", "100", by_grade))
    assert cover.sentences(record) == [f"Of 100.00 EUR a year at declared rates, {said}"]


def test_coverage_names_the_window_and_who_states_no_cost() -> None:
    """A bill of one day is not a bill of a year; unknown spend is told; nothing at all is said too."""
    day = records.base("metered", "5", {"none": "5"}, **{"from": "2025-10-01", "to": "2025-10-01"})
    long = records.base("metered", "5", {"none": "5"}, **{"from": "2025-10-01", "to": "2025-12-31"})
    budget = records.base("budget", "7", {"B": "7"})
    first, second, third, last = cover.sentences(covered(day, long, budget, uncounted=2))
    assert first.startswith("Of 5.00 EUR billed on 1 Oct 2025, ")
    assert second.startswith("Of 5.00 EUR billed from 1 Oct 2025 to 31 Dec 2025, ")
    assert third.startswith("Of 7.00 EUR in budgets of pilots, ")
    assert last == "2 initiatives state no cost."
    assert cover.sentences(covered(day, uncounted=1))[-1] == "1 initiative states no cost."
    assert cover.sentences(covered()) == ["No spend is known yet: neither a bill nor a declared cost."]
    assert cover.sentences(records.empty()) == []


def test_the_bar_is_full_and_shows_every_part() -> None:
    """A thousandth still has its letter; a bill of nothing has no bar."""
    tiny = records.base("declared", "1000", {"A": "1", "B": "1", "C": "1", "D": "1", "none": "996"})
    assert cover.letters(tiny, 10) == "ABCD······"
    thirds = records.base("declared", "3", {"A": "1", "B": "1", "C": "1"})
    assert cover.letters(thirds, 10) == "AAAABBBCCC"
    assert cover.letters(records.base("declared", "0", {}), 10) == ""
    crowded = records.base("declared", "1000", {"A": "997", "B": "1", "C": "1", "D": "1"})
    assert cover.letters(crowded, 4) == "ABCD"
    pounds = {**thirds, "currency": "GBP"}
    assert [label for label, _ in cover.legend(covered(thirds, pounds))] == ["declared, EUR", "declared, GBP"]


def effective(low: float, high: float, **more: Any) -> dict[str, Any]:
    """An initiative that promised −10 % and found something in between."""
    row = records.effect("minutes", "outcome", (low + high) / 2, low, high, reasons=("not registered",))
    return records.initiative("one", evidence=[row], **more)


@pytest.mark.parametrize(
    ("initiative", "call"),
    [
        (effective(-0.3, -0.2), "prove"),
        (effective(-0.3, -0.2, verdict="met"), "go"),
        (effective(-0.3, 0.2), "open"),
        (effective(-0.05, 0.2), "stop"),
        (effective(0.1, 0.2), "stop"),
        (
            effective(
                -0.3,
                -0.2,
                requirements=[records.requirement("scale.value.return", "missed", evidence_ids=["e"])],
            ),
            "stop",
        ),
        (records.initiative("one"), "unknown"),
        (records.initiative("one", status="on-hold"), "hold"),
        (records.initiative("one", verdict=None, stage="retired"), "ended"),
    ],
)
def test_the_evidence_says_what_to_do(initiative: dict[str, Any], call: str) -> None:
    """Stop what was measured and missed; prove what looks good; say what nobody knows."""
    assert board.call_of(initiative) == call


def test_a_call_says_what_was_found_and_what_lacks() -> None:
    """Number, interval, grade and what was asked; else why there is none."""
    one = effective(-0.3, -0.2)
    assert board.found(one) == "minutes −25.0 % (−30.0 to −20.0 %, 95 %), grade A; asked −10.0 %"
    assert board.lacks(one) == "1 open at gate scale"
    poor = records.requirement("scale.value.effect", "missing", reason="grade")
    assert board.lacks({**one, "requirements": [poor]}) == "not registered"
    assert board.lacks({**one, "requirements": []}) == ""
    gaps = [records.missing("effect", "no pilot is declared", measure="effect")]
    assert board.found(records.initiative("a", missing=gaps)) == "no pilot is declared"
    assert board.found(records.initiative("a")) == "nothing is measured yet"
    free = effective(-0.3, -0.2, objective=None)
    assert board.found(free).endswith("grade A")


def test_a_call_says_what_it_costs_and_whether_it_pays() -> None:
    """From the bill where it is in there; else a year at declared rates; the best arm's chance."""
    record = records.rich()
    first, second, third = record["initiatives"][:3]
    assert board.spent(record, first) == "52,000 EUR billed"
    assert board.spent(record, second) == "11,250 EUR a year"
    assert board.spent(record, third) == ""
    assert board.returns(second) == "pays off with a probability of 6.0 %, grade C"
    assert board.use(record["initiatives"][3]) == (
        "gpu 31.2 % used, 22.0 % of the time idle; memory 71.0 % used, 0 % of the time idle"
    )
    assert board.use(first) == ""
    assert board.decided({**first, "decision": records.decision("claims-triage", "request_changes")}) == (
        "bob decided request changes on 2026-03-15"
    )


def test_every_change_is_a_line_and_long_kinds_are_counted() -> None:
    """Each kind in words, with numbers before and after."""
    record = records.rich()
    name, numbers = "claims-triage", {"value": -0.1, "low": -0.2, "high": 0.0, "unit": "relative change"}
    record["changes"] = records.changes(
        revision="abc1234567890",
        rules={"before": "a@1#1", "after": "a@1#2"},
        initiatives={"new": [name], "removed": ["old-one"]},
        stages=[{"initiative": name, "what": "stage", "before": "piloting", "after": "scaling"}],
        verdicts=[{"initiative": name, "gate": "scale", "before": "missing", "after": "met"}],
        requirements=[
            {"initiative": name, "id": f"r.{n}", "before": "met", "after": "missed",
             "saw_before": "4 %", "saw_after": "9 %"}
            for n in range(7)
        ],
        effects=[
            {"initiative": name, "metric": "reopened", "before": {**numbers, "grade": "C"},
             "after": {**numbers, "high": -0.05, "grade": "A"}},
            {"initiative": name, "metric": "cash", "before": None,
             "after": {"value": 5, "low": 4, "high": 6, "unit": "EUR per year", "grade": "B"}},
        ],
        spend=[
            {"basis": "metered", "currency": "EUR", "before": "5", "after": "15", "added": "10"},
            {"basis": "declared", "currency": "EUR", "before": "15", "after": "5", "added": "-10"},
        ],
        decisions=[records.decision(name), records.decision(name, "hold", gate=None, against=True)],
        expired=[{"initiative": name, "measure": "effect", "metric": "reopened",
                  "valid_until": "2026-03-10T00:00:00.000000Z"}],
    )  # fmt: skip
    lines = changes.lines(record)
    assert lines == [
        "new: Claims triage",
        "gone: old-one",
        "Claims triage: piloting → scaling",
        "Bob Lee decided approve for Claims triage at gate scale on 15 Mar 2026",
        "Bob Lee decided hold for Claims triage on 15 Mar 2026, against the verdict",
        "Claims triage: gate scale missing → met",
        *(f"Claims triage: r.{n} met → missed; was: 4 %; is: 9 %" for n in range(5)),
        "and 2 more of that kind; `--all` shows them",
        "Claims triage: reopened −10.0 % (−20.0 to +0.0 %), grade C → −10.0 % (−20.0 to −5.0 %), grade A",
        "Claims triage: cash not measured → 5.00 EUR per year (4.00 to 6.00 EUR per year), grade B",
        "Claims triage: evidence on reopened expired on 10 Mar 2026",
        "the bill grew by 10.00 EUR",
        "a year's spend at declared rates fell by 10.00 EUR",
        "rules: a@1#1 → a@1#2",
    ]
    assert len(changes.lines(record, full=True)) == len(lines) + 1
    assert changes.title(record) == "Since 1 Mar 2026 (abc1234567)"
    record["changes"]["since"] = "v1"
    assert changes.title(record) == "Since v1 (abc1234567, judged as of 1 Mar 2026)"


def test_a_seat_is_its_holder() -> None:
    """A board knows people, not ids; a vacant seat stands for itself."""
    known = {"people": {"cfo": {"name": "Eva Roth", "person": "p-1"}, "dpo": {"name": None, "person": None}}}
    assert person(known, "cfo", "finance") == "Eva Roth, finance"
    assert person(known, "dpo", "dpo") == "dpo"
    assert person(known, "ann", "sponsor") == "ann, sponsor"
