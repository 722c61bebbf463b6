"""The promotion budget from files and rows to the review: slots, frozen e-values, lists, shared units."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.small import (
    INITIATIVE,
    OUTCOME,
    PEOPLE,
    PORTFOLIO,
    RANDOMISED,
    SOURCE,
    codes,
    reviewed,
    two_arms,
)

from headway.app.check import check
from headway.app.decide import Decided, decide_on
from headway.app.gate import gate
from headway.app.review import Review
from headway.app.verify import verify
from headway.decisions.approvals import Refused
from headway.decisions.decision import Kind
from headway.gates.verdict import Judged

ROW = "scale.value.promotion_budget"
BUDGETED = PORTFOLIO.replace(
    "operating_model: {extends: starter@1, mode: block}",
    """promotion_budget: {share: 10 %, slots: 4, envelope: 100 EUR}
operating_model:
  extends: starter@1
  add:
    - {id: scale.value.promotion_budget, promotion_budget: 10 %, grade: B, move: portfolio head}""",
)
Build = Callable[..., Path]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Write initiatives by name, each with how much of the effect it shows and further lines of its pilot."""

    def made(settings: str = BUDGETED, pilot: str = RANDOMISED, **initiatives: tuple[float, str]) -> Path:
        for name, text in (("portfolio", settings), ("people", PEOPLE), ("outcome", OUTCOME)):
            (tmp_path / f"{name}.yaml").write_text(text)
        for at, (name, (shown, more)) in enumerate(initiatives.items(), 1):
            rows = two_arms(400, seed=at)
            rows["y"] = np.asarray(rows["y"]) + (1 - shown) * (np.arange(400) % 2)
            if "unit_id" not in more:
                rows["unit_id"] = np.arange(400) + 1000 * at
            write_rows(tmp_path / f"{name}.parquet", rows)
            lines = pilot.replace("source: units", f"source: {name}").replace("2025-12-01", f"2025-12-0{at}")
            block = "".join(
                f"  {line}\n" for line in (lines + more.replace("unit_id", "")).splitlines() if line
            )
            text = INITIATIVE.replace("trial", name) + "pilot:\n" + block
            (tmp_path / f"{name}.yaml").write_text(text + "---\n" + SOURCE.replace("units", name))
        return tmp_path

    return made


def write_rows(file: Path, rows: Any) -> None:
    """A table of units."""
    pq.write_table(pa.table({k: pa.array(v) for k, v in rows.items()}), file)


def decided(folder: Path, name: str, kind: Kind = Kind.HOLD) -> Decided:
    """A decision of Bob's."""
    return decide_on(check(folder), name, kind, "bob", "because")


def row(folder: Path, name: str) -> Judged:
    """What the gate says of the promotion budget."""
    _, made = gate(check(folder), name)
    assert made.verdict
    return next(r for r in made.verdict.requirements if r.id == ROW)


def budget(made: Review) -> dict[str, Any]:
    """The promotion budget in the record."""
    found: Any = made.as_json()["promotion"]
    assert found
    return dict(found)


def standing(made: Review, grade: str = "A") -> dict[str, tuple[bool, bool, bool | None]]:
    """Initiative to frozen, accepted by count, accepted by money."""
    (rows,) = (one["rows"] for one in budget(made)["lists"] if one["grade"] == grade)
    return {
        r["initiative"]: (
            r["frozen"],
            r["by_count"]["accepted"],
            r["by_money"]["accepted"] if r["by_money"] else None,
        )
        for r in rows
    }


def test_an_effect_is_asked_with_and_frozen_with_the_decision(build: Build) -> None:
    """Before a decision the e-value counts for its own initiative alone; once frozen it helps the others."""
    folder = build(one=(1.0, "asks: 40 EUR\n"), two=(0.0, "asks: 30 EUR\n"))
    assert row(folder, "one").state.value == "met"
    assert row(folder, "two").saw.endswith("needs 40 alone")
    made = decided(folder, "one", Kind.APPROVE)
    found = made.frozen()
    assert found is not None
    assert (found.seq, found.slot, found.rows[0].cost) == (1, 1, "40")
    frozen: Any = made.as_json()["frozen"]
    assert (frozen["seq"], frozen["year"], frozen["slot"], frozen["rows"][0]["approach"]) == (
        1,
        2026,
        1,
        "treated",
    )
    assert row(folder, "one").saw.startswith("frozen e-value ")
    assert row(folder, "two").saw.endswith("needs 40 alone, 20 beside one other accepted")
    assert decided(folder, "one").as_json()["frozen"] is None
    report = verify(check(folder).portfolio)  # type: ignore[arg-type]
    assert (report.diagnostics, report.replayed) == ((), 2)


