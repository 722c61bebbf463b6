"""Documents hold together, and every initiative leads to a line of the P&L."""

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from tests.unit.portfolio.conftest import INITIATIVE, OUTCOME, PEOPLE, SETTINGS, Declare

from headway.kernel.diagnostic import Diagnostic
from headway.kernel.estimate import Grade
from headway.portfolio.check import check
from headway.portfolio.links import check_links, paths_to_lines
from headway.portfolio.responsibility import check_responsibility

Files = Mapping[str, str | bytes | None]
INITIATIVES = "initiatives/reply-assistant.yaml"
OUTCOMES = "outcomes/first-time.yaml"
PILOT = "pilot: {design: clusters, source: s, arms: [a, b], metric: m, objective: {change: 1 %}}\n"


def outcome(name: str, *drives: str, line: str = "") -> str:
    """The text of an outcome with its edges."""
    head = f"outcome: {name}\n" + (
        f"line: {line}\n" if line else "customer: c\nmetric: {name: m, better: lower}\n"
    )
    return head + ("drives:\n" + "".join(f"  - {{{drive}}}\n" for drive in drives) if drives else "")


def tree(*outcomes: str) -> Files:
    """The files of a portfolio whose initiative moves the outcome `start`."""
    start = INITIATIVE.replace("claims-settled-first-time", "start")
    return {OUTCOMES: "---\n".join(outcomes), INITIATIVES: start}


def causal(to: str, more: str = ", owner: ben, attested_by: ben") -> str:
    """The text of a causal edge."""
    return f"to: {to}, kind: causal{more}"


def links(declare: Declare, files: Files, day: datetime | None = None) -> list[Diagnostic]:
    """What is found between files that are sound one by one."""
    loaded = declare(files)
    assert loaded.diagnostics == ()
    assert loaded.portfolio
    return check_links(loaded.portfolio, day)


def codes(found: list[Diagnostic]) -> list[str]:
    """The codes of what was found."""
    return [finding.code for finding in found]


def test_the_small_portfolio_holds_together(declare: Declare) -> None:
    """Nothing is found where nothing is wrong."""
    assert links(declare, {}, datetime(2026, 3, 31, tzinfo=UTC)) == []


@pytest.mark.parametrize(
    ("file", "text", "word", "mend"),
    [
        (
            "portfolio.yaml",
            SETTINGS + "north_star: claims-settled-firsttime\n",
            "outcome",
            "claims-settled-first-time",
        ),
        ("people.yaml", PEOPLE.replace("holder: ann", "holder: anna"), "person", "write 'ann'"),
        (
            "people.yaml",
            PEOPLE.replace("holder: ann", "holder: zoe"),
            "person",
            "persons in people.yaml: {id: zoe}",
        ),
        (
            "people.yaml",
            PEOPLE.replace("lead: ben", "lead: head-of-claim"),
            "person, seat",
            "write 'head-of-claims'",
        ),
        (
            "people.yaml",
            PEOPLE.replace("lead: ben", "lead: ben, members: [x]"),
            "person, seat",
            "{id: x, holder: ...}",
        ),
        (OUTCOMES, OUTCOME.replace("to: claims", "to: claim"), "outcome", "write 'claims-handling-cost'"),
        (OUTCOMES, OUTCOME.replace("owner: ben", "owner: benn"), "person, seat", "write 'ben'"),
        (OUTCOMES, OUTCOME.replace("attested_by: ben", "attested_by: x"), "person, seat", "declare the seat"),
        (OUTCOMES, OUTCOME.replace("value: 19 %", "source: claims"), "source", "declare it: source: claims"),
        (OUTCOMES, OUTCOME.replace("value: 19 %", "measure: claims"), "source", "declare it: source: claims"),
        (OUTCOMES, OUTCOME + "owner: x\n", "person, seat", "declare the seat"),
        (INITIATIVES, INITIATIVE.replace("claims-settled-first-time", "speed"), "outcome", "declare it"),
        (INITIATIVES, INITIATIVE + "finance_partner: x\n", "person, seat", "declare the seat"),
        (INITIATIVES, INITIATIVE + "risk_manager: x\n", "person, seat", "declare the seat"),
        (INITIATIVES, INITIATIVE + "uses: [gateway]\n", "component", "declare it: component: gateway"),
        (INITIATIVES, INITIATIVE + "cost: {shared: [{component: pool}]}\n", "component", "component: pool"),
        (INITIATIVES, INITIATIVE + PILOT, "source", "declare it: source: s"),
        (
            INITIATIVES,
            INITIATIVE + "forecast: {line: x, per_year: '[1, 2, 3] EUR'}\n",
            "outcome",
            "outcome: x",
        ),
        ("c.yaml", "component: a\ndepends_on: [b]\n", "component", "component: b"),
    ],
)
def test_a_name_that_nothing_declares_is_found(
    declare: Declare, file: str, text: str, word: str, mend: str
) -> None:
    """Each use of a name is checked, in every document that may use one, and the nearest name is offered."""
    found = links(declare, {file: text})
    undeclared = [finding for finding in found if finding.code == "HW201"]
    assert len(undeclared) == 1
    assert undeclared[0].place.file == file
    assert f"no {word}" in undeclared[0].what
    assert mend in undeclared[0].mend
    # What lies behind an unknown name is not known, so nothing else is said of it.
    assert len(found) == 1


