"""A rollout is judged by when its units started: one grade with lots drawn, another without."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from tests.unit.rolled import DRAWN, MONTHS, PANEL, STAGGERED, TEAMS, lot, panel, record, without
from tests.unit.small import Declare, codes, estimates, missing, reviewed

from headway.app.review import Review
from headway.statistics.panel import Panel
from headway.statistics.rollout_order import anticipation, ordered
from headway.statistics.staggered import cells, simple


def reasons(made: Review) -> list[str]:
    """Why the effect has its grade."""
    effect = next(e for e in made.collected.evidence["trial"] if e.measure == "effect")
    return list(effect.estimate.grade_reasons)


def by_hand(rows: Any) -> Panel:
    """The same rows as a panel, without an engine."""
    y = np.array(rows["y"]).reshape(len(TEAMS), len(MONTHS))
    begun = [rows["starts"][i * len(MONTHS)] for i in range(len(TEAMS))]
    return Panel.from_rows(y, np.array([MONTHS.index(s) if s else len(MONTHS) for s in begun]))


def test_a_staggered_rollout_is_grade_b_with_its_event_study(declare: Declare) -> None:
    """The estimate is that of the rows; cohorts, trends and what was not tested stand beside it."""
    rows = panel()
    found = estimates(reviewed(declare(STAGGERED, rows, source=PANEL)), "effect")["y"]
    expected = simple(cells(by_hand(rows)))
    assert (found["value"], found["se"]) == pytest.approx((expected.theta[0], expected.se[0]))
    assert (found["grade"], found["n"], found["cohorts"]["2025-05-01"]) == ("B", 80, 20)
    assert [row["since"] for row in found["event_study"]] == [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5]
    assert all(
        r["band_low"] < r["low"] < r["value"] < r["high"] < r["band_high"] for r in found["event_study"]
    )
    assert found["caution"] == "not tested for drifting trends"
    assert found["trend_before"]["df"] > 0
    assert found["e"]["form"] == "calibrator"
    assert found["e"]["log_one_sided"] > 3


def test_an_order_drawn_by_lot_and_followed_is_grade_a(declare: Declare) -> None:
    """Roth and Sant'Anna's estimate and the t-form of its e-value, for an order recorded in time."""
    rows = panel()
    folder = declare(DRAWN, rows, source=PANEL)
    record(folder, lot())
    made = reviewed(folder)
    found = estimates(made, "effect")["y"]
    expected = ordered(by_hand(rows))
    assert (found["value"], found["se"]) == pytest.approx((expected.theta, expected.se))
    assert found["beta"] == pytest.approx(expected.beta)
    assert found["grade"] == "A"
    assert reasons(made) == [
        "order drawn by lot on 2025-04-01, registered: osf.io",
        "100% of unit-periods are as drawn (0 of 80 units otherwise)",
    ]
    assert (found["e"]["form"], found["followed"]) == ("t", 1.0)
    test = anticipation(by_hand(rows))
    assert test is not None
    assert found["anticipation_p_value"] == pytest.approx(test.contrast(80).p_value())


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (None, "no drawn order is recorded"),
        (
            datetime(2025, 6, 1, tzinfo=UTC),
            "the order was drawn on 2025-06-01, after the first start on 2025-05-01",
        ),
    ],
)
def test_an_order_that_nobody_recorded_in_time_is_no_lot(
    declare: Declare, at: datetime | None, words: str
) -> None:
    """Without an entry before the first start it is a staggered rollout of grade B, and says why."""
    folder = declare(DRAWN, panel(), source=PANEL)
    if at:
        record(folder, lot(), at)
    made = reviewed(folder)
    found = estimates(made, "effect")["y"]
    assert found["grade"] == "B"
    assert reasons(made)[0] == words
    assert found["e"]["form"] == "calibrator"


def test_a_lot_without_a_registered_metric_is_not_grade_a(declare: Declare) -> None:
    """Who starts when was left to chance, and what is looked at was not: HW400, as for every design."""
    unregistered = DRAWN.replace("registered: {where: osf.io, id: abc, on: 2025-03-31}\n", "")
    folder = declare(unregistered, panel(), source=PANEL)
    record(folder, lot())
    made = reviewed(folder)
    assert "HW400" in codes(made)
    assert estimates(made, "effect")["y"]["grade"] == "C"


def test_units_that_start_otherwise_cost_the_grade(declare: Declare) -> None:
    """Five teams that were to wait start at once: less than 95 % as drawn, HW423, grade B."""
    drawn = lot()
    actual = dict(drawn)
    for team in [t for t in TEAMS if drawn[t] == "never"][:8]:
        actual[team] = "2025-05-01"
    folder = declare(DRAWN, panel(actual), source=PANEL)
    record(folder, drawn)
    made = reviewed(folder)
    assert "HW423" in codes(made)
    assert estimates(made, "effect")["y"]["grade"] == "B"
    told = next(d for d in made.diagnostics if d.code == "HW423")
    assert told.what == "92.5% of unit-periods are as drawn (8 of 80 units otherwise)"


def test_few_that_start_otherwise_do_not(declare: Declare) -> None:
    """One team that starts two months late leaves the lot standing, and is counted."""
    drawn = lot()
    late = next(t for t in TEAMS if drawn[t] == "2025-05-01")
    folder = declare(DRAWN, panel({**drawn, late: "2025-07-01"}), source=PANEL)
    record(folder, drawn)
    made = reviewed(folder)
    assert estimates(made, "effect")["y"]["grade"] == "A"
    assert reasons(made)[1] == "99.6% of unit-periods are as drawn (1 of 80 units otherwise)"


def test_anticipation_costs_the_grade(declare: Declare) -> None:
    """Teams whose outcome falls the month before their start knew it: grade B."""
    rows = panel()
    for i, (period, start) in enumerate(zip(rows["period"], rows["starts"], strict=True)):
        if start and MONTHS.index(period) == MONTHS.index(start) - 1:
            rows["y"][i] -= 1.0
    folder = declare(DRAWN, rows, source=PANEL)
    record(folder, lot())
    made = reviewed(folder)
    assert estimates(made, "effect")["y"]["grade"] == "B"
    assert "outcomes moved before the start already" in reasons(made)[0]


def test_without_two_periods_before_a_start_nothing_is_above_c(declare: Declare) -> None:
    """One period before the first start and no later start: trends cannot be seen, lots or not."""
    rows = panel({t: "2025-05-01" if i % 2 else "never" for i, t in enumerate(TEAMS)})
    kept = without(rows, np.array([p < "2025-04-01" for p in rows["period"]]))
    folder = declare(DRAWN, kept, source=PANEL)
    record(folder, lot())
    found = estimates(reviewed(folder), "effect")["y"]
    assert found["grade"] == "C"


def test_a_relative_effect_is_over_the_mean_that_would_have_been(declare: Declare) -> None:
    """The treated mean less the effect is the denominator, and near zero there is none (HW413)."""
    relative = STAGGERED.replace('{change: "-0.5", scale: absolute}', '{change: "-5 %", scale: relative}')
    rows = panel()
    made = reviewed(declare(relative, rows, source=PANEL))
    found = estimates(made, "effect")["y"]
    absolute = simple(cells(by_hand(rows))).theta[0]
    assert found["value"] == pytest.approx(absolute / found["control_mean"])
    assert found["event_study"][5]["value"] == pytest.approx(found["by_time_since_start"]["value"], abs=0.1)
    rows["y"] = [y - 11.4 for y in rows["y"]]
    assert "HW413" in codes(reviewed(declare(relative, rows, source=PANEL)))


def test_a_unit_that_lacks_an_outcome_takes_no_part_and_is_counted(declare: Declare) -> None:
    """Three teams without one month each: 77 teams, and HW906 says so."""
    rows = panel()
    gap = np.array(
        [
            (u, p) in {(t, MONTHS[3]) for t in TEAMS[:3]}
            for u, p in zip(rows["unit_id"], rows["period"], strict=True)
        ]
    )
    made = reviewed(declare(STAGGERED, without(rows, gap), source=PANEL))
    found = estimates(made, "effect")["y"]
    assert (found["n"], found["incomplete"]) == (77, 3)
    told = next(d for d in made.diagnostics if d.code == "HW906")
    assert told.what == "3 units without an outcome in some period: left out"


def test_values_that_are_no_numbers_must_be_cleaned(declare: Declare) -> None:
    """NaN in one unit of eighty is too much: the source must be cleaned (HW411)."""
    rows = panel()
    rows["y"][5] = float("nan")
    made = reviewed(declare(STAGGERED, rows, source=PANEL))
    assert missing(made, "effect")["y"][1] == "1 unit of 80 with an outcome that is no finite number"
    assert "HW411" in codes(made)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("twice", "1 unit with two outcomes in one period"),
        ("starts", "1 unit with rows that start in different periods"),
    ],
)
def test_rows_that_are_no_panel_are_refused(declare: Declare, change: str, words: str) -> None:
    """Two rows of one unit and period, or two starts of one unit, give no number (HW905)."""
    rows = panel()
    if change == "twice":
        rows = {k: [*v, v[-1]] for k, v in rows.items()}
    else:
        rows["starts"][0] = "2025-08-01"
    made = reviewed(declare(STAGGERED, rows, source=PANEL))
    assert "HW905" in codes(made)
    assert missing(made, "effect")["y"][1] == words


@pytest.mark.parametrize(
    ("starts", "code"),
    [
        ("2025-03-01", "HW418"),
        ("2025-05-01", "HW417"),
        ("never", "HW406"),
    ],
)
def test_a_rollout_without_a_comparison_says_which(declare: Declare, starts: str, code: str) -> None:
    """All treated from the first period, all at once, or nobody: a code each, and no number."""
    made = reviewed(declare(STAGGERED, panel(dict.fromkeys(TEAMS, starts)), source=PANEL))
    assert code in codes(made)
    assert not estimates(made, "effect")


def test_cohorts_that_cannot_be_compared_are_named(declare: Declare) -> None:
    """The last of three starts has no control, the first no before; the middle one keeps its effect."""
    starts = {t: ("2025-03-01", "2025-05-01", "2025-08-01")[i % 3] for i, t in enumerate(TEAMS)}
    made = reviewed(declare(STAGGERED, panel(starts), source=PANEL))
    told = {d.code: d.what for d in made.diagnostics}
    assert told["HW417"].startswith(
        "nobody is left to compare with the units that started 2025-05-01 in 2025-08-01"
    )
    assert told["HW418"] == "27 units treated in 2025-03-01 already, the first period there is"
    assert estimates(made, "effect")["y"]["cohorts"] == {"2025-05-01": 27, "2025-08-01": 26}


def test_a_single_unit_has_no_spread_and_takes_no_part(declare: Declare) -> None:
    """One team that starts alone is named (HW906) and the others' effect stands; one team in all has none."""
    starts = {**lot(), TEAMS[0]: "2025-06-01"}
    made = reviewed(declare(STAGGERED, panel(starts), source=PANEL))
    assert "a single unit that started in 2025-06-01" in next(
        d.what for d in made.diagnostics if d.code == "HW906"
    )
    rows = panel()
    alone = without(rows, np.array([u != TEAMS[0] for u in rows["unit_id"]]))
    assert "HW406" in codes(reviewed(declare(STAGGERED, alone, source=PANEL)))