def test_gate_and_review_say_the_same(build: Build) -> None:
    """One initiative judged alone comes to the answer of the whole review."""
    folder = build(one=(1.0, "asks: 40 EUR\n"), two=(0.3, "asks: 30 EUR\n"))
    decided(folder, "one", Kind.APPROVE)
    whole = {r.initiative.initiative: r.verdict for r in reviewed(folder).initiatives}
    for name in ("one", "two"):
        _, alone = gate(check(folder), name)
        assert alone.verdict == whole[name]


def test_the_review_shows_both_versions_and_what_is_left(build: Build) -> None:
    """Slots, envelope, who is in by count and by money; what is not frozen is only said to be in."""
    folder = build(one=(1.0, "asks: 40 EUR\n"), two=(0.9, "asks: 30 EUR\n"), three=(0.0, ""))
    made = budget(reviewed(folder))
    assert [made[k] for k in ("slots", "used", "held", "free", "waiting", "asked", "envelope")] == [
        4, 0, 3, 1, [], "70", "100",
    ]  # fmt: skip
    assert standing(reviewed(folder)) == {
        "one": (False, True, True), "two": (False, True, True), "three": (False, False, None),
    }  # fmt: skip
    assert made["lists"][0]["accepted"] == {"by_count": 0, "by_money": 0}
    for name in ("one", "two", "three"):
        decided(folder, name)
    after = budget(reviewed(folder))
    assert (after["used"], after["lists"][0]["accepted"]) == (3, {"by_count": 2, "by_money": 2})
    assert after["lists"][0]["promoted"] == "70"
    assert [one["holds"] for one in after["lists"]] == [
        "holds by design", "holds only if the assumption of its comparisons does",
    ]  # fmt: skip


def test_who_has_no_e_value_is_listed_with_why(build: Build) -> None:
    """A pilot that still runs and is looked at once holds a slot, and says what it waits for."""
    folder = build(one=(1.0, ""), two=(1.0, ""))
    running = (folder / "two.yaml").read_text().replace("ends: 2026-03-01", "ends: 2026-06-01")
    (folder / "two.yaml").write_text(running)
    made = budget(reviewed(folder))
    assert made["without"] == [
        {"initiative": "two", "why": "no e-value: it is looked at once, on 2026-06-01"}
    ]
    # Who has left the way to promotion has no gate to ask at.
    (folder / "two.yaml").write_text(running.replace("stage: piloting", "stage: piloting\nstatus: rejected"))
    assert budget(reviewed(folder))["without"] == [{"initiative": "two", "why": "it stands before no gate"}]


def test_a_sample_ratio_alarm_keeps_out_whatever_the_e_value(build: Build) -> None:
    """Rows of an effect beyond all doubt are missing once the arms do not split as planned."""
    folder = build(one=(60.0, ""))
    assert row(folder, "one").state.value == "met"
    rows = {k: np.asarray(v)[np.r_[0:400, 1:400:2, 1:400:2]] for k, v in two_arms(400, seed=1).items()}
    rows["unit_id"] = np.arange(len(rows["unit_id"]))
    rows["y"] = np.asarray(rows["y"]) - 50 * (rows["variant"] == "treated")
    write_rows(folder / "one.parquet", rows)
    made = row(folder, "one")
    assert (made.state.value, made.reason) == ("missing", "source_failed")
    assert decided(folder, "one").frozen() is None
    assert "HW402" in codes(reviewed(folder))
    assert standing(reviewed(folder)) == {}


def test_a_comparison_without_registration_has_no_list(build: Build) -> None:
    """Grade C is missing with what would mend it, and is in no list."""
    unregistered = "".join(line for line in RANDOMISED.splitlines(keepends=True) if "registered" not in line)
    folder = build(pilot=unregistered, one=(1.0, ""))
    made = row(folder, "one")
    assert (made.state.value, made.reason) == ("missing", "grade")
    assert made.saw.endswith("randomise units or the rollout order")
    assert standing(reviewed(folder)) == standing(reviewed(folder), "B") == {}


def test_an_initiative_without_a_slot_waits(build: Build) -> None:
    """More pilots than slots: the last registered one is told (HW425), and the review names it."""
    folder = build(**dict.fromkeys(("one", "two", "three", "four", "five"), (1.0, "")))
    made = reviewed(folder)
    assert codes(made).count("HW425") == 1
    assert budget(made)["waiting"] == ["five"]
    assert "are all taken by pilots registered before" in row(folder, "five").saw


def test_the_year_goes_on_under_the_frozen_terms(build: Build) -> None:
    """Fewer slots would halve every bar: told (HW436), and without effect."""
    folder = build(one=(1.0, ""), two=(0.0, ""))
    decided(folder, "one")
    (folder / "portfolio.yaml").write_text(BUDGETED.replace("slots: 4", "slots: 2"))
    assert "HW436" in codes(reviewed(folder))
    assert "needs 40 alone" in row(folder, "two").saw


