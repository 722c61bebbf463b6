"""`headway design`: a table, a record, a registration, and exit statuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result
from docs.schemas import schemas
from tests.unit.small import FRAMED, PORTFOLIO, SOURCE, Declare

from headway.cli.main import cli

PILOT = """\
pilot:
  design: clusters
  source: units
  arms: {control: 50 %, treated: 50 %}
  unit: call
  cluster: team
  metric: y
  objective: {change: -10 %, scale: relative}
  dates: {starts: 2026-04-06, ends: 2026-06-01}
  looks: daily
  guardrails: [{metric: errors, kind: mean, worse: up, margin: {relative: 0.05}}]
  plan: {units: 2400, smallest_effect: -8 %, weekly: 300, sd: 2, mean: 10, clusters: 40, icc: 0.02}
"""
BUDGET = PORTFOLIO + "promotion_budget: {share: 0.10, slots: 20}\n"


def run(*words: str) -> Result:
    """Run a command as a shell would."""
    return CliRunner().invoke(cli, list(words), env={"COLUMNS": "100"})


@pytest.fixture
def trial(declare: Declare) -> Path:
    """A framed initiative with a pilot to come."""
    return declare("", None, source=SOURCE, portfolio=BUDGET, initiative=FRAMED + PILOT)


def record(*words: str) -> Any:
    """The JSON of `headway design`, held to its schema."""
    made = json.loads(run("design", *words, "--format", "json").stdout)
    jsonschema.validate(made, schemas()["design"], jsonschema.Draft202012Validator)
    return made


def test_the_table_says_what_is_claimed_frozen_and_to_be_had(trial: Path) -> None:
    """Design, margin, looks, weights and guardrails; then traffic, lengths and the effect by week."""
    done = run("design", "trial", "-p", str(trial))
    assert done.exit_code == 0
    said = done.output
    assert said.startswith("trial: treated has less y per call than control: -10 % of its mean or beyond")
    for line in (
        "  arms          control 50 %, treated 50 %",
        "  cluster       team",
        "  margin        −10.0 % asked, beyond +0.0 % to promote",
        "  guardrail     errors (mean), worse up, relative 0.05",
        "  looks         every day",
        "  traffic       300 units a week, standard deviation 0.2 (from the plan as it is declared)",
        "  clusters      40, icc 0.02",
        "  looking       costs 1.66 times the units of one look, at most",
        "  promotion     an e-value of 200 alone, less beside other accepted pilots",
        "  week     units      one look   daily looks     promotion",
    ):
        assert line in said
    assert said.count("▪\n") >= 25
    assert "◂ −8.0 %" in said


def test_the_record_has_its_schema(trial: Path, declare: Declare) -> None:
    """With and without an outlook, with and without a pilot."""
    made = record("trial", "-p", str(trial))
    assert [row["week"] for row in made["outlook"]["by_week"]] == list(range(1, 27))
    assert made["outlook"]["promotion_e"] == 200
    declare("", None, source=SOURCE, initiative=FRAMED + PILOT.replace(", sd: 2", ""))
    assert record("trial", "-p", str(trial))["outlook"] is None
    declare("", None, source=SOURCE, initiative=FRAMED)
    assert record("trial", "-p", str(trial))["frozen"] is None


def test_markdown_holds_the_same_table(trial: Path) -> None:
    """A comment on a pull request, warnings last."""
    (trial / "initiative.yaml").write_text(FRAMED + PILOT.replace("-8 %", "-1 %"))
    said = run("design", "trial", "-p", str(trial), "--format", "markdown").output
    assert said.startswith("<!-- headway design -->")
    assert "| week | units | one look | daily looks | promotion |" in said
    assert "- warning HW453: an effect of -1 % is decided by 2026-06-01" in said
    (trial / "initiative.yaml").write_text(FRAMED)
    assert "no pilot" in run("design", "trial", "-p", str(trial), "--format", "markdown").output


def test_registering_prints_what_was_frozen(trial: Path) -> None:
    """First an entry, then the same entry, then another that replaces it; verify is content."""
    words = ("design", "trial", "--register", "--as", "ann", "-p", str(trial))
    first = run(*words)
    assert first.exit_code == 0, first.output
    assert "entry 1: ann registered design" in first.output
    assert "commit ledger.head" in first.output
    assert "  registered    on " in first.output
    again = run(*words)
    assert "entry 1 of " in again.output
    assert again.output.rstrip().endswith("nothing was written")
    (trial / "initiative.yaml").write_text(FRAMED + PILOT.replace("-10 %", "-12 %"))
    changed = run(*words)
    assert "it replaces entry 1: what came before counts no more; it takes a new slot" in changed.output
    assert record("trial", "--register", "--as", "ann", "-p", str(trial))["registered"]["new"] is False
    verified = run("verify", str(trial))
    assert verified.exit_code == 0, verified.output
    assert "2 entries" in verified.output


def test_who_may_not_register_is_refused(trial: Path) -> None:
    """Status 1, in the table and in the record."""
    done = run("design", "trial", "--register", "--as", "eve", "-p", str(trial))
    assert done.exit_code == 1
    assert "not registered: error[HW528] 'eve' is not in people.yaml" in done.output
    assert record("trial", "--register", "--as", "eve", "-p", str(trial))["registered"]["code"] == "HW528"


def test_words_that_do_not_fit(trial: Path) -> None:
    """A person without a registration, an unknown initiative, wrong files."""
    assert run("design", "trial", "--as", "ann", "-p", str(trial)).exit_code == 2
    done = run("design", "trail", "-p", str(trial))
    assert done.exit_code == 2
    assert "Did you mean 'trial'?" in done.output
    (trial / "extra.yaml").write_text("initiative: other\nstage: operating\n")
    wrong = run("design", "trial", "--register", "--as", "ann", "-p", str(trial))
    assert wrong.exit_code == 1
    assert not (trial / ".headway" / "ledger.db").exists()


def test_a_head_that_cannot_follow_is_said(trial: Path) -> None:
    """The entry stands, and the line says what to do."""
    (trial / "ledger.head").mkdir()
    done = run("design", "trial", "--register", "--as", "ann", "-p", str(trial))
    assert done.exit_code == 3
    assert "HW605" in done.output


def test_a_fixed_look_has_no_price_and_no_column_of_looks(trial: Path) -> None:
    """One look: one column, and no line about looking; without a budget no promotion."""
    (trial / "portfolio.yaml").write_text(PORTFOLIO)
    (trial / "initiative.yaml").write_text(FRAMED + PILOT.replace("looks: daily", "looks: once"))
    said = run("design", "trial", "-p", str(trial)).output
    assert "  week     units      one look\n" in said
    assert "looking" not in said
    assert "promotion" not in said
    assert "with one look; 8 are planned" in said