def test_a_forecast_names_a_line(declare: Declare) -> None:
    """An outcome that is no P&L line cannot carry a forecast in money."""
    text = INITIATIVE + "forecast: {line: claims-settled-first-time, per_year: '[1, 2, 3] EUR'}\n"
    (finding,) = links(declare, {INITIATIVES: text})
    assert (finding.code, finding.mend) == ("HW201", "name one of claims-handling-cost")


def test_a_north_star_is_no_line(declare: Declare) -> None:
    """Money follows; it does not lead."""
    assert codes(links(declare, {"portfolio.yaml": SETTINGS + "north_star: claims-handling-cost\n"})) == [
        "HW156"
    ]


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("stage: framed\n", []),
        ("stage: piloting\n", ["HW202"]),
        ("stage: scaling\n", ["HW202"]),
        ("stage: operating\n", []),
        ("stage: piloting\nstatus: rejected\n", []),
        ("stage: piloting\n" + PILOT, []),
    ],
)
def test_a_stage_has_its_parts(declare: Declare, more: str, found: list[str]) -> None:
    """Whoever pilots or scales has a pilot, unless the initiative is over."""
    files = {INITIATIVES: INITIATIVE + more, "s.yaml": "source: s\npath: s.csv\nfact: unit\n"}
    assert codes(links(declare, files)) == found


def test_a_circle_is_told_once_with_its_way(declare: Declare) -> None:
    """Three outcomes in a ring, reached from outside, are one circle; a fork that meets again is none."""
    ring = tree(
        outcome("start", causal("b"), causal("line")),
        outcome("b", causal("c")),
        outcome("c", causal("d"), causal("line")),
        outcome("d", causal("b")),
        outcome("line", line="cost"),
    )
    (finding,) = links(declare, ring)
    assert finding.code == "HW250"
    assert finding.what.endswith("b -> c -> d -> b")
    fork = tree(
        outcome("start", causal("b"), causal("c")),
        outcome("b", causal("line")),
        outcome("c", causal("line")),
        outcome("line", line="cost"),
    )
    assert links(declare, fork) == []


def test_an_outcome_that_drives_itself_is_a_circle(declare: Declare) -> None:
    """The smallest circle has one edge."""
    found = links(
        declare, tree(outcome("start", causal("start"), causal("line")), outcome("line", line="cost"))
    )
    assert codes(found) == ["HW250"]


@pytest.mark.parametrize(("edges", "found"), [(1, []), (6, []), (7, ["HW251"])])
def test_money_is_reached_in_six_edges(declare: Declare, edges: int, found: list[str]) -> None:
    """Six edges are walked; a seventh is a story."""
    names = ["start", *(f"step-{i}" for i in range(1, edges)), "line"]
    chain = [outcome(a, causal(b)) for a, b in itertools.pairwise(names)]
    assert codes(links(declare, tree(*chain, outcome("line", line="cost")))) == found


def test_a_damaged_outcome_on_the_way_is_one_fault(declare: Declare) -> None:
    """What lies behind a damaged outcome is not known, so no lack of money is claimed."""
    loaded = declare(tree(outcome("start", causal("line")), outcome("line", line="costs")))
    assert [finding.code for finding in check(loaded)] == ["HW105"]


@pytest.mark.parametrize(
    ("more", "day", "found"),
    [
        (", owner: ben, attested_by: ben, valid_until: 2026-03-31", 31, []),
        (", owner: ben, attested_by: ben, valid_until: 2026-03-30", 31, ["HW252"]),
        (", owner: ben, attested_by: ben, valid_until: 2026-03-30", None, []),
        (", attested_by: ben", 31, ["HW252"]),
        (", owner: ben", 31, ["HW253"]),
    ],
)
def test_a_claim_has_an_owner_and_a_date(
    declare: Declare, more: str, day: int | None, found: list[str]
) -> None:
    """A causal edge is a claim: somebody holds it, until a day, and finance attests it."""
    at = datetime(2026, 3, day, 12, tzinfo=UTC) if day else None
    assert (
        codes(links(declare, tree(outcome("start", causal("line", more)), outcome("line", line="cost")), at))
        == found
    )