def test_a_pilot_that_was_changed_is_told(build: Build) -> None:
    """The frozen e-value answers another question (HW427)."""
    folder = build(one=(1.0, ""))
    decided(folder, "one")
    text = (folder / "one.yaml").read_text().replace("---", '  promote_above: "-0.1"\n---')
    (folder / "one.yaml").write_text(text)
    assert "HW427" in codes(reviewed(folder))
    assert row(folder, "one").reason == "superseded"


def test_without_a_budget_of_the_year_nothing_is_shown(build: Build) -> None:
    """None declared, or that of another year."""
    assert reviewed(build(PORTFOLIO, one=(1.0, ""))).as_json()["promotion"] is None
    other = BUDGETED.replace("slots: 4", "slots: 4, year: 2025")
    folder = build(other, one=(1.0, ""))
    assert reviewed(folder).as_json()["promotion"] is None
    assert row(folder, "one").saw == "the promotion budget that is declared is that of 2025"


def test_a_budget_that_no_gate_asks_for_is_shown_and_freezes_nothing(build: Build) -> None:
    """The review shows the lists at the declared share; a decision at such a gate is no look."""
    settings = PORTFOLIO + "promotion_budget: {share: 5 %, slots: 4}\n"
    folder = build(settings, one=(1.0, ""))
    made = budget(reviewed(folder))
    assert (made["share"], made["lists"][0]["rows"][0]["by_count"]["alone"]) == (0.05, "80")
    assert decided(folder, "one").frozen() is None


DAILY = RANDOMISED.replace("ends: 2026-03-01", "ends: 2026-06-01") + "looks: daily\nplan: {units: 400}\n"


def test_running_pilots_that_share_units_are_told_and_freeze_at_their_ends(build: Build) -> None:
    """HW428 on both; neither asks before its end, however large its e-value; the cells are shown."""
    folder = build(pilot=DAILY, one=(1.0, "unit_id"), two=(1.0, "unit_id"), apart=(1.0, ""))
    made = reviewed(folder)
    assert [d.subject for d in made.diagnostics if d.code == "HW428"] == ["one", "two"]
    assert row(folder, "one").saw == "its pilot shares units with that of two: it asks at its registered end"
    assert row(folder, "apart").state.value == "met"
    assert decided(folder, "one", Kind.REJECT).frozen() is None
    (pair,) = budget(made)["shared"]
    assert (pair["initiatives"], pair["units"], pair["share"]) == (["one", "two"], 400, 1.0)
    assert [(c["arms"], c["units"]) for c in pair["cells"]] == [
        (["control", "control"], 200), (["treated", "treated"], 200),
    ]  # fmt: skip
    assert [round(m, 6) for m in pair["cells"][0]["means"]] == [
        pytest.approx(float(np.asarray(two_arms(400, seed=s)["y"])[::2].mean()), abs=1e-6) for s in (1, 2)
    ]
    # Once one of them has ended, it is frozen like any other, and the other runs alone.
    ended = (folder / "one.yaml").read_text().replace("ends: 2026-06-01", "ends: 2026-03-01")
    (folder / "one.yaml").write_text(ended)
    assert "HW428" not in codes(reviewed(folder))
    assert row(folder, "one").state.value == "met"


def test_units_are_the_same_only_under_the_same_word(build: Build) -> None:
    """The first call and the first agent may both be called 1."""
    folder = build(pilot=DAILY, one=(1.0, "unit_id"), two=(1.0, "unit_id"))
    text = (folder / "two.yaml").read_text().replace("unit: call", "unit: agent")
    (folder / "two.yaml").write_text(text)
    assert "HW428" not in codes(reviewed(folder))


def test_a_refused_decision_shows_no_frozen_row(build: Build) -> None:
    """Nothing was recorded, so nothing is frozen."""
    made = decide_on(check(build(one=(1.0, ""))), "one", Kind.HOLD, "bob", "")
    assert isinstance(made.outcome, Refused)
    assert made.frozen() is None


def test_what_would_settle_it_is_told(build: Build) -> None:
    """More units while the e-value may grow, others once it is frozen; else what keeps it from asking."""
    folder = build(pilot=DAILY, one=(0.35, ""), two=(0.2, ""))

    def settled_by() -> dict[str, str]:
        gaps: Any = reviewed(folder).as_json()["gaps"]
        return {
            n: g["settled_by"]
            for g in gaps
            for r in g["requirements"]
            if r["id"] == ROW
            for n in r["initiatives"]
        }

    longer = "more units in a comparison that runs"
    assert settled_by() == {"one": longer, "two": longer}
    decided(folder, "one", Kind.RETIRE)
    text = (folder / "two.yaml").read_text()
    (folder / "two.yaml").write_text(text.replace("looks: daily", "looks: once"))
    assert settled_by() == {
        "one": "other pilots that are accepted this year", "two": "the end of a comparison that runs",
    }  # fmt: skip
    (folder / "portfolio.yaml").write_text(BUDGETED.replace("slots: 4, ", "year: 2025, "))
    assert set(settled_by().values()) == {"the promotion budget that is declared is that of 2025"}
