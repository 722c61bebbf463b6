"""Few clusters: what is refused, what stands beside the interval, and what is said where two tests part."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.unit.small import RANDOMISED, Declare, Rows, codes, estimates, missing, reviewed

from headway.app.review import Review
from headway.statistics.clusters import ClusterSums, fit
from headway.statistics.permutation import permutation_test
from headway.statistics.wild_bootstrap import wild_bootstrap

ASSIGNED = RANDOMISED.replace("design: randomised", "design: clusters").replace(
    "unit: call", "unit: call\ncluster: team"
)
INSIDE = RANDOMISED + "cluster: team\n"


def teams(sizes: list[int], seed: int = 3, drop: float = 1.0) -> Rows:
    """Calls of teams; every other team is treated, and waits `drop` minutes less."""
    rng = np.random.default_rng(seed)
    team = np.repeat(np.arange(len(sizes)), sizes)
    y = 10 - drop * (team % 2) + rng.normal(size=len(sizes))[team] + rng.normal(size=team.size)
    names = np.where(team % 2 == 1, "treated", "control")
    return {"unit_id": np.arange(team.size), "variant": names.tolist(), "cluster": team, "y": y}


def reopened(seed: int) -> Rows:
    """Four claims of each of twelve teams, 1 where reopened: one in three, one in twenty where treated."""
    rng = np.random.default_rng(seed)
    rows = teams([4] * 12)
    team = np.asarray(rows["cluster"])
    return {**rows, "y": (rng.random(48) < np.where(team % 2 == 1, 0.05, 0.35)).astype(np.float64)}


def sums_of(rows: Rows) -> ClusterSums:
    """The regression of these rows on a constant and the treated arm."""
    arm = np.array([v == "treated" for v in rows["variant"]], dtype=np.float64)
    x = np.column_stack([np.ones(arm.size), arm])
    return ClusterSums.from_rows(x, np.asarray(rows["y"]), np.asarray(rows["cluster"]))


def mend(made: Review, code: str) -> str:
    """The mend line of the one finding with this code."""
    (found,) = [d for d in made.diagnostics if d.code == code]
    return found.mend


def test_both_tests_stand_beside_the_interval(declare: Declare) -> None:
    """The record of an effect holds the bootstrap over all signs and the test of who was assigned."""
    rows = teams([20] * 12)
    found = estimates(reviewed(declare(ASSIGNED, rows)), "effect")["y"]
    drawn = wild_bootstrap(fit(sums_of(rows)), np.array([0.0, 1.0]))
    swapped = permutation_test(sums_of(rows), 1)
    assert found["bootstrap"] == {
        "t0": pytest.approx(drawn.t, rel=1e-9),
        "p_value": drawn.p,
        "agrees": True,
        "draws": 4096,
        "weights": "all signs",
    }
    assert swapped is not None
    assert found["randomisation"] == {
        "null": "no unit changed",
        "p_value": pytest.approx(swapped.p, rel=1e-9),
        "assignments": 924,
        "exact": True,
        "clusters": 12,
    }


def test_units_assigned_inside_clusters_have_no_test_of_who_was_assigned(declare: Declare) -> None:
    """Sums of a cluster do not tell which of its units could have been swapped."""
    rows = teams([20] * 12)
    rows["variant"] = ["treated" if i % 2 else "control" for i in range(240)]
    found = estimates(reviewed(declare(INSIDE, rows)), "effect")["y"]
    assert found["randomisation"] == "does not apply: units inside clusters were assigned"
    assert found["bootstrap"]["draws"] == 4096


def test_a_bootstrap_that_says_otherwise_is_a_warning_and_decides_nothing(declare: Declare) -> None:
    """HW416 gives both p-values; the sentence keeps CR2's interval and says that the bootstrap disagrees."""
    made = reviewed(declare(ASSIGNED.replace('"-0.5"', '"-0.01"'), reopened(seed=5)))
    found = estimates(made, "effect")["y"]
    assert (found["high"] < 0, found["p_value"] < 0.05, found["bootstrap"]["agrees"]) == (True, True, False)
    (warned,) = [d for d in made.diagnostics if d.code == "HW416"]
    assert warned.what == (
        "y: CR2 sees an effect and the wild bootstrap does not"
        " (p 0.034 by CR2 with df 10.0, 0.070 by 4,096 draws)"
    )
    record: Any = made.as_json()
    (said,) = [e["sentence"] for e in record["initiatives"][0]["evidence"] if e["measure"] == "effect"]
    assert said.startswith("moved")
    assert "12 clusters, df 10.0 (CR2), the wild bootstrap disagrees, grade A" in said