def test_a_proxy_pays_nothing(declare: Declare) -> None:
    """A proxy alone is an error; beside an attested claim it is none; beside an unattested one, a warning."""
    proxy, line = "to: line, kind: proxy", outcome("line", line="cost")
    assert codes(links(declare, tree(outcome("start", proxy), line))) == ["HW254"]
    assert links(declare, tree(outcome("start", proxy, causal("line")), line)) == []
    unattested = outcome("start", proxy, causal("line", ", owner: ben"))
    assert codes(links(declare, tree(unattested, line))) == ["HW253"]


def test_paths_carry_the_grade_of_their_worst_edge(declare: Declare) -> None:
    """Arithmetic lowers nothing, an attested claim is C, others D; the best comes first."""
    files = tree(
        outcome("start", causal("a"), "to: b, kind: identity", causal("line", ", owner: ben")),
        outcome("a", "to: line, kind: identity"),
        outcome("b", "to: line, kind: identity"),
        outcome("line", "to: other, kind: proxy", line="cost"),
        outcome("other", line="margin"),
    )
    portfolio = declare(files).portfolio
    assert portfolio
    paths = paths_to_lines(portfolio, "start")
    assert [(p.grade, [e.outcome for e in p.edges], p.line) for p in paths] == [
        (Grade.A, ["start", "b"], "line"),
        (Grade.C, ["start", "a"], "line"),
        (Grade.D, ["start"], "line"),
        (Grade.D, ["start", "line"], "other"),
        (Grade.D, ["start", "a", "line"], "other"),
        (Grade.D, ["start", "b", "line"], "other"),
    ]
    assert paths_to_lines(portfolio, "nowhere") == ()
    assert [(p.edges, p.line, p.grade) for p in paths_to_lines(portfolio, "other")] == [
        ((), "other", Grade.A)
    ]


def test_paths_end_in_a_circle(declare: Declare) -> None:
    """No outcome is passed twice, and no path is longer than six edges."""
    names = [f"n-{i}" for i in range(8)]
    outcomes = [outcome(a, *(causal(b) for b in names if b != a), causal("line")) for a in names]
    portfolio = declare({OUTCOMES: "---\n".join([*outcomes, outcome("line", line="cost")])}).portfolio
    assert portfolio
    paths = paths_to_lines(portfolio, "n-0")
    assert max(len(p.edges) for p in paths) == 6
    assert all(len({e.outcome for e in p.edges}) == len(p.edges) for p in paths)


@pytest.mark.parametrize(
    ("accountable", "sponsor", "day", "found"),
    [
        ("head-of-claims", "ben", 1, []),
        ("head-of-people", "ben", 1, ["HW211"]),
        ("head-of-claims", "ben", 31, ["HW213"]),
        ("ann", "ben", 31, ["HW213"]),
        ("head-of-claims", "ann", 1, ["HW214"]),
        ("ben", "finance", 1, ["HW214"]),
        ("nobody", "ben", 1, []),
        ("head-of-claims", "ben", None, []),
    ],
)
def test_one_living_person_answers(
    declare: Declare, accountable: str, sponsor: str, day: int | None, found: list[str]
) -> None:
    """A vacant seat, a leaver and a sponsor who answers to himself are found, through seats and functions."""
    text = INITIATIVE.replace("head-of-claims", accountable).replace("sponsor: ben", f"sponsor: {sponsor}")
    portfolio = declare({INITIATIVES: text}).portfolio
    assert portfolio
    at = datetime(2026, 6 if day == 1 else 7, day, tzinfo=UTC) if day else None
    assert codes(check_responsibility(portfolio, at)) == found
    portfolio = declare({INITIATIVES: text + "stage: retired\n"}).portfolio
    assert portfolio
    assert check_responsibility(portfolio, at) == []


def test_days_are_cut_in_the_portfolio_s_time_zone(declare: Declare) -> None:
    """At 23:00 UTC on 30 June it is July in Berlin, and the leaver has left."""
    portfolio = declare().portfolio
    assert portfolio
    assert codes(check_responsibility(portfolio, datetime(2026, 6, 30, 21, 59, tzinfo=UTC))) == []
    assert codes(check_responsibility(portfolio, datetime(2026, 6, 30, 22, 1, tzinfo=UTC))) == ["HW213"]


def test_the_portfolio_s_own_day_is_used_when_none_is_given(declare: Declare) -> None:
    """Examples pin `as_of`; whoever calls may set another."""
    loaded = declare({"portfolio.yaml": SETTINGS + "as_of: 2026-07-01\n"})
    assert [finding.code for finding in check(loaded)] == ["HW213"]
    assert check(loaded, datetime(2026, 6, 1, tzinfo=UTC)) == ()
