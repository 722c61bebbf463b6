"""Collecting: every measure over every initiative, and what fails costs its own evidence only."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.evidence.conftest import FILES, NOW, Gather, rows

from headway.evidence import collect as room
from headway.evidence.collect import Collected, closed
from headway.evidence.record import Evidence
from headway.kernel.estimate import Estimate, Grade
from headway.measures.base import Ask, Finding, Given, Measure, Result, measures


def effect(found: Collected, name: str = "replies") -> Evidence:
    """The one effect of an initiative."""
    (one,) = (e for e in found.evidence[name] if e.measure == "effect")
    return one


def ids(found: Collected, name: str = "replies") -> dict[str, str]:
    """Ids by metric."""
    return {e.metric: e.id for e in found.evidence[name]}


def reasons(found: Collected, name: str) -> dict[str, str]:
    """Why each measure has nothing."""
    return {m.measure: m.reason for m in found.missing[name]}


def test_evidence_says_where_it_comes_from(gather: Gather) -> None:
    """Source, fact, digests, rows, citation and licence; the window, its validity, the moment of the run."""
    one = effect(gather())
    (source,) = one.provenance
    assert (source.source, source.fact, source.rows) == ("replies-rows", "unit", 40)
    assert (source.citation, source.licence) == ("our own claims", "internal")
    assert len(source.digest) == len(source.request) == 64
    assert one.observed == (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 12, tzinfo=UTC))
    assert one.received_at == NOW
    assert one.valid_until == one.observed[1] + timedelta(
        days={Grade.A: 365, Grade.C: 90}[one.estimate.grade]
    )
    assert one.estimate.value == pytest.approx(-5 / 20.6)
    assert {e.measure for e in gather().evidence["replies"]} == {"effect", "srm", "returns"}


def test_ids_are_stable_across_runs(gather: Gather) -> None:
    """The same files give the same ids, whenever they are read."""
    first, second = gather(), gather(received_at=NOW + timedelta(days=3))
    assert ids(first) == ids(second)
    assert effect(first).received_at != effect(second).received_at


def newer(measure: Measure) -> Measure:
    """The same measure in its next version."""
    return type("Newer", (type(measure),), {"version": "2"})()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "files",
    [
        {"data/replies.csv": rows(0.5)},
        {"replies.yaml": FILES["replies.yaml"].replace("scale: relative", "scale: absolute")},
        {"data/replies.csv": rows().replace("2026-02-01", "2026-01-31")},
    ],
)
def test_other_data_other_requests_or_another_window_have_other_ids(
    gather: Gather, files: dict[str, str | None]
) -> None:
    """What was asked and on what names the evidence; the neighbour keeps its own."""
    before, after = gather(), gather(files)
    assert effect(before).id != effect(after).id
    assert ids(before, "letters") == ids(after, "letters")


def test_another_version_of_a_measure_has_other_ids(gather: Gather, monkeypatch: pytest.MonkeyPatch) -> None:
    """A measure whose numbers changed does not speak under its old names."""
    before = gather()
    monkeypatch.setattr(room, "measures", lambda: tuple(map(newer, measures())))
    after = gather()
    assert not set(ids(before).values()) & set(ids(after).values())
    assert set(ids(before)) == set(ids(after))


def test_a_return_is_named_by_the_slopes_it_was_drawn_from(gather: Gather) -> None:
    """What finance attests is part of what was asked; the effect does not know of it."""
    before = ids(gather())
    after = ids(gather({"outcomes.yaml": FILES["outcomes.yaml"].replace("38 EUR", "39 EUR")}))
    assert before["return"] != after["return"]
    assert before["minutes"] == after["minutes"]


@pytest.mark.parametrize(
    "broken", [None, "", "unit_id,variant\n1,control\n", "unit_id,variant,minutes\n1,control,soon\n"]
)
def test_a_source_that_fails_costs_its_own_evidence_only(gather: Gather, broken: str | None) -> None:
    """Absent, empty, without its column or of the wrong type: the other initiative is judged all the same."""
    found = gather({"data/replies.csv": broken})
    assert reasons(found, "replies")["effect"] == "source_failed"
    assert not [e for e in found.evidence["replies"] if e.measure == "effect"]
    assert effect(found, "letters").estimate.n == 40
    assert [d for d in found.diagnostics if d.subject in ("replies-rows", "replies")]


def test_a_driver_that_raises_costs_its_own_evidence_only(
    gather: Gather, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a driver throws is a fault of its source, without secrets in its words."""
    bind = getattr(room, "bind")  # noqa: B009  the room does not export what it imports

    def failing(declared: Any, context: Any) -> Any:
        if declared.source == "replies-rows":
            raise OSError("postgresql://ann:s3cret@db is gone\nand more")
        return bind(declared, context)

    monkeypatch.setattr(room, "bind", failing)
    found = gather()
    (fault,) = found.diagnostics
    assert (fault.code, str(fault.place)) == ("HW306", "sources.yaml:1:1")
    assert "OSError: postgresql://ann:***@db is gone" in fault.what
    assert "more" not in fault.what
    assert reasons(found, "replies")["effect"] == "source_failed"
    assert effect(found, "letters").estimate.n == 40


