"""METR's 16 developers and the tutor study's 44 classes, through portfolio files: what few can say."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from headway.cli.main import cli

HERE = Path(__file__).parent / "portfolios"
Record = dict[str, Any]
Reviewed = Callable[..., Record]


@pytest.fixture(scope="module")
def reviewed(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Reviewed:
    """Reviews a portfolio with some of its words replaced."""

    def make(portfolio: str, **replaced: tuple[str, str]) -> Record:
        here = tmp_path_factory.mktemp(portfolio) / portfolio
        shutil.copytree(HERE / portfolio, here)
        (here / "data").symlink_to(shared_data)
        for file, (old, new) in replaced.items():
            path = here / f"{file}.yaml"
            text = path.read_text(encoding="utf-8")
            assert old in text
            path.write_text(text.replace(old, new), encoding="utf-8")
        answer = CliRunner().invoke(cli, ["review", str(here), "--format", "json"])
        assert answer.exit_code == 0, answer.output
        made: Record = json.loads(answer.stdout)
        return made

    return make


def effect(review: Record, initiative: str, metric: str) -> Record:
    """One effect, its details beside its numbers."""
    one = next(i for i in review["initiatives"] if i["name"] == initiative)
    (found,) = [e for e in one["evidence"] if e["measure"] == "effect" and e["metric"] == metric]
    return {**found["estimate"], **found["estimate"]["detail"], "sentence": found["sentence"]}


ONCE = "looks: once"
METR_DAILY = (ONCE, "looks: daily\n  plan: {units: 246}")
TUTOR_DAILY = (ONCE, "looks: daily\n  plan: {units: 2848}")


def test_metr_stands_beside_its_bootstrap(reviewed: Reviewed) -> None:
    """All 65,536 signs give p .0519714 beside CR2's .0528735; who could have been swapped is not in sums."""
    found = effect(reviewed("metr"), "coding-assistant", "log_time")
    assert found["bootstrap"]["t0"] == pytest.approx(2.242858, abs=5.1e-7)
    assert found["bootstrap"]["p_value"] == pytest.approx(0.0519714, abs=5.1e-8)
    assert (found["bootstrap"]["draws"], found["bootstrap"]["weights"]) == (65_536, "all signs")
    assert found["randomisation"] == "does not apply: units inside clusters were assigned"


def test_metr_looked_at_daily_is_not_decided(reviewed: Reviewed) -> None:
    """E 2.092227 both ways, .125604 for faster; daily -11.27 % to +59.17 %, not decided."""
    review = reviewed("metr", initiatives=METR_DAILY)
    found = effect(review, "coding-assistant", "log_time")
    assert (found["low"], found["high"]) == pytest.approx((-0.1127, 0.5917), abs=5e-5)
    assert math.exp(found["e"]["log_two_sided"]) == pytest.approx(2.092227, abs=1e-6)
    assert math.exp(found["e"]["log_one_sided"]) == pytest.approx(0.125604, abs=1e-6)
    assert "not decided" in found["sentence"]


def test_metr_with_a_promise_of_slower_work(reviewed: Reviewed) -> None:
    """Had the objective been a rise, the e-value for it would be 4.058851."""
    slower = ("change: -10 %", "change: +10 %")
    found = effect(reviewed("metr", initiatives=slower), "coding-assistant", "log_time")
    assert math.exp(found["e"]["log_one_sided"]) == pytest.approx(4.058851, abs=1e-6)


def test_the_treatment_code_read_the_wrong_way_round_turns_every_sign(reviewed: Reviewed) -> None:
    """Taking METR's code as its upstream README has it (0 = AI allowed) turns slower into faster."""
    straight = effect(reviewed("metr"), "coding-assistant", "log_time")
    turned = effect(
        reviewed(
            "metr", sources=("when 1 then 'ai' when 0 then 'none'", "when 0 then 'ai' when 1 then 'none'")
        ),
        "coding-assistant",
        "log_time",
    )
    assert turned["theta"] == pytest.approx(-straight["theta"], abs=1e-12)
    assert turned["value"] == pytest.approx(math.exp(-0.17260782) - 1, abs=1e-8)
    assert (turned["se"], turned["df"]) == pytest.approx((straight["se"], straight["df"]), abs=1e-10)
    assert turned["bootstrap"]["t0"] == pytest.approx(-straight["bootstrap"]["t0"], abs=1e-10)
    assert turned["bootstrap"]["p_value"] == straight["bootstrap"]["p_value"]
    # The e-values of the two directions change places.
    assert math.exp(turned["e"]["log_one_sided"]) == pytest.approx(4.058851, abs=1e-6)


@pytest.mark.parametrize(
    ("initiative", "metric", "e", "digits"),
    [
        ("tutor-practice", "practice [base]", 11.333, 5.1e-4),
        ("tutor-practice", "practice [tutor]", 12591.0, 0.51),
        ("tutor-exam", "exam [base]", 1.179, 5.1e-4),
    ],
)
def test_the_tutor_studys_e_values(
    reviewed: Reviewed, initiative: str, metric: str, e: float, digits: float
) -> None:
    """Practice has an e-value of 11.333 or 12,591, the exam it stands for 1.179."""
    found = effect(reviewed("tutor"), initiative, metric)
    assert math.exp(found["e"]["log_two_sided"]) == pytest.approx(e, abs=digits)


def test_the_exam_did_not_move_by_either_test(reviewed: Reviewed) -> None:
    """Plain chatbot, exam: CR1's p .02 is not borne out by CR2 (.11), bootstrap (.11) or lots (.07)."""
    review = reviewed("tutor")
    found = effect(review, "tutor-exam", "exam [base]")
    assert found["cr1_p_value"] == pytest.approx(0.019724, abs=5.1e-7)
    assert found["p_value"] == pytest.approx(0.112363, abs=5.1e-7)
    assert found["bootstrap"]["p_value"] == pytest.approx(0.11, abs=0.01)
    assert found["randomisation"]["p_value"] == pytest.approx(0.073, abs=0.008)
    assert (found["randomisation"]["clusters"], found["clusters"]) == (30, 44)
    assert "the direction is not decided" in found["sentence"]
    assert "44 clusters, df 10.9" in found["sentence"]
    assert not [d for d in review["diagnostics"] if d["code"] == "HW416"]


def test_the_practice_score_looked_at_daily(reviewed: Reviewed) -> None:
    """Looked at once the plain chatbot moved practice by 48.1 %; looked at daily it is not decided."""
    once = effect(reviewed("tutor"), "tutor-practice", "practice [base]")
    daily = effect(reviewed("tutor", initiatives=TUTOR_DAILY), "tutor-practice", "practice [base]")
    assert once["value"] == daily["value"] == pytest.approx(0.4813523, abs=1e-6)
    assert once["low"] > 0
    assert once["sentence"].startswith("moved")
    assert daily["low"] < 0.10 < daily["high"]
    assert "not shown to reach" in daily["sentence"] or daily["sentence"].startswith("not decided")
