"""`headway design`: what it warns of, and what it says of a registration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.unit.registering import registered
from tests.unit.small import INITIATIVE, PORTFOLIO, RANDOMISED, SOURCE, Declare, two_arms

from headway.app.check import check
from headway.app.design import Designed, design, register_design
from headway.decisions.approvals import Refused
from headway.decisions.registration import Standing
from headway.kernel.diagnostic import Severity

PLAN = """\
design: randomised
source: units
arms: {control: 50 %, treated: 50 %}
unit: call
metric: y
objective: {change: "-1", scale: absolute}
dates: {starts: 2026-04-06, ends: 2026-06-01}
looks: daily
plan: {units: 800, smallest_effect: "-0.6", weekly: 100, sd: 2}
"""
BUDGET = PORTFOLIO + "promotion_budget: {share: 0.10, slots: 20}\n"


def designed(declare: Declare, pilot: str, portfolio: str = PORTFOLIO) -> Designed:
    """The design of a framed trial whose rows are still to come."""
    block = "pilot:\n" + "\n".join(f"  {line}" for line in pilot.strip().splitlines()) + "\n" if pilot else ""
    initiative = INITIATIVE.replace("piloting", "framed") + block
    found = check(declare("", None, source=SOURCE, portfolio=portfolio, initiative=initiative))
    assert not found.wrong, found.text()
    return design(found, "trial")


def told(made: Designed) -> list[tuple[str, str, str]]:
    """Codes, words and mends."""
    assert all(d.severity is Severity.WARNING for d in made.findings)
    return [(d.code, d.what, d.mend) for d in made.findings]


def record(made: Designed) -> Any:
    """The JSON."""
    return made.as_json()


def test_a_plan_that_answers_is_told_nothing(declare: Declare) -> None:
    """Enough units, and not begun: no warning."""
    made = designed(declare, PLAN)
    assert told(made) == []
    assert record(made)["outlook"]["decided_by_end"] > 0.8
    assert record(made)["outlook"]["weeks_needed"] == {"once": 4, "looks": 6, "promotion": None}


def test_a_plan_that_cannot_answer_names_the_two_shortest_ways(declare: Declare) -> None:
    """HW453 stands at the last day, with chance, weeks needed and what would shorten them."""
    made = designed(declare, PLAN.replace("-0.6", "-0.4"))
    ((code, what, mend),) = told(made)
    assert code == "HW453"
    assert what == (
        "an effect of -0.4 is decided by 2026-06-01 with a probability of 53 %: "
        "it needs 14 weeks, 8 are planned"
    )
    assert mend == (
        "end it later, or choose a covariate that explains half of the variance (7 weeks), "
        "or one look, at the end (8 weeks)"
    )
    assert str(made.findings[0].place).startswith("initiative.yaml:14:")
    assert [s["what"] for s in record(made)["outlook"]["shorter"]] == [
        "a covariate that explains half of the variance",
        "one look, at the end",
    ]


def test_what_takes_half_a_year_is_no_pilot(declare: Declare) -> None:
    """Beyond 26 weeks ending later is no advice."""
    ((_, what, mend),) = told(designed(declare, PLAN.replace("-0.6", "-0.1")))
    assert what.endswith("and more than 26 are no pilot any more")
    assert mend.startswith("choose a covariate")


def test_a_good_covariate_is_not_advised_twice(declare: Declare) -> None:
    """Where half of the variance is explained already, other ways are named."""
    rows = two_arms(600)
    rows["z"] = rows["y"]
    rows["variant"] = ["control"] * 600
    pilot = PLAN.replace("units: 800", "units: 2").replace("-0.6", "-0.0001") + "covariates: [z]"
    rows["y"] = [y + 0.01 * n for n, y in enumerate(rows["y"])]
    made = design(check(declare(pilot, rows, portfolio=PORTFOLIO)), "trial")
    assert made.outlook is not None
    half = made.outlook.variation.explained
    ways = [s["what"] for s in record(made)["outlook"]["shorter"]]
    assert ("a covariate that explains half of the variance" in ways) == (half < 0.5)


def test_clusters_that_never_decide_want_more_clusters(declare: Declare) -> None:
    """Twenty alike clusters: no number of weeks, but with forty of them."""
    pilot = PLAN.replace("randomised", "clusters").replace("units: 800", "units: 800, icc: 0.1, clusters: 20")
    ((code, what, mend),) = told(designed(declare, pilot.replace('"-0.6"', '"-0.9"')))
    assert code == "HW453"
    assert what.endswith("no number of weeks decides it")
    ways = "a covariate that explains half of the variance (8 weeks), or 40 clusters instead of 20 (10 weeks)"
    assert mend == f"choose {ways}"


def test_too_few_clusters_for_an_interval(declare: Declare) -> None:
    """Five clusters give df 3: HW415, and nothing else could help."""
    pilot = PLAN.replace("randomised", "clusters").replace("units: 800", "units: 800, icc: 0.1, clusters: 5")
    found = told(designed(declare, pilot.replace('"-0.6"', '"-0.1"')))
    assert [code for code, _, _ in found] == ["HW415", "HW453"]
    assert found[0][1] == "5 clusters give df 3: no interval will be shown"
    assert found[1][2] == "seek a larger effect, or more units"


def test_a_plan_without_figures_is_told_what_to_declare(declare: Declare) -> None:
    """HW455 names the first figure that is lacking."""
    made = designed(declare, PLAN.replace(", sd: 2", ""))
    ((code, what, _),) = told(made)
    assert (code, made.outlook) == ("HW455", None)
    assert "declare plan.sd" in what
    assert record(made)["why_not"] in what


@pytest.mark.parametrize("kind", ["before_after", "observational"])
def test_grade_c_is_never_promoted(declare: Declare, kind: str) -> None:
    """HW454, whether there is a promotion budget or not."""
    ((code, what, _),) = told(designed(declare, PLAN.replace("randomised", kind)))
    assert code == "HW454"
    assert what == f"the design '{kind}' earns grade C, which no promotion accepts"


PANEL = """\
design: {}
source: units
unit: site
metric: y
objective: {{change: "-1", scale: absolute}}
dates: {{starts: 2026-04-06, ends: 2026-06-01}}
"""


def test_a_placebo_rank_never_reaches_the_budget(declare: Declare) -> None:
    """An e-value of 200 takes 160,000 groups; without a budget nothing is asked."""
    pilot = PANEL.format("synthetic")
    ((code, what, _),) = told(designed(declare, pilot, BUDGET))
    assert code == "HW454"
    assert what == "a placebo rank reaches the e-value 200 of the promotion budget only with 160,000 groups"
    assert told(designed(declare, pilot)) == []


def test_one_look_of_a_staggered_rollout_hardly_ever_does(declare: Declare) -> None:
    """It needs p = .000006, and the mend is chance."""
    ((code, what, mend),) = told(designed(declare, PANEL.format("staggered"), BUDGET))
    assert code == "HW454"
    assert what == "one look reaches the e-value 200 of the promotion budget only at p = 6e-06"
    assert "at random" in mend


def test_a_pilot_that_began_unregistered_is_told(declare: Declare) -> None:
    """HW400 after the start; nothing where it was registered elsewhere."""
    begun = RANDOMISED.replace("ends: 2026-03-01", "ends: 2026-05-01")
    plain = "\n".join(line for line in begun.splitlines() if not line.startswith("registered"))
    assert "HW400" in [code for code, _, _ in told(designed(declare, plain))]
    assert "HW400" not in [code for code, _, _ in told(designed(declare, begun))]


def test_a_design_that_changed_is_told(declare: Declare) -> None:
    """HW401 after the start."""
    plain = "\n".join(line for line in RANDOMISED.splitlines() if not line.startswith("registered"))
    folder = declare(plain, two_arms())
    registered(folder, "2025-12-20T10:00:00Z")
    assert "HW400" not in [code for code, _, _ in told(design(check(folder), "trial"))]
    folder = declare(plain + '\npromote_above: "-0.1"', two_arms())
    made = design(check(folder), "trial")
    assert "HW401" in [code for code, _, _ in told(made)]
    assert record(made)["registration"]["state"] == "changed"


def test_nothing_is_said_of_what_is_not_run_here(declare: Declare) -> None:
    """Without a pilot, and of a published one."""
    assert told(designed(declare, "")) == []
    published = (
        "design: published\nmetric: y\nobjective: {change: -1}\nestimates: "
        "[{metric: y, value: -1, low: -2, high: 0}]\ncitation: somebody\npublished: 2025-01-01"
    )
    made = designed(declare, published)
    assert told(made) == []
    assert record(made)["registration"]["state"] == "published"


def registering(folder: Path, actor: str | None = "ann") -> Designed:
    """`headway design --register`."""
    return register_design(check(folder), "trial", actor)


def test_registering_says_what_was_frozen(declare: Declare) -> None:
    """The record holds the entry, the design and its digest; twice is once."""
    folder = declare(PLAN, None, source=SOURCE)
    assert record(design(check(folder), "trial"))["registration"]["state"] == "none"
    first = registering(folder)
    assert isinstance(first.registered, Standing)
    made = record(first)
    assert made["registered"]["digest"] == made["registration"]["digest"]
    assert (made["registered"]["new"], made["registered"]["seq"], made["registered"]["replaces"]) == (
        True,
        1,
        None,
    )
    assert made["registration"]["state"] == "registered"
    assert made["frozen"]["metric"] == "y"
    assert record(registering(folder))["registered"]["new"] is False
    folder = declare(PLAN.replace("-0.6", "-0.7"), None, source=SOURCE)
    assert record(registering(folder))["registered"]["replaces"] == 1


@pytest.mark.parametrize("actor", ["eve", None])
def test_somebody_must_register(declare: Declare, actor: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is not in people.yaml, or none, is refused."""
    monkeypatch.setattr("headway.app.design.git_person", lambda _: None)
    made = registering(declare(PLAN, None, source=SOURCE), actor)
    assert isinstance(made.registered, Refused)
    assert record(made)["registered"]["code"] == "HW528"


def test_there_must_be_something_to_register(declare: Declare) -> None:
    """An initiative without a pilot is HW456."""
    made = registering(declare("", None))
    assert isinstance(made.registered, Refused)
    assert (made.registered.code, made.registered.what) == ("HW456", "'trial' has no pilot")


def test_an_unknown_initiative_is_a_key_error(declare: Declare) -> None:
    """Both ways in."""
    found = check(declare("", None))
    with pytest.raises(KeyError):
        design(found, "nobody")
    with pytest.raises(KeyError):
        register_design(found, "nobody", "ann")
