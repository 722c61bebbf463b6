"""After the win: what an approval rested on, beside what past effects left of it and what it is today."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.unit.small import PORTFOLIO, RANDOMISED, Declare, Rows, reviewed, two_arms

from headway.app.check import check
from headway.app.decide import decide_on
from headway.app.review import review
from headway.decisions.approvals import Refused
from headway.decisions.decision import Kind
from headway.render import html, markdown, table

RELATIVE = RANDOMISED.replace('{change: "-0.5", scale: absolute}', "{change: -5 %, scale: relative}")
WATCHED = PORTFOLIO.replace("mode: block", "mode: observe").replace("as_of: 2026-03-31\n", "")
WITH_PRIOR = WATCHED + "prior: {mean: 1 %, sd: 3 %}\n"


def decided(folder: Path, kind: Kind = Kind.APPROVE) -> None:
    """A decision of ann on what is known now."""
    made = decide_on(check(folder), "trial", kind, "ann", "the board has seen it")
    assert not isinstance(made.outcome, Refused), made.outcome


def record(folder: Path) -> dict[str, Any]:
    """The record of a review."""
    made: dict[str, Any] = reviewed(folder).as_json()
    return made


def fading(rows: Rows) -> Rows:
    """The same units with the treated ones half a minute slower than they were."""
    late = [float(y) + 0.5 * (v == "treated") for y, v in zip(rows["y"], rows["variant"], strict=True)]
    return {**rows, "y": late}


def test_claimed_shrunk_and_realised_stand_side_by_side(declare: Declare) -> None:
    """An approved effect fades: the claim and its shrunk value stay as they were, today is another."""
    folder = declare(RELATIVE, two_arms(), portfolio=WITH_PRIOR)
    decided(folder)
    (before,) = record(folder)["wins"]
    declare(RELATIVE, fading(two_arms()), portfolio=WITH_PRIOR)
    (win,) = record(folder)["wins"]
    assert (win["initiative"], win["metric"], win["gate"], win["seq"]) == ("trial", "y", "scale", 1)
    assert win["unit"] == "relative change"
    assert (win["claimed"], win["shrunk"]) == (before["claimed"], before["shrunk"])
    assert before["realised"] == before["claimed"]
    # One minute of ten claimed; shrunk towards a fall of 1 %; half a minute is left today.
    assert win["claimed"]["value"] == pytest.approx(-0.10, abs=0.02)
    assert win["claimed"]["value"] < win["shrunk"]["value"] < -0.01
    assert win["realised"]["value"] == pytest.approx(-0.05, abs=0.02)
    assert win["realised"]["low"] < win["realised"]["value"] < win["realised"]["high"]
    assert win["observed_to"].startswith("2026-03-01")


def test_it_is_in_every_face(declare: Declare) -> None:
    """Terminal, Markdown and page show the three figures under one title."""
    folder = declare(RELATIVE, two_arms(), portfolio=WITH_PRIOR)
    decided(folder)
    made = record(folder)
    for text in (table.review(made, 120), markdown.review(made, 100), html.review(made, 100)):
        assert "After the win: claimed, shrunk, today" in text
        assert "−" in text.split("After the win")[1]
    said = table.review(made, 120).split("After the win: claimed, shrunk, today")[1]
    assert "claimed −8" in said
    assert "; shrunk −" in said
    assert "; today −" in said


def test_what_was_refused_was_no_win(declare: Declare) -> None:
    """A rejection is kept for the past, and is no promise that was made."""
    folder = declare(RELATIVE, two_arms(), portfolio=WATCHED)
    decided(folder, Kind.HOLD)
    made = record(folder)
    assert made["wins"] == []
    assert "After the win" not in table.review(made, 100)


def test_without_a_past_nothing_was_shrunk(declare: Declare) -> None:
    """No prior and no past effects: claimed and today alone."""
    folder = declare(RELATIVE, two_arms(), portfolio=WATCHED)
    decided(folder)
    (win,) = record(folder)["wins"]
    assert win["shrunk"] is None
    assert "shrunk none" in table.review(record(folder), 120)


def test_an_effect_that_is_no_longer_measured_says_so(declare: Declare) -> None:
    """The pilot is taken out of the file: the claim stays, today is none."""
    folder = declare(RELATIVE, two_arms(), portfolio=WITH_PRIOR)
    decided(folder)
    declare(portfolio=WITH_PRIOR)
    (win,) = record(folder)["wins"]
    assert (win["realised"], win["observed_to"]) == (None, None)
    assert "today none" in table.review(record(folder), 120)


def test_an_effect_in_another_unit_is_another_effect(declare: Declare) -> None:
    """Minutes are not held against per cent."""
    folder = declare(RELATIVE, two_arms(), portfolio=WITH_PRIOR)
    decided(folder)
    declare(RANDOMISED, two_arms(), portfolio=WITH_PRIOR)
    (win,) = record(folder)["wins"]
    assert (win["unit"], win["realised"]) == ("relative change", None)


def test_what_was_not_known_yet_is_no_past(declare: Declare) -> None:
    """Judged as of a day before the approval, there is no win and no past effect."""
    folder = declare(RELATIVE, two_arms(), portfolio=WATCHED)
    decided(folder)
    block = "pilot:\n" + "".join(f"  {line}\n" for line in RELATIVE.strip().splitlines())
    twin = (folder / "initiative.yaml").read_text().split("pilot:")[0].replace("trial", "second")
    (folder / "second.yaml").write_text(twin + block)
    made = reviewed(folder, "2026-04-01").as_json()
    assert made["wins"] == []
    assert "HW424" not in str(made["diagnostics"])


def test_the_last_approval_of_a_gate_counts(declare: Declare) -> None:
    """Approved again on newer data: one row, with the newer claim."""
    folder = declare(RELATIVE, two_arms(), portfolio=WITH_PRIOR)
    decided(folder)
    declare(RELATIVE, fading(two_arms()), portfolio=WITH_PRIOR)
    decided(folder)
    (win,) = record(folder)["wins"]
    assert win["claimed"] == win["realised"]
    assert win["seq"] == 2


def test_ones_own_claim_is_no_past_of_ones_own(declare: Declare) -> None:
    """An initiative is not held against what it claimed itself; another one is, and nine are few."""
    folder = declare(RELATIVE, two_arms(), portfolio=WATCHED)
    decided(folder)
    assert "HW424" not in [d["code"] for d in record(folder)["diagnostics"]]
    block = "pilot:\n" + "".join(f"  {line}\n" for line in RELATIVE.strip().splitlines())
    twin = (folder / "initiative.yaml").read_text().split("pilot:")[0].replace("trial", "second")
    (folder / "second.yaml").write_text(twin + block)
    told = [d for d in record(folder)["diagnostics"] if d["code"] == "HW424"]
    assert [d["subject"] for d in told] == ["second"]
    assert told[0]["what"].startswith("1 past effect to hold this one against")


def test_a_review_of_another_moment_has_the_same_past(declare: Declare) -> None:
    """A review of another moment is handed what the ledger holds, so that both shrink by one past."""
    folder = declare(RELATIVE, two_arms(), portfolio=WITH_PRIOR)
    decided(folder)
    made = reviewed(folder)
    again = review(check(folder), recorded=made.decisions)
    assert again.collected.evidence["trial"][0].estimate == made.collected.evidence["trial"][0].estimate
    assert again.as_json()["wins"] == made.as_json()["wins"]
    assert again.decisions.entries == ()