def test_outcomes_that_never_differ_have_no_interval(declare: Declare) -> None:
    """Zero variance is HW406, for both designs."""
    rows = panel()
    rows["y"] = [1.0 for _ in rows["y"]]
    for design in (STAGGERED, DRAWN):
        made = reviewed(declare(design, rows, source=PANEL))
        assert "HW406" in codes(made)
        assert not estimates(made, "effect")


def test_values_of_a_million_millions_keep_their_effect(declare: Declare) -> None:
    """Money on a scale of 1e12 with an effect of 1 gives that effect."""
    rows = panel()
    found = estimates(reviewed(declare(STAGGERED, rows, source=PANEL)), "effect")["y"]
    rows["y"] = [y + 1e12 for y in rows["y"]]
    large = estimates(reviewed(declare(STAGGERED, rows, source=PANEL)), "effect")["y"]
    assert large["value"] == pytest.approx(found["value"], abs=1e-3)
    assert large["se"] == pytest.approx(found["se"], abs=1e-3)


def test_a_wrong_source_is_told_at_the_pilot(declare: Declare) -> None:
    """Another fact, a metric that is not there or is a text: each its code, and the review goes on."""
    rows = panel()
    unit = {"unit_id": [1, 2], "variant": ["a", "b"], "y": [1.0, 2.0]}
    assert "HW432" in codes(reviewed(declare(STAGGERED, unit)))
    assert "HW303" in codes(
        reviewed(declare(STAGGERED.replace("metric: y", "metric: z"), rows, source=PANEL))
    )
    rows["y"] = [str(y) for y in rows["y"]]
    assert "HW304" in codes(reviewed(declare(STAGGERED, rows, source=PANEL)))