def breaking(method: str, error: Exception) -> Callable[[], tuple[Measure, ...]]:
    """All measures, of which `effect` breaks on one initiative."""

    def broken(measure: Measure) -> Measure:
        whole = getattr(measure, method)

        def run(ask: Ask, *given: Given) -> Any:
            if ask.initiative.initiative == "replies":
                raise error
            return whole(ask, *given)

        setattr(measure, method, run)
        return measure

    return lambda: tuple(broken(m) if m.name == "effect" else m for m in measures())


@pytest.mark.parametrize("method", ["needs", "estimate"])
@pytest.mark.parametrize(
    ("error", "words"),
    [(ZeroDivisionError("by nought"), "ZeroDivisionError: by nought"), (KeyError(), "KeyError")],
)
def test_a_measure_that_breaks_costs_its_own_evidence_only(
    gather: Gather, monkeypatch: pytest.MonkeyPatch, method: str, error: Exception, words: str
) -> None:
    """It is missing with the words of the fault, told once as a note, and every other initiative is whole."""
    monkeypatch.setattr(room, "measures", breaking(method, error))
    found = gather()
    (lost,) = (m for m in found.missing["replies"] if m.measure == "effect")
    assert (lost.metric, lost.reason) == ("effect", "source_failed")
    assert lost.why.endswith(words)
    (told,) = found.diagnostics
    # A note leaves the exit status of the user's files alone.
    assert (told.level, told.subject) == ("note", "replies")
    assert f"the measure 'effect' broke on 'replies': {words}" in told.what
    assert reasons(found, "replies")["returns"] == "none"
    assert {e.measure for e in found.evidence["replies"]} == {"srm"}
    assert {e.measure for e in found.evidence["letters"]} == {"effect", "srm", "returns"}


@dataclass
class Odd:
    """A measure that finds one estimate, whatever it is asked."""

    finding: Finding
    name: str = "odd"
    version: str = "1"
    after: tuple[str, ...] = ()

    def needs(self, ask: Ask) -> tuple[()]:
        """Nothing."""
        return ()

    def estimate(self, ask: Ask, given: Given) -> Result:
        """Its finding."""
        return Result((self.finding,))


SURE = Finding(
    "odd", Estimate(value=1.0, low=1.0, high=1.0, level=1.0, unit="", n=1, method="", grade=Grade.D),
    None, timedelta(days=1),
)  # fmt: skip


@pytest.mark.parametrize("end", ["value", "low", "high"])
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_is_not_a_number_is_no_evidence(
    gather: Gather, monkeypatch: pytest.MonkeyPatch, end: str, number: float
) -> None:
    """NaN and infinity are missing before a gate or another measure could see them."""
    ends: dict[str, Any] = {end: number}
    bad = replace(SURE, estimate=replace(SURE.estimate, **ends))
    monkeypatch.setattr(room, "measures", lambda: (Odd(bad),))
    found = gather()
    assert found.evidence["replies"] == ()
    (lost,) = found.missing["replies"]
    assert (lost.measure, lost.metric, lost.reason) == ("odd", "odd", "source_failed")