def test_a_warning_names_the_arm_where_there_are_several(declare: Declare) -> None:
    """With two treated arms it says of which one, and which of the two tests saw an effect."""
    rows = reopened(seed=99)
    third = teams([4] * 3)
    both: Rows = {
        "unit_id": np.arange(60),
        "variant": [*rows["variant"], *["second"] * 12],
        "cluster": np.concatenate([rows["cluster"], np.asarray(third["cluster"]) + 12]),
        "y": np.concatenate([rows["y"], third["y"]]),
    }
    pilot = ASSIGNED.replace("{control: 50 %, treated: 50 %}", "[control, treated, second]")
    (warned,) = [d for d in reviewed(declare(pilot, both)).diagnostics if d.code == "HW416"]
    assert warned.what.startswith("y [treated]: the wild bootstrap sees an effect and CR2 does not")


def test_two_clusters_an_arm_are_told_how_many_it_takes(declare: Declare) -> None:
    """Df 2 is no interval: three clusters in each arm, or five that hold both, would give df 4."""
    made = reviewed(declare(ASSIGNED, teams([20] * 4)))
    assert missing(made, "effect")["y"] == ("below_min_n", "4 clusters give df 2.0")
    assert mend(made, "HW415") == (
        "assign at least 3 clusters of like size to each arm, or 5 that hold both arms each"
    )


@pytest.mark.parametrize(("pilot", "clusters"), [(ASSIGNED, 6), (INSIDE, 5)])
def test_as_many_as_were_asked_for_are_enough(declare: Declare, pilot: str, clusters: int) -> None:
    """Three and three clusters, or five with both arms, have an interval with df 4."""
    rows = teams([20] * clusters)
    if pilot == INSIDE:
        rows["variant"] = ["treated" if i % 2 else "control" for i in range(20 * clusters)]
    found = estimates(reviewed(declare(pilot, rows)), "effect")["y"]
    assert found["df"] == pytest.approx(4.0)
    assert found["bootstrap"]["weights"] == "six points"


def test_unequal_clusters_are_told_how_many_of_their_kind_it_takes(declare: Declare) -> None:
    """One team with nine tenths of the calls is worth few: the mend line counts from the df at hand."""
    rows = teams([900, 900, *[10] * 8])
    made = reviewed(declare(ASSIGNED, rows))
    df = fit(sums_of(rows)).degrees(np.array([0.0, 1.0]))
    assert df < 4
    assert mend(made, "HW415").endswith(f"; as unequal as these 10 it takes about {round(40 / df + 0.5)}")


def test_one_cluster_is_no_comparison(declare: Declare) -> None:
    """A single team gives HW415 and no exception."""
    rows = teams([40])
    rows["variant"] = ["treated" if i % 2 else "control" for i in range(40)]
    made = reviewed(declare(INSIDE, rows))
    assert "HW415" in codes(made)
    assert missing(made, "effect")["y"][0] == "below_min_n"


def test_many_clusters_need_no_bootstrap(declare: Declare) -> None:
    """Above a thousand clusters all answers are those of large samples, and nothing is drawn."""
    found = estimates(reviewed(declare(ASSIGNED, teams([2] * 1002))), "effect")["y"]
    assert found["clusters"] == 1002
    assert "bootstrap" not in found
    assert "randomisation" not in found


def test_exchanged_labels_exchange_the_sign_and_nothing_else(declare: Declare) -> None:
    """Treated and control the other way round: opposite effect, same bootstrap and same test by lots."""
    rows = teams([5, 9, 7, 6, 8, 12, 4, 9, 10, 5])
    straight = estimates(reviewed(declare(ASSIGNED, rows)), "effect")["y"]
    turned = estimates(reviewed(declare(ASSIGNED + "control: treated\n", rows)), "effect")["y"]
    assert turned["value"] == pytest.approx(-straight["value"])
    assert turned["bootstrap"]["t0"] == pytest.approx(-straight["bootstrap"]["t0"])
    assert turned["bootstrap"]["p_value"] == straight["bootstrap"]["p_value"]
    assert turned["randomisation"] == straight["randomisation"]