def test_more_sums_than_a_statement_holds_are_refused(declare: Declare) -> None:
    """Two hundred days of two starts would be 20,000 sums and more: HW420 before a query is sent."""
    days = 250
    rows = {
        "unit_id": [u for u in range(4) for _ in range(days)],
        "period": list(range(days)) * 4,
        "starts": [s for s in (100, 100, None, None) for _ in range(days)],
        "y": [0.0] * (4 * days),
    }
    made = reviewed(declare(STAGGERED, rows, source=PANEL))
    assert "HW420" in codes(made)
    assert not estimates(made, "effect")


def test_only_sums_leave_the_engine(declare: Declare) -> None:
    """The query groups by start; no text that is sent asks for a unit and an outcome."""
    made = reviewed(declare(STAGGERED, panel(), source=PANEL))
    answer = next(s for r, s in made.collected.answers.sums.items() if r.source == "pilot of trial")
    assert answer.keys == ("starts_at",)
    assert len(answer.groups) == 4


@pytest.mark.parametrize("kind", ["years", "weeks", "dates", "mixed"])
def test_periods_are_years_weeks_or_days(declare: Declare, kind: str) -> None:
    """However a panel writes its periods, and its starts beside them, the effect is the same."""
    rows = panel()
    expected = estimates(reviewed(declare(STAGGERED, rows, source=PANEL)), "effect")["y"]["value"]
    at = {m: i for i, m in enumerate(MONTHS)}
    written: dict[str, Any] = {
        "years": lambda m: 2010 + at[m],
        "weeks": lambda m: f"2025-W{10 + at[m]}",
        "dates": datetime.fromisoformat,
        "mixed": lambda m: 2010 + at[m],
    }
    write: Any = written[kind]
    late: Any = (lambda m: float(write(m))) if kind == "mixed" else write
    rows["period"] = [write(m) for m in rows["period"]]
    rows["starts"] = [None if m is None else late(m) for m in rows["starts"]]
    if kind == "mixed":
        rows["starts"] = [float("nan") if m is None else m for m in rows["starts"]]
    found = estimates(reviewed(declare(STAGGERED, rows, source=PANEL)), "effect")["y"]
    assert found["value"] == pytest.approx(expected)