def test_a_finding_of_an_unknown_source_is_a_fault_of_its_measure(
    gather: Gather, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plug-in that names rows nobody read does not take the review down."""
    request = effect_requests(gather())[0]
    monkeypatch.setattr(
        room, "measures", lambda: (Odd(replace(SURE, requests=(replace(request, source="moon"),))),)
    )
    found = gather()
    assert found.evidence["replies"] == ()
    assert reasons(found, "replies") == {"odd": "source_failed"}


@pytest.mark.parametrize(
    "odd",
    [
        Odd(replace(SURE, estimate=replace(SURE.estimate, detail={"se": math.nan}))),
        Odd(replace(SURE, parameters={"seed": math.inf})),
    ],
)
def test_what_cannot_be_written_down_breaks_here_and_not_when_it_is_decided_on(
    gather: Gather, monkeypatch: pytest.MonkeyPatch, odd: Odd
) -> None:
    """A detail or parameter without a canonical form could be neither named nor pinned: it is missing."""
    monkeypatch.setattr(room, "measures", lambda: (odd,))
    found = gather()
    assert found.evidence["replies"] == ()
    assert reasons(found, "replies") == {"odd": "source_failed"}


def test_a_measure_that_asks_for_nonsense_costs_its_own_evidence_only(
    gather: Gather, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is no list of requests is a fault of the measure, not of the review."""
    nonsense = Odd(SURE)
    monkeypatch.setattr(nonsense, "needs", lambda _: None, raising=False)
    monkeypatch.setattr(room, "measures", lambda: (*measures(), nonsense))
    found = gather()
    assert reasons(found, "replies")["odd"] == "source_failed"
    assert {e.measure for e in found.evidence["replies"]} == {"effect", "srm", "returns"}


def effect_requests(found: Collected) -> list[Any]:
    """The questions that were answered."""
    return list(found.answers.sums)


def test_undated_evidence_has_no_validity(gather: Gather, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing dates it, so nothing says until when it stands; it is no pilot's result."""
    monkeypatch.setattr(room, "measures", lambda: (Odd(SURE),))
    (one,) = gather().evidence["replies"]
    assert (one.observed, one.valid_until, one.closed) == (None, None, False)
    assert one.provenance[0].source == "declared"


PUBLISHED = (
    FILES["replies.yaml"].partition("pilot:")[0]
    + """\
pilot:
  design: published
  metric: minutes
  objective: {change: -10 %, scale: relative}
  citation: Doe, Faster replies, 2025
  published: 2025-07-10
  estimates: [{metric: minutes, value: -0.2, low: -0.3, high: -0.1, scale: relative, design: randomised}]
"""
)


def test_a_published_study_is_cited(gather: Gather) -> None:
    """Its figures stand in the pilot itself: another figure is other evidence, another title is not."""
    found = gather({"replies.yaml": PUBLISHED})
    one = effect(found)
    assert one.closed
    (source,) = one.provenance
    assert (source.source, source.fact, source.citation) == (
        "declared",
        "initiative",
        "Doe, Faster replies, 2025",
    )
    assert effect(gather({"replies.yaml": PUBLISHED + "title: Replies\n"})).id == one.id
    assert effect(gather({"replies.yaml": PUBLISHED.replace("-0.3", "-0.4")})).id != one.id


def test_a_bill_is_counted_as_it_is_summed(gather: Gather) -> None:
    """A cost says how many charges it was read from, and stays open: the next bill will come."""
    bill = "source: bill\nkind: file\npath: data/bill.csv\nfact: cost\n---\n"
    found = gather(
        {
            "sources.yaml": bill + FILES["sources.yaml"],
            "data/bill.csv": "BilledCost,BillingCurrency,ChargePeriodStart,SubAccountId\n"
            "10.50,EUR,2026-03-01,a\n2.25,EUR,2026-03-02,b\n",
            "replies.yaml": FILES["replies.yaml"].replace(
                "cost: {", "cost: {select: [{column: {SubAccountId: a}}], "
            ),
        }
    )
    cost = next(e for e in found.evidence["replies"] if e.metric == "cost")
    assert cost.estimate.value == 10.5
    assert (cost.provenance[0].rows, cost.estimate.n) == (2, 2)
    assert not cost.closed


def test_only_what_is_asked_for_is_read(gather: Gather) -> None:
    """One initiative reads its own source; none reads none; progress is told."""
    told: list[str] = []
    found = gather(only=iter(["letters"]), progress=lambda source, _at, _of: told.append(source))
    assert set(found.evidence) == {"letters"}
    assert set(told) == {r.source for r in found.reads} == {"letters-rows"}
    assert {s for r in found.reads for s in r.serves} == {"effect of letters", "srm of letters"}
    nothing = gather(only=())
    assert (dict(nothing.evidence), nothing.reads) == ({}, ())
    with pytest.raises(KeyError):
        gather(only=["moon"])


@pytest.mark.parametrize(
    ("moment", "ended"),
    [
        ("2026-04-11T21:59:59.999999+00:00", False),
        ("2026-04-11T22:00:00+00:00", True),
        ("2026-04-12T00:00:00+02:00", True),
        ("2026-04-11T23:59:59.999999+02:00", False),
        ("2026-04-12T05:00:00+09:00", False),
    ],
)
def test_a_pilot_ends_as_days_are_cut_in_the_portfolio(gather: Gather, moment: str, ended: bool) -> None:
    """The last day begins at midnight in Berlin, in whatever zone the moment is written."""
    ask = gather(only=["replies"]).asks["replies"]
    assert closed(replace(ask, as_of=datetime.fromisoformat(moment))) is ended


def test_without_dates_a_pilot_has_ended_and_without_a_pilot_nothing_has(gather: Gather) -> None:
    """A result without dates is a finished one."""
    ask = gather(only=["replies"]).asks["replies"]
    pilot = ask.initiative.pilot
    assert pilot
    undated = ask.initiative.model_copy(update={"pilot": pilot.model_copy(update={"dates": None})})
    assert closed(replace(ask, initiative=undated))
    assert not closed(replace(ask, initiative=ask.initiative.model_copy(update={"pilot": None})))


def test_the_result_of_an_ended_pilot_is_marked(gather: Gather) -> None:
    """Effect, split and return are a pilot's result; before its end there is none."""
    assert {e.measure for e in gather().evidence["replies"] if e.closed} == {"effect", "srm", "returns"}
    running = gather(as_of=datetime(2026, 4, 1, tzinfo=UTC))
    assert not [e for e in running.evidence["replies"] if e.closed]
    assert reasons(running, "replies")["effect"] == "none"