def test_periods_after_the_moment_judged_are_not_read(declare: Declare) -> None:
    """A review as of June sees three months and one start."""
    rows = panel()
    rows["period"] = [datetime.fromisoformat(m) for m in rows["period"]]
    rows["starts"] = [m and datetime.fromisoformat(m) for m in rows["starts"]]
    folder = declare(STAGGERED.replace("ends: 2025-12-31", "ends: 2025-06-15"), rows, source=PANEL)
    found = estimates(reviewed(folder, "2025-06-20"), "effect")["y"]
    assert found["periods"] == 4
    assert found["cohorts"] == {"2025-05-01": 20, "never": 60}


def test_drift_is_told_where_the_pilot_asks(declare: Declare, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the extra the sentence says how much drift the effect withstands; without it, HW309."""
    asked = STAGGERED + "sensitivity: drifting_trends\n"
    found = estimates(reviewed(declare(asked, panel(), source=PANEL)), "effect")["y"]
    assert found["breakdown"]["m"] > 0.2
    assert found["caution"].startswith("withstands trends that drift")
    monkeypatch.setitem(__import__("sys").modules, "diff_diff", None)
    made = reviewed(declare(asked, panel(seed=2), source=PANEL))
    assert "HW309" in codes(made)
    assert estimates(made, "effect")["y"]["caution"] == "not tested for drifting trends"


def test_guardrails_are_estimated_from_the_same_query(declare: Declare) -> None:
    """A second metric takes the same way, with the direction of its own."""
    pilot = STAGGERED + "guardrails: [{metric: errors, kind: mean, worse: up, margin: {absolute: 0.1}}]\n"
    rows = panel()
    rows["errors"] = [y * 2 + 0.1 for y in rows["y"]]
    made = reviewed(declare(pilot, rows, source=PANEL))
    found = estimates(made, "effect")
    assert found["errors"]["value"] == pytest.approx(2 * found["y"]["value"])
    assert len([r for r in made.collected.reads if "pilot of trial" in r.source]) == 1


def test_arms_and_clusters_have_no_place_in_a_rollout(declare: Declare) -> None:
    """What a rollout cannot use is told before a row is read."""
    from headway.app.check import check

    pilot = STAGGERED + "cluster: region\ncovariates: [x]\nstatistic: median\n"
    found = [d for d in check(declare(pilot, panel(), source=PANEL)).diagnostics if d.code == "HW432"]
    assert len(found) == 3


@pytest.mark.parametrize("design", [STAGGERED, DRAWN])
def test_a_rollout_may_be_looked_at_more_than_once(declare: Declare, design: str) -> None:
    """With looks planned, the interval holds at every look, and is wider than the one for once."""
    pilot = design.replace("ends: 2025-12-31", "ends: 2026-12-31") + "looks: weekly\nplan: {units: 80}\n"
    folder = declare(pilot, panel(), source=PANEL)
    record(folder, lot())
    found = estimates(reviewed(folder), "effect")["y"]
    assert found["interval"] == "anytime"
    assert found["low"] < found["low_once"] < found["high_once"] < found["high"]
